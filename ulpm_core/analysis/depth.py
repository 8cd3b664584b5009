"""NC1 of layers that are too many, or too wide, to be passed twice: sums that one pass over the samples gives."""

from __future__ import annotations

import numpy as np

from ulpm_core.analysis.class_means import class_sums
from ulpm_core.analysis.collapse import ratio
from ulpm_core.analysis.rounding import ROUNDING, rounding_length, without_rounding
from ulpm_core.model.shapes import Array, Labels, Shaped


class OnePass:
    """The class means of features that come batch by batch, and the sum of squared distances from them, kept up to
    date by the rule of Chan, Golub and LeVeque (1983): no square of a sum is taken off a sum of squares.

    >>> layer = OnePass(2)
    >>> layer.add(np.array([[0.0], [4.0]]), np.array([0, 1]))
    >>> layer.add(np.array([[2.0], [4.0]]), np.array([0, 1]))
    >>> float(layer.within), layer.means.tolist(), float(layer.trace_ratio())
    (2.0, [[1.0], [4.0]], 0.2222222222222222)
    """

    def __init__(self, classes: int):
        self.counts: Labels = np.zeros(classes, dtype=np.int64)
        self.means: Array = np.zeros((classes, 0))
        self.within: Array = np.asarray(0.0)

    def add(self, features: Shaped[Array, "B d"], labels: Shaped[Labels, "B"]) -> None:
        """Adds a batch, a row for each sample."""
        K, before = len(self.counts), self.counts
        if not before.any():
            self.means = np.zeros((K, features.shape[1]))
        new = np.bincount(labels, minlength=K)
        counts = before + new
        here = class_sums(np.ascontiguousarray(features.T), labels, K) / np.maximum(new, 1)[:, None]
        apart = np.where(new[:, None] > 0, here - self.means, 0.0)
        shift = (before * new / np.maximum(counts, 1)) @ (apart**2).sum(axis=1)
        self.within = self.within + ((features - here[labels]) ** 2).sum() + shift
        self.means, self.counts = self.means + apart * (new / np.maximum(counts, 1))[:, None], counts

    def trace_ratio(self, precision: float = ROUNDING) -> Shaped[Array, ""]:
        """Tr Sigma_W / Tr Sigma_B as :func:`ulpm_core.analysis.collapse.nc1_trace_ratio` has it, of features that were
        computed in that precision; NaN where all class means are one.
        """
        N = int(self.counts.sum())
        energy = self.within + self.counts @ (self.means**2).sum(axis=1)
        centred = self.means - self.counts @ self.means / N
        between = (without_rounding(centred, rounding_length(energy, N, precision)) ** 2).sum() / len(self.counts)
        return ratio(self.within / N, between)
