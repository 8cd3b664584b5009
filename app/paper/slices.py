"""A slice of the landscape: log L over the plane of two directions at a saddle, as a map or as a surface, with a run on
it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.paper.clocks import round_ticks
from app.paper.looks import LOW_TO_HIGH, VERMILION, bands, between
from app.paper.plates import GREY, INK, Axis, Bar, Face, Heights, Line, Marks, Panel, Part, Pen, Plate, Words
from app.paper.tables import Table
from app.player.picture import SIDE, Eye
from app.views.landscape import axis as axis_words
from app.views.slices import LIFT, OFF, height_at
from ulpm_core.analysis.slices import Path, Slice
from ulpm_core.model.number_words import number
from ulpm_core.model.shapes import Array

PLANES: Final = ("simplex", "curvatures")
"""The planes that there are, the usual one first, as a link names them."""
BANDS: Final = 12
WAY, BESIDE = Pen(VERMILION, 1.6), Pen(VERMILION, 1.2, (3.0, 1.6))
UNDER: Final = Pen("#ffffff", 2.8)
HERE: Final = 5.0
EYE: Final = np.array([1.15, -0.8, 0.75])
"""Where the surface is seen from, as on the page, in units of its side."""
HEIGHT: Final = 0.6
"""Height of the surface over its side, as on the page."""


Chosen = NDArray[np.bool_]
"""Which states of a run are meant, (T,)."""


class Ground(NamedTuple):
    """A slice, the names of its two directions with the curvatures that they are told by, the way of a run over it if
    it is known, and log L of the floor: no state of this norm is lower.
    """

    found: Slice
    ways: tuple[str, str]
    curvatures: Array
    way: Path | None
    floor: float | None
    here: str = "saddle"

    @property
    def names(self) -> list[str]:
        return [axis_words(way, self.curvatures) for way in self.ways]


def slice_plate(ground: Ground, title: str) -> Plate:
    """Returns the map of a slice: bands of log L, darker where lower, the run solid where it lies on the slice and
    dashed where it has left that plane.
    """
    found = ground.found
    low, high = float(found.log_loss.min()), float(found.log_loss.max())
    edges = np.linspace(low, high if high > low else low + 1.0, BANDS + 1)
    reach = float(found.axis[-1])
    parts: list[Part] = [Heights(found.axis, found.axis, found.log_loss, edges, bands(BANDS)), *_way(ground)]
    parts += [
        Marks([0.0], [0.0], "diamond", HERE, INK, edge=0.6),
        Words(ground.here, 0.0, 0.07 * reach, align=("center", "bottom"), halo=True),
    ]
    across, up = (Axis(-reach, reach, [(at, number(at)) for at in (-reach, 0.0, reach)], n) for n in ground.names)
    return Plate(
        panels=[
            Panel(across, up, parts, square=True, bar=Bar(edges, bands(BANDS), round_ticks(low, edges[-1], 4), "log L"))
        ],
        table=slice_table(ground),
        caption=_caption(ground, title),
        ratio=0.8,
    )


def _caption(ground: Ground, title: str) -> str:
    floor = f" No state of this norm has log L below {number(ground.floor)}, the simplex's." if ground.floor else ""
    way = " The line: a run, dashed where it has left this plane." if ground.way is not None else ""
    return (
        f"log L around the {ground.here} of {title}, at norm {number(ground.found.norm)}: {ground.names[0]} across,"
        f" {ground.names[1]} up.{way}{floor}"
    )


def _way(ground: Ground) -> list[Part]:
    """Returns the run on the map and beside it, and its end."""
    way = ground.way
    if way is None or not (inside := _inside(ground, way)).any():
        return []
    on, beside = _parted(way, inside)
    parts: list[Part] = [
        Line(np.where(chosen, way.first, np.nan), np.where(chosen, way.second, np.nan), pen)
        for chosen, pen in ((inside, UNDER), (on, WAY), (beside, BESIDE))
    ]
    last = np.flatnonzero(inside)[-1:]
    return [*parts, Marks(way.first[last], way.second[last], "circle", HERE, VERMILION, edge=0.6)]


def _inside(ground: Ground, way: Path) -> Chosen:
    """Returns which states of a run have a place on the slice."""
    reach = float(ground.found.axis[-1])
    with np.errstate(invalid="ignore"):
        return (np.abs(way.first) <= reach) & (np.abs(way.second) <= reach) & np.isfinite(way.log_loss)


def _parted(way: Path, inside: Chosen) -> tuple[Chosen, Chosen]:
    """Returns the states on the slice, and those beside it with their neighbours, so that both lines meet."""
    beside = inside & (way.off > OFF)
    return inside & ~beside, inside & (np.convolve(beside, np.ones(3))[1:-1] > 0.0)


def slice_table(ground: Ground) -> Table:
    """Returns a line for each point of the grid, and for each state of the run, with its own log L there and the share
    of its squared norm that lies outside the plane.
    """
    found, way = ground.found, ground.way
    across, up = np.meshgrid(found.axis, found.axis)
    table: dict[str, Any] = {
        "what": ["slice"] * across.size,
        "first": across.ravel(),
        "second": up.ravel(),
        "log_loss": found.log_loss.ravel(),
        "off": np.zeros(across.size),
    }
    if way is None:
        return table
    run: dict[str, Any] = {"what": ["run"] * len(way.first), **way._asdict()}
    return {name: [*values, *run[name]] for name, values in table.items()}


def surface_plate(ground: Ground, title: str) -> Plate:
    """Returns the same as a surface, seen from where the page shows it at first: faces in the colour of their height,
    the run over them, and the floor as a dashed square below.
    """
    found = ground.found
    low, high = float(found.log_loss.min()), float(found.log_loss.max())
    bottom = low if ground.floor is None else min(low, ground.floor)
    scene = Scene(float(found.axis[-1]), bottom, high)
    drawn = [*_faces(ground, scene, low, high), *_way_over(ground, scene)]
    parts: list[Part] = [*_floor(ground, scene), *(part for _, part in sorted(drawn, key=lambda each: -each[0]))]
    middle = float(height_at(found, np.zeros(1), np.zeros(1))[0])
    x, y, _ = scene.seen(np.array([0.0, 0.0, middle]))
    parts += [Marks([x], [y], "diamond", HERE, INK, edge=0.6), Words(ground.here, x, y + 12.0, halo=True)]
    parts += _sides(ground, scene, bottom, high)
    points = [p for p in parts if isinstance(p, (Line, Face))]
    x, y = (np.concatenate([np.asarray(getattr(p, name), dtype=float) for p in points]) for name in "xy")
    across, up = (Axis(float(np.nanmin(v)) - 34.0, float(np.nanmax(v)) + 20.0) for v in (x, y))
    return Plate(
        panels=[Panel(across, up, parts, square=True, bare=True)],
        table=slice_table(ground),
        caption=_caption(ground, title),
        ratio=(up.high - up.low) / (across.high - across.low),
    )


class Scene(NamedTuple):
    """A box as wide as deep, into which a slice of this reach is put, and heights from `bottom` to `top`."""

    reach: float
    bottom: float
    top: float

    def seen(self, points: Array) -> Array:
        """Returns where points (..., 3) of the slice are seen: across, up, and the distance along the line of sight."""
        x, y, z = np.moveaxis(points, -1, 0)
        share = (z - self.bottom) / ((self.top - self.bottom) or 1.0)
        placed = np.stack([x / (2 * self.reach), y / (2 * self.reach), HEIGHT * (share - 0.5)], -1)
        across, down, depth = np.moveaxis(Eye(EYE, np.array([0.0, 0.0, 1.0])).sees(placed), -1, 0)
        return np.stack([across, SIDE - down, depth], -1)


def _faces(ground: Ground, scene: Scene, low: float, high: float) -> Iterator[tuple[float, Part]]:
    """Returns the faces of the surface, each with how far it lies."""
    axis, z = ground.found.axis, ground.found.log_loss
    x, y = np.meshgrid(axis, axis)
    seen = scene.seen(np.stack([x, y, z], -1))
    corners = np.stack([seen[:-1, :-1], seen[:-1, 1:], seen[1:, 1:], seen[1:, :-1]], -2)
    share = (z[:-1, :-1] + z[1:, 1:] + z[:-1, 1:] + z[1:, :-1] - 4 * low) / (4 * ((high - low) or 1.0))
    for i, j in np.ndindex(*share.shape):
        across, up, depth = corners[i, j].T
        yield float(depth.mean()), Face(across, up, between(LOW_TO_HIGH, float(share[i, j])))


def _way_over(ground: Ground, scene: Scene) -> Iterator[tuple[float, Part]]:
    """Returns the run over the surface, piece by piece, each with how far it lies."""
    way = ground.way
    if way is None or not (inside := _inside(ground, way)).any():
        return
    s, t = (np.where(inside, each, 0.0) for each in (way.first, way.second))
    lift = LIFT * (scene.top - scene.bottom)
    own = np.where(inside, way.log_loss, 0.0)
    seen = scene.seen(np.stack([s, t, np.maximum(own, height_at(ground.found, s, t)) + lift], -1))
    step = float(ground.found.axis[1] - ground.found.axis[0]) / (2 * scene.reach)
    for chosen, pen in zip(_parted(way, inside), (WAY, BESIDE), strict=True):
        for i in np.flatnonzero(chosen[1:] & chosen[:-1]):
            (x0, y0, near), (x1, y1, far) = seen[i], seen[i + 1]
            yield min(near, far) - 2 * step, Line([x0, x1], [y0, y1], pen)


def _floor(ground: Ground, scene: Scene) -> list[Part]:
    if ground.floor is None:
        return []
    r = scene.reach
    corners = np.array([[-r, -r], [r, -r], [r, r], [-r, r], [-r, -r]])
    seen = scene.seen(np.column_stack([corners, np.full(5, ground.floor)]))
    return [Line(seen[:, 0], seen[:, 1], Pen(GREY, 0.6, (3.0, 2.0)))]


def _sides(ground: Ground, scene: Scene, bottom: float, top: float) -> Iterator[Part]:
    """Returns the words at the sides of the box, and the axis of heights."""
    r = scene.reach
    first, second = ground.names
    for text, at in ((first, [0.0, -1.4 * r, bottom]), (second, [1.4 * r, 0.0, bottom])):
        x, y, _ = scene.seen(np.array(at))
        yield Words(text, float(x), float(y))
    ends = scene.seen(np.array([[-r, -r, bottom], [-r, -r, top]]))
    yield Line(ends[:, 0], ends[:, 1], Pen(INK, 0.6))
    for value in (bottom, top):
        x, y, _ = scene.seen(np.array([-r, -r, value]))
        yield Words(number(value), float(x) - 4.0, float(y), align=("right", "center"))
    x, y, _ = scene.seen(np.array([-r, -r, (bottom + top) / 2]))
    yield Words("log L", float(x) - 8.0, float(y), align=("right", "center"))
