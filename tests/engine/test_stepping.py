"""The browser's kernel takes the steps that the compiled engine takes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engine.configs import DIVERGING, REVIVED, STEPPED, plain
from tests.javascript import run_node
from ulpm_core import RunConfig, State
from ulpm_core.dynamics.engines.compiled.run import CompiledRun
from ulpm_core.dynamics.stability import divergence_limit
from ulpm_core.model.initialisation import brought_within, initial_state

STEPS = 1000
CODE = (
    REVIVED
    + """for (const { config, start, limit } of given.runs) {
  const run = new Stepping(revived(config), stateOf(start), limit);
  let taken = 0;
  for (let asked = 7; taken < given.steps && !run.diverged; asked *= 3) {
    taken += run.advance(Math.min(asked, given.steps - taken));
  }
  const { W, H } = run.state();
  say({ taken, diverged: run.diverged, more: run.diverged ? run.advance(1) : 0, logTime: words(run.logTime),
    W: Array.from(W, words), H: Array.from(H, words) });
}"""
)


def beside(tmp_path: Path, configs: list[RunConfig], steps: int) -> list[tuple[CompiledRun, int, dict[str, Any]]]:
    runs, given = [], []
    for config in configs:
        start = brought_within(config, initial_state(config))
        limit = divergence_limit(config, start)
        run, taken = CompiledRun(config, start, limit), 0
        while taken < steps and not run.diverged:
            taken += run.advance(steps - taken)
        runs.append((run, taken))
        given.append({"config": plain(config), "start": nested(start), "limit": limit})
    found = run_node(tmp_path, CODE, "player/engine/stepping.js", runs=given, steps=steps)
    return [(run, taken, answer) for (run, taken), answer in zip(runs, found, strict=True)]


def nested(state: State) -> dict[str, Any]:
    return {"W": state.W.tolist(), "H": state.H.tolist()}


def test_states_after_a_thousand_steps(tmp_path: Path) -> None:
    found = beside(tmp_path, list(STEPPED.values()), STEPS)
    for name, (run, taken, answer) in zip(STEPPED, found, strict=True):
        assert (taken, run.diverged) == (STEPS, False), name
        assert (answer["taken"], answer["diverged"]) == (STEPS, False), name
        scale = max(np.abs(run.W).max(), np.abs(run.H).max())
        for block in "WH":
            assert np.abs(np.array(answer[block]) - getattr(run, block).ravel()).max() <= 1e-10 * scale, name
        assert float(answer["logTime"]) == pytest.approx(run.log_time, rel=1e-12), name


def test_the_same_step_diverges(tmp_path: Path) -> None:
    found = beside(tmp_path, list(DIVERGING.values()), STEPS)
    for name, (run, taken, answer) in zip(DIVERGING, found, strict=True):
        assert run.diverged and 0 < taken < STEPS, name
        assert (answer["taken"], answer["diverged"], answer["more"]) == (taken, True, 0), name
        assert np.array(answer["H"], float) == pytest.approx(run.H.ravel(), rel=1e-9, nan_ok=True), name


def test_a_start_past_the_limit_takes_no_step(tmp_path: Path) -> None:
    start = initial_state(RunConfig())
    given = [{"config": plain(RunConfig()), "start": nested(start), "limit": 1.0}]
    (answer,) = run_node(tmp_path, CODE, "player/engine/stepping.js", runs=given, steps=STEPS)
    assert (answer["taken"], answer["diverged"]) == (0, True)
    assert answer["H"] == start.H.ravel().tolist()


def test_a_saddle_at_the_origin_is_not_left(tmp_path: Path) -> None:
    nothing = State(np.zeros((3, 2)), np.zeros((2, 9)))
    configs = [
        RunConfig(classes=3, dimension=2, per_class=3, method=m) for m in ("momentum", "normalised-gradient-descent")
    ]
    given = [{"config": plain(config), "start": nested(nothing), "limit": 1e9} for config in configs]
    for answer in run_node(tmp_path, CODE, "player/engine/stepping.js", runs=given, steps=10):
        assert (answer["taken"], answer["logTime"]) == (10, "-Infinity")
        assert not any(answer["W"]) and not any(answer["H"])
