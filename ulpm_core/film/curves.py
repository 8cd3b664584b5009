"""The curves beside the stage: which quantities, in which panel, with which words."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

from ulpm_core.dynamics.trajectory import Outcome, Trajectory
from ulpm_core.model.losses import Array


class Curve(NamedTuple):
    """One curve: `values` reads it from a trajectory, (T,); `on` says which line style it gets."""

    name: str
    group: str
    label: str
    definition: str
    scale: str
    on: str
    values: Callable[[Trajectory], Array]

    def header(self) -> dict[str, str]:
        return {key: value for key, value in self._asdict().items() if key != "values"}


def _metric(name: str) -> Callable[[Trajectory], Array]:
    return lambda run: run.metrics[name]


def _norm(block: str) -> Callable[[Trajectory], Array]:
    return lambda run: np.linalg.norm(getattr(run, block), axis=(-2, -1))


PANELS: Final = {
    "loss": "Loss",
    "nc1": "NC1 · clusters tighten",
    "nc2_angles": "NC2 · angles even out",
    "nc2_norms": "NC2 · lengths even out",
    "nc3": "NC3 · classifiers align",
    "margin": "Margin against its bound",
    "norms": "Norms grow",
}

CURVES: Final = (
    Curve("loss", "loss", "L", "Cross-entropy L, in nats.", "log", "run", lambda run: run.loss),
    Curve(
        "nc1_trace_ratio",
        "nc1",
        "within / between",
        "Tr Σ_W / Tr Σ_B: spread inside the classes over spread between them, centred.",
        "log",
        "features",
        _metric("nc1_trace_ratio"),
    ),
    Curve(
        "nc2_angles",
        "nc2_angles",
        "class means",
        "Mean over pairs of |cos + 1/(K−1)| between centred class means; 0 at the ideal.",
        "log",
        "features",
        _metric("nc2_angles"),
    ),
    Curve(
        "nc2_angles_w",
        "nc2_angles",
        "classifiers",
        "The same between centred classifiers w_k.",
        "log",
        "classifiers",
        _metric("nc2_angles_w"),
    ),
    Curve(
        "nc2_norms",
        "nc2_norms",
        "class means",
        "Standard deviation over mean of the lengths of centred class means (divisor K).",
        "log",
        "features",
        _metric("nc2_norms"),
    ),
    Curve(
        "nc2_norms_w",
        "nc2_norms",
        "classifiers",
        "The same for centred classifiers w_k.",
        "log",
        "classifiers",
        _metric("nc2_norms_w"),
    ),
    Curve(
        "nc3",
        "nc3",
        "W against means",
        "‖W/‖W‖ − M/‖M‖‖ with W the centred classifiers and M the centred class means.",
        "log",
        "run",
        _metric("nc3"),
    ),
    Curve(
        "gamma",
        "margin",
        "γ",
        "γ = 2(K−1)√n · smallest margin / (‖W‖² + ‖H‖²); at most 1, and 1 only at the collapsed simplex.",
        "linear",
        "run",
        _metric("gamma"),
    ),
    Curve("norm_h", "norms", "‖H‖", "Frobenius norm of the features H.", "log", "features", _norm("H")),
    Curve("norm_w", "norms", "‖W‖", "Frobenius norm of the classifiers W.", "log", "classifiers", _norm("W")),
)


def guides(run: Trajectory, frames: np.ndarray) -> list[dict[str, Any]]:
    """The dashed line c / log t through the end of the angle curve, over the second half of log time."""
    log_t, gap = run.log_time[frames], run.nc2_angles[frames]
    slow = run.config.method != "normalised-gradient-descent" and run.config.simplex_fits
    if run.outcome is not Outcome.DONE or not slow or log_t[-1] < math.log(10.0) or not gap[-1] > 0:
        return []
    late = np.flatnonzero(log_t >= log_t[-1] / 2)
    return [
        {
            "group": "nc2_angles",
            "label": "1/log t",
            "x_frames": late.tolist(),
            "y": (gap[-1] * log_t[-1] / log_t[late]).tolist(),
        }
    ]
