"""The least objective of the separation problem, for classes of one size or of several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ulpm_core.analysis.separation import best_known_value, separation_optimum


def least_objective(sizes: Sequence[int], dimension: int) -> float:
    """The least objective of the separation problem as far as it is known, else NaN.

    >>> least_objective((25, 25, 25, 25), 3), least_objective((2, 3, 2, 2), 2)
    (15.0, nan)
    >>> round(least_objective((10, 10, 2, 2), 3), 6)
    7.025981
    """
    if len(set(sizes)) == 1:
        value = best_known_value(len(sizes), dimension, sizes[0]).value
        return np.nan if value is None else value
    return separation_optimum(sizes, dimension).value if dimension >= len(sizes) - 1 else np.nan
