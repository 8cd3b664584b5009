"""Times an ensemble from its config to measured records, against what all cores could do if there were nothing but
steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from tests.benchmarks.timing import heading, row, seconds_of
from ulpm_core import RunConfig
from ulpm_core.analysis.ensemble import ensemble, starts
from ulpm_core.dynamics.engines.compiled.run import CompiledRun
from ulpm_core.dynamics.engines.cost import cores
from ulpm_core.dynamics.stability import divergence_limit
from ulpm_core.model.initialisation import initial_state

STEPS = RunConfig(classes=4, dimension=3, per_class=10, learning_rate=0.05, steps=20_000, snapshots=24)
FLOW = RunConfig(classes=4, dimension=8, per_class=5, method="gradient-flow", log_time=300.0, snapshots=24)


def table(runs: int, repeats: int) -> Iterator[str]:
    configs = starts(STEPS, runs)
    begun = [(config, initial_state(config)) for config in configs]

    def bare() -> None:
        ready = [CompiledRun(config, start, divergence_limit(config, start)) for config, start in begun]
        with ThreadPoolExecutor(cores()) as pool:
            list(pool.map(lambda run: run.advance(STEPS.steps), ready))

    works = [lambda: ensemble(configs), bare, lambda: ensemble(starts(FLOW, 256))]
    rounds = [[seconds_of(work) for work in works] for _ in range(repeats)]
    whole, steps, flows = (min(times) for times in zip(*rounds, strict=True))
    yield from heading(["Ensembles"], ["seconds", "of the bare steps' speed"])
    words = f"{runs:,} runs of (4, 3, 10), {STEPS.steps:,} steps each, recorded and measured"
    yield row([words, f"{whole:.2f}", f"{steps / whole:.0%}"])
    yield row(["the same steps by the compiled kernel on all cores, and nothing else", f"{steps:.2f}", "100%"])
    yield row(["256 flows of (4, 8, 5) to t = e^300, recorded and measured", f"{flows:.2f}", ""])
