"""Normalised gradient descent: theta <- theta - learning_rate g / ||g||, the joint Frobenius norm of both blocks.

Every step has length learning_rate, however small the gradient: the clock that plain descent loses is kept.
"""

from __future__ import annotations

import math

from ulpm_core.dynamics.jit import njit
from ulpm_core.dynamics.rules import gradient_descent


@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def sum_of_squares(block):  # type: ignore[no-untyped-def]
    """||block||_F^2."""
    total = 0.0
    for r in range(block.shape[0]):
        for i in range(block.shape[1]):
            total += block[r, i] * block[r, i]
    return total


@njit(nogil=True, cache=True)
def step(W, H, gradient_W, gradient_H, learning_rate):  # type: ignore[no-untyped-def]
    """One update in place of both blocks; returns ||g||. At a critical point, ||g|| = 0, nothing moves."""
    norm = math.sqrt(sum_of_squares(gradient_W) + sum_of_squares(gradient_H))
    if norm > 0.0:
        gradient_descent.step(W, gradient_W, learning_rate / norm)
        gradient_descent.step(H, gradient_H, learning_rate / norm)
    return norm
