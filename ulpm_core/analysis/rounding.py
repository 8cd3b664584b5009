"""Tells rounding in class means from what is there, and which of their directions count."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ulpm_core.model.shapes import Array, Flags, Shaped

RANK_TOLERANCE: Final = 1e-15
"""Eigenvalues of Sigma_B below this share of the largest are rounding: NumPy's own cut for a pseudo-inverse."""
ROUNDING: Final = float(np.finfo(np.float64).eps)
"""A mean of N vectors is known to N eps of their size (Higham 2002, section 4.2), and no better than to the `precision`
in which they were stored: an entry is half an eps off at most. Shorter differences of means are rounding.
"""


def rounding_of(*types: np.dtype[Any]) -> float:
    """The `precision` of numbers of these types: the eps of the coarsest, and no less than that of float64.

    >>> rounding_of(np.dtype(np.float16), np.dtype(int)), rounding_of(np.dtype(np.longdouble)) == ROUNDING
    (0.0009765625, True)
    """
    return max([ROUNDING, *(float(np.finfo(kind).eps) for kind in types if kind.kind == "f")])


def rounding_length(
    energy: Shaped[Array, "*T"] | float, count: int, precision: float = ROUNDING
) -> Shaped[Array, "*T"]:
    """The length up to which a difference of means over up to `count` vectors, of squared norms `energy` in all, is
    rounding. A singular value of K such differences over sqrt(K) errs by no more (Weyl).

    >>> float(rounding_length(4.0, 4, 2.0**-23)) == 2.0**-23  # float32, vectors of length 1
    True
    """
    return np.asarray(max(count * ROUNDING, precision) * np.sqrt(np.asarray(energy) / count))


def without_rounding(differences: Shaped[Array, "*T K d"], rounding: Shaped[Array, "*T"]) -> Shaped[Array, "*T K d"]:
    """Differences of means; 0 where they are no longer than `rounding`.

    >>> without_rounding(np.array([[1e-15, 1.0], [1e-17, 0.0]]), np.array(1e-15)).tolist()
    [[1e-15, 1.0], [0.0, 0.0]]
    """
    lengths = np.linalg.norm(differences, axis=-1, keepdims=True)
    return np.where(lengths <= rounding[..., None, None], 0.0, differences)


def counted(S: Shaped[Array, "*T r"], rounding: Shaped[Array, "*T"], most: int) -> Shaped[Flags, "*T r"]:
    """Returns a mask of the singular values S of the class means over sqrt(K) that count, at most so many:
    their square is more than rounding of the largest, as NumPy's pseudo-inverse of Sigma_B decides, and no rounding of
    the means themselves can make them.

    >>> counted(np.array([1.0, 1e-6, 1e-9]), np.array(1e-12), 2), counted(np.array([1.0, 1e-6]), np.array(1e-4), 2)
    (array([ True,  True, False]), array([ True, False]))
    """
    some = np.arange(S.shape[-1]) < most
    return some & (RANK_TOLERANCE * S[..., :1] ** 2 < S**2) & (rounding[..., None] < S)
