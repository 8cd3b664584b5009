"""`run.npz`, `start.npz`, `features.npz`: arrays on disk. Nothing is ever unpickled."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from ulpm_core.analysis.measure import measured
from ulpm_core.dynamics.trajectory import HandOver, Outcome, Trajectory
from ulpm_core.model.config import RunConfig
from ulpm_core.model.losses import Array, Labels
from ulpm_core.model.parameters import ConfigError, shown, shown_path
from ulpm_core.model.state import State

MAX_BYTES: Final = 2 * 2**30
"""Largest array read from a file: a header that claims more is refused before anything is allocated."""
MAX_RUN_ENTRY: Final = 1e150
"""Squares of such entries are still finite; a run that diverged ends beyond what a start may hold."""
RUN_ARRAYS: Final = ("W", "H", "labels", "step", "log_time", "log_loss")


def read_arrays(path: str | Path, field: str) -> dict[str, np.ndarray]:
    """All arrays of an .npz file. Raises :class:`ConfigError` for a file that is missing, damaged, pickled or huge."""
    where = f"{field} = {shown_path(path)}"
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                with archive.open(info) as member:
                    _refuse_huge(member, where, info.filename, field)
        with np.load(path, allow_pickle=False) as data:
            return {name: data[name] for name in data.files}
    except FileNotFoundError:
        raise ConfigError(
            field, f"{where} does not exist: give the path of an .npz file, for example start.npz."
        ) from None
    except IsADirectoryError:
        raise ConfigError(
            field, f"{where} is a folder: give the path of an .npz file, for example start.npz."
        ) from None
    except ConfigError:
        raise
    except Exception as error:  # noqa: BLE001 - a hostile file may fail anywhere inside zipfile or NumPy
        raise ConfigError(
            field, f"{where} cannot be read ({shown(error)}): save it with numpy.savez, numbers only, no objects."
        ) from None


def _refuse_huge(member: Any, where: str, name: str, field: str) -> None:
    version = np.lib.format.read_magic(member)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(member)
    if dtype.hasobject:
        raise ConfigError(field, f"{where} holds Python objects in {shown(name)}: save numbers only.")
    if int(np.prod([int(s) for s in shape], dtype=object)) * dtype.itemsize > MAX_BYTES:
        raise ConfigError(field, f"{where} claims shape {shown(shape)} in {shown(name)}: at most 2 GB are read.")


def _wanted(arrays: dict[str, np.ndarray], names: tuple[str, ...], field: str) -> None:
    for name in names:
        if name not in arrays:
            raise ConfigError(
                field,
                f"{field} has no array {name}: save {' and '.join(names)}, for example numpy.savez(path, W=W, H=H).",
            )


def load_state(path: str | Path) -> State:
    """The start state W (K, d), H (d, N) of a file such as start.npz."""
    arrays = read_arrays(path, "initial_state")
    _wanted(arrays, ("W", "H"), "initial_state")
    return State(arrays["W"], arrays["H"])


def load_features(path: str | Path) -> tuple[Array | None, Array, Labels]:
    """W (K, d) or None, H (d, N) and labels (N,) of a file such as features.npz, checked."""
    arrays = read_arrays(path, "features")
    _wanted(arrays, ("H", "labels"), "features")
    H, labels = arrays["H"], arrays["labels"]
    if (
        H.ndim != 2
        or H.shape[0] == 0
        or not np.issubdtype(H.dtype, np.number)
        or not np.isfinite(H).all()
        or np.iscomplexobj(H)
    ):
        raise ConfigError("H", f"H has shape {H.shape} and type {H.dtype}: save finite real numbers with shape (d, N).")
    if labels.shape != (H.shape[1],) or not np.issubdtype(labels.dtype, np.integer):
        raise ConfigError(
            "labels", f"labels has shape {labels.shape} and type {labels.dtype}: save {H.shape[1]} whole numbers."
        )
    present, classes = np.unique(labels), max(labels.tolist(), default=-1) + 1
    if classes < 2 or len(present) != classes or present[0] != 0:
        raise ConfigError(
            "labels", f"labels hold the classes {shown(present)}: use 0 to K-1, each at least once, K >= 2."
        )
    W = arrays.get("W")
    if W is not None and (W.shape != (classes, H.shape[0]) or not _real(W) or not np.isfinite(W).all()):
        raise ConfigError("W", f"W has shape {W.shape}: save finite numbers with shape ({classes}, {H.shape[0]}).")
    order = np.argsort(labels, kind="stable")
    return None if W is None else W.astype(np.float64), H[:, order].astype(np.float64), labels[order].astype(np.int64)


def _real(array: np.ndarray) -> bool:
    """Whether it holds real numbers."""
    return np.issubdtype(array.dtype, np.integer) or np.issubdtype(array.dtype, np.floating)


def save_run(trajectory: Trajectory, path: str | Path) -> None:
    """Writes run.npz whole or not at all: to a neighbour first, then renamed into place."""
    path = Path(path)
    arrays: dict[str, Any] = {name: getattr(trajectory, name) for name in (*RUN_ARRAYS, "time", "loss")}
    arrays |= dict(trajectory.metrics)
    arrays |= {"config": trajectory.config.to_json(), "stop_reason": trajectory.stop_reason}
    arrays["outcome"] = str(trajectory.outcome)
    if trajectory.hand_over is not None:
        arrays["hand_over"] = np.array(trajectory.hand_over, dtype=np.float64)
    if trajectory.velocity is not None:
        arrays |= {"velocity_W": trajectory.velocity.W, "velocity_H": trajectory.velocity.H}
    with whole_file(path, ".npz") as partial:
        np.savez_compressed(partial, **arrays)


@contextmanager
def whole_file(path: Path, suffix: str) -> Iterator[Path]:
    """A neighbour of `path` to write to: it takes the place of `path` if all goes well, else nothing is left of it."""
    partial = path.with_name(f".{path.name}.{os.getpid()}{suffix}")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def load_run(path: str | Path) -> Trajectory:
    """The trajectory of a run.npz; metrics are measured afresh from its arrays."""
    arrays = read_arrays(path, "run")
    _wanted(arrays, (*RUN_ARRAYS, "config"), "run")
    config = RunConfig.from_json(str(arrays["config"]))
    K, d, N, T = config.classes, config.dimension, config.label_count, arrays["step"].size
    shapes = {"W": (T, K, d), "H": (T, d, N), "labels": (N,), "step": (T,), "log_time": (T,), "log_loss": (T,)}
    for name, shape in shapes.items():
        if arrays[name].shape != shape or T == 0 or not _real(arrays[name]):
            raise ConfigError(name, f"{name} has shape {arrays[name].shape}: its config asks for {shape}.")
    for name in ("W", "H"):
        if not (np.abs(arrays[name]) <= MAX_RUN_ENTRY).all():
            raise ConfigError(
                name, f"{name} holds NaN, infinity or more than 1e150: use finite entries from -1e150 to 1e150."
            )
    step = arrays["step"]
    flowing = config.flow_end > -np.inf  # a step of the flow may hold several snapshots
    if not np.issubdtype(step.dtype, np.integer) or step[0] < 0 or (np.diff(step) < (0 if flowing else 1)).any():
        raise ConfigError("step", "step does not count up in whole numbers: save 0, 1, 2 and so on, int64.")
    for name in ("log_time", "log_loss"):
        if np.isnan(arrays[name]).any():
            raise ConfigError(name, f"{name} holds NaN: every entry must be a number.")
    if not np.array_equal(arrays["labels"], np.repeat(np.arange(K), config.per_class)):
        raise ConfigError("labels", "labels are not grouped by class: all of class 0 first, then class 1, and so on.")
    if flowing and (np.diff(arrays["log_time"]) <= 0).any():
        raise ConfigError("log_time", "log_time does not grow from snapshot to snapshot: save them in order of time.")
    outcome = str(arrays.get("outcome", Outcome.DONE))
    velocity = None
    if {"velocity_W", "velocity_H"} & set(arrays):
        try:
            velocity = State(arrays["velocity_W"], arrays["velocity_H"])
        except (KeyError, ConfigError) as error:
            raise ConfigError("velocity_W", f"velocity_W and velocity_H do not fit ({shown(error)}).") from None
        if velocity.shape != (K, d, config.per_class):
            raise ConfigError("velocity_W", f"velocity_W has shape {velocity.W.shape}: its config asks for {(K, d)}.")
    numbers: dict[str, Any] = {name: np.ascontiguousarray(arrays[name]) for name in RUN_ARRAYS}
    return measured(
        Trajectory(
            config=config,
            **numbers,
            outcome=Outcome(outcome) if outcome in list(Outcome) else Outcome.DONE,
            stop_reason=str(arrays.get("stop_reason", "")),
            velocity=velocity,
            hand_over=_hand_over(arrays.get("hand_over"), T),
        )
    )


def _hand_over(array: np.ndarray | None, snapshots: int) -> HandOver | None:
    if array is None:
        return None
    if array.shape != (len(HandOver._fields),) or not _real(array) or not 0 <= array[0] < snapshots:
        raise ConfigError(
            "hand_over", f"hand_over = {shown(array)} is not {', '.join(HandOver._fields)} of a snapshot of this run."
        )
    frame, step, log_time, from_step, error = (float(number) for number in array)
    if not np.isfinite([step, log_time, from_step]).all():
        raise ConfigError("hand_over", f"hand_over = {shown(array)} holds NaN or infinity: save finite numbers.")
    return HandOver(int(frame), int(step), log_time, int(from_step), error)


def last_figures(trajectory: Trajectory) -> dict[str, Any]:
    """The end state's figures for the command line's JSON line; what is not defined is null."""
    figures: dict[str, Any] = {"digest": trajectory.config.digest, "step": int(trajectory.step[-1])}
    for name in ("time", "log_time", "loss", "log_loss"):
        figures[name] = float(getattr(trajectory, name)[-1])
    figures |= {name: float(values[-1]) for name, values in trajectory.metrics.items()}
    return {name: None if isinstance(v, float) and not np.isfinite(v) else v for name, v in figures.items()}


def json_line(figures: dict[str, Any]) -> str:
    """One strict JSON line: no NaN, no Infinity."""
    return json.dumps(figures, allow_nan=False)
