"""More classes than a stage holds: blocks of them, the cosines between blocks, and the spectrum of class means."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ulpm_core.analysis.collapse import ratio
from ulpm_core.analysis.factors import in_one_thread
from ulpm_core.model.shapes import Array, Labels, Shaped


def blocks_of(classes: int, count: int) -> list[Labels]:
    """All classes in their order, in so many blocks whose sizes differ by one at most.

    >>> [block.tolist() for block in blocks_of(5, 3)]
    [[0, 1], [2, 3], [4]]
    """
    return np.array_split(np.arange(classes), count)


def block_cosines(vectors: Shaped[Array, "T K d"], blocks: Sequence[Labels]) -> Shaped[Array, "T B B"]:
    """Means of the cosines between each class of one block and each other one of another, or of the same block; 1 for
    a block of one class with itself, NaN where a vector is 0. From sums of unit vectors: no K x K matrix is formed.

    >>> block_cosines(np.array([[[1.0, 0.0], [0.0, 2.0], [-3.0, 0.0]]]), [np.array([0, 1]), np.array([2])]).tolist()
    [[[0.0, -0.5], [-0.5, 1.0]]]
    """
    unit = ratio(vectors, np.linalg.norm(vectors, axis=-1, keepdims=True))
    sums = np.stack([unit[:, block].sum(axis=1) for block in blocks], axis=1)
    sizes = np.array([len(block) for block in blocks])
    selves = np.diag(np.where(sizes > 1, sizes, 0))  # a class is no pair with itself, unless it is alone
    return (sums @ np.swapaxes(sums, -1, -2) - selves) / (np.outer(sizes, sizes) - selves)


def spectrum(vectors: Shaped[Array, "T K d"]) -> Shaped[Array, "T r"]:
    """Singular values of centred vectors, largest first, over their root mean square: all 1 where the vectors spread
    evenly over all r = min(K - 1, d) directions that they may span; NaN where all are 0. They are roots of the
    eigenvalues of the smaller Gram matrix, so that those below 1e-8 are rounding.

    >>> spectrum(np.array([[[3.0, 0.0], [-3.0, 0.0], [0.0, 4.0], [0.0, -4.0]]])).round(12).tolist()
    [[1.131370849898, 0.848528137424]]
    """
    K, d = vectors.shape[-2:]
    turned = np.swapaxes(vectors, -1, -2)
    with in_one_thread(min(K, d)):
        values = np.linalg.eigvalsh(vectors @ turned if d > K else turned @ vectors)[..., ::-1][..., : min(K - 1, d)]
    squares = np.maximum(values, 0.0)
    return np.sqrt(ratio(squares, squares.mean(axis=-1, keepdims=True)))
