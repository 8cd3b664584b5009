"""Runs and their films: computed once, kept, shared by all visitors.

The compiled engine lets go of Python's lock, so nobody waits for another's run. Runs that take long have workers of
their own, and grow a film that can be watched.
"""

from __future__ import annotations

import threading
import time
from typing import Final, NamedTuple

from app.jobs import bundled, films
from app.jobs.cache import Cache
from app.jobs.films import FilmRef, Packed
from app.jobs.job import Job
from app.jobs.queue import Queue
from ulpm_core import Outcome, Progress, RunConfig, Trajectory, simulate
from ulpm_core.analysis.analysis import Past, analyse
from ulpm_core.dynamics.continuation import continues
from ulpm_core.dynamics.engines.cost import cores, predicted_seconds
from ulpm_core.film.film import build_film

LONG_SECONDS: Final = 1.0
WAITING: Final = 16
"""Most long runs that may wait for a worker."""
FIRST_LOOK_SECONDS: Final = 0.4
LOOK_SHARE: Final = 10.0
"""Between two growing films a run computes at least ten times as long as the film took to build. Both are times of its
own thread: a short run that only waits for a core grows no film."""


class Beginning(NamedTuple):
    """A run that a longer one can go on from, and the measurements of its snapshots."""

    run: Trajectory
    past: Past


class Run(Job):
    """The job of one run. It leaves its film, which grows on the way, and its states, from which a longer run goes
    on.
    """

    FAILED = "This run failed on our side; the film before it is kept. Try other values."

    def __init__(self, config: RunConfig):
        super().__init__(config.to_json(), predicted_seconds(config))
        self.config, self._next_look = config, 0.0
        self._past: Past | None = None
        """Measurements of the looks before: none of these snapshots is measured again."""

    def work(self) -> None:
        self._next_look = time.thread_time() + FIRST_LOOK_SECONDS
        family = _family(self.config)
        known = _beginnings.get(family)
        beginning = known if known and continues(known.run, self.config) else None
        resume, self._past = beginning or (None, None)
        trajectory = simulate(self.config, progress=self._tell, resume=resume, metrics=False)
        past = self._publish(trajectory)
        if trajectory.outcome in (Outcome.DONE, Outcome.CANCELLED) and known is beginning:
            _beginnings.put(family, Beginning(trajectory, past))

    def _tell(self, progress: Progress[Trajectory]) -> bool:
        """Tells how far the run is, grows its film, and returns whether to go on. Called between two chunks of steps,
        on the worker's thread.
        """
        self.tell(progress.fraction, progress.words)
        if (begun := time.thread_time()) >= self._next_look and progress.fraction < 1.0:
            self._past = self._publish(progress.so_far())
            now = time.thread_time()
            self._next_look = now + max(FIRST_LOOK_SECONDS, LOOK_SHARE * (now - begun))
        return not self.abandon_unwatched()

    def _publish(self, trajectory: Trajectory) -> Past:
        analysis = analyse(trajectory, self._past)
        self.film = films.publish(Packed.of(build_film(trajectory, analysis)))
        if trajectory.outcome in (Outcome.DONE, Outcome.DIVERGED, Outcome.STALLED):
            _films.put(self.config.digest, self.film.key)
        return analysis.past


_films: Cache[str] = Cache()
"""The keys of whole films, by the digests of their runs."""
_beginnings: Cache[Beginning] = Cache()
WARM: Final = threading.Event()
"""Set once the compiled engine is loaded: a first page does not wait for it."""
SHORT: Final = Queue("short-run", 4)
LONG: Final = Queue(
    "long-run",
    cores(),
    WAITING,
    f"The lab is busy: {WAITING} long runs wait already. Take fewer steps, or try again soon.",
    polite=True,
)


def _family(config: RunConfig) -> str:
    """Returns a key that runs have in common which differ only in their length: one of them is the beginning of the
    other.
    """
    return config.with_changes(steps=1, log_time=0.0, fast_forward=0.0).digest


def film_of(config: RunConfig) -> FilmRef | None:
    """Returns the whole film of this config, if it is known."""
    if config == RunConfig():
        return bundled.first_film().ref
    known = films.published(_films.get(config.digest) or "")
    return known.ref if known else None


def start(config: RunConfig, visitor: str) -> Run:
    """Returns the job of this run, which all who ask for it share. Raises :class:`Busy`."""
    run = Run(config)
    return (LONG if run.foretold > LONG_SECONDS else SHORT).start(run, visitor)


def unasked(config: RunConfig) -> bool:
    """Returns whether this begins by itself when a visitor looks at it: every run does."""
    return True


def way_of(config: RunConfig) -> Trajectory | None:
    """Returns the states of this run, or of a longer or shorter one from the same start, while they are kept."""
    known = _beginnings.get(_family(config))
    return known.run if known else None


def warm_up() -> None:
    """Loads and compiles what the first run needs, so that the first knob turn does not wait for it."""
    for method in (RunConfig.method, "gradient-flow"):
        start(RunConfig(method=method, steps=3, log_time=100.0), "warm-up").done.wait()
    WARM.set()
