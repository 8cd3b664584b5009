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
        load, store, zero, pointer, size = blocks.load, blocks.store, blocks.zero, blocks.pointer, blocks.bytes
        root, lane_sum = blocks.root, blocks.lane_sum

        def kernel(rule, theta, memories, gradient, log_scale, rate, taken):  # type: ignore[no-untyped-def]
            norm, length, correction = 0.0, 0.0, math.sqrt(1.0 - rule.beta2 ** (taken + 1))
            pace = rate * correction / (1.0 - rule.momentum ** (taken + 1))
            least, scale = correction * rule.epsilon, math.exp(log_scale)
            beta1, rest1, beta2, rest2 = rule.momentum, 1.0 - rule.momentum, rule.beta2, 1.0 - rule.beta2
            for block, means, mean_squares, slope in zip(theta, memories[0], memories[1], gradient):  # noqa: B905
                x, m, v, g = pointer(block), pointer(means), pointer(mean_squares), pointer(slope)
                squares, moved = zero(x), zero(x)
                for i in range(0, block.size, size // block.itemsize):
                    steepness = load(g + i)
                    squares = squares + steepness * steepness
                    now = steepness * scale
                    mean = load(m + i) * beta1 + now * rest1
                    mean_square = load(v + i) * beta2 + now * now * rest2
                    move = mean * pace / (root(mean_square) + least)
                    store(m + i, mean)
                    store(v + i, mean_square)
                    store(x + i, load(x + i) - move)
                    moved = moved + move * move
                norm, length = norm + lane_sum(squares), length + lane_sum(moved)
            return 0.5 * math.log(length / norm) - log_scale if norm > 0.0 and length > 0.0 else -math.inf

        return kernel

    def batched(self, runs: Any) -> Callable[[], None]:
        import torch  # here: a page's first film must not wait for it

        room, kind = [torch.empty_like(block) for block in runs.theta], {"dtype": torch.float64, "device": runs.device}
        one, betas = torch.ones((), **kind), torch.tensor(self[:2], **kind).view(2, 1, 1)
        rest, root = rests = torch.empty((2, *runs.clock.shape), **kind)
        after, pace = torch.empty_like(rest), torch.empty_like(rest)
        scale, least, minus_pace = (torch.empty_like(runs.minus_rate) for _ in range(3))
        share = 1.0 - self.momentum

        def step() -> None:
            runs.see_speed()
            torch.exp(runs.log_scale, out=scale)
            torch.add(runs.count, 1, out=after)
            torch.sub(one, torch.pow(betas, after, out=rests), out=rests)
            torch.mul(root.sqrt_(), self.epsilon, out=least)
            torch.mul(torch.div(root, rest, out=pace), runs.minus_rate, out=minus_pace)
            for m, v, gradient, new in zip(*runs.memories, runs.gradient, room, strict=True):
                runs.keep(m, torch.lerp(m, gradient.mul_(scale.unsqueeze(2)), share, out=new))
                torch.mul(v, self.beta2, out=new).addcmul_(gradient, gradient, value=1.0 - self.beta2)
                runs.keep(v, new)
                torch.div(m, torch.sqrt(v, out=new).add_(least.unsqueeze(2)), out=gradient)
            runs.pass_as_far(runs.gradient, minus_pace)
            runs.go(runs.gradient, minus_pace)

        return step
