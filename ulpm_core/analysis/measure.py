"""Measuring a whole trajectory, chunk by chunk."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np

from ulpm_core.analysis.collapse import metrics
from ulpm_core.analysis.separation import separation_metrics
from ulpm_core.dynamics.trajectory import Trajectory

CHUNK_ENTRIES: Final = 4_000_000
"""Snapshots are measured in chunks of 32 MB, so that intermediate arrays stay small."""


def measured(trajectory: Trajectory) -> Trajectory:
    """The trajectory with `metrics` filled in, one (T,) array each: collapse, and for a flow the separation problem.

    A run by steps is left without the latter: its state hardly moves towards them, and a knob turn would wait.
    """
    T, d, N = trajectory.H.shape
    size = max(1, CHUNK_ENTRIES // (max(d, trajectory.config.classes) * N))
    flows = trajectory.config.flow_end > -math.inf
    parts = []
    for t in range(0, T, size):
        W, H = trajectory.W[t : t + size], trajectory.H[t : t + size]
        values = metrics(W, H, trajectory.labels)
        parts.append(values | (separation_metrics(W, H, trajectory.labels) if flows else {}))
    return replace(trajectory, metrics={name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
