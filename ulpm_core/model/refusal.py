"""Refusals of bad input: the exception that every one is, and how it repeats the value that was given."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 40
"""Most characters of a value that a message repeats; no longer number is read from text either."""
LONGEST_PATH: Final = 100
"""The same for a path."""


class ConfigError(ValueError):
    """A refusal a person can act on: it names the field, the value, the range and a value that works."""

    def __init__(self, field: str, message: str):
        super().__init__(message)
        self.field = field


def shown(value: object) -> str:
    """A refused value as it may be repeated in a message: one line, printable, at most 40 characters."""
    try:
        written = str(value)
    except (ValueError, RecursionError):
        written = f"a {type(value).__name__} too long to show"
    text = _printable(written)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def shown_path(path: object) -> str:
    """A path as it may be repeated in a message: its end says more than its beginning.

    >>> shown_path("a/" * 60 + "run.npz")[-11:]
    'a/a/run.npz'
    """
    text = _printable(str(path))
    return text if len(text) <= LONGEST_PATH else "..." + text[3 - LONGEST_PATH :]


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
