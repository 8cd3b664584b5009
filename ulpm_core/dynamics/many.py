"""Many runs of one shape at once, from starts, rates and scales of their own: on all cores of a CPU, or on a GPU."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Final

import numpy as np

from ulpm_core.dynamics.engines.choice import refuse_beyond_device, refuse_missing_device, refuse_without_torch
from ulpm_core.dynamics.engines.cost import cores, engine_of, refuse_too_large, step_seconds
from ulpm_core.dynamics.progress import Progress, ProgressCallback
from ulpm_core.dynamics.schedule import lines_between, log_expm1, log_time_after, recorded_steps
from ulpm_core.dynamics.simulate import simulate
from ulpm_core.dynamics.stability import divergence_limit
from ulpm_core.dynamics.stop_reason import stop_reason
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.model.brief import Brief
from ulpm_core.model.config import VARIES, RunConfig
from ulpm_core.model.initialisation import initial_state
from ulpm_core.model.refusal import refuse, span, unfit
from ulpm_core.model.shapes import Array, Labels, Shaped
from ulpm_core.model.state import State

MOST_BYTES: Final = 2**31
"""Most memory the recorded states of all runs may take."""
LOOK_SECONDS: Final = 0.2
"""Between two looks at whether to go on."""


@dataclass(frozen=True, eq=False, repr=False)
class Many(Brief):
    """R runs, each recorded up to T times.

    Flows on a CPU are recorded where their own steps pass the schedule's lines, so their times differ a little.
    `reached` counts the records of each run; those beyond repeat its last. A run that diverged, stalled or was
    cancelled has fewer than T. `right_hand_sides` counts what a flow took.
    `stop_reasons` are sentences, as of single runs.
    """

    configs: tuple[RunConfig, ...]
    W: Shaped[Array, "R T K d"]
    H: Shaped[Array, "R T d N"]
    step: Shaped[Labels, "R T"]
    log_time: Shaped[Array, "R T"]
    reached: Shaped[Labels, "R"]
    right_hand_sides: Shaped[Labels, "R"]
    outcomes: tuple[Outcome, ...]
    stop_reasons: tuple[str, ...]


def simulate_many(configs: Sequence[RunConfig], progress: ProgressCallback[Many] | None = None) -> Many:
    """Runs all configs, which may differ in what `VARIES` names only, recorded by the schedule of single runs.

    Each run is what :func:`simulate` gives for its config: compiled to the last bit, batched to rounding, which steps
    that overshoot amplify. Raises :class:`ConfigError` where the configs differ in more, or their states would not fit
    into memory. `progress` is told of the runs that have ended so far.
    """
    refuse_missing_device(configs[0].device)
    refuse_too_large(configs[0])
    first, shown = configs[0], {name: getattr(configs[0], name) for name in VARIES}
    for config in configs:
        if config.with_changes(**shown) != first:
            raise unfit("runs", f"runs made at once may differ in {', '.join(VARIES)} only", "make them one by one")
    grid = _grid(first)
    one = 8 * len(grid) * first.entries
    most = max(1, MOST_BYTES // one)
    if len(configs) > most:
        raise refuse(
            "runs",
            len(configs),
            f"make {len(configs) * one / 2**30:.1f} GB of states",
            f"{span(1, most)}, or fewer snapshots",
            most,
        )
    if engine_of(first, len(configs)) == "batched":
        refuse_without_torch()
        refuse_other_flows(first)
        return _batched(tuple(configs), grid, progress)
    return _one_by_one(tuple(configs), grid, progress)


def refuse_other_flows(config: RunConfig) -> None:
    """Raises :class:`ConfigError` for flows beside another objective than the model's, which torch does not follow."""
    if config.flows and not config.is_ulpm:
        raise refuse(
            "engine",
            "batched",
            "follows the flow of cross-entropy alone; with another loss or weight decay flows run compiled, on a CPU",
            "engine auto and device cpu",
        )


def _grid(config: RunConfig) -> list[float]:
    """The clock of the records: steps, or log t of a flow."""
    if config.fast_forward > 0.0:
        raise unfit("fast_forward", "fast_forward is for single runs", "use method gradient-flow for many at once")
    if config.method != "gradient-flow":
        return [float(step) for step in recorded_steps(config)]
    last = float(np.logaddexp(0.0, config.log_time))
    lines = [log_expm1(c) for c in lines_between(config, 0.0, last)]
    return [-math.inf, *(t for t in lines if t < config.log_time), config.log_time]


def steps_a_look(config: RunConfig, engine: str, runs: int = 1) -> int:
    """Returns how many steps to take between two calls of the progress callback."""
    return max(1, int(LOOK_SECONDS / step_seconds(config, engine, runs)))


class _Records:
    """The arrays that every engine fills in, run by run or record by record, and how far its parts are: threads that
    take a run each, or one for all; and whether they are to stop.
    """

    def __init__(
        self, configs: tuple[RunConfig, ...], grid: list[float], parts: int, progress: ProgressCallback[Many] | None
    ):
        (R, T), config = (len(configs), len(grid)), configs[0]
        self.configs = configs
        self.W = np.empty((R, T, config.classes, config.dimension))
        self.H = np.empty((R, T, config.dimension, config.label_count))
        self.step, self.log_time = np.zeros((R, T), dtype=np.int64), np.empty((R, T))
        self.reached, self.right_hand_sides = np.zeros((2, R), dtype=np.int64)
        self.outcomes, self.reasons = [Outcome.RUNNING] * R, [""] * R
        self._shares, self._progress, self.stopped = np.zeros(parts), progress, False

    def keep(self, r: int, W: Shaped[Array, "K d"], H: Shaped[Array, "d N"], step: int, log_time: float) -> None:
        """The next record of run r."""
        t = self.reached[r]
        self.W[r, t], self.H[r, t], self.step[r, t], self.log_time[r, t] = W, H, step, log_time
        self.reached[r] += 1

    def end(self, r: int, outcome: Outcome, start: State, flowing: bool) -> None:
        step, log_time = int(self.step[r, self.reached[r] - 1]), float(self.log_time[r, self.reached[r] - 1])
        self.reasons[r] = stop_reason(self.configs[r], outcome, step, log_time, flowing, start)
        self.outcomes[r] = outcome  # last: from now on other threads may look at this run

    def tell(self, part: int, share: float) -> bool:
        """Notes the share of a part that is done; returns False if it is to stop."""
        self._shares[part] = share
        return not self.stopped

    def look(self) -> None:
        """Asks the progress callback whether to go on; called by the thread that started all."""
        if self._progress is not None and not self.stopped:
            share = float(self._shares.mean())
            words = f"{share:.1%} of {len(self.configs):,} runs"
            self.stopped = self._progress(Progress(share, words, self.ended)) is False

    def ended(self) -> Many:
        """The runs that have ended, while others may still be under way in other threads."""
        return self._of([r for r, outcome in enumerate(self.outcomes) if outcome is not Outcome.RUNNING])

    def whole(self) -> Many:
        return self._of(np.flatnonzero(self.reached).tolist())

    def _of(self, begun: list[int]) -> Many:
        for r in begun:
            for block in (self.W, self.H, self.step, self.log_time):
                block[r, self.reached[r] :] = block[r, self.reached[r] - 1]
        return Many(
            tuple(self.configs[r] for r in begun),
            self.W[begun],
            self.H[begun],
            self.step[begun],
            self.log_time[begun],
            self.reached[begun],
            self.right_hand_sides[begun],
            tuple(self.outcomes[r] for r in begun),
            tuple(self.reasons[r] for r in begun),
        )


def _one_by_one(configs: tuple[RunConfig, ...], grid: list[float], progress: ProgressCallback[Many] | None) -> Many:
    """Runs on all cores, one on each at a time: compiled code lets go of the interpreter's lock."""
    records = _Records(configs, grid, len(configs), progress)
    take = _follow if configs[0].flows else _step

    def one(r: int) -> None:
        if not records.stopped:
            take(records, r, grid)
            records.tell(r, 1.0)

    with ThreadPoolExecutor(min(cores(), len(configs)), "many") as pool:
        waiting = {pool.submit(one, r) for r in range(len(configs))}
        try:
            while waiting:
                finished, waiting = wait(waiting, LOOK_SECONDS, FIRST_EXCEPTION)
                for future in finished:
                    future.result()
                records.look()
        finally:
            records.stopped = True  # after an error, or a second Ctrl+C, nobody waits for the rest
    return records.whole()


def _step(records: _Records, r: int, grid: list[float]) -> None:
    from ulpm_core.dynamics.engines.compiled.run import CompiledRun

    config, start = records.configs[r], initial_state(records.configs[r])
    run, at, most = CompiledRun(config, start, divergence_limit(config, start)), 0, steps_a_look(config, "compiled")
    records.keep(r, start.W, start.H, 0, -math.inf)
    for target in map(int, grid[1:]):
        while at < target and not run.diverged and records.tell(r, at / config.steps):
            at += run.advance(min(most, target - at))
        records.keep(r, run.W, run.H, at, log_time_after(config, at, run.log_time))
        if run.diverged or at < target:
            break
    whole = at == config.steps
    records.end(r, Outcome.DIVERGED if run.diverged else Outcome.DONE if whole else Outcome.CANCELLED, start, False)


def _follow(records: _Records, r: int, grid: list[float]) -> None:
    run = simulate(records.configs[r], progress=lambda progress: records.tell(r, progress.fraction))
    last = len(grid) - 1
    for i in [*range(min(last, len(run) - 1)), len(run) - 1]:  # late steps may pass several lines of the grid at once
        records.keep(r, run.W[i], run.H[i], int(run.step[i]), float(run.log_time[i]))
    records.reasons[r], records.right_hand_sides[r] = run.stop_reason, run.right_hand_sides
    records.outcomes[r] = run.outcome  # last: from now on other threads may look at this run


def _batched(configs: tuple[RunConfig, ...], grid: list[float], progress: ProgressCallback[Many] | None) -> Many:
    """All runs at once by torch, a record at a time."""
    from ulpm_core.dynamics.engines.batched.many import Flows, Steps

    refuse_beyond_device(configs[0], len(configs))
    starts, flows = [initial_state(c) for c in configs], configs[0].flows
    records, runs = _Records(configs, grid, 1, progress), (Flows if flows else Steps)(configs, starts)
    going, most = np.ones(len(configs), dtype=bool), steps_a_look(configs[0], "batched", len(configs))
    for t, target in enumerate(grid, 1):
        while not runs.go(target, most) and not records.stopped:
            records.look()
        records.tell(0, t / len(grid))
        records.look()
        now = runs.look()
        for r in np.flatnonzero(going).tolist():
            records.keep(r, now.W[r], now.H[r], int(now.taken[r]), float(now.log_time[r]))
            if now.lost[r]:
                records.end(r, Outcome.STALLED if flows else Outcome.DIVERGED, starts[r], flows)
            elif t == len(grid) or records.stopped:
                records.end(r, Outcome.DONE if runs.at == grid[-1] else Outcome.CANCELLED, starts[r], flows)
        going &= ~now.lost
        if records.stopped:
            break
    records.right_hand_sides[:] = runs.right_hand_sides
    return records.whole()
