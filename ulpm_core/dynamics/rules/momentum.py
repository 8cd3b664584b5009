"""Heavy-ball momentum: v <- beta v + g, theta <- theta - learning_rate v (Polyak 1964), v = 0 at the start."""

from __future__ import annotations

from ulpm_core.dynamics.jit import njit


@njit(nogil=True, cache=True, inline="always")
def step(theta, velocity, gradient, scale, learning_rate, beta):  # type: ignore[no-untyped-def]
    """One update in place of one block and its velocity; the gradient is `scale` times the given array."""
    rate, kept, share = theta.dtype.type(learning_rate), theta.dtype.type(beta), theta.dtype.type(scale)
    for r in range(theta.shape[0]):
        for i in range(theta.shape[1]):
            velocity[r, i] = kept * velocity[r, i] + share * gradient[r, i]
            theta[r, i] -= rate * velocity[r, i]
