"""Predicts which engine is faster, how long a run takes and how much memory, by a model of the README's machine."""

from __future__ import annotations

import math
import os
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple

from ulpm_core.dynamics.flow.limits import MOST_RIGHT_HAND_SIDES
from ulpm_core.dynamics.schedule import recorded_steps, snapshots_that_fit
from ulpm_core.model.class_sizes import sizes_in_words, too_many_samples
from ulpm_core.model.config import RunConfig
from ulpm_core.model.refusal import refuse, span


class StepCost(NamedTuple):
    """Seconds of one step: to begin it, for each logit, for each multiplication in each of the three products."""

    step: float
    logit: float
    product: float


COMPILED: Final = StepCost(0.15e-6, 1.2e-9, 0.085e-9)
BATCHED: Final = StepCost(40e-6, 6e-9, 0.11e-9)
"""Fits in float64 from (K, d, n) = (3, 2, 10) to (100, 512, 100): to a factor of 1.3, on one core, and 1.5, on two, but
for 2.4 at (10, 64, 100), where two threads of torch get in each other's way."""
CUDA: Final = StepCost(60e-6, 0.05e-9, 0.6e-12)
"""Not measured, for want of a GPU: thirty launches by a graph, and a tenth of the peak that an H100 is sold by."""
ISOMETRY: Final = StepCost(3.5e-6, 0.0, 0.8e-9)
"""What the decomposition of a spectral step takes beside it: to begin it, and for each entry of H and each singular
value of its gradient. Fits the compiled engine from (4, 3, 30) to (20, 64, 50) to a factor of 1.3, on a core that
others kept busy; torch takes up to five times as long."""
SHARED_FROM: Final = 2e-3
"""Seconds of a core's work in one step of the batched engine below which it stays on one thread: `batched_threads`."""
FLOAT32: Final = 0.55
"""Time of a step in float32 over one in float64, where the step is more than the launches of its kernels."""
FLOW_EVALUATIONS: Final = 1000
FLOW_EVALUATIONS_LATE: Final = 31
"""A flow's right-hand sides: 1,000, and about 31 for each unit of sqrt(log t): `python -m tests.benchmarks.flow`."""
FLOW_TO_REST: Final = 4000
"""The same of a flow that comes to rest: where curvatures are far from alike up to 1,100,000 (docs/theory.md 6.9)."""
SADDLE_CLASSES: Final = 5
"""Beside a saddle of K classes a flow takes up to 1 + (K/5)^2 times as many: 1,549 and 1,290 to t = e^1000 for 3 and 4,
up to 3,949 for 6, 3,048 for 10, up to 30,674 for 20, by how small the push and how stiff the way down is."""
FLOW_STEP: Final = 15e-6
FLOW_ENTRY: Final = 12e-9
FLOW_CUBE: Final = 0.5e-9
"""Seconds that a right-hand side of the flow takes beside its gradient: to begin it; for each entry of W and H, since
a stage is a sum of up to thirteen others; and d^3 times, for the eigenbasis in which W^T W - H H^T is put back. Fits
to ten flows from (4, 3, 30) to (20, 64, 200), on cores that others kept busy: to a factor of 2.2."""
LOGIT_COPIES: Final = 6
"""Arrays of all logits that exist at once where a state is measured."""
MEMORY_SHARE: Final = 0.8
"""Of a machine's memory, what one run may take."""
TOO_LARGE: Final = "needs about {needed} GB of memory, and {most} can be used here"
"""Why a run is refused that a memory cannot hold."""
TOO_LONG: Final = {
    "why": "would take {wait} with classes = {classes}, dimension = {dimension} and {sizes}, and {most} are the most"
    " here",
    "minutes": "about {count} minutes",
    "hours": "about {count} hours",
    "days": "more than two days",
}
"""Why a run is refused that takes too long, and how its wait is told."""


def memory() -> float:
    """Bytes of memory that this computer has; infinitely many where nobody says."""
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return math.inf
    return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processes() -> int:
    """Returns how many processes torchrun has started for this run; 1 without it.

    >>> processes()
    1
    """
    return int(os.environ.get("WORLD_SIZE", "1"))


def engine_of(config: RunConfig, runs: int = 1) -> str:
    """`compiled` or `batched`: the config's choice, or for `auto` the one that the cost model says is faster.

    >>> engine_of(RunConfig()), engine_of(RunConfig(device="cuda"))
    ('compiled', 'batched')
    """
    if config.engine != "auto":
        return config.engine
    if config.device != "cpu" or processes() > 1:
        return "batched"
    if config.flows and not config.is_ulpm:
        return "compiled"  # the other knows the model's own flow alone
    return "compiled" if step_seconds(config, "compiled", runs) <= step_seconds(config, "batched", runs) else "batched"


def step_seconds(config: RunConfig, engine: str, runs: int = 1) -> float:
    """One step of `runs` runs: overhead + K N logits to exponentiate + K d N multiplications in each product.

    On a CPU the compiled engine gives each core runs of its own, torch splits each operation over the cores.
    """
    cost = COMPILED if engine == "compiled" else CUDA if config.device == "cuda" else BATCHED
    work = _work_seconds(config, cost, runs)
    if engine == "compiled":
        return (runs * cost.step + work) / min(runs, cores())
    return cost.step + (work if config.device == "cuda" or work < SHARED_FROM else work / cores())


def _work_seconds(config: RunConfig, cost: StepCost, runs: int) -> float:
    """Seconds for which one core, or one GPU, computes in a step of `runs` runs."""
    logits = runs * config.classes * config.label_count
    work = logits * (cost.logit + cost.product * config.dimension) * (FLOAT32 if config.dtype == "float32" else 1.0)
    if not config.step_rule.decomposes or config.method == "gradient-flow":
        return work
    rank = min(config.classes, config.dimension)
    return work + runs * (ISOMETRY.step + ISOMETRY.product * rank * config.dimension * config.label_count)


def worth_sharing(config: RunConfig, runs: int = 1) -> bool:
    """Returns whether a step of the batched engine on a CPU is work enough for several threads.

    >>> worth_sharing(RunConfig(classes=10, dimension=64, per_class=100))
    False
    >>> worth_sharing(RunConfig(classes=100, dimension=128, per_class=50))
    True
    """
    return _work_seconds(config, BATCHED, runs) >= SHARED_FROM


def flow_evaluations(config: RunConfig) -> float:
    """Predicts how many right-hand sides the flow of a run takes, a high guess beside a saddle; 0 where none runs.

    >>> beside = RunConfig(method="gradient-flow", classes=20, dimension=64, initialisation="polygon")
    >>> round(flow_evaluations(beside)) > 30_674  # what (20, 20, 5) takes from a push of 1e-3
    True
    >>> round(flow_evaluations(beside.with_changes(initialisation="gaussian")))
    1980
    """
    if not config.flows:
        return 0.0
    if not config.is_ulpm:
        return MOST_RIGHT_HAND_SIDES if 0.0 == min(config.decays) < max(config.decays) else FLOW_TO_REST
    counted = FLOW_EVALUATIONS + FLOW_EVALUATIONS_LATE * math.sqrt(max(0.0, config.flow_end))
    return counted * (1.0 + (config.classes / SADDLE_CLASSES) ** 2 if config.saddle else 1.0)


def predicted_seconds(config: RunConfig) -> float:
    """Predicts the seconds of a run: its steps, and the right-hand sides of its flow with the work beside each.

    >>> 0.05 < predicted_seconds(RunConfig(classes=4, dimension=3, per_class=30, steps=100_000)) < 0.5
    True
    """
    steps = 0.0 if config.method == "gradient-flow" else float(config.steps)
    beside = FLOW_STEP + FLOW_ENTRY * config.entries + FLOW_CUBE * config.dimension**3
    each = step_seconds(config, engine_of(config))
    return steps * each + flow_evaluations(config) * (each + beside)


def predicted_bytes(config: RunConfig) -> int:
    """Most memory a run takes: its snapshots twice, as they are gathered, and what an engine keeps beside its state.

    >>> predicted_bytes(RunConfig()) < 2**22
    True
    """
    kept = snapshots_that_fit(config) if config.flows else len(recorded_steps(config))
    logits = config.classes * config.label_count
    return 8 * (2 * kept * config.entries + 4 * config.entries + LOGIT_COPIES * logits)


def refuse_beyond(config: RunConfig, seconds: float) -> None:
    """Raises :class:`ConfigError`, with the nearest setting that fits, for a run predicted to take longer.

    >>> refuse_beyond(RunConfig(steps=1_000_000), 300.0)
    >>> huge = RunConfig(classes=20, dimension=64, per_class=200, steps=10_000_000)
    >>> try:
    ...     refuse_beyond(huge, 300.0)
    ... except ValueError as refusal:
    ...     print(str(refusal).split(": ")[1])
    use 1 to 560000, for example 560000.
    """
    predicted = predicted_seconds(config)
    if predicted <= seconds:
        return
    field, fits = "steps", config.steps * seconds / predicted
    by_steps = predicted_seconds(replace(config, fast_forward=0.0))
    if config.method == "gradient-flow":
        field, fits = "log_time", _log_time_for(config, seconds / predicted)
    elif by_steps < seconds:
        field, fits = "fast_forward", _log_time_for(config, (seconds - by_steps) / (predicted - by_steps))
    if few := fits < 1.0:
        fits = float(_samples_that_fit(config, predicted_seconds, seconds))
    step = 10.0 ** (math.floor(math.log10(fits)) - 1)
    nearest = math.floor(fits / step) * step
    why = TOO_LONG["why"].format(
        wait=long_wait(predicted),
        classes=config.classes,
        dimension=config.dimension,
        sizes=sizes_in_words(config.sizes),
        most=f"{seconds / 60:.0f}",
    )
    if few:
        raise too_many_samples(config.sizes, why, int(nearest))
    raise refuse(field, f"{getattr(config, field):.12g}", why, span(1, nearest), f"{nearest:.12g}")


def _log_time_for(config: RunConfig, share: float) -> float:
    """The log time to which a flow takes this share of its right-hand sides; 0 where it rests, or takes more."""
    if not config.is_ulpm:
        return 0.0
    counted = FLOW_EVALUATIONS + FLOW_EVALUATIONS_LATE * math.sqrt(max(0.0, config.flow_end))
    return max(0.0, (share * counted - FLOW_EVALUATIONS) / FLOW_EVALUATIONS_LATE) ** 2


def _samples_that_fit(config: RunConfig, cost: Callable[[RunConfig], float], most: float) -> int:
    """The most samples of a class for which the run costs no more; 1 where even that does."""
    return max(1, bisect_left(range(1, max(config.sizes)), True, key=lambda n: cost(config.capped(n)) > most))


def long_wait(seconds: float) -> str:
    """A wait that is too long, in words; past two days nobody counts.

    >>> long_wait(480.0), long_wait(3 * 3600.0), long_wait(1e7)
    ('about 8 minutes', 'about 3 hours', 'more than two days')
    """
    if seconds < 7200:
        return TOO_LONG["minutes"].format(count=f"{seconds / 60:.0f}")
    return TOO_LONG["hours"].format(count=f"{seconds / 3600:.0f}") if seconds < 48 * 3600 else TOO_LONG["days"]


def refuse_too_large(config: RunConfig) -> None:
    """Raises :class:`ConfigError`, with the nearest `per_class` that fits, for a run that this memory cannot hold."""
    budget, predicted = MEMORY_SHARE * memory(), predicted_bytes(config)
    if predicted > budget:
        fits = _samples_that_fit(config, predicted_bytes, budget)
        why = TOO_LARGE.format(needed=f"{predicted / 2**30:.0f}", most=f"{budget / 2**30:.0f}")
        raise too_many_samples(config.sizes, why, fits)
