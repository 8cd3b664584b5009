"""The cosine matrices of one frame: between class means, and between classifiers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from app.paper.looks import BLUE, VERMILION, mixed, rgb
from app.paper.plates import FAINT, INK, Axis, Cells, Panel, Part, Plate, Words
from app.paper.stage import moment_words, set_name
from app.paper.tables import Table
from ulpm_core.film.film import Film
from ulpm_core.model.number_words import number, written
from ulpm_core.model.shapes import Array

MATRICES: Final = {"cosines": "class means", "cosines_w": "classifiers"}
SELF: Final = "#c4c4c4"
WITH_FIGURES: Final = 10
"""Classes up to which cells hold their figures."""
SIDE_BY_SIDE: Final = 5
"""Classes up to which both matrices fit into one column with figures that can be read."""
MOST_NAMES: Final = 12
LETTERS_ACROSS: Final = 22
"""Letters of all names that fit side by side below a matrix; more are turned."""
WHITE: Final = "#ffffff"
BLANK: Final = 1e-3
"""A cosine so near to the ideal is seen as blank: no disc says on which side it is."""


def matrix_plate(film: Film, frame: int) -> Plate:
    """Returns both matrices at a frame, blank at the ideal cosine: squares above it and discs below it, so that the
    side is seen on a grey print too. That of classifiers is left out where there are none.
    """
    frame %= film.header["frames"]
    known = [name for name in MATRICES if np.isfinite(off_diagonal(film.arrays[name][frame])).any()]
    shown = known or ["cosines"]
    blank = "those of the best frame" if "target" in film.header else number(simplex_cosine(film))
    of_blocks = " A cell is the mean over all classes of two blocks." if "crowd" in film.header else ""
    return Plate(
        panels=[_panel(film, frame, name) for name in shown],
        table=matrix_table(film, frame, shown),
        caption=(
            f"Cosines between {' and between '.join(MATRICES[name] for name in shown)}, centred, of"
            f" {film.header['title']} at {moment_words(film, frame)}."
            f" Blank at {blank}; squares lie above, discs below.{of_blocks}"
        ),
        narrow=len(shown) if film.header["classes"] <= SIDE_BY_SIDE else 1,
        wide=len(shown),
        ratio=1.0,
    )


def simplex_cosine(film: Film) -> float:
    """Returns the cosine between any two corners of the simplex of all classes, of which a crowd has more than are on
    stage.
    """
    every = film.header.get("crowd", film.header)["classes"]
    return -1.0 / (every - 1)


def off_diagonal(cosines: Array) -> Array:
    """Returns the cosines of all pairs of differing classes."""
    return cosines[~np.eye(len(cosines), dtype=bool)]


def matrix_table(film: Film, frame: int, shown: list[str]) -> Table:
    """Returns a line for each pair of classes, with its cosines to the digits of float32 in which films hold them."""
    K = film.header["classes"]
    rows, columns = np.indices((K, K)).reshape(2, -1)
    return {"class": rows, "other": columns, **{name: film.arrays[name][frame].ravel() for name in shown}}


def _panel(film: Film, frame: int, name: str) -> Panel:
    cosines, K = film.arrays[name][frame].astype(float), film.header["classes"]
    ideal = ideal_cosines(film, name)
    blocks = film.header["crowd"]["blocks"] if "crowd" in film.header else [1] * K
    alone = np.diag([size == 1 for size in blocks])  # a class has the cosine 1 to itself, and says nothing
    colours = [[SELF if alone[i, j] else shade(cosines[i, j], ideal[i, j]) for j in range(K)] for i in range(K)]
    discs = ((cosines < ideal - BLANK) & ~alone).tolist()
    parts: list[Part] = [Cells(colours, discs, edge=FAINT, struck=True)]
    if K <= WITH_FIGURES:
        parts += _figures(cosines, colours)
    names = [set_name(film, k) for k in range(K)]
    ticks = [(k + 0.5, names[k]) for k in range(0, K, math.ceil(K / MOST_NAMES))]
    turned = sum(len(words) + 1 for _, words in ticks) > LETTERS_ACROSS
    return Panel(
        Axis(0.0, K, ticks, turned=turned), Axis(K, 0.0, ticks), parts, MATRICES[name].capitalize(), square=True
    )


def ideal_cosines(film: Film, name: str) -> Array:
    """Returns the cosines at which a matrix is blank, (K, K): the simplex's, or those of the best frame known."""
    K, target = film.header["classes"], film.header.get("target")
    if target is None:
        return np.full((K, K), simplex_cosine(film))
    return np.array(target["cosines" if name == "cosines" else "cosines_w"]).reshape(K, K)


def shade(cosine: float, ideal: float) -> str:
    """Returns the colour of a cosine, the same as `matrixShade` of the player's matrix.js; none where it is undefined.

    >>> shade(-1 / 3, -1 / 3), shade(1.0, -1 / 3), shade(math.nan, 0.0)
    ('#ffffff', '#d55e00', '')
    """
    if not math.isfinite(cosine):
        return ""
    off = cosine - ideal
    room = (1.0 - ideal if off > 0 else 1.0 + ideal) or 1.0
    return mixed(WHITE, VERMILION if off > 0 else BLUE, min(1.0, math.sqrt(abs(off) / room)))


def _figures(cosines: Array, colours: list[list[str]]) -> Iterator[Words]:
    K = len(cosines)
    size = min(7.0, 60.0 / K)
    for i, j in np.ndindex(K, K):
        text = "1" if i == j else written(float(cosines[i, j]), ".2f") if colours[i][j] else "–"
        text = text.replace("−0.00", "0.00")
        yield Words(text, j + 0.5, i + 0.5, size, _ink_on(colours[i][j]))


def _ink_on(colour: str) -> str:
    """Returns black or white, whichever is read better on a colour."""
    if not colour:
        return INK
    light = [x / 3294.6 if x <= 10 else ((x / 255 + 0.055) / 1.055) ** 2.4 for x in rgb(colour)]
    return INK if 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] > 0.179 else WHITE
