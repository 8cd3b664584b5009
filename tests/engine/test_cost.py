"""cost.js: a page foretells how long a run takes, and refuses it, as Python does at the browser's pace."""

from __future__ import annotations

import json
import math

import pytest

from app.engine.cost import PACE, costs
from app.engine.parameters import parameters
from tests.javascript import run_node
from ulpm_core import ConfigError, RunConfig
from ulpm_core.dynamics.engines import cost

LARGE = {"classes": 20, "dimension": 64, "per_class": 200}
RUNS = [
    {},
    {"steps": 10_000_000},
    {**LARGE, "steps": 150_000},
    {**LARGE, "steps": 160_000},
    {**LARGE, "steps": 1_000_000},
    {**LARGE, "steps": 10_000_000},
    {**LARGE, "steps": 1000, "fast_forward": 300.0},
    {**LARGE, "steps": 1000, "fast_forward": 1e7},
    {**LARGE, "steps": 200_000, "fast_forward": 1e8},
    {**LARGE, "method": "gradient-flow", "log_time": 1e8},
    {"method": "gradient-flow", "log_time": 1e8, "classes": 4, "dimension": 2, "per_class": 5},
    {"classes": 200, "dimension": 200, "per_class": 400, "method": "gradient-flow", "log_time": 2.0},
    {"class_sizes": [9000] * 30 + [7], "dimension": 70, "method": "gradient-flow", "log_time": 2.0},
    {"class_sizes": [200, 100, 3], "dimension": 64, "steps": 10_000_000},
]


@pytest.mark.parametrize("seconds", [300.0, 20.0, 7_000.0])
def test_the_same_runs_take_too_long_and_the_same_setting_fits(tmp_path, monkeypatch, seconds):
    code = """for (const fields of given.runs) {
      const config = Config.from(fields, given.parameters);
      try { say(refuseBeyond(config, given.cost, given.parameters.refusals) ?? null); }
      catch (refusal) { say([refusal.field, refusal.message]); }
    }"""
    modules = ("player/engine/config.js", "player/engine/cost.js")
    said = run_node(tmp_path, code, *modules, runs=RUNS, parameters=parameters(), cost=costs(seconds))
    monkeypatch.setattr(cost, "COMPILED", PACE)
    monkeypatch.setattr(cost, "cores", lambda: 1)
    assert said == [python(fields, seconds) for fields in RUNS]
    assert any(said) and not all(said)


def python(fields, seconds):
    try:
        cost.refuse_beyond(RunConfig.from_mapping(fields | {"engine": "compiled"}), seconds)
    except ConfigError as refusal:
        return [refusal.field, str(refusal)]
    return None


def test_costs_are_plain_json():
    assert json.loads(json.dumps(costs(300.0), allow_nan=False)) == costs(300.0)
    assert all(0.0 < each < math.inf for each in costs(300.0)["pace"].values())
