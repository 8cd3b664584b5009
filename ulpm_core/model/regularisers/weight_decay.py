"""Weight decay: half the squared norms of both blocks, each times a factor of its own (docs/theory.md 6.3)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ulpm_core.model.config import RunConfig
from ulpm_core.model.shapes import Array, Shaped


class WeightDecay(NamedTuple):
    """R = w ||W||^2 / 2 + h ||H||^2 / 2, beside the reduced loss.

    >>> float(WeightDecay(0.5, 0.1).value(np.ones((2, 2)), np.ones((2, 4))))  # (0.5 x 4 + 0.1 x 8) / 2
    1.4
    """

    w: float
    h: float

    @classmethod
    def of(cls, config: RunConfig) -> WeightDecay | None:
        """The decays in the value of a config; None where both are 0."""
        decay = cls(*(config.decays_at_rest or config.decays))
        return decay if any(decay) else None

    @property
    def name(self) -> str:
        return "weight-decay"

    @property
    def coercive(self) -> bool:
        return self.w > 0.0 and self.h > 0.0

    @property
    def threshold(self) -> float:
        return math.sqrt(self.w) * math.sqrt(self.h)

    def factors(self, S: Shaped[Array, "r"]) -> tuple[Shaped[Array, "r"], Shaped[Array, "r"]]:
        lean = (self.h / self.w) ** 0.25
        return np.sqrt(S) * lean, np.sqrt(S) / lean

    def value(self, W: Shaped[Array, "*T K d"], H: Shaped[Array, "*T d N"]) -> Shaped[Array, "*T"]:
        return np.asarray(self.w / 2.0 * (W**2).sum(axis=(-2, -1)) + self.h / 2.0 * (H**2).sum(axis=(-2, -1)))

    def gradient(
        self, W: Shaped[Array, "K d"], H: Shaped[Array, "d N"]
    ) -> tuple[Shaped[Array, "K d"], Shaped[Array, "d N"]]:
        return self.w * W, self.h * H

    def hessian_vector_product(
        self, X: Shaped[Array, "K d"], V: Shaped[Array, "d N"]
    ) -> tuple[Shaped[Array, "K d"], Shaped[Array, "d N"]]:
        return self.w * X, self.h * V

    @staticmethod
    def compiled() -> Callable[..., Any]:
        return _add

    def batched(self, block: int, theta: Any, gradient: Any) -> None:
        gradient.add_(theta, alpha=self[block])

    def batched_value(self, block: int, theta: Any) -> Any:
        return theta.flatten(1).square().sum(1, keepdim=True).mul_(self[block] / 2.0)


def _add(regulariser, Wt, H, gradient_Wt, gradient_H, log_scale):  # type: ignore[no-untyped-def]
    scale, total = Wt.dtype.type(math.exp(log_scale)), 0.0
    for theta, gradient, factor in ((Wt, gradient_Wt, regulariser.w), (H, gradient_H, regulariser.h)):
        share, squares = theta.dtype.type(factor), 0.0
        for r in range(theta.shape[0]):
            for i in range(theta.shape[1]):
                gradient[r, i] = scale * gradient[r, i] + share * theta[r, i]
                squares += theta[r, i] * theta[r, i]
        total += factor * squares
    return 0.5 * total
