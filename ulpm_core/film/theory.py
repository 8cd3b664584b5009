"""The theorem in a flow's film: the slopes of the paper's figure, and how far the run is from a proof."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ulpm_core.analysis.optimum import best_known
from ulpm_core.analysis.rates import rates, short_window_trap, wide_slope
from ulpm_core.analysis.separation import LOG_THRESHOLD, largest_decrease
from ulpm_core.dynamics.trajectory import Trajectory
from ulpm_core.model.losses import Array


def theory(run: Trajectory) -> dict[str, Any]:
    """Plain data for the header: `rates` (name, slope, wide_slope, predicted, window, why), `trap`, the `theorem`'s
    figures, the `optimum` as far as known.

    What is not defined is None.
    """
    known = best_known(run.config.sizes, run.config.dimension)
    terminal = run.smoothed_margin[log_sum_loss(run) < LOG_THRESHOLD]
    names = ("gamma", "kkt_stationarity", "kkt_feasibility", "kkt_complementarity", "kkt_signs", "duality_gap")
    figures = {name: float(run.metrics[name][-1]) for name in (*names, "objective", "dual_bound")}
    figures["smoothed_margin_decrease"] = largest_decrease(terminal)
    drift = _drift(run)
    return {
        "rates": [
            {
                **rate._asdict(),
                "slope": finite(rate.slope),
                "wide_slope": finite(wide_slope(run, rate.name)),
                "window": rate.window and list(rate.window),
            }
            for rate in rates(run)
        ],
        "trap": short_window_trap(run) if run.hand_over is None else "",
        "theorem": {name: finite(value) for name, value in figures.items()},
        "optimum": known._asdict(),
        "drift": finite(drift),
        "right_hand_sides": run.right_hand_sides,
        "hand_over": None
        if run.hand_over is None
        else {**run.hand_over._asdict(), "error": finite(run.hand_over.error)},
    }


def log_sum_loss(run: Trajectory) -> Array:
    """log of the loss summed over samples, (T,), which the theorem's log 2 is about; also of a run on the mean."""
    return run.log_loss + (math.log(run.config.label_count) if run.config.loss_reduction == "mean" else 0.0)


def _drift(run: Trajectory) -> float:
    """Returns the change of W^T W - H H^T since the flow began, relative to its size there; NaN if that is 0."""
    first = 0 if run.hand_over is None else run.hand_over.frame
    C = [run.W[i].T @ run.W[i] - run.H[i] @ run.H[i].T for i in (first, -1)]
    size = float(np.linalg.norm(C[0]))
    return float(np.linalg.norm(C[1] - C[0])) / size if size > 0.0 else math.nan


def finite(value: float) -> float | None:
    """The number, or None for what JSON cannot hold."""
    return float(value) if math.isfinite(value) else None
