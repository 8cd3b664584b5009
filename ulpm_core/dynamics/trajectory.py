"""`Trajectory`: what happened in a run, as frozen arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from ulpm_core.model.config import RunConfig
from ulpm_core.model.losses import Array, Labels
from ulpm_core.model.state import State


class Outcome(StrEnum):
    """How a run ended."""

    DONE = "done"
    DIVERGED = "diverged"
    CANCELLED = "cancelled"
    RUNNING = "running"


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Log-spaced snapshots of a run; the last one is its end state.

    W (T, K, d), H (T, d, N), labels (N,), step (T,), time (T,) = gradient-flow time and log_time (T,) its
    logarithm, loss (T,) and log_loss (T,). Where float64 overflows `time` is inf, where it underflows `loss` is 0;
    log_time and log_loss stay exact. `metrics` maps each metric's name to its (T,) values; they are attributes too:
    `trajectory.nc1`. `velocity` is momentum's memory at the end state.
    """

    config: RunConfig
    W: Array
    H: Array
    labels: Labels
    step: Labels
    log_time: Array
    log_loss: Array
    outcome: Outcome
    stop_reason: str
    velocity: State | None = None
    metrics: Mapping[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for array in (self.W, self.H, self.labels, self.step, self.log_time, self.log_loss, *self.metrics.values()):
            array.setflags(write=False)

    def __getattr__(self, name: str) -> Array:
        metrics = self.__dict__.get("metrics", {})
        if name in metrics:
            return metrics[name]
        raise AttributeError(f"a Trajectory has no {name}; its metrics are {', '.join(metrics) or 'not measured'}")

    def __len__(self) -> int:
        return len(self.step)

    @property
    def time(self) -> Array:
        with np.errstate(over="ignore"):
            return np.exp(self.log_time)

    @property
    def loss(self) -> Array:
        return np.exp(self.log_loss)

    @property
    def last(self) -> State:
        """The end state."""
        return State.reached(self.W[-1], self.H[-1])


@dataclass(frozen=True)
class Progress:
    """Handed to the progress callback: how far the run is, and the trajectory so far for whoever wants to show it."""

    step: int
    steps: int
    so_far: Callable[[], Trajectory]


ProgressCallback = Callable[[Progress], bool | None]
