"""Runs and their films: computed once, kept, shared by all visitors. The only place that caches.

A run goes to a worker thread; the compiled engine lets go of Python's lock, so nobody else waits for it. Runs that
take long have workers of their own, grow a film that can be watched, and stop when nobody watches them any more.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import threading
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from ulpm_core import Outcome, Progress, RunConfig, Trajectory, simulate
from ulpm_core.analysis.collapse import measured
from ulpm_core.dynamics.cost import predicted_seconds
from ulpm_core.dynamics.stability import stability_limit
from ulpm_core.film.film import Film, build_film
from ulpm_core.model.initialisation import initial_state

FIRST_FILM: Final = Path(__file__).parents[1] / "assets" / "first.film"
"""The film of the default run, so that a page moves before anything has been computed."""
LONG_SECONDS: Final = 1.0
FILM_BYTES: Final = 256 * 2**20
TRAJECTORY_BYTES: Final = 512 * 2**20
WAITING: Final = 16
"""Most long runs that may wait for a worker."""
UNWATCHED_SECONDS: Final = 20.0
"""A run that no page has asked about for so long is stopped."""
FIRST_LOOK_SECONDS: Final = 0.4
LOOK_SHARE: Final = 10.0
"""Between two growing films a run computes at least ten times as long as the film took to build."""

T = TypeVar("T")
log = logging.getLogger(__name__)


class Kept(Generic[T]):
    """Least recently used things, up to a number of bytes. Safe to use from many threads."""

    def __init__(self, limit: int):
        self._limit, self._bytes, self._lock = limit, 0, threading.Lock()
        self._things: OrderedDict[str, tuple[T, int]] = OrderedDict()

    def get(self, key: str) -> T | None:
        with self._lock:
            if key not in self._things:
                return None
            self._things.move_to_end(key)
            return self._things[key][0]

    def put(self, key: str, thing: T, size: int) -> None:
        with self._lock:
            self._bytes += size - (self._things.pop(key)[1] if key in self._things else 0)
            self._things[key] = (thing, size)
            while self._bytes > self._limit and len(self._things) > 1:
                self._bytes -= self._things.popitem(last=False)[1][1]


@dataclass(frozen=True, eq=False)
class Shown:
    """A film ready to travel: its header, its bytes, and a key that changes whenever they do."""

    header: dict[str, Any]
    document: bytes = field(repr=False)

    @classmethod
    def of(cls, film: Film) -> Shown:
        return cls(film.header, film.to_bytes())

    @cached_property
    def key(self) -> str:
        return f"{self.header['digest'][:16]}-{hashlib.sha256(self.document).hexdigest()[:16]}"

    @cached_property
    def compressed(self) -> bytes:
        """As it travels: coordinates hardly shrink, so the fastest level (12 % off the default film in 7 ms)."""
        return gzip.compress(self.document, 1)


class Job:
    """One run under way, and who watches it."""

    def __init__(self, config: RunConfig, after: Job | None = None):
        self.config, self.step, self.failure, self.abandoned = config, 0, "", False
        self._after = after  # an abandoned run of the same config, on its way to a stop: this one goes on from there
        self.film: Shown | None = None
        self.done = threading.Event()
        self._begun = self._next_look = 0.0
        self._watchers: dict[str, float] = {}

    def watch(self, visitor: str) -> None:
        """Says that this visitor still looks; to be repeated while the run is under way."""
        self._watchers[visitor] = time.monotonic()

    def leave(self, visitor: str) -> None:
        """Says that this visitor no longer looks: without watchers the run stops."""
        self._watchers.pop(visitor, None)

    @property
    def waiting(self) -> bool:
        return self._begun == 0.0 and not self.done.is_set()

    @property
    def fraction(self) -> float:
        return min(1.0, self.step / self.config.steps)

    @property
    def seconds_left(self) -> float:
        """Foretold from the pace so far; before there is one, from the cost model."""
        if not self.step or not self._begun:
            return predicted_seconds(self.config)
        return (time.monotonic() - self._begun) * (self.config.steps / self.step - 1.0)

    def run(self) -> None:
        try:
            if self._after is not None:
                self._after.done.wait()
                self._after = None
            self._begun = time.monotonic()
            self._next_look = self._begun + FIRST_LOOK_SECONDS
            if self._wanted():
                known = _beginnings.get(_family(self.config))
                beginning = known if known and known.step[-1] <= self.config.steps else None
                trajectory = simulate(self.config, progress=self._look, resume=beginning)
                self._show(trajectory)
                if trajectory.outcome is not Outcome.DIVERGED and known is beginning:
                    _beginnings.put(_family(self.config), trajectory, trajectory.W.nbytes + trajectory.H.nbytes)
        except Exception:
            log.exception("The run %s failed", self.config.to_json())
            self.failure = "This run failed on our side; the film before it is kept. Try other values."
        finally:
            with _starting:
                if _under_way.get(self.config.digest) is self:
                    del _under_way[self.config.digest]
            self.done.set()

    def _wanted(self) -> bool:
        """Whether somebody still watches. Once nobody does the run is abandoned, and no visitor joins it any more."""
        with _starting:
            latest = max([*self._watchers.values()], default=-UNWATCHED_SECONDS)
            self.abandoned |= time.monotonic() - latest >= UNWATCHED_SECONDS
        return not self.abandoned

    def _look(self, progress: Progress) -> bool:
        """Called between two chunks of steps, on the worker's thread: grows the film and says whether to go on."""
        self.step, now = progress.step, time.monotonic()
        if now >= self._next_look and progress.step < progress.steps:
            self._show(measured(progress.so_far()))
            self._next_look = now + max(FIRST_LOOK_SECONDS, LOOK_SHARE * (time.monotonic() - now))
        return self._wanted()

    def _show(self, trajectory: Trajectory) -> None:
        self.film = publish(Shown.of(build_film(trajectory)))
        if trajectory.outcome in (Outcome.DONE, Outcome.DIVERGED):
            _films.put(self.config.digest, self.film, len(self.film.document))


class Busy(Exception):  # noqa: N818 - it is said to a person, in words
    """Too many long runs wait already."""


_films: Kept[Shown] = Kept(FILM_BYTES)
_published: Kept[Shown] = Kept(FILM_BYTES)
_beginnings: Kept[Trajectory] = Kept(TRAJECTORY_BYTES)
_under_way: dict[str, Job] = {}
_starting = threading.Lock()
_short = ThreadPoolExecutor(4, "short-run")
_long = ThreadPoolExecutor(os.cpu_count() or 2, "long-run")


def _family(config: RunConfig) -> str:
    """The same for runs that differ only in their number of steps: one is the beginning of the other."""
    return config.with_changes(steps=1).digest


def publish(shown: Shown) -> Shown:
    """Puts a film where :func:`published` finds it, as the latest."""
    _published.put(shown.key, shown, len(shown.document))
    return shown


def published(key: str) -> Shown | None:
    """The film of a key, while it is kept."""
    return _published.get(key)


def film_of(config: RunConfig) -> Shown | None:
    """The whole film of this config, if it is known."""
    known = _first_film() if config == RunConfig() else _films.get(config.digest)
    return publish(known) if known else None


def start(config: RunConfig, visitor: str) -> Job:
    """The run of this config: one for all who ask for it. Raises :class:`Busy`."""
    with _starting:
        job = _under_way.get(config.digest)
        if job is None or job.abandoned:
            long = predicted_seconds(config) > LONG_SECONDS
            if long and sum(j.waiting for j in _under_way.values()) >= WAITING:
                raise Busy(f"The lab is busy: {WAITING} long runs wait already. Take fewer steps, or try again soon.")
            job = _under_way[config.digest] = Job(config, after=job)
            job.watch(visitor)
            (_long if long else _short).submit(job.run)
        job.watch(visitor)
    return job


@lru_cache(1)
def _first_film() -> Shown:
    document = FIRST_FILM.read_bytes()
    return Shown(Film.from_bytes(document).header, document)


@lru_cache(512)
def _limit_of(config: RunConfig) -> float:
    return stability_limit(config, initial_state(config))


def stability_limit_of(config: RunConfig) -> float:
    """The largest learning rate at which this run stays stable; the rate and the length of the run do not matter."""
    return _limit_of(config.with_changes(learning_rate=1.0, steps=1, snapshots=3))


def warm_up() -> None:
    """Loads and compiles what the first run needs, so that the first knob turn does not wait for it."""
    for method in ("gradient-descent", "momentum", "normalised-gradient-descent"):
        start(RunConfig(method=method, steps=3), "warm-up").done.wait()
