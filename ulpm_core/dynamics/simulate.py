"""The one driver: from a config to a trajectory, with progress, cancel and continuation."""

from __future__ import annotations

import math
import time
from typing import Final

import numpy as np

from ulpm_core.dynamics.continuation import LENGTHS, refuse_other_run
from ulpm_core.dynamics.engines.choice import in_motion, refuse_missing_device
from ulpm_core.dynamics.engines.cost import refuse_too_large
from ulpm_core.dynamics.flow.resting import flow_in_motion
from ulpm_core.dynamics.hand_over import measure_hand_over
from ulpm_core.dynamics.progress import Progress, ProgressCallback
from ulpm_core.dynamics.schedule import log_time_after, recorded_steps
from ulpm_core.dynamics.stability import divergence_limit
from ulpm_core.dynamics.stop_reason import ON_THE_WAY, WHERE, stop_reason
from ulpm_core.dynamics.trajectory import FlowMemory, HandOver, Outcome, Recorded, Trajectory
from ulpm_core.model.config import RunConfig
from ulpm_core.model.initialisation import brought_within
from ulpm_core.model.initialisation import initial_state as draw_start
from ulpm_core.model.number_words import power_of_e
from ulpm_core.model.objective import Objective
from ulpm_core.model.refusal import refuse
from ulpm_core.model.shapes import Labels
from ulpm_core.model.state import State

LARGEST_FLOAT32: Final = 1e15
"""Largest entry of a start in float32: its logits are of 1e30, and float32 ends at 3e38."""
CHUNK_SECONDS: Final = 0.02
"""Seconds that the engine works between two calls of the progress callback: a cancel feels immediate."""


def simulate(
    config: RunConfig,
    initial_state: State | None = None,
    progress: ProgressCallback[Trajectory] | None = None,
    resume: Trajectory | None = None,
) -> Trajectory:
    """Runs the config to its end, to divergence, or until `progress` returns False.

    `initial_state` replaces the random start; class sizes and dimension are then read from it. A start outside the
    config's bounds is brought within.
    `resume` continues a trajectory of the same config with fewer steps or less log time: bit for bit what one longer
    run gives. Metrics are not measured here; :func:`ulpm_core.simulate` adds them.
    Raises :class:`ConfigError` when `resume` is no beginning of this run, and where this machine cannot run it.
    """
    refuse_missing_device(config.device)
    if config.method == "gradient-flow" and (config.engine == "batched" or config.device != "cpu"):
        raise refuse(
            "engine",
            "batched",
            "takes steps, or follows many flows at once (python -m ulpm_core ensemble); a single flow runs compiled, on"
            " a CPU",
            "engine auto and device cpu",
        )
    if initial_state is not None:
        idle = ("initialisation", "margin", "push", "push_along", "initial_scale", "seed")
        drawn = {name: getattr(RunConfig, name) for name in idle}
        given = {"class_sizes": initial_state.sizes, "dimension": initial_state.W.shape[1]}
        config = config.with_changes(**given, **drawn, initial_digest=initial_state.digest)
        initial_state = brought_within(config, initial_state)
    if config.dtype == "float32" and initial_state is not None:
        refuse_beyond_float32(initial_state)
    refuse_too_large(config)
    recorder = _Recorder(config, initial_state) if resume is None else _Recorder.continuing(config, resume)
    recorder.run(progress)
    return recorder.trajectory()


def refuse_beyond_float32(start: State) -> None:
    """Raises :class:`ConfigError` for a start whose numbers, or those a step away, are none in float32."""
    largest = max(np.abs(start.W).max(), np.abs(start.H).max())
    if largest > LARGEST_FLOAT32:
        raise refuse(
            "dtype",
            "float32",
            f"holds no products of entries such as {largest:.3g}",
            f"entries up to {LARGEST_FLOAT32:g}, or float64",
        )


class _Recorder:
    """Drives an engine from one recorded state to the next and keeps the snapshots: the steps first, then the flow."""

    def __init__(self, config: RunConfig, start: State | None):
        self.config = config
        self.start = draw_start(config) if start is None else start
        self.labels, self.objective = config.labels, Objective.of(config)
        self.order: Labels | None = self.start.order
        self.outcome, self.at = Outcome.RUNNING, 0
        self.kept = [Recorded(0, self.start.W, self.start.H, -math.inf)]
        self.engine = in_motion(config, self.start, divergence_limit(config, self.start))
        self.flow: FlowMemory | None = None
        self.hand_over: HandOver | None = None

    @classmethod
    def continuing(cls, config: RunConfig, past: Trajectory) -> _Recorder:
        """A recorder that holds what `past` and a run of `config` have in common, ready to go on from there."""
        refuse_other_run(config, past)
        lengths = {name: getattr(config, name) for name in LENGTHS}
        recorder = cls(past.config.with_changes(**lengths), State(past.W[0], past.H[0], past.labels))
        recorder.order = past.order
        flow, hand_over = past.flow, past.hand_over
        if flow and flow.log_time <= config.flow_end and (hand_over is None or hand_over.step == config.steps):
            recorder.flow, recorder.hand_over = flow, hand_over
            kept = [i for i, t in enumerate(past.log_time) if t <= flow.log_time or past.step[i] <= recorder.last_step]
        else:
            wanted = set(recorded_steps(recorder.config))
            last = len(past) - 1 if hand_over is None else hand_over.frame
            kept = [i for i in range(last + 1) if int(past.step[i]) in wanted]
            at = State.reached(past.W[last], past.H[last])
            limit = divergence_limit(recorder.config, recorder.start)
            recorder.at = int(past.step[last])
            log_time = float(past.log_time[last])
            recorder.engine = in_motion(recorder.config, at, limit, past.memories, log_time, recorder.at)
        recorder.kept = [Recorded(int(past.step[i]), past.W[i], past.H[i], float(past.log_time[i])) for i in kept]
        return recorder

    @property
    def last_step(self) -> int:
        """The number of steps that the run takes before the flow takes over."""
        return 0 if self.config.method == "gradient-flow" else self.config.steps

    def run(self, progress: ProgressCallback[Trajectory] | None) -> None:
        if self.flow is None and self.last_step:
            self._take_steps(progress)
        if self.outcome is Outcome.RUNNING and self.config.flow_end > self.kept[-1].log_time:
            self._follow_flow(progress)
        if self.outcome is Outcome.RUNNING:
            self.outcome = Outcome.DONE

    def _take_steps(self, progress: ProgressCallback[Trajectory] | None) -> None:
        config, engine, chunk = self.config, self.engine, 64
        for target in (step for step in recorded_steps(config) if step > self.at):
            while self.at < target and not engine.diverged:
                begun = time.perf_counter()
                self.at += engine.advance(min(chunk, target - self.at))
                chunk = chunk * 2 if time.perf_counter() - begun < CHUNK_SECONDS / 2 else max(1, chunk // 2)
                words = WHERE["steps"].format(step=f"{self.at:,}", steps=f"{config.steps:,}")
                if progress and progress(Progress(self.at / config.steps, words, self.trajectory)) is False:
                    self.outcome = Outcome.CANCELLED
                    break
            if self.at > self.kept[-1].step and not self._beyond_numbers:
                self.kept.append(self._now())
            if engine.diverged or self.outcome is Outcome.CANCELLED:
                break
        if engine.diverged:
            self.outcome = Outcome.DIVERGED

    def _follow_flow(self, progress: ProgressCallback[Trajectory] | None) -> None:
        config, end, last = self.config, self.config.flow_end, self.kept[-1]
        if self.last_step and self.hand_over is None:
            self.hand_over = measure_hand_over(config, self.kept)
        run = flow_in_motion(config, State.reached(last.W, last.H), last.log_time, self.flow)
        done = False
        while not done and self.outcome is Outcome.RUNNING:
            visited, done = run.advance(end)
            self.flow = run.memory
            for log_time, theta in visited:
                state = run.state(theta)
                self.kept.append(Recorded(self.last_step + run.memory.steps + done, state.W, state.H, log_time))
            if run.stalled and not done:
                self.outcome = Outcome.STALLED
            share = math.sqrt(np.logaddexp(0.0, run.memory.log_time) / np.logaddexp(0.0, end))
            words = ON_THE_WAY.format(t=power_of_e(run.memory.log_time), end=power_of_e(end))
            if progress and progress(Progress(1.0 if done else min(1.0, share), words, self.trajectory)) is False:
                self.outcome = Outcome.CANCELLED

    @property
    def _beyond_numbers(self) -> bool:
        """True if one step led from finite numbers to inf or NaN: then there is no last state to keep."""
        return self.engine.diverged and not (np.isfinite(self.engine.W).all() and np.isfinite(self.engine.H).all())

    def _now(self) -> Recorded:
        log_time = log_time_after(self.config, self.at, self.engine.log_time)
        return Recorded(self.at, self.engine.W, self.engine.H, log_time)

    def trajectory(self) -> Trajectory:
        """Returns what has been recorded up to now."""
        beyond, kept = self._beyond_numbers, self.kept
        # between two recorded steps: what is shown must be what the memories belong to
        if self.at > kept[-1].step and not beyond:
            kept = [*kept, self._now()]
        W, H, last = np.stack([at.W for at in kept]), np.stack([at.H for at in kept]), kept[-1]
        step, flow = self.at if beyond else last.step, self.flow
        rest = flow.log_time if flow is not None and flow.at_rest else None
        return Trajectory(
            config=self.config,
            W=W,
            H=H,
            labels=self.labels,
            step=np.array([at.step for at in kept]),
            log_time=np.array([at.log_time for at in kept]),
            log_loss=self.objective.log_losses(W, H),
            outcome=self.outcome,
            stop_reason=stop_reason(self.config, self.outcome, step, last.log_time, flow is not None, self.start, rest),
            memories=None if beyond else self.engine.memories,
            flow=flow,
            hand_over=self.hand_over,
            order=self.order,
        )
