"""The tours that come with the lab, by the names of their files in `assets/lessons`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from app import asset

FIRST: Final = "five-minutes"
"""The tour for whoever opens the lab and has not heard of neural collapse."""
LESSONS: Final = (
    "what-a-last-layer-does",
    "the-collapse",
    "why-a-simplex",
    "why-it-takes-for-ever",
    "saddles-that-hold-you",
    "real-networks",
)
"""One class, in the order in which it is taught."""
BEYOND: Final = ("does-collapse-need-decay",)
"""Lessons beside the class, on what the literature disputes."""
DECK: Final = "ten-minutes"
"""The deck for a talk."""
SHIPPED: Final = (FIRST, *LESSONS, *BEYOND, DECK)


def path_of(name: str) -> Path:
    """Returns where the document of a shipped tour lies.

    >>> path_of("ten-minutes").name
    'ten-minutes.md'
    """
    return asset("lessons") / f"{name}.md"
