"""The curves beside the stage: which quantities, in which panels, with which words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, Protocol

import numpy as np

from ulpm_core.analysis.rates import PREDICTED, honest_from, predicted_slope
from ulpm_core.dynamics.trajectory import Outcome, Trajectory
from ulpm_core.model.losses import Array


class Measured(Protocol):
    """The source of curves: a trajectory, or the recording of a network."""

    @property
    def metrics(self) -> Mapping[str, Array]: ...
    @property
    def log_loss(self) -> Array: ...


class Curve(NamedTuple):
    """One curve: `values` reads it from what was measured, (T,); `on` says which line style it gets."""

    name: str
    label: str
    definition: str
    scale: str
    on: str
    values: Callable[[Measured], Array]

    def header(self) -> dict[str, str]:
        return {key: value for key, value in self._asdict().items() if key != "values"}


class Panel(NamedTuple):
    """One panel of a set: "run" beside every film, the others only beside a flow."""

    set: str
    title: str
    curves: tuple[str, ...]


def _metric(name: str) -> Callable[[Measured], Array]:
    return lambda run: run.metrics[name]


def _norm(block: str) -> Callable[[Measured], Array]:
    return lambda run: np.linalg.norm(getattr(run, block), axis=(-2, -1))


def _curve(name: str, label: str, definition: str, on: str) -> Curve:
    return Curve(name, label, definition, "log", on, _metric(name))


CURVES: Final = {
    curve.name: curve
    for curve in (
        Curve("loss", "L", "Cross-entropy L, in nats.", "log", "run", lambda run: np.exp(run.log_loss)),
        Curve("minus_log_loss", "−log L", "−log L, which outlasts L itself.", "log", "run", lambda run: -run.log_loss),
        _curve(
            "nc1_trace_ratio",
            "within / between",
            "Tr Σ_W / Tr Σ_B: spread inside the classes over spread between them, centred.",
            "features",
        ),
        _curve(
            "nc1_trace_ratio_uncentred",
            "within / between",
            "Tr Σ_W / Tr Σ_B with Σ_B from the class means as they are.",
            "features",
        ),
        _curve(
            "nc2_angles",
            "class means",
            "Mean over pairs of |cos + 1/(K−1)| between centred class means; 0 at the ideal.",
            "features",
        ),
        _curve("nc2_angles_w", "classifiers", "The same between centred classifiers w_k.", "classifiers"),
        _curve("nc2_angles_w_uncentred", "classifiers", "The same between classifiers as they are.", "classifiers"),
        _curve(
            "nc2_norms",
            "class means",
            "Standard deviation over mean of the lengths of centred class means (divisor K).",
            "features",
        ),
        _curve("nc2_norms_w", "classifiers", "The same for centred classifiers w_k.", "classifiers"),
        _curve("nc2_norms_w_uncentred", "classifiers", "The same for classifiers as they are.", "classifiers"),
        _curve(
            "nc3",
            "W against means",
            "‖W/‖W‖ − M/‖M‖‖ with W the centred classifiers and M the centred class means.",
            "run",
        ),
        _curve("nc3_uncentred", "W against means", "‖W/‖W‖ − M/‖M‖‖ with W and M as they are.", "run"),
        Curve(
            "gamma",
            "γ",
            "γ = 2(K−1)√n · smallest margin / (‖W‖² + ‖H‖²); at most 1, and 1 only at the collapsed simplex.",
            "linear",
            "run",
            _metric("gamma"),
        ),
        Curve("norm_h", "‖H‖", "Frobenius norm of the features H.", "log", "features", _norm("H")),
        Curve("norm_w", "‖W‖", "Frobenius norm of the classifiers W.", "log", "classifiers", _norm("W")),
        Curve(
            "gamma_gap", "1 − γ", "What γ lacks of its bound 1.", "log", "run", lambda run: 1.0 - run.metrics["gamma"]
        ),
        _curve(
            "kkt_stationarity",
            "stationarity",
            "‖θ − Σ λ ∇margin‖ / ‖θ‖ with θ scaled to smallest margin 1 and λ read off the loss: the sine of the angle"
            " between θ and −∇L.",
            "run",
        ),
        _curve(
            "kkt_complementarity",
            "complementarity",
            "Σ λ (margin − 1) / Σ λ: multipliers must rest on the smallest margins.",
            "classifiers",
        ),
        _curve(
            "duality_gap",
            "gap",
            "Objective over dual bound, minus 1: the run's own proof of how far from optimal it can be at most.",
            "run",
        ),
        _curve("objective", "objective", "(‖W‖² + ‖H‖²)/2 once the smallest margin is scaled to 1.", "run"),
        _curve(
            "dual_bound",
            "lower bound",
            "Σ λ once ‖A(λ)‖ is scaled to 1: no W, H with margins of 1 can have a smaller objective.",
            "classifiers",
        ),
    )
}

PANELS: Final = (
    Panel("run", "Loss", ("loss",)),
    Panel("run", "NC1 · clusters tighten", ("nc1_trace_ratio",)),
    Panel("run", "NC2 · angles even out", ("nc2_angles", "nc2_angles_w")),
    Panel("run", "NC2 · lengths even out", ("nc2_norms", "nc2_norms_w")),
    Panel("run", "NC3 · classifiers align", ("nc3",)),
    Panel("run", "Margin against its bound", ("gamma",)),
    Panel("run", "Norms grow", ("norm_h", "norm_w")),
    Panel("figure-2", "(a) lengths vary", ("nc2_norms", "nc2_norms_w")),
    Panel("figure-2", "(b) variation within classes", ("nc1_trace_ratio",)),
    Panel("figure-2", "(c) cosines off the ideal", ("nc2_angles", "nc2_angles_w")),
    Panel("figure-2", "(d) distance to self-duality", ("nc3",)),
    Panel("figure-2-uncentred", "(a) lengths vary", ("nc2_norms_w_uncentred",)),
    Panel("figure-2-uncentred", "(b) variation within classes", ("nc1_trace_ratio_uncentred",)),
    Panel("figure-2-uncentred", "(c) cosines off the ideal", ("nc2_angles_w_uncentred",)),
    Panel("figure-2-uncentred", "(d) distance to self-duality", ("nc3_uncentred",)),
    Panel("theorem", "Margin γ against its bound 1", ("gamma",)),
    Panel("theorem", "1 − γ, what the margin lacks", ("gamma_gap",)),
    Panel("theorem", "KKT residual", ("kkt_stationarity", "kkt_complementarity")),
    Panel("theorem", "Duality gap", ("duality_gap",)),
    Panel("theorem", "Objective and its bound", ("objective", "dual_bound")),
)
LEAST: Final = 1e-12
"""A curve that ends below this shows rounding: no law is drawn through it."""
NO_IDEAL: Final = {
    "NC2 · angles even out": "NC2 · angles: no ideal fits",
    "(c) cosines off the ideal": "(c) cosines: no ideal fits",
}
"""Titles of panels where no simplex fits."""
FLOW_LOSS: Final = Panel("run", "Loss, as −log L", ("minus_log_loss",))


ANGLES: Final = ("nc2_angles", "nc2_angles_w", "nc2_angles_w_uncentred")
"""The curves that measure from the angles of a simplex."""


def panels(run: Trajectory) -> list[Panel]:
    """The panels whose curves this run has. Of a flow the loss itself soon leaves float64; where no simplex fits, the
    titles say that angles are measured from one that cannot be.
    """
    shown = [panel for panel in PANELS if panel.set == "run" or run.config.flows]
    if run.config.flows:
        shown = [FLOW_LOSS if panel.curves == ("loss",) else panel for panel in shown]
    if not run.config.simplex_fits:
        shown = [p._replace(title=NO_IDEAL.get(p.title, p.title)) for p in shown]
    return shown


def defined(curve: Curve, classes: int, dimension: int) -> Curve:
    """Completes a curve's definition with the reason why it cannot reach 0 where no simplex fits."""
    K, d = classes, dimension
    if d >= K - 1 or curve.name not in ANGLES:
        return curve
    why = f" No {K} directions in {d} dimension{'s' * (d > 1)} have such cosines, so it cannot reach 0 here."
    return curve._replace(definition=curve.definition + why)


FOLLOWED: Final = 0.1
"""A curve follows a law while it is within so much of it, as a share."""
LONG_ENOUGH: Final = 1.6
"""A law is seen only where log t grows by this factor while it holds: one of slope -1 falls by a third there."""


def guides(run: Trajectory, frames: np.ndarray) -> list[dict[str, Any]]:
    """Dashed lines c (log t)^slope with the predicted slope, through the end of a curve, as far back as it follows:
    a law is drawn where it holds, and of a curve that goes another way none is.
    """
    log_t = run.log_time[frames]
    flows, end = run.config.flows, float(log_t[-1])
    slow = run.config.method != "normalised-gradient-descent" and run.config.simplex_fits
    if run.outcome is not Outcome.DONE or not slow or end < math.log(10.0):
        return []
    names = [name for name in PREDICTED if name in CURVES] if flows else ["nc2_angles"]
    late = np.flatnonzero(
        log_t >= (max(end / math.e**2, min(end / math.e, honest_from(run.config.classes))) if flows else end / 2)
    )
    lines = []
    for name in names:
        slope = predicted_slope(name, run.config.classes, run.config.dimension)
        curve = CURVES[name].values(run)[frames]
        if slope is None or not curve[-1] > LEAST:
            continue
        law = curve[-1] * (log_t[late] / end) ** slope
        held = late[_followed(curve[late], law) :]
        if log_t[held[0]] * LONG_ENOUGH <= end:
            label = f"slope {slope:g}".replace("-", "−") if flows else "1/log t"
            lines.append(
                {"curve": name, "label": label, "x_frames": held.tolist(), "y": law[len(law) - len(held) :].tolist()}
            )
    return lines


def _followed(curve: Array, law: Array) -> int:
    """Returns the frame from which a curve stays within FOLLOWED of a law, to the end, where they meet."""
    off = ~(np.abs(curve / law - 1.0) <= FOLLOWED)
    return int(np.flatnonzero(off)[-1]) + 1 if off.any() else 0
