"""The golden cases: Python still runs them so, and what is held to them can fail."""

from __future__ import annotations

import copy

import pytest

from tests.engine.golden import CASES, assert_met, case_of, golden, run


def test_the_file_holds_the_cases_of_the_table():
    assert {case["name"]: case["config"] for case in golden()} == CASES


@pytest.mark.parametrize("name", CASES)
def test_python_meets_the_case(name):
    case = next(case for case in golden() if case["name"] == name)
    assert_met(case, case_of(name, run(name)))


def test_the_cases_cover_what_a_run_can_do():
    cases = golden()
    assert {case["outcome"] for case in cases} == {"done", "diverged"}
    assert all(0 < case["at"] < 1000 for case in cases if case["outcome"] == "diverged")
    assert {case["flow_from"] for case in cases} > {None, 0}


@pytest.mark.parametrize("part", ["outcome", "at", "step", "log_loss", "metrics", "W"])
def test_a_case_is_not_met_by_another_run(part):
    case = golden()[0]
    found, metrics = copy.deepcopy(case), case["metrics"]
    found[part] = {
        "outcome": "stalled", "at": 999, "step": [*case["step"][:-1], 999],
        "log_loss": case["log_loss"] * (1 + 1e-8), "metrics": {**metrics, "nc1": metrics["nc1"] * 1.001},
        "W": [case["W"][0] + 1e-8, *case["W"][1:]],
    }[part]  # fmt: skip
    with pytest.raises(AssertionError):
        assert_met(case, found)
