"""`features.npz`: the last layer of anyone's network, at one moment or several, measured into a recording."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import numpy as np

from ulpm_core.analysis.class_means import class_means
from ulpm_core.analysis.rounding import rounding_of
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.files.arrays import MEASURABLE, as_float64, bounded, fitting_numbers, refuse_without
from ulpm_core.files.npz import MAX_BYTES, fitting, read_npz, unused_named
from ulpm_core.model.losses import Array, Labels
from ulpm_core.model.refusal import ConfigError, shown
from ulpm_core.networks.recording import LARGEST, Recording, Shown, Snapshot
from ulpm_core.networks.streaming import measure

FIELD: Final = "features"
NAMES: Final = ("H", "labels", "W", "bias", "epoch", "names")
EXAMPLE: Final = "numpy.savez(path, H=H, W=W, labels=labels)"
FEATURE_ARRAYS: Final = ("H", "labels", "W", "bias")
MOST_SNAPSHOTS: Final = 2000
MOST_CLASSES: Final = 1000
AT_ONCE: Final = 2**20
"""Numbers of features, or of logits, that are looked at at once."""
SMALLEST: Final = 1e-30
"""Smallest that the largest entry may be, unless all are 0: its square is still a number in a film's float32."""


def load_snapshots(
    source: str | Path | BinaryIO,
    shown_per_class: int = 30,
    most: int = MAX_BYTES,
    most_classes: int = MOST_CLASSES,
) -> Recording:
    """The recording of a features.npz, or of an upload of at most so many bytes and classes.

    It holds H (d, N) or (T, d, N) and labels (N,) from 0 to K-1 in any order; if it likes also W (K, d) or (T, K, d),
    else they are 0, bias (K,) or (T, K), epoch (T,) and names (K,). All samples are measured, `shown_per_class` of
    each class kept. Raises :class:`ConfigError` for anything else.
    """
    arrays = read_npz(source, FIELD, "features.npz", most, NAMES)
    with unused_named(source, FIELD, used_of(arrays)):
        return snapshots_from(arrays, shown_per_class, most_classes)


def used_of(names: Collection[str]) -> tuple[str, ...]:
    """Returns the names of the arrays to use of a file that holds those: a bias belongs to a W.

    >>> used_of({"H", "labels", "bias"})
    ('H', 'labels', 'W', 'epoch', 'names')
    """
    return tuple(name for name in NAMES if name != "bias" or "W" in names)


def snapshots_from(
    arrays: Mapping[str, np.ndarray], shown_per_class: int = 30, most_classes: int = MOST_CLASSES
) -> Recording:
    """The recording of these arrays: :func:`load_snapshots` says which.

    >>> arrays = {"H": np.eye(2), "W": np.eye(2), "labels": np.array([0, 1])}
    >>> snapshots_from(arrays).metrics["q_min"]
    array([1.])
    """
    if "H" not in arrays:
        raise ConfigError(
            FIELD, f"{FIELD} holds no H: save the features, a column for each sample, for example {EXAMPLE}."
        )
    H = arrays["H"]
    if H.ndim not in (2, 3) or min(H.shape) < 1 or (H.ndim == 3 and len(H) > MOST_SNAPSHOTS):
        raise ConfigError(
            FIELD,
            f"{FIELD} holds H of shape {shown(H.shape)}: save H with shape (d, N), or (T, d, N) of at most"
            f" {MOST_SNAPSHOTS:,} moments, for example {EXAMPLE}.",
        )
    T, (d, N) = len(H) if H.ndim == 3 else 1, H.shape[-2:]
    lead = H.shape[:-2]
    if "labels" in arrays and arrays["labels"].shape == (d,) != (N,):
        raise ConfigError(
            FIELD,
            f"{FIELD} holds H of shape {shown(H.shape)} and {d:,} labels: save H with a column for each sample, for"
            " example numpy.savez(path, H=H.T, labels=labels).",
        )
    labels = fitting(arrays, "labels", (N,), "iu", FIELD)
    K = _classes(labels, most_classes)
    labels = labels.astype(np.int64)
    series, given = {"H": _numbers(arrays, "H", H.shape, LARGEST).reshape(T, d, N)}, "W" in arrays
    series["W"] = _numbers(arrays, "W", (*lead, K, d), LARGEST).reshape(T, K, d) if given else np.zeros((T, K, d))
    bias = _numbers(arrays, "bias", (*lead, K), LARGEST).reshape(T, K) if given and "bias" in arrays else None
    epoch = _numbers(arrays, "epoch", (T,), 2.0**53) if "epoch" in arrays else np.arange(float(T))
    if epoch[0] < 0 or (np.diff(epoch) < 0).any():
        raise ConfigError(FIELD, f"{FIELD} holds epoch that does not grow from 0: save 0, 1, 2 and so on.")
    kept = Shown.evenly(labels, K, shown_per_class)
    snapshots = [
        _snapshot(series["W"][t], None if bias is None else bias[t], series["H"][t], labels, kept, float(epoch[t]), t)
        for t in range(T)
    ]
    return Recording.of(
        snapshots,
        kept,
        config=None,
        names=_names(arrays, K),
        counts=np.bincount(labels),
        outcome=Outcome.DONE,
        stop_reason=f"Given: {T:,} {'moment' if T == 1 else 'moments'} of {N:,} samples.",
    )


def _snapshot(
    W: np.ndarray, bias: np.ndarray | None, H: np.ndarray, labels: np.ndarray, kept: Shown, epoch: float, step: int
) -> Snapshot:
    precision = rounding_of(H.dtype, W.dtype)
    W, bias = W.astype(np.float64), None if bias is None else bias.astype(np.float64)
    some = max(1, AT_ONCE // max(*W.shape))
    parts = [slice(i, i + some) for i in range(0, len(labels), some)]

    def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        return ((H[:, part].astype(np.float64), labels[part]) for part in parts)

    first = class_means(batches, len(W), precision)
    found = measure(W, bias, batches, first, kept.samples)
    untested = np.zeros((len(W), len(W)), dtype=np.int64)
    clock = {"epoch": epoch, "step": step, "log_time": math.nan, "phase": "recorded"}
    return Snapshot.seen(W, bias, first, found, untested, **clock)


def _classes(labels: np.ndarray, most: int) -> int:
    present = np.unique(labels)
    if len(present) > most:
        raise ConfigError(
            FIELD, f"{FIELD} holds labels of {len(present):,} classes: use 2 to {most:,}, for example 10."
        )
    if len(present) < 2 or int(present[0]) != 0 or int(present[-1]) != len(present) - 1:
        raise ConfigError(
            FIELD, f"{FIELD} holds labels {shown(present)}: use 0 to K-1, each at least once, K >= 2, for example 0, 1."
        )
    return len(present)


def _numbers(arrays: Mapping[str, np.ndarray], name: str, shape: tuple[int, ...], most: float) -> np.ndarray:
    """The array in the precision that it has: a copy in another can take eight times its memory."""
    numbers = fitting(arrays, name, shape, "iuf", FIELD)
    largest = max(float(numbers.max()), -float(numbers.min()))
    if not largest <= most or 0.0 < largest < SMALLEST:  # NaN neither
        held = "NaN" if math.isnan(largest) else f"{largest:g} as its largest entry"
        raise ConfigError(
            FIELD,
            f"{FIELD} holds {name} with {held}: save numbers, the largest between {SMALLEST:g} and {most:g}, for"
            " example 1.",
        )
    return numbers


def _names(arrays: Mapping[str, np.ndarray], classes: int) -> tuple[str, ...]:
    if "names" not in arrays:
        return tuple(map(str, range(classes)))
    return tuple(shown(name) for name in fitting(arrays, "names", (classes,), "U", FIELD).tolist())


class Features(NamedTuple):
    """H (d, N) and labels (N,), grouped by class; W (K, d) and bias (K,), or None if there are none; and the precision
    in which H and W were stored.
    """

    H: Array
    labels: Labels
    W: Array | None
    bias: Array | None
    precision: float


def load_features(path: str | Path) -> Features:
    """The last layer in a file such as features.npz, at one moment, checked."""
    stored = read_npz(path, "features", "features.npz", names=FEATURE_ARRAYS)
    used, words = (FEATURE_ARRAYS, "") if "W" in stored else (FEATURE_ARRAYS[:2], "H and labels, and with W also bias,")
    with unused_named(path, "features", used, words):
        return _features(stored)


def _features(stored: dict[str, np.ndarray]) -> Features:
    arrays = as_float64(stored)
    refuse_without(arrays, ("H", "labels"), "features")
    H, wanted = arrays["H"], "finite real numbers with shape (d, N), of one moment"
    last = ", for example H[-1]" if H.ndim == 3 else ""
    H = bounded("H", fitting_numbers("H", H, H.ndim == 2 and len(H) > 0, wanted + last), MEASURABLE, wanted)
    labels, N = arrays["labels"], H.shape[1]
    labels = fitting_numbers("labels", labels, labels.shape == (N,), f"{N} whole numbers", "iu")
    present, classes = np.unique(labels), max(labels.tolist(), default=-1) + 1
    if classes < 2 or len(present) != classes or present[0] != 0:
        raise ConfigError(
            "labels", f"labels hold the classes {shown(present)}: use 0 to K-1, each at least once, K >= 2."
        )
    W, bias = arrays.get("W"), None
    if W is not None:
        wanted = f"finite numbers with shape ({classes}, {len(H)})"
        W = bounded("W", fitting_numbers("W", W, W.shape == (classes, len(H)), wanted), MEASURABLE, wanted)
    if W is not None and (bias := arrays.get("bias")) is not None:
        wanted = f"finite numbers with shape ({classes},)"
        bias = bounded("bias", fitting_numbers("bias", bias, bias.shape == (classes,), wanted), MEASURABLE, wanted)
    order = np.argsort(labels, kind="stable")
    precision = rounding_of(*(stored[name].dtype for name in ("H", "W") if name in stored))
    return Features(H[:, order], labels[order], W, bias, precision)
