"""Whole runs of the browser's engine: the golden cases, slices, and what an interrupted run has recorded."""

from pathlib import Path
from typing import Any

import pytest

from app.engine.table import table
from tests.engine.golden import assert_met, golden
from tests.javascript import run_node

MODULES = ("player/engine/config.js", "player/engine/run.js", "player/engine/objective.js")
CODE = """const { table } = given;
const runOf = ({ config, given: isGiven, start }) => {
  const state = isGiven ? { W: Float64Array.from(start.W), H: Float64Array.from(start.H) } : null;
  return new Run(Config.from(config, table.parameters), state, table.words);
};
const whole = (run) => {
  const looks = [...run.go(1e9)];
  return run.trajectory();
};
"""


def run(tmp_path: Path, code: str, **given: Any) -> list[Any]:
    return run_node(tmp_path, CODE + code, *MODULES, table=table(), **given)


def test_golden_cases(tmp_path: Path) -> None:
    code = """for (const golden of given.cases) {
      const found = whole(runOf(golden)), objective = Objective.of(found.config), last = found.states.length - 1;
      const { W, H } = found.states[last];
      const few = (block) => [...block.filter((_, i) => i % golden.every === 0)];
      say({ outcome: found.outcome, at: found.at, step: found.step, log_time: found.logTime,
        log_loss: found.logLoss[last], value: objective.value({ W, H }, found.logLoss[last]),
        distance_to_ideal: objective.distanceToIdeal([{ W, H }])[0],
        W: few(W), H: few(H),
        flowing: found.flowing, frame: found.handOver?.frame ?? null, asked: found.rightHandSides > 0 }); }"""
    for case, found in zip(golden(), run(tmp_path, code, cases=golden()), strict=True):
        flows = case["flow_from"] is not None
        assert (found["flowing"], found["asked"]) == (flows, flows), case["name"]
        assert found["frame"] == (case["flow_from"] or None), case["name"]
        assert found["log_time"][-1] == pytest.approx(case["log_time"][-1], rel=1e-12, nan_ok=True), case["name"]
        if flows:
            del found["log_time"]  # the lines of its schedule are met by its own steps
        assert_met(case, found)


def test_slices_change_nothing(tmp_path: Path) -> None:
    code = """const sliced = runOf(given.golden), shares = [], words = [];
      for (const look of sliced.go(0)) {
        shares.push(look.share);
        words.push(look.words);
        const { outcome, states, step, logLoss } = look.trajectory();
        if (outcome !== "running" || states.length !== step.length || logLoss.length !== step.length) throw look;
      }
      const [one, other] = [sliced.trajectory(), whole(runOf(given.golden))];
      say({ shares, words, same: ["step", "logTime", "logLoss", "states", "at", "outcome"]
        .every((name) => JSON.stringify(one[name]) === JSON.stringify(other[name])) });"""
    for name in ("default", "fast-forward"):
        case = next(case for case in golden() if case["name"] == name)
        (found,) = run(tmp_path, code, golden=case)
        assert found["same"]
        assert len(found["shares"]) > 10 and min(found["shares"]) > 0.0 and max(found["shares"]) == 1.0
        assert found["words"][0].endswith(" of 1,000") and "NaN" not in "".join(found["words"])


@pytest.mark.parametrize(("name", "most"), [("default", 999), ("flow", 100)])
def test_a_cancelled_run_keeps_what_it_has(tmp_path: Path, name: str, most: int) -> None:
    code = """const run = runOf(given.golden), going = run.go(0);
      for (let i = 0; i < 5; i += 1) going.next();
      run.cancel();
      const { done } = going.next(), { outcome, step, states, at } = run.trajectory();
      say({ done, outcome, step, states: states.length, at });"""
    case = next(case for case in golden() if case["name"] == name)
    (found,) = run(tmp_path, code, golden=case)
    assert (found["done"], found["outcome"]) == (True, "cancelled")
    assert 0 < found["at"] <= most and found["step"][-1] == found["at"] and found["states"] == len(found["step"])
