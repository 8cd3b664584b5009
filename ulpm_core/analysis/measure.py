"""Measuring a whole trajectory, chunk by chunk."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from ulpm_core.analysis.metrics import metrics
from ulpm_core.analysis.rounding import rounding_of
from ulpm_core.analysis.separation import separation_metrics
from ulpm_core.dynamics.trajectory import Trajectory

CHUNK_ENTRIES: Final = 4_000_000
"""Snapshots are measured in chunks of 32 MB, so that intermediate arrays stay small."""


def measured(trajectory: Trajectory, separation: bool = True) -> Trajectory:
    """The trajectory with `metrics` filled in, one (T,) array each: of collapse, and of the separation problem.

    The latter can be left out, since it takes twice as long.
    """
    T, d, N = trajectory.H.shape
    size = max(1, CHUNK_ENTRIES // (max(d, trajectory.config.classes) * N))
    parts, precision = [], rounding_of(np.dtype(trajectory.config.dtype))
    for t in range(0, T, size):
        W, H = trajectory.W[t : t + size], trajectory.H[t : t + size]
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # not defined there, as the metrics say
            values = metrics(W, H, trajectory.labels, precision)
            parts.append(values | (separation_metrics(W, H, trajectory.labels) if separation else {}))
    return replace(trajectory, metrics={name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
