"""Which steps are recorded: the first ones one by one, then log-spaced, whatever the length of the run."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from ulpm_core.model.config import RunConfig

MILLION: Final = 1_000_000
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
    one = 8 * config.dimension * (config.classes + config.label_count)
    return max(3, min(config.snapshots, SNAPSHOT_BYTES // one))


def recorded_steps(config: RunConfig) -> list[int]:
    """The steps at which a run of this config is recorded; the last is config.steps.

    A longer run records the same steps as a shorter one, and more: that is what lets a run be continued.
    """
    steps = grid(ratio_for(snapshots_that_fit(config)), config.steps)
    return steps if steps[-1] == config.steps else [*steps, config.steps]
