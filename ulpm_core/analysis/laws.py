"""The predicted laws of a run's curves, each over the part of the film along which its curve follows it."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.analysis.curves import CURVES
from ulpm_core.analysis.rates import PREDICTED, honest_from, predicted_slope
from ulpm_core.dynamics.trajectory import Outcome, Trajectory
from ulpm_core.model.config import RunConfig
from ulpm_core.model.shapes import Array, Labels, Shaped

LEAST: Final = 1e-12
"""A curve that ends below this shows rounding: no law is drawn through it."""
FOLLOWED: Final = 0.1
"""A curve follows a law while it is within so much of it, as a share."""
LONG_ENOUGH: Final = 1.6
"""A law is seen only where log t grows by this factor while it holds: one of slope -1 falls by a third there."""
DEEP_ENOUGH: Final = 10.0
"""An exponential is seen only where it falls by this factor while it holds."""
LARGEST_LOG: Final = 700.0
"""exp of more overflows; by then such a curve is below LEAST."""
NOISE: Final = "nc1_trace_ratio"
"""The curve whose exponential beside weight decay is known."""


class Law(NamedTuple):
    """A line c (log t)^slope through the end of a curve, or c e^(-rate t) through its end above rounding, where it has
    a rate: its values at these frames, the last of which is that end.
    """

    curve: str
    slope: float
    frames: Shaped[Labels, "M"]
    values: Shaped[Array, "M"]
    rate: float = 0.0


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
    if run.outcome is Outcome.DONE and run.config.step_rule.crawls and (rate := noise_rate(run.config)):
        return _exponentials(run, frames, rate)
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


def noise_rate(config: RunConfig) -> float:
    """The rate 2 r at which the spread inside the classes, a square, decays in the end beside weight decay; 0 where it
    is not known (docs/theory.md 6.9).

    What of a sample's h - mean lies outside the span of the classifiers decays like e^(-lambda_H t), what lies inside
    at r = lambda_H (1 + mu/K) or faster, mu the optimum's margin, for K >= 3.

    >>> wide, tight = (RunConfig(classes=4, dimension=d, per_class=5, weight_decay=0.005) for d in (6, 3))
    >>> noise_rate(wide), round(noise_rate(tight), 6)
    (0.01, 0.028719)
    """
    (w, h), K, n = config.decays, config.classes, config.per_class
    tau = math.sqrt(n * w * h) / (1.0 if config.loss_reduction == "mean" else config.label_count)
    if config.loss != RunConfig.loss or not config.simplex_is_ideal or K < 3 or n < 2 or not 0.0 < tau < 1.0 / K:
        return 0.0
    return 2.0 * h if config.dimension > K - 1 else 2.0 * h * (1.0 + math.log(1.0 / tau - K + 1.0) / K)


def _exponentials(run: Trajectory, frames: Shaped[Labels, "F"], rate: float) -> list[Law]:
    """The law of the spread inside the classes, as far back as the curve follows it."""
    curve = CURVES[NOISE].of(run)[frames]
    seen = np.flatnonzero(curve > LEAST)
    t = np.exp(np.minimum(run.log_time[frames], LARGEST_LOG))
    if len(seen) == 0 or seen[-1] + 1 != len(seen):
        return []
    law = curve[seen[-1]] * np.exp(-rate * (t[seen] - t[seen[-1]]))
    since = _followed(curve[seen], law)
    return [Law(NOISE, 0.0, seen[since:], law[since:], rate)] if law[since] >= DEEP_ENOUGH * law[-1] else []


def _followed(curve: Array, law: Array) -> int:
    """Returns the frame from which a curve stays within FOLLOWED of a law, to the end, where they meet."""
    off = ~(np.abs(curve / law - 1.0) <= FOLLOWED)
    return int(np.flatnonzero(off)[-1]) + 1 if off.any() else 0
