"""`Queue`: jobs in line for a few workers. All who ask for one thing join one job; it is stopped when nobody watches
any more.
"""

from __future__ import annotations

import logging
import math
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from app.jobs.job import Job
from app.views.words import about
from ulpm_core import ConfigError

UNWATCHED_SECONDS: Final = 20.0
"""A job that no page has asked about for so long is stopped."""
POLITE: Final = 5

J = TypeVar("J", bound=Job)
log = logging.getLogger(__name__)


class Busy(Exception):  # noqa: N818 - it is said to a person, in words
    """Raised where too many jobs wait already; its words are for the person who asked."""


def step_back() -> None:
    """Makes this thread a polite one: it takes the cores that are idle, and leaves them at once to pages and short
    runs. Only Linux can.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), POLITE)


class Queue:
    """Jobs in line for `workers` threads. At most `most_waiting` of them wait; who comes then hears `busy`, in which
    `{wait}` stands for how long the line takes. Where no other job waits, a job that nobody watches goes on for
    `look_around` seconds.
    """

    def __init__(
        self,
        name: str,
        workers: int,
        most_waiting: float = math.inf,
        busy: str = "",
        *,
        polite: bool = False,
        look_around: float = 0.0,
    ):
        self.workers = workers
        self.slowness = 1.0
        """The seconds that work took here of late over those that the cost model foretold."""
        self._most_waiting, self._busy, self._look_around = most_waiting, busy, look_around
        self._under_way: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(workers, name, initializer=step_back if polite else None)

    def start(self, job: J, visitor: str) -> J:
        """Returns the job of this key: the one under way, which the visitor joins, else this one, put at the end of the
        line. If one of the same key was abandoned, this one waits until it has stopped, and goes on from there. Raises
        :class:`Busy`.
        """
        with self._lock:
            known: J | None = self._under_way.get(job.key)  # type: ignore[assignment]  # one kind for one key
            if known is not None and not known.abandoned:
                known.watch(visitor)
                return known
            if sum(other.waiting for other in self.line()) >= self._most_waiting:
                raise Busy(self._busy.format(wait=about(self.seconds)))
            self._under_way.pop(job.key, None)
            self._under_way[job.key], job.line = job, self
            job.watch(visitor)
            self._pool.submit(self.run, job, known)
        return job

    def run(self, job: Job, stopping: Job | None = None) -> None:
        """Runs a job on a worker's thread, once `stopping`, an abandoned one of the same key, has stopped."""
        try:
            if stopping is not None:
                stopping.done.wait()
            job.started = time.monotonic()
            if not job.abandon_unwatched():
                job.work()
        except ConfigError as refusal:
            job.failure = str(refusal)
        except Exception:
            log.exception("The %s %s failed", type(job).__name__, job.key)
            job.failure = job.FAILED
        finally:
            with self._lock:
                if self._under_way.get(job.key) is job:
                    del self._under_way[job.key]
            job.done.set()

    def abandon_unwatched(self, job: Job) -> bool:
        """Abandons a job that nobody watches any more: no visitor joins it from then on. Returns whether it is."""
        with self._lock:
            job.abandoned |= self._unwatched(job)
        return job.abandoned

    def _unwatched(self, job: Job) -> bool:
        hurry = job.waiting or any(other.waiting for other in [*self._under_way.values()] if other is not job)
        return job.unwatched_for(UNWATCHED_SECONDS if hurry else max(UNWATCHED_SECONDS, self._look_around))

    def under_way(self, key: str) -> Job | None:
        """Returns the job of this key that others watch, if there is one; :meth:`start` joins it."""
        job = self._under_way.get(key)
        return None if job is None or job.abandoned else job

    def line(self) -> list[Job]:
        """Returns the jobs under way and those that wait, in order, without those that nobody waits for any more."""
        jobs = [*self._under_way.values()]
        return [job for job in jobs if not (job.done.is_set() or job.abandoned or self._unwatched(job))]

    def before(self, job: Job) -> list[Job]:
        """Returns the jobs that a waiting job waits for, in order."""
        jobs = self.line() if job.waiting else []
        return jobs[: jobs.index(job)] if job in jobs else []

    @property
    def seconds(self) -> float:
        """Seconds that all jobs in line take together."""
        return sum(job.own_seconds for job in self.line()) / self.workers
