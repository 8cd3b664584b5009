"""The metrics of classes of differing sizes: the cosines between classifiers of small and of large classes.

The smallest size makes a class a minority class, the largest a majority class; sizes between are neither. Without
regularisation the classifiers of minority classes never merge: docs/theory.md 6.1 gives the cosines they tend to. With
squared error they vanish instead, and a vector without length has no cosine.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ulpm_core.analysis.collapse import ratio
from ulpm_core.model.shapes import Array, Flags, Labels, Shaped

NO_LENGTH: Final = 1e-9
"""Share of the longest below which a classifier has no direction."""


def size_cosines(
    centred: Shaped[Array, "*T K d"], counts: Shaped[Labels, "K"], W: Shaped[Array, "*T K d"] | None = None
) -> dict[str, Shaped[Array, "*T"]]:
    """Mean cosines between centred classifiers: over pairs of minority classes, of majority classes,
    and of one of each, as `minority_cosine`, `majority_cosine` and `cross_cosine`. NaN where there is no such pair, and
    where a classifier is 0 or, as it is in W, is nothing beside the longest. Empty where all classes have one size:
    `counts` says how many samples each has.

    >>> cross = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    >>> {name: float(value) for name, value in size_cosines(cross, np.array([5, 5, 2, 3])).items()}
    {'minority_cosine': nan, 'majority_cosine': 0.0, 'cross_cosine': -0.5}
    """
    small, large = counts == counts.min(), counts == counts.max()
    if small.all():
        return {}
    unit = ratio(centred, np.linalg.norm(centred, axis=-1, keepdims=True))
    if W is not None:
        unit = np.where(shorter(W, NO_LENGTH)[..., None], np.nan, unit)
    return {
        "minority_cosine": _mean_cosine(unit[..., small, :]),
        "majority_cosine": _mean_cosine(unit[..., large, :]),
        "cross_cosine": (unit[..., small, :] @ np.swapaxes(unit[..., large, :], -1, -2)).mean(axis=(-2, -1)),
    }


def _mean_cosine(unit: Array) -> Array:
    """Over the pairs of different rows (..., m, d) of length 1."""
    m = unit.shape[-2]
    if m < 2:
        return np.full(unit.shape[:-2], np.nan)
    return (unit @ np.swapaxes(unit, -1, -2))[..., ~np.eye(m, dtype=bool)].mean(axis=-1)


def shorter(vectors: Shaped[Array, "*T K d"], share: float) -> Shaped[Flags, "*T K"]:
    """Which vectors are shorter than this share of the longest."""
    lengths = np.linalg.norm(vectors, axis=-1)
    return np.asarray(lengths < share * lengths.max(axis=-1, keepdims=True))
