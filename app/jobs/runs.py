"""Runs and their films: computed once, kept, shared by all visitors. The only place that caches.

A run goes to a worker thread; the compiled engine lets go of Python's lock, so nobody else waits for it. Runs that
take long have workers of their own, grow a film that can be watched, and stop when nobody watches them any more.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

from app.jobs import bundled, films
from app.jobs.cache import Cache
from app.jobs.films import FilmRef, Packed
from app.jobs.job import Machine, Pace, Watched
from ulpm_core import Outcome, Progress, RunConfig, Trajectory, simulate
from ulpm_core.analysis.measure import measured
from ulpm_core.dynamics.continuation import continues
from ulpm_core.dynamics.engines.cost import cores, predicted_seconds
from ulpm_core.film.film import build_film
from ulpm_core.model.parameters import METHODS

LONG_SECONDS: Final = 1.0
POLITE: Final = 5
WAITING: Final = 16
"""Most long runs that may wait for a worker."""
FIRST_LOOK_SECONDS: Final = 0.4
LOOK_SHARE: Final = 10.0
"""Between two growing films a run computes at least ten times as long as the film took to build. Both are times of its
own thread: a short run that only waits for a core grows no film."""

T = TypeVar("T")
log = logging.getLogger(__name__)


class Job(Watched):
    """One run under way, and who watches it."""

    def __init__(self, config: RunConfig, after: Job | None = None):
        super().__init__()
        self.config, self.fraction, self.words, self.failure, self.abandoned = config, 0.0, "", "", False
        self._foretold = predicted_seconds(config)
        self.long = self._foretold > LONG_SECONDS
        self._pace = Pace()
        self._after = after  # an abandoned run of the same config, on its way to a stop: this one goes on from there
        self.film: FilmRef | None = None
        self.done = threading.Event()
        self._begun, self._next_look = False, 0.0

    @property
    def _proves(self) -> bool:
        """Whether the film shows the separation problem: that of a run by steps does not, and comes sooner."""
        return self.config.flows

    @property
    def waiting(self) -> bool:
        return not self._begun and not self.done.is_set()

    @property
    def _before(self) -> list[Job]:
        """The long runs under way or in line before this one, if it is a long one that waits."""
        jobs = [*_under_way.values()]
        ahead = jobs[: jobs.index(self)] if self.long and self.waiting and self in jobs else []
        return [job for job in ahead if job.long and not (job.done.is_set() or job.abandoned or job.unwatched)]

    @property
    def place(self) -> int:
        """Its place in line for a free worker, from 1; 0 once it has begun."""
        return 1 + sum(job.waiting for job in self._before) if self.waiting else 0

    @property
    def seconds_left(self) -> float:
        """Until it ends: its own time, and until a worker is free for it."""
        return self._own_seconds + sum(job._own_seconds for job in self._before) / cores()

    @property
    def _own_seconds(self) -> float:
        """Foretold from the pace of late; before there is one, from the cost model and the pace of runs before."""
        whole = self._pace.seconds_in_all or machine.slowness * self._foretold
        return whole * (1.0 - self.fraction)

    def run(self) -> None:
        try:
            if self._after is not None:
                self._after.done.wait()
                self._after = None
            self._begun, self._next_look = True, time.thread_time() + FIRST_LOOK_SECONDS
            if self._wanted():
                family = _family(self.config)
                known = _beginnings.get(family)
                beginning = known if known and continues(known, self.config) else None
                trajectory = simulate(self.config, progress=self._look, resume=beginning, separation=self._proves)
                self._show(trajectory)
                if trajectory.outcome in (Outcome.DONE, Outcome.CANCELLED) and known is beginning:
                    _beginnings.put(family, trajectory)
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
            self.abandoned |= self.unwatched
        return not self.abandoned

    def _look(self, progress: Progress) -> bool:
        """Called between two chunks of steps, on the worker's thread: grows the film and says whether to go on."""
        self.fraction, self.words = progress.fraction, progress.words
        self._pace.tell(progress.fraction)  # what a run before this one has done tells nothing: it counts from here
        machine.learn(self._pace.seconds_in_all, self._foretold)
        if (begun := time.thread_time()) >= self._next_look and progress.fraction < 1.0:
            self._show(measured(progress.so_far(), self._proves))
            now = time.thread_time()
            self._next_look = now + max(FIRST_LOOK_SECONDS, LOOK_SHARE * (now - begun))
        return self._wanted()

    def _show(self, trajectory: Trajectory) -> None:
        self.film = films.publish(Packed.of(build_film(trajectory)))
        if trajectory.outcome in (Outcome.DONE, Outcome.DIVERGED, Outcome.STALLED):
            _films.put(self.config.digest, self.film.key)


class Busy(Exception):  # noqa: N818 - it is said to a person, in words
    """Too many long runs wait already."""


def step_back() -> None:
    """A long run takes what cores are idle, and leaves them at once to pages and short runs: on Linux a thread can."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), POLITE)


_films: Cache[str] = Cache()
"""The keys of whole films, by the digests of their runs."""
_beginnings: Cache[Trajectory] = Cache()
_under_way: dict[str, Job] = {}
_starting = threading.Lock()
machine = Machine()
_warm = threading.Event()
"""Set once the compiled engine is loaded: a first page does not wait for it."""
_short = ThreadPoolExecutor(4, "short-run")
_long = ThreadPoolExecutor(cores(), "long-run", initializer=step_back)


def _family(config: RunConfig) -> str:
    """The same for runs that differ only in their length: one is the beginning of the other."""
    return config.with_changes(steps=1, log_time=0.0, fast_forward=0.0).digest


def film_of(config: RunConfig) -> FilmRef | None:
    """The whole film of this config, if it is known."""
    if config == RunConfig():
        first = bundled.first_film()
        return first.ref if films.published(first.ref.key) else films.publish(first)
    key = _films.get(config.digest)
    known = films.published(key) if key else None
    return known.ref if known else None


def start(config: RunConfig, visitor: str) -> Job:
    """The run of this config: one for all who ask for it. Raises :class:`Busy`."""
    with _starting:
        job = _under_way.get(config.digest)
        if job is None or job.abandoned:
            new = Job(config, after=job)
            if new.long and sum(j.waiting for j in _under_way.values()) >= WAITING:
                raise Busy(f"The lab is busy: {WAITING} long runs wait already. Take fewer steps, or try again soon.")
            _under_way.pop(config.digest, None)  # an abandoned one: this one stands at the end of the line
            job = _under_way[config.digest] = new
            job.watch(visitor)
            (_long if job.long else _short).submit(job.run)
        job.watch(visitor)
    return job


def soon(work: Callable[[], T]) -> Future[T]:
    """A short piece of work, done beside the page's thread."""
    return _short.submit(work)


def is_warm() -> bool:
    """Whether the compiled engine is loaded."""
    return _warm.is_set()


def way_of(config: RunConfig) -> Trajectory | None:
    """The states of this run, or of a longer or shorter one of the same start, while they are kept."""
    return _beginnings.get(_family(config))


def warm_up() -> None:
    """Loads and compiles what the first run needs, so that the first knob turn does not wait for it."""
    for method in METHODS:
        start(RunConfig(method=method, steps=3, log_time=100.0), "warm-up").done.wait()
    _warm.set()
