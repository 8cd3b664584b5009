"""Times a step of every rule against one of gradient descent, in both engines and in the browser's: `python -m
tests.benchmarks.rules`.
"""

from __future__ import annotations

import torch

from app.engine.parameters import HERE
from tests.benchmarks.engine import Engine, warmed
from tests.benchmarks.peers import compiled
from tests.benchmarks.steps import Shape, config_of
from tests.benchmarks.timing import Stepper, best_rounds, heading, row, short
from ulpm_core import RunConfig
from ulpm_core.dynamics.engines.batched.run import OneRun
from ulpm_core.model.initialisation import initial_state
from ulpm_core.model.rules.known import RULES
from ulpm_core.model.state import State

SHAPES: tuple[Shape, ...] = ((4, 3, 30), (10, 16, 50), (20, 64, 50))
REPEATS, SECONDS = 8, 0.05
NEVER = 1e300
"""A limit that no run passes."""


def batched(config: RunConfig, start: State) -> Stepper:
    """Returns a stepper of the batched engine on one thread."""
    run = OneRun(config, start, NEVER)
    return run.advance


def ways(shape: Shape) -> dict[str, RunConfig]:
    """Every rule, and decay in the gradient and beside the step."""
    plain = config_of(shape).with_changes(learning_rate=1e-4)
    found = {name: plain.with_changes(method=name) for name in RULES}
    decayed = plain.with_changes(method="adam", weight_decay=0.01)
    return found | {"adam, coupled decay": decayed, "adam, decoupled decay": decayed.with_changes(decay="decoupled")}


def main() -> None:
    torch.set_num_threads(1)
    print("Microseconds a step, and in brackets times gradient descent by the same engine.\n")
    print("\n".join(heading(["(K, d, n)", "method"], ["compiled", "batched (torch)", "in a browser"])))
    with Engine() as engine:
        for shape in SHAPES:
            configs = ways(shape)
            start = initial_state(config_of(shape))
            ours = best_rounds({name: compiled(c, start, "float64") for name, c in configs.items()}, REPEATS, SECONDS)
            theirs = best_rounds({name: [batched(c, start)] for name, c in configs.items()}, REPEATS, SECONDS)
            for name, config in configs.items():
                cells = [
                    f"{short(times[name])} ({short(times[name] / times['gradient-descent'])})"
                    for times in (ours, theirs)
                ]
                there = "" if config.method not in HERE["method"] else in_a_browser(engine, config, start)
                print(row([str(shape), name, *cells, there]), flush=True)


def in_a_browser(engine: Engine, config: RunConfig, start: State) -> str:
    """Returns the microseconds of a step by the browser's engine, and times gradient descent's, told in turns."""
    best = {}
    for _ in range(2):
        for name, one in {
            "plain": config.with_changes(method="gradient-descent", weight_decay=0.0),
            "own": config,
        }.items():
            engine.begin(one, start)
            found = best_rounds({name: [warmed(engine.take)]}, 3, SECONDS)[name]
            best[name] = min(best.get(name, found), found)
    return f"{short(best['own'])} ({short(best['own'] / best['plain'])})"


if __name__ == "__main__":
    main()
