"""The one driver: from a config to a trajectory, with progress, cancel and continuation."""

from __future__ import annotations

import math
import time
from copy import copy
from dataclasses import fields, replace
from typing import Final

import numpy as np

from ulpm_core.dynamics.compiled import CompiledRun
from ulpm_core.dynamics.schedule import recorded_steps
from ulpm_core.dynamics.stability import stability_limit
from ulpm_core.dynamics.trajectory import Outcome, Progress, ProgressCallback, Trajectory
from ulpm_core.model.config import ConfigError, RunConfig
from ulpm_core.model.initialisation import initial_state as draw_start
from ulpm_core.model.losses import log_cross_entropy
from ulpm_core.model.state import State

DIVERGED_FACTOR: Final = 1000.0
"""A run has diverged once its loss is a thousand times its start: runs that recovered never passed twice."""
CHUNK_SECONDS: Final = 0.02
"""How long the engine works between two looks at the progress callback: a cancel feels immediate."""


def simulate(
    config: RunConfig,
    initial_state: State | None = None,
    progress: ProgressCallback | None = None,
    resume: Trajectory | None = None,
) -> Trajectory:
    """Runs the config to its last step, to divergence, or until `progress` returns False.

    `initial_state` replaces the random start; classes, dimension and per_class are then read from it.
    `resume` continues a trajectory of the same config with fewer steps: bit for bit what one longer run gives.
    Metrics are not measured here; :func:`ulpm_core.simulate` adds them.
    Raises :class:`ConfigError` when `resume` is no beginning of this run.
    """
    if initial_state is not None:
        K, d, n = initial_state.shape
        config = replace(config, classes=K, dimension=d, per_class=n, initial_digest=initial_state.digest)
    recorder = _Recorder(config, initial_state) if resume is None else _Recorder.continuing(config, resume)
    recorder.run(progress)
    return recorder.trajectory()


class _Recorder:
    """Drives the engine from one recorded step to the next and keeps the snapshots."""

    def __init__(self, config: RunConfig, start: State | None):
        self.config = config
        self.start = draw_start(config) if start is None else start
        self.labels = np.repeat(np.arange(config.classes), config.per_class)
        self.outcome, self.at = Outcome.RUNNING, 0
        self.step, self.W, self.H, self.log_time = [0], [self.start.W], [self.start.H], [-math.inf]
        self.engine = CompiledRun(config, self.start, self._limit())

    @classmethod
    def continuing(cls, config: RunConfig, past: Trajectory) -> _Recorder:
        for name in (f.name for f in fields(config)):
            was, wanted = getattr(past.config, name), getattr(config, name)
            if name != "steps" and was != wanted and not (name == "initial_digest" and not wanted):
                raise ConfigError(
                    "resume",
                    f"The run to continue has other parameters, {name} = {was}, not {wanted}: only steps may change.",
                )
        if past.outcome is Outcome.DIVERGED or past.step[-1] > config.steps:
            raise ConfigError(
                "steps",
                f"steps = {config.steps} cannot continue a run that"
                f" {'diverged' if past.outcome is Outcome.DIVERGED else 'went further'} at step {past.step[-1]}:"
                f" use a smaller learning_rate or {past.step[-1]} to 10000000 steps.",
            )
        recorder = cls(past.config.with_changes(steps=config.steps), State(past.W[0], past.H[0]))
        wanted = set(recorded_steps(recorder.config))
        kept = [i for i, step in enumerate(past.step) if int(step) in wanted]
        recorder.step = [int(past.step[i]) for i in kept]
        recorder.W, recorder.H = [past.W[i] for i in kept], [past.H[i] for i in kept]
        recorder.log_time = [float(past.log_time[i]) for i in kept]
        recorder.engine = CompiledRun(
            recorder.config, past.last, recorder._limit(), past.velocity, float(past.log_time[-1])
        )
        recorder.at = int(past.step[-1])
        return recorder

    def _limit(self) -> float:
        """The violation sum beyond which the run has diverged (see `compiled.advance`)."""
        log_start = float(log_cross_entropy(self.start.W @ self.start.H, self.labels))
        N = self.config.label_count
        return DIVERGED_FACTOR * max(math.exp(min(log_start, 690.0)), N * math.log(self.config.classes))

    def run(self, progress: ProgressCallback | None) -> None:
        config, engine, chunk = self.config, self.engine, 64
        for target in (step for step in recorded_steps(config) if step > self.at):
            while self.at < target and not engine.diverged:
                begun = time.perf_counter()
                self.at += engine.advance(min(chunk, target - self.at))
                chunk = chunk * 2 if time.perf_counter() - begun < CHUNK_SECONDS / 2 else max(1, chunk // 2)
                if progress and progress(Progress(self.at, config.steps, self.trajectory)) is False:
                    self.outcome = Outcome.CANCELLED
                    break
            if self.at > self.step[-1]:
                self._record()
            if engine.diverged or self.outcome is Outcome.CANCELLED:
                break
        if engine.diverged:
            self.outcome = Outcome.DIVERGED
        elif self.outcome is Outcome.RUNNING:
            self.outcome = Outcome.DONE

    def _with_now(self) -> _Recorder:
        """A copy that has recorded the current step too."""
        now = copy(self)
        now.step, now.W, now.H, now.log_time = self.step[:], self.W[:], self.H[:], self.log_time[:]
        now._record()
        return now

    def _record(self) -> None:
        self.step.append(self.at)
        self.W.append(self.engine.W)
        self.H.append(self.engine.H)
        self.log_time.append(self._log_time())

    def _log_time(self) -> float:
        """Gradient-flow time of the current step: a step of heavy ball moves learning_rate / (1 - beta) far."""
        config = self.config
        if config.method == "normalised-gradient-descent":
            return self.engine.log_time
        memory = 1.0 - config.momentum if config.method == "momentum" else 1.0
        return math.log(self.at * config.learning_rate / memory)

    def trajectory(self) -> Trajectory:
        """What has been recorded up to now."""
        if self.at > self.step[-1]:  # between two recorded steps: what is shown must be what the velocity belongs to
            return self._with_now().trajectory()
        W, H = np.stack(self.W), np.stack(self.H)
        return Trajectory(
            config=self.config,
            W=W,
            H=H,
            labels=self.labels,
            step=np.array(self.step),
            log_time=np.array(self.log_time),
            log_loss=log_cross_entropy(W @ H, self.labels, self.config.loss_reduction),
            outcome=self.outcome,
            stop_reason=self._stop_reason(),
            velocity=self.engine.velocity,
        )

    def _stop_reason(self) -> str:
        rate, at = self.config.learning_rate, self.step[-1]
        match self.outcome:
            case Outcome.DONE:
                return f"The run took all its {self.config.steps:,} steps."
            case Outcome.CANCELLED:
                return f"Cancelled at step {at:,} of {self.config.steps:,}."
            case Outcome.DIVERGED:
                return f"Diverged at step {at:,}: " + divergence_reason(rate, stability_limit(self.config, self.start))
        return f"Running: step {at:,} of {self.config.steps:,}."


def divergence_reason(learning_rate: float, limit: float) -> str:
    """One sentence on why a run diverged, with the stability limit.

    >>> divergence_reason(3.0, 0.62).split(" (")[0]
    'learning rate 3 is above the stability limit 0.62'
    """
    if math.isinf(limit):
        return f"learning rate {learning_rate:g} makes every step far longer than the state it steps from."
    if learning_rate > limit:
        return (
            f"learning rate {learning_rate:g} is above the stability limit {limit:.2g}"
            " (2 / the largest curvature on the way), so steps overshoot and grow."
        )
    return (
        f"learning rate {learning_rate:g} is below the stability limit {limit:.2g} of the quiet way down,"
        " but these steps left it for steeper ground."
    )
