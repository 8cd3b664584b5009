"""Logit gaps and residuals of B runs at once, in torch: what the batched engine, its flow and the shards all need.

Nothing here allocates after construction, waits for the device or branches on values: a CUDA graph can hold it.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from ulpm_core.model.losses import Labels


class Residuals:
    """Room for, and evaluation of, B runs of K classes: Z = W H, its gaps z_j - z_y and G = dL/dZ = P - Y.

    `labels` (N,) are the classes of the samples, in any numbers. Results are in the buffers, until the next call:

    - after `look`: `violation` (B, 1) = sum_i max(worst_i, 0) and `largest` (B, 1) = max_i worst_i, where
      worst_i = max_{j != y} (z_j - z_y) is minus the margin of sample i;
    - after `evaluate`: `G` (B, K, N).

    >>> import numpy as np
    >>> room = Residuals(1, 2, np.array([0, 1]), torch.device("cpu"), torch.float64)
    >>> room.look(torch.zeros(1, 2, 1, dtype=torch.float64), torch.ones(1, 1, 2, dtype=torch.float64))
    >>> room.evaluate(torch.zeros(1, 1, dtype=torch.float64))
    >>> room.G
    tensor([[[-0.5000,  0.5000],
             [ 0.5000, -0.5000]]], dtype=torch.float64)
    """

    def __init__(self, runs: int, classes: int, labels: Labels, device: torch.device, dtype: torch.dtype):
        kind: dict[str, Any] = {"device": device, "dtype": dtype}
        N = len(labels)
        self.G = torch.empty((runs, classes, N), **kind)
        self.violation, self.largest, self._factor = (torch.empty((runs, 1), **kind) for _ in range(3))
        self.above, self.over, self.rest, self._own, self._worst = (torch.empty((runs, 1, N), **kind) for _ in range(5))
        self._true = torch.as_tensor(labels, dtype=torch.int64, device=device).expand(runs, 1, N)

    def look(self, W: Tensor, H: Tensor) -> None:
        """The logits of W (B, K, d) and H (B, d, N), and how far they are from separating the classes.

        NaN in a run's logits, or infinity there, makes its violation NaN or infinite.
        """
        torch.bmm(W, H, out=self.G)
        torch.gather(self.G, 1, self._true, out=self._own)
        self.G.scatter_(1, self._true, -math.inf)
        torch.amax(self.G, 1, keepdim=True, out=self._worst)
        self._worst.sub_(self._own)  # rounding is monotone: the difference of the maximum is the maximal difference
        torch.clamp(self._worst, min=0.0, out=self.above)
        torch.sum(self.above, 2, out=self.violation)
        torch.amax(self._worst, 2, out=self.largest)

    def evaluate(self, reference: Tensor) -> None:
        """G e^-reference, `reference` (B, 1) finite and <= 0; once after each `look`, whose logits it replaces.

        With a_i = max(worst_i, 0): S_ij = e^(z_j - z_y - a_i - reference) for j != y, and
        G_ij e^-reference = r_i S_ij, r_i = 1 / (e^-a_i + e^reference sum_j S_ij). The entry of the true class is minus
        the sum of the others: exact also when it is tiny. Where no margin is negative, `largest` as the reference makes
        the largest S_ij one: the direction of the gradient survives where its size would leave the floating-point
        range. The buffers `above`, `over` and `rest` (B, 1, N) then hold a_i, r_i and r_i sum_j S_ij.
        """
        torch.add(self.above, reference.unsqueeze(2), out=self._worst)
        self._own.add_(self._worst)
        self.G.sub_(self._own).exp_()
        torch.sum(self.G, 1, keepdim=True, out=self.rest)
        torch.exp(reference, out=self._factor)
        torch.neg(self.above, out=self._worst).exp_()
        torch.addcmul(self._worst, self.rest, self._factor.unsqueeze(2), out=self.over).reciprocal_()
        self.rest.mul_(self.over)
        self.G.mul_(self.over)
        torch.neg(self.rest, out=self._worst)
        self.G.scatter_(1, self._true, self._worst)
