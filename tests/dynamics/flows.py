"""Flows that several test files run and compare."""

from __future__ import annotations

import numpy as np

from ulpm_core import Outcome, RunConfig, State, Trajectory
from ulpm_core.dynamics.simulate import simulate

FLOW = RunConfig(method="gradient-flow", classes=3, dimension=2, per_class=4, log_time=690.0)
HANDED = RunConfig(classes=3, dimension=2, per_class=5, steps=300, learning_rate=0.05, fast_forward=200.0)


def flow(W: np.ndarray, H: np.ndarray, log_time: float, **more) -> Trajectory:
    run = simulate(FLOW.with_changes(log_time=log_time, **more), State(W, H))
    assert run.outcome is Outcome.DONE
    return run


def size(run: Trajectory) -> np.ndarray:
    return np.sqrt((run.W**2).sum(axis=(1, 2)) + (run.H**2).sum(axis=(1, 2)))


def same(one: Trajectory, two: Trajectory) -> bool:
    arrays = all(np.array_equal(getattr(one, a), getattr(two, a)) for a in ("W", "H", "step", "log_time", "log_loss"))
    words = (one.config, one.outcome, one.stop_reason) == (two.config, two.outcome, two.stop_reason)
    return arrays and words and one.hand_over == two.hand_over
