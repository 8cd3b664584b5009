"""Angles between class means, in degrees."""

from __future__ import annotations

import numpy as np

from ulpm_core.analysis.collapse import cosines
from ulpm_core.model.losses import Array


def angle_gap_degrees(centred_means: Array) -> float:
    """Mean distance in degrees of the angles between class means (K, d) from the ideal arccos(-1/(K-1)).

    >>> round(angle_gap_degrees(np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])), 2)  # the square, K = 4
    36.49
    """
    K = len(centred_means)
    off = cosines(centred_means)[~np.eye(K, dtype=bool)]
    return float(np.degrees(np.abs(np.arccos(np.clip(off, -1, 1)) - np.arccos(-1 / (K - 1)))).mean())


def nearest_degrees(centred_means: Array) -> Array:
    """(K,): degrees from each class mean (K, d) to the one nearest in direction.

    >>> nearest_degrees(np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])).round(9).tolist()
    [90.0, 90.0, 90.0, 90.0]
    """
    K = len(centred_means)
    others = np.where(np.eye(K, dtype=bool), -1.0, cosines(centred_means))
    return np.degrees(np.arccos(np.clip(others.max(axis=1), -1.0, 1.0)))
