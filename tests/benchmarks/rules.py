"""Times a step of every rule of the family against one of gradient descent on the bare model, in both engines and in
the browser's: `python -m tests.benchmarks.rules`.
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
REPEATS, SECONDS = 8, 0.02
PLACES = 4
"""Runs of each kind, of which the fastest counts: where its blocks lie in memory changes a small step by a tenth."""
NEVER = 1e300
"""A limit that no run passes."""


def batched(config: RunConfig, start: State) -> Stepper:
    """Returns a stepper of the batched engine on one thread."""
    run = OneRun(config, start, NEVER)
    return run.advance


def ways(shape: Shape) -> dict[str, RunConfig]:
    """Every rule for steps; decay in the gradient and beside the step; every other rule, by gradient descent.

    At this rate nothing moves: once every margin is positive, as only some rules make them, a gradient costs a tenth
    less.
    """
    plain = config_of(shape).with_changes(learning_rate=1e-9)
    found = {name: plain.with_changes(method=name) for name in RULES}
    decayed = plain.with_changes(method="adam", weight_decay=0.01)
    return found | {
        "adam, coupled decay": decayed,
        "adam, decoupled decay": decayed.with_changes(decay="decoupled"),
        "weight decay": plain.with_changes(weight_decay=0.01),
        "squared error": plain.with_changes(loss="squared-error", weight_decay=0.01),
        "label smoothing": plain.with_changes(loss="label-smoothing"),
        "feature norm": plain.with_changes(feature_norm=5.0),
        "norm balls": plain.with_changes(norm_bound_w=0.05, norm_bound_h=0.05),
    }


def main() -> None:
    torch.set_num_threads(1)
    print("Microseconds a step, and in brackets times gradient descent by the same engine.\n")
    print("\n".join(heading(["(K, d, n)", "method"], ["compiled", "batched (torch)", "in a browser"])))
    with Engine() as engine:
        for shape in SHAPES:
            configs = ways(shape)
            start = initial_state(config_of(shape))
            runs = {name: [c] * PLACES for name, c in configs.items()}
            compiled_runs = {name: [compiled(c, start, "float64")[0] for c in each] for name, each in runs.items()}
            batched_runs = {name: [batched(c, start) for c in each] for name, each in runs.items()}
            ours, theirs = (best_rounds(steppers, REPEATS, SECONDS) for steppers in (compiled_runs, batched_runs))
            for name, config in configs.items():
                cells = [
                    f"{short(times[name])} ({short(times[name] / times['gradient-descent'])})"
                    for times in (ours, theirs)
                ]
                plain = configs["gradient-descent"]
                there = "" if config.method not in HERE["method"] else in_a_browser(engine, config, plain, start)
                print(row([str(shape), name, *cells, there]), flush=True)


def in_a_browser(engine: Engine, config: RunConfig, plain: RunConfig, start: State) -> str:
    """Returns the microseconds of a step by the browser's engine, and times that of `plain`, told in turns."""
    best = {}
    for _ in range(2):
        for name, one in {"plain": plain, "own": config}.items():
            engine.begin(one, start)
            found = best_rounds({name: [warmed(engine.take)]}, 3, SECONDS)[name]
            best[name] = min(best.get(name, found), found)
    return f"{short(best['own'])} ({short(best['own'] / best['plain'])})"


if __name__ == "__main__":
    main()
