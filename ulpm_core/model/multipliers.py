"""Multipliers of the margins, read off cross-entropy, for the separation problem and the curvature on a sphere; and the
norm that bounds them in the duals.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ulpm_core.model.losses.cross_entropy import log_sample_losses
from ulpm_core.model.losses.loss import log_total
from ulpm_core.model.shapes import Array, Labels, Shaped

ROUNDS: Final = 1e-12
"""Gaps of this size, over the value, are rounding."""


def log_loss_and_multipliers(
    Z: Shaped[Array, "*T K N"], labels: Shaped[Labels, "N"]
) -> tuple[Shaped[Array, "*T"], Shaped[Array, "*T K N"]]:
    """log L of the sum, and P / L off the true class, 0 on it: softmax over loss.

    exp(z_j - z_y - log1p(S) - log L): a difference of logarithms, exact where the loss is e^-10^8. The entries' sum
    tends to 1 as L does to 0.
    """
    samples = np.arange(Z.shape[-1])
    log_l = log_sample_losses(Z, labels)
    log_loss = log_total(log_l, "sum")
    shift = np.exp(log_l) + log_loss[..., None]  # log1p(S) is the sample's loss itself
    gaps = Z - Z[..., labels, samples][..., None, :]
    relative = np.exp(np.minimum(gaps - shift[..., None, :], 0.0))  # at most 1: p_j <= 1 - p_y <= L
    relative[..., labels, samples] = 0.0
    return log_loss, relative


def dual_matrix(multipliers: Shaped[Array, "*T K N"], labels: Shaped[Labels, "N"]) -> Shaped[Array, "*T K N"]:
    """A: -lambda off the true class, the sum of the column's lambda on it; columns sum to 0.

    For lambda = P / L it is -G / L.
    """
    A = -multipliers
    A[..., labels, np.arange(len(labels))] = multipliers.sum(axis=-2)
    return A


def operator_norm(A: Shaped[Array, "*T K N"]) -> Shaped[Array, "*T"]:
    """||A||_op, the largest singular value: the dual norm of the sum of singular values, which duals bound.

    >>> float(operator_norm(np.array([[3.0, 0.0, 0.0], [0.0, 0.0, 4.0]])))
    4.0
    """
    return np.asarray(np.sqrt(np.linalg.eigvalsh(A @ np.swapaxes(A, -1, -2))[..., -1].clip(min=0.0)))


def proved_gap(gap: Shaped[Array, "*T"]) -> Shaped[Array, "*T"]:
    """The gap between a value and a proved lower bound of it, which is 0 at least but for rounding. One that is further
    below 0 would be no proof: it stays as it is, to be seen.

    >>> proved_gap(np.array([-2e-16, 0.5, -0.1])).tolist()
    [0.0, 0.5, -0.1]
    """
    return np.where(np.abs(gap) < ROUNDS, np.maximum(gap, 0.0), gap)
