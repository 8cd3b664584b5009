"""How results show themselves in a notebook: as whatever is installed shows them, else as a plain table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from importlib.metadata import entry_points
from typing import Any, Final, NamedTuple

import numpy as np

from ulpm_core.model.brief import Brief
from ulpm_core.model.number_words import number, written
from ulpm_core.model.refusal import ConfigError

SHOWN_BY: Final = "ulpm_core.notebook"
"""The group of entry points that show results better than a table: functions of one, which return HTML, or "" for a
kind that they do not know. The core asks for whoever is there and imports nobody."""
NOT_KNOWN: Final = "–"


class Table(NamedTuple):
    """What a result says of itself without a picture: a title, its sentences, rows of figures under their heads, the
    first of which names the row, and the colour behind each figure, where they have one.
    """

    title: str
    sentences: Sequence[str]
    heads: Sequence[str]
    rows: Sequence[Sequence[object]]
    colours: Sequence[Sequence[str]] = ()

    def html(self) -> str:
        """The table as HTML, which needs no script and no style sheet.

        >>> Table("A <run>", ["It ended."], ["figure", "at the end"], [["gamma", 0.25]]).html().splitlines()[1:]
        ['<tr><th>figure</th><th>at the end</th></tr>', '<tr><th>gamma</th><td>0.25</td></tr>', '</table>']
        """
        lines = [f"<p><b>{escape(self.title)}</b> {escape(' '.join(self.sentences))}</p><table>"]
        lines.append(_row("".join(f"<th>{escape(head)}</th>" for head in self.heads)))
        for i, (name, *values) in enumerate(self.rows):
            colours = self.colours[i] if self.colours else [""] * len(values)
            cells = "".join(map(_cell, values, colours))
            lines.append(_row(f"<th>{escape(words_of(name))}</th>{cells}"))
        return "\n".join([*lines, "</table>"])

    def _repr_html_(self) -> str:
        return self.html()


class Shown(Brief):
    """Base of results that show themselves in a notebook; each says in `table` what stands there without a picture."""

    def table(self) -> Table:
        """The figures of the result, in words and numbers."""
        raise NotImplementedError

    def _repr_html_(self) -> str:
        """The result for a notebook: a player or a picture where one is installed, else its table and why."""
        said = ""
        for way in entry_points(group=SHOWN_BY):
            try:
                if html := way.load()(self):
                    return str(html)
            except ConfigError as refusal:
                said = str(refusal)
        return self.table().html() + (f"<p>{escape(said)}</p>" if said else "")


def words_of(value: Any) -> str:
    """A figure as it stands in a table: three digits of a number, a dash for what is not defined.

    >>> words_of(1234), words_of(0.123456), words_of(float("nan")), words_of(float("-inf")), words_of((6, 4))
    ('1,234', '0.123', '–', '−∞', '6, 4')
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return NOT_KNOWN
    if isinstance(value, bool) or not isinstance(value, (int, float, list, tuple)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(map(words_of, value))
    if isinstance(value, float) and math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return written(value, ",d") if isinstance(value, int) else number(value)


def _row(cells: str) -> str:
    return f"<tr>{cells}</tr>"


def _cell(value: object, colour: str) -> str:
    style = f' style="background-color:{colour};color:{_ink(colour)}"' if colour else ""
    return f"<td{style}>{escape(words_of(value))}</td>"


def _ink(colour: str) -> str:
    """The colour of words that can be read on a ground, #rrggbb."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#ffffff" if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128.0 else "#20242c"
