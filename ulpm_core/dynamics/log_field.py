"""The vector field of the flow: -grad log L, in which nothing under- or overflows, at any margin (THEORY.md 6.5)."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from numba import njit

from ulpm_core.dynamics.residual import logit_gaps, residual
from ulpm_core.model.losses import Array

SQUARE: Final = 1e-280
"""Sums of squares above it, and below its inverse, have neither under- nor overflowed."""


class Work(NamedTuple):
    """Room for one evaluation: gaps (K, N), and worst, total, own (N,)."""

    gaps: Array
    worst: Array
    total: Array
    own: Array

    @classmethod
    def of(cls, classes: int, samples: int) -> Work:
        return cls(np.empty((classes, samples)), np.empty(samples), np.empty(samples), np.empty(samples))


@njit(nogil=True, cache=True)
def norm(vector):  # type: ignore[no-untyped-def]
    """Euclidean norm, also where squares leave float64."""
    total = 0.0
    for i in range(vector.size):
        total += vector[i] * vector[i]
    if SQUARE < total < 1.0 / SQUARE:
        return math.sqrt(total)
    largest = np.abs(vector).max()
    if not 0.0 < largest < np.inf:
        return largest
    return largest * math.sqrt(((vector / largest) ** 2).sum())


@njit(nogil=True, cache=True, error_model="numpy")
def log_field(theta, d, work, out):  # type: ignore[no-untyped-def]
    """out (P,) = -grad log L at theta = (W^T row by row, H row by row), P = d (K + N). Returns log L of the sum.

    grad log L = (G H^T, W^T G) / L is homogeneous: it grows like ||theta|| however small L is. Where all margins
    exceed 40, L = e^m sum_i S_i e^-m with m the largest gap; else L = sum_i log1p(S_i), with no subtraction.
    Where theta is no number, as a trial step may leave it, neither is the answer.
    """
    K, N = work.gaps.shape
    n = N // K
    Wt, H = theta[: d * K].reshape(d, K), theta[d * K :].reshape(d, N)
    out_Wt, out_H = out[: d * K].reshape(d, K), out[d * K :].reshape(d, N)
    largest, _ = logit_gaps(Wt, H, n, work.gaps, work.worst)
    log_scale = residual(work.gaps, work.worst, n, largest, work.total, work.own)
    loss = 0.0
    for i in range(N):
        if log_scale != 0.0:
            loss += work.total[i]
        elif work.worst[i] == 0.0:
            loss += math.log1p(work.total[i])
        else:
            loss += work.worst[i] - math.log(work.own[i])
    np.dot(H, work.gaps.T, out_Wt)
    np.dot(Wt, work.gaps, out_H)
    for i in range(out.size):
        out[i] /= -loss
    return log_scale + math.log(loss)
