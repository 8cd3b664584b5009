"""The schedule of a training: the steps at which it is measured, and the learning rate of each."""

from __future__ import annotations

import math

import numpy as np

from ulpm_core.networks.config import NetworkConfig


def recorded_steps(config: NetworkConfig, sgd_steps: int) -> set[int]:
    """The steps at which a run is measured: its start, then log-spaced; where log time follows, half of them in it."""
    in_log_time = config.snapshots // 2 if config.log_time_steps else 0
    by_sgd = _log_spaced(sgd_steps, config.snapshots - 1 - in_log_time)
    return {0} | by_sgd | {sgd_steps + step for step in _log_spaced(config.log_time_steps, in_log_time)}


def _log_spaced(last: int, most: int) -> set[int]:
    """At most so many whole numbers from 1 to `last`, about evenly spaced in their logarithm, `last` among them.

    >>> sorted(_log_spaced(100, 5))
    [1, 3, 10, 32, 100]
    """
    return {last, *np.geomspace(1, last, most - 1, endpoint=False).round().astype(int).tolist()} if most else set()


def learning_rate(config: NetworkConfig, share: float) -> float:
    """The learning rate after that share of the epochs.

    >>> config = NetworkConfig(learning_rate=1.0, schedule="step")
    >>> [round(learning_rate(config, share), 3) for share in (0.0, 0.34, 0.67)]
    [1.0, 0.1, 0.01]
    """
    match config.schedule:
        case "cosine":
            return config.learning_rate * 0.5 * (1.0 + math.cos(math.pi * share))
        case "step":
            return config.learning_rate * 0.1 ** math.floor(3.0 * share)
    return config.learning_rate
