"""`Plate`: a figure for a paper as plain data: panels, and what is drawn in each from the back to the front."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from app.paper.tables import Table

INK: Final = "#000000"
GREY: Final = "#767676"
FAINT: Final = "#d9d9d9"
Numbers: TypeAlias = Any
"""Numbers in a row: an array, a list or a tuple."""


class Pen(NamedTuple):
    """The look of a line: its width and the lengths of its dashes and gaps are in points."""

    colour: str = INK
    width: float = 0.8
    dash: tuple[float, ...] = ()


class Line(NamedTuple):
    """A line through points; NaN lifts the pen. `label` stands in the panel's legend, `mark` is a shape that it carries
    here and there, to be told apart without colours.
    """

    x: Numbers
    y: Numbers
    pen: Pen
    label: str = ""
    mark: str = ""


class Marks(NamedTuple):
    """Marks of one shape, of so many points from side to side, filled or `open`; a filled one may have a white edge."""

    x: Numbers
    y: Numbers
    shape: str
    size: float
    colour: str = INK
    open: bool = False
    edge: float = 0.0


class Words(NamedTuple):
    """Words at a place: `align` says which part of them stands there, across and up."""

    text: str
    x: float
    y: float
    size: float = 7.0
    colour: str = INK
    align: tuple[str, str] = ("center", "center")
    halo: bool = False


class Cells(NamedTuple):
    """A grid of coloured cells of side 1, row 0 at y = 0: `colours[row][column]`, "" for none, which may be `struck`
    out; `discs` says which are drawn as discs, and `crossed` which have a cross in them, to be told apart without
    colours.
    """

    colours: Sequence[Sequence[str]]
    discs: Sequence[Sequence[bool]] = ()
    crossed: Sequence[Sequence[bool]] = ()
    edge: str = "#ffffff"
    struck: bool = False


class Heights(NamedTuple):
    """A height over a plane, `z[i, j]` at x[j], y[i], as bands between levels, each in its colour, with lines between
    them.
    """

    x: Numbers
    y: Numbers
    z: np.ndarray
    levels: Numbers
    colours: Sequence[str]


class Face(NamedTuple):
    """A filled face with these corners, and a thin line of its own colour round it, so that no seam is seen."""

    x: Numbers
    y: Numbers
    colour: str


Part: TypeAlias = Line | Marks | Words | Cells | Heights | Face


class Axis(NamedTuple):
    """An axis from `low` to `high`, with words at its ticks, which may be `turned` upright."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]] = ()
    label: str = ""
    turned: bool = False


class Bar(NamedTuple):
    """A bar that says what colours mean: bands between `edges`, and words at `ticks`."""

    edges: Numbers
    colours: Sequence[str]
    ticks: Sequence[tuple[float, str]]
    label: str


@dataclass(frozen=True)
class Panel:
    """One panel. A `square` one has the same unit across and up; a `bare` one shows neither axes nor ticks."""

    across: Axis
    up: Axis
    parts: Sequence[Part]
    title: str = ""
    square: bool = False
    bare: bool = False
    bar: Bar | None = None


@dataclass(frozen=True)
class Plate:
    """A figure: its panels, row by row, `narrow` of them side by side in one column of a page and `wide` in two. One is
    `ratio` times as high as wide. `key` are lines that the legend over all panels explains; `caption` says what is
    seen, and `table` holds the numbers.
    """

    panels: Sequence[Panel]
    table: Table
    caption: str
    narrow: int = 1
    wide: int = 1
    ratio: float = 0.75
    key: Sequence[Line] = field(default_factory=tuple)
