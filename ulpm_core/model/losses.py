"""Cross-entropy of logits, its derivative beside it, and its logarithm without underflow."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

LOGITS: Final = 4_000_000
"""Most logits looked at at once: 32 MB."""
SMALL: Final = 1e-9
"""Below this, log(log1p(S)) = log S - S/2 + O(S^2) is exact to float64."""


def log_sample_losses(Z: Array, labels: Labels) -> Array:
    """Logarithm of each sample's cross-entropy, (..., N), from logits Z (..., K, N).

    l_i = log(1 + S_i) with S_i = sum_{j != y} exp(z_j - z_y), so log l_i = log(log1p(S_i)). S_i is kept as a
    logarithm: the answer stays exact where l_i itself would underflow (docs/theory.md 5.3).

    >>> Z = np.array([[1000.0], [0.0]])
    >>> log_sample_losses(Z, np.array([0]))  # log(log(1 + e^-1000))
    array([-1000.])
    """
    own = np.take_along_axis(Z, np.broadcast_to(labels, (*Z.shape[:-2], 1, Z.shape[-1])), axis=-2)
    gaps = Z - own
    np.put_along_axis(gaps, np.broadcast_to(labels, (*Z.shape[:-2], 1, Z.shape[-1])), -np.inf, axis=-2)
    largest = gaps.max(axis=-2, keepdims=True)
    log_S = np.squeeze(largest, -2) + np.log(np.exp(gaps - largest).sum(axis=-2))
    S = np.exp(np.minimum(log_S, 700.0))
    with np.errstate(divide="ignore"):
        log_log1p = np.log(np.log1p(S))
    return np.where(S < SMALL, log_S - S / 2, np.where(log_S > 700.0, np.log(np.maximum(log_S, 1.0)), log_log1p))


def log_cross_entropy(Z: Array, labels: Labels, reduction: str = "sum") -> Array:
    """log L for L the sum (or mean) over samples of cross-entropy, in nats; Z (..., K, N) -> (...).

    >>> round(float(np.exp(log_cross_entropy(np.zeros((4, 20)), np.repeat(np.arange(4), 5)))), 6)  # N log K
    27.725887
    """
    log_l = log_sample_losses(Z, labels)
    largest = log_l.max(axis=-1, keepdims=True)
    total = np.squeeze(largest, -1) + np.log(np.exp(log_l - largest).sum(axis=-1))
    return total - (np.log(Z.shape[-1]) if reduction == "mean" else 0.0)


def log_loss_and_multipliers(Z: Array, labels: Labels) -> tuple[Array, Array]:
    """log L of the sum, (...), and P / L off the true class, 0 on it, (..., K, N): softmax over loss.

    exp(z_j - z_y - log1p(S) - log L): a difference of logarithms, exact where the loss is e^-10^8. The entries' sum
    tends to 1 as L does to 0.
    """
    samples = np.arange(Z.shape[-1])
    log_l = log_sample_losses(Z, labels)
    largest = log_l.max(axis=-1, keepdims=True)
    log_loss = np.log(np.exp(log_l - largest).sum(axis=-1)) + largest[..., 0]
    shift = np.exp(log_l) + log_loss[..., None]  # log1p(S) is the sample's loss itself
    gaps = Z - Z[..., labels, samples][..., None, :]
    relative = np.exp(np.minimum(gaps - shift[..., None, :], 0.0))  # at most 1: p_j <= 1 - p_y <= L
    relative[..., labels, samples] = 0.0
    return log_loss, relative


def dual_matrix(multipliers: Array, labels: Labels) -> Array:
    """A (..., K, N): -lambda off the true class, the sum of the column's lambda on it; columns sum to 0.

    For lambda = P / L it is -G / L.
    """
    A = -multipliers
    A[..., labels, np.arange(len(labels))] = multipliers.sum(axis=-2)
    return A


def log_losses(W: Array, H: Array, labels: Labels, reduction: str = "sum") -> Array:
    """log L of many states, W (T, K, d) and H (T, d, N) -> (T,), a few at a time: their logits may be large."""
    size = max(1, LOGITS // (W.shape[1] * H.shape[2]))
    chunks = [slice(t, t + size) for t in range(0, len(W), size)]
    return np.concatenate([log_cross_entropy(W[chunk] @ H[chunk], labels, reduction) for chunk in chunks])


def cross_entropy_gradient(Z: Array, labels: Labels, reduction: str = "sum") -> Array:
    """G = dL/dZ = P - Y, (K, N): softmax minus one-hot; divided by N for the mean.

    The entry of the true class is minus the sum of the others, which keeps its relative accuracy when tiny.
    """
    E = np.exp(Z - Z.max(axis=0))
    G = E / E.sum(axis=0)
    samples = np.arange(Z.shape[1])
    G[labels, samples] = 0.0
    G[labels, samples] = -G.sum(axis=0)
    return G / Z.shape[1] if reduction == "mean" else G
