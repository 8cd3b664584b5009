"""Many runs in motion at once by torch, by steps or as flows, behind one interface."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ulpm_core.dynamics.engines.batched.flow import BatchedFlow
from ulpm_core.dynamics.engines.batched.run import BatchedRun
from ulpm_core.dynamics.flow.dormand_prince import STAGES
from ulpm_core.dynamics.schedule import log_time_after
from ulpm_core.dynamics.stability import divergence_limit
from ulpm_core.model.config import RunConfig
from ulpm_core.model.shapes import Array, Labels, Shaped
from ulpm_core.model.state import State


class _Together:
    """The part that runs by steps and flows share: W (R, K, d) and H (R, d, N) of the runs in motion."""

    _run: BatchedRun | BatchedFlow

    @property
    def W(self) -> Shaped[Array, "R K d"]:
        return self._run.W

    @property
    def H(self) -> Shaped[Array, "R d N"]:
        return self._run.H


class Steps(_Together):
    """Runs by steps: `at` is the step they have reached; all else is (R,).

    A run that is `lost`, having diverged, stays where it is.
    """

    def __init__(self, configs: Sequence[RunConfig], starts: Sequence[State]):
        self._configs, self.at = configs, 0.0
        limits = np.array([divergence_limit(*pair) for pair in zip(configs, starts, strict=True)])
        rates = np.array([config.learning_rate for config in configs])
        W, H = np.stack([start.W for start in starts]), np.stack([start.H for start in starts])
        self._run: BatchedRun = BatchedRun(configs[0], W, H, limits, learning_rate=rates)

    def go(self, target: float, most: int) -> bool:
        """Takes up to `most` steps towards the step `target`; says whether it is reached."""
        if self.at < target:
            self._run.advance(int(min(most, target - self.at)))
            self.at = target if self._run.diverged.all() else min(self.at + most, target)
        return self.at == target

    @property
    def log_time(self) -> Shaped[Array, "R"]:
        clock = zip(self._configs, self._run.taken.tolist(), self._run.log_time.tolist(), strict=True)
        return np.array([log_time_after(*each) for each in clock])

    @property
    def lost(self) -> NDArray[np.bool_]:
        return self._run.diverged

    @property
    def right_hand_sides(self) -> Shaped[Labels, "R"]:
        return np.zeros_like(self._run.taken)

    @property
    def taken(self) -> Shaped[Labels, "R"]:
        return self._run.taken


class Flows(_Together):
    """Flows: `at` is the log time that all have reached; all else is (R,).

    A run that is `lost`, having stalled, stays where it is.
    """

    def __init__(self, configs: Sequence[RunConfig], starts: Sequence[State]):
        self.at = -np.inf
        W, H = np.stack([start.W for start in starts]), np.stack([start.H for start in starts])
        self._run: BatchedFlow = BatchedFlow(configs[0], W, H)

    def go(self, target: float, most: int) -> bool:
        """Takes up to `most` evaluations' worth of steps towards log t = `target`; says whether all are there."""
        if not self._run.advance_to(target, max(1, most // STAGES)):
            return False
        self.at = target
        return True

    @property
    def log_time(self) -> Shaped[Array, "R"]:
        return self._run.log_time

    @property
    def lost(self) -> NDArray[np.bool_]:
        return self._run.stalled

    @property
    def right_hand_sides(self) -> Shaped[Labels, "R"]:
        return self._run.right_hand_sides

    @property
    def taken(self) -> Shaped[Labels, "R"]:
        """The number of steps that each has tried, (R,)."""
        return self._run.right_hand_sides // STAGES
