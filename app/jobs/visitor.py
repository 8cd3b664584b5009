"""`Visitor`: the films that one visitor waits for, those that were cancelled, and the last good one."""

from __future__ import annotations

import secrets
from collections.abc import MutableMapping
from contextlib import nullcontext
from typing import Any, Generic, Protocol, TypeVar

from app.jobs import question, runs, trainings
from app.jobs.films import FilmRef
from app.jobs.job import Job
from app.jobs.queue import UNWATCHED_SECONDS, Busy
from app.jobs.runs import LONG_SECONDS
from app.jobs.turnstile import TURNSTILE
from ulpm_core import RunConfig
from ulpm_core.networks.config import NetworkConfig

Config = TypeVar("Config")
Wanted = TypeVar("Wanted", contravariant=True)


class Kind(Protocol[Wanted]):
    """One kind of job that ends in a film; the modules `runs` and `trainings` are the two there are."""

    def film_of(self, config: Wanted, /) -> FilmRef | None: ...
    def start(self, config: Wanted, visitor: str, /) -> Job: ...
    def unasked(self, config: Wanted, /) -> bool: ...


class Visitor(Generic[Config]):
    """What one browser tab waits for, of one kind of job; it lives in the tab's session. Films and jobs are shared by
    all visitors.
    """

    def __init__(self, kind: Kind[Config], visitor: str = "") -> None:
        self.visitor = visitor or secrets.token_hex(8)
        self._kind = kind
        self._jobs: dict[Config, Job] = {}
        self._busy: dict[Config, str] = {}
        self._cancelled: set[Config] = set()
        self._last: FilmRef | None = None

    def look_at(self, *configs: Config) -> None:
        """Leaves every other job, and starts these where that needs nobody's word, unless their film is known, or they
        were cancelled or have failed.
        """
        for config in set(self._jobs) - set(configs):
            self._jobs.pop(config).leave(self.visitor)
        self._busy = {config: words for config, words in self._busy.items() if config in configs}
        self._cancelled &= set(configs)
        for config in configs:
            failed = config in self._jobs and self._jobs[config].failure
            if not failed and config not in self._cancelled and self._kind.unasked(config):
                self._start(config)

    def begin(self, *configs: Config) -> None:
        """Starts what a person asked for, unless its film is known. What was cancelled goes on."""
        self._cancelled -= set(configs)
        for config in configs:
            self._start(config)

    def _start(self, config: Config) -> None:
        self._busy.pop(config, None)
        if self._kind.film_of(config) is not None:
            return
        try:
            job = self._kind.start(config, self.visitor)
        except Busy as busy:
            self._busy[config] = str(busy)
            return
        seen, self._jobs[config] = self._jobs.get(config), job
        if job is not seen and job.prompt:
            job.watch(self.visitor, question.AT_ONCE)
            with TURNSTILE.aside() if job.foretold > LONG_SECONDS else nullcontext():
                job.done.wait(question.AT_ONCE)

    def watch(self, config: Config) -> None:
        """Says that this visitor still waits for all that is under way, and looks at the film of this config."""
        for job in self._waited_for():
            job.watch(self.visitor)
        self._last = self.film(config)

    def _waited_for(self) -> list[Job]:
        return [job for config, job in self._jobs.items() if config not in self._cancelled and not job.done.is_set()]

    @property
    def job(self) -> Job | None:
        """The job under way that this visitor waits for, else one that is in line."""
        return min(self._waited_for(), key=lambda job: job.waiting, default=None)

    def film(self, config: Config) -> FilmRef | None:
        """Returns the whole film of this config, else as far as it has grown, else the last good one looked at."""
        return self.own_film(config) or self._last

    def own_film(self, config: Config | None) -> FilmRef | None:
        """Returns the film of this config as far as it has grown, and never another one in its place."""
        if config is None:
            return None
        return self._kind.film_of(config) or (self._jobs[config].film if config in self._jobs else None)

    def begun(self, config: Config) -> str:
        """Returns one sentence on how the job of this config began, empty where that was from scratch."""
        return self._jobs[config].begun if config in self._jobs else ""

    @property
    def trouble(self) -> str:
        """One sentence on why there is no new film, empty where nothing is wrong."""
        return next(filter(None, [*self._busy.values(), *(job.failure for job in self._jobs.values())]), "")

    def cancel(self) -> None:
        """Stops what is under way, unless others watch it too, and keeps its film so far."""
        for config, job in self._jobs.items():
            if not job.done.is_set():
                self._cancelled.add(config)
                job.leave(self.visitor)

    @property
    def stopped(self) -> bool:
        """True where something was cancelled and can be taken up again."""
        return bool(self._cancelled)

    @property
    def stopping(self) -> bool:
        """True while something that was cancelled is about to hand over its last film."""
        jobs = [self._jobs[config] for config in self._cancelled if config in self._jobs]
        return any(not (job.waiting or job.done.is_set()) and job.unwatched_for(UNWATCHED_SECONDS) for job in jobs)

    def go_on(self) -> None:
        """Takes up again what was cancelled, when it is looked at next."""
        self._cancelled.clear()


def of_runs(session: MutableMapping[Any, Any]) -> Visitor[RunConfig]:
    """Returns what the visitor of this session waits for of runs, begun if need be."""
    visitor: Visitor[RunConfig] = session.setdefault("visit", Visitor(runs))
    return visitor


def of_networks(session: MutableMapping[Any, Any]) -> Visitor[NetworkConfig]:
    """Returns what the visitor of this session waits for of trainings, begun if need be."""
    own: Visitor[NetworkConfig] = Visitor(trainings, of_runs(session).visitor)
    visitor: Visitor[NetworkConfig] = session.setdefault("network-visit", own)
    return visitor
