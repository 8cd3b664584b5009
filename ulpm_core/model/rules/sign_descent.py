"""Sign descent: theta <- theta - learning_rate sign(g), entry by entry; an entry whose gradient is 0 stays.

The steepest descent by the largest entry, and Adam without its memories (Balles, Hennig 2018). Signs know no scale:
they are right as far as the gradient's entries differ by less than the format's range, e^700 in float64. Where an entry
of the gradient is 0 but for rounding, rounding decides its sign.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from ulpm_core.model.rules.rule import Rule


class SignDescent(NamedTuple("SignDescent", []), Rule):
    """The rule of steps of one length in every entry.

    Its step counts as the gradient-flow time in which the flow goes as far at its speed of now: learning_rate times the
    root of the number of entries that move, over ||g||.
    """

    name = "sign-descent"
    label = "Sign descent"
    words = "Sign descent"
    definition = "sign descent, a step along the gradient's signs"
    kind = " of sign descent"
    geometry = "entries"

    def step_time(self, rate: float) -> None:
        """None: it depends on ||g||."""

    def stable_rate(self, curvature: float) -> float:
        return math.inf  # a step cannot grow

    @staticmethod
    def compiled(blocks: Any) -> Callable[..., Any]:
        load, store, spread, zero, pointer = blocks.load, blocks.store, blocks.spread, blocks.zero, blocks.pointer
        where_greater, lane_sum, size = blocks.where_greater, blocks.lane_sum, blocks.bytes

        def kernel(rule, theta, memories, gradient, log_scale, rate, taken):  # type: ignore[no-untyped-def]
            norm, moved = 0.0, 0.0
            for block, slope in zip(theta, gradient):  # noqa: B905
                x, slopes, none = pointer(block), pointer(slope), zero(pointer(block))
                one, minus_one, squares, entries = spread(1.0, none), spread(-1.0, none), none, none
                for i in range(0, block.size, size // block.itemsize):
                    g = load(slopes + i)
                    sign = where_greater(g, none, one, where_greater(none, g, minus_one, none))
                    store(x + i, load(x + i) - sign * rate)
                    squares = squares + g * g
                    entries = entries + sign * sign
                norm, moved = norm + lane_sum(squares), moved + lane_sum(entries)
            return math.log(rate * math.sqrt(moved / norm)) - log_scale if norm > 0.0 else -math.inf

        return kernel

    def batched(self, runs: Any) -> Callable[[], None]:
        def step() -> None:
            runs.see_speed()
            for gradient in runs.gradient:
                gradient.sign_()
            runs.pass_as_far(runs.gradient, runs.minus_rate)
            runs.go(runs.gradient, runs.minus_rate)

        return step
