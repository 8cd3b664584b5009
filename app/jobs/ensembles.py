"""Many random starts, followed at once: computed once, kept, shared by all visitors."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from app.jobs.cache import Cache
from app.jobs.job import Job
from app.jobs.queue import Queue
from app.views.starts import Group
from ulpm_core import Outcome, RunConfig
from ulpm_core.dynamics.engines.cost import cores, predicted_seconds
from ulpm_core.dynamics.progress import Progress

if TYPE_CHECKING:  # Numba takes a second that the page must not
    from ulpm_core.dynamics.many import Many

RUNS: Final = 256
"""Starts of each group."""
LOG_END: Final = 300.0
SNAPSHOTS: Final = 24
WAITING: Final = 3
"""Most groups of starts that may wait for the one under way."""


def roomy_and_tight(config: RunConfig) -> tuple[RunConfig, RunConfig]:
    """Returns two groups of random starts, of as many classes and samples as `config` has: in d = 2K dimensions, and in
    the K - 1 that a simplex needs. No seed is in both groups, so a seed says which group a start is of.

    >>> [(c.dimension, c.seed) for c in roomy_and_tight(RunConfig(classes=4))]
    [(8, 0), (3, 256)]
    """
    K = config.classes
    starts = RunConfig(
        classes=K, per_class=config.per_class, method="gradient-flow", log_time=LOG_END, snapshots=SNAPSHOTS, seed=0
    )
    return starts.with_changes(dimension=2 * K), starts.with_changes(dimension=K - 1, seed=RUNS)


def of_students(config: RunConfig) -> RunConfig:
    """Returns the first of the starts that the students of a class have: those of this run, each followed to the end by
    the flow. A student's seed is their number, from 1. Raises :class:`ConfigError` where this run has no flow.

    >>> of_students(RunConfig(classes=3, dimension=2, seed=7)).to_link()
    {'classes': '3', 'dimension': '2', 'method': 'gradient-flow', 'log_time': '300', 'seed': '1', 'snapshots': '24'}
    """
    return config.with_changes(method="gradient-flow", log_time=LOG_END, snapshots=SNAPSHOTS, fast_forward=0.0, seed=1)


class Starts(Job):
    """The job that follows groups of `runs` starts each, and leaves the margins of every start."""

    FAILED = "These starts failed on our side. Try other values."

    def __init__(self, configs: tuple[RunConfig, ...], runs: int):
        super().__init__(key_of(configs, runs), seconds_of(configs, runs))
        self.configs, self.runs, self.words = configs, runs, f"{len(configs) * runs} flows to t = e^{LOG_END:g}"

    def work(self) -> None:
        from ulpm_core.analysis.ensemble import ensemble, starts  # imported late: Numba takes a second

        groups = []
        for i, config in enumerate(self.configs):
            found = ensemble(starts(config, self.runs), partial(self._tell, i))
            if Outcome.CANCELLED in found.many.outcomes:
                return
            seeds = np.array([c.seed for c in found.many.configs])
            groups.append(Group(f"d = {config.dimension}", found.many.log_time, found.metrics["gamma"], seeds))
        _groups.put(self.key, tuple(groups))

    def _tell(self, group: int, progress: Progress[Many]) -> bool:
        self.tell((group + progress.fraction) / len(self.configs), self.words)
        return not self.abandon_unwatched()


def starts_of(configs: tuple[RunConfig, ...], runs: int | None = None) -> tuple[Group, ...] | None:
    """Returns the groups, if they are known."""
    return _groups.get(key_of(configs, runs))


def start(configs: tuple[RunConfig, ...], visitor: str, runs: int | None = None) -> Starts:
    """Returns the job of the groups, which all who ask for them share. Raises :class:`Busy`."""
    return QUEUE.start(Starts(configs, runs or RUNS), visitor)


def under_way(configs: tuple[RunConfig, ...], visitor: str) -> Job | None:
    """Returns the job of both groups, if it is under way and this visitor waits for it."""
    job = QUEUE.under_way(key_of(configs))
    return job if job is not None and job.watched_by(visitor) else None


def run_of(configs: tuple[RunConfig, ...], seed: int) -> RunConfig:
    """Returns the run of one start, with as many snapshots as any run on a page.

    >>> run_of(roomy_and_tight(RunConfig()), 300).to_link()
    {'method': 'gradient-flow', 'log_time': '300', 'seed': '300'}
    """
    return configs[seed >= RUNS].with_changes(seed=seed, snapshots=RunConfig.snapshots)


def seconds_of(configs: tuple[RunConfig, ...], runs: int | None = None) -> float:
    """Foretells how long the groups take on all cores, in seconds."""
    return sum(predicted_seconds(config) for config in configs) * (runs or RUNS) / cores()


def key_of(configs: tuple[RunConfig, ...], runs: int | None = None) -> str:
    """Returns the key of the job of these groups."""
    return "-".join([*(config.digest for config in configs), str(runs or RUNS)])


_groups: Cache[tuple[Group, ...]] = Cache()
QUEUE: Final = Queue(
    "many-starts", 1, WAITING, "Other visitors' starts wait already: try again in a minute.", polite=True
)
