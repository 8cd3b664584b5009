"""One step of B runs at once, in place, by the rule of their config.

A step writes only into buffers that exist, and whether a run may move is a mask on the device: a CUDA graph can hold
many steps. Blocks are contiguous, which batched products of small matrices need: into rows of one buffer for both
blocks they took 20 times longer on a CPU.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from ulpm_core.model.config import RunConfig
from ulpm_core.model.objective import Objective
from ulpm_core.model.refusal import refuse
from ulpm_core.model.shapes import Array, Labels, Shaped

DTYPES: Final = {"float64": torch.float64, "float32": torch.float32}


def device_named(name: str) -> torch.device:
    """The device of that name, `cpu` or `cuda` (then the current one).

    Raises :class:`ConfigError` where no CUDA device is found.

    >>> device_named("cpu")
    device(type='cpu')
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise refuse("device", "cuda", "was not found on this machine, or this torch lacks it", "cpu")
    return torch.device(name, torch.cuda.current_device()) if name == "cuda" else torch.device(name)


class BatchedStep:
    """The state of B runs and `step`, which moves them; the arguments are those of `BatchedRun`.

    A run whose violation, the bound of its value, has passed its limit moves no more. `look` must have been called once
    before the first step.

    A rule finds here `theta`, `gradient` and its `memories`, pairs of blocks (B, K, d) and (B, d, N), where g is
    e^log_scale times the gradient, and `minus_rate`, `log_rate`, `log_scale`, `moves` (which runs may) and `count`
    (their steps until now), all (B, 1).
    """

    def __init__(
        self,
        config: RunConfig,
        W: Shaped[Array, "B K d"],
        H: Shaped[Array, "B d N"],
        limit: Shaped[Array, "B"],
        *,
        learning_rate: Shaped[Array, "B"] | None,
        labels: Shaped[Labels, "N"] | None,
        memories: Sequence[tuple[Array, Array]] | None,
        log_time: Shaped[Array, "B"] | None,
        taken: int,
        samples: int | None,
    ):
        (B, K, d), N = W.shape, H.shape[2]
        self.config, self.device, self._shape = config, device_named(config.device), (K, d, N)
        self._kind: dict[str, Any] = {"device": self.device, "dtype": DTYPES[config.dtype]}
        labels = config.labels if labels is None else labels
        objective = Objective.of(config)
        self._residuals = objective.loss.batched(B, K, labels, self.device, self._kind["dtype"])
        self._regulariser, self._share_of_W = objective.regulariser, 1.0
        self._in_gradient, self._aside = objective.in_gradient, config.decays if objective.decoupled else None
        held, sizes = objective.constraint, np.array(config.sizes)
        self._held: Any = None if held is None else held.batched(labels, sizes, self.device)
        self._taken_off = () if self._aside is None else self._tensors(W, H)
        self._total: Callable[[Tensor], Tensor] | None = None
        self.theta = self._tensors(W, H)
        self.gradient = self._tensors(np.zeros_like(W), np.zeros_like(H))
        rule, nothing = config.step_rule, (np.zeros_like(W), np.zeros_like(H))
        kept = [nothing] * rule.memories if memories is None else memories
        self.memories = [self._tensors(*blocks) for blocks in kept]
        rates = np.full(B, config.learning_rate) if learning_rate is None else learning_rate
        self.minus_rate = torch.tensor(-rates, **self._kind).view(B, 1)
        self.log_rate = torch.tensor(np.log(rates), device=self.device).view(B, 1)
        self._log_weight = -math.log(N if samples is None else samples) if config.loss_reduction == "mean" else 0.0
        largest = torch.finfo(self._kind["dtype"]).max  # an infinite limit would let an infinite violation pass
        self._limit = torch.tensor(np.minimum(limit, largest), **self._kind).view(B, 1)
        passed = np.full(B, -np.inf) if log_time is None else log_time
        self.clock = torch.tensor(passed, dtype=torch.float64, device=self.device).view(B, 1)
        self._reference, self.log_scale, self._pace = torch.zeros((3, B, 1), **self._kind)
        self._norm, self._norm_H = torch.zeros((2, B, 1), **self._kind)
        self._alive, self._mask = torch.ones((2, B, 1), dtype=torch.bool, device=self.device)
        self._speed, self._log_step = torch.zeros_like(self.clock), torch.zeros_like(self.clock)
        self.count = torch.full((B, 1), taken, dtype=torch.int64, device=self.device)
        self._allocate()
        self._moving = self.moves.unsqueeze(2)
        self._take = rule.batched(self)

    def _allocate(self) -> None:
        """Takes the tensors of all samples as they are; overridden where processes share the samples."""
        self._violation, self.moves = self._residuals.violation, self._alive

    def _tensors(self, W: Array, H: Array) -> tuple[Tensor, Tensor]:
        return torch.tensor(np.ascontiguousarray(W), **self._kind), torch.tensor(np.ascontiguousarray(H), **self._kind)

    def look(self) -> None:
        """The logits of theta: what the next step starts from."""
        self._residuals.look(*self.theta)
        if self._regulariser is not None:
            over = math.exp(-self._log_weight)
            for block, part in enumerate((over * self._share_of_W, over)):
                beside = self._regulariser.batched_value(block, self.theta[block])
                self._residuals.violation.add_(beside, alpha=part)

    def step(self) -> None:
        """One step of every run that may move."""
        (W, H), G, (gradient_W, gradient_H) = self.theta, self._residuals.G, self.gradient
        self._refer()
        self._residuals.evaluate(self._reference)
        torch.bmm(G, H.mT, out=gradient_W)
        torch.bmm(W.mT, G, out=gradient_H)
        torch.add(self._reference, self._log_weight, out=self.log_scale)
        self._regularise(1)
        self._combine()
        self._regularise(0)
        if self._in_gradient is not None:
            self.log_scale.zero_()
        self._take_stock()
        self._take_off()
        self._take()
        self.count.add_(self.moves)
        self.look()

    def _refer(self) -> None:
        """The residuals' reference: their largest exponential, so that the direction of g survives any margin."""
        lowest = torch.finfo(self._reference.dtype).min  # finite also where logits have overflowed
        torch.clamp(self._residuals.largest, min=lowest, max=0.0, out=self._reference)

    def _combine(self) -> None:
        """Sums the gradient over the processes that share the samples; with one process there is nothing to do."""

    def _regularise(self, block: int) -> None:
        """The gradient of the value itself instead of that of the loss over its scale, where there is a regulariser."""
        if self._in_gradient is not None:
            self.gradient[block].mul_(torch.exp(self.log_scale, out=self._pace).unsqueeze(2))
            self._in_gradient.batched(block, self.theta[block], self.gradient[block])

    def _take_off(self) -> None:
        """Decoupled decay: theta <- theta - learning_rate decay theta, where a run may move."""
        for block, decay, room in zip(self.theta, self._aside or (), self._taken_off, strict=False):
            torch.mul(self.minus_rate, decay, out=self._pace).add_(1.0)
            self.keep(block, torch.mul(block, self._pace.unsqueeze(2), out=room))

    def _take_stock(self) -> None:
        torch.le(self._violation, self._limit, out=self._mask)  # False for NaN
        self._alive.logical_and_(self._mask)

    def norm(self) -> Tensor:
        """||gradient|| over both blocks, in a buffer of its own."""
        for gradient, part in zip(self.gradient, (self._norm, self._norm_H), strict=True):
            torch.linalg.vector_norm(gradient.flatten(1), dim=1, keepdim=True, out=part)
        return torch.hypot(self._norm, self._norm_H, out=self._norm)

    def go(self, directions: tuple[Tensor, Tensor], pace: Tensor) -> None:
        """theta <- theta + pace directions within the constraint, where a run may move; the gradient is lost."""
        pace = pace.unsqueeze(2)
        for which, (block, direction, moved) in enumerate(zip(self.theta, directions, self.gradient, strict=True)):
            torch.addcmul(block, direction, pace, out=moved)
            if self._held is not None:
                self._held.project(which, moved, self._total)
            self.keep(block, moved)

    def keep(self, block: Tensor, new: Tensor) -> None:
        """Puts `new` into a block where a run may move: a choice, not a pace of 0, for what is new may be infinite."""
        torch.where(self._moving, new, block, out=block)

    def see_speed(self) -> None:
        """Keeps the speed ||g|| e^-log_scale for `pass_as_far`, before a rule changes the gradient."""
        self._speed.copy_(self.norm())

    def pass_as_far(self, directions: tuple[Tensor, Tensor], pace: Tensor) -> None:
        """Passes the time in which gradient flow, at the speed seen, goes as far as pace times these directions."""
        for part, length in zip(directions, (self._norm, self._norm_H), strict=True):
            torch.linalg.vector_norm(part.flatten(1), dim=1, keepdim=True, out=length)
        if self._total is not None:
            self._total(self._norm_H.square_()).sqrt_()
        torch.hypot(self._norm, self._norm_H, out=self._norm).mul_(pace).abs_()
        torch.div(self._norm, self._speed, out=self._log_step).log_().sub_(self.log_scale)
        # a step or a speed of 0 takes no time
        self.pass_time(self._log_step.nan_to_num_(-math.inf, -math.inf, -math.inf))

    def pass_time(self, log_step: Tensor) -> None:
        """Adds a step's gradient-flow time to the clock where a run may move; its logarithm is lost."""
        torch.logaddexp(self.clock, log_step, out=log_step)
        torch.where(self.moves, log_step, self.clock, out=self.clock)
