"""Normalised gradient descent: theta <- theta - learning_rate g / ||g||, the joint Frobenius norm of both blocks.

Every step has length learning_rate, however small the gradient: the clock that plain descent loses is kept. At a
critical point, ||g|| = 0, nothing moves.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from ulpm_core.model.rules.rule import Rule


class NormalisedGradientDescent(NamedTuple("NormalisedGradientDescent", []), Rule):
    """The rule of steps of one length: learning_rate / ||g|| is the gradient-flow time of each."""

    name = "normalised-gradient-descent"
    label = "Normalised gradient descent"
    words = "A step of fixed length"
    definition = "a step of fixed length along the gradient"
    kind = " of fixed length"

    def step_time(self, rate: float) -> None:
        """None: it depends on ||g||."""

    def stable_rate(self, curvature: float) -> float:
        return math.inf  # a step cannot grow

    @staticmethod
    def compiled(blocks: Any) -> Callable[..., Any]:
        sum_of_squares = blocks.sum_of_squares

        def kernel(rule, theta, memories, gradient, log_scale, rate, taken):  # type: ignore[no-untyped-def]
            norm = math.sqrt(sum_of_squares(gradient[0]) + sum_of_squares(gradient[1]))
            if not norm > 0.0:
                return -math.inf
            for block, slope in zip(theta, gradient):  # noqa: B905
                share = block.dtype.type(rate / norm)
                for r in range(block.shape[0]):
                    for i in range(block.shape[1]):
                        block[r, i] -= share * slope[r, i]
            return math.log(rate) - math.log(norm) - log_scale

        return kernel

    def batched(self, runs: Any) -> Callable[[], None]:
        import torch  # here: a page's first film must not wait for it

        pace, still, log_time = map(torch.empty_like, (runs.minus_rate, runs.moves, runs.log_rate))

        def step() -> None:
            norm = runs.norm()
            torch.eq(norm, 0.0, out=still)
            torch.div(runs.minus_rate, norm, out=pace).masked_fill_(still, 0.0)
            runs.go(runs.gradient, pace)
            torch.sub(runs.log_rate, norm.log_(), out=log_time).sub_(runs.log_scale)
            runs.pass_time(log_time.masked_fill_(still, -math.inf))

        return step
