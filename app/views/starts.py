"""Draws many random starts at once: how far each run's margin has come in log time, and where all of them end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ulpm_core.model.number_words import written
from ulpm_core.model.shapes import Array

GOOD: Final = 0.9
"""A final gamma above this counts as arrived. The cross-polytope, caught best of docs/theory.md 3.5, has (K - 1)/K."""
SQUARE: Final = 0.75
"""gamma of the square, the direction in which four classes are caught (docs/theory.md 3.5)."""
VIEW: Final = (-0.1, 1.02)
"""The range of gamma in view: below it is only what has not yet separated."""
BINS: Final = np.arange(-5, 51) / 50
"""Edges of the histogram; `GOOD` is one of them."""
CAUGHT: Final = "#D55E00"
"""Okabe and Ito's vermilion: clear of the accent in either theme and for every kind of eye."""


class Group(NamedTuple):
    """R runs with one setting: `log_time` (T,) or (R, T), -inf at the start, `gamma` (R, T) and their `seeds` (R,)."""

    name: str
    log_time: Array
    gamma: Array
    seeds: NDArray[np.int64]


def sentences(groups: Sequence[Group]) -> list[str]:
    """Says what the ends show, one sentence a group.

    >>> sentences([Group("d = 8", np.zeros(1), np.array([[0.99128], [0.9999]]), np.arange(2))])
    ['d = 8: 2 of 2 starts end with γ above 0.9; the least is 0.9912.']
    """
    said = []
    for group in groups:
        final = group.gamma[:, -1]
        known = final[np.isfinite(final)]
        words = f"{group.name}: {np.sum(known > GOOD)} of {len(final)} starts end with γ above {GOOD:g}"
        if len(known):  # rounded down: 1 is the limit's alone
            least = Decimal(repr(float(known.min()))).quantize(Decimal("0.0001"), ROUND_FLOOR)
            words += f"; the least is {written(least, 'f')}"
        lost = len(final) - len(known)
        said.append(words + (f". {lost} of them end{'s' * (lost == 1)} without a margin." if lost else "."))
    return said


def starts_figure(groups: Sequence[Group], classes: int | None = None) -> dict[str, Any]:
    """Draws every run's gamma against log t, a panel a group, with a histogram of the ends beside it; `customdata` is a
    seed.

    Panels stand side by side, on phones one below the other. Runs that end at most at `GOOD` are dashed and of another
    colour. With `classes` = 4 the square is marked.
    """
    data: list[dict[str, Any]] = []
    shapes: list[dict[str, Any]] = []
    words: list[dict[str, Any]] = []
    levels = [(1.0, "dash", "simplex", "left")] + [(SQUARE, "dot", "square", "right")] * (classes == 4)
    for i, group in enumerate(groups):
        x, y = _axis("x", 2 * i), _axis("y", i)
        arrived = group.gamma[:, -1] > GOOD
        data += [_runs(group, arrived, "@accent/0.2", "solid") | {"xaxis": x, "yaxis": y}]
        data += [_runs(group, ~arrived, CAUGHT, "dash") | {"xaxis": x, "yaxis": y}]
        data += [_ends(group) | {"xaxis": _axis("x", 2 * i + 1), "yaxis": y}]
        caught = f'<span style="color:{CAUGHT}">{np.sum(~arrived)} of {len(arrived)}, dashed, end below {GOOD:g}</span>'
        title = f"<b>{group.name}</b>" + f"   {caught}" * (not arrived.all())
        words.append(_label(title, x, "left", f"{y} domain", 1, "bottom") | {"yshift": 4})
        for level, dash, name, side in levels:
            line = {"width": 1.5, "color": "@text", "dash": dash}
            ends = {"x0": 0, "x1": 1, "y0": level, "y1": level, "xref": f"{x} domain", "yref": y}
            shapes.append({"type": "line", "line": line, **ends})
            words.append(_label(name, x, side, y, level, "top"))
    wide = {"margin": {"l": 58, "r": 4, "t": 30, "b": 46}, "shapes": shapes, "annotations": words}
    return {
        "data": data,
        "layout": wide | _axes(groups, stacked=False),
        "narrow": _axes(groups, stacked=True),
    }


def across(log_time: Array) -> Array:
    """Returns where a log t stands: log(1 + log(1 + t)), which is 0 at the start, linear in t early and log log t
    late.
    """
    return np.log1p(np.logaddexp(0.0, log_time))


def _runs(group: Group, chosen: NDArray[np.bool_], colour: str, dash: str) -> dict[str, Any]:
    """Returns the chosen runs in one trace, each followed by a gap."""
    gamma = group.gamma[chosen]
    log_time = np.broadcast_to(group.log_time, group.gamma.shape)[chosen]
    seeds = np.repeat(group.seeds[chosen, None], gamma.shape[1], axis=1)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": _with_gaps(across(log_time), 3),
        "y": _with_gaps(gamma, 4),
        "customdata": [None if seed is None else int(seed) for seed in _with_gaps(seeds, 0)],
        "text": [v if v is None or math.isfinite(v) else "−∞" for v in _with_gaps(log_time, 1, keep_infinite=True)],
        "line": {"width": 1, "color": colour, "dash": dash},
        "hovertemplate": ("seed %{customdata}: γ = %{y:.3f} at log t = %{text}. Click to open its film<extra></extra>"),
    }


def _with_gaps(rows: Any, digits: int, keep_infinite: bool = False) -> list[float | None]:
    """Turns (R, T) into R (T + 1) rounded numbers, None at the end of each row and where there is no number."""
    flat: list[float | None] = []
    for row in np.round(np.asarray(rows, dtype=float), digits).tolist():
        flat += [v if math.isfinite(v) or (keep_infinite and not math.isnan(v)) else None for v in row]
        flat.append(None)
    return flat


def _ends(group: Group) -> dict[str, Any]:
    final = group.gamma[:, -1]
    counts, _ = np.histogram(np.clip(final[np.isfinite(final)], BINS[0], BINS[-1]), BINS)
    some = counts > 0
    low, high = BINS[:-1][some], BINS[1:][some]
    return {
        "type": "bar",
        "orientation": "h",
        "x": counts[some].tolist(),
        "y": np.round((low + high) / 2, 3).tolist(),
        "width": 0.016,
        "text": [f"{a:.2f} to {b:.2f}" for a, b in zip(low, high, strict=True)],
        "textposition": "none",
        "marker": {"color": ["@accent" if a >= GOOD else CAUGHT for a in low.tolist()]},
        "hovertemplate": "%{x} of the runs end with γ from %{text}<extra></extra>",
    }


def _axes(groups: Sequence[Group], stacked: bool) -> dict[str, Any]:
    """Returns the axes x, x3, ... of the runs and x2, x4, ... of the ends, y, y2, ... of both, with one range of
    gamma.
    """
    quiet = {"zeroline": False, "showgrid": False, "fixedrange": True, "tickfont": {"size": 13}}
    axes: dict[str, Any] = {}
    for i, group in enumerate(groups):
        left, right, low, high = _place(i, len(groups), stacked)
        middle, most = left + 0.84 * (right - left), max(2, len(group.seeds))
        last, y = float(np.max(group.log_time)), _axis("y", i)
        tickvals, ticktext = _ticks(last)
        axes[_long("x", 2 * i)] = quiet | {
            "domain": [left, middle],
            "anchor": y,
            "range": [0, round(1.01 * float(across(np.array(last))), 4)],
            "tickvals": tickvals,
            "ticktext": ticktext,
            "title": _title("log t"),
        }
        axes[_long("x", 2 * i + 1)] = quiet | {
            "domain": [middle + 0.01, right],
            "anchor": y,
            "type": "log",
            "range": [math.log10(0.6), math.log10(most)],
            "tickvals": [1, 10 ** int(math.log10(most))],
            "tickangle": 0,
            "title": _title("runs"),
        }
        axes[_long("y", i)] = quiet | {
            "domain": [low, high],
            "anchor": _axis("x", 2 * i),
            "range": list(VIEW),
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "showticklabels": stacked or i == 0,
            "showgrid": True,
            "gridcolor": "@faint",
            "title": _title("margin γ" if stacked or i == 0 else ""),
        }
    return axes


def _place(i: int, count: int, stacked: bool) -> tuple[float, float, float, float]:
    """Returns the left, right, lower and upper end of a group's place."""
    gap = 0.22 if stacked else 0.04
    size = (1.0 - gap * (count - 1)) / count
    begin = i * (size + gap)
    return (0.0, 1.0, max(0.0, 1.0 - begin - size), 1.0 - begin) if stacked else (begin, begin + size, 0.0, 1.0)


def _ticks(last: float) -> tuple[list[float], list[str]]:
    """Returns ticks at the start and at the powers of ten of log t up to its last value."""
    powers = [10.0**p for p in range(0, 7) if 10.0**p <= last]
    return [0.0, *np.round(across(np.array(powers)), 4).tolist()], ["start", *(f"{p:,.0f}" for p in powers)]


def _label(text: str, x: str, side: str, yref: str, y: float, anchor: str) -> dict[str, Any]:
    place = {"xref": f"{x} domain", "x": float(side == "right"), "yref": yref, "y": y}
    return {"text": text, **place, "xanchor": side, "yanchor": anchor, "showarrow": False, "font": {"color": "@text"}}


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "standoff": 4, "font": {"size": 14}}


def _axis(letter: str, i: int) -> str:
    return f"{letter}{i + 1}" if i else letter


def _long(letter: str, i: int) -> str:
    return f"{letter}axis{i + 1}" if i else f"{letter}axis"
