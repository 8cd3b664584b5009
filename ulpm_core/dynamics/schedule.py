"""The schedule of snapshots: the first steps each, then log-spaced; of a flow, times even on the log log axis."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np

from ulpm_core.model.config import RunConfig

MILLION: Final = 1_000_000
FLOW_HORIZON: Final = 1000.0
"""A flow records `snapshots` states on the way to t = e^1000; beyond, as many for each doubling of log t as before."""
SNAPSHOT_BYTES: Final = 256 * 2**20
"""Most memory one trajectory's snapshots may take on the way to a million steps."""


def grid(ratio: float, last: int) -> list[int]:
    """0, 1, 2, ... then each step `ratio` times the one before, up to `last`.

    >>> grid(1.5, 12)
    [0, 1, 2, 3, 4, 6, 9]
    """
    steps, step = [0], 1
    while step <= last:
        steps.append(step)
        step = max(step + 1, int(step * ratio))
    return steps


@lru_cache(maxsize=64)
def ratio_for(snapshots: int) -> float:
    """The smallest ratio that records at most `snapshots` states on the way to a million steps."""
    low, high = 1.0 + 1e-6, float(MILLION)
    for _ in range(60):
        middle = float(np.sqrt(low * high))
        low, high = (low, middle) if len(grid(middle, MILLION)) < snapshots else (middle, high)
    return high


def snapshots_that_fit(config: RunConfig) -> int:
    """The config's `snapshots`, or as many as 256 MB hold."""
    return max(3, min(config.snapshots, SNAPSHOT_BYTES // (8 * config.entries)))


def recorded_steps(config: RunConfig) -> list[int]:
    """The steps at which a run of this config is recorded; the last is config.steps.

    A longer run records the same steps as a shorter one, and more: that is what lets a run be continued.
    """
    steps = grid(ratio_for(snapshots_that_fit(config)), config.steps)
    return steps if steps[-1] == config.steps else [*steps, config.steps]


def log_time_after(config: RunConfig, step: int, passed: float) -> float:
    """log t after so many steps: of a multiple of the learning rate, or for normalised steps what has `passed`.

    >>> log_time_after(RunConfig(learning_rate=0.5), 2, math.nan), log_time_after(RunConfig(), 0, math.nan)
    (0.0, -inf)
    """
    return passed if math.isnan(config.step_time) else math.log(step * config.step_time) if step else -math.inf


def log_expm1(c: float) -> float:
    """log t at the clock c = log(1 + t), for any c >= 0.

    >>> log_expm1(math.log(2.0)), log_expm1(1e9)
    (0.0, 1000000000.0)
    """
    return c + math.log(-math.expm1(-c)) if c > 0.0 else -math.inf


def _line_spacing(config: RunConfig) -> float:
    return float(np.log1p(FLOW_HORIZON)) / snapshots_that_fit(config)


def line_of(config: RunConfig, log_time: float) -> int:
    """The last line of a flow's schedule at or before log t; lines lie evenly in log(1 + c), c = log(1 + t).

    >>> line_of(RunConfig(snapshots=240), 0.0), line_of(RunConfig(snapshots=240), 1000.0)
    (18, 240)
    """
    return int(np.log1p(np.logaddexp(0.0, log_time)) / _line_spacing(config) + 1e-9)


def lines_between(config: RunConfig, after: float, upto: float) -> list[float]:
    """The lines c of a flow's schedule with after < c <= upto."""
    spacing = _line_spacing(config)
    first, last = np.floor(np.log1p(np.array([after, upto])) / spacing).astype(int)
    lines = np.expm1(spacing * np.arange(first, last + 2))
    return [float(c) for c in lines if after < c <= upto]
