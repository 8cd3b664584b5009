"""The moments of a run that its clock marks."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.analysis.escape import ESCAPED, Escape
from ulpm_core.analysis.separation import LOG_THRESHOLD
from ulpm_core.analysis.theory import log_sum_loss
from ulpm_core.dynamics.trajectory import Outcome, Trajectory
from ulpm_core.model.shapes import Array, Shaped

ALONG: Final = 1e-9
"""Share of a push below which its part along the way down is rounding."""
BILLION: Final = 1e9


class Mark(NamedTuple):
    """A snapshot, the name of what happens there, and log t where it happens between snapshots, else NaN."""

    snapshot: int
    name: str
    log_time: float = math.nan


def marks(run: Trajectory, error: Shaped[Array, "T"], left: Escape | None) -> list[Mark]:
    """The marks of a run, `error` being its share of samples without a positive margin: zero-training-error, log-2
    below which the theorem applies, hand-over to the flow, billion-steps of gradient descent on a flow's clock,
    diverged; and of a run that leaves a saddle, when it should have (foretold) and did (left).
    """
    found = []
    wrong = np.flatnonzero(error > 0)
    if error[-1] == 0 and len(wrong):
        found.append(Mark(int(wrong[-1]) + 1, "zero-training-error"))
    terminal = np.flatnonzero(log_sum_loss(run) < LOG_THRESHOLD)
    if run.config.is_ulpm and len(terminal) and terminal[0] > 0:
        found.append(Mark(int(terminal[0]), "log-2"))
    if run.hand_over is not None:
        found.append(Mark(run.hand_over.frame, "hand-over"))
    if run.config.method == "gradient-flow":
        found += _at(run, math.log(BILLION * run.config.learning_rate), "billion-steps")
    if run.outcome is Outcome.DIVERGED:
        found.append(Mark(len(run) - 1, "diverged"))
    if left is not None:
        lawful = left.distance[0] < ESCAPED and left.falling.steepest > run.config.push * ALONG
        found += _at(run, left.predicted, "foretold") if lawful else []
        found += _at(run, left.observed, "left")
    return found


def _at(run: Trajectory, log_time: float, name: str) -> list[Mark]:
    """The mark at the first snapshot from log_time on, if the run passes it."""
    if not run.log_time[0] < log_time <= run.log_time[-1]:  # NaN neither
        return []
    return [Mark(int(np.searchsorted(run.log_time, log_time)), name, log_time)]
