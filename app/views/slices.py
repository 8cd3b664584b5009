"""Draws the landscape: the surface of log L around a saddle with a run on it, and the way to the tetrahedron."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from app.views.plots import QUIET, VERMILION, Part, line, title, word
from ulpm_core.analysis.slices import Path, Slice
from ulpm_core.analysis.tetrahedron import TETRAHEDRON
from ulpm_core.model.shapes import Array

OFF: Final = 0.05
"""Share of a run's squared norm outside the slice up to which the run counts as lying on it."""
LIFT, MARK_LIFT = 0.01, 0.025
"""The height at which the run and its marks hover over the surface, in shares of its own: else they would sink in."""
Place = tuple[float, float, float]
"""x, y and z in the scene."""
MOST_PARTS: Final = 200
"""Most parts into which one step of a run is cut: one that leaves for far away need not be followed so finely."""
LOW_TO_HIGH: Final = [[0.0, "#0b3a66"], [0.35, "#2f78b3"], [0.7, "#8fbfe0"], [1.0, "#e3eef7"]]
"""One hue from dark to light: read by every kind of eye, and deep is low."""


def slice_figure(
    found: Slice, path: Path | None, floor: float | None, names: tuple[str, str], here: str = "saddle"
) -> Part:
    """Returns the surface z = log L over the slice, to be turned by hand, with its middle, called `here`, a run's way
    over it, and log of the floor.

    The run is solid where it lies on the slice and dashed where it has left that plane. Its loss is then its own: where
    lower than the surface's it would be hidden, so it is drawn on the surface, and its end says what it is. It is cut
    where it has no place on the slice. Without a `floor` (around the origin the norm is not fixed) there is no sheet.
    """
    reach, z = float(found.axis[-1]), found.log_loss
    bottom, top = float(np.min(z)), float(np.max(z))
    middle = float(height_at(found, np.zeros(1), np.zeros(1))[0]) + MARK_LIFT * (top - bottom)
    data, words = [_surface(found, bottom, top)], []
    if floor is not None:
        bottom = min(bottom, floor)
        data += _sheet(reach, floor)
        words.append(_word("floor: the simplex", (-reach, -reach, floor), -12, xanchor="left"))
    if path is not None:
        lines, labels = _run(found, path)
        data, words = data + lines, words + labels
        top = max([top, *(v for trace in lines for v in trace["z"] if v is not None)])
    data.append(_point((0.0, 0.0, middle), "diamond", "@text", here))
    words.append(_word(here, (0.0, 0.0, middle), 16))
    pad = 0.03 * (top - bottom)
    quiet: Part = {"showbackground": False, "showgrid": False, "zeroline": False, "showspikes": False}
    quiet |= {"linecolor": "@faint", "tickfont": {"size": 12}, "ticks": ""}
    sides = quiet | {"range": [-reach, reach], "tickvals": [-reach, 0, reach], "tickformat": ".2~g"}
    scene = {
        "xaxis": sides | {"title": title(names[0])},
        "yaxis": sides | {"title": title(names[1])},
        "zaxis": quiet | {"range": [bottom - pad, top + pad], "nticks": 4, "title": title("log L")},
        "aspectmode": "manual",
        "aspectratio": {"x": 1, "y": 1, "z": 0.6},
        "dragmode": "turntable",
        "annotations": words,
    }
    return {
        "data": data,
        "layout": {"margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "scene": scene | {"camera": _camera(1.12)}},
        "narrow": {"scene": scene | {"camera": _camera(1.75)}},
    }


def _camera(distance: float) -> Part:
    """Returns a camera in front and above. Plotly fits a scene to its height, so a phone sees it from farther off."""
    eye = {axis: distance * at for axis, at in (("x", 1.15), ("y", -0.8), ("z", 0.75))}
    return {"eye": eye, "center": {"x": 0, "y": 0, "z": -0.2}}


def _surface(found: Slice, bottom: float, top: float) -> Part:
    still = {"highlight": False}
    levels = still | {"show": True, "usecolormap": False, "color": "#8fbfe0", "width": 1}
    axis = _numbers(found.axis)
    return {
        "type": "surface",
        "x": axis,
        "y": axis,
        "z": _numbers(found.log_loss),
        "colorscale": LOW_TO_HIGH,
        "showscale": False,
        "lighting": {"ambient": 0.8, "diffuse": 0.35, "specular": 0.03, "roughness": 0.9},
        "contours": {
            "x": still,
            "y": still,
            "z": levels | {"start": bottom, "end": top, "size": (top - bottom) / 12},
        },
        "hovertemplate": "log L = %{z:.3f}<extra></extra>",
    }


def _sheet(reach: float, floor: float) -> list[Part]:
    """Returns the floor, a flat sheet with its outline. Real transparency would have the scene drawn twice."""
    x, y = [-reach, reach, reach, -reach], [-reach, -reach, reach, reach]
    corners = {"x": x, "y": y, "z": [floor] * 4, "i": [0, 0], "j": [1, 2], "k": [2, 3]}
    even = {"ambient": 1, "diffuse": 0, "specular": 0, "fresnel": 0}
    sheet = {"type": "mesh3d", **corners, "color": "@faint", "lighting": even, "hoverinfo": "skip"}
    return [sheet, _trace("lines", [*x, x[0]], [*y, y[0]], [floor] * 5, line=line("@muted", 2, "dash"))]


def _run(found: Slice, path: Path) -> tuple[list[Part], list[Part]]:
    """Returns the run on the slice and beside it, and where it ends or leaves the view."""
    reach, path = float(found.axis[-1]), _as_fine(path, float(found.axis[1] - found.axis[0]))
    inside = (np.abs(path.first) <= reach) & (np.abs(path.second) <= reach) & np.isfinite(path.log_loss)
    if not inside.any():
        return [], []
    s, t, own = (np.where(inside, values, 0.0) for values in path[:3])
    beside = inside & (path.off > OFF)
    high = float(np.ptp(found.log_loss))
    z = np.maximum(own, height_at(found, s, t)) + LIFT * high
    near = np.convolve(beside, np.ones(3))[1:-1] > 0.0  # both lines meet in the last point on the slice
    lines = [
        _trace("lines", *(_numbers(np.where(chosen, values, np.nan)) for values in (s, t, z)), line=style)
        for chosen, style in ((inside & ~beside, line(VERMILION, 7)), (inside & near, line(VERMILION, 5, "dash")))
        if chosen.any()
    ]
    last = int(np.flatnonzero(inside)[-1])
    name = "end" if last == len(inside) - 1 else "leaves the view"
    words = f"{name}, off this plane: log L = {own[last]:.3g}" if beside[last] else name
    end = float(s[last]), float(t[last]), float(z[last]) + (MARK_LIFT - LIFT) * high
    return [*lines, _point(end, "circle", VERMILION, name)], [_word(words, end, -18)]


def _as_fine(path: Path, step: float) -> Path:
    """Returns the path with points no farther apart than the grid's: a longer line would run through the surface."""
    far = np.hypot(np.diff(path.first), np.diff(path.second))
    parts = np.ceil(np.where(np.isfinite(far), np.minimum(far / step, MOST_PARTS), 1.0)).clip(1.0).astype(int)
    ends = np.append(0, np.cumsum(parts))  # where the points of the run are among those of the finer path
    return Path(*(np.interp(np.arange(ends[-1] + 1), ends, values) for values in path))


def height_at(found: Slice, s: Array, t: Array) -> Array:
    """Returns the height of the surface between the points of its grid: a sum of hat functions."""
    step = found.axis[1] - found.axis[0]
    along, across = (np.clip(1.0 - np.abs(v[:, None] - found.axis) / step, 0.0, None) for v in (t, s))
    return (along @ found.log_loss * across).sum(axis=1)


def _trace(mode: str, x: list[Any], y: list[Any], z: list[Any], **style: Any) -> Part:
    return {"type": "scatter3d", "x": x, "y": y, "z": z, "mode": mode, "hoverinfo": "skip", **style}


def _point(at: Place, symbol: str, colour: str, name: str) -> Part:
    x, y, z = ([value] for value in at)
    marker = {"size": 6, "symbol": symbol, "color": colour, "line": {"width": 1, "color": "@ground"}}
    return _trace("markers", x, y, z, marker=marker, name=name)


def _word(text: str, at: Place, shift: int, **more: Any) -> Part:
    x, y, z = at
    return word(text, x, y, z=z, yshift=shift, bgcolor="@ground/0.6", borderpad=1, **more)


def tetrahedron_figure(log_loss: Array, epsilon: Array, margin_ratio: Array, floor: float) -> Part:
    """Returns the way from the square to the tetrahedron at fixed norm: log L with its floor above, the margin over its
    bound below.
    """
    x, high = _numbers(epsilon), max(float(np.max(log_loss)) - floor, 1e-6)
    above, below = [floor - 0.12 * high, floor + 1.08 * high], [0.72, 1.03]
    curve = {"type": "scatter", "mode": "lines", "line": {"width": 3, "color": "@accent"}, "x": x}
    curve |= {"hovertemplate": "ε = %{x:.3f}: %{y:.4f}<extra></extra>"}
    level = {"type": "line", "line": line("@text", 1.5, "dash"), "xref": "paper", "x0": 0, "x1": 1}
    mark = {"type": "line", "line": line("@muted", 1, "dot"), "yref": "paper", "y0": 0, "y1": 1}
    top, left = {"yref": "paper", "yanchor": "bottom"}, {"xanchor": "left", "yanchor": "bottom"}
    layout = {
        "margin": {"l": 64, "r": 14, "t": 28, "b": 46},
        "xaxis": QUIET | {"range": [x[0], x[-1]], "anchor": "y2", "title": title("ε")},
        "yaxis": QUIET | {"domain": [0.56, 1], "range": above, "nticks": 4, "title": title("log L")},
        "yaxis2": QUIET | {"domain": [0, 0.42], "range": below, "tickvals": [0.75, 1], "title": title("margin γ")},
        "shapes": [mark | {"x0": at, "x1": at} for at in (0.0, TETRAHEDRON)]
        + [level | {"y0": y, "y1": y, "yref": yref} for y, yref in ((floor, "y"), (1, "y2"))],
        "annotations": [
            word("square", 0, 1, **top, xanchor="left"),
            word("tetrahedron", TETRAHEDRON, 1, **top),
            word("floor: the simplex", 0.01, floor, **left, xref="paper"),
        ],
    }
    lower = curve | {"y": _numbers(margin_ratio), "yaxis": "y2"}
    return {"data": [curve | {"y": _numbers(log_loss)}, lower], "layout": layout}


def _numbers(values: Array) -> list[Any]:
    """Returns numbers rounded to a ten-thousandth of their range for the way to the page, None where there is none."""
    known = values[np.isfinite(values)]
    span = float(np.ptp(known)) if known.size else 0.0
    digits = 4 - math.floor(math.log10(span)) if span else 4
    rounded = values.round(digits).astype(object)
    rounded[~np.isfinite(values)] = None
    return list(rounded.tolist())
