"""Gradient descent: theta <- theta - learning_rate g, both blocks at once from the same gradient."""

from __future__ import annotations

from ulpm_core.dynamics.jit import njit


@njit(nogil=True, cache=True, inline="always")
def step(theta, gradient, learning_rate):  # type: ignore[no-untyped-def]
    """One update in place of one block, theta and gradient of one shape (rows, columns)."""
    rate = theta.dtype.type(learning_rate)
    for r in range(theta.shape[0]):
        for i in range(theta.shape[1]):
            theta[r, i] -= rate * gradient[r, i]
