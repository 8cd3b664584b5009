"""`run.npz`: a run on disk. Nothing is ever unpickled, and what is read is checked before it is believed."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np

from ulpm_core.analysis.measure import measured
from ulpm_core.dynamics.trajectory import DERIVED, HandOver, Outcome, Trajectory
from ulpm_core.files.arrays import (
    LOG_RANGES,
    SHOWABLE,
    bounded,
    fitting_numbers,
    outside,
    read_numbers,
    refuse_without,
)
from ulpm_core.files.npz import held_names, warn_of_unused, write_npz
from ulpm_core.model.config import RunConfig
from ulpm_core.model.refusal import ConfigError, refuse, shown, unfit
from ulpm_core.model.rules.known import RULES
from ulpm_core.model.shapes import Labels, Shaped
from ulpm_core.model.state import State

EXACT_STEP: Final = 2**53
"""The player counts in float64."""
RUN_ARRAYS: Final = ("W", "H", "labels", "step", "log_time", "log_loss")
MEMORIES: Final = tuple(
    (f"velocity{i if i > 1 else ''}_W", f"velocity{i if i > 1 else ''}_H")
    for i in range(1, 1 + max(rule.memories for rule in RULES.values()))
)
"""Names in run.npz of what a rule keeps from step to step, in the order of its memories."""
MORE_ARRAYS: Final = ("config", "outcome", "stop_reason", *chain(*MEMORIES), "hand_over", "order")


def save_run(trajectory: Trajectory, path: str | Path) -> None:
    """Writes run.npz whole or not at all.

    >>> from tempfile import TemporaryDirectory
    >>> from ulpm_core import simulate
    >>> with TemporaryDirectory() as folder:
    ...     save_run(simulate(RunConfig(classes=3, dimension=2, per_class=4, steps=50)), f"{folder}/run.npz")
    ...     with np.load(f"{folder}/run.npz") as held:
    ...         held["W"].shape, str(held["rule"])
    ((45, 3, 2), 'ulpm')
    """
    arrays: dict[str, Any] = {name: getattr(trajectory, name) for name in (*RUN_ARRAYS, *DERIVED)}
    arrays |= dict(trajectory.metrics)
    arrays |= {"config": trajectory.config.to_json(), "stop_reason": trajectory.stop_reason}
    arrays["outcome"] = str(trajectory.outcome)
    if trajectory.hand_over is not None:
        arrays["hand_over"] = np.array(trajectory.hand_over, dtype=np.float64)
    if trajectory.order is not None:
        arrays["order"] = trajectory.order
    if trajectory.velocity is not None:
        for names, kept in zip(MEMORIES, trajectory.memories or (trajectory.velocity,), strict=False):
            arrays |= dict(zip(names, (kept.W, kept.H), strict=True))
    write_npz(path, arrays)


def load_run(path: str | Path) -> Trajectory:
    """The trajectory of a run.npz; metrics are measured afresh from its arrays.

    Raises :class:`ConfigError` for a file that is missing, damaged or hostile, is none of a run, or does not fit its
    config.

    >>> from tempfile import TemporaryDirectory
    >>> from ulpm_core import simulate
    >>> run = simulate(RunConfig(classes=3, dimension=2, per_class=4, steps=50))
    >>> with TemporaryDirectory() as folder:
    ...     save_run(run, f"{folder}/run.npz")
    ...     again = load_run(f"{folder}/run.npz")
    >>> again.config == run.config, bool((again.H == run.H).all())
    (True, True)
    """
    arrays = read_numbers(path, "run", "run.npz", (*RUN_ARRAYS, *MORE_ARRAYS))
    held, one = held_names(path), "that of python -m ulpm_core run --seed 4 --out run.npz"
    if "reached" in held:
        raise refuse(
            "run", Path(path), "is an ensemble, which keeps only where its runs end", "one of them", one, "take"
        )
    if "study" in held:
        shows = "python -m app figure FILE --show phases, or take one of them"
        raise refuse("run", Path(path), "is a sweep, which keeps only where its runs end", shows, one, "show it with")
    refuse_without(arrays, (*RUN_ARRAYS, "config"), "run")
    config = RunConfig.from_json(str(arrays["config"]))
    K, d, N, T = config.classes, config.dimension, config.label_count, arrays["step"].size
    if T == 0:
        raise unfit("step", "step is empty", "a run has a snapshot at least; make one by python -m ulpm_core run")
    shapes = {"W": (T, K, d), "H": (T, d, N), "labels": (N,), "step": (T,), "log_time": (T,), "log_loss": (T,)}
    numbers: dict[str, Any] = {}
    for name, shape in shapes.items():
        kinds = "iu" if name in ("labels", "step") else "iuf"
        wanted = f"{'whole' if kinds == 'iu' else 'finite'} numbers with shape {shape}"
        numbers[name] = fitting_numbers(name, arrays[name], shape, wanted + ", as its config and step ask", kinds)
        if name in ("W", "H"):
            bounded(name, numbers[name], SHOWABLE, wanted)
    step, log_time = numbers["step"], numbers["log_time"]
    flowing = config.flows  # a step of the flow may hold several snapshots
    if not 0 <= step.min() <= step.max() <= EXACT_STEP or (np.diff(step) < (0 if flowing else 1)).any():
        raise unfit("step", "step does not count up in whole numbers to 2^53 at most", "save 0, 1, 2 and so on")
    for name, (low, high) in LOG_RANGES.items():
        if len(beyond := outside(numbers[name], low, high)):
            raise unfit(name, f"{name} holds {beyond[0]:.3g}", f"use numbers up to {high:g}", 1)
    if not np.array_equal(numbers["labels"], config.labels):
        raise unfit("labels", "labels are not grouped by class", "all of class 0 first, then class 1, and so on")
    if flowing and not (log_time[1:] > log_time[:-1]).all():
        raise unfit("log_time", "log_time does not grow from snapshot to snapshot", "save them in order of time")
    outcome = str(arrays.get("outcome", Outcome.DONE))
    run = Trajectory(
        config=config,
        **numbers,
        outcome=Outcome(outcome) if outcome in list(Outcome) else Outcome.DONE,
        stop_reason=str(arrays.get("stop_reason", "")),
        memories=_memories(arrays, config),
        hand_over=_hand_over(arrays.get("hand_over"), T),
        order=_order(arrays.get("order"), N),
    )
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows far from separation is not defined there
            run = measured(run)
    except np.linalg.LinAlgError:
        raise unfit("W", "W and H are too large to be measured", "use entries up to 1e8", 1) from None
    used = (*RUN_ARRAYS, *MORE_ARRAYS, *DERIVED, *run.metrics)
    warn_of_unused(path, "run", used, "those that python -m ulpm_core run saves")
    return run


def _memories(arrays: dict[str, np.ndarray], config: RunConfig) -> tuple[State, ...] | None:
    """Returns the memories of the rule of the steps; None where the file does not say."""
    if not set(chain(*MEMORIES)) & set(arrays):
        return None
    kept = []
    for W, H in MEMORIES[: max(1, config.step_rule.memories)]:
        try:
            kept.append(State(arrays[W], arrays[H], config.labels))
        except (KeyError, ConfigError) as error:
            raise unfit(W, f"{W} and {H} do not fit ({shown(error)})", "save both, like W and H") from None
        if (shape := kept[-1].W.shape) != (config.classes, config.dimension):
            raise unfit(W, f"{W} has shape {shape}", f"its config asks for {(config.classes, config.dimension)}")
    return tuple(kept[: config.step_rule.memories])


def _hand_over(array: np.ndarray | None, snapshots: int) -> HandOver | None:
    if array is None:
        return None
    fields = HandOver._fields
    array = fitting_numbers("hand_over", array, (len(fields),), f"{', '.join(fields)}, real numbers")
    frame, step, log_time, from_step, error = array.tolist()
    if not (0 <= frame < snapshots and np.abs([step, log_time, from_step]).max() <= EXACT_STEP and not np.isinf(error)):
        raise refuse("hand_over", array, "does not lie within this run", "it as it was", do="save")
    return HandOver(int(frame), int(step), log_time, int(from_step), error)


def _order(array: np.ndarray | None, samples: int) -> Shaped[Labels, "{samples}"] | None:
    if array is None:
        return None
    order = fitting_numbers("order", array, (samples,), f"{samples} whole numbers", "iu")
    if not np.array_equal(np.sort(order), np.arange(samples)):
        raise unfit("order", f"order is no order of {samples} columns", f"save each of 0 to {samples - 1} once")
    return np.asarray(order, np.int64)
