"""Computes the time that passes in a late step of the flow, and restores the invariant that none may change."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ulpm_core.dynamics.jit import njit

NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)
PANEL: Final = 1.5
"""Growth of the exponent over one quadrature panel: eight Gauss points integrate e^x over it to 1e-15."""
NEGLIGIBLE: Final = 45.0
"""e^-45 of the largest value adds nothing in float64."""
NO_SPREAD: Final = 1e-12
"""Directions with less than this share of the largest spread hold none of W or H, and need no correction."""


@njit(nogil=True, cache=True)
def hermite(x, h, y0, slope0, y1, slope1):  # type: ignore[no-untyped-def]
    """The cubic with these values and slopes at 0 and h."""
    u = x / h
    start = y0 * (1.0 + 2.0 * u) + slope0 * h * u
    end = y1 * (3.0 - 2.0 * u) - slope1 * h * (1.0 - u)
    return start * (1.0 - u) ** 2 + end * u * u


@njit(nogil=True, cache=True)
def log_time_passed(h, y0, slope0, y1, slope1):  # type: ignore[no-untyped-def]
    """log of integral_0^h e^y(s) ds for y = -log L, whose slope is ||grad log L||^2: time t = integral ds / L.

    y is the cubic through both ends of the step; from the end backwards, where nearly all of the integral lies.
    """
    total, right = 0.0, h
    steepest = max(slope0, slope1, abs(y1 - y0) / h)
    top = max(y0, y1)
    while right > 0.0:
        width = min(right, PANEL / steepest)
        for node in range(8):
            x = right - 0.5 * width * (1.0 - NODES[node])
            total += 0.5 * width * WEIGHTS[node] * math.exp(hermite(x, h, y0, slope0, y1, slope1) - top)
        right -= width
        if hermite(right, h, y0, slope0, y1, slope1) < top - NEGLIGIBLE:
            break
    return top + math.log(total)


@njit(nogil=True, cache=True)
def restore(theta, f, d, K, imbalance):  # type: ignore[no-untyped-def]
    """Moves theta, in place, back to W^T W - H H^T = `imbalance` (d, d), and turns its field f along with it.

    With Wc the centred classifiers, (Wc, H) -> (Wc (I + S), (I - S) H), S symmetric, keeps sum_k w_k and to first
    order every difference of logits, hence G; S solves S A + A S = imbalance - (W^T W - H H^T) with
    A = Wc^T Wc + H H^T, in the eigenbasis of A. The flow conserves the imbalance exactly (docs/theory.md 5.1), its
    steps only nearly, so this projects (Hairer, Lubich, Wanner, "Geometric Numerical Integration", IV.4).
    """
    Wt, H = theta[: d * K].reshape(d, K), theta[d * K :].reshape(d, -1)
    f_Wt, f_H = f[: d * K].reshape(d, K), f[d * K :].reshape(d, -1)
    centred = np.empty_like(Wt)
    for r in range(d):
        mean = Wt[r].sum() / K
        for k in range(K):
            centred[r, k] = Wt[r, k] - mean
    A, WW, HH = np.dot(centred, centred.T), np.dot(Wt, Wt.T), np.dot(H, H.T)
    lacking = np.empty_like(A)
    for i in range(d):
        for j in range(d):
            A[i, j] += HH[i, j]
            lacking[i, j] = imbalance[i, j] - WW[i, j] + HH[i, j]
    spread, Q = np.linalg.eigh(A)
    M = np.dot(np.dot(Q.T, lacking), Q)
    for i in range(d):
        for j in range(d):
            both = spread[i] + spread[j]
            M[i, j] = M[i, j] / both if both > NO_SPREAD * spread[-1] else 0.0
    S = np.dot(np.dot(Q, M), Q.T)
    _add(Wt, 1.0, np.dot(S, centred))
    _add(H, -1.0, np.dot(S, H))
    _add(f_Wt, -1.0, np.dot(S, f_Wt))
    _add(f_H, 1.0, np.dot(S, f_H))


@njit(nogil=True, cache=True)
def _add(to, sign, what):  # type: ignore[no-untyped-def]
    """Adds sign times a matrix to another, in place: loops compile in a tenth of the time of Numba's own sums."""
    for r in range(to.shape[0]):
        for i in range(to.shape[1]):
            to[r, i] += sign * what[r, i]
