"""Spectral descent: theta <- theta - learning_rate U V^T, block by block, with U S V^T the gradient of the block.

The steepest descent by the operator norm; what Muon approximates (Jordan et al. 2024; Bernstein, Newhouse 2024).
Singular values above a cut become 1, the others 0: since 1^T dL/dW = 0, one of W's is 0 but for rounding where d >= K,
and of H's all but K - 1 are. The cut is the root of the format's epsilon, 1.5e-8 in float64 and 3.5e-4 in float32,
times the largest singular value of the block: what rounding makes of a 0 lies far below, and what lies above has half
of its digits. A block that is 0 stays.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

from ulpm_core.model.rules.rule import Rule

CUTS: Final = {name: math.sqrt(np.finfo(name).eps) for name in ("float64", "float32")}
"""The largest share of the largest singular value at which one counts as 0, by precision."""
CUT, CUT32 = CUTS.values()


class SpectralDescent(NamedTuple("SpectralDescent", []), Rule):
    """The rule of steps whose singular values are all equal.

    Its step counts as the gradient-flow time in which the flow goes as far at its speed of now: learning_rate times the
    root of the sum of both ranks, over ||g||.
    """

    name = "spectral-descent"
    label = "Spectral descent"
    words = "Spectral descent"
    definition = "spectral descent, a step whose singular values are all equal"
    kind = " of spectral descent"
    decomposes = True
    geometry = "spectral"

    def step_time(self, rate: float) -> None:
        """None: it depends on ||g||."""

    def stable_rate(self, curvature: float) -> float:
        return math.inf  # a step cannot grow

    @staticmethod
    def compiled(blocks: Any) -> Callable[..., Any]:
        sum_of_squares, partial_isometry = blocks.sum_of_squares, blocks.partial_isometry

        def kernel(rule, theta, memories, gradient, log_scale, rate, taken):  # type: ignore[no-untyped-def]
            norm, moved = math.sqrt(sum_of_squares(gradient[0]) + sum_of_squares(gradient[1])), 0
            for block, slope in zip(theta, gradient):  # noqa: B905
                moved += partial_isometry(slope, CUT if block.itemsize == 8 else CUT32)
                step = block.dtype.type(rate)
                for r in range(block.shape[0]):
                    for i in range(block.shape[1]):
                        block[r, i] -= step * slope[r, i]
            if not norm > 0.0:
                return -math.inf
            return math.log(rate * math.sqrt(moved) / norm) - log_scale

        return kernel

    def batched(self, runs: Any) -> Callable[[], None]:
        import torch  # here: a page's first film must not wait for it

        def step() -> None:
            runs.see_speed()
            for gradient in runs.gradient:
                # of a run that has diverged: a decomposition takes numbers alone
                gradient.nan_to_num_(0.0, 0.0, 0.0)
                U, S, V = torch.linalg.svd(gradient, full_matrices=False)
                cut = CUTS[str(S.dtype).removeprefix("torch.")]
                kept = (cut * S.amax(1, keepdim=True) < S).to(S.dtype).unsqueeze(1)
                torch.bmm(U * kept, V, out=gradient)
            runs.pass_as_far(runs.gradient, runs.minus_rate)
            runs.go(runs.gradient, runs.minus_rate)

        return step
