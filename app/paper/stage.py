"""The stage at one frame of a film, as the player's camera sees it: what is far is drawn first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from app.paper.plates import FAINT, GREY, INK, Axis, Line, Marks, Panel, Part, Pen, Plate, Words
from app.paper.tables import Table
from app.player.picture import (
    ARROW_LENGTH,
    EDGES_UP_TO,
    HALF_RANGE,
    SIDE,
    ClassLook,
    Eye,
    Points,
    arrow,
    globe,
    home_eye,
    name_of,
    name_spots,
    place,
    view_rows,
)
from ulpm_core.film.film import Film
from ulpm_core.model.number_words import power_of_e
from ulpm_core.model.refusal import refuse

DOT, MEAN, GHOST, NAME = 2.2, 5.2, 8.4, 8.0
"""Points from side to side of a sample, a class mean and a vertex of the ideal frame, and the size of a name."""
NAME_STEP: Final = 0.03
"""How far names stand off, less than on a screen: letters are smaller here beside what they name."""
ARROW, TRAIL, EDGE, RESIDUAL = 1.1, 0.5, 0.5, 0.9
LETTERS_TO: Final = 0x590
"""Latin, Greek and Cyrillic letters come before it, and are in the fonts."""
TRAIL_FRAMES: Final = 24
ROOM: Final = 14.0
"""Room around what is drawn, in the units of the picture, whose side is 400."""
VIEWS: Final = ("first", "polygon")
"""The views that stand still; the tour turns, and has no moment of its own."""
SPACE: Final = 3
"""Dimensions that a screen shows as they are: of no more there is no choice of view."""


class Sight(NamedTuple):
    """From where a film is seen: by which linear map, with which eye, at which frame."""

    film: Film
    rows: Points
    eye: Eye
    frame: int

    @property
    def is_flat(self) -> bool:
        return len(self.rows) < 3

    def at(self, name: str, frame: int | None = None) -> Points:
        """Returns the points (count, 3) of an array on the stage."""
        return place(self.film, name, self.frame if frame is None else frame, self.rows)

    def seen(self, points: Points) -> tuple[Points, Points]:
        """Returns where points are seen, across and up."""
        x, y, _ = np.moveaxis(self.eye.sees(points), -1, 0)
        return x, SIDE - y


def sight_of(film: Film, frame: int = -1, view: str = "", camera: tuple[float, float, float] | None = None) -> Sight:
    """Returns the sight of a frame of a film, in the view in which it begins unless another is named, and from the
    usual camera unless one is given as in a link: a scene in a plane is always seen from right above.

    Raises :class:`ConfigError` for a view that stands not still.
    """
    if view and view not in VIEWS:
        raise refuse("view", view, "is no view that stands still", " or ".join(VIEWS), "polygon")
    rows = view_rows(film, view)
    eye = home_eye(film, len(rows))
    if camera is not None and len(rows) == 3:
        eye = Eye(2 * HALF_RANGE * np.array(camera), eye.up)
    return Sight(film, rows, eye, frame % film.header["frames"])


def plate_of_stage(sight: Sight) -> Plate:
    """Returns the stage: samples, class means and classifiers of each class in its colour and shape, the ideal frame as
    open circles with a grey line from each class mean to its place in it, and the last frames of each class mean as a
    trail.
    """
    parts = list(_parts(sight))
    x, y = (np.concatenate([np.atleast_1d(v) for v in each]) for each in zip(*map(_extent, parts), strict=True))
    across, up = (Axis(float(v.min()) - ROOM, float(v.max()) + ROOM) for v in (x, y))
    return Plate(
        panels=[Panel(across, up, parts, square=True, bare=True)],
        table=table_of_stage(sight.film, sight.frame),
        caption=_caption(sight),
        ratio=(up.high - up.low) / (across.high - across.low),
    )


def _extent(part: Part) -> tuple[Any, Any]:
    assert isinstance(part, (Line, Marks, Words))
    return part.x, part.y


def _parts(sight: Sight) -> Iterator[Part]:
    film, K = sight.film, sight.film.header["classes"]
    means, tips = sight.at("means"), ARROW_LENGTH * sight.at("classifiers")
    for ring in globe(len(sight.rows)):
        yield Line(*sight.seen(ring), Pen(FAINT, 0.5))
    if "ideal" in film.arrays:
        yield from _ideal(sight, means)
    labels, features = np.array(film.header["labels"]), sight.at("features")
    trails = [sight.at("means", max(0, sight.frame - back)) for back in range(TRAIL_FRAMES)]
    for k in np.argsort(-sight.eye.sees(means)[:, 2], kind="stable").tolist():
        look = ClassLook.of(k, K)
        colour = INK if look.colour == "currentColor" else look.colour
        yield Line(*sight.seen(np.stack([trail[k] for trail in trails])), Pen(colour, TRAIL * look.big))
        own = sight.seen(features[labels == k])
        yield Marks(*own, look.shape, DOT * look.big, colour, open=look.open)
        if tips[k].any():
            for stroke in arrow(tips[k], sight.eye.at):
                yield Line(*sight.seen(stroke), Pen(colour, ARROW * look.big))
        x, y = sight.seen(means[k])
        yield Marks([float(x)], [float(y)], look.shape, MEAN * look.big, colour, look.open, edge=0.5)
    for k, spot in enumerate(name_spots(means, sight.eye.at, NAME_STEP)):
        x, y = sight.seen(spot)
        yield Words(set_name(film, k), float(x), float(y), NAME * ClassLook.of(k, K).big, halo=True)


def _ideal(sight: Sight, means: Points) -> Iterator[Part]:
    ideal = sight.at("ideal")
    K = len(ideal)
    if K <= EDGES_UP_TO:
        for i, j in zip(*np.tril_indices(K, -1), strict=True):
            yield Line(*sight.seen(ideal[[i, j]]), Pen("#a6a6a6", EDGE))
    for mean, vertex in zip(means, ideal, strict=True):
        yield Line(*sight.seen(np.stack([mean, vertex])), Pen(GREY, RESIDUAL))
    yield Marks(*sight.seen(ideal), "circle", GHOST, GREY, open=True)


def table_of_stage(film: Film, frame: int) -> Table:
    """Returns what stands on stage at a frame: a line for each sample, class mean, classifier and vertex of the ideal
    frame, with its coordinates in the film's frame, to the digits of float32 in which films hold them.
    """
    labels, K = film.header["labels"], film.header["classes"]
    kinds: Mapping[str, list[int]] = {
        name: classes
        for name, classes in (
            ("features", labels), ("means", [*range(K)]), ("classifiers", [*range(K)]), ("ideal", [*range(K)]),
        )
        if name in film.arrays
    }  # fmt: skip
    points = np.concatenate([film.arrays[name][frame].reshape(-1, film.header["axes"]) for name in kinds])
    return {
        "what": [name for name, classes in kinds.items() for _ in classes],
        "class": [k for classes in kinds.values() for k in classes],
        **{f"axis_{j + 1}": points[:, j] for j in range(points.shape[1])},
    }


def set_name(film: Film, k: int) -> str:
    """Returns the name of a class, or its number from 1 where the name has letters that the fonts of figures lack."""
    name = name_of(film, k)
    return name if all(letter.isprintable() and ord(letter) < LETTERS_TO for letter in name) else str(k + 1)


def moment_words(film: Film, frame: int) -> str:
    """Returns the moment of a frame in words, as the player says it."""
    clock, flow_from = film.header["clock"], film.header["flow_from"]
    log_time = clock["log_time"][frame]
    t = "" if log_time is None else f"t = {power_of_e(log_time)}"
    if "epoch" in clock:
        return ", ".join(filter(None, [f"epoch {clock['epoch'][frame]:g}", t]))
    flows = flow_from is not None and frame >= flow_from
    return t or "t = 0" if flows else f"step {clock['step'][frame]:,}"


def _caption(sight: Sight) -> str:
    film = sight.film
    ideal = (
        " Open circles: the ideal frame, turned onto the class means; grey lines: what they lack of it."
        if "ideal" in film.arrays
        else ""
    )
    return (
        f"{film.header['title']} at {moment_words(film, sight.frame)}. Small marks: samples; large ones: class means;"
        f" arrows: classifiers.{ideal} {film.header['caption']}"
    ).strip()
