"""Draws a phase picture as plain data for Plotly: squares of a grid, or lines over one axis."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from app.views.landscape import OKABE_ITO
from app.views.phase_pictures import ENDS, PICTURES, Picture
from app.views.phase_words import cell_words, labels
from app.views.plots import QUIET, VERMILION, Part, line, title, word
from app.views.slices import LOW_TO_HIGH
from ulpm_core.studies.sweep import Sweep

STEPPED: Final = ((0.0, VERMILION), (0.25, "#e3eef7"), (0.5, "#8fbfe0"), (0.75, "#0b3a66"))
"""Colours of the ends of runs: one hue from light to dark, and another one for what was lost."""
DASHES: Final = ("solid", "dash", "dot")


def phase_figure(name: str, found: Sweep, foretold: Mapping[str, float]) -> Part:
    """The figure of a picture, as far as its sweep is made, beside what is foretold; `customdata` is the number of a
    cell.
    """
    picture = PICTURES[name]
    if not picture.up:
        return _lines(picture, found, foretold)
    shown, cells = picture.shown(found).T, np.arange(found.study.cells).reshape(found.study.shape).T
    across, up = (labels(axis) for axis in found.study.axes)
    hover = [[cell_words(name, found.study, int(cell)) for cell in row] for row in cells]
    squares: Part = {
        "type": "heatmap",
        "z": [[None if math.isnan(value) else round(value, 4) for value in row] for row in shown.tolist()],
        "customdata": cells.tolist(),
        "text": hover,
        "zmin": picture.low,
        "zmax": picture.high,
        "xgap": 1,
        "ygap": 1,
        "colorscale": _scale(name),
        "colorbar": {"title": title(picture.title, side="right"), "thickness": 14, "outlinewidth": 0} | _bar(name),
        "hoverongaps": False,
        "hovertemplate": "%{text}: %{z}. Click to open its film<extra></extra>",
    }
    if name == "rates":
        squares["hovertemplate"] = "%{text}. Click to open its film<extra></extra>"
        squares["text"] = [
            [f"{said}: {_end(z)}" for said, z in zip(*row, strict=True)] for row in zip(hover, shown, strict=True)
        ]
    layout: Part = {
        "margin": {"l": 66, "r": 8, "t": 8, "b": 56},
        "xaxis": QUIET | _ticks(across) | {"title": title(picture.across, standoff=6)},
        "yaxis": QUIET | _ticks(up) | {"title": title(picture.up, standoff=6)},
    }
    if name == "room":
        layout["shapes"] = _staircase(across, up)
        layout["annotations"] = [
            word("a simplex fits", len(across) - 0.6, -0.5, "#0b3a66", xanchor="right", yanchor="bottom")
        ]
    return {"data": [squares], "layout": layout, "narrow": {"margin": {"l": 52, "r": 0, "t": 8, "b": 52}}}


def _end(level: float) -> str:
    return "not made yet" if math.isnan(level) else ENDS[int(level)]


def _scale(name: str) -> list[list[object]]:
    """Colours from low to high, in steps where a picture has kinds and no numbers."""
    if name != "rates":
        return [[share, colour] for share, colour in LOW_TO_HIGH]
    edges = [share for share, _ in STEPPED[1:]] + [1.0]
    return [[at, colour] for (low, colour), high in zip(STEPPED, edges, strict=True) for at in (low, high)]


def _bar(name: str) -> Part:
    if name != "rates":
        return {"tickfont": {"size": 13}}
    places = [0.375 + 0.75 * level for level in range(len(ENDS))]
    return {"tickvals": places, "ticktext": list(ENDS), "tickfont": {"size": 13}}


def _ticks(texts: list[str]) -> Part:
    """Five ticks, which of ranges over four powers of ten are those powers."""
    step = math.ceil(len(texts) / 5)
    places = list(range(0, len(texts), step))
    return {"tickvals": places, "ticktext": [texts[i] for i in places], "range": [-0.5, len(texts) - 0.5]}


def _staircase(across: list[str], up: list[str]) -> list[Part]:
    """The edge between squares where a simplex fits, d >= K - 1, and where it does not."""
    least = [min(len(across), int(K) - 1 - int(across[0])) - 0.5 for K in up]
    edge: list[Part] = []
    for row, x in enumerate(least):
        style = {"type": "line", "line": line(VERMILION, 3)}
        edge.append(style | {"x0": x, "x1": x, "y0": row - 0.5, "y1": row + 0.5})
        if row and least[row - 1] != x:
            edge.append(style | {"x0": least[row - 1], "x1": x, "y0": row - 0.5, "y1": row - 0.5})
    return edge


def _lines(picture: Picture, found: Sweep, at: Mapping[str, float]) -> Part:
    """A line for each value of the second axis, with what is foretold for it."""
    shown, cells = picture.shown(found), np.arange(found.study.cells).reshape(found.study.shape)
    across = [float(text) for text in labels(found.study.axes[0])]
    data: list[Part] = []
    words: list[Part] = []
    shapes: list[Part] = []
    for i, rule in enumerate(labels(found.study.axes[1])):
        style = line(OKABE_ITO[i], 2.5, DASHES[i])
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": rule,
                "x": across,
                "y": [None if math.isnan(y) else round(y, 5) for y in shown[:, i].tolist()],
                "customdata": cells[:, i].tolist(),
                "line": style,
                "marker": {"size": 7},
                "hovertemplate": f"{rule}, R = %{{x:g}}: cosine %{{y:.3f}}. Click to open its film<extra></extra>",
            }
        )
        if rule in at:
            shapes.append(
                {"type": "line", "x0": at[rule], "x1": at[rule], "y0": -1, "y1": 1, "line": style | {"width": 1.5}}
            )
            words.append(
                word(
                    f"{rule}: {at[rule]:.3g}",
                    math.log10(at[rule]),
                    -0.7 - 0.15 * len(words),
                    OKABE_ITO[i],
                    xanchor="left",
                    xshift=4,
                )
            )
    layout: Part = {
        "margin": {"l": 62, "r": 8, "t": 34, "b": 52},
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 14}},
        "xaxis": QUIET
        | {"type": "log", "tickvals": [1, 2, 3, 5, 10, 20, 30, 50, 100], "title": title(picture.across, standoff=6)},
        "yaxis": QUIET
        | {"range": [-1.05, 1.08], "showgrid": True, "gridcolor": "@faint", "title": title(picture.title, standoff=4)},
        "shapes": shapes,
        "annotations": words,
    }
    few = {"xaxis": layout["xaxis"] | {"tickvals": [2, 5, 10, 20, 50, 100], "tickangle": 0}}
    return {"data": data, "layout": layout, "narrow": few}
