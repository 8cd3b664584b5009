"""Texts of ours that browsers fetch once: scripts, styles, tables, each at an address that changes with its content."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from functools import cached_property
from importlib.resources import files
from typing import Final

KINDS: Final = {"js": "text/javascript", "css": "text/css", "json": "application/json"}


class Served:
    """A script, style or table, read once, at `lab/code/NAME-DIGEST.SUFFIX`, relative to any page of the lab.

    >>> Served("film.css", lambda: "p { margin: 0 }").address
    'lab/code/film-ec85a1831a0e1930.css'
    """

    def __init__(self, name: str, read: Callable[[], str], version: str = ""):
        """Reads the text with `read`, once; `version` stands for the content where its digest would take long."""
        self.stem, self.suffix = name.rsplit(".", 1)
        self._read, self._version = read, version
        _all.append(self)

    @cached_property
    def text(self) -> str:
        return self._read()

    @cached_property
    def address(self) -> str:
        mark = self._version or hashlib.sha256(self.text.encode()).hexdigest()[:16]
        return f"lab/code/{self.stem}-{mark}.{self.suffix}"

    @property
    def kind(self) -> str:
        return KINDS[self.suffix]

    @property
    def document(self) -> bytes:
        return self.text.encode()

    @cached_property
    def compressed(self) -> bytes:
        return gzip.compress(self.document, 6)


_all: list[Served] = []


def served(name: str) -> Served | None:
    """Returns the text at `lab/code/NAME`, if that is its present address."""
    return next((each for each in _all if each.address == f"lab/code/{name}"), None)


def text_of(path: str) -> str:
    """Reads a file that comes with this package, from a path below `app`."""
    return files("app").joinpath(path).read_text(encoding="utf-8")
