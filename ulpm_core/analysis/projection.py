"""The frame in which a run is shown: one fixed orthonormal basis for the whole film, and the ideal simplex in it.

A basis fitted to every frame would spin, since a perfect simplex has K-1 equal principal axes; this one is fixed
by the end state, so whatever moves on screen moved in the run.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ulpm_core.model.etf import simplex_etf
from ulpm_core.model.losses import Array, Labels

MAX_CLASSES: Final = 64
"""Most classes that are shown: beyond this neither colours nor the cosine matrix can be told apart."""


def nearest_simplex(centred_means: Array) -> Array:
    """The simplex ETF E (..., K, d), E E^T = I - 11^T/K, nearest to centred class means (..., K, d).

    Orthogonal Procrustes in closed form: with Q (K, K-1) an orthonormal basis of the complement of 1 and the
    singular value decomposition Q^T means = U S V^T, E = Q U V^T maximises tr(E^T means). Needs d >= K - 1.

    >>> M = simplex_etf(4, 3)
    >>> bool(np.allclose(nearest_simplex(5.0 * M), M))
    True
    """
    K = centred_means.shape[-2]
    Q = simplex_etf(K, K - 1)
    U, _, Vt = np.linalg.svd(Q.T @ centred_means, full_matrices=False)
    return Q @ (U @ Vt)


def display_basis(centred_means: Array, H: Array, axes: int) -> Array:
    """B (d, axes), orthonormal: the K-1 directions of the end state's simplex first, in a pose that never changes.

    `centred_means` (K, d) and `H` (d, N) are the end state's. Directions beyond the simplex, and all of them where
    no simplex fits, are principal axes: of the features outside the simplex, or of the class means.
    """
    K, d = centred_means.shape
    if d >= K - 1:
        frame = np.linalg.pinv(simplex_etf(K, K - 1)) @ nearest_simplex(centred_means)
    else:
        frame = np.linalg.svd(centred_means, full_matrices=True)[2]
    if axes > len(frame):
        outside = H - H.mean(axis=1, keepdims=True)
        frame = np.vstack([frame, _complement(frame, outside, axes - len(frame))])
    return frame[:axes].T


def _complement(frame: Array, columns: Array, count: int) -> Array:
    """`count` orthonormal rows orthogonal to `frame`'s rows: the principal axes of `columns` there, then any."""
    free = np.linalg.svd(frame, full_matrices=True)[2][len(frame) :]
    spread = free @ columns
    return np.linalg.svd(spread @ spread.T)[0][:, :count].T @ free


class View(NamedTuple):
    """A run in its display frame: coordinates centred by the feature mean of each snapshot, (T, count, axes)."""

    features: NDArray[Any]
    means: Array
    classifiers: Array
    ideal: Array | None
    scale: Array
    scale_w: Array
    hidden: float
    """Share of the end state's feature spread that lies outside the axes shown."""


def project(W: Array, H: Array, labels: Labels, shown: Labels, axes: int) -> View:
    """The view of W (T, K, d) and H (T, d, N); `shown` are the sample indices kept. No ideal simplex stands in it where
    class sizes differ: their best geometry is another.
    """
    centre, counts = H.mean(axis=-1), np.bincount(labels)
    average = (labels[:, None] == np.arange(W.shape[1])) / counts
    means = np.swapaxes(H @ average - centre[..., None], -1, -2)
    seen = view(W, H[:, :, shown], means, centre, axes, H[-1])
    return seen if len(set(counts.tolist())) == 1 else seen._replace(ideal=None)


def view(W: Array, features: NDArray[Any], means: Array, centre: Array, axes: int, end: Array) -> View:
    """The view of classifiers W (T, K, d) and features (T, d, M) in float64 or float32, with centred class means
    (T, K, d) and the centre (T, d) of all samples; `end` (d, N) are the features that the last snapshot is judged by.
    """
    K, d = W.shape[1:]
    wdot = W - W.mean(axis=1, keepdims=True)
    basis = display_basis(means[-1], end, axes)
    scale = np.linalg.norm(means, axis=-1).mean(axis=-1)
    ideal = None
    if d >= K - 1:
        ideal = (nearest_simplex(means) @ basis) * (scale * np.sqrt(K / (K - 1)))[:, None, None]
    spread = end - centre[-1, :, None]
    total = float((spread**2).sum())
    return View(
        features=np.swapaxes(features - centre[..., None].astype(features.dtype), -1, -2)
        @ basis.astype(features.dtype),
        means=means @ basis,
        classifiers=wdot @ basis,
        ideal=ideal,
        scale=scale,
        scale_w=np.linalg.norm(wdot, axis=-1).mean(axis=-1),
        hidden=max(0.0, 1.0 - float(((basis.T @ spread) ** 2).sum()) / total) if total else 0.0,
    )
