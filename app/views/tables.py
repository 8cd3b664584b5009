"""Writes tables as HTML from plain data; on a phone each cell says its column."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

from app.views.texts import Figure, Text, html_of, shared_attribute, shared_by
from ulpm_core.claims.claim import Claim
from ulpm_core.model.number_words import number


def table(head: Sequence[str], rows: Sequence[Sequence[Text]]) -> str:
    """Returns an HTML table with one line a row, whose first cell is its heading; its symbols explain themselves.

    What the claims of its figures have in common, such as their config, stands once, at the table.

    >>> table(("figure", "value"), [("margin", Figure("0.5", Claim("gamma", 0.5, 12)))]).partition("<td")[2][:60]
    ' data-label="value"><button type="button" class="lab-figure"'
    """
    shared = shared_by(cell for row in rows for cell in row)
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    lines = []
    for name, *cells in rows:
        shown = [html_of(cell, shared) for cell in cells]
        said = (f'<td data-label="{escape(label)}">{cell}</td>' for label, cell in zip(head[1:], shown, strict=True))
        lines.append(f'<tr><th scope="row">{html_of(name, shared)}</th>{"".join(said)}</tr>')
    opening = f'<table class="lab-table"{shared_attribute(shared)}>'
    return f"{opening}<thead><tr>{top}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def cell(value: float | None, write: Callable[[float], str] = number) -> str:
    """Returns a number as a cell says it, and a dash where there is none.

    >>> cell(0.25), cell(None)
    ('0.25', '–')
    """
    return "–" if value is None or math.isnan(value) else write(value)


def figure_or(value: float | None, claim: Claim | None, write: Callable[[float], str] = number) -> str | Figure:
    """Returns a number as a cell, which can be copied if it has a claim.

    >>> figure_or(0.25, None), figure_or(None, None)
    ('0.25', '–')
    """
    return cell(value, write) if value is None or claim is None else Figure(write(value), claim)
