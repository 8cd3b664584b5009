"""`Brief`: a dataclass of arrays that says what it holds in a line or two, not every number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, Final

import numpy as np

MOST_NAMES: Final = 4
"""Names, or values, that are written out of a mapping or a tuple."""
MOST_LETTERS: Final = 60
"""Of a text."""


class Brief:
    """Base of dataclasses with `repr=False`.

    >>> from ulpm_core.model.state import State
    >>> State(np.eye(2), np.eye(2))
    State(W (2, 2), H (2, 2))
    """

    def __repr__(self) -> str:
        assert is_dataclass(self)
        parts = [f"{field.name} {brief(getattr(self, field.name))}" for field in fields(self)]
        return f"{type(self).__name__}({', '.join(parts)})"


def brief(value: Any) -> str:
    """A value in a few words: an array by its shape, a table by its names, a text by its beginning.

    >>> brief({"nc1": 0, "nc3": 0}), brief(tuple(range(9))), brief(np.zeros((2, 3)))
    ('{nc1, nc3}', '(0, 1, 2, 3 and 5 more)', '(2, 3)')
    """
    if isinstance(value, np.ndarray):
        return str(value.shape)
    if isinstance(value, Mapping):
        return "{" + _some([str(name) for name in value]) + "}"
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value).__name__
    if isinstance(value, str):
        return repr(str(value) if len(value) <= MOST_LETTERS else value[:MOST_LETTERS] + "...")
    if isinstance(value, Sequence):
        return "(" + _some([brief(each) for each in value[: MOST_NAMES + 1]], len(value)) + ")"
    return repr(value)


def _some(words: list[str], of: int | None = None) -> str:
    more = (len(words) if of is None else of) - MOST_NAMES
    return ", ".join(words[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
