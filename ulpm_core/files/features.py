"""`features.npz`: the last layer of anyone's network, at one moment or several: to be measured, or shown as a film."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import numpy as np

from ulpm_core.analysis.class_means import ClassMeans, class_means
from ulpm_core.analysis.factors import decomposed
from ulpm_core.analysis.rounding import ROUNDING, counted, rounding_of
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.files.arrays import MEASURABLE, SHOWABLE
from ulpm_core.files.npz import MAX_BYTES, fitting, read_npz, unused_named
from ulpm_core.model.number_words import number
from ulpm_core.model.refusal import shown, unfit
from ulpm_core.model.shapes import Array, Labels, Shaped
from ulpm_core.networks.analysis import GIVEN
from ulpm_core.networks.recording import Recording, Snapshot, evenly
from ulpm_core.networks.streaming import measure

FIELD: Final = "features"
NAMES: Final = ("H", "labels", "W", "bias", "epoch", "names")
EXAMPLE: Final = "numpy.savez(path, H=H, W=W, labels=labels)"
MOST_SNAPSHOTS: Final = 2000
MOST_CLASSES: Final = 1000
SHOWN_PER_CLASS: Final = 30
AT_ONCE: Final = 2**20
"""Numbers of features, or of logits, that are looked at at once."""


class Purpose(NamedTuple):
    """A use of a file: the arrays that are read, the least and the most that the largest entry of one may be
    unless all are 0, and how many classes and moments there may be.
    """

    names: tuple[str, ...]
    bounds: tuple[float, float]
    classes: float
    moments: int


MEASURED: Final = Purpose(NAMES[:4], MEASURABLE, math.inf, 1)
"""Of one moment, by `measure`: its H is (d, N), and W (K, d)."""
CHOSEN: Final = MEASURED._replace(names=NAMES[:5], moments=MOST_SNAPSHOTS)
"""Of one moment that is chosen among several: `epoch`, too, says which."""
FILMED: Final = Purpose(NAMES, SHOWABLE, MOST_CLASSES, MOST_SNAPSHOTS)


class Features(NamedTuple):
    """H (T, d, N), labels (N,), W (T, K, d) and bias (T, K), None where there are none, epoch (T,) and names (K,);
    numbers in the precision in which they were stored, since a copy in another can take eight times its memory.

    >>> from io import BytesIO
    >>> np.savez(file := BytesIO(), H=np.eye(3, 4), labels=[1, 0, 1, 0])
    >>> given = load_features(file)
    >>> given.H.shape, given.W, given.grouped()[1].tolist()
    ((1, 3, 4), None, [0, 0, 1, 1])
    """

    H: Shaped[Array, "T d N"]
    labels: Shaped[Labels, "N"]
    W: Shaped[Array, "T K d"] | None
    bias: Shaped[Array, "T K"] | None
    epoch: Shaped[Array, "T"]
    names: tuple[str, ...]

    def grouped(self, frame: int = -1) -> tuple[Array, Labels, Array | None, Array | None, float]:
        """H (d, N), labels (N,), W (K, d) and bias (K,) of one moment, by default the last, in float64, all of class 0
        first; and the precision in which H and W were stored.
        """
        order = np.argsort(self.labels, kind="stable")
        W, bias = (None if part is None else part[frame].astype(np.float64) for part in (self.W, self.bias))
        precision = rounding_of(*(part.dtype for part in (self.H, self.W) if part is not None))
        return np.ascontiguousarray(self.H[frame][:, order], dtype=np.float64), self.labels[order], W, bias, precision


def load_features(source: str | Path | BinaryIO, purpose: Purpose = MEASURED, most: int = MAX_BYTES) -> Features:
    """The last layer in a file such as features.npz, or in an upload of at most so many bytes, checked.

    It holds H (d, N) or (T, d, N) and labels (N,) from 0 to K-1 in any order; if it likes also W (K, d) or (T, K, d),
    bias (K,) or (T, K), epoch (T,) and names (K,). Raises :class:`ConfigError` for anything else.

    >>> from io import BytesIO
    >>> np.savez(file := BytesIO(), H=np.eye(2), W=np.eye(2), labels=[0, 1], bias=[0.0, 1.0])
    >>> load_features(file).bias.tolist()
    [[0.0, 1.0]]
    """
    arrays = read_npz(source, FIELD, "features.npz", most, purpose.names)
    used = used_of(arrays, CHOSEN if purpose is MEASURED and arrays.get("H", np.empty(0)).ndim > 2 else purpose)
    least = "H, labels and epoch" if "epoch" in used else "H and labels"
    without = "" if "W" in arrays or purpose is FILMED else f"{least}, and with W also bias,"
    with unused_named(source, FIELD, used, without):
        return _checked(arrays, purpose)


def used_of(held: Collection[str], purpose: Purpose = FILMED) -> tuple[str, ...]:
    """Returns the names of the arrays to use of a file that holds those: a bias belongs to a W.

    >>> used_of({"H", "labels", "bias"})
    ('H', 'labels', 'W', 'epoch', 'names')
    """
    return tuple(name for name in purpose.names if name != "bias" or "W" in held)


def _checked(arrays: Mapping[str, np.ndarray], purpose: Purpose) -> Features:
    """These arrays, checked: :func:`load_features` says which."""
    if "H" not in arrays:
        raise unfit(FIELD, f"{FIELD} has no array H", "save the features, a column for each sample", EXAMPLE)
    H = arrays["H"]
    T, (d, N) = _moments(H, purpose), H.shape[-2:]
    lead = H.shape[:-2]
    if "labels" in arrays and arrays["labels"].shape == (d,) != (N,):
        raise unfit(
            FIELD,
            f"{FIELD} holds H of shape {shown(H.shape)} and {d:,} labels",
            "save H with a column for each sample",
            "numpy.savez(path, H=H.T, labels=labels)",
        )
    labels = fitting(arrays, "labels", (N,), "iu", FIELD)
    K = _classes(labels, purpose.classes)
    given = "W" in arrays
    epoch = _numbers(arrays, "epoch", (T,), (0.0, 2.0**53)) if "epoch" in arrays else np.arange(float(T))
    if epoch[0] < 0 or (np.diff(epoch) < 0).any():
        raise unfit(FIELD, f"{FIELD} holds epoch that does not grow from 0", "save 0, 1, 2 and so on")
    return Features(
        H=_numbers(arrays, "H", H.shape, purpose.bounds).reshape(T, d, N),
        labels=labels.astype(np.int64),
        W=_numbers(arrays, "W", (*lead, K, d), purpose.bounds).reshape(T, K, d) if given else None,
        bias=_numbers(arrays, "bias", (*lead, K), purpose.bounds).reshape(T, K) if given and "bias" in arrays else None,
        epoch=epoch,
        names=_names(arrays, K),
    )


def load_snapshots(source: str | Path | BinaryIO, most: int = MAX_BYTES) -> Recording:
    """The recording of a features.npz, or of an upload of at most so many bytes: all samples are measured,
    SHOWN_PER_CLASS of each class kept; W is 0 where none is given. Raises :class:`ConfigError` as
    :func:`load_features` does.

    >>> import io
    >>> file = io.BytesIO()
    >>> np.savez(file, H=np.eye(2), W=np.eye(2), labels=[0, 1])
    >>> load_snapshots(file).metrics["q_min"]
    array([1.])
    """
    features = load_features(source, FILMED, most)
    (T, _, N), labels = features.H.shape, features.labels
    samples = evenly(labels, len(features.names), SHOWN_PER_CLASS)
    snapshots = []
    for t in range(T):
        snapshot, first = _snapshot(features, t, samples)
        snapshots.append(snapshot)
    return Recording.of(
        snapshots,
        config=None,
        names=features.names,
        counts=np.bincount(labels),
        labels=labels[samples],
        samples=samples,
        outcome=Outcome.DONE,
        stop_reason=f"{GIVEN} {T:,} {'moment' if T == 1 else 'moments'} of {N:,} samples.",
        caution=_caution(first),
    )


def _caution(first: ClassMeans) -> str:
    """Returns a sentence where the rounding of what was stored hides directions between class means, else none."""
    if first.precision == ROUNDING:
        return ""
    K = len(first.counts)
    S, _ = decomposed((first.means - first.centre) / np.sqrt(K))
    seen, rank = int(counted(S, np.array(0.0), K - 1).sum()), int(first.rank)
    if rank == seen:
        return ""
    kept = "float16" if first.precision == np.finfo(np.float16).eps else "float32"
    return (
        f"Class means count in {rank} of the {seen} directions in which they seem to differ: in {kept}, differences up"
        f" to {number(float(first.rounding))} may be rounding. Take the mean off the features before they are rounded."
    )


def _snapshot(features: Features, t: int, samples: Labels) -> tuple[Snapshot, ClassMeans]:
    """Returns one moment, measured, and its class means."""
    H, labels, K = features.H[t], features.labels, len(features.names)
    given = np.zeros((K, len(H))) if features.W is None else features.W[t]
    W, bias = given.astype(np.float64), None if features.bias is None else features.bias[t].astype(np.float64)
    some = max(1, AT_ONCE // max(*W.shape))

    def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for i in range(0, len(labels), some):
            yield H[:, i : i + some].astype(np.float64), labels[i : i + some]

    first = class_means(batches, K, rounding_of(H.dtype, given.dtype))
    untested = np.zeros((K, K), dtype=np.int64)
    clock = {"epoch": float(features.epoch[t]), "step": t, "log_time": math.nan, "phase": "recorded"}
    return measure(W, bias, batches, first, samples, untested, **clock), first


def _moments(H: np.ndarray, purpose: Purpose) -> int:
    """Returns how many moments H (d, N) or (T, d, N) holds."""
    one = purpose.moments == 1
    if H.ndim not in ((2,) if one else (2, 3)) or min(H.shape) < 1 or (H.ndim == 3 and len(H) > purpose.moments):
        last = ", for example H[-1]" if H.ndim == 3 else f", for example {EXAMPLE}"
        if one and H.ndim == 3:
            last = ", or choose one of its moments by --frame" + last
        more = f", of one moment{last}" if one else f", or (T, d, N) of at most {purpose.moments:,} moments{last}"
        raise unfit(FIELD, f"{FIELD} holds H of shape {shown(H.shape)}", f"save H with shape (d, N){more}")
    return len(H) if H.ndim == 3 else 1


def _classes(labels: Shaped[np.ndarray, "N"], most: float) -> int:
    present = np.unique(labels)
    if len(present) > most:
        raise unfit(FIELD, f"{FIELD} holds labels of {len(present):,} classes", f"use 2 to {most:,}", 10)
    if len(present) < 2 or int(present[0]) != 0 or int(present[-1]) != len(present) - 1:
        raise unfit(FIELD, f"{FIELD} holds labels {shown(present)}", "use 0 to K-1, each at least once, K >= 2", "0, 1")
    return len(present)


def _numbers(
    arrays: Mapping[str, np.ndarray], name: str, shape: tuple[int, ...], bounds: tuple[float, float]
) -> np.ndarray:
    """The array in the precision that it has, if its largest entry is 0 or within the bounds."""
    numbers, (least, most) = fitting(arrays, name, shape, "iuf", FIELD), bounds
    largest = max(float(numbers.max()), -float(numbers.min()))
    if not largest <= most or 0.0 < largest < least:  # NaN neither
        odd = "NaN" if math.isnan(largest) else "infinity" if math.isinf(largest) else ""
        held = odd or f"{largest:g} as its largest entry"
        raise unfit(
            FIELD,
            f"{FIELD} holds {name} with {held}",
            f"save finite numbers with shape {shown(shape)}, the largest between {least:g} and {most:g}",
            1,
        )
    return numbers


def _names(arrays: Mapping[str, np.ndarray], classes: int) -> tuple[str, ...]:
    """Returns the names of the classes; where several bear one, their labels stand before it to tell them apart."""
    if "names" not in arrays:
        return tuple(map(str, range(classes)))
    names = [shown(name) for name in fitting(arrays, "names", (classes,), "U", FIELD).tolist()]
    times = Counter(names)
    return tuple(name if times[name] == 1 else shown(f"{k}: {name}") for k, name in enumerate(names))
