"""Pens and shades for figures on paper, told apart without colours too, and the widths of a page."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from app.paper.plates import INK, Pen

BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"
"""Okabe and Ito's colours, which every kind of eye tells apart."""
SOLID: Final[tuple[float, ...]] = ()
CURVES: Final = (
    Pen(BLUE, 1.1, SOLID),
    Pen(VERMILION, 1.1, (1.0, 1.3)),
    Pen(GREEN, 1.1, (4.0, 1.5)),
    Pen(PURPLE, 1.1, (5.0, 1.5, 1.0, 1.5)),
)
"""The curves of a panel of one film, in their order; their dashes say which is which on a grey print."""
FILMS: Final = (
    Pen(INK, 1.1, SOLID),
    Pen(VERMILION, 1.1, (4.0, 1.5)),
    Pen(BLUE, 1.1, (1.0, 1.3)),
    Pen(GREEN, 1.1, (5.0, 1.5, 1.0, 1.5)),
)
"""Of films beside each other, one for each film; its second curve in a panel carries marks."""
ALONE: Final = Pen(GREEN, 1.1, SOLID)
"""The one curve of a panel."""
LAW: Final = Pen(INK, 0.7, (7.0, 3.0))
EVENT: Final = Pen("#a6a6a6", 0.5, (1.0, 2.0))
WIDTHS: Final = {"one-column": 84.0, "two-column": 174.0}
"""Millimetres of a column, and of both, in a paper of two columns."""
LEAST_WIDTH, MOST_WIDTH = 40.0, 300.0
WIDE_FROM: Final = 120.0
"""Millimetres from which more panels stand side by side."""
LOW_TO_HIGH: Final = ((0.0, "#0b3a66"), (0.35, "#2f78b3"), (0.7, "#8fbfe0"), (1.0, "#e3eef7"))
"""One hue from dark to light, as on the page: the same order on a grey print."""


def between(scale: tuple[tuple[float, str], ...], share: float) -> str:
    """Returns the colour at a share of a scale.

    >>> between(((0.0, "#000000"), (1.0, "#ffffff")), 0.5)
    '#808080'
    """
    share = min(1.0, max(0.0, share))
    (low, first), (high, last) = next(pair for pair in pairwise(scale) if share <= pair[1][0])
    part = (share - low) / (high - low)
    return mixed(first, last, part)


def mixed(first: str, last: str, part: float) -> str:
    """Returns the colour that lies so far from the first to the last.

    >>> mixed("#ffffff", "#0072B2", 1.0)
    '#0072b2'
    """
    pairs = zip(rgb(first), rgb(last), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def rgb(colour: str) -> tuple[int, int, int]:
    """Returns the numbers of a colour.

    >>> rgb("#0072B2")
    (0, 114, 178)
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue


def bands(count: int) -> list[str]:
    """Returns so many colours from low to high."""
    return [between(LOW_TO_HIGH, (i + 0.5) / count) for i in range(count)]
