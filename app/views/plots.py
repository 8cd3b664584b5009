"""Parts that the figures of the page have in common, as plain data for Plotly: colours, titles, quiet axes."""

from __future__ import annotations

from typing import Any, Final

Part = dict[str, Any]
"""A part of a figure in Plotly's own JSON."""
VERMILION: Final = "#D55E00"
"""Okabe and Ito's: clear of the accent in either theme, and of a blue scale's dark and light end, for every eye."""
QUIET: Final[Part] = {"zeroline": False, "showgrid": False, "fixedrange": True, "tickfont": {"size": 13}}
"""An axis that shows its ticks alone, and stays as it is."""


def title(text: str, **more: Any) -> Part:
    """Returns the title of an axis."""
    return {"text": text, "font": {"size": 14}, **more}


def line(colour: str, width: float, dash: str = "solid") -> Part:
    """Returns the style of a line."""
    return {"color": colour, "width": width, "dash": dash}


def word(text: str, x: float, y: float, colour: str = "@text", **more: Any) -> Part:
    """Returns a word at a place of a figure."""
    return {"text": text, "x": x, "y": y, "showarrow": False, "font": {"color": colour}, **more}
