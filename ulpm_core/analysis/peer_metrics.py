"""What other authors measure of vectors in rows, and the lab does not: :mod:`ulpm_core.analysis.peers` says who."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ulpm_core.analysis.collapse import cosines, ratio
from ulpm_core.model.shapes import Array, Labels, Shaped


def sample_variation(vectors: Shaped[Array, "*T K d"]) -> Shaped[Array, "*T"]:
    """std / mean of the norms of the rows with the divisor K-1 of torch.std; norms of :func:`norm_variation` have K.

    >>> round(float(sample_variation(np.array([[1.0, 0.0], [0.0, 3.0]]))), 12)  # the square root of 1/2
    0.707106781187
    """
    norms = np.linalg.norm(vectors, axis=-1)
    return ratio(norms.std(axis=-1, ddof=1), norms.mean(axis=-1))


def frame_error(A: Shaped[Array, "*T K d"], B: Shaped[Array, "*T K d"]) -> Shaped[Array, "*T"]:
    """|| G/||G||_F - Pi/sqrt(K-1) ||_F of G = A B^T, Pi = I - 11^T/K: 0 where A and B are one simplex.

    >>> round(float(frame_error(np.eye(2), np.eye(2))), 12)  # the square root of 2 - sqrt(2)
    0.76536686473
    """
    K = A.shape[-2]
    ideal = (np.eye(K) - 1.0 / K) / np.sqrt(K - 1)
    G = normalised(A) @ np.swapaxes(normalised(B), -1, -2)  # each first: squares of squares overflow
    return np.linalg.norm(normalised(G) - ideal, axis=(-2, -1))


def normalised(A: Shaped[Array, "*T K m"]) -> Shaped[Array, "*T K m"]:
    """A over its Frobenius norm; NaN where that is 0."""
    return ratio(A, np.linalg.norm(A, axis=(-2, -1), keepdims=True))


def class_distance_variance(
    means: Shaped[Array, "*T K d"], spread: Shaped[Array, "*T K"], counts: Shaped[Labels, "K"]
) -> Shaped[Array, "*T"]:
    """CDNV: mean over pairs j < k of (Var_j + Var_k) / (2 ||hbar_j - hbar_k||^2), where Var_k is the mean of
    ||h - hbar_k||^2 over the samples of class k, their sum being `spread`. NaN where two means are one.

    >>> float(class_distance_variance(np.array([[0.0], [2.0]]), np.array([3.0, 2.0]), np.array([3, 1])))
    0.375
    """
    K, variance, total = len(counts), spread / counts, np.zeros(means.shape[:-2])
    for k in range(K - 1):
        apart = ((means[..., k + 1 :, :] - means[..., k : k + 1, :]) ** 2).sum(axis=-1)
        total = total + ratio((variance[..., k + 1 :] + variance[..., k : k + 1]) / 2.0, apart).sum(axis=-1)
    return np.asarray(total / (K * (K - 1) / 2))


def distance_variance(means: Shaped[Array, "*T K d"], of: Callable[[Array], Array]) -> Shaped[Array, "*T"]:
    """Variance over pairs j < k of a function of the distances between class means of length 1.

    >>> round(float(distance_variance(np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]), np.square)), 12)  # 2, 4 and 2
    0.888888888889
    """
    pairs = np.triu_indices(means.shape[-2], 1)
    squares = np.maximum(2.0 - 2.0 * cosines(means), 0.0)[..., pairs[0], pairs[1]]
    return of(np.sqrt(squares)).var(axis=-1)
