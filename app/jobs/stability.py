"""Asks which learning rates are stable for a run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from app.jobs import runs
from app.jobs.cache import Cache
from app.jobs.question import Question
from ulpm_core import RunConfig
from ulpm_core.dynamics.engines.cost import predicted_seconds
from ulpm_core.dynamics.stability import divergence_limit, stability_limit
from ulpm_core.model.initialisation import initial_state
from ulpm_core.model.objective import Objective

if TYPE_CHECKING:
    from ulpm_core.dynamics.engines.compiled.run import CompiledRun

PROBE_STEPS: Final = 1000
PROBE_SECONDS: Final = 0.02
"""Seconds, as foretold, for which a rate is tried out: a run that diverges does so while its classes come apart."""
LAST_STEPS: Final = 10
"""Steps after those of a probe within bounds in which its value may not leap."""
NOTHING: Final = 1e-9
"""Value below which what is left is rounding."""
LEAP: Final = 0.01
"""Share of the value by which one step may raise it: momentum swings by less as it comes to rest."""


class Stability(NamedTuple):
    """The rate below which a run is sure to be stable, and the largest stable one of the rates asked about, None where
    none is.
    """

    limit: float
    largest: float | None


def stability(config: RunConfig, rates: Sequence[float]) -> Question[Stability]:
    """Asks which of these rates are stable for this run; its own rate plays no part."""
    probe, tried, rates = _probe_of(config), runs.WARM.is_set(), sorted(rates)
    key = f"{probe.digest}-{tried}-{rates}"
    return Question("stability", key, lambda _: _stability(probe, rates, tried), runs.SHORT, _stable)


def _probe_of(config: RunConfig) -> RunConfig:
    """Returns the first steps of this run, as many as can be tried out in a moment."""
    steps = min(config.steps, PROBE_STEPS)
    probe = config.with_changes(learning_rate=1.0, steps=steps, log_time=0.0, fast_forward=0.0, snapshots=3)
    if predicted_seconds(probe) > PROBE_SECONDS:
        probe = probe.with_changes(steps=max(1, int(steps * PROBE_SECONDS / predicted_seconds(probe))))
    return probe


def _stability(probe: RunConfig, rates: Sequence[float], tried: bool) -> Stability:
    """Returns the limit, and the largest of these rates up to which none diverges in the first steps of this run, nor
    leaps to and fro within its bounds.

    Below the stability limit that is sure; above it steps are taken to see, since descent may find a flatter way down.
    """
    limit, best = stability_limit_of(probe), None
    for rate in rates:
        if rate > limit and not (tried and _survives(probe.with_changes(learning_rate=rate))):
            break
        best = rate
    return Stability(limit, best)


def stability_limit_of(config: RunConfig) -> float:
    """Returns the limit below which every rate is sure to be stable: for plain descent 2 / curvature, the largest that
    a flow from the start meets. It does not depend on the length of the run.
    """
    return _limit_of(config.with_changes(learning_rate=1.0, steps=1, log_time=0.0, fast_forward=0.0, snapshots=3))


@lru_cache(512)
def _limit_of(config: RunConfig) -> float:
    return stability_limit(config, initial_state(config))


@lru_cache(512)
def _survives(config: RunConfig) -> bool:
    from ulpm_core.dynamics.engines.compiled.run import CompiledRun  # by now Numba has been imported by a worker

    start = initial_state(config)
    run = CompiledRun(config, start, divergence_limit(config, start))
    run.advance(config.steps)
    return not run.diverged and (not config.is_held or _settles(run))


def _settles(run: CompiledRun) -> bool:
    """Returns whether the value of a run within bounds, which never diverges, has stopped leaping to and fro."""
    objective, values = Objective.of(run.config), []
    for _ in range(LAST_STEPS):
        run.advance(1)
        values.append(float(objective.value(run.W, run.H)))
    return bool(max(np.diff(values)) <= LEAP * max(values[-1], NOTHING))


_stable: Cache[Stability] = Cache()
