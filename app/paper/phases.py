"""A phase picture: what came of many runs, as a map over two of their parameters or as lines over one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from app.paper.clocks import one_two_five, round_ticks
from app.paper.looks import FILMS as PENS
from app.paper.looks import LAW, LOW_TO_HIGH, VERMILION, bands, between
from app.paper.plates import INK, Axis, Bar, Cells, Line, Panel, Part, Pen, Plate, Words
from app.views.phase_pictures import ENDS, PICTURES, thresholds
from app.views.phase_words import labels
from ulpm_core.files.sweep import run_columns
from ulpm_core.model.number_words import number
from ulpm_core.model.refusal import refuse, unfit
from ulpm_core.model.shapes import Array
from ulpm_core.studies.axes import SAMPLE
from ulpm_core.studies.axes import Axis as StudyAxis
from ulpm_core.studies.sweep import Sweep

USUAL_VALUE: Final = "gamma"
BANDS: Final = 16
"""Colours of a scale: so few can be told apart, and so a bar of them stays made of lines."""
SHARES: Final = ("gamma", "gamma_balanced", "nc4")
"""Values whose scale is the whole of 0 to 1."""
ENDS_COLOURS: Final = (VERMILION, *(between(LOW_TO_HIGH, share) for share in (1.0, 0.7, 0.0)))
MOST_TICKS: Final = 5
MOST_LINES: Final = len(PENS)


class Shown(NamedTuple):
    """The numbers of all cells of a sweep, (axes ...), with their name, the range of their scale and the titles of the
    axes; `ends` says that they count the ends of runs.
    """

    values: Array
    title: str
    low: float
    high: float
    axes: tuple[str, ...]
    ends: bool = False


def phases_plate(found: Sweep, value: str = "") -> Plate:
    """Returns the picture of a sweep: one of those of the page where it is one of their studies and no `value` is
    named, else the mean of a figure over the runs of each cell, by default of the margin ratio gamma.

    Raises :class:`ConfigError` for a sweep that is no grid of one or two axes, and for a value that it does not have.
    """
    study = found.study
    if len(study.axes) > 2 or any(axis.name == SAMPLE for axis in study.axes):
        axes = " and ".join(f"{axis.name} ({len(axis)})" for axis in study.axes)
        raise unfit(
            "sweep", f"sweep is over {axes}", "a picture has one --grid or two; take its numbers from --table", "t.csv"
        )
    name = "" if value else picture_of(found)
    shown = _as_on_the_page(name, found) if name else _mean(found, value or USUAL_VALUE)
    is_map = len(study.axes) == 2 and not (name and not PICTURES[name].up)
    panel = _map(found, shown, name) if is_map else _lines(found, shown, name)
    caption = f"{shown.title[0].upper()}{shown.title[1:]}, of {study.cells * study.runs:,} runs."
    if name:
        caption = PICTURES[name].watch + (f" Colours: {shown.title}." if is_map else "")
    if name and (at := thresholds(study)):
        foretold = "; ".join(f"{rule} from {number(ratio)}" for rule, ratio in at.items())
        caption += f" Upright lines: where small classes are foretold to merge, {foretold}."
    return Plate([panel], dict(run_columns(found)), caption, ratio=0.75)


def picture_of(found: Sweep) -> str:
    """Returns the name of the page's picture that shows this very study; empty where none does."""
    for name, picture in PICTURES.items():
        if picture.study(found.study.config).digest == found.study.digest:
            return name
    return ""


def _as_on_the_page(name: str, found: Sweep) -> Shown:
    picture = PICTURES[name]
    titles = tuple(filter(None, (picture.across, picture.up)))
    return Shown(picture.shown(found), picture.title, picture.low, picture.high, titles, ends=name == "rates")


def _mean(found: Sweep, value: str) -> Shown:
    if value not in found.figures:
        raise refuse("value", value, "is no figure of this sweep", ", ".join(found.figures), next(iter(found.figures)))
    means = found.mean(value)
    known = means[np.isfinite(means)]
    if not known.size:
        raise refuse("value", value, "is defined for no run of this sweep", ", ".join(found.figures))
    low, high = (0.0, 1.0) if value in SHARES else (float(known.min()), float(known.max()))
    title = f"mean {value} over {found.study.runs} seeds" if found.study.runs > 1 else value
    return Shown(means, title, low, high if high > low else low + 1.0, tuple(axis.name for axis in found.study.axes))


def _map(found: Sweep, shown: Shown, name: str) -> Panel:
    across, up = found.study.axes
    colours = [[_colour(value, shown) for value in row] for row in shown.values.T.tolist()]
    crossed = [[value == 0.0 for value in row] for row in shown.values.T.tolist()] if shown.ends else ()
    parts: list[Part] = [Cells(colours, crossed=crossed)]
    if name == "room":
        parts += _staircase(across, up)
    return Panel(
        Axis(0.0, len(across), _ticks(labels(across)), shown.axes[0]),
        Axis(0.0, len(up), _ticks(labels(up)), shown.axes[1]),
        parts,
        bar=_bar(shown),
    )


def _colour(value: float, shown: Shown) -> str:
    if not math.isfinite(value):
        return ""
    if shown.ends:
        return ENDS_COLOURS[int(value)]
    share = (value - shown.low) / (shown.high - shown.low)
    return bands(BANDS)[min(BANDS - 1, max(0, int(share * BANDS)))]


def _bar(shown: Shown) -> Bar:
    if shown.ends:
        ticks = [(i + 0.5, word) for i, word in enumerate(ENDS)]
        return Bar(np.arange(len(ENDS) + 1.0), ENDS_COLOURS, ticks, shown.title)
    edges = np.linspace(shown.low, shown.high, BANDS + 1)
    return Bar(edges, bands(BANDS), round_ticks(shown.low, shown.high, MOST_TICKS), shown.title)


def _ticks(texts: Sequence[str]) -> list[tuple[float, str]]:
    step = math.ceil(len(texts) / MOST_TICKS)
    return [(i + 0.5, texts[i]) for i in range(0, len(texts), step)]


def _staircase(across: StudyAxis, up: StudyAxis) -> list[Part]:
    """Returns the edge between cells where a simplex fits, d >= K - 1, to its right, and where none does."""
    first = int(across.parameters["dimension"][0])
    least = [min(len(across), int(K) - 1 - first) for K in up.parameters["classes"]]
    x = np.repeat(least, 2)
    y = np.array([row + side for row in range(len(least)) for side in (0, 1)])
    edge, over = Pen(VERMILION, 1.4), Pen("#ffffff", 2.4)
    return [
        Line(x, y, over),
        Line(x, y, edge),
        Words("a simplex fits", len(across) - 0.3, 0.5, 6.5, INK, ("right", "center")),
    ]


def _lines(found: Sweep, shown: Shown, name: str) -> Panel:
    """Returns a line for each value of the second axis, if there is one, over the first; with what is foretold."""
    first, *second = found.study.axes
    rules = labels(second[0]) if second else [""]
    if len(rules) > MOST_LINES:
        raise unfit("sweep", f"sweep has {len(rules)} lines", f"at most {MOST_LINES} can be told apart")
    values = shown.values.reshape(len(first), -1)
    numeric = all(isinstance(value, (int, float)) for value in first.parameters.get(first.name, ("",)))
    x = np.array([float(text) for text in labels(first)]) if numeric or name else np.arange(len(first)) + 0.5
    is_log = bool((x > 0.0).all() and x.max() >= 10.0 * x.min())
    along = np.log10(x) if is_log else x
    parts: list[Part] = [
        Line(along, values[:, i], pen, rule, "circle") for i, (rule, pen) in enumerate(zip(rules, PENS, strict=False))
    ]
    known = values[np.isfinite(values)]
    low, high = float(known.min()), float(known.max())
    pad, wide = 0.05 * (high - low), 0.03 * float(np.ptp(along)) or 0.5
    for rule, at in (thresholds(found.study) if name else {}).items():
        place = math.log10(at) if is_log else at
        pen = PENS[rules.index(rule)]
        parts.append(Line([place, place], [low - pad, high + pad], pen._replace(width=LAW.width)))
    if is_log:
        ticks = one_two_five(float(x.min()), float(x.max()))
    elif numeric or name:
        ticks = round_ticks(float(x.min()), float(x.max()), MOST_TICKS)
    else:
        ticks = _ticks(labels(first))
    return Panel(
        Axis(float(along.min()) - wide, float(along.max()) + wide, ticks, shown.axes[0]),
        Axis(low - pad, high + pad, round_ticks(low, high, MOST_TICKS), shown.title),
        parts,
    )
