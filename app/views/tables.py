"""Writes tables as HTML from plain data; on a phone each cell says its column."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

from app.terms.explained import explained
from ulpm_core.model.number_words import number


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns an HTML table with one line a row, whose first cell is its heading; its symbols explain themselves."""
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    lines = []
    for name, *cells in rows:
        said = (
            f'<td data-label="{escape(label)}">{explained(cell)}</td>'
            for label, cell in zip(head[1:], cells, strict=True)
        )
        lines.append(f'<tr><th scope="row">{explained(name)}</th>{"".join(said)}</tr>')
    return f'<table class="lab-table"><thead><tr>{top}</tr></thead><tbody>{"".join(lines)}</tbody></table>'


def cell(value: float | None, write: Callable[[float], str] = number) -> str:
    """Returns a number as a cell says it, and a dash where there is none.

    >>> cell(0.25), cell(None)
    ('0.25', '–')
    """
    return "–" if value is None or math.isnan(value) else write(value)
