"""Tours as browsers play them: their films are made once, kept, and shared by all who play them."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from app.jobs.cache import Cache
from app.jobs.films import Packed
from app.jobs.job import Job
from app.jobs.queue import Queue
from ulpm_core import ConfigError
from ulpm_core.dynamics.progress import Progress, ProgressCallback

WAITING: Final = 16
"""Most tours whose films may wait to be made."""


@dataclass(frozen=True, eq=False)
class Page:
    """A tour's data, compressed, and the digest of that."""

    digest: str
    compressed: bytes = field(repr=False)

    @property
    def document(self) -> bytes:
        """The data, for the few who cannot read it compressed."""
        return gzip.decompress(self.compressed)


@dataclass(frozen=True, eq=False)
class Playable:
    """A tour for browsers: its data whole, and as a class gets it, which is told the `answers` to its questions later;
    the notes of each scene as HTML, and its films, which browsers get for as long as this is kept:
    :func:`app.jobs.films.lend`.
    """

    whole: Page
    asking: Page
    answers: tuple[tuple[dict[str, Any], ...], ...] = field(repr=False)
    """For each scene the answers to its questions: the fields of a question that say what is right, and why."""
    notes: tuple[str, ...]
    films: tuple[Packed, ...]


Make = Callable[[ProgressCallback[Any]], Playable]
"""Makes a tour, and tells how far that is. Raises :class:`ConfigError`, and KeyboardInterrupt where it is to stop."""


class Making(Job):
    """The job that makes the films of a tour. It leaves the tour, or why there is none."""

    FAILED = "The films of this tour failed on our side: try again."

    def __init__(self, key: str, foretold: float, make: Make):
        super().__init__(key, foretold)
        self._make = make

    def work(self) -> None:
        try:
            _tours.put(self.key, self._make(self._tell))
        except ConfigError as refusal:
            _tours.put(self.key, str(refusal))
        except KeyboardInterrupt:
            return  # nobody waits for it any more

    def _tell(self, progress: Progress[Any]) -> bool:
        self.tell(progress.fraction, progress.words)
        return not self.abandon_unwatched()


def tour_of(key: str) -> Playable | str | None:
    """Returns the tour of a key, or a sentence why it cannot be played; None where nobody has asked of late."""
    return _tours.get(key)


def name_of(key: str, page: Page) -> str:
    """Returns the name under which browsers ask for a tour: it changes with what they get."""
    return f"{key}-{page.digest}"


def start(key: str, foretold: float, make: Make, visitor: str) -> Making:
    """Returns the job that makes this tour, which all who ask for it share. Raises :class:`Busy`."""
    return QUEUE.start(Making(key, foretold, make), visitor)


_tours: Cache[Playable | str] = Cache()
QUEUE: Final = Queue("tours", 1, WAITING, "The films of other tours are being made: try again in {wait}.", polite=True)
