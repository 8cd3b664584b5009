"""The limits of a flow: of the length of its steps and of their number, the same for one run and for many."""

from __future__ import annotations

from typing import Final

MOST_RIGHT_HAND_SIDES: Final = 3_000_000
"""Then the flow has stalled: only where the classes cannot be separated, or from entries of a thousand and more, does
a run need that many."""
MOST_ON_A_LINE: Final = 50_000
"""The same for three or more classes in one dimension: on a line a middle class never scores highest."""
FIRST_SHARE: Final = 0.01
LONGEST_FIRST: Final = 0.1
"""The first step moves theta by about a hundredth of itself; the error sets all others."""
SHORTEST: Final = 1e-290


def most_right_hand_sides(classes: int, dimension: int) -> int:
    """Returns how many evaluations of the right-hand side a flow of these shapes may take before it counts as stalled.

    >>> most_right_hand_sides(4, 3), most_right_hand_sides(3, 1), most_right_hand_sides(2, 1)
    (3000000, 50000, 3000000)
    """
    return MOST_ON_A_LINE if dimension == 1 and classes > 2 else MOST_RIGHT_HAND_SIDES
