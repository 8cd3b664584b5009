"""Writes tables as HTML from plain data; on a phone each cell says its column."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from html import escape
from typing import Any, NamedTuple

from app.terms.explained import explained
from ulpm_core.claims.claim import Claim
from ulpm_core.model.number_words import number


class Figure(NamedTuple):
    """A cell that can be copied as a claim: what it says, and that claim."""

    said: str
    claim: Claim

    def button(self, shared: Mapping[str, Any]) -> str:
        """Returns the cell as a button, which `app/player/terms.js` answers; the claim is without what is shared."""
        fields = asdict(self.claim)
        own = {name: value for name, value in fields.items() if name not in shared}
        data = f'data-claim="{_attribute(own)}"'
        return f'<button type="button" class="lab-figure" {data} aria-expanded="false">{escape(self.said)}</button>'


def figure(said: str, claim: Claim) -> str:
    """Returns a figure that stands alone as a button that copies its claim.

    >>> figure("0.5", Claim("gamma", 0.5, 12))[:73]
    '<button type="button" class="lab-figure" data-claim="{&quot;name&quot;: &'
    """
    return Figure(said, claim).button({})


def table(head: Sequence[str], rows: Sequence[Sequence[str | Figure]]) -> str:
    """Returns an HTML table with one line a row, whose first cell is its heading; its symbols explain themselves.

    What the claims of its figures have in common, such as their config, stands once, at the table.

    >>> table(("figure", "value"), [("margin", Figure("0.5", Claim("gamma", 0.5, 12)))]).partition("<td")[2][:60]
    ' data-label="value"><button type="button" class="lab-figure"'
    """
    shared = _shared([asdict(cell.claim) for row in rows for cell in row if isinstance(cell, Figure)])
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    lines = []
    for name, *cells in rows:
        shown = (cell.button(shared) if isinstance(cell, Figure) else explained(cell) for cell in cells)
        said = (f'<td data-label="{escape(label)}">{cell}</td>' for label, cell in zip(head[1:], shown, strict=True))
        lines.append(f'<tr><th scope="row">{explained(str(name))}</th>{"".join(said)}</tr>')
    data = f' data-claims="{_attribute(shared)}"' if shared else ""
    return f'<table class="lab-table"{data}><thead><tr>{top}</tr></thead><tbody>{"".join(lines)}</tbody></table>'


def _shared(claims: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Returns the fields that all claims have in common."""
    first = claims[0] if claims else {}
    return {name: value for name, value in first.items() if all(claim[name] == value for claim in claims)}


def _attribute(fields: Mapping[str, Any]) -> str:
    """Returns fields as JSON in an attribute; Streamlit takes out attributes that hold the ends of tags."""
    return escape(json.dumps(fields, allow_nan=False).replace(">", "\\u003e").replace("<", "\\u003c"))


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
