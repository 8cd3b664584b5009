"""`Job`: one piece of work that visitors share: who watches it, how far it is, how long it will take, and how it is
stopped.
"""

from __future__ import annotations

import math
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from typing import TYPE_CHECKING, ClassVar, Final

from app.jobs.films import FilmRef

if TYPE_CHECKING:  # it imports this module
    from app.jobs.queue import Queue

SETTLED_SECONDS: Final = 2.0
"""Seconds that work goes on before its pace foretells anything."""
PACE_SECONDS: Final = 20.0
"""Seconds that a pace looks back: other work on this machine comes and goes."""


class Pace:
    """Measures how fast a piece of work goes of late, from the share that is done at each call of `tell`."""

    def __init__(self) -> None:
        self._told: deque[tuple[float, float]] = deque()

    def tell(self, fraction: float) -> None:
        """Takes in the share that is done by now, from 0 to 1."""
        now = time.monotonic()
        self._told.append((now, fraction))
        while len(self._told) > 2 and now - self._told[1][0] > PACE_SECONDS:
            self._told.popleft()

    @property
    def seconds_in_all(self) -> float | None:
        """Seconds that the whole work takes at this pace; None as long as that is not known."""
        if not self._told:
            return None
        (begun, before), (_, fraction) = self._told[0], self._told[-1]
        passed = time.monotonic() - begun
        return passed / (fraction - before) if passed > SETTLED_SECONDS and fraction > before else None


class Job(ABC):
    """One piece of work, shared by all who ask for it, while somebody watches. Each kind of job says in `work` what it
    does and what it leaves behind, and in `foretold` how many seconds that should take.
    """

    FAILED: ClassVar[str] = "This failed on our side. Try other values."
    prompt: ClassVar[bool] = True
    """True where a page waits a moment for it before it shows progress, since it may be done by then."""
    film: FilmRef | None = None
    """Its film, as far as it has grown."""
    begun: str = ""
    """One sentence on how it began, where that was not from scratch."""
    line: Queue
    """The queue that it stands in."""

    def __init__(self, key: str, foretold: float = 0.0):
        self.key, self.foretold = key, foretold
        self.fraction, self.words, self.failure, self.abandoned = 0.0, "", "", False
        self.started: float | None = None
        self.done = threading.Event()
        self._pace = Pace()
        self._watchers: dict[str, float] = {}

    @abstractmethod
    def work(self) -> None:
        """Does the work, on a worker's thread. It calls :meth:`tell` now and then, and stops once it is abandoned
        (:meth:`abandon_unwatched`).
        """

    def tell(self, fraction: float, words: str) -> None:
        """Says what share is done, and that in words. Work that an earlier job did for this one tells nothing of its
        pace.
        """
        self.fraction, self.words = fraction, words
        self._pace.tell(fraction)
        if self.foretold and (seconds := self._pace.seconds_in_all):
            self.line.slowness = seconds / self.foretold

    def abandon_unwatched(self) -> bool:
        """Abandons the job once nobody watches any more: no visitor joins it from then on. Returns whether it is."""
        return self.line.abandon_unwatched(self)

    def watch(self, visitor: str, seconds: float = 0.0) -> None:
        """Says that this visitor looks, and will for so many seconds; a page repeats it while the job is under way."""
        self._watchers[visitor] = time.monotonic() + seconds

    def leave(self, visitor: str) -> None:
        """Says that this visitor no longer looks: this is how a page cancels."""
        self._watchers.pop(visitor, None)

    def watched_by(self, visitor: str) -> bool:
        """Returns whether this visitor looks and has not left."""
        return visitor in self._watchers

    def unwatched_for(self, seconds: float) -> bool:
        """Returns whether nobody has looked for so many seconds, or all have left."""
        return time.monotonic() - max([*self._watchers.values()], default=-math.inf) >= seconds

    @property
    def waiting(self) -> bool:
        """True as long as no worker has taken it up."""
        return self.started is None and not self.done.is_set()

    @property
    def before(self) -> list[Job]:
        """The jobs that a waiting job waits for, in order."""
        return self.line.before(self)

    @property
    def place(self) -> int:
        """Its place in line for a free worker, from 1; 0 once it has begun."""
        return 1 + sum(job.waiting for job in self.before) if self.waiting else 0

    @property
    def seconds_left(self) -> float:
        """Seconds until it ends: until a worker is free for it, and its own time."""
        return self.own_seconds + sum(job.own_seconds for job in self.before) / self.line.workers

    @property
    def own_seconds(self) -> float:
        """Seconds of its own that are left, at its pace of late; before that is known, as the cost model and the jobs
        before it say.
        """
        return (self._pace.seconds_in_all or self.slowness * self.foretold) * (1.0 - self.fraction)

    @property
    def slowness(self) -> float:
        """The seconds it should take over those foretold."""
        return self.line.slowness
