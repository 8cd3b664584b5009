"""Times the browser's engine beside the compiled one, in turns: steps, and the run behind one turn of a knob. Node has
the V8 that Chromium has.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any, Final

from app.engine.table import table as table_of_the_engine
from tests.benchmarks.peers import compiled
from tests.benchmarks.steps import Shape, config_of
from tests.benchmarks.timing import Stepper, against, best_rounds, heading, row, seconds_of
from tests.engine.configs import REVIVED, plain
from tests.javascript import ROOT, node
from ulpm_core import RunConfig
from ulpm_core.model.initialisation import initial_state
from ulpm_core.model.state import State

SHAPES: Final[tuple[Shape, ...]] = ((4, 3, 30), (10, 16, 50))
BROWSER: Final = "in a browser"
MODULES: Final = {"Config": "config.js", "Run": "run.js", "Stepping": "stepping.js"}
WARM_UP: Final = 0.5
"""Seconds until V8 has made its faster code, which it does beside the first steps."""
KNOWN: Final = {name: value for name, value in table_of_the_engine().items() if name in ("parameters", "words")}
SCRIPT: Final = (
    REVIVED
    + """import { createInterface } from "node:readline";
let stepping = null;
const orders = {
  begin: ({ config, start }) => (stepping = new Stepping(revived(config), stateOf(start), Infinity)).advance(1),
  take: (steps) => stepping.advance(steps),
  turn: ({ fields, parameters, words }) => [...new Run(Config.from(fields, parameters), null, words).go(8)],
};
for await (const line of createInterface({ input: process.stdin })) {
  const [[order, given]] = Object.entries(JSON.parse(line)), before = performance.now();
  orders[order](given);
  console.log(performance.now() - before);
}
"""
)


class Engine:
    """The browser's engine in a process of Node, which takes steps when it is told to."""

    def __init__(self) -> None:
        modules = {name: (ROOT / "app" / "player" / "engine" / file).as_uri() for name, file in MODULES.items()}
        script = "".join(f'import {{ {name} }} from "{uri}";\n' for name, uri in modules.items()) + SCRIPT
        self._node = subprocess.Popen(
            [node(), "--input-type=module", "--eval", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *error: object) -> None:
        self._node.communicate()

    def _ask(self, **what: Any) -> float:
        assert self._node.stdin is not None and self._node.stdout is not None
        self._node.stdin.write(json.dumps(what) + "\n")
        self._node.stdin.flush()
        return float(self._node.stdout.readline())

    def begin(self, config: RunConfig, start: State) -> float:
        """Makes a kernel and takes the first step; returns how many milliseconds that took."""
        return self._ask(begin={"config": plain(config), "start": {"W": start.W.tolist(), "H": start.H.tolist()}})

    def take(self, steps: int) -> None:
        self._ask(take=steps)

    def turn(self, seed: int) -> float:
        """Makes the default run from another start; returns how many milliseconds that took, snapshots and all."""
        return self._ask(turn={"fields": {"seed": seed}, **KNOWN})


def warmed(take: Stepper) -> Stepper:
    """Returns the stepper once it has been at work for a while."""
    spent = 0.0
    while spent < WARM_UP:
        spent += seconds_of(take, 100)
    return take


def table(repeats: int, seconds: float) -> Iterator[str]:
    yield (
        "Microseconds a step of one run by the browser's engine, under Node, and in brackets times the compiled engine;"
        " and how many milliseconds its kernel takes to be made and to take the first step."
    )
    yield ""
    yield from heading(["(K, d, n)"], ["compiled", BROWSER, "kernel, ms"])
    with Engine() as engine:
        for shape in SHAPES:
            config = config_of(shape)
            start = initial_state(config)
            made = min(engine.begin(config, start) for _ in range(repeats))
            ways = {"compiled": compiled(config, start, "float64"), BROWSER: [warmed(engine.take)]}
            times = best_rounds(ways, repeats, seconds)
            yield row([str(shape), *against(times, "compiled"), f"{made:.1f}"])
        yield ""
        yield from heading(["A knob turn in a browser, default run"], ["ms"])
        turns = [engine.turn(seed) for seed in range(1 + 4 * repeats)]
        steps = RunConfig().steps
        yield row([f"{steps:,} steps and their snapshots, for the first time", f"{turns[0]:.1f}"])
        yield row([f"{steps:,} steps and their snapshots, once the browser knows them", f"{min(turns[1:]):.1f}"])
