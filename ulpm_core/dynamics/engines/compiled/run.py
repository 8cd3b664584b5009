"""The compiled engine: steps of one run on one CPU core, by Numba, without the interpreter lock."""

from __future__ import annotations

import math
from collections.abc import Sequence
from inspect import unwrap
from types import SimpleNamespace
from typing import Any, Final

import numpy as np
from numba.extending import overload

from ulpm_core.dynamics.engines.compiled.gradient import VECTORS, Room, gradient, padded
from ulpm_core.dynamics.engines.compiled.isometry import partial_isometry
from ulpm_core.dynamics.engines.compiled.regularise import regularise
from ulpm_core.dynamics.engines.compiled.simd import aligned, aligned_copy
from ulpm_core.dynamics.engines.compiled.simd_functions import lane_sum
from ulpm_core.dynamics.jit import COUNTED, UNCOUNTED, njit
from ulpm_core.model.config import RunConfig
from ulpm_core.model.objective import Objective
from ulpm_core.model.shapes import Array
from ulpm_core.model.state import State


@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def sum_of_squares(block):  # type: ignore[no-untyped-def]
    """||block||_F^2."""
    total = 0.0
    for r in range(block.shape[0]):
        for i in range(block.shape[1]):
            total += block[r, i] * block[r, i]
    return total


BLOCKS: Final = SimpleNamespace(
    **vars(VECTORS), lane_sum=lane_sum, sum_of_squares=sum_of_squares, partial_isometry=partial_isometry
)
"""The words in which a rule writes its kernel."""


def take(rule: Any, theta: Any, memories: Any, gradient: Any, log_scale: Any, rate: Any, taken: Any) -> Any:
    """`Rule.compiled` of the rule whose type it gets. Compiled code only."""
    raise NotImplementedError


@overload(take, inline="always")
def _take(rule, theta, memories, gradient, log_scale, rate, taken):  # type: ignore[no-untyped-def]
    return unwrap(rule.instance_class.compiled(BLOCKS))


def project(constraint: Any, Wt: Any, H: Any, sizes: Any) -> Any:
    """`Constraint.compiled` of the constraint whose type it gets. Compiled code only."""
    raise NotImplementedError


PROJECTING: Final[Any] = {"fastmath": {"reassoc", "contract", "arcp"}, "error_model": "numpy"} | COUNTED


@overload(project, jit_options=PROJECTING)
def _projected(constraint, Wt, H, sizes):  # type: ignore[no-untyped-def]
    return unwrap(constraint.instance_class.compiled(VECTORS))


@njit(nogil=True, cache=True)
def add_regulariser(regulariser, Wt, H, gradient_Wt, gradient_H, log_weight, shift):  # type: ignore[no-untyped-def]
    """Makes e^-shift times the gradient of the sum over samples that of the value. Returns the regulariser's own value
    over e^log_weight, which is the bound's scale.
    """
    return regularise(regulariser, Wt, H, gradient_Wt, gradient_H, log_weight + shift) * math.exp(-log_weight)


@njit(nogil=True, cache=True)
def take_off(decays, theta, rate):  # type: ignore[no-untyped-def]
    """Decoupled decay, in place: theta <- theta - rate decay theta, with the decays of both blocks."""
    for block, decay in zip(theta, decays):  # noqa: B905
        left = block.dtype.type(1.0 - rate * decay)
        for r in range(block.shape[0]):
            for i in range(block.shape[1]):
                block[r, i] *= left


@njit(nogil=True, cache=True)
def cost(decays, theta):  # type: ignore[no-untyped-def]
    """The value of weight decay with these factors."""
    return 0.5 * (decays[0] * sum_of_squares(theta[0]) + decays[1] * sum_of_squares(theta[1]))


@njit(nogil=True, cache=True, error_model="numpy", **UNCOUNTED)
def advance(  # type: ignore[no-untyped-def]
    regulariser, aside, constraint, sizes, rule, theta, memories, slope, room, shift, rate, log_weight, limit, log_time,
    taken, steps,
):  # fmt: skip
    """Takes `steps` steps in place, after those `taken` already. theta = (W transposed, H), the rule's memories of
    theirs, and their gradients, `slope`: that of the value, or without a regulariser e^-shift times that of the sum
    over samples, before and after. `aside` is None, or decays that stand beside the step, and those of the value.

    Returns how many have been taken in all, whether all went well, and shift and log_time after them. `log_weight` is 0
    for the sum and -log N for the mean. It stops where the bound of the value, summed over samples, is over the limit:
    the run has diverged; NaN counts as diverged. It is compiled for the types of loss, regulariser,
    constraint and rule.
    """
    (Wt, H), (gradient_Wt, gradient_H) = theta, slope
    for done in range(taken, taken + steps):
        log_scale = log_weight + shift if regulariser is None else 0.0
        if aside is not None:
            take_off(aside[0], theta, rate)
        log_step = take(rule, theta, memories, slope, log_scale, rate, done)
        if log_step > -np.inf:
            log_time = np.logaddexp(log_time, log_step)
        if constraint is not None:
            project(constraint, Wt, H, sizes)
        shift, bound = gradient(Wt, H, room, shift, gradient_Wt, gradient_H)
        if regulariser is not None:
            bound += add_regulariser(regulariser, Wt, H, gradient_Wt, gradient_H, log_weight, shift)
        if aside is not None:
            bound += math.exp(-log_weight) * cost(aside[1], theta)
        if not bound <= limit:
            return done + 1, False, shift, log_time
    return taken + steps, True, shift, log_time


class CompiledRun:
    """A run in motion: W, H and what its rule remembers in the config's precision, advanced in place by `advance`.

    `memories`, `log_time` and `taken`, a number of steps, are where an earlier run ended; without them the rule has
    kept nothing. `log_time` is kept for rules whose `step_time` is None. `diverged` is True once the value has passed
    `limit`; the state then is the first one past it, still finite.
    """

    def __init__(
        self,
        config: RunConfig,
        start: State,
        limit: float,
        memories: Sequence[State] | None = None,
        log_time: float = -math.inf,
        taken: int = 0,
    ):
        self.config, self.limit, self.log_time, self._taken = config, limit, log_time, taken
        self._N, dtype = config.label_count, config.dtype
        self._Wt, self._H = aligned_copy(start.W.T, dtype), padded(start.H, dtype)
        self._rule, nothing = config.step_rule, State.reached(0.0 * start.W, 0.0 * start.H)
        memories = [nothing] * self._rule.memories if memories is None else memories
        self._memories = tuple((aligned_copy(kept.W.T, dtype), padded(kept.H, dtype)) for kept in memories)
        self._slope = aligned(self._Wt.shape, dtype), aligned(self._H.shape, dtype)
        objective = Objective.of(config)
        self._room = Room.of(config.labels, config.classes, dtype, objective.loss)
        self._regulariser = objective.in_gradient
        self._aside = (config.decays, config.decays_at_rest or config.decays) if objective.decoupled else None
        self._constraint, self._sizes = objective.constraint, np.array(config.sizes)
        self._log_weight = -math.log(self._N) if config.loss_reduction == "mean" else 0.0
        blocks = self._Wt, self._H
        # the kernel itself, not a function around it: where another one's copy of it is loaded first, a step of a small
        # run takes a quarter longer
        self._shift, bound = gradient(*blocks, self._room, 0.0, *self._slope)
        if self._regulariser is not None:
            bound += add_regulariser(self._regulariser, *blocks, *self._slope, self._log_weight, self._shift)
        if self._aside is not None:
            bound += math.exp(-self._log_weight) * cost(self._aside[1], blocks)
        self.diverged = not bound <= limit

    def advance(self, steps: int) -> int:
        """Takes up to `steps` steps; returns how many were taken."""
        if self.diverged:
            return 0
        before = self._taken
        self._taken, well, self._shift, self.log_time = advance(
            self._regulariser,
            self._aside,
            self._constraint,
            self._sizes,
            self._rule,
            (self._Wt, self._H),
            self._memories,
            self._slope,
            self._room,
            self._shift,
            self.config.learning_rate,
            self._log_weight,
            self.limit,
            self.log_time,
            before,
            steps,
        )
        self.diverged = not well
        return int(self._taken - before)

    @property
    def W(self) -> Array:
        return self._Wt.T.astype(np.float64)

    @property
    def H(self) -> Array:
        return self._H[:, : self._N].astype(np.float64)

    @property
    def memories(self) -> tuple[State, ...]:
        return tuple(State.reached(Wt.T, H[:, : self._N]) for Wt, H in self._memories)
