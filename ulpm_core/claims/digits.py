"""How many digits of a figure hold, and below which size it is rounding."""

from __future__ import annotations

import math
from typing import Final

from ulpm_core.analysis.curve import Curve

DIGITS: Final = {"float64": 12, "float32": 5}
"""Digits that hold at most of what is computed in a precision: sums in another order differ in those behind them."""
NEAR_ONE: Final = 1e-15
"""The floor of what is a share, or has a sign: it is a difference of numbers near 1."""
LEAST_LOSS: Final = 2.3e-308
"""A loss below is less than float64 holds; `minus_log_loss` is not."""
COUNTED: Final = ("nc4", "train_accuracy", "test_accuracy")
"""Shares of samples, which are counted."""


def floor_of(curve: Curve) -> float:
    """Returns the size below which a curve's values are rounding."""
    if curve.name in COUNTED:
        return 0.0
    if curve.name == "loss":
        return LEAST_LOSS
    return max(curve.floor, 0.0 if curve.scale == "log" else NEAR_ONE)


def digits_of(value: float, floor: float, most: int = DIGITS["float64"]) -> int:
    """Returns how many digits of a value hold, at most so many, where all below a floor is rounding.

    >>> digits_of(1e-10, 1e-15), digits_of(0.5, 0.0), digits_of(3e-16, 1e-15), digits_of(0.0, 0.0)
    (5, 12, 0, 12)
    """
    if floor == 0.0:
        return most
    return 0 if abs(value) < floor else min(most, int(math.log10(abs(value)) - math.log10(floor) + 1e-9))
