"""The least objective of the separation problem, for classes of one size or of several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ulpm_core.analysis.separation import separation_optimum


class Known(NamedTuple):
    """The optimum of (P) as far as known; `certified`: proved, and where there is no value, that none exists."""

    value: float | None
    certified: bool
    words: str


def best_known_value(classes: int, dimension: int, per_class: int) -> Known:
    """The optimum of (P) for balanced classes, in every d as far as it is known (docs/theory.md 6.2).

    Features repeat within a class at an optimum, so the value is sqrt(n) times that of one sample a class.

    >>> best_known_value(4, 3, 25).value, best_known_value(8, 4, 25).value
    (15.0, 40.0)
    """
    K, d, root = classes, dimension, math.sqrt(per_class)
    if d >= K - 1:
        return Known((K - 1) * root, True, "The simplex is optimal: (K − 1)√n, proved by its dual.")
    if d == 1:
        return Known(None, True, "On a line a middle class never scores highest: three classes cannot be separated.")
    if d == 2:
        best = K * root / (1.0 - math.cos(2.0 * math.pi / K))
        return Known(best, False, f"Best known: the regular {K}-gon, K√n/(1 − cos 2π/K). No proof.")
    if 2 * d == K:
        return Known(K * root, False, "Best known: the cross-polytope, K√n. No proof.")
    if (K, d) == (5, 3):
        return Known((4.0 + 2.0 / math.sqrt(5.0)) * root, False, "Best known: two crossed pairs and an apex. No proof.")
    return Known(None, False, f"No best value is known for {K} classes in {d} dimensions.")


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
