"""One step of RKC2, the second-order Runge-Kutta-Chebyshev method, on d theta/ds = -grad log L, and its spectrum.

Sommeijer, Shampine, Verwer, "RKC: an explicit solver for parabolic PDEs", J. Comput. Appl. Math. 88 (1998): with m
stages it is stable up to h |eigenvalue| = 0.65 m^2, so the cost of a step grows only like the square root of its
length. The spectrum must be real: it is, the field being a gradient.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ulpm_core.dynamics.flow.log_field import downhill, norm
from ulpm_core.dynamics.jit import njit

DAMPING: Final = 2.0 / 13.0
POWER_ITERATIONS: Final = 12
NUDGE: Final = 0.01
"""Length of the difference quotients of the power iteration, relative to 1/||theta||, or to a smaller ||theta||: about
the most that a margin may change along them. Where margins turn over within 1 of 0, longer ones see too little of the
curvature; at margins of 10^8 shorter ones drown in rounding. Two digits of the spectrum are enough."""


def stages_for(stiffness: float) -> int:
    """The fewest stages, at least 2, that are stable at h |eigenvalue| = stiffness.

    >>> stages_for(1.0), stages_for(100.0)
    (2, 13)
    """
    return max(2, 1 + int(math.sqrt(1.0 + 1.54 * stiffness)))


@njit(nogil=True, cache=True)
def step(theta, f, h, m, d, work, new, f_new):  # type: ignore[no-untyped-def]
    """From theta (P,), where the field is f, to `new`, where it is f_new. Returns the error's norm and log L at new.

    With Chebyshev polynomials T_j at w0 = 1 + damping/m^2, w1 = T_m'/T_m'', b_j = T_j''/T_j'^2, a_j = 1 - b_j T_j:
    Y_j = (1 - mu - nu) Y_0 + mu Y_{j-1} + nu Y_{j-2} + mu' h F_{j-1} + g' h F_0,
    mu = 2 b_j w0/b_{j-1}, nu = -b_j/b_{j-2}, mu' = 2 b_j w1/b_{j-1}, g' = -a_{j-1} mu'.
    """
    w0 = 1.0 + DAMPING / (m * m)
    T0, T1, D0, D1, S0, S1 = 1.0, w0, 0.0, 1.0, 0.0, 0.0
    for _ in range(2, m + 1):
        T0, T1, D0, D1, S0, S1 = T1, 2 * w0 * T1 - T0, D1, 2 * w0 * D1 - D0 + 2 * T1, S1, 2 * w0 * S1 - S0 + 4 * D1
    w1 = D1 / S1
    b0 = b1 = 1.0 / (4.0 * w0 * w0)
    a1 = 1.0 - b1 * w0
    before, last, now, F = theta.copy(), np.empty_like(theta), np.empty_like(theta), np.empty_like(theta)
    for i in range(theta.size):
        last[i] = theta[i] + b1 * w1 * h * f[i]
    T0, T1, D0, D1, S0, S1 = 1.0, w0, 0.0, 1.0, 0.0, 0.0
    for _ in range(2, m + 1):
        T0, T1, D0, D1, S0, S1 = T1, 2 * w0 * T1 - T0, D1, 2 * w0 * D1 - D0 + 2 * T1, S1, 2 * w0 * S1 - S0 + 4 * D1
        b = S1 / (D1 * D1)
        mu, nu, mu_F = 2.0 * b * w0 / b1, -b / b0, 2.0 * b * w1 / b1
        downhill(last, d, work, F)
        for i in range(theta.size):
            now[i] = (1.0 - mu - nu) * theta[i] + mu * last[i] + nu * before[i] + h * mu_F * (F[i] - a1 * f[i])
        before, last, now = last, now, before
        b0, b1, a1 = b1, b, 1.0 - b * T1
    for i in range(theta.size):
        new[i] = last[i]
    log_loss = downhill(new, d, work, f_new)
    for i in range(theta.size):
        F[i] = 0.8 * (theta[i] - new[i]) + 0.4 * h * (f[i] + f_new[i])
    error = norm(F)
    return error if math.isfinite(error) else math.inf, log_loss


@njit(nogil=True, cache=True)
def spectral_radius(theta, f, d, work):  # type: ignore[no-untyped-def]
    """The largest |eigenvalue| of the field's derivative at theta, by power iteration on difference quotients."""
    direction, trial, moved = np.empty_like(theta), np.empty_like(theta), np.empty_like(theta)
    for i in range(theta.size):
        direction[i] = math.cos(1.0 + 7.0 * i)  # no symmetry of the problem: some of every eigenvector is in it
    size = norm(theta)
    radius, length = 0.0, NUDGE / size if size > 1.0 else NUDGE * size
    for _ in range(POWER_ITERATIONS):
        share = length / norm(direction)
        for i in range(theta.size):
            trial[i] = theta[i] + share * direction[i]
        downhill(trial, d, work, moved)
        for i in range(theta.size):
            direction[i] = moved[i] - f[i]
        radius = norm(direction) / length
        if radius == 0.0:
            break
    return radius
