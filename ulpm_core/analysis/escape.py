"""Leaving a saddle: how far a run has come, and when it should have come so far.

Seen from a saddle s, a state is theta = along (s/||s|| + epsilon dir) with a unit dir orthogonal to s: epsilon is the
tangent of the angle between them. Along a ray of stationary states, where theta' = lambda theta, a small epsilon dir
in the eigenspace of the least tangent eigenvalue -nu obeys epsilon' = nu epsilon, so

    d log epsilon / d log ||theta|| = nu / lambda,   tanh(mu/2) on the square (docs/theory.md 3.7).

While nu keeps its value, epsilon grows like e^(nu t); where it falls with the loss, as on every saddle that separates
its data, epsilon grows like a power of ||theta||, and ||theta||^2 like log t.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.analysis.landscape import log_loss_floor
from ulpm_core.analysis.spectrum import least_eigenvalue
from ulpm_core.analysis.verdict import ROUNDING
from ulpm_core.dynamics.trajectory import Trajectory
from ulpm_core.model.curvature import Curvature
from ulpm_core.model.losses.cross_entropy import log_cross_entropy
from ulpm_core.model.perturbation import parts
from ulpm_core.model.shapes import Array, Labels, Shaped
from ulpm_core.model.sphere import inner, norm, unit
from ulpm_core.model.state import State

ESCAPED: Final = 0.2
"""epsilon at which a saddle counts as left. Up to here the law for small epsilon holds: measured, for margins up to 2
and pushes up to 0.03, t within a tenth at the saddles that do not separate their data; log t within a fifth or 0.4 at
the square and the polygons. At margin 8 and push 0.1 t may be 1.6 times as late. Larger cross-polytopes are the
exception: along one direction they come to rest near epsilon = 0.25, and are slow from 0.1 on.
"""
STEP: Final = 0.025
"""Step of log ||theta|| along a ray; at half of it log t changes by less than a thousandth."""
FAR: Final = 1e9
"""log t at which an escape is given up: the most that a run can be asked for."""
FLAT: Final = 1e-10
"""nu over ||G||_op below which it is rounding: a square so near to the origin has mu = 2e-10."""
ROUNDED: Final = 1e-9
"""Share of ||G||_op by which two ways to the least curvature may differ."""
SMALL: Final = 1e-6
"""Gap below which the mean of e^a and e^b is that of a and b, to a gap squared."""
LOOKS: Final = 40
"""Most states of a run whose spectrum is found: 0.3 s at 400 unknowns."""
DENSE: Final = 400
"""Unknowns up to which so many are; beyond, as many as take the same time, which grows as the cube."""
FEWEST: Final = 8
"""Fewer looks than this would make a curve that is not there: then there are none."""


def distance(W: Shaped[Array, "T K d"], H: Shaped[Array, "T d N"], saddle: State) -> Shaped[Array, "T"]:
    """epsilon of each state from the saddle's ray, inf from a right angle on; at the origin the norm.

    >>> saddle = State(np.eye(2), np.zeros((2, 2)))
    >>> distance(3.0 * np.eye(2)[None], 1.5 * np.eye(2)[None], saddle)
    array([0.5])
    """
    X, V = centre = unit(saddle)
    if not X.any() and not V.any():
        return norm(W, H)
    along = inner(W, H, centre)
    across = norm(W - along[:, None, None] * X, H - along[:, None, None] * V)
    return np.where(along > 0.0, across / np.where(along > 0.0, along, 1.0), np.inf)


class Falling(NamedTuple):
    """epsilon of the parts of a state along ways down from a saddle: in the eigenspace of the least tangent eigenvalue,
    and in all of negative ones; and that eigenvalue over ||G||_op.
    """

    steepest: float
    down: float
    curvature: float


def falling(saddle: State, W: Shaped[Array, "K d"], H: Shaped[Array, "d N"]) -> Falling:
    """The parts of a state that grow, seen from a saddle."""
    form, centre = Curvature.at(saddle), unit(saddle)
    along = float(inner(W, H, centre))
    found = parts(form, (W - along * centre[0], H - along * centre[1]))
    least, size = _curvature(form)

    def below(value: float) -> float:
        lengths = [norm(*found.part(j)) for j in np.flatnonzero(found.values <= value).tolist()]
        return float(np.linalg.norm(lengths)) / (along or 1.0)

    return Falling(below(least + ROUNDED * size), below(-ROUNDED * size), least / size)


def escape_log_time(saddle: State, epsilon: float, reduction: str = "sum", level: float = ESCAPED) -> float:
    """log t at which a growing part of `epsilon` should have become `level`, along the saddle's ray; inf for never.

    By quadrature over log ||theta||: dt = d log ||theta|| / lambda and d log epsilon = nu dt, both with logarithmic
    means, which are exact for exponentials. From the origin, and wherever lambda has fallen below rounding, nu stays
    as it is: t = log(level / epsilon) / nu. It holds for small epsilon, on rays that are stationary all along: of the
    gallery only `merged-classes` changes its shape a little on the way.

    >>> round(escape_log_time(State(np.zeros((3, 2)), np.zeros((2, 30))), 1e-2), 6)  # log(log(20) / sqrt(10))
    -0.054104
    """
    if epsilon <= 0.0:
        return math.inf
    remaining, log_t, scale = math.log(level / epsilon), -math.inf, 1.0
    pull, nu, log_loss = _rates(saddle, reduction)
    while remaining > 0.0:
        if nu == 0.0 or log_t > FAR:
            return math.inf
        scale *= math.exp(STEP)
        next_pull, next_nu, next_log_loss = _rates(State(scale * saddle.W, scale * saddle.H), reduction)
        if min(pull, next_pull) / nu <= ROUNDING:
            return float(np.logaddexp(log_t, math.log(remaining / nu) - log_loss))
        slow, fast = math.log(nu / pull), math.log(next_nu / next_pull)
        growth = STEP * math.exp(log_mean(slow, fast))
        share = 1.0
        if growth > remaining:  # the last step ends where an exponential between its ends has grown so far
            part, gap = remaining / growth, fast - slow
            share = math.log1p(part * math.expm1(gap)) / gap if abs(gap) > SMALL else part
        log_t = add_step(log_t, -math.log(pull) - log_loss, -math.log(next_pull) - next_log_loss, STEP, share)
        remaining, pull, nu, log_loss = remaining - growth, next_pull, next_nu, next_log_loss
    return log_t


def _rates(state: State, reduction: str) -> tuple[float, float, float]:
    """lambda / L, nu / L and log L at a state."""
    form = Curvature.at(state)
    least, size = _curvature(form)
    log_loss = float(log_cross_entropy(state.W @ state.H, form.labels, reduction))
    return form.multiplier, -least if -least > FLAT * size else 0.0, log_loss


def add_step(log_t: float, begin: float, end: float, step: float, share: float) -> float:
    """log of t plus the integral of e^g over the first `share` of a step, on which g goes linearly from begin to end.

    >>> round(math.exp(add_step(-math.inf, 0.0, 2.0, 2.0, 0.5)), 6)  # e - 1, from 0 to 1
    1.718282
    """
    return float(np.logaddexp(log_t, math.log(step * share) + log_mean(begin, begin + share * (end - begin))))


def log_mean(a: float, b: float) -> float:
    """log of the logarithmic mean of e^a and e^b, the mean of an exponential between them.

    >>> round(math.exp(log_mean(0.0, 1.0)), 6)  # e - 1
    1.718282
    """
    gap = abs(a - b)
    return max(a, b) + (math.log(-math.expm1(-gap) / gap) if gap > SMALL else -gap / 2.0)


def arrival(log_time: Shaped[Array, "T"], distance: Shaped[Array, "T"], level: float = ESCAPED) -> float:
    """log t at which distance first reaches the level, log-linear between snapshots; NaN if it never does.

    >>> round(arrival(np.array([-np.inf, 1.0, 3.0]), np.array([1e-4, 1e-2, 1.0]), 0.1), 6)
    2.0
    """
    reached = np.flatnonzero(distance >= level)
    if not reached.size:
        return math.nan
    at = int(reached[0])
    if at == 0 or not np.isfinite(log_time[at - 1]):
        return float(log_time[at])
    rise = np.log(distance[[at - 1, at]])
    share = 1.0 if np.isinf(rise[1]) else float((math.log(level) - rise[0]) / (rise[1] - rise[0]))
    return float(log_time[at - 1] + share * (log_time[at] - log_time[at - 1]))


class Escape(NamedTuple):
    """A run seen from the saddle that it leaves; see :func:`escape`."""

    distance: Shaped[Array, "T"]
    above_floor: Shaped[Array, "T"]
    looks: Shaped[Labels, "looks"]
    least: Shaped[Array, "looks"]
    share: Shaped[Array, "looks"]
    falling: Falling
    predicted: float
    observed: float
    found: Mapping[tuple[int, float], tuple[float, float]]


def escape(run: Trajectory, saddle: State, before: Escape | None = None) -> Escape:
    """Measures how a run leaves a saddle.

    `distance` is epsilon from the saddle's ray; `above_floor` is log L - log L_floor(||theta||), 0 for the
    simplex and never below; `least` is the least tangent eigenvalue at the snapshots `looks`, evenly spread and fewer
    the larger the state, NaN where not known, and `share` the same over ||G||_op, which does not underflow: -1 where
    the gradient vanishes, 0 at the simplex. `falling` is of the first state. `predicted` and `observed` are log t at
    which the distance becomes ESCAPED, from the part along the steepest way down, and in the run: inf or NaN for never.
    `found` are least eigenvalue and ||G||_op, both over L, by step and log t: those that an earlier look `before` at
    the run found are not found again.
    """
    K, d, n = saddle.shape
    reduction = run.config.loss_reduction
    far = distance(run.W, run.H, saddle)
    falls = falling(saddle, run.W[0], run.H[0]) if before is None else before.falling
    looks = min(LOOKS, int(LOOKS * (DENSE / (d * K * (1 + n))) ** 3))
    looks = min(len(run), looks) if looks >= FEWEST else 0
    at = np.unique(np.linspace(0, len(run) - 1, looks).round().astype(np.int64))
    moments = {(int(run.step[i]), float(run.log_time[i])): i for i in at.tolist()}
    held = {} if before is None else before.found
    # First all forms, then their spectra: in turns they take a tenth longer, as each leaves the caches to the other.
    forms = {key: Curvature.at(State.reached(run.W[i], run.H[i])) for key, i in moments.items() if key not in held}
    found = {key: held.get(key) or _curvature(forms[key]) for key in moments}
    least, size = np.array([*found.values()]).reshape(-1, 2).T
    floor = log_loss_floor(norm(run.W, run.H), K, n, reduction)
    return Escape(
        distance=far,
        above_floor=run.log_loss - floor,
        looks=at,
        least=least * np.exp(run.log_loss[at]),
        share=least / size,
        falling=falls,
        predicted=escape_log_time(saddle, falls.steepest, reduction) if before is None else before.predicted,
        observed=arrival(run.log_time, far),
        found=found,
    )


def _curvature(form: Curvature) -> tuple[float, float]:
    """The least tangent eigenvalue and ||G||_op, both over L."""
    return float(least_eigenvalue(form)), float(np.linalg.norm(form.A, 2))
