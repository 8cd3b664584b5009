"""Writes tables as HTML from plain data; on a phone each cell says its column."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

from app.terms.explained import explained
from ulpm_core.model.number_words import number


class Figure(NamedTuple):
    """A cell that can be copied as a claim: what it says, and the `name` of the figure, its `value` and the digest `of`
    its film, at whose end it stands.
    """

    said: str
    name: str
    value: float
    of: str

    @property
    def button(self) -> str:
        """The cell as a button, which `app/player/terms.js` answers."""
        data = f'data-claim="{escape(self.name)}" data-value="{self.value!r}" data-of="{escape(self.of)}"'
        return f'<button type="button" class="lab-figure" {data} aria-expanded="false">{escape(self.said)}</button>'


def table(head: Sequence[str], rows: Sequence[Sequence[str | Figure]]) -> str:
    """Returns an HTML table with one line a row, whose first cell is its heading; its symbols explain themselves.

    >>> table(("figure", "value"), [("margin", Figure("0.5", "gamma", 0.5, "0a"))]).partition("<td")[2][:60]
    ' data-label="value"><button type="button" class="lab-figure"'
    """
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    lines = []
    for name, *cells in rows:
        said = (
            f'<td data-label="{escape(label)}">{cell.button if isinstance(cell, Figure) else explained(cell)}</td>'
            for label, cell in zip(head[1:], cells, strict=True)
        )
        lines.append(f'<tr><th scope="row">{explained(str(name))}</th>{"".join(said)}</tr>')
    return f'<table class="lab-table"><thead><tr>{top}</tr></thead><tbody>{"".join(lines)}</tbody></table>'


def cell(value: float | None, write: Callable[[float], str] = number) -> str:
    """Returns a number as a cell says it, and a dash where there is none.

    >>> cell(0.25), cell(None)
    ('0.25', '–')
    """
    return "–" if value is None or math.isnan(value) else write(value)
