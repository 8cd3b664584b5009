"""Log time for a network: full-batch steps on log L, which reach e^hundreds where steps on L stand still.

theta <- theta - ds grad log L with ds = min(c, c / ||grad log L||^2): to first order a step lowers log L by at most c;
early on it may rise. Each is one gradient step of learning rate ds / L, so that time on the summed loss passes by
ds / L (docs/theory.md 5.3 and 7).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor

from ulpm_core.model.shapes import Shaped

TINY: Final = -20.0
"""Below this, log log1p(e^x) = x - e^x / 2 to float64; above, log1p(e^x) is far from underflow."""


def log_summed_loss(Z: Shaped[Tensor, "N K"], labels: Shaped[Tensor, "N"]) -> Shaped[Tensor, ""]:
    """log L, L the sum of cross-entropies of logits Z (N, K), from margins: exact, and with a gradient, at any margin.

    l_i = log(1 + S_i), S_i = sum_{j != y} exp(z_j - z_y), kept as logarithms.

    >>> Z = torch.tensor([[1000.0, 0.0], [0.0, 1000.0]], dtype=torch.float64)
    >>> round(float(log_summed_loss(Z, torch.tensor([0, 1]))), 12) == round(math.log(2.0) - 1000.0, 12)
    True
    """
    own = torch.nn.functional.one_hot(labels, Z.shape[1]).bool()
    gaps = (Z - Z.gather(1, labels[:, None])).masked_fill(own, -math.inf)
    log_S = torch.logsumexp(gaps, dim=1)
    # both branches are kept finite: a gradient of 0 times infinity would be NaN in the one that is not taken
    small, large = log_S.clamp(max=TINY), log_S.clamp(min=TINY)
    log_l = torch.where(
        log_S < TINY, small - small.exp() / 2.0, torch.log(torch.nn.functional.softplus(large, threshold=700.0))
    )
    return torch.logsumexp(log_l, dim=0)


def log_time_step(parameters: Sequence[Tensor], log_loss: Shaped[Tensor, ""], relative_rate: float) -> float:
    """Moves the parameters by -ds grad log L, ds = c / max(1, ||grad log L||^2), and returns log(ds / L): the logarithm
    of the time that passed. `log_loss` is log L at the parameters, with its graph.

    >>> theta = torch.tensor([3.0], dtype=torch.float64, requires_grad=True)
    >>> log_time_step([theta], -2.0 * theta.sum(), 1.0), theta.item()  # ds = 1/4, log L = -6
    (4.613705638880109, 3.5)
    """
    gradients = torch.autograd.grad(log_loss, list(parameters))
    square = float(sum((g**2).sum() for g in gradients))
    ds = relative_rate / max(1.0, square)
    with torch.no_grad():
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter -= ds * gradient
    return math.log(ds) - float(log_loss.detach())
