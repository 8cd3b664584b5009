"""Logit gaps and the residual G = dL/dZ = P - Y, compiled: what every method of this folder computes at each step.

Layout: W transposed, (d, K), and H, (d, N): in every loop the innermost index runs over samples, which are
contiguous, so LLVM vectorises.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from ulpm_core.dynamics.exponential import exp_nonpositive

UNDERFLOW: Final = -40.0
"""When every margin exceeds 40, 1 + e^-40 is 1 in float64: the residual is then carried as a multiple of its largest
exponential, so that its direction survives where its size would leave float64."""
FAST: Final = {"reassoc", "contract", "arcp"}
"""Sums may be reordered and fused, which vectorises them; NaN and infinity keep their meaning."""


@njit(nogil=True, cache=True, fastmath=FAST)
def logit_gaps(Wt, H, n, gaps, worst):  # type: ignore[no-untyped-def]
    """gaps (K, N) = z_j - z_y, and worst (N) = its maximum over j != y. Returns max(worst), sum(max(worst, 0))."""
    K, N = gaps.shape
    np.dot(Wt.T, H, gaps)
    for i in range(N):
        worst[i] = -np.inf
    for c in range(K):
        for k in range(K):
            if k != c:
                for i in range(c * n, (c + 1) * n):
                    gaps[k, i] -= gaps[c, i]
                    worst[i] = max(worst[i], gaps[k, i])
    largest = -np.inf
    violation = 0.0
    for i in range(N):
        largest = max(largest, worst[i])
        violation += max(worst[i], 0.0)
    return largest, violation


@njit(nogil=True, cache=True, fastmath=FAST, error_model="numpy")
def residual(gaps, worst, n, largest, total, own):  # type: ignore[no-untyped-def]
    """Turns gaps into G = dL/dZ = P - Y (K, N), in place, up to a factor whose logarithm it returns.

    The entry of the true class is minus the sum of the others: exact also when it is tiny.
    Where gaps are no numbers nothing is raised: whoever asked rejects the state.
    """
    K, N = gaps.shape
    tiny = largest < UNDERFLOW
    for i in range(N):
        worst[i] = largest if tiny else max(worst[i], 0.0)
        own[i] = 1.0 if tiny else exp_nonpositive(-worst[i])
        total[i] = 0.0
    for k in range(K):
        for i in range(N):
            gaps[k, i] = exp_nonpositive(gaps[k, i] - worst[i])
        for i in range(k * n):
            total[i] += gaps[k, i]
        for i in range((k + 1) * n, N):
            total[i] += gaps[k, i]
    for i in range(N):
        own[i] = 1.0 if tiny else 1.0 / (own[i] + total[i])
    for k in range(K):
        for i in range(k * n, (k + 1) * n):
            gaps[k, i] = -total[i]
        for i in range(N):
            gaps[k, i] *= own[i]
    return largest if tiny else 0.0
