"""Adam (Kingma, Ba 2015), with t the number of the step:

m <- beta1 m + (1 - beta1) g, v <- beta2 v + (1 - beta2) g^2, and
theta <- theta - learning_rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon),

entry by entry, as torch.optim.Adam does.

Where gradients are far below epsilon it decides: the step is then along m, and dies with the gradient.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from ulpm_core.model.rules.rule import Rule


class Adam(NamedTuple("Adam", [("momentum", float), ("beta2", float), ("epsilon", float)]), Rule):
    """The rule of steps by running means of gradients and of their squares; `momentum` is beta1.

    Its step counts as the gradient-flow time in which the flow goes as far at its speed of now: the step's length over
    ||g||.
    """

    name = "adam"
    label = "Adam"
    words = "Adam"
    definition = "Adam, a step along running means over roots of running mean squares"
    kind = " of Adam"
    memories = 2
    geometry = "entries"

    def step_time(self, rate: float) -> None:
        """None: it depends on the gradient."""

    def stable_rate(self, curvature: float) -> float:
        return math.inf  # no entry of a step can exceed a multiple of the learning rate

    @staticmethod
    def compiled(blocks: Any) -> Callable[..., Any]:
        update = blocks.in_one_pass(_update)

        def kernel(rule, theta, memories, gradient, log_scale, rate, taken):  # type: ignore[no-untyped-def]
            norm, length, root = 0.0, 0.0, math.sqrt(1.0 - rule.beta2 ** (taken + 1))
            pace = rate * root / (1.0 - rule.momentum ** (taken + 1))
            numbers = (math.exp(log_scale), rule.momentum, rule.beta2, root * rule.epsilon, pace)
            for block, m, v, slope in zip(theta, memories[0], memories[1], gradient):  # noqa: B905
                squares, moved = update(block, m, v, slope, numbers)
                norm, length = norm + squares, length + moved
            return 0.5 * math.log(length / norm) - log_scale if norm > 0.0 and length > 0.0 else -math.inf

        return kernel

    def batched(self, runs: Any) -> Callable[[], None]:
        import torch  # here: a page's first film must not wait for it

        room = [torch.empty_like(block) for block in runs.theta]
        after, root, pace, rest = torch.empty((4, *runs.clock.shape), dtype=torch.float64, device=runs.clock.device)
        least, minus_pace = torch.empty_like(runs.minus_rate), torch.empty_like(runs.minus_rate)
        beta1, beta2 = (torch.full_like(pace, beta) for beta in (self.momentum, self.beta2))
        share = 1.0 - self.momentum

        def step() -> None:
            runs.see_speed()
            scale = runs.log_scale.exp_().unsqueeze(2)
            torch.add(runs.count, 1, out=after)
            torch.pow(beta2, after, out=root).neg_().add_(1.0).sqrt_()
            torch.pow(beta1, after, out=rest).neg_().add_(1.0)
            least.copy_(root).mul_(self.epsilon)
            minus_pace.copy_(torch.div(root, rest, out=pace)).mul_(runs.minus_rate)
            for m, v, gradient, new in zip(*runs.memories, runs.gradient, room, strict=True):
                runs.keep(m, torch.lerp(m, gradient.mul_(scale), share, out=new))
                torch.mul(v, self.beta2, out=new).addcmul_(gradient, gradient, value=1.0 - self.beta2)
                runs.keep(v, new)
                torch.div(m, torch.sqrt(v, out=new).add_(least.unsqueeze(2)), out=gradient)
            runs.pass_as_far(runs.gradient, minus_pace)
            runs.go(runs.gradient, minus_pace)

        return step


def _update(block, m, v, slope, numbers):  # type: ignore[no-untyped-def]
    """Moves a block and its memories; returns ||slope||^2, and the square of how far the block has moved."""
    number, (scale, kept1, kept2, root_epsilon, pace) = block.dtype.type, numbers
    share, beta1, beta2, least, step = number(scale), number(kept1), number(kept2), number(root_epsilon), number(pace)
    rest1, rest2, squares, moved = number(1.0 - kept1), number(1.0 - kept2), 0.0, 0.0
    for r in range(block.shape[0]):
        for i in range(block.shape[1]):
            squares += slope[r, i] * slope[r, i]
            g = share * slope[r, i]
            m[r, i] = beta1 * m[r, i] + rest1 * g
            v[r, i] = beta2 * v[r, i] + rest2 * g * g
            move = step * m[r, i] / (math.sqrt(v[r, i]) + least)
            block[r, i] -= move
            moved += move * move
    return squares, moved
