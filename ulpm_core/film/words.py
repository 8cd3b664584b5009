"""What is said about a run: sentences written from its own numbers, and the caption that keeps the view honest."""

from __future__ import annotations

import math

import numpy as np

from ulpm_core.analysis.collapse import cosines
from ulpm_core.dynamics.trajectory import Outcome, Trajectory
from ulpm_core.model.config import RunConfig
from ulpm_core.model.losses import Array

METHOD_WORDS = {
    "gradient-descent": "Plain gradient descent",
    "momentum": "Momentum",
    "normalised-gradient-descent": "A step of fixed length",
}


def number(value: float) -> str:
    """A figure as people read it: 1,234 or 0.0123 or 3.2 × 10^-9.

    >>> number(1234567), number(0.01234), number(3.2e-9)
    ('1,234,567', '0.0123', '3.2 × 10⁻⁹')
    """
    if value == 0 or 1e-3 <= abs(value) < 999.5:
        return _minus(f"{value + 0.0:.3g}")
    if 999.5 <= abs(value) < 1e9:
        return _minus(f"{value:,.0f}")
    mantissa, exponent = f"{value:.1e}".split("e")
    superscript = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return _minus(f"{mantissa} × 10{superscript}")


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _dimensions(d: int) -> str:
    return "1 dimension" if d == 1 else f"{d} dimensions"


def title(config: RunConfig) -> str:
    """For example: 4 classes in 3 dimensions."""
    return f"{config.classes} classes in {_dimensions(config.dimension)}"


def caption(config: RunConfig, axes: int, hidden: float) -> str:
    """What the stage shows truly, and what it cannot show."""
    K, d, flat = config.classes, config.dimension, min(axes, 3)
    if not config.simplex_fits:
        room = f"{K} classes would need {_dimensions(K - 1)} and there {'is' if d == 1 else 'are'} {d}"
        words = f"No simplex fits: {room}, so there is no ideal frame."
        return words if d <= 3 else words + f" The stage shows {flat} of {d} dimensions."
    if K > 4:
        return (
            f"A shadow: the ideal spans {K - 1} dimensions and a screen shows {flat}. Equal angles look unequal here;"
            " the cosine matrix is exact."
        )
    if d <= 3:
        return "Exact: every dimension is on screen, so angles and lengths are true."
    if hidden < 1e-4:
        return f"The {flat} of {d} dimensions that hold the ideal frame; nothing visible lies outside them."
    return (
        f"{flat} of {d} dimensions, the ideal frame's own; {hidden:.1%} of the spread lies outside, and NC1 counts it."
    )


def angle_gap_degrees(centred_means: Array) -> float:
    """Mean distance in degrees of the angles between class means (K, d) from the ideal arccos(-1/(K-1)).

    >>> round(angle_gap_degrees(np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])), 2)  # the square, K = 4
    36.49
    """
    K = len(centred_means)
    off = cosines(centred_means)[~np.eye(K, dtype=bool)]
    return float(np.degrees(np.abs(np.arccos(np.clip(off, -1, 1)) - np.arccos(-1 / (K - 1)))).mean())


def sentences(run: Trajectory, error: Array, end_means: Array) -> list[str]:
    """Two or three sentences from the run's own numbers. `error` (T,) is the share of samples misclassified."""
    if run.outcome is Outcome.DIVERGED:
        return [
            run.stop_reason,
            "The film shows the steps up to there. Choose a smaller learning rate to see collapse.",
        ]
    said = [_separation(run, error)]
    if not np.isfinite(run.nc2_angles[-1]):
        return [
            *said,
            "The class means have no length here, so angles are not defined: the origin is a critical point.",
        ]
    if run.config.classes == 2:
        return [
            *said,
            "Two class means, seen from their midpoint, always point opposite ways: K = 2 has no angle to close.",
        ]
    return [*said, _angles(run, end_means), _pace(run)]


def _separation(run: Trajectory, error: Array) -> str:
    wrong = round(float(error[-1]) * run.config.label_count)
    if wrong:
        verb = "is" if wrong == 1 else "are"
        return (
            f"After {run.step[-1]:,} steps {wrong:,} of {run.config.label_count:,} samples {verb} still misclassified."
        )
    mistakes = np.flatnonzero(error > 0)
    if len(mistakes) == 0:
        return "Training error is zero from the start: every sample is on its own side."
    first, before = run.step[mistakes[-1] + 1], run.step[mistakes[-1]]
    when = f"at step {first:,}" if first == before + 1 else f"between steps {before:,} and {first:,}"
    return f"Training error reached zero {when}; everything after is the geometry settling."


def _angles(run: Trajectory, end_means: Array) -> str:
    K, gap = run.config.classes, float(run.nc2_angles[-1])
    ideal = math.degrees(math.acos(-1 / (K - 1)))
    if not run.config.simplex_fits:
        return (
            f"In {_dimensions(run.config.dimension)} no {K} directions can all be {ideal:.1f}° apart: cosines stay"
            f" {number(gap)} from −1/{K - 1} on average, and the classes share the room as well as they can."
        )
    degrees = angle_gap_degrees(end_means)
    return (
        f"At step {run.step[-1]:,} the angles between class means are still {number(degrees)}° from the ideal"
        f" {ideal:.1f}° on average (cosines {number(gap)} from −1/{K - 1})."
    )


def _pace(run: Trajectory) -> str:
    name = METHOD_WORDS[run.config.method]
    if run.config.method == "normalised-gradient-descent":
        return (
            f"{name} keeps moving where plain gradient descent crawls: this run reached t = {_power(run.log_time[-1])}."
        )
    log_t = float(run.log_time[-1])
    law = (
        f"{name} closes that gap only like 1/log t" if run.config.simplex_fits else f"{name} settles only like 1/log t"
    )
    if log_t <= math.log(10.0) or not run.config.simplex_fits:
        return law + "."
    steps = float(run.step[-1]) * math.exp(min(log_t, 600.0))
    return f"{law}: under that law halving it means squaring the time, about {number(steps)} steps."


def _power(log_value: float) -> str:
    return f"{math.exp(log_value):,.0f}" if log_value < math.log(1e6) else f"e^{log_value:,.0f}"
