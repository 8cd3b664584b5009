"""The compiled engine: steps of one run on one CPU core, by Numba, without the interpreter lock."""

from __future__ import annotations

import math
from inspect import unwrap
from typing import Any, Final

import numpy as np
from numba.extending import overload

from ulpm_core.dynamics.engines.compiled.gradient import Room, gradient, padded
from ulpm_core.dynamics.engines.compiled.simd import aligned
from ulpm_core.dynamics.jit import njit
from ulpm_core.dynamics.rules import gradient_descent, momentum, normalised
from ulpm_core.model.config import RunConfig
from ulpm_core.model.objective import Objective
from ulpm_core.model.shapes import Array, Labels
from ulpm_core.model.state import State

RULES: Final = {"gradient-descent": 0, "momentum": 1, "normalised-gradient-descent": 2}


def regularise(regulariser: Any, Wt: Any, H: Any, gradient_Wt: Any, gradient_H: Any, log_scale: Any) -> Any:
    """`Regulariser.compiled` of the regulariser whose type it gets. Compiled code only."""
    raise NotImplementedError


@overload(regularise, jit_options={"fastmath": {"reassoc", "contract"}})
def _regularise(regulariser, Wt, H, gradient_Wt, gradient_H, log_scale):  # type: ignore[no-untyped-def]
    return unwrap(regulariser.instance_class.compiled())


@njit(nogil=True, cache=True)
def add_regulariser(regulariser, Wt, H, gradient_Wt, gradient_H, log_weight, shift):  # type: ignore[no-untyped-def]
    """Makes e^-shift times the gradient of the sum over samples that of the value. Returns the regulariser's own value
    over e^log_weight, which is the bound's scale.
    """
    return regularise(regulariser, Wt, H, gradient_Wt, gradient_H, log_weight + shift) * math.exp(-log_weight)


@njit(nogil=True, cache=True)
def advance(regulariser, theta, velocity, slope, room, shift, rule, rate, beta, log_weight, limit, log_time, steps):  # type: ignore[no-untyped-def]
    """Takes `steps` steps in place. theta = (W transposed, H), their velocities and their gradients, `slope`: that
    of the value, or without a regulariser e^-shift times that of the sum over samples, before and after.

    Returns how many were taken, whether all went well, and shift and log_time after them. `log_weight` is 0 for the
    sum and -log N for the mean. It stops where the bound of the value, summed over samples, is over the limit: the run
    has diverged; NaN counts as diverged. It is compiled for the types of loss and regulariser. log_time is kept for the
    normalised rule only, whose step is rate / ||g|| long in gradient-flow time.
    """
    (Wt, H), (velocity_Wt, velocity_H), (gradient_Wt, gradient_H) = theta, velocity, slope
    for taken in range(1, steps + 1):
        log_scale = log_weight + shift if regulariser is None else 0.0
        scale = math.exp(log_scale)
        if rule == 0:
            gradient_descent.step(Wt, gradient_Wt, rate * scale)
            gradient_descent.step(H, gradient_H, rate * scale)
        elif rule == 1:
            momentum.step(Wt, velocity_Wt, gradient_Wt, scale, rate, beta)
            momentum.step(H, velocity_H, gradient_H, scale, rate, beta)
        else:
            norm = normalised.step(Wt, H, gradient_Wt, gradient_H, rate)
            if norm > 0.0:
                log_time = np.logaddexp(log_time, math.log(rate) - math.log(norm) - log_scale)
        shift, bound = gradient(Wt, H, room, shift, gradient_Wt, gradient_H)
        if regulariser is not None:
            bound += add_regulariser(regulariser, Wt, H, gradient_Wt, gradient_H, log_weight, shift)
        if not bound <= limit:
            return taken, False, shift, log_time
    return steps, True, shift, log_time


class CompiledRun:
    """A run in motion: W, H and their velocities in the config's precision, advanced in place by `advance`.

    `labels` (N,), all of class 0 first, are the classes of the samples, by default the config's.
    `diverged` is True once the value has passed `limit`; the state then is the first one past it, still finite.
    """

    def __init__(
        self,
        config: RunConfig,
        start: State,
        limit: float,
        velocity: State | None = None,
        log_time: float = -math.inf,
        labels: Labels | None = None,
    ):
        self.config, self.limit, self.log_time = config, limit, log_time
        labels = config.labels if labels is None else labels
        self._N, dtype = len(labels), config.dtype
        self._Wt, self._H = np.array(start.W.T, dtype, order="C"), padded(start.H, dtype)
        velocity = State.reached(0.0 * start.W, 0.0 * start.H) if velocity is None else velocity
        self._velocity_Wt, self._velocity_H = np.array(velocity.W.T, dtype, order="C"), padded(velocity.H, dtype)
        self._slope = np.empty_like(self._Wt), aligned(self._H.shape, dtype)
        objective = Objective.of(config)
        self._room, self._regulariser = Room.of(labels, config.classes, dtype, objective.loss), objective.regulariser
        self._log_weight = -math.log(self._N) if config.loss_reduction == "mean" else 0.0
        blocks = self._Wt, self._H
        # the kernel itself, not a function around it: where another one's copy of it is loaded first, a step of a small
        # run takes a quarter longer
        self._shift, bound = gradient(*blocks, self._room, 0.0, *self._slope)
        if self._regulariser is not None:
            bound += add_regulariser(self._regulariser, *blocks, *self._slope, self._log_weight, self._shift)
        self.diverged = not bound <= limit

    def advance(self, steps: int) -> int:
        """Takes up to `steps` steps; returns how many were taken."""
        if self.diverged:
            return 0
        config = self.config
        taken, well, self._shift, self.log_time = advance(
            self._regulariser,
            (self._Wt, self._H),
            (self._velocity_Wt, self._velocity_H),
            self._slope,
            self._room,
            self._shift,
            RULES[config.method],
            config.learning_rate,
            config.momentum,
            self._log_weight,
            self.limit,
            self.log_time,
            steps,
        )
        self.diverged = not well
        return int(taken)

    @property
    def W(self) -> Array:
        return self._Wt.T.astype(np.float64)

    @property
    def H(self) -> Array:
        return self._H[:, : self._N].astype(np.float64)

    @property
    def velocity(self) -> State:
        return State.reached(self._velocity_Wt.T, self._velocity_H[:, : self._N])
