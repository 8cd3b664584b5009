"""`net.npz`: a recording on disk. Nothing is ever unpickled, and what is read is checked before it is believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from ulpm_core.analysis.collapse import Sums
from ulpm_core.analysis.metrics import metric_names, values_of
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.files.arrays import LOG_RANGES, outside
from ulpm_core.files.npz import MAX_BYTES, fitting, held_names, read_npz, unused_named, write_npz
from ulpm_core.model.refusal import ConfigError, shown, unfit
from ulpm_core.model.shapes import Array
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.recording import LARGEST, PHASES, STACKED, STACKED_NUMBERS, Recording, is_plain

RANGES: Final = {
    "epoch": (0.0, 2.0**53),
    "step": (0, 2**53),
    **LOG_RANGES,
    "train_accuracy": (0.0, 1.0),
    "test_accuracy": (0.0, 1.0),
}
UNKNOWN: Final = ("log_time", "test_accuracy")
"""Fields that may be NaN: nobody knows the time of a foreign loop, and there may be no test images."""
OPTIONAL: Final = ("bias", "spread")
"""Arrays (T, K) that a file may lack."""
DEPTH: Final = ("layers", "depth")
"""Names of layers (L,) and their NC1 (T, L), both or none."""
OTHERS: Final = ("labels", "samples", "counts", *OPTIONAL, *DEPTH, "names", "config", "outcome", "stop_reason")
CHECKPOINT_ARRAYS: Final = ("at_", "parameter ", "velocity ")
"""Beginnings of the names of arrays that a checkpoint holds beside a recording."""
RECORDED: Final = frozenset({"W", "H", "phase", "counts"})
"""Arrays that tell a recording, of `train` or a recorder, from other features."""
MOST_SAMPLES: Final = 10**12
KINDS: Final = {np.float64: "f", np.float32: "f", np.int64: "iu", np.str_: "U"}
"""Kinds of dtype in a file for the types in memory."""


def save_recording(recording: Recording, path: str | Path) -> None:
    """Writes net.npz whole or not at all.

    >>> from io import BytesIO
    >>> from tempfile import TemporaryDirectory
    >>> from ulpm_core.files.features import load_snapshots
    >>> np.savez(file := BytesIO(), H=np.eye(2), W=np.eye(2), labels=[0, 1])
    >>> with TemporaryDirectory() as folder:
    ...     save_recording(load_snapshots(file), f"{folder}/net.npz")
    ...     load_recording(f"{folder}/net.npz").stop_reason
    'Given: 1 moment of 2 samples.'
    """
    write_npz(path, arrays_of(recording))


def load_recording(source: str | Path | BinaryIO, most: int = MAX_BYTES) -> Recording:
    """The recording of a net.npz, of a checkpoint, or of an upload of at most so many bytes.

    Raises :class:`ConfigError` for a file that is none.

    >>> from io import BytesIO
    >>> from ulpm_core.files.features import load_snapshots
    >>> np.savez(file := BytesIO(), H=np.eye(2), W=np.eye(2), labels=[0, 1])
    >>> np.savez(saved := BytesIO(), **arrays_of(load_snapshots(file)))
    >>> load_recording(saved).means.shape
    (1, 2, 2)
    """
    used = {*array_names(), *(name for name in held_names(source) if name.startswith(CHECKPOINT_ARRAYS))}
    with unused_named(source, "net", used, "those that python -m ulpm_core train and a recorder save"):
        return recording_from(read_npz(source, "net", "net.npz", most, array_names()), "net")


def array_names() -> tuple[str, ...]:
    """The names of the arrays that a recording is read from."""
    return (*STACKED, *metric_names(), *OTHERS)


def arrays_of(recording: Recording) -> dict[str, Any]:
    """A recording as named arrays, of numbers and text only."""
    arrays: dict[str, Any] = {name: getattr(recording, name) for name in (*STACKED, "labels", "samples", "counts")}
    arrays |= dict(recording.metrics)
    arrays |= {name: held for name in OPTIONAL if (held := getattr(recording, name)) is not None}
    if recording.depth is not None:
        arrays |= {"layers": np.array(recording.layers), "depth": recording.depth}
    config = "" if recording.config is None else recording.config.to_json()
    return arrays | {
        "names": np.array(recording.names),
        "config": np.array(config),
        "outcome": np.array(str(recording.outcome)),
        "stop_reason": np.array(recording.stop_reason),
    }


def recording_from(arrays: Mapping[str, np.ndarray], field: str) -> Recording:
    """The recording of these arrays; a metric that was added after they were saved is NaN. Raises :class:`ConfigError`
    on `field` for shapes that do not fit one another, numbers that are none, or text that is none.
    """
    sizes = [arrays[name].shape if name in arrays else () for name in ("W", "labels")]
    if [len(shape) for shape in sizes] != [3, 1] or min(*sizes[0], *sizes[1]) < 1 or sizes[0][1] < 2:
        raise unfit(field, f"{field} has no W (T, K, d) with K of 2 or more, or no labels (M,)", "save both", "net.npz")
    (T, K, d), (M,) = sizes
    metrics = tuple(name for name in metric_names() if name in arrays)
    L = arrays["layers"].size if "layers" in arrays else 0
    shapes: dict[str, tuple[tuple[int, ...], type[np.generic]]] = {
        "W": ((T, K, d), np.float64),
        "H": ((T, d, M), np.float32),
        "means": ((T, K, d), np.float64),
        "confusion": ((T, K, K), np.int64),
        "phase": ((T,), np.str_),
        "step": ((T,), np.int64),
        "labels": ((M,), np.int64),
        "samples": ((M,), np.int64),
        "counts": ((K,), np.int64),
        "names": ((K,), np.str_),
        **dict.fromkeys(("config", "outcome", "stop_reason"), ((), np.str_)),
        **{name: ((T,), np.float64) for name in (*metrics, *STACKED_NUMBERS) if name != "step"},
        **{name: ((T, K), np.float64) for name in OPTIONAL if name in arrays},
        **({"layers": ((L,), np.str_), "depth": ((T, L), np.float64)} if L else {}),
    }
    held = {name: fitting(arrays, name, shape, KINDS[kind], field) for name, (shape, kind) in shapes.items()}
    _refuse_numbers(held, metrics, field)
    words = {name: str(held[name]) for name in ("config", "outcome", "stop_reason")}
    names, layers = (tuple(held[name].tolist()) if name in held else () for name in ("names", "layers"))
    text = [*words.values(), *names, *layers]
    if not all(map(is_plain, text)) or words["outcome"] not in list(Outcome):
        raise unfit(field, f"{field} holds text that is none", "save it as it was", "net.npz")
    arrays = {name: array.astype(shapes[name][1]) for name, array in held.items()}
    every = _every_metric({name: arrays[name] for name in metrics}, arrays)
    own: dict[str, Any] = {name: arrays[name] for name in (*STACKED, "labels", "samples", "counts")}
    return Recording(
        **own,
        bias=arrays.get("bias"),
        spread=arrays.get("spread"),
        layers=layers,
        depth=arrays.get("depth"),
        config=_config(words["config"], K, field),
        names=names,
        metrics=every,
        unmeasured=tuple(name for name in every if name not in metrics and np.isnan(every[name]).all()),
        outcome=Outcome(words["outcome"]),
        stop_reason=words["stop_reason"],
    )


def _every_metric(metrics: dict[str, Array], held: Mapping[str, np.ndarray]) -> dict[str, Array]:
    """The metrics with those that are younger than their recording: measured anew as far as they follow from what it
    holds, which are classifiers, class means, the smallest margin, and ||H||^2, which gamma tells; NaN where not.
    """
    younger = [name for name in metric_names() if name not in metrics]
    if not younger:
        return metrics
    W, means = held["W"], held["means"]
    q_min, gamma = (metrics.get(name, np.full(len(W), np.nan)) for name in ("q_min", "gamma"))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = values_of(Sums.remembered(W, means, held["counts"], q_min, gamma), "networks")
    anew = {name: np.where(np.isfinite(found[name]), found[name], np.nan) for name in younger}
    return {name: (metrics | anew)[name] for name in metric_names()}


def _config(text: str, classes: int, field: str) -> NetworkConfig | None:
    if not text:
        return None
    try:
        config = NetworkConfig.from_json(text)
    except ConfigError as refusal:
        raise refusal.said_of(field, f"{field} holds a config that is none. {refusal}") from None
    if config.class_count != classes:
        raise unfit(field, f"{field} holds {classes} classes, its config {config.class_count}", "save it as it was")
    return config


def _refuse_numbers(held: Mapping[str, np.ndarray], metrics: Sequence[str], field: str) -> None:
    def refuse(name: str, what: str) -> ConfigError:
        return unfit(field, f"{field} holds {name} {what}", "save it as it was", "net.npz")

    for name in ("W", "H", "means", *(["bias"] if "bias" in held else [])):
        if not float(np.abs(held[name]).max()) <= LARGEST:  # NaN neither
            raise refuse(name, f"with NaN or entries beyond {LARGEST:g}")
    if "spread" in held and not (held["spread"].min() >= 0.0 and held["spread"].max() < np.inf):  # NaN neither
        raise refuse("spread", "that is no sum of squares")
    if "depth" in held and ((held["depth"] < 0.0) | np.isinf(held["depth"])).any():
        raise refuse("depth", "that is no ratio of squares")
    for name in metrics:
        if np.isinf(held[name]).any():
            raise refuse(name, "with infinity")
    for name, (low, high) in RANGES.items():
        known = held[name][~np.isnan(held[name])] if name in UNKNOWN else held[name]
        if len(beyond := outside(known, low, high)):
            raise refuse(name, f"with {shown(beyond[0])}, outside {low:g} to {high:g}")
    K, labels = len(held["counts"]), held["labels"].astype(np.int64)
    if (np.diff(held["epoch"]) < 0).any() or (np.diff(held["step"].astype(np.int64)) < 1).any():
        raise refuse("step", "or epoch that does not grow from snapshot to snapshot")
    if len(labels) % K or not np.array_equal(labels, np.repeat(np.arange(K), len(labels) // K)):
        raise refuse("labels", "that are not 0 to K-1, as many of each, all of class 0 first")
    for name in ("counts", "samples", "confusion"):
        if len(outside(held[name], name == "counts", MOST_SAMPLES)):
            raise refuse(name, "that are no numbers of samples")
    if not set(held["phase"].tolist()) <= set(PHASES):
        raise refuse("phase", f"other than {', '.join(PHASES)}")
