"""The theorem in a flow's film: the slopes of the paper's figure, and how far the run is from a proof."""

from __future__ import annotations

import math
from typing import Any

from ulpm_core.analysis.theorem import Theorem
from ulpm_core.dynamics.trajectory import Trajectory


def theory(run: Trajectory, found: Theorem) -> dict[str, Any]:
    """Plain data for the header: `rates` (name, slope, wide_slope, predicted, window, why), `trap`, the `theorem`'s
    figures, the `optimum` as far as known.

    What is not defined is None.
    """
    return {
        "rates": [
            {
                **rate._asdict(),
                "slope": finite(rate.slope),
                "wide_slope": finite(wide),
                "window": rate.window and list(rate.window),
            }
            for rate, wide in found.rates
        ],
        "trap": found.trap,
        "theorem": {name: finite(value) for name, value in found.figures.items()},
        "optimum": found.optimum._asdict(),
        "drift": finite(found.drift),
        "right_hand_sides": run.right_hand_sides,
        "hand_over": None
        if run.hand_over is None
        else {**run.hand_over._asdict(), "error": finite(run.hand_over.error)},
    }


def finite(value: float) -> float | None:
    """The number, or None for what JSON cannot hold."""
    return float(value) if math.isfinite(value) else None
