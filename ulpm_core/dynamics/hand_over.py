"""From steps to the flow: how well the two agree where the flow takes over."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ulpm_core.dynamics.flow.resting import flow_in_motion
from ulpm_core.dynamics.trajectory import HandOver, Recorded
from ulpm_core.model.config import RunConfig
from ulpm_core.model.state import State


def measure_hand_over(config: RunConfig, kept: Sequence[Recorded]) -> HandOver:
    """The hand-over after the last of these states of a run by steps.

    Steps and flow are run side by side over the last nine tenths: from the last snapshot within the first tenth of
    the steps, the flow for the time that the steps took. The error is ||theta_flow - theta_steps|| / ||theta_steps||,
    or NaN where the flow stalls.
    """
    here = kept[-1]
    past = next((at for at in reversed(kept[1:-1]) if at.step <= here.step // 10), kept[0])
    run = flow_in_motion(config, State.reached(past.W, past.H), past.log_time)
    visited, done = run.advance(here.log_time)
    while not done and not run.stalled:
        visited, done = run.advance(here.log_time)
    error = math.nan
    if done:
        flowed = run.state(visited[-1][1])
        apart = np.hypot(np.linalg.norm(flowed.W - here.W), np.linalg.norm(flowed.H - here.H))
        error = float(apart / np.hypot(np.linalg.norm(here.W), np.linalg.norm(here.H))) if apart > 0.0 else 0.0
    return HandOver(len(kept) - 1, here.step, here.log_time, past.step, error)
