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


@pytest.mark.parametrize("method", ["gradient-descent", "adam"])
def test_once_one_of_each_is_compiled_no_run_of_the_page_needs_more(monkeypatch, method):
    """Of one loss and two rules, one of which remembers, since each pair takes seconds to compile."""
    loss = "cross-entropy"
    monkeypatch.setattr(warming, "LOSSES", (loss,))
    assert loss in RUNS.knobs["loss"].parameter.choices
    for run in warming.one_of_each(method):
        simulate(run, metrics=False)
    known = set(advance.signatures)
    decays = {"weight_decay": 0.3}, {"weight_decay": 0.3, "weight_decay_h": 0.0}
    decoupled = {"weight_decay": 0.3, "decay": "decoupled"}
    for beside in ({}, *decays, decoupled, {"norm_bound_w": 0.5}, {"norm_bound_w": 0.5, "norm_bound_h": 2.0},
                   {"feature_norm": 3.0}):  # fmt: skip
        simulate(RunConfig(loss=loss, method=method, classes=3, steps=5, **beside))
    assert set(advance.signatures) == known


@pytest.mark.parametrize("keeps", [True, False])
def test_every_method_of_the_page_is_compiled_where_its_code_can_be_kept(monkeypatch, keeps):
    begun, popen = [], subprocess.Popen

    def process(line, **options):
        begun.append(line)
        return popen((sys.executable, "-c", ""), **options)

    monkeypatch.setattr(warming, "can_keep", lambda: keeps)
    monkeypatch.setattr(subprocess, "Popen", process)
    warming.compile_all()
    methods = RUNS.knobs["method"].parameter.choices if keeps else ()
    assert sorted(begun) == sorted((*warming.COMPILER, method) for method in methods)


def test_flows_of_every_loss_are_among_them():
    flows = {(run.loss, run.weight_decay > 0.0) for run in warming.one_of_each(warming.FLOW) if run.flows}
    assert flows == set(product(RUNS.knobs["loss"].parameter.choices, (False, True)))


def test_a_process_that_compiles_ends_with_its_server():
    line = (*warming.COMPILER, warming.FLOW)
    process = subprocess.Popen(line, cwd=warming.ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    _, said = process.communicate(timeout=PATIENCE)  # it closes the input first, as a server's end does
    assert (process.returncode, said) == (0, b"")


def test_a_process_that_has_compiled_its_method_ends_by_itself():
    code = "from app.jobs import warming; warming.RULES_BESIDE = (); warming.compile_for_the_server()"
    line = (sys.executable, "-c", code, "gradient-descent")
    process = subprocess.Popen(line, cwd=warming.ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.wait(PATIENCE) == 0
    with process.stderr, process.stdin:
        assert process.stderr.read() == b""
