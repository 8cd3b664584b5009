"""`run.npz`, `start.npz`, `features.npz`: arrays on disk. Nothing is ever unpickled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from ulpm_core.analysis.measure import measured
from ulpm_core.analysis.rounding import rounding_of
from ulpm_core.dynamics.trajectory import HandOver, Outcome, Trajectory
from ulpm_core.film.arrays import (
    MEASURABLE,
    SHOWABLE,
    as_float64,
    bounded,
    fitting_numbers,
    read_numbers,
    refuse_without,
)
from ulpm_core.model.archive import held_names, read_npz, unused_named, warn_of_unused, write_npz
from ulpm_core.model.config import VARIES, RunConfig
from ulpm_core.model.losses import Array, Labels
from ulpm_core.model.parameters import ConfigError, shown, shown_path
from ulpm_core.model.state import State

if TYPE_CHECKING:
    from ulpm_core.analysis.ensemble import Ensemble

EXACT_STEP: Final = 2**53
"""The player counts in float64."""
LOG_RANGES: Final = {"log_time": (-np.inf, 1e100), "log_loss": (-1e100, 700.0)}
"""A start is at log_time -inf. e^700 is near the end of float64; entries of 1e30 make losses of about e^140."""
MANY_ARRAYS: Final = ("step", "log_time", "reached", "right_hand_sides")
RUN_ARRAYS: Final = ("W", "H", "labels", "step", "log_time", "log_loss")
START_ARRAYS: Final = ("W", "H", "labels")
FEATURE_ARRAYS: Final = ("H", "labels", "W", "bias")
MORE_ARRAYS: Final = ("config", "outcome", "stop_reason", "velocity_W", "velocity_H", "hand_over")
DERIVED_ARRAYS: Final = ("time", "loss")
"""What follows from log_time and log_loss: saved, and not read."""


def load_state(path: str | Path) -> State:
    """The start state W (K, d), H (d, N) of a file such as start.npz; with labels (N,), columns are put in the order
    of classes, and stay in their own within a class. Without, they are in it already.
    """
    with unused_named(path, "initial_state", START_ARRAYS):
        return _start(read_numbers(path, "initial_state", "start.npz", START_ARRAYS))


def _start(arrays: dict[str, np.ndarray]) -> State:
    refuse_without(arrays, ("W", "H"), "initial_state")
    if "labels" not in arrays:
        return State(arrays["W"], arrays["H"])
    labels, N = arrays["labels"], arrays["H"].shape[-1] if arrays["H"].ndim else 0
    labels = fitting_numbers("labels", labels, labels.shape == (N,), f"{N} whole numbers, one a column of H", "iu")
    state = State(arrays["W"], arrays["H"][..., np.argsort(labels, kind="stable")])
    K, _, n = state.shape
    if not ((labels >= 0) & (labels < K)).all():
        raise ConfigError(
            "labels", f"labels hold the classes {shown(np.unique(labels))}: use 0 to {K - 1}, one for each row of W."
        )
    sizes = np.bincount(labels, minlength=K)
    if (sizes != n).any():
        raise ConfigError(
            "labels",
            f"labels hold classes of sizes {shown(', '.join(map(str, sizes)))}, a run takes as many of each:"
            f" use n of every class, for example {max(1, int(sizes.min()))}.",
        )
    return state


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


def save_run(trajectory: Trajectory, path: str | Path) -> None:
    """Writes run.npz whole or not at all."""
    arrays: dict[str, Any] = {name: getattr(trajectory, name) for name in (*RUN_ARRAYS, *DERIVED_ARRAYS)}
    arrays |= dict(trajectory.metrics)
    arrays |= {"config": trajectory.config.to_json(), "stop_reason": trajectory.stop_reason}
    arrays["outcome"] = str(trajectory.outcome)
    if trajectory.hand_over is not None:
        arrays["hand_over"] = np.array(trajectory.hand_over, dtype=np.float64)
    if trajectory.velocity is not None:
        arrays |= {"velocity_W": trajectory.velocity.W, "velocity_H": trajectory.velocity.H}
    write_npz(path, arrays)


def save_ensemble(found: Ensemble, path: Path) -> None:
    """Writes ensemble.npz whole or not at all: metrics, step and log_time (R, T), end states, what differs (R,)."""
    many = found.many
    arrays: dict[str, Any] = {name: np.array([getattr(c, name) for c in many.configs]) for name in VARIES}
    arrays |= {**found.metrics, **{name: getattr(many, name) for name in MANY_ARRAYS}}
    arrays |= {"W": many.W[:, -1], "H": many.H[:, -1], "labels": many.configs[0].labels}
    arrays |= {"config": many.configs[0].to_json(), "stop_reason": np.array(many.stop_reasons)}
    arrays["outcome"] = np.array([str(outcome) for outcome in many.outcomes])
    write_npz(path, arrays)


def load_run(path: str | Path) -> Trajectory:
    """The trajectory of a run.npz; metrics are measured afresh from its arrays."""
    arrays = read_numbers(path, "run", "run.npz", (*RUN_ARRAYS, *MORE_ARRAYS))
    if "reached" in held_names(path):
        raise ConfigError(
            "run",
            f"run = {shown_path(path)} is an ensemble, which keeps only where its runs end: film one of them, for"
            " example that of python -m ulpm_core run --seed 4 --out run.npz.",
        )
    refuse_without(arrays, (*RUN_ARRAYS, "config"), "run")
    config = RunConfig.from_json(str(arrays["config"]))
    K, d, N, T = config.classes, config.dimension, config.label_count, arrays["step"].size
    if T == 0:
        raise ConfigError("step", "step is empty: a run has a snapshot at least; make one by python -m ulpm_core run.")
    shapes = {"W": (T, K, d), "H": (T, d, N), "labels": (N,), "step": (T,), "log_time": (T,), "log_loss": (T,)}
    numbers: dict[str, Any] = {}
    for name, shape in shapes.items():
        kinds = "iu" if name in ("labels", "step") else "iuf"
        wanted = f"{'whole' if kinds == 'iu' else 'finite'} numbers with shape {shape}"
        fits = arrays[name].shape == shape
        numbers[name] = fitting_numbers(name, arrays[name], fits, wanted + ", as its config and step ask", kinds)
        if name in ("W", "H"):
            bounded(name, numbers[name], SHOWABLE, wanted)
    step, log_time = numbers["step"], numbers["log_time"]
    flowing = config.flows  # a step of the flow may hold several snapshots
    if not 0 <= step.min() <= step.max() <= EXACT_STEP or (np.diff(step) < (0 if flowing else 1)).any():
        raise ConfigError("step", "step does not count up in whole numbers to 2^53 at most: save 0, 1, 2 and so on.")
    for name, (low, high) in LOG_RANGES.items():
        outside = numbers[name][~((low <= numbers[name]) & (numbers[name] <= high))]
        if len(outside):
            raise ConfigError(name, f"{name} holds {outside[0]:.3g}: use numbers up to {high:g}, for example 1.")
    if not np.array_equal(numbers["labels"], config.labels):
        raise ConfigError("labels", "labels are not grouped by class: all of class 0 first, then class 1, and so on.")
    if flowing and not (log_time[1:] > log_time[:-1]).all():
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
    run = Trajectory(
        config=config,
        **numbers,
        outcome=Outcome(outcome) if outcome in list(Outcome) else Outcome.DONE,
        stop_reason=str(arrays.get("stop_reason", "")),
        velocity=velocity,
        hand_over=_hand_over(arrays.get("hand_over"), T),
    )
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows far from separation is not defined there
            run = measured(run)
    except np.linalg.LinAlgError:
        raise ConfigError("W", "W and H are too large to be measured: use entries up to 1e8, for example 1.") from None
    used = (*RUN_ARRAYS, *MORE_ARRAYS, *DERIVED_ARRAYS, *run.metrics)
    warn_of_unused(path, "run", used, "those that python -m ulpm_core run saves")
    return run


def _hand_over(array: np.ndarray | None, snapshots: int) -> HandOver | None:
    if array is None:
        return None
    fits = array.shape == (len(HandOver._fields),)
    array = fitting_numbers("hand_over", array, fits, f"{', '.join(HandOver._fields)}, real numbers")
    frame, step, log_time, from_step, error = array.tolist()
    if not (0 <= frame < snapshots and np.abs([step, log_time, from_step]).max() <= EXACT_STEP and not np.isinf(error)):
        raise ConfigError("hand_over", f"hand_over = {shown(array)} does not lie within this run: save it as it was.")
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
