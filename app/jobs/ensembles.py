"""Many random starts followed at once: computed once, kept, shared by all visitors."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

import numpy as np

from app.jobs.cache import Cache
from app.jobs.job import Watched
from app.jobs.runs import step_back
from app.views.starts import Group
from ulpm_core import Outcome, RunConfig
from ulpm_core.dynamics.engines.cost import cores, predicted_seconds

RUNS: Final = 256
"""Starts of each group."""
LOG_END: Final = 300.0
SNAPSHOTS: Final = 24
WAITING: Final = 4
"""Most groups of starts that may wait for the worker."""

log = logging.getLogger(__name__)


class Busy(Exception):  # noqa: N818 - it is said to a person, in words
    """Too many wait already."""


def roomy_and_tight(config: RunConfig) -> tuple[RunConfig, RunConfig]:
    """Random starts of as many classes and samples: in d = 2K dimensions, and in the K - 1 that a simplex needs. No
    seed occurs twice, so it says of which kind a start is.

    >>> [(c.dimension, c.seed) for c in roomy_and_tight(RunConfig(classes=4))]
    [(8, 0), (3, 256)]
    """
    K = config.classes
    starts = RunConfig(
        classes=K, per_class=config.per_class, method="gradient-flow", log_time=LOG_END, snapshots=SNAPSHOTS, seed=0
    )
    return starts.with_changes(dimension=2 * K), starts.with_changes(dimension=K - 1, seed=RUNS)


class Starts(Watched):
    """Both groups of starts under way."""

    def __init__(self, configs: tuple[RunConfig, ...]):
        super().__init__()
        self.configs, self.fraction, self.failure, self.abandoned = configs, 0.0, "", False
        self.done = threading.Event()

    def run(self) -> None:
        from ulpm_core.analysis.ensemble import ensemble, starts  # imported late: Numba takes a second

        try:
            groups = []
            for i, config in enumerate(self.configs):
                found = ensemble(starts(config, RUNS), partial(self._look, i))
                if Outcome.CANCELLED in found.many.outcomes:
                    return
                seeds = np.array([c.seed for c in found.many.configs])
                groups.append(Group(f"d = {config.dimension}", found.many.log_time, found.metrics["gamma"], seeds))
            _groups.put(_key(self.configs), tuple(groups))
        except Exception:
            log.exception("Many starts of %s failed", self.configs[0].to_json())
            self.failure = "These starts failed on our side. Try other values."
        finally:
            with _starting:
                if _under_way.get(_key(self.configs)) is self:
                    del _under_way[_key(self.configs)]
            self.done.set()

    def _look(self, group: int, share: float) -> bool:
        self.fraction = (group + share) / len(self.configs)
        with _starting:
            self.abandoned |= self.unwatched
        return not self.abandoned


def starts_of(configs: tuple[RunConfig, ...]) -> tuple[Group, ...] | None:
    """Both groups, if they are known."""
    return _groups.get(_key(configs))


def start(configs: tuple[RunConfig, ...], visitor: str) -> Starts:
    """Both groups, under way: one computation for all who ask for it. Raises :class:`Busy`."""
    with _starting:
        job = _under_way.get(_key(configs))
        if job is None or job.abandoned:
            if len(_under_way) >= WAITING:
                raise Busy("Other visitors' starts wait already: try again in a minute.")
            job = _under_way[_key(configs)] = Starts(configs)
            job.watch(visitor)
            _worker.submit(job.run)
        job.watch(visitor)
    return job


def under_way(configs: tuple[RunConfig, ...], visitor: str) -> Starts | None:
    """Both groups, if they are under way and this visitor waits for them; asking says that he still does."""
    job = _under_way.get(_key(configs))
    if job is None or not job.watched_by(visitor):
        return None
    job.watch(visitor)
    return job


def run_of(configs: tuple[RunConfig, ...], seed: int) -> RunConfig:
    """The run of one start, recorded as finely as any on a page.

    >>> run_of(roomy_and_tight(RunConfig()), 300).to_link()
    {'method': 'gradient-flow', 'log_time': '300', 'seed': '300'}
    """
    return configs[seed >= RUNS].with_changes(seed=seed, snapshots=RunConfig.snapshots)


def seconds_of(configs: tuple[RunConfig, ...]) -> float:
    """How long both groups should take on all cores."""
    return sum(predicted_seconds(config) for config in configs) * RUNS / cores()


def _key(configs: tuple[RunConfig, ...]) -> str:
    return "-".join(config.digest for config in configs)


_groups: Cache[tuple[Group, ...]] = Cache()
_under_way: dict[str, Starts] = {}
_starting = threading.Lock()
_worker = ThreadPoolExecutor(1, "many-starts", initializer=step_back)
