"""What a page can ask for is compiled before a visitor asks, by a process that ends with its server."""

from __future__ import annotations

import subprocess
import sys
from itertools import product

import pytest
from waiting import PATIENCE

from app.jobs import warming
from app.page.runs import RUNS
from ulpm_core import RunConfig, simulate
from ulpm_core.dynamics.engines.compiled.run import advance
from ulpm_core.model.rules.known import RULES


def test_after_the_warm_up_no_rule_of_the_page_is_compiled_for_a_visitor(monkeypatch):
    """Of one loss and two rules, one of which remembers, since each pair takes seconds to compile."""
    loss, rules = "cross-entropy", ("gradient-descent", "adam")
    monkeypatch.setattr(warming, "LOSSES", (loss,))
    monkeypatch.setattr(warming, "RULES", rules)
    monkeypatch.setattr(warming, "FLOWS_BESIDE", ())
    assert loss in RUNS.knobs["loss"].parameter.choices and set(rules) < set(RULES)
    warming.warm_rules()
    known = set(advance.signatures)
    decays = {"weight_decay": 0.3}, {"weight_decay": 0.3, "weight_decay_h": 0.0}
    decoupled = {"weight_decay": 0.3, "decay": "decoupled"}
    for beside in ({}, *decays, decoupled, {"norm_bound_w": 0.5}, {"norm_bound_w": 0.5, "norm_bound_h": 2.0},
                   {"feature_norm": 3.0}):  # fmt: skip
        for method in rules:
            simulate(RunConfig(loss=loss, method=method, classes=3, steps=5, **beside))
    assert set(advance.signatures) == known


def test_flows_of_every_loss_are_compiled_too():
    flows = {(run.loss, run.weight_decay > 0.0) for run in warming.one_of_each() if run.flows}
    assert flows == set(product(RUNS.knobs["loss"].parameter.choices, (False, True)))


def test_the_process_that_compiles_ends_with_its_server():
    process = subprocess.Popen(warming.COMPILER, cwd=warming.ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    _, said = process.communicate(timeout=PATIENCE)  # it closes the input first, as a server's end does
    assert (process.returncode, said) == (0, b"")


@pytest.mark.parametrize(
    ("keeps", "codes", "processes"),
    [(True, [0], 1), (True, [warming.MORE, warming.MORE, 0], 3), (True, [1], 1), (False, [], 0)],
)
def test_other_processes_compile_where_their_code_can_be_kept(monkeypatch, keeps, codes, processes):
    begun = []
    popen = subprocess.Popen

    def process(_, **options):
        begun.append("process")
        return popen((sys.executable, "-c", f"raise SystemExit({codes[len(begun) - 1]})"), **options)

    monkeypatch.setattr(warming, "can_keep", lambda: keeps)
    monkeypatch.setattr(warming, "warm_rules", lambda: begun.append("rules"))
    monkeypatch.setattr(subprocess, "Popen", process)
    warming.warm_rules_politely()
    assert begun == ["process"] * processes + ["rules"]
