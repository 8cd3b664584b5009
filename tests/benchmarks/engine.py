"""Times the browser's engine beside Python's, in turns: steps, and the films behind turns of a knob. Node has the V8
that Chromium has.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any, Final

from app.engine.table import table as table_of_the_engine
from tests.benchmarks.peers import compiled
from tests.benchmarks.steps import Shape, config_of
from tests.benchmarks.timing import Stepper, against, best_rounds, heading, row, seconds_of, short
from tests.engine.configs import REVIVED, plain
from tests.javascript import ROOT, node
from ulpm_core import RunConfig
from ulpm_core.dynamics.simulate import simulate
from ulpm_core.film.film import build_film
from ulpm_core.model.initialisation import initial_state
from ulpm_core.model.state import State

SHAPES: Final[tuple[Shape, ...]] = ((4, 3, 30), (10, 16, 50))
BROWSER: Final = "in a browser"
MODULES: Final = {
    "Config": "config.js",
    "Run": "run.js",
    "Stepping": "stepping.js",
    "analyse": "analysis/analysis.js",
    "buildFilm": "film/film.js",
}
WARM_UP: Final = 0.5
"""Seconds until V8 has made its faster code, which it does beside the first steps."""
FILMS: Final[dict[str, dict[str, Any]]] = {
    "default, 10,000 steps": {},
    "gradient flow to t = e^1000": {"method": "gradient-flow", "log_time": 1000.0},
    "gradient flow to t = e^(10^6)": {"method": "gradient-flow", "log_time": 1e6},
    "gradient flow to t = e^1000, (10, 16, 50)": {
        **{"method": "gradient-flow", "log_time": 1000.0},
        **{"classes": 10, "dimension": 16, "per_class": 50},
    },
}
SCRIPT: Final = (
    REVIVED
    + """import { createInterface } from "node:readline";
let stepping = null, known = null;
const orders = {
  know: (table) => (known = table),
  begin: ({ config, start }) => (stepping = new Stepping(revived(config), stateOf(start), Infinity)).advance(1),
  take: (steps) => stepping.advance(steps),
  film: (fields) => {
    const run = new Run(Config.from(fields, known.parameters), null, known.words);
    for (const look of run.go(8));
    return buildFilm(run.trajectory(), analyse(run.trajectory(), null, known.analysis), known);
  },
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
        self._ask(know=table_of_the_engine())

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

    def film(self, fields: dict[str, Any]) -> float:
        """Makes the film of a run; returns how many milliseconds that took, snapshots, analysis and all."""
        return self._ask(film=fields)


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
        yield from heading(["A film, from a turned knob to its bytes, ms"], ["Python", BROWSER, "for the first time"])
        for name, fields in FILMS.items():
            yield row([name, *film_row(engine, fields, repeats)])


def film_row(engine: Engine, fields: dict[str, Any], repeats: int) -> list[str]:
    """Returns the best times of films from several starts, made in turns: Python's, the browser's against it, and the
    browser's first.
    """
    theirs, ours = [], []
    for seed in range(1 + 4 * repeats):
        config = RunConfig.from_mapping({**fields, "seed": seed})
        theirs.append(1e3 * seconds_of(lambda config=config: build_film(simulate(config))))
        ours.append(engine.film({**fields, "seed": seed}))
    return [*against({"Python": min(theirs), BROWSER: min(ours)}, "Python"), short(ours[0])]
