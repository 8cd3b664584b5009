"""Slopes of the collapse metrics on (log log t, log y) axes, fitted beside predicted: y = C (log t)^slope.

Along the flow rho = ||theta|| grows like sqrt(log t). What is conserved (sum_k w_k, W^T W - H H^T) or frozen (noise
outside the classifiers' span) shrinks only relative to rho; everything else falls like a power of t, and until it
has fallen it sets the slope. So a fit is shown only where the laws can be seen. docs/theory.md 5.5, 5.6 and 5.7.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ulpm_core.analysis.curves import CURVES
from ulpm_core.dynamics.trajectory import Trajectory
from ulpm_core.model.number_words import written
from ulpm_core.model.shapes import Array, Shaped

PREDICTED: Final[Mapping[str, float]] = {
    "nc1_trace_ratio": -1.0,
    "nc1": -3.0,
    "nc2_norms": -1.0,
    "nc2_norms_w": -1.0,
    "nc2_norms_w_uncentred": -0.5,
    "nc2_angles": -1.0,
    "nc2_angles_w": -1.0,
    "nc2_angles_w_uncentred": -0.5,
    "nc3": -1.0,
    "nc3_uncentred": -0.5,
    "gamma_gap": -1.0,
}
"""Slopes for K >= 3 and d >= K by metric; `gamma_gap` is 1 - gamma. Relative size rho^-2 has slope -1."""

SETTLED: Final = 1e-6
"""A transient this small is far below the logarithmic tails, which from starts of scale 0.3 are then above 1e-4."""
FLOOR: Final = 1e-13
"""Values below a thousand roundings are not fitted; for squares, FLOOR^2."""
SQUARES: Final = ("nc1", "nc1_trace_ratio")
FEWEST: Final = 8
"""Points below which a least-squares slope says little."""
SHORT: Final = (math.log(1e2), math.log(1e8))
"""log t of a run that a person would call long."""
WIDE_FROM: Final = 100.0
RELATIVE: Final = 1e-12
"""Values of curves are right to this share of themselves, and to the floor of their curve."""
AGREES: Final = 0.05
"""Slopes this near to each other are the same: what is left of the laws' corrections at log t = 1000, see `rates`."""


def _no_law(name: str, classes: int, dimension: int) -> str:
    """Says why the metric follows no power of log t; empty where it does."""
    K, d = classes, dimension
    if d < K - 1:
        return f"No law is known where {K} classes share {d} dimension{'s' * (d > 1)}."
    if K == 2 and name in ("nc2_norms", "nc2_norms_w", "nc2_angles", "nc2_angles_w"):
        return "Two centred vectors are opposite and equally long at all times: nothing to close."
    if K == 2 and d == 1 and name in ("nc3", "nc2_angles_w_uncentred"):
        return "On a line two classes have one shape: nothing to close."
    if d == K - 1 and name in ("nc1", "nc1_trace_ratio"):
        power = f"1/{K}" if K > 2 else "1"
        return f"With d = K − 1 no noise is frozen outside the span: a power t^(−{power}), not a power of log t."
    return ""


def predicted_slope(name: str, classes: int, dimension: int) -> float | None:
    """The slope of a metric of PREDICTED, None where it follows no power of log t.

    For K = 2 the uncentred angle is second order in the conserved sum_k w_k: -1, not -1/2.

    >>> predicted_slope("nc1", 4, 4), predicted_slope("nc1", 4, 3), predicted_slope("nc2_angles", 4, 2)
    (-3.0, None, None)
    """
    if _no_law(name, classes, dimension):
        return None
    return -1.0 if classes == 2 and name == "nc2_angles_w_uncentred" else PREDICTED[name]


def honest_from(classes: int) -> float:
    """log t at which the slowest transient t^-e has fallen to SETTLED: log(1/SETTLED) / e.

    Class-level modes have e = (1 - sqrt(1 - 2/K))/2, within-class modes e = 1/(2K), which is smaller; for K = 2 the
    latter have multiplicity K(n-1)(K-2) = 0 and e = 1/2.

    >>> [round(honest_from(K), 1) for K in (2, 3, 4, 10)]
    [27.6, 82.9, 110.5, 276.3]
    """
    exponent = 1.0 / (2.0 * classes) if classes > 2 else 0.5
    return -math.log(SETTLED) / exponent


def fit_slope(
    log_time: Shaped[Array, "T"], values: Shaped[Array, "T"], window: tuple[float, float], floor: float = FLOOR
) -> float:
    """Least-squares slope of log y against log log t for log t >= 1 in the window and y above the floor.

    NaN for fewer than 8 points.

    >>> log_time = np.linspace(100.0, 1000.0, 10)
    >>> round(fit_slope(log_time, 7.0 / log_time, (100.0, 1000.0)), 12)
    -1.0
    """
    kept = _kept(log_time, values, window, floor)
    if kept.sum() < FEWEST:
        return math.nan
    return float(np.polyfit(np.log(log_time[kept]), np.log(values[kept]), 1)[0])


def _kept(log_time: Array, values: Array, window: tuple[float, float], floor: float) -> NDArray[np.bool_]:
    """Which values are fitted."""
    low, high = window
    return (log_time >= max(low, 1.0)) & (log_time <= high) & np.isfinite(values) & (values > floor)


def _law(run: Trajectory, name: str) -> tuple[float | None, str]:
    """The predicted slope of a run's metric, and why there is none."""
    K, d = run.W.shape[1:]
    if run.config.class_sizes:
        return None, "No law is known where class sizes differ."
    return predicted_slope(name, K, d), _no_law(name, K, d)


class Rate(NamedTuple):
    """A metric's fitted slope, NaN where undecided or there is no law; the window is in log t; `why` is a sentence;
    beside it the slope from log t = 100 on, :func:`wide_slope`, and by how much rounding can move either at most.
    """

    name: str
    slope: float
    predicted: float | None
    window: tuple[float, float] | None
    why: str
    wide_slope: float
    rounding: float


def floor_of_fit(name: str) -> float:
    """The size below which values of a metric are not fitted.

    >>> floor_of_fit("nc3"), floor_of_fit("nc1")
    (1e-13, 1e-26)
    """
    return FLOOR**2 if name in SQUARES else FLOOR


def _fit(run: Trajectory, name: str, window: tuple[float, float]) -> float:
    return fit_slope(run.log_time, CURVES[name].of(run), window, floor_of_fit(name))


def _rounding(run: Trajectory, name: str, windows: Sequence[tuple[float, float]]) -> float:
    """By how much rounding can move a slope over one of these windows at most: a least-squares slope is the sum of
    (x - mean x) log y / sum (x - mean x)^2, and log y is off by what y is off by over y; NaN for fewer than 8 values.
    """
    most, values = math.nan, CURVES[name].of(run)
    for window in windows:
        kept = _kept(run.log_time, values, window, floor_of_fit(name))
        if kept.sum() >= FEWEST:
            x = np.log(run.log_time[kept])
            x -= x.mean()
            off = np.maximum(RELATIVE, CURVES[name].floor / values[kept])
            most = np.fmax(most, float((np.abs(x) * off).sum() / (x @ x)))
    return float(most)


def wide_slope(run: Trajectory, name: str) -> float:
    """The slope from log t = 100 on (docs/theory.md 5.6); NaN where no law holds or the run ends before 300.

    Nearer to the start than the window of `rates`, so each correction of order 1/log t weighs more.
    """
    end = float(run.log_time[-1])
    return math.nan if _law(run, name)[0] is None or end < 3.0 * WIDE_FROM else _fit(run, name, (WIDE_FROM, end))


def _rate(run: Trajectory, name: str) -> Rate:
    predicted, why = _law(run, name)
    start, end = honest_from(run.config.classes), float(run.log_time[-1])
    wide, window = (WIDE_FROM, end), (end / math.e, end)
    undecided = Rate(name, math.nan, predicted, None, why, wide_slope(run, name), _rounding(run, name, [wide]))
    if predicted is None:
        return undecided
    if end < math.e * start:
        enough = math.ceil(math.e * start)
        words = f"Undecided: power-law transients last to t = e^{start:,.0f}; run to t = e^{enough:,}."
        return undecided._replace(why=words)
    slope = _fit(run, name, window)
    if math.isnan(slope):
        return undecided._replace(why=f"Undecided: fewer than {FEWEST} values recorded above rounding.")
    middle = math.sqrt(window[0] * window[1])
    halves = [_fit(run, name, half) for half in ((window[0], middle), (middle, window[1]))]
    why, rounding = _verdict(slope, predicted, window, halves), _rounding(run, name, [wide, window])
    return undecided._replace(slope=slope, window=window, why=why, rounding=rounding)


def _verdict(slope: float, predicted: float, window: tuple[float, float], halves: Sequence[float]) -> str:
    """Says what a fit is worth: whether its two halves agree, and whether it agrees with the law."""
    where, near = f"over t = e^{window[0]:,.0f} to e^{window[1]:,.0f}", AGREES * max(1.0, abs(predicted))
    first, second = (written(half, ".2f") for half in halves)
    if not abs(halves[0] - halves[1]) <= near:
        return f"Not settled {where}: {first} on its first half, {second} on its second."
    if abs(slope - predicted) > 2 * near:
        return f"Settled {where}, but off the law: what is left of this start or of a saddle still rules."
    return f"Fitted {where}."


def rates(run: Trajectory) -> list[Rate]:
    """One Rate for every metric of PREDICTED, fitted over the last factor e of log t, all of it past `honest_from`.

    Only the last factor e, because the laws' own corrections are of order 1/log t. Measured at log t = 1000, K = 3
    and 4, d >= K, starts of scale 0.3: every slope within 0.04 of its law (over log t = 100 to 1000, NC1 misses by
    0.07). Where what is conserved is tiny gamma_gap may still be on its way from its second order, slope -2.

    >>> from ulpm_core import RunConfig, simulate
    >>> run = simulate(RunConfig(classes=3, dimension=3, per_class=2, method="gradient-flow", log_time=1000))
    >>> found = {rate.name: rate for rate in rates(run)}
    >>> found["nc3"].predicted, abs(found["nc3"].slope + 1.0) < 0.1
    (-1.0, True)
    """
    return [_rate(run, name) for name in PREDICTED]


def short_window_trap(run: Trajectory) -> str:
    """Says which slope a fit of nc2_angles over t = 10^2 to 10^8 would give, where that is not the law; else empty."""
    predicted, _ = _law(run, "nc2_angles")
    if predicted is None or run.log_time[-1] < SHORT[1]:
        return ""
    slope = _fit(run, "nc2_angles", SHORT)
    if not abs(slope - predicted) > AGREES:
        return ""
    read, law = written(slope, ".2f"), written(predicted, ".0f")
    return (
        f"Over t = 10² to 10⁸ alone the angles of the class means would read {read}, not {law}: there transients set"
        " the slope, not the law."
    )
