"""Heavy-ball momentum: v <- beta v + g, theta <- theta - learning_rate v (Polyak 1964), v = 0 at the start."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from ulpm_core.model.rules.rule import Rule


class Momentum(NamedTuple("Momentum", [("momentum", float)]), Rule):
    """The rule of the heavy ball; `momentum` is beta.

    >>> Momentum(0.5).step_time(0.1)  # 0.1 (1 + 0.5 + 0.25 + ...)
    0.2
    """

    name = "momentum"
    label = "Momentum (heavy ball)"
    words = "Momentum"
    definition = "heavy-ball momentum, v ← βv + g"
    kind = " with momentum"
    memories = 1

    def step_time(self, rate: float) -> float:
        return rate / (1.0 - self.momentum)

    def stable_rate(self, curvature: float) -> float:
        return 2.0 * (1.0 + self.momentum) / curvature

    def decay_at_rest(self, decay: float) -> float:
        return (1.0 - self.momentum) * decay  # v = g / (1 - beta) at rest, and decay theta = -v

    @staticmethod
    def compiled(blocks: Any) -> Callable[..., Any]:
        return _step

    def batched(self, runs: Any) -> Callable[[], None]:
        def step() -> None:
            scale = runs.log_scale.exp_().unsqueeze(2)
            for velocity, gradient in zip(runs.memories[0], runs.gradient, strict=True):
                runs.keep(velocity, gradient.mul_(scale).add_(velocity, alpha=self.momentum))
            runs.go(runs.memories[0], runs.minus_rate)

        return step


def _step(rule, theta, memories, gradient, log_scale, rate, taken):  # type: ignore[no-untyped-def]
    scale = math.exp(log_scale)
    for block, velocity, slope in zip(theta, memories[0], gradient):  # noqa: B905
        number = block.dtype.type
        share, kept, pace = number(scale), number(rule.momentum), number(rate)
        for r in range(block.shape[0]):
            for i in range(block.shape[1]):
                velocity[r, i] = kept * velocity[r, i] + share * slope[r, i]
                block[r, i] -= pace * velocity[r, i]
    return -math.inf
