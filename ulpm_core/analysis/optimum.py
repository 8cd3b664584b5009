"""The least objective of the separation problem, for classes of one size or of several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ulpm_core.analysis.separation import Known, best_known_value, separation_optimum


def best_known(sizes: Sequence[int], dimension: int) -> Known:
    """The optimum of the separation problem for class sizes n_k, as far as it is known (docs/theory.md 6.1 and 6.2).

    >>> round(best_known((10, 10, 2, 2), 3).value, 6), best_known((10, 10, 2, 2), 2).value
    (7.025981, None)
    """
    K, d = len(sizes), dimension
    if len(set(sizes)) == 1 or (d == 1 and K > 2):
        return best_known_value(K, d, min(sizes))
    if d < K - 1:
        return Known(None, False, f"No best value is known for {K} classes of differing sizes in {d} dimensions.")
    value = separation_optimum(sizes, d).value
    return Known(value, True, "Simplex-encoded labels are optimal: ‖ΠY‖∗, proved by its dual.")


def least_objective(sizes: Sequence[int], dimension: int) -> float:
    """The least objective of the separation problem as far as it is known, else NaN.

    >>> least_objective((25, 25, 25, 25), 3), least_objective((2, 3, 2, 2), 2)
    (15.0, nan)
    """
    value = best_known(sizes, dimension).value
    return np.nan if value is None else value
