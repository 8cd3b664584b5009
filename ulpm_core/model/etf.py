"""The simplex equiangular tight frame and the minimum-norm optimum built on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ulpm_core.model.class_sizes import encoding_factors, grouped_labels
from ulpm_core.model.refusal import refuse
from ulpm_core.model.shapes import Array, Shaped
from ulpm_core.model.state import State


def simplex_etf(classes: int, dimension: int) -> Shaped[Array, "{classes} {dimension}"]:
    """M with M M^T = I - 11^T/K: K vectors of squared norm (K-1)/K and inner products -1/K.

    The rows span the first K-1 coordinates (Helmert basis), so K = 2 lies on a line, K = 3 in a plane,
    K = 4 in space. Raises :class:`ConfigError` for d < K - 1 (docs/theory.md 1.3).

    >>> M = simplex_etf(4, 3)
    >>> bool(np.allclose(M @ M.T, np.eye(4) - 1 / 4))
    True
    """
    if dimension < classes - 1:
        raise refuse(
            "dimension",
            dimension,
            f"is too small for a simplex of {classes} classes",
            f"{classes - 1} or more",
            classes - 1,
        )
    M = np.zeros((classes, dimension))
    for j in range(1, classes):
        M[:j, j - 1] = 1.0
        M[j, j - 1] = -j
        M[:, j - 1] /= np.sqrt(j * (j + 1))
    return M


def minimum_norm_optimum(classes: int, dimension: int, per_class: int) -> State:
    """The global optimum of the minimum-norm separation problem, unique up to rotation.

    W = n^(1/4) M, h_{k,i} = n^(-1/4) m_k: all margins exactly 1, (||W||^2 + ||H||^2)/2 = (K-1) sqrt(n)
    (docs/theory.md 2.3).

    >>> best = minimum_norm_optimum(4, 3, 5)
    >>> round(float((best.W**2).sum() + (best.H**2).sum()) / 2, 6)
    6.708204
    """
    M = simplex_etf(classes, dimension)
    scale = per_class**0.25
    return State(W=scale * M, H=np.repeat(M / scale, per_class, axis=0).T)


def uneven_optimum(sizes: Sequence[int], dimension: int) -> State:
    """The global optimum of the minimum-norm separation problem for classes of any sizes n_k, columns grouped.

    W = (Pi D Pi)^(1/4) M, H = M^T (Pi D Pi)^(+1/4) Y: all margins exactly 1 (docs/theory.md 6.1). For equal sizes it
    is :func:`minimum_norm_optimum`.

    >>> best = uneven_optimum((10, 10, 2, 2), 3)
    >>> round(float((best.W**2).sum() + (best.H**2).sum()) / 2, 6)
    7.025981
    """
    M, labels, (U, S, _) = simplex_etf(len(sizes), dimension), grouped_labels(sizes), encoding_factors(tuple(sizes))
    return State((U * np.sqrt(S)) @ U.T @ M, M.T @ (U / np.sqrt(S)) @ U.T[:, labels], labels)


def procrustes(moving: Shaped[Array, "*S K r"], fixed: Shaped[Array, "*T K d"]) -> Shaped[Array, "*T r d"]:
    """The R with orthonormal rows, r <= d of them, that minimises ||moving R - fixed||_F.

    R = U V^T with moving^T fixed = U S V^T (Schoenemann 1966).

    >>> turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
    >>> bool(np.allclose(procrustes(np.eye(2), np.eye(2) @ turn), turn))
    True
    """
    U, _, Vt = np.linalg.svd(np.swapaxes(moving, -1, -2) @ fixed, full_matrices=False)
    return U @ Vt
