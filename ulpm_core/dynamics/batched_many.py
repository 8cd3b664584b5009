"""Many runs in motion at once by torch, by steps or as flows, with one face for both."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ulpm_core.dynamics.batched import BatchedRun
from ulpm_core.dynamics.batched_flow import BatchedFlow
from ulpm_core.dynamics.dormand_prince import STAGES
from ulpm_core.dynamics.schedule import log_time_after
from ulpm_core.dynamics.stability import divergence_limit
from ulpm_core.model.config import RunConfig
from ulpm_core.model.losses import Array, Labels
from ulpm_core.model.state import State


class Steps:
    """Runs by steps: `at` is the step they have reached. W (R, K, d), H (R, d, N); all else is (R,).

    A run that is `lost`, having diverged, stays where it is.
    """

    def __init__(self, configs: Sequence[RunConfig], starts: Sequence[State]):
        self._configs, self.at = configs, 0.0
        limits = np.array([divergence_limit(*pair) for pair in zip(configs, starts, strict=True)])
        rates = np.array([config.learning_rate for config in configs])
        W, H = np.stack([start.W for start in starts]), np.stack([start.H for start in starts])
        self._run = BatchedRun(configs[0], W, H, limits, learning_rate=rates)
        self._read()

    def go(self, target: float, most: int) -> bool:
        """Takes up to `most` steps towards the step `target`; says whether it is reached."""
        if self.at < target:
            self._run.advance(int(min(most, target - self.at)))
            self.at = target if self._run.diverged.all() else min(self.at + most, target)
        self._read()
        return self.at == target

    def _read(self) -> None:
        run = self._run
        self.W, self.H, self.taken, self.lost = run.W, run.H, run.taken, run.diverged
        clock = zip(self._configs, run.taken.tolist(), run.log_time.tolist(), strict=True)
        self.log_time: Array = np.array([log_time_after(*each) for each in clock])
        self.right_hand_sides: Labels = np.zeros_like(run.taken)


class Flows:
    """Flows: `at` is the log time that all have reached. W (R, K, d), H (R, d, N); all else is (R,).

    A run that is `lost`, having stalled, stays where it is.
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

    @property
    def W(self) -> Array:
        return self._run.W

    @property
    def H(self) -> Array:
        return self._run.H

    @property
    def log_time(self) -> Array:
        return self._run.log_time

    @property
    def lost(self) -> NDArray[np.bool_]:
        return self._run.stalled

    @property
    def right_hand_sides(self) -> Labels:
        return self._run.right_hand_sides

    @property
    def taken(self) -> Labels:
        """How many steps each has tried."""
        return self._run.right_hand_sides // STAGES
