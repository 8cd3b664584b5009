"""The curves of films as panels: those that stand beside the stage, and the paper's Figure 2."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np

from app.paper.clocks import LABELS, clock_axis, clock_of, log_axis, positions, share_axis, signed_axis
from app.paper.looks import ALONE, CURVES, EVENT, FILMS, LAW
from app.paper.plates import GREY, Axis, Line, Panel, Part, Pen, Plate, Words
from app.paper.tables import curves_table
from ulpm_core.analysis.curves import CURVES as KNOWN
from ulpm_core.analysis.panels import FIGURE
from ulpm_core.film.film import Film
from ulpm_core.model.refusal import among, unfit
from ulpm_core.model.shapes import Array

FIGURE_2: Final = "figure-2"
LOG_TIME: Final = "log-log-time"
MARK: Final = "circle"
WORDS: Final = {
    "run": "Metrics of {title}.",
    "escape": "A saddle is left: {title}.",
    "figure-2": "The metrics of neural collapse against log time, for {title}: a law C/log t is a line of slope −1.",
    "figure-2-uncentred": "The same without centring the classifiers, for {title}: slopes −1/2.",
    "theorem": "The flow turns towards a KKT point of the minimum-norm separation problem, for {title}.",
}
"""The first sentence of a caption, which says what a set of curves shows, by the name of the set."""
SHORTEST: Final = 2
"""Frames that make a curve."""


class Chart(NamedTuple):
    """Films on one clock, their names, and where their frames stand on its axis."""

    films: Sequence[Film]
    names: Sequence[str]
    tracks: Sequence[Array]
    across: Axis


def curves_plate(films: Sequence[Film], chosen: str, names: Sequence[str] = ()) -> Plate:
    """Returns the panels of a set of curves, as the player shows them, of one film or of several on one clock.

    Raises :class:`ConfigError` where a film has no such set, or is too short to have a curve.
    """
    panels, names = panels_of(films, chosen), names or [film.header["title"] for film in films]
    clock, tracks = _clock(films, chosen), _tracks(films, chosen)
    if short := [name for name, track in zip(names, tracks, strict=True) if not _is_long(track)]:
        which = f"those of {', '.join(short)}" if len(films) > 1 else "these"
        why = f"is of several moments, and too few of {which} have a place on its axis of {LABELS[clock]}"
        raise unfit("show", f"show = {_typed(chosen)} {why}", _instead(films))
    known = np.concatenate(tracks)
    across = clock_axis(clock, float(np.nanmin(known)), float(np.nanmax(known)))
    chart = Chart(films, names, tracks, across)
    drawn, key = _keyed([_panel(chart, panel) for panel in panels])
    key = [*(Line([], [], pen, name) for pen, name in zip(FILMS, chart.names, strict=False) if len(films) > 1), *key]
    held = dict.fromkeys(name for panel in panels for name in panel["curves"])
    return Plate(
        panels=drawn,
        table=curves_table(films, chart.names, list(held)),
        caption=_caption(chart, chosen),
        narrow=min(2, len(drawn)),
        wide=min(4, len(drawn)),
        key=key,
    )


def _keyed(panels: Sequence[Panel]) -> tuple[list[Panel], list[Line]]:
    """Returns the panels, and the lines that one legend over all of them explains: what several of them have."""
    times = Counter(look for panel in panels for look in {_look(line) for line in _labelled(panel)})
    shared = dict.fromkeys(look for panel in panels for look in map(_look, _labelled(panel)) if times[look] > 1)
    plain = [
        replace(
            panel,
            parts=[
                part._replace(label="") if isinstance(part, Line) and _look(part) in shared else part
                for part in panel.parts
            ],
        )
        for panel in panels
    ]
    return plain, [Line([], [], pen, label, mark) for label, pen, mark in shared]


def _labelled(panel: Panel) -> list[Line]:
    return [part for part in panel.parts if isinstance(part, Line) and part.label]


def _look(line: Line) -> tuple[str, Pen, str]:
    return line.label, line.pen, line.mark


def panels_of(films: Sequence[Film], chosen: str) -> list[Mapping[str, Any]]:
    """Returns the panels of a set that all films have. Raises :class:`ConfigError` where there are none."""
    if there := _panels_there(films, chosen):
        return there
    whose = f"this {films[0].header.get('kind', 'run')} does not" if len(films) == 1 else "these do not all"
    raise unfit("show", f"show = {_typed(chosen)} needs curves that {whose} have", _instead(films))


def _panels_there(films: Sequence[Film], chosen: str) -> list[Mapping[str, Any]]:
    """The paper's Figure 2 is of any run whose metrics it shows."""
    held = set.intersection(*({*film.arrays} for film in films))
    there = [panel for panel in films[-1].header["panels"] if panel["set"] == chosen and held >= {*panel["curves"]}]
    if not there and chosen == FIGURE_2:
        there = [{"title": p.title, "curves": curves} for p in FIGURE if (curves := _known_in(p, held))]
    return there


def _clock(films: Sequence[Film], chosen: str) -> str:
    return LOG_TIME if chosen.startswith(FIGURE_2) else clock_of(films)


def _tracks(films: Sequence[Film], chosen: str) -> list[Array]:
    """Returns where the frames of each film stand on the clock of a set of curves."""
    return [positions(film.header["clock"], _clock(films, chosen)) for film in films]


def _is_long(track: Array) -> bool:
    return int(np.isfinite(track).sum()) >= SHORTEST


def _instead(films: Sequence[Film]) -> str:
    """Says which figures these films do have."""
    sets = [each for each in WORDS if _panels_there(films, each) and all(map(_is_long, _tracks(films, each)))]
    shows = [*map(_typed, sets), *(("stage", "matrix") if len(films) == 1 else ())]
    return f"show {among(shows)}" if shows else "give one of them alone"


def _typed(chosen: str) -> str:
    """Returns the name of a set of curves on the command line."""
    return "curves" if chosen == "run" else chosen


def _known_in(panel: Any, held: set[str]) -> list[str]:
    return [curve.name for curve in KNOWN.values() if panel in curve.panels and curve.name in held]


def _panel(chart: Chart, panel: Mapping[str, Any]) -> Panel:
    curves = [_curve(chart.films[-1], name) for name in panel["curves"]]
    values = [
        [np.where(np.isfinite(track), plotted(film, curve), np.nan) for curve in curves]
        for film, track in zip(chart.films, chart.tracks, strict=True)
    ]
    up, is_log = _up(curves, np.concatenate([one for film in values for one in film]))
    parts: list[Part] = [*_events(chart, up)]
    several, labelled = len(chart.films) > 1, len(curves) > 1
    for i, (track, of_film) in enumerate(zip(chart.tracks, values, strict=True)):
        for j, (curve, y) in enumerate(zip(curves, of_film, strict=True)):
            pen = FILMS[i] if several else CURVES[j % len(CURVES)] if labelled else ALONE
            label = curve["label"] if labelled and (not several or i == 0) else ""
            parts.append(Line(track, _logged(y, is_log), pen, label, MARK if several and j else ""))
    laws = [] if several else [each for each in chart.films[0].header["guides"] if each["curve"] in panel["curves"]]
    for k, law in enumerate(laws):
        x = chart.tracks[0][law["x_frames"]]
        parts.append(Line(x, _logged(np.array(law["y"]), is_log), LAW, law["label"] if k == 0 else ""))
    if why := _empty(chart, curves, values):
        parts.append(Words(why, (chart.across.low + chart.across.high) / 2, (up.low + up.high) / 2, 6.5, GREY))
    return Panel(chart.across, up, parts, panel["title"])


def _curve(film: Film, name: str) -> Mapping[str, Any]:
    return next(curve for curve in film.header["curves"] if curve["name"] == name)


def plotted(film: Film, curve: Mapping[str, Any]) -> Array:
    """Returns a curve's values as they can be drawn: NaN where undefined, and on a log axis where nothing but rounding
    is left.
    """
    values = np.asarray(film.arrays[curve["name"]], dtype=float)
    least = max(float(curve.get("floor", 0.0)), float(np.nextafter(0, 1))) if curve["scale"] == "log" else -np.inf
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(values) & (values >= least), values, np.nan)


def _logged(values: Array, is_log: bool) -> Array:
    return np.log10(values) if is_log else values


def _up(curves: Sequence[Mapping[str, Any]], values: Array) -> tuple[Axis, bool]:
    """Returns the axis of a panel's values, and whether it is of powers of ten."""
    known, scale = values[np.isfinite(values)], curves[0]["scale"]
    if not known.size:
        return Axis(0.0, 1.0), False
    if scale == "log":
        return log_axis(known), True
    return (signed_axis if scale == "signed" else share_axis)(known), False


def _events(chart: Chart, up: Axis) -> list[Line]:
    """Returns a line for each event of a film alone; of several, whose events would be whose?"""
    if len(chart.films) > 1:
        return []
    at = [chart.tracks[0][event["frame"]] for event in chart.films[0].header["events"]]
    return [Line([x, x], [up.low, up.high], EVENT) for x in at if np.isfinite(x)]


def _empty(chart: Chart, curves: Sequence[Mapping[str, Any]], values: Sequence[Sequence[Array]]) -> str:
    """Returns why a panel has no line; nothing where it has one."""
    if any(np.isfinite(one).any() for film in values for one in film):
        return ""
    known = np.concatenate([film.arrays[curve["name"]] for film in chart.films for curve in curves])
    known = known[np.isfinite(known)]
    if not known.size:
        return "not defined here"
    return "nothing but rounding" if known.any() else "0 all the time"


def _caption(chart: Chart, chosen: str) -> str:
    film = chart.films[0]
    if len(chart.films) > 1:
        return WORDS[chosen].format(title=", ".join(chart.names))
    events = "; ".join(f"{event['label']} at {event['when']}" for event in film.header["events"])
    marks = f" Dotted lines upright: {events}." if events else ""
    laws = " Long dashes: predicted." if film.header["guides"] else ""
    return WORDS[chosen].format(title=film.header["title"]) + marks + laws
