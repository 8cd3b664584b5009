"""The moments of a run that its clock marks."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.analysis.escape import ESCAPED, Escape
from ulpm_core.analysis.imbalance import shorter
from ulpm_core.analysis.separation import LOG_THRESHOLD
from ulpm_core.analysis.theory import log_sum_loss
from ulpm_core.dynamics.trajectory import Outcome, Trajectory
from ulpm_core.model.rules.rule import Rule
from ulpm_core.model.shapes import Array, Flags, Labels, Shaped

ALONG: Final = 1e-9
"""Share of a push below which its part along the way down is rounding."""
BILLION: Final = 1e9
GONE: Final = 1e-3
"""Share of the longest below which a vector has vanished."""
ALIKE: Final = 1e-3
"""Share of its length by which a vector may differ from another that it has merged with: their cosine is 1 - 5e-7."""


class Mark(NamedTuple):
    """A snapshot, the name of what happens there, and log t where it happens between snapshots, else NaN; `classes` are
    those to which it happens, if it does not happen to all.
    """

    snapshot: int
    name: str
    log_time: float = math.nan
    classes: tuple[int, ...] = ()


def marks(
    run: Trajectory,
    error: Shaped[Array, "T"],
    centred: Shaped[Array, "T K d"],
    centre: Shaped[Array, "T d"],
    left: Escape | None,
) -> list[Mark]:
    """The marks of a run, `error` being its share of samples without a positive margin, and `centred` its class means
    less their `centre`: zero-training-error, log-2 below which the theorem applies, hand-over to the flow,
    billion-steps of gradient descent on a flow's clock, at-rest from where a flow is so to the end, diverged; where
    class sizes differ, when the smallest classes merged or some vanished; and of a run that leaves a saddle, when it
    should have (foretold) and did (left).
    """
    found = []
    wrong = np.flatnonzero(error > 0)
    if error[-1] == 0 and len(wrong):
        found.append(Mark(int(wrong[-1]) + 1, "zero-training-error"))
    terminal = np.flatnonzero(log_sum_loss(run) < LOG_THRESHOLD)
    ours = run.config.is_ulpm and run.config.step_rule.geometry == Rule.geometry  # of another norm it says nothing
    if ours and len(terminal) and terminal[0] > 0:
        found.append(Mark(int(terminal[0]), "log-2"))
    if run.hand_over is not None:
        found.append(Mark(run.hand_over.frame, "hand-over"))
    if run.config.method == "gradient-flow":
        found += _at(run, math.log(BILLION * run.config.learning_rate), "billion-steps")
    if run.config.flows and not run.config.is_ulpm and 0 < (rest := _rest(run)) < len(run) - 1:
        found.append(Mark(rest, "at-rest"))
    if run.outcome is Outcome.DIVERGED:
        found.append(Mark(len(run) - 1, "diverged"))
    if run.config.class_sizes and not run.config.is_ulpm:
        found += _vanished(run, centred + centre[:, None]) or _merged(run, centred)
    if left is not None:
        lawful = left.distance[0] < ESCAPED and left.falling.steepest > run.config.push * ALONG
        found += _at(run, left.predicted, "foretold") if lawful else []
        found += _at(run, left.observed, "left")
    return found


def _rest(run: Trajectory) -> int:
    """The snapshot from which the state is the last one."""
    moved = (run.W[-1] != run.W).any(axis=(1, 2)) | (run.H[-1] != run.H).any(axis=(1, 2))
    return int(np.flatnonzero(moved)[-1]) + 1 if moved.any() else 0


def _at(run: Trajectory, log_time: float, name: str) -> list[Mark]:
    """The mark at the first snapshot from log_time on, if the run passes it."""
    if not run.log_time[0] < log_time <= run.log_time[-1]:  # NaN neither
        return []
    return [Mark(int(np.searchsorted(run.log_time, log_time)), name, log_time)]


def _merged(run: Trajectory, centred: Shaped[Array, "T K d"]) -> list[Mark]:
    """When the classifiers of all classes of the smallest size, and their means, had become one each to stay so."""
    sizes = np.array(run.config.sizes)
    small = np.flatnonzero(sizes == sizes.min())
    if len(small) < 2:
        return []
    wdot = run.W - run.W.mean(axis=1, keepdims=True)
    alike = np.logical_and(_one(wdot[:, small]), _one(centred[:, small]))
    return _to_stay(alike, "merged", small)


def _vanished(run: Trajectory, means: Shaped[Array, "T K d"]) -> list[Mark]:
    """When classifiers and means of those classes that have no length at the end had lost it; none where all have."""
    short = shorter(run.W, GONE) & shorter(means, GONE)
    gone = np.flatnonzero(short[-1])
    return _to_stay(np.asarray(short[:, gone].all(axis=1)), "vanished", gone) if len(gone) else []


def _one(vectors: Shaped[Array, "T m d"]) -> Flags:
    """Whether the vectors are alike, (T,)."""
    apart = np.linalg.norm(vectors - vectors[:, :1], axis=-1).max(axis=-1)
    return np.asarray(apart <= ALIKE * np.linalg.norm(vectors[:, 0], axis=-1))


def _to_stay(holds: Flags, name: str, classes: Labels) -> list[Mark]:
    """The mark at the snapshot from which on something holds to the end, if it did not at the start."""
    fails = np.flatnonzero(~holds)
    if not holds[-1] or len(fails) == 0:
        return []
    return [Mark(int(fails[-1]) + 1, name, classes=tuple(classes.tolist()))]
