"""Draws the parts of a panel with Matplotlib: lines, marks, words, cells, heights and faces."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from app.paper.plates import GREY, Cells, Face, Heights, Line, Marks, Words

SUPERSCRIPTS: Final = re.compile("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")
PLAIN: Final = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
SHAPES: Final = {"circle": ("o", 1.0), "square": ("s", 0.9), "diamond": ("D", 0.8), "cross": ("P", 1.15)}


def typeset(text: str) -> str:
    """Returns words as Matplotlib sets them: STIX has no small raised digits beyond 3, so it sets exponents itself;
    what else would begin a formula is left as it is.

    >>> typeset("10⁻⁴"), typeset("costs $5")
    ('10$^{-4}$', 'costs \\\\$5')
    """
    exponent = lambda found: f"$^{{{found[0].translate(PLAIN)}}}$"  # noqa: E731
    return SUPERSCRIPTS.sub(exponent, text.replace("$", r"\$"))


def line_on(axes: Any, line: Line) -> Any:
    """Draws a line, and returns it as Matplotlib has it."""
    colour, width, dash = line.pen
    (drawn,) = axes.plot(
        line.x, line.y, color=colour, linewidth=width, linestyle=(0, dash) if dash else "-",
        label=typeset(line.label) or "_", solid_capstyle="round",
    )  # fmt: skip
    if line.mark:
        symbol, _ = SHAPES[line.mark]
        here_and_there = max(1, len(line.x) // 8)
        drawn.set(marker=symbol, markersize=3.0, markerfacecolor="white", markeredgewidth=0.7, markevery=here_and_there)
    return drawn


def _marks(axes: Any, marks: Marks) -> None:
    symbol, size = SHAPES[marks.shape.removesuffix("-open")]
    look = {"markerfacecolor": "none" if marks.open else marks.colour, "markersize": size * marks.size}
    if marks.open:
        look |= {"markeredgecolor": marks.colour, "markeredgewidth": 0.7}
    else:
        look |= {"markeredgecolor": "white", "markeredgewidth": marks.edge}
    axes.plot(marks.x, marks.y, linestyle="none", marker=symbol, **look)


def _words(axes: Any, words: Words) -> None:
    from matplotlib.patheffects import Stroke

    across, up = words.align
    at, look = (words.x, words.y, typeset(words.text)), {"fontsize": words.size, "ha": across, "va": up}
    if words.halo:  # outlines beneath, so that the words themselves stay text
        axes.text(*at, path_effects=[Stroke(linewidth=2.0, foreground="white")], **look)
    axes.text(*at, color=words.colour, **look)


def _cells(axes: Any, cells: Cells) -> None:
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Circle, Patch, Rectangle

    shapes: list[Patch] = []
    for (i, j), colour in np.ndenumerate(np.array(cells.colours, dtype=object)):
        disc = bool(len(cells.discs) and cells.discs[i][j])
        ground = "white" if disc or not colour else colour
        shapes.append(Rectangle((j, i), 1.0, 1.0, facecolor=ground, edgecolor=cells.edge, linewidth=0.3))
        if disc:
            shapes.append(Circle((j + 0.5, i + 0.5), 0.46, facecolor=colour, linewidth=0.0))
        if not colour and cells.struck:
            axes.plot([j, j + 1], [i + 1, i], color=GREY, linewidth=0.4)
        if len(cells.crossed) and cells.crossed[i][j]:
            for ends in ((0.25, 0.75), (0.75, 0.25)):
                axes.plot([j + 0.25, j + 0.75], [i + end for end in ends], color="white", linewidth=0.6)
    axes.add_collection(PatchCollection(shapes, match_original=True))


def _heights(axes: Any, heights: Heights) -> None:
    axes.contourf(heights.x, heights.y, heights.z, levels=heights.levels, colors=heights.colours)
    axes.contour(heights.x, heights.y, heights.z, levels=heights.levels, colors="white", linewidths=0.3)


def _faces(axes: Any, faces: Sequence[Face]) -> None:
    from matplotlib.collections import PolyCollection

    corners = [np.column_stack([face.x, face.y]) for face in faces]
    colours = [face.colour for face in faces]
    axes.add_collection(PolyCollection(corners, facecolors=colours, edgecolors=colours, linewidths=0.25))


DRAW: Final[dict[type, Any]] = {
    Line: lambda axes, parts: line_on(axes, parts[0]),
    Marks: lambda axes, parts: _marks(axes, parts[0]),
    Words: lambda axes, parts: _words(axes, parts[0]),
    Cells: lambda axes, parts: _cells(axes, parts[0]),
    Heights: lambda axes, parts: _heights(axes, parts[0]),
    Face: _faces,
}
