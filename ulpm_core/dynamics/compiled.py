"""The compiled engine: gradient steps of one run on one CPU core, by Numba, without the interpreter lock.

The layout is that of `residual`. The three matrix products go to BLAS at every size: measured here against plain
loops they take 0.4 against 2.9 microseconds at (K, d, n) = (4, 3, 30), 11 against 150 at (10, 16, 50).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numba import njit

from ulpm_core.dynamics import gradient_descent, momentum, normalised
from ulpm_core.dynamics.residual import logit_gaps, residual
from ulpm_core.model.config import RunConfig
from ulpm_core.model.losses import Array
from ulpm_core.model.state import State

RULES: Final = {"gradient-descent": 0, "momentum": 1, "normalised-gradient-descent": 2}


@njit(nogil=True, cache=True)
def advance(Wt, H, velocity_Wt, velocity_H, n, rule, learning_rate, beta, log_weight, limit, log_time, steps):  # type: ignore[no-untyped-def]
    """Takes `steps` steps in place. Returns how many were taken, whether all went well, and log_time after them.

    `log_weight` is 0 for the sum and -log N for the mean. It stops where sum_i max_j (z_j - z_y)_+ > limit: the
    loss is at least that sum, so the run has diverged; NaN counts as diverged. log_time is kept for the
    normalised rule only, whose step is learning_rate / ||g|| long in gradient-flow time.
    """
    d, K = Wt.shape
    N = H.shape[1]
    gaps, worst, total, own = np.empty((K, N)), np.empty(N), np.empty(N), np.empty(N)
    gradient_Wt, gradient_H = np.empty((d, K)), np.empty((d, N))
    for taken in range(steps + 1):
        largest, violation = logit_gaps(Wt, H, n, gaps, worst)
        if not violation <= limit:
            return taken, False, log_time
        if taken == steps:
            break
        log_scale = log_weight + residual(gaps, worst, n, largest, total, own)
        scale = math.exp(log_scale)
        np.dot(H, gaps.T, gradient_Wt)
        np.dot(Wt, gaps, gradient_H)
        if rule == 0:
            gradient_descent.step(Wt, gradient_Wt, learning_rate * scale)
            gradient_descent.step(H, gradient_H, learning_rate * scale)
        elif rule == 1:
            momentum.step(Wt, velocity_Wt, gradient_Wt, scale, learning_rate, beta)
            momentum.step(H, velocity_H, gradient_H, scale, learning_rate, beta)
        else:
            norm = normalised.step(Wt, H, gradient_Wt, gradient_H, learning_rate)
            if norm > 0.0:
                log_time = np.logaddexp(log_time, math.log(learning_rate) - math.log(norm) - log_scale)
    return steps, True, log_time


class CompiledRun:
    """A run in motion: W, H and their velocities, advanced in place by `advance`.

    `diverged` is True once the loss has passed `limit`; the state then is the first one past it, still finite.
    """

    def __init__(
        self,
        config: RunConfig,
        start: State,
        limit: float,
        velocity: State | None = None,
        log_time: float = -math.inf,
    ):
        self.config, self.limit, self.log_time, self.diverged = config, limit, log_time, False
        self._Wt, self._H = np.array(start.W.T, order="C"), start.H.copy()
        self._velocity_Wt = np.zeros_like(self._Wt) if velocity is None else np.array(velocity.W.T, order="C")
        self._velocity_H = np.zeros_like(self._H) if velocity is None else velocity.H.copy()

    def advance(self, steps: int) -> int:
        """Takes up to `steps` steps; returns how many were taken."""
        config = self.config
        taken, well, self.log_time = advance(
            self._Wt,
            self._H,
            self._velocity_Wt,
            self._velocity_H,
            config.per_class,
            RULES[config.method],
            config.learning_rate,
            config.momentum,
            -math.log(config.label_count) if config.loss_reduction == "mean" else 0.0,
            self.limit,
            self.log_time,
            steps,
        )
        self.diverged = not well
        return int(taken)

    @property
    def W(self) -> Array:
        return self._Wt.T.copy()

    @property
    def H(self) -> Array:
        return self._H.copy()

    @property
    def velocity(self) -> State:
        return State.reached(self._velocity_Wt.T, self._velocity_H)
