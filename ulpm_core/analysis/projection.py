"""The frame in which a run is shown: one fixed orthonormal basis for the whole film, and the ideal simplex in it.

A basis fitted to every frame would spin, since a perfect simplex has K-1 equal principal axes; this one is fixed
by the end state, so whatever moves on screen moved in the run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ulpm_core.analysis.collapse import cosines
from ulpm_core.analysis.crowd import block_cosines, blocks_of
from ulpm_core.analysis.factors import in_one_thread
from ulpm_core.model.etf import procrustes, simplex_etf
from ulpm_core.model.shapes import Array, Labels, Shaped

MAX_CLASSES: Final = 64
"""Most classes on stage: beyond this neither colours nor the cells of a cosine matrix can be told apart."""
MAX_FRAMES: Final = 240
MAX_AXES: Final = 19
FEATURE_BYTES: Final = 3 * 2**20
"""Byte budget of the feature coordinates, so that a film stays near 4 MB; samples are thinned to fit."""
EVEN: Final = 1e-3
"""Principal axes whose lengths differ by no more than this share are of one length: a regular polygon has no others."""
NOTHING: Final = 1e-6
"""A length below this share of all that is shown is nothing, or rounding."""
STANDS_OUT: Final = math.exp(-0.5)
"""Entries of an axis of at least this share of the largest stand out. No two lengths in a symmetrical frame are in such
a ratio, so that rounding does not choose between its entries.
"""


def nearest_simplex(centred_means: Shaped[Array, "*T K d"]) -> Shaped[Array, "*T K d"]:
    """The simplex ETF E, E E^T = I - 11^T/K, nearest to centred class means.

    Orthogonal Procrustes in closed form: with Q (K, K-1) an orthonormal basis of the complement of 1 and the
    singular value decomposition Q^T means = U S V^T, E = Q U V^T maximises tr(E^T means). Needs d >= K - 1.

    >>> M = simplex_etf(4, 3)
    >>> bool(np.allclose(nearest_simplex(5.0 * M), M))
    True
    """
    K = centred_means.shape[-2]
    Q = simplex_etf(K, K - 1)
    return Q @ procrustes(Q, centred_means)


def ideal_frame(
    centred_means: Shaped[Array, "*T K d"], target: Shaped[Array, "K d"] | None = None, simplex: bool = True
) -> Shaped[Array, "*T K d"] | None:
    """The corners of the ideal frame, turned onto centred class means: of the `target`, if there is one, else of the
    simplex, where it fits and if it is the best one; None where neither is.

    >>> ideal_frame(np.eye(4, 2)) is None, ideal_frame(np.eye(2), target=np.eye(2)).round(12).tolist()
    (True, [[1.0, 0.0], [0.0, 1.0]])
    """
    K, d = centred_means.shape[-2:]
    with in_one_thread(min(K, d)):
        if target is not None:
            target = target[:, : min(K, d)]  # it spans no more
            return target @ procrustes(target, centred_means)
        return nearest_simplex(centred_means) if simplex and d >= K - 1 else None


def display_basis(centred_means: Shaped[Array, "K d"], H: Shaped[Array, "d N"], axes: int) -> Shaped[Array, "d {axes}"]:
    """B, orthonormal: the K-1 directions of the end state's simplex first, in a pose that never changes.

    `centred_means` and `H` are the end state's. Directions beyond the simplex, and all of them where
    no simplex fits, are principal axes: of the features outside the simplex, or of the class means. They are
    :func:`determined`, so that the same end state is seen from the same side whoever computes it.
    """
    K, d = centred_means.shape
    if d >= K - 1:
        frame = np.linalg.pinv(simplex_etf(K, K - 1)) @ nearest_simplex(centred_means)
    else:
        _, lengths, principal = np.linalg.svd(centred_means, full_matrices=True)
        frame = determined(principal, lengths, float(np.linalg.norm(lengths)), axes)
    if axes > len(frame):
        outside = H - H.mean(axis=1, keepdims=True)
        frame = np.vstack([frame, _complement(frame, outside, axes - len(frame))])
    return frame[:axes].T


def _complement(frame: Array, columns: Array, count: int) -> Array:
    """`count` orthonormal rows orthogonal to `frame`'s rows: the principal axes of `columns` there, then any."""
    free = np.linalg.svd(frame, full_matrices=True)[2][len(frame) :]
    spread = free @ columns
    axes, squares, _ = np.linalg.svd(spread @ spread.T)
    return determined(axes.T @ free, np.sqrt(squares), float(np.linalg.norm(columns)), count)


def determined(
    axes: Shaped[Array, "m d"], lengths: Shaped[Array, "m"], size: float, count: int
) -> Shaped[Array, "{count} d"]:
    """The first `count` principal axes, orthonormal rows whose `lengths` fall, as they span their spaces and not as
    rounding left them: an axis may point either way, and among axes of one length any turn of them is as good.

    Lengths within EVEN of the one before, and those below NOTHING of `size`, are of one space. In each the first axis
    points to where the first coordinate of feature space falls that STANDS_OUT there, the next one likewise in what is
    left. An axis alone so gets a sign: the first of its entries that is not small is positive.

    >>> determined(np.array([[0.6, -0.8], [0.8, 0.6]]), np.array([1.0, 1.0]), 1.0, 2).round(12).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    >>> determined(np.array([[-0.1, 0.7, -0.7]]), np.array([1.0]), 1.0, 1).tolist()
    [[-0.1, 0.7, -0.7]]
    """
    counted = np.where(lengths > NOTHING * size, lengths, 0.0)
    apart = np.flatnonzero(counted[1:] < (1.0 - EVEN) * counted[:-1]) + 1
    found: list[Array] = []
    for space in np.split(axes, apart):
        seen = space.copy()  # column i: the i-th coordinate of feature space, seen from here
        for _ in range(min(len(space), count - len(found))):
            far = np.linalg.norm(seen, axis=0)
            first = np.flatnonzero(far >= STANDS_OUT * far.max())[0]
            towards = seen[:, first] / far[first]
            found.append(towards @ space)
            seen -= np.outer(towards, towards @ seen)
    return np.array(found)


class View(NamedTuple):
    """A run in its display frame: coordinates centred by the feature mean of each snapshot, and the cosines
    between centred class means, and between centred classifiers, as they are in all dimensions.
    """

    features: Shaped[NDArray[Any], "T M axes"]
    means: Shaped[Array, "T K axes"]
    classifiers: Shaped[Array, "T K axes"]
    scale: Shaped[Array, "T"]
    scale_w: Shaped[Array, "T"]
    cosines: Shaped[Array, "T K K"]
    cosines_w: Shaped[Array, "T K K"]
    ideal: Shaped[Array, "T K axes"] | None
    hidden: float
    """Share of the end state's feature spread that lies outside the axes shown."""


def view(
    wdot: Shaped[Array, "T K d"],
    features: Shaped[NDArray[Any], "T d M"],
    means: Shaped[Array, "T K d"],
    centre: Shaped[Array, "T d"],
    axes: int,
    end: Shaped[Array, "d N"],
    ideal: Shaped[Array, "T K d"] | None = None,
) -> View:
    """The view of centred classifiers and of features in float64 or float32, with centred class means and the centre of
    all samples; `end` are the features that the last snapshot is judged by. The corners of the `ideal` frame, if there
    is one, are shown at the scale of each snapshot's class means.
    """
    basis = display_basis(means[-1], end, axes)
    scale = np.linalg.norm(means, axis=-1).mean(axis=-1)
    if ideal is not None:
        ideal = ideal @ basis * (scale / np.linalg.norm(ideal, axis=-1).mean(axis=-1))[:, None, None]
    spread = end - centre[-1, :, None]
    total = float((spread**2).sum())
    return View(
        features=np.swapaxes(features - centre[..., None].astype(features.dtype), -1, -2)
        @ basis.astype(features.dtype),
        means=means @ basis,
        classifiers=wdot @ basis,
        scale=scale,
        scale_w=np.linalg.norm(wdot, axis=-1).mean(axis=-1),
        cosines=cosines(means),
        cosines_w=cosines(wdot),
        ideal=ideal,
        hidden=max(0.0, 1.0 - float(((basis.T @ spread) ** 2).sum()) / total) if total else 0.0,
    )


class Stage(NamedTuple):
    """The contents of a film's stage: the snapshots that become `frames`, the `samples`, and the `view` of these. Of a
    crowd, `classes` are those on stage and `blocks` all of them, each block with one on stage: None where all are.
    """

    frames: Shaped[Labels, "F"]
    samples: Shaped[Labels, "M"]
    view: View
    classes: Shaped[Labels, "B"] | None = None
    blocks: list[Labels] | None = None


def stage(
    W: Shaped[Array, "T K d"],
    H: Shaped[NDArray[Any], "T d N"],
    means: Shaped[Array, "T K d"],
    centre: Shaped[Array, "T d"],
    sizes: Sequence[int],
    marked: Sequence[int],
    most: float = math.inf,
    target: Shaped[Array, "K d"] | None = None,
    simplex: bool = True,
) -> Stage:
    """The stage of classifiers and of features, of so many samples of each class, with centred class means and the
    centre of all samples. Frames are both ends, the snapshots that are marked, and others evenly between; a point has
    all coordinates that the ideal frame spans, at most MAX_AXES; `most` samples are shown, or fewer to fit. `target`
    and `simplex` say which frame is ideal, as :func:`ideal_frame` has it. Of more than MAX_CLASSES classes as many,
    evenly chosen, are on stage, and cosines are means over :func:`blocks_of` all.
    """
    T, K, d = W.shape
    spread = np.linspace(0, T - 1, min(T, MAX_FRAMES - len(marked))).round().astype(int)
    frames, axes = np.union1d(spread, marked).astype(int), min(d, max(3, K - 1), MAX_AXES)
    room = int(min(most, FEATURE_BYTES // (len(frames) * axes * 4)))
    wdot, shown = W[frames] - W[frames].mean(axis=1, keepdims=True), means[frames]
    ideal = ideal_frame(shown, target, simplex)
    if K <= MAX_CLASSES:
        samples, end = shown_samples(sizes, room), H[-1].astype(np.float64, copy=False)
        seen = view(wdot, H[:, :, samples][frames], shown, centre[frames], axes, end, ideal)
        return Stage(frames, samples, seen)
    blocks = blocks_of(K, MAX_CLASSES)
    classes = np.array([block[len(block) // 2] for block in blocks])
    every = np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])
    own = np.concatenate([every[k] for k in classes])
    samples = own[shown_samples([sizes[k] for k in classes], room)]
    end = H[-1][:, own].astype(np.float64, copy=False)
    corners = None if ideal is None else ideal[:, classes]  # of the frame of all classes
    seen = view(wdot[:, classes], H[:, :, samples][frames], shown[:, classes], centre[frames], axes, end, corners)
    seen = seen._replace(cosines=block_cosines(shown, blocks), cosines_w=block_cosines(wdot, blocks))
    return Stage(frames, samples, seen, classes, blocks)


def shown_samples(sizes: Sequence[int], most: int) -> Shaped[Labels, "M"]:
    """Indices of at most so many samples, grouped by class: the same share of each, evenly spaced, and at least one.

    >>> shown_samples((6, 4, 2), 6).tolist()
    [0, 2, 5, 6, 9, 10]
    """
    N, first, shown = sum(sizes), 0, []
    for size in sizes:
        kept = max(1, min(size, size * most // N))
        shown.append(first + np.unique(np.linspace(0, size - 1, kept).round().astype(int)))
        first += size
    return np.concatenate(shown)
