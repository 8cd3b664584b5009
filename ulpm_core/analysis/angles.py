"""Angles between class means, in degrees."""

from __future__ import annotations

import numpy as np

from ulpm_core.analysis.collapse import cosines
from ulpm_core.model.shapes import Array, Shaped


def angle_gap_degrees(centred_means: Shaped[Array, "K d"]) -> float:
    """Mean distance in degrees of the angles between class means from the ideal arccos(-1/(K-1)).

    >>> round(angle_gap_degrees(np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])), 2)  # the square, K = 4
    36.49
    """
    K = len(centred_means)
    off = cosines(centred_means)[~np.eye(K, dtype=bool)]
    return float(np.degrees(np.abs(np.arccos(np.clip(off, -1, 1)) - np.arccos(-1 / (K - 1)))).mean())


def nearest_degrees(centred_means: Shaped[Array, "K d"]) -> Shaped[Array, "K"]:
    """Degrees from each class mean to the one nearest in direction.

    >>> nearest_degrees(np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])).round(9).tolist()
    [90.0, 90.0, 90.0, 90.0]
    """
    K = len(centred_means)
    others = np.where(np.eye(K, dtype=bool), -1.0, cosines(centred_means))
    return np.degrees(np.arccos(np.clip(others.max(axis=1), -1.0, 1.0)))
