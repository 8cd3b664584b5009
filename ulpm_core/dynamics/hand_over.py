"""From steps to the flow: how well the two agree where the flow takes over."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ulpm_core.dynamics.flow.gradient_flow import FlowRun, Visited
from ulpm_core.dynamics.trajectory import HandOver
from ulpm_core.model.config import RunConfig
from ulpm_core.model.shapes import Array
from ulpm_core.model.state import State


def measure_hand_over(
    config: RunConfig, step: Sequence[int], W: Sequence[Array], H: Sequence[Array], log_time: Sequence[float]
) -> HandOver:
    """The hand-over after the last of these snapshots of a run by steps.

    Steps and flow are run side by side over the last nine tenths: from the last snapshot within the first tenth of
    the steps, the flow for the time that the steps took. The error is ||theta_flow - theta_steps|| / ||theta_steps||,
    or NaN where the flow stalls.
    """
    here = len(step) - 1
    past = max(i for i in range(here) if i == 0 or step[i] <= step[here] // 10)
    run = FlowRun(config, State.reached(W[past], H[past]), log_time[past])
    visited: list[Visited] = []
    done = False
    while not done and not run.stalled:
        visited, done = run.advance(log_time[here])
    error = math.nan
    if done:
        flowed = run.state(visited[-1].theta)
        apart = np.hypot(np.linalg.norm(flowed.W - W[here]), np.linalg.norm(flowed.H - H[here]))
        error = float(apart / np.hypot(np.linalg.norm(W[here]), np.linalg.norm(H[here]))) if apart > 0.0 else 0.0
    return HandOver(here, step[here], log_time[here], step[past], error)
