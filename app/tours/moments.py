"""`Moment`: a moment of a film as a tour names it: an event, step=1000, log_time=50, epoch=3, start or end."""

from __future__ import annotations

import math
import re
from typing import Final, NamedTuple

from app.terms.nearest import nearest
from ulpm_core.film.events import LABELS
from ulpm_core.model.refusal import refuse, unfit

CLOCKS: Final = ("step", "log_time", "epoch")
ENDS: Final = ("start", "end")
EVENTS: Final = (*LABELS,)
"""The events that a film may have; which of them it has, only the film says."""
MOST_DIGITS: Final = 12
"""Most digits of a number before its point, and behind it."""
NUMBER: Final = rf"-?\d{{1,{MOST_DIGITS}}}(?:\.\d{{1,{MOST_DIGITS}}})?(?:e\d{{1,2}})?"
WRITTEN: Final = rf"(?:(?:{'|'.join(CLOCKS)})\s*=\s*{NUMBER}|[a-z][a-z0-9]*(?:-[a-z0-9]+)*)"
"""A moment as a regular expression, of no group."""
COUNTED: Final = re.compile(rf"({'|'.join(CLOCKS)})\s*=\s*({NUMBER})", re.ASCII)
WORKS: Final = f"{', '.join(EVENTS)}, step=1000, log_time=50, start or end"


class Moment(NamedTuple):
    """A moment: on a `clock` at a `value`, or an event or one of the film's ends by its `name`."""

    name: str = ""
    clock: str = ""
    value: float = 0.0

    def __str__(self) -> str:
        return self.name or f"{self.clock}={self.value:.12g}"


def read_moment(key: str, text: str) -> Moment:
    """Reads a moment. Raises :class:`ConfigError` for what no film could have.

    >>> read_moment("until", "step=1000"), read_moment("until", "end").name
    (Moment(name='', clock='step', value=1000.0), 'end')
    """
    text = text.strip()
    if found := COUNTED.fullmatch(text):
        moment = Moment(clock=found[1], value=float(found[2]))
        if moment.clock != "log_time" and moment.value < 0.0:
            raise refuse(key, text, "lies before the film", WORKS, "end")
        if moment.clock == "step" and moment.value != round(moment.value):
            raise refuse(key, text, "lies between two steps", "a whole number", f"step={math.ceil(moment.value)}")
        return moment
    if text in (*EVENTS, *ENDS):
        return Moment(text)
    if text in CLOCKS or text.split("=")[0].strip() in CLOCKS:
        raise refuse(key, text, "says no number", f"{text.split('=')[0].strip()}=100")
    if not text:
        raise unfit(key, f"{key} says no moment", f"use {WORKS}", "end")
    raise refuse(key, text, "is no moment of this film", WORKS, nearest(text, (*EVENTS, *ENDS), "end"))
