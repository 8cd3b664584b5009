"""Tables of numbers as CSV, each number to its last digit: read back, it is the same float."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from ulpm_core.film.film import Film

Table: TypeAlias = Mapping[str, Any]
"""Columns of one length, arrays or lists, by their names."""


def as_csv(table: Table) -> str:
    """Returns a table as comma-separated values, a line for each row under a line of names. A number has the shortest
    digits that are read back as that very number; what is not defined is empty.

    >>> as_csv({"step": [0, 1], "loss": np.array([0.1, np.nan]), "log_time": [-np.inf, np.float32(0.1)]})
    'step,loss,log_time\\n0,0.1,-inf\\n1,,0.1\\n'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*([cell(value) for value in column] for column in table.values()), strict=True))
    return text.getvalue()


def cell(value: object) -> str:
    """Returns a value as it stands in a table.

    >>> cell(1 / 3), cell(np.float32(1 / 3)), cell(None), cell("a b"), cell(3)
    ('0.3333333333333333', '0.33333334', '', 'a b', '3')
    """
    if value is None or (isinstance(value, (float, np.floating)) and math.isnan(value)):
        return ""
    return str(value)


def curves_table(films: Sequence[Film], names: Sequence[str] = (), curves: Sequence[str] | None = None) -> Table:
    """Returns the curves of films, by default all that they hold, at each of their frames, under the clocks that stand
    in their headers: the same numbers as in run.npz or net.npz, under the same names. Of several films each line begins
    with the film's name. `curvesAsCsv` of `app/player/moment.js` makes the same of one.
    """
    tables = [_of_film(film, curves) for film in films]
    columns = dict.fromkeys(name for table in tables for name in table)
    stacked = {
        name: [value for table in tables for value in table.get(name, [None] * len(table["step"]))] for name in columns
    }
    if len(films) == 1:
        return stacked
    called = names or [film.digest for film in films]
    return {"film": [n for n, t in zip(called, tables, strict=True) for _ in t["step"]], **stacked}


def _of_film(film: Film, curves: Sequence[str] | None) -> dict[str, Any]:
    clock = film.header["clock"]
    table: dict[str, Any] = {name: track for name, track in clock.items() if isinstance(track, list)}
    table |= dict(zip(("time", "log_time"), _exact_times(clock), strict=True))
    known = [curve["name"] for curve in film.header["curves"]]
    return table | {name: film.arrays[name] for name in (curves or known) if name in film.arrays}


def _exact_times(clock: Mapping[str, Any]) -> tuple[list[float | None], list[float | None]]:
    """Returns time and log time as the file holds them: JSON, in which films say them, has no infinity."""
    pairs = list(zip(clock["time"], clock["log_time"], strict=True))
    times = [math.inf if t is None and log_t is not None else t for t, log_t in pairs]
    return times, [-math.inf if log_t is None and t == 0.0 else log_t for t, log_t in pairs]
