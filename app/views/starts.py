"""Draws many random starts at once: how far each run's margin has come in log time, and where all of them end."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.views.plots import QUIET, VERMILION, Part, line, title, word
from app.views.texts import Figure, Text
from ulpm_core import RunConfig
from ulpm_core.claims.at_a_moment import claim_at_the_end
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


class Group(NamedTuple):
    """R runs with one setting: `log_time` (T,) or (R, T), -inf at the start, `gamma` (R, T) and their `seeds` (R,)."""

    name: str
    log_time: Array
    gamma: Array
    seeds: NDArray[np.int64]


def sentences(groups: Sequence[Group], run_of: Callable[[int], RunConfig] | None = None) -> list[Text]:
    """Says what the ends show, one sentence a group; the least margin can be copied as a claim of its run, where
    `run_of` gives the run of a seed.

    >>> from app.views.texts import words_of
    >>> found = sentences([Group("d = 8", np.zeros(1), np.array([[0.99128], [0.9999]]), np.arange(2))])
    >>> words_of(found[0])
    'd = 8: 2 of 2 starts end with γ above 0.9; the least is 0.9912.'
    """
    said: list[Text] = []
    for group in groups:
        final = group.gamma[:, -1]
        known = final[np.isfinite(final)]
        words = f"{group.name}: {np.sum(known > GOOD)} of {len(final)} starts end with γ above {GOOD:g}"
        lost = len(final) - len(known)
        end = f". {lost} of them end{'s' * (lost == 1)} without a margin." if lost else "."
        said.append([f"{words}; the least is ", _least(group, run_of), end] if len(known) else words + end)
    return said


def _least(group: Group, run_of: Callable[[int], RunConfig] | None) -> str | Figure:
    """Returns the least margin at the end, rounded down: 1 is the limit's alone."""
    final = group.gamma[:, -1]
    i = int(np.nanargmin(final))
    words = written(Decimal(repr(float(final[i]))).quantize(Decimal("0.0001"), ROUND_FLOOR), "f")
    if run_of is None:
        return words
    return Figure(words, claim_at_the_end(run_of(int(group.seeds[i])), "gamma", float(final[i])))


def starts_figure(groups: Sequence[Group], classes: int | None = None) -> Part:
    """Draws every run's gamma against log t, a panel a group, with a histogram of the ends beside it; `customdata` is a
    seed.

    Panels stand side by side, on phones one below the other. Runs that end at most at `GOOD` are dashed and of another
    colour. With `classes` = 4 the square is marked.
    """
    data: list[Part] = []
    shapes: list[Part] = []
    words: list[Part] = []
    levels = [(1.0, "dash", "simplex", "left")] + [(SQUARE, "dot", "square", "right")] * (classes == 4)
    for i, group in enumerate(groups):
        x, y = _numbered("x", 2 * i), _numbered("y", i)
        arrived = group.gamma[:, -1] > GOOD
        data += [
            _runs(group, arrived, line("@accent/0.2", 1)) | {"xaxis": x, "yaxis": y},
            _runs(group, ~arrived, line(VERMILION, 1, "dash")) | {"xaxis": x, "yaxis": y},
            _ends(group.gamma[:, -1]) | {"xaxis": _numbered("x", 2 * i + 1), "yaxis": y},
        ]
        across_panel: Part = {"xref": f"{x} domain", "yref": y}
        heading = f"<b>{group.name}</b>"
        if not arrived.all():
            caught = f"{np.sum(~arrived)} of {len(arrived)}, dashed, end below {GOOD:g}"
            heading += f'   <span style="color:{VERMILION}">{caught}</span>'
        above = across_panel | {"yref": f"{y} domain", "xanchor": "left", "yanchor": "bottom", "yshift": 4}
        words.append(word(heading, 0.0, 1, **above))
        for level, dash, name, side in levels:
            ends = {"x0": 0, "x1": 1, "y0": level, "y1": level}
            shapes.append({"type": "line", "line": line("@text", 1.5, dash), **ends, **across_panel})
            words.append(word(name, float(side == "right"), level, **across_panel, xanchor=side, yanchor="top"))
    wide = {"margin": {"l": 58, "r": 4, "t": 30, "b": 46}, "shapes": shapes, "annotations": words}
    return {"data": data, "layout": wide | _axes(groups, stacked=False), "narrow": _axes(groups, stacked=True)}


def across(log_time: Array) -> Array:
    """Returns where a log t stands: log(1 + log(1 + t)), which is 0 at the start, linear in t early and log log t
    late.
    """
    return np.log1p(np.logaddexp(0.0, log_time))


def _runs(group: Group, chosen: NDArray[np.bool_], style: Part) -> Part:
    """Returns the chosen runs in one trace, each followed by a gap."""
    gamma, seeds = group.gamma[chosen], group.seeds[chosen]
    log_time = np.broadcast_to(group.log_time, group.gamma.shape)[chosen]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": _with_gaps(across(log_time).round(3)),
        "y": _with_gaps(gamma.round(4)),
        "customdata": [each for seed in seeds.tolist() for each in (*[seed] * gamma.shape[1], None)],
        "text": _with_gaps(np.where(np.isneginf(log_time), "−∞", log_time.round(1).astype(object))),
        "line": style,
        "hovertemplate": "seed %{customdata}: γ = %{y:.3f} at log t = %{text}. Click to open its film<extra></extra>",
    }


def _with_gaps(rows: NDArray[Any]) -> list[Any]:
    """Turns (R, T) into a list of R (T + 1), None at the end of each row and in the place of NaN."""
    return [None if value != value else value for row in rows.tolist() for value in (*row, None)]


def _ends(final: Array) -> Part:
    """Returns how many runs end where, as bars."""
    counts, _ = np.histogram(np.clip(final[np.isfinite(final)], BINS[0], BINS[-1]), BINS)
    bars = [(low, high, count) for low, high, count in zip(BINS[:-1], BINS[1:], counts.tolist(), strict=True) if count]
    return {
        "type": "bar",
        "orientation": "h",
        "x": [count for _, _, count in bars],
        "y": [round(float(low + high) / 2, 3) for low, high, _ in bars],
        "width": 0.016,
        "text": [f"{low:.2f} to {high:.2f}" for low, high, _ in bars],
        "textposition": "none",
        "marker": {"color": ["@accent" if low >= GOOD else VERMILION for low, _, _ in bars]},
        "hovertemplate": "%{x} of the runs end with γ from %{text}<extra></extra>",
    }


def _axes(groups: Sequence[Group], stacked: bool) -> Part:
    """Returns the axes x, x3, ... of the runs and x2, x4, ... of the ends, y, y2, ... of both, with one range of
    gamma.
    """
    axes: Part = {}
    gap = 0.22 if stacked else 0.04
    size = (1.0 - gap * (len(groups) - 1)) / len(groups)
    for i, group in enumerate(groups):
        begin = i * (size + gap)
        left, right = (0.0, 1.0) if stacked else (begin, begin + size)
        middle, most = left + 0.84 * (right - left), max(2, len(group.seeds))
        last, y = float(np.max(group.log_time)), _numbered("y", i)
        powers = [10.0**p for p in range(7) if 10.0**p <= last]
        axes[_numbered("xaxis", 2 * i)] = QUIET | {
            "domain": [left, middle],
            "anchor": y,
            "range": [0, round(1.01 * float(across(np.array(last))), 4)],
            "tickvals": [0.0, *across(np.array(powers)).round(4).tolist()],
            "ticktext": ["start", *(f"{p:,.0f}" for p in powers)],
            "title": title("log t", standoff=4),
        }
        axes[_numbered("xaxis", 2 * i + 1)] = QUIET | {
            "domain": [middle + 0.01, right],
            "anchor": y,
            "type": "log",
            "range": [math.log10(0.6), math.log10(most)],
            "tickvals": [1, 10 ** int(math.log10(most))],
            "tickangle": 0,
            "title": title("runs", standoff=4),
        }
        named = stacked or i == 0
        axes[_numbered("yaxis", i)] = QUIET | {
            "domain": [max(0.0, 1.0 - begin - size), 1.0 - begin] if stacked else [0.0, 1.0],
            "anchor": _numbered("x", 2 * i),
            "range": list(VIEW),
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "showticklabels": named,
            "showgrid": True,
            "gridcolor": "@faint",
            "title": title("margin γ" if named else "", standoff=4),
        }
    return axes


def _numbered(name: str, i: int) -> str:
    """Returns the name of an axis as Plotly counts: x, x2, x3."""
    return f"{name}{i + 1}" if i else name
