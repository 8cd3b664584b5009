"""Heavy-ball momentum: v <- beta v + g, theta <- theta - learning_rate v (Polyak 1964), v = 0 at the start."""

from __future__ import annotations

from numba import njit


@njit(nogil=True, cache=True, inline="always")
def step(theta, velocity, gradient, scale, learning_rate, beta):  # type: ignore[no-untyped-def]
    """One update in place of one block and its velocity; the gradient is `scale` times the given array."""
    for r in range(theta.shape[0]):
        for i in range(theta.shape[1]):
            velocity[r, i] = beta * velocity[r, i] + scale * gradient[r, i]
            theta[r, i] -= learning_rate * velocity[r, i]
