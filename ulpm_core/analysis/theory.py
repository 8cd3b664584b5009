"""The theory beside a flow's run: slopes, the KKT residual, the proved bound, the invariant."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.analysis.optimum import Known, best_known
from ulpm_core.analysis.rates import Rate, rates, short_window_trap
from ulpm_core.analysis.separation import LOG_THRESHOLD, largest_decrease
from ulpm_core.dynamics.trajectory import HandOver, Trajectory
from ulpm_core.model.shapes import Array, Shaped

FIGURES: Final = (
    *("gamma", "kkt_stationarity", "kkt_feasibility", "kkt_complementarity", "kkt_signs", "duality_gap"),
    *("objective", "dual_bound"),
)


class Theory(NamedTuple):
    """Fitted slopes of the metrics; what a short window would have claimed, if that is wrong; the theorem's figures of
    the end state and `smoothed_margin_decrease`, the most that the smoothed margin ever fell below log 2; the optimum
    as far as known; the drift of W^T W - H H^T, and what rounding alone makes of it; what the flow cost, and where it
    took over.
    """

    rates: list[Rate]
    trap: str
    theorem: Mapping[str, float]
    optimum: Known
    drift: float
    drift_rounding: float
    right_hand_sides: int
    hand_over: HandOver | None


def theory(run: Trajectory) -> Theory:
    """The theory beside a measured run that ends in a flow; NaN is what is not defined."""
    terminal = run.metrics["smoothed_margin"][log_sum_loss(run) < LOG_THRESHOLD]
    figures = {name: float(run.metrics[name][-1]) for name in FIGURES}
    return Theory(
        rates=rates(run),
        trap=short_window_trap(run) if run.hand_over is None else "",
        theorem=figures | {"smoothed_margin_decrease": largest_decrease(terminal)},
        optimum=best_known(run.config.sizes, run.config.dimension),
        drift=drift(run),
        drift_rounding=_drift_rounding(run),
        right_hand_sides=run.right_hand_sides,
        hand_over=run.hand_over,
    )


def log_sum_loss(run: Trajectory) -> Shaped[Array, "T"]:
    """log of the loss summed over samples, which the theorem's log 2 is about; also of a run on the mean."""
    return run.log_loss + (math.log(run.config.label_count) if run.config.loss_reduction == "mean" else 0.0)


def drift(run: Trajectory) -> float:
    """Returns the change of W^T W - H H^T since the flow began, relative to its size there; NaN if that is 0."""
    first = 0 if run.hand_over is None else run.hand_over.frame
    C = [run.W[i].T @ run.W[i] - run.H[i] @ run.H[i].T for i in (first, -1)]
    size = float(np.linalg.norm(C[0]))
    return float(np.linalg.norm(C[1] - C[0])) / size if size > 0.0 else math.nan


def _drift_rounding(run: Trajectory) -> float:
    """Returns what rounding alone makes of the drift: an ulp of what is subtracted, over the size of what is left."""
    first = 0 if run.hand_over is None else run.hand_over.frame
    squares = [float((run.W[i] ** 2).sum() + (run.H[i] ** 2).sum()) for i in (first, -1)]
    size = float(np.linalg.norm(run.W[first].T @ run.W[first] - run.H[first] @ run.H[first].T))
    return float(np.finfo(np.float64).eps) * sum(squares) / size if size > 0.0 else math.nan
