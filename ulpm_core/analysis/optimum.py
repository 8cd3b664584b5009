"""The least objective of the separation problem, for classes of one size or of several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from ulpm_core.analysis.separation import separation_optimum


class Known(NamedTuple):
    """The optimum of (P) as far as known; `certified`: proved, and where there is no value, that none exists."""

    value: float | None
    certified: bool
    words: str


def best_known(sizes: Sequence[int], dimension: int) -> Known:
    """The optimum of (P) for class sizes n_k, as far as it is known (docs/theory.md 6.1 and 6.2).

    Features repeat within a class at an optimum, so for classes of one size n the value is sqrt(n) times that of one
    sample a class.

    >>> best_known([25] * 4, 3).value, best_known([25] * 8, 4).value
    (15.0, 40.0)
    >>> round(best_known((10, 10, 2, 2), 3).value, 6), best_known((10, 10, 2, 2), 2).value
    (7.025981, None)
    """
    K, d, root, even = len(sizes), dimension, math.sqrt(sizes[0]), len(set(sizes)) == 1
    if d >= K - 1:
        if even:
            return Known((K - 1) * root, True, "The simplex is optimal: (K − 1)√n, proved by its dual.")
        value = separation_optimum(sizes, d).value
        return Known(value, True, "Simplex-encoded labels are optimal: ‖ΠY‖∗, proved by its dual.")
    if d == 1:
        return Known(None, True, "On a line a middle class never scores highest: three classes cannot be separated.")
    if not even:
        return Known(None, False, f"No best value is known for {K} classes of differing sizes in {d} dimensions.")
    if d == 2:
        best = K * root / (1.0 - math.cos(2.0 * math.pi / K))
        return Known(best, False, f"Best known: the regular {K}-gon, K√n/(1 − cos 2π/K). No proof.")
    if 2 * d == K:
        return Known(K * root, False, "Best known: the cross-polytope, K√n. No proof.")
    if (K, d) == (5, 3):
        return Known((4.0 + 2.0 / math.sqrt(5.0)) * root, False, "Best known: two crossed pairs and an apex. No proof.")
    return Known(None, False, f"No best value is known for {K} classes in {d} dimensions.")
