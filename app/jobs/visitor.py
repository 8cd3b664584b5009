"""`Visit`: what one visitor is looking at: the runs under way, the last good film, what was cancelled."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Collection, MutableMapping
from contextlib import nullcontext
from typing import Any, Final, Generic, Protocol, TypeVar

from app.jobs import runs
from app.jobs.films import FilmRef
from app.jobs.turnstile import TURNSTILE
from ulpm_core import RunConfig

AT_ONCE: Final = 0.4
"""Seconds that a page waits for a film before it shows progress instead."""


class UnderWay(Protocol):
    """What a visitor may wait for: a run, a training."""

    failure: str
    done: threading.Event

    def watch(self, visitor: str) -> None: ...
    def leave(self, visitor: str) -> None: ...


Config = TypeVar("Config")
Work = TypeVar("Work", bound=UnderWay)


class Visiting(Generic[Config, Work]):
    """What one visitor waits for, and what was cancelled."""

    def __init__(self, visitor: str) -> None:
        self.visitor, self.busy = visitor, ""
        self._jobs: dict[Config, Work] = {}
        self._cancelled: set[Config] = set()
        self._last: FilmRef | None = None

    def _leave_others(self, configs: Collection[Config]) -> None:
        for config in set(self._jobs) - set(configs):
            self._jobs.pop(config).leave(self.visitor)
        self._cancelled &= set(configs)

    def _waited_for(self) -> list[Work]:
        """All that is under way; asking says that it is still wanted."""
        waited_for = [j for config, j in self._jobs.items() if config not in self._cancelled and not j.done.is_set()]
        for job in waited_for:
            job.watch(self.visitor)
        return waited_for

    @property
    def trouble(self) -> str:
        """Why there is no new film, in one sentence, or nothing."""
        return self.busy or next((job.failure for job in self._jobs.values() if job.failure), "")

    def cancel(self) -> None:
        """Stops what is under way, unless others watch it too, and keeps its film so far."""
        for config, job in self._jobs.items():
            if not job.done.is_set():
                self._cancelled.add(config)
                job.leave(self.visitor)

    @property
    def stopped(self) -> bool:
        return bool(self._cancelled)


class Visit(Visiting[RunConfig, runs.Job]):
    """Lives in the session of one browser tab; films and runs themselves are shared by all."""

    def __init__(self) -> None:
        super().__init__(secrets.token_hex(8))

    @classmethod
    def of(cls, session: MutableMapping[Any, Any]) -> Visit:
        """The visit of this session, begun if need be."""
        if "visit" not in session:
            session["visit"] = cls()
        visit: Visit = session["visit"]
        return visit

    def look_at(self, *configs: RunConfig) -> None:
        """Leaves every other run, and starts these unless their film is known or they were cancelled or failed."""
        self._leave_others(configs)
        self.busy = ""
        for config in configs:
            failed = config in self._jobs and self._jobs[config].failure
            if not failed and config not in self._cancelled and runs.film_of(config) is None:
                self._start(config)

    def _start(self, config: RunConfig) -> None:
        try:
            self._jobs[config] = job = runs.start(config, self.visitor)
        except runs.Busy as busy:
            self.busy = str(busy)
        else:
            with TURNSTILE.aside() if job.long else nullcontext():
                job.done.wait(AT_ONCE)

    def job(self) -> runs.Job | None:
        """The run that is under way, if one is; asking says that it is still wanted."""
        return next(iter(self._waited_for()), None)

    def film(self, config: RunConfig) -> FilmRef | None:
        """The whole film of this run, else as far as it has grown, else the last good film."""
        self._last = self._grown(config) or self._last
        return self._last

    def pinned_film(self, config: RunConfig | None) -> FilmRef | None:
        """The same for the run pinned beside it, which has no other film to fall back on."""
        return None if config is None else self._grown(config)

    def _grown(self, config: RunConfig) -> FilmRef | None:
        return runs.film_of(config) or (self._jobs[config].film if config in self._jobs else None)

    def go_on(self) -> None:
        """Takes the cancelled runs up again."""
        self._cancelled.clear()
