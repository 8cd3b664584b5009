"""Figures for papers, from a page: each made once, on one thread, as a file of every kind, and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from app.jobs.cache import Cache
from app.jobs.question import Question
from app.jobs.queue import Queue
from app.paper.drawing import KINDS, drawn
from app.paper.plates import Plate
from app.paper.provenance import Provenance
from app.paper.shows import width_of
from app.paper.tables import as_csv

WAITING: Final = 8
"""Most figures that may wait for the one that is drawn."""


class Drawing(NamedTuple):
    """A figure as files: the bytes of each by its kind, its numbers as `csv` among them, and its caption."""

    files: Mapping[str, bytes]
    caption: str


def figure_of(
    key: str, make: Callable[[], tuple[Plate, Provenance]], width: str, private: bool = False
) -> Question[Drawing]:
    """Asks for a figure of a width; `key` says what it shows, and `make` makes its plate on the worker's
    thread. One of what only one visitor may see is not kept.
    """
    kept = None if private else _drawings
    return Question("paper", f"{key} {width}", lambda _: _drawn(*make(), width), DRAWING, kept)


def _drawn(plate: Plate, whence: Provenance, width: str) -> Drawing:
    files = {kind: drawn(plate, width_of(width), kind, whence.written(width, f"fig.{kind}")) for kind in KINDS}
    return Drawing(files | {"csv": as_csv(plate.table).encode()}, plate.caption)


DRAWING: Final = Queue("paper", 1, WAITING, "Other visitors' figures wait already: try again in a minute.")
_drawings: Cache[Drawing] = Cache()
