"""`Job`: a piece of work that visitors share: who still looks at it, how far it is, how long it takes to its end."""

from __future__ import annotations

import math
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from typing import ClassVar, Final, Protocol

from app.jobs.films import FilmRef

SETTLED_SECONDS: Final = 2.0
"""How long something goes on before its pace foretells anything."""
PACE_SECONDS: Final = 20.0
"""A pace is that of so long: other work on this machine comes and goes."""


class Machine:
    """How slow this machine is of late: seconds that work takes here, over those of the cost model."""

    def __init__(self) -> None:
        self.slowness = 1.0

    def learn(self, seconds: float | None, foretold: float) -> None:
        """Takes in how long something takes as a whole at its pace, if that is known, and what was foretold."""
        if seconds is not None and foretold:
            self.slowness = seconds / foretold


class Pace:
    """How fast something goes of late, whose share of the work done is told again and again."""

    def __init__(self) -> None:
        self._told: deque[tuple[float, float]] = deque()

    def tell(self, fraction: float) -> None:
        """Says how far it is."""
        now = time.monotonic()
        self._told.append((now, fraction))
        while len(self._told) > 2 and now - self._told[1][0] > PACE_SECONDS:
            self._told.popleft()

    @property
    def seconds_in_all(self) -> float | None:
        """How long the whole work takes at this pace; None as long as nobody knows."""
        if not self._told:
            return None
        (begun, before), (_, fraction) = self._told[0], self._told[-1]
        passed = time.monotonic() - begun
        return passed / (fraction - before) if passed > SETTLED_SECONDS and fraction > before else None


class Line(Protocol):
    """What a job asks of the queue that it stands in."""

    workers: int
    machine: Machine

    def wanted(self, job: Job) -> bool: ...
    def before(self, job: Job) -> list[Job]: ...


class Job(ABC):
    """One piece of work for all who ask for it. Its kind says what it does, how long that should take (`foretold`, in
    seconds), and what it leaves behind; a queue runs it while somebody watches.
    """

    FAILED: ClassVar[str] = "This failed on our side. Try other values."
    prompt: ClassVar[bool] = True
    """A page waits a moment for it: it may be there before progress could be shown."""
    film: FilmRef | None = None
    """Its film, as far as it has grown."""
    begun: str = ""
    """How it began where that was not from scratch, in one sentence."""
    line: Line

    def __init__(self, key: str, foretold: float = 0.0):
        self.key, self.foretold = key, foretold
        self.fraction, self.words, self.failure, self.abandoned = 0.0, "", "", False
        self.started: float | None = None
        self.done = threading.Event()
        self._pace = Pace()
        self._watchers: dict[str, float] = {}

    @abstractmethod
    def work(self) -> None:
        """Does it, on a worker's thread; calls :meth:`tell` and asks :attr:`wanted` now and then."""

    def tell(self, fraction: float, words: str) -> None:
        """Says how far it is. What an earlier job has done for this one tells nothing of its pace."""
        self.fraction, self.words = fraction, words
        self._pace.tell(fraction)
        self.line.machine.learn(self._pace.seconds_in_all, self.foretold)

    @property
    def wanted(self) -> bool:
        """Whether somebody still watches. Once nobody does the job is abandoned, and no visitor joins it any more."""
        return self.line.wanted(self)

    def watch(self, visitor: str, seconds: float = 0.0) -> None:
        """Says that this visitor still looks, and will for so many seconds; to be repeated while it is under way."""
        self._watchers[visitor] = time.monotonic() + seconds

    def leave(self, visitor: str) -> None:
        """Says that this visitor no longer looks."""
        self._watchers.pop(visitor, None)

    def watched_by(self, visitor: str) -> bool:
        """Returns whether this visitor looks, and has not left."""
        return visitor in self._watchers

    def unwatched_for(self, seconds: float) -> bool:
        """Returns whether nobody has looked for so long, or all have left."""
        return time.monotonic() - max([*self._watchers.values()], default=-math.inf) >= seconds

    @property
    def waiting(self) -> bool:
        """Whether no worker has taken it up yet."""
        return self.started is None and not self.done.is_set()

    @property
    def before(self) -> list[Job]:
        """Those that a waiting job waits for, in order."""
        return self.line.before(self)

    @property
    def place(self) -> int:
        """Its place in line for a free worker, from 1; 0 once it has begun."""
        return 1 + sum(job.waiting for job in self.before) if self.waiting else 0

    @property
    def seconds_left(self) -> float:
        """Until it ends: its own time, and until a worker is free for it."""
        return self.own_seconds + sum(job.own_seconds for job in self.before) / self.line.workers

    @property
    def own_seconds(self) -> float:
        """Foretold from the pace of late; before there is one, from the cost model and the pace of jobs before."""
        return (self._pace.seconds_in_all or self.slowness * self.foretold) * (1.0 - self.fraction)

    @property
    def slowness(self) -> float:
        """How many times as long as foretold it should take."""
        return self.line.machine.slowness
