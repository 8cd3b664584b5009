"""The class means of features that come chunk by chunk, of one moment or of many at once.

A chunk is H (..., d, B) and labels (B,): B samples, grouped or not, at (...) moments. The samples of a run are one
chunk, (T, d, N); those of a network are as many as it takes, (d, B) each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ulpm_core.analysis.factors import decomposed
from ulpm_core.analysis.rounding import ROUNDING, counted, rounding_length, without_rounding
from ulpm_core.model.shapes import Array, Labels, Shaped

Chunks = Callable[[], Iterable[tuple[Shaped[Array, "*T d B"], Shaped[Labels, "B"]]]]
"""Gives features and labels, chunk by chunk; each call gives the same samples in the same order."""


@dataclass(frozen=True, eq=False)
class ClassMeans:
    """labels in the order of the chunks, class sizes `counts`, class means, the mean over samples `centre`, ||H||^2 as
    `energy`, and the precision in which features and classifiers were stored.
    """

    labels: Shaped[Labels, "N"]
    counts: Shaped[Labels, "K"]
    means: Shaped[Array, "*T K d"]
    centre: Shaped[Array, "*T d"]
    energy: Shaped[Array, "*T"]
    precision: float = ROUNDING

    @property
    def samples(self) -> int:
        """N."""
        return int(self.counts.sum())

    @cached_property
    def rounding(self) -> Shaped[Array, "*T"]:
        """The length up to which a difference of means is rounding."""
        return rounding_length(self.energy, self.samples, self.precision)

    @cached_property
    def centred(self) -> Shaped[Array, "*T K d"]:
        """Class means less the mean over samples; 0 where they are rounding: where all means coincide,
        nothing between them is defined.
        """
        return without_rounding(self.means - self.centre[..., None, :], self.rounding)

    @cached_property
    def rank(self) -> Shaped[Labels, "*T"]:
        """The rank of Sigma_B that NC1 uses: K-1 at most, and less where class means lie in a smaller subspace.

        >>> H, labels = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]), np.arange(3)
        >>> int(class_means(lambda: [(H, labels)], 3).rank)
        1
        """
        K = len(self.counts)
        return counted(decomposed(self.centred / np.sqrt(K))[0], self.rounding, K - 1).sum(axis=-1)


def class_means(chunks: Chunks, classes: int, precision: float = ROUNDING) -> ClassMeans:
    """The class means; NaN is the mean of a class with no sample, and the energy of features that hold one.

    >>> class_means(lambda: [(np.eye(2), np.array([0, 1])), (np.eye(2), np.array([0, 0]))], 2).means
    array([[0.66666667, 0.33333333],
           [0.        , 1.        ]])
    """
    labels: list[Labels] = []
    energy: Array | float = 0.0
    sums: Array | float = 0.0
    with np.errstate(invalid="ignore", over="ignore"):  # features that are no numbers: whoever asked sees the energy
        for H, y in chunks():
            labels.append(y)
            energy = energy + (H**2).sum(axis=(-2, -1))
            sums = sums + class_sums(H, y, classes)
        every, sums = np.concatenate(labels), np.asarray(sums)
        counts = np.bincount(every, minlength=classes)
        means, centre = sums / counts[:, None], sums.sum(axis=-2) / len(every)
    return ClassMeans(every, counts, means, centre, np.asarray(energy), precision)


def class_sums(
    H: Shaped[Array, "*T d B"], labels: Shaped[Labels, "B"], classes: int
) -> Shaped[Array, "*T {classes} d"]:
    """Sums of the features of each class: B d additions, whatever K is.

    >>> class_sums(np.array([[1.0, 2.0, 4.0]]), np.array([2, 0, 2]), 3).tolist()
    [[2.0], [0.0], [5.0]]
    """
    if (labels[1:] < labels[:-1]).any():
        order = np.argsort(labels, kind="stable")
        H, labels = H[..., order], labels[order]
    present, starts = np.unique(labels, return_index=True)
    sums = np.zeros((*H.shape[:-2], classes, H.shape[-2]))
    sums[..., present, :] = np.swapaxes(np.add.reduceat(H, starts, axis=-1), -1, -2)
    return sums
