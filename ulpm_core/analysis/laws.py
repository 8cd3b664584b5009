"""The predicted laws of a run's curves, each over the part of the film along which its curve follows it."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.analysis.curves import CURVES
from ulpm_core.analysis.rates import PREDICTED, honest_from, predicted_slope
from ulpm_core.dynamics.trajectory import Outcome, Trajectory
from ulpm_core.model.shapes import Array, Labels, Shaped

LEAST: Final = 1e-12
"""A curve that ends below this shows rounding: no law is drawn through it."""
FOLLOWED: Final = 0.1
"""A curve follows a law while it is within so much of it, as a share."""
LONG_ENOUGH: Final = 1.6
"""A law is seen only where log t grows by this factor while it holds: one of slope -1 falls by a third there."""


class Law(NamedTuple):
    """A line c (log t)^slope through the end of a curve: its values at these frames, the last among them."""

    curve: str
    slope: float
    frames: Shaped[Labels, "M"]
    values: Shaped[Array, "M"]


def drawn(flows: bool) -> list[str]:
    """The curves through whose end a law is drawn, of a run with or without a flow: those that stand in a panel."""
    return [name for name in PREDICTED if CURVES[name].panels] if flows else ["nc2_angles"]


def laws(run: Trajectory, frames: Shaped[Labels, "F"]) -> list[Law]:
    """The laws with predicted slopes through the ends of a measured run's curves, as far back as each follows its own:
    a law is given where it holds, and of a curve that goes another way none is. `frames` are snapshots.
    """
    log_t = run.log_time[frames]
    flows, end = run.config.flows, float(log_t[-1])
    slow = run.config.step_rule.crawls and run.config.simplex_is_ideal and run.config.is_ulpm
    if run.outcome is not Outcome.DONE or not slow or end < math.log(10.0):
        return []
    late = np.flatnonzero(
        log_t >= (max(end / math.e**2, min(end / math.e, honest_from(run.config.classes))) if flows else end / 2)
    )
    found = []
    for name in drawn(flows):
        slope = predicted_slope(name, run.config.classes, run.config.dimension)
        curve = CURVES[name].of(run)[frames]
        if slope is None or not curve[-1] > LEAST:
            continue
        law = curve[-1] * (log_t[late] / end) ** slope
        since = _followed(curve[late], law)
        if log_t[late[since]] * LONG_ENOUGH <= end:
            found.append(Law(name, slope, late[since:], law[since:]))
    return found


def _followed(curve: Array, law: Array) -> int:
    """Returns the frame from which a curve stays within FOLLOWED of a law, to the end, where they meet."""
    off = ~(np.abs(curve / law - 1.0) <= FOLLOWED)
    return int(np.flatnonzero(off)[-1]) + 1 if off.any() else 0
