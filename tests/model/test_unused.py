"""Parameters without a part in a run are named, and those alone: held to what runs do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.page.runs import RUNS
from ulpm_core import RunConfig, simulate
from ulpm_core.cli import main
from ulpm_core.model.unused import _PARTS, has_part

TINY = RunConfig(classes=3, dimension=2, per_class=2, steps=5, learning_rate=0.1)
RUNS_OF_ALL_KINDS = {
    "descent": TINY,
    "momentum": replace(TINY, method="momentum"),
    "adam": replace(TINY, method="adam"),
    "adamw": replace(TINY, method="adam", weight_decay=0.1),
    "flow": RunConfig(classes=3, dimension=2, per_class=2, method="gradient-flow", log_time=3.0),
    "then the flow": replace(TINY, fast_forward=3.0),
    "saddle": replace(TINY, initialisation="merged-classes", push=0.0),
    "beside a saddle": replace(TINY, initialisation="merged-classes", push_along=0),
    "origin": replace(TINY, initialisation="origin", push_along=0),
}
OTHERS = {
    "learning_rate": 0.2, "steps": 7, "log_time": 4.0, "tolerance": 1e-4, "momentum": 0.5, "beta2": 0.5,
    "epsilon": 0.1, "decay": "decoupled", "initial_scale": 0.5, "margin": 3.0, "push": 0.2, "push_along": 2, "seed": 5,
}  # fmt: skip


def same(one: RunConfig, other: RunConfig) -> bool:
    a, b = (simulate(run, metrics=False) for run in (one, other))
    return a.W.shape == b.W.shape and np.array_equal(a.W[-1], b.W[-1]) and np.array_equal(a.H[-1], b.H[-1])


@pytest.mark.parametrize("kind", RUNS_OF_ALL_KINDS)
def test_a_parameter_has_a_part_just_where_it_changes_the_run(kind):
    run = RUNS_OF_ALL_KINDS[kind]
    assert set(OTHERS) == set(_PARTS)
    unused = {name for name, value in OTHERS.items() if same(run, run.with_changes(**{name: value}))}
    assert unused == {name for name in OTHERS if not has_part(run, name)}


@pytest.mark.parametrize("kind", RUNS_OF_ALL_KINDS)
def test_the_page_hides_the_knobs_without_a_part(kind):
    run = RUNS_OF_ALL_KINDS[kind]
    assert [name for name in RUNS.turnable if RUNS.knobs[name].matters(run) and not has_part(run, name)] == []


def test_the_command_line_names_what_it_does_not_use(tmp_path, capsys):
    run = ["run", "--classes", "3", "--dimension", "2", "--steps", "5", "--out", str(tmp_path / "run.npz")]
    assert main([*run, "--beta2", "0.9", "--tolerance", "1e-4"]) == 0
    words = "tolerance and beta2 are not used: they play no part with method = gradient-descent."
    assert capsys.readouterr().err == f"python -m ulpm_core run: {words}\n"
    assert main([*run, "--method", "adam", "--beta2", "0.9", "--weight-decay", "0"]) == 0
    assert capsys.readouterr().err == ""
    start = tmp_path / "start.npz"
    np.savez(start, W=np.eye(3)[:, :2], H=np.eye(2).repeat(3, axis=1))
    state = ["run", "--initial-state", str(start), "--steps", "5", "--out", str(tmp_path / "run.npz")]
    assert main([*state, "--seed", "3"]) == 0
    assert "seed is not used: it plays no part beside initial_state." in capsys.readouterr().err


def test_a_sweep_names_what_no_cell_uses_and_refuses_what_only_some_would(tmp_path, capsys):
    sweep = ["sweep", "--classes", "3", "--dimension", "2", "--steps", "5", "--grid", "method=adam,momentum"]
    sweep += ["--out", str(tmp_path / "sweep.npz")]
    assert main([*sweep, "--beta2", "0.9"]) == 2
    assert "give it an axis of its own, for example --grid beta2=0.9" in capsys.readouterr().err
    assert main([*sweep, "--momentum", "0.5", "--log-time", "4"]) == 0
    assert "log_time is not used" in (said := capsys.readouterr().err) and "momentum is" not in said


def test_a_sweep_names_an_axis_that_changes_nothing(tmp_path, capsys):
    sweep = ["sweep", "--classes", "3", "--dimension", "2", "--steps", "5", "--grid", "seed=1,2"]
    assert main([*sweep, "--grid", "beta2=0.9,0.99", "--out", str(tmp_path / "sweep.npz")]) == 0
    assert "beta2 is not used: it plays no part with method = gradient-descent." in capsys.readouterr().err
