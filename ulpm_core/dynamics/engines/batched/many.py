"""Many runs in motion at once by torch, by steps or as flows, behind one interface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ulpm_core.dynamics.engines.batched.flow import BatchedFlow
from ulpm_core.dynamics.engines.batched.run import BatchedRun
from ulpm_core.dynamics.flow.dormand_prince import STAGES
from ulpm_core.dynamics.schedule import log_time_after
from ulpm_core.dynamics.stability import divergence_limit
from ulpm_core.model.config import RunConfig
from ulpm_core.model.shapes import Array, Flags, Labels, Shaped
from ulpm_core.model.state import State


class Moment(NamedTuple):
    """R runs in motion: their states, steps and log times, and those that are `lost` and stay where they are."""

    W: Shaped[Array, "R K d"]
    H: Shaped[Array, "R d N"]
    taken: Shaped[Labels, "R"]
    log_time: Shaped[Array, "R"]
    lost: Shaped[Flags, "R"]


class Steps:
    """Runs by steps: `at` is the step they have reached. A run that has diverged is lost."""

    def __init__(self, configs: Sequence[RunConfig], starts: Sequence[State]):
        self._configs, self.at = configs, 0.0
        limits = np.array([divergence_limit(*pair) for pair in zip(configs, starts, strict=True)])
        rates = np.array([config.learning_rate for config in configs])
        W, H = np.stack([start.W for start in starts]), np.stack([start.H for start in starts])
        self._run = BatchedRun(configs[0], W, H, limits, learning_rate=rates)
        self.right_hand_sides = np.zeros(len(configs), dtype=np.int64)

    def go(self, target: float, most: int) -> bool:
        """Takes up to `most` steps towards the step `target`; says whether it is reached."""
        if self.at < target:
            self._run.advance(int(min(most, target - self.at)))
            self.at = target if self._run.diverged.all() else min(self.at + most, target)
        return self.at == target

    def look(self) -> Moment:
        run = self._run
        clock = zip(self._configs, run.taken.tolist(), run.log_time.tolist(), strict=True)
        return Moment(run.W, run.H, run.taken, np.array([log_time_after(*each) for each in clock]), run.diverged)


class Flows:
    """Flows: `at` is the log time that all have reached. A run that has stalled is lost; it has `taken` as many steps
    as it has tried.
    """

    def __init__(self, configs: Sequence[RunConfig], starts: Sequence[State]):
        self.at = -np.inf
        W, H = np.stack([start.W for start in starts]), np.stack([start.H for start in starts])
        self._run = BatchedFlow(configs[0], W, H)

    def go(self, target: float, most: int) -> bool:
        """Takes up to `most` evaluations' worth of steps towards log t = `target`; says whether all are there."""
        if not self._run.advance_to(target, max(1, most // STAGES)):
            return False
        self.at = target
        return True

    def look(self) -> Moment:
        run = self._run
        return Moment(run.W, run.H, run.right_hand_sides // STAGES, run.log_time, run.stalled)

    @property
    def right_hand_sides(self) -> Shaped[Labels, "R"]:
        return self._run.right_hand_sides
