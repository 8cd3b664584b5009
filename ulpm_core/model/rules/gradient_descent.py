"""Gradient descent: theta <- theta - learning_rate g, both blocks at once from the same gradient."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from ulpm_core.model.rules.rule import Rule


class GradientDescent(NamedTuple("GradientDescent", []), Rule):
    """The rule of the paper's experiments, of which gradient flow is the limit.

    >>> GradientDescent().stable_rate(4.0)  # 2 over the curvature
    0.5
    """

    name = "gradient-descent"
    label = "Gradient descent"
    words = "Plain gradient descent"
    definition = "Gradient descent"

    def step_time(self, rate: float) -> float:
        return rate

    def stable_rate(self, curvature: float) -> float:
        return 2.0 / curvature

    def decay_at_rest(self, decay: float) -> float:
        return decay  # the same formula

    @staticmethod
    def compiled(blocks: Any) -> Callable[..., Any]:
        return _step

    def batched(self, runs: Any) -> Callable[[], None]:
        return lambda: runs.go(runs.gradient, runs.log_scale.exp_().mul_(runs.minus_rate))


def _step(rule, theta, memories, gradient, log_scale, rate, taken):  # type: ignore[no-untyped-def]
    scaled = rate * math.exp(log_scale)
    for block, slope in zip(theta, gradient):  # noqa: B905
        share = block.dtype.type(scaled)
        for r in range(block.shape[0]):
            for i in range(block.shape[1]):
                block[r, i] -= share * slope[r, i]
    return -math.inf
