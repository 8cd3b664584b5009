"""Parameters without a part in a run are named, and those alone: held to what runs do."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from app.page.runs import RUNS
from ulpm_core import ConfigError, RunConfig, simulate
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
    "smoothed": replace(TINY, loss="label-smoothing"),
    "spheres": replace(TINY, feature_norm=2.0),
    "spheres, beside the ideal": replace(TINY, feature_norm=2.0, initialisation="etf-perturbed"),
    "the ideal": replace(TINY, initialisation="etf-perturbed", initial_scale=0.0),
    "origin": replace(TINY, initialisation="origin", push_along=0),
}
OTHERS = {
    "learning_rate": 0.2, "steps": 7, "log_time": 4.0, "fast_forward": 4.0, "tolerance": 1e-4, "momentum": 0.5,
    "beta2": 0.5, "epsilon": 0.1, "smoothing": 0.2, "decay": "decoupled", "initial_scale": 0.6, "margin": 3.0,
    "push": 0.2, "push_along": 2, "seed": 5,
}  # fmt: skip


def changes(one: RunConfig, **changed: object) -> bool:
    """Whether the change makes another run, or is refused for another reason than that it has no part."""
    try:
        other = one.with_changes(**changed)
    except ConfigError as refusal:
        return "plays no part" not in str(refusal)
    a, b = (simulate(run, metrics=False) for run in (one, other))
    return not (a.W.shape == b.W.shape and np.array_equal(a.W[-1], b.W[-1]) and np.array_equal(a.H[-1], b.H[-1]))


@pytest.mark.parametrize("kind", RUNS_OF_ALL_KINDS)
def test_a_parameter_has_a_part_just_where_it_changes_the_run(kind):
    run = RUNS_OF_ALL_KINDS[kind]
    assert set(OTHERS) == set(_PARTS)
    unused = {name for name, value in OTHERS.items() if not changes(run, **{name: value})}
    assert unused == {name for name in OTHERS if not has_part(run, name)}


def test_the_scale_of_a_start_has_a_part_on_spheres_where_it_is_0():
    assert has_part(RunConfig(feature_norm=2.0, initial_scale=0.0), "initial_scale")
    assert not has_part(RunConfig(feature_norm=2.0, initial_scale=1.0), "initial_scale")


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


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("landscape --saddle origin --margin 3", "margin is not used: it plays no part with initialisation = origin."),
        ("run --initial-scale 0 --seed 5", "seed is not used: it plays no part with initial_scale = 0."),
        ("run --initialisation square --push 0 --seed 5", "seed is not used: it plays no part with push = 0."),
    ],
)
def test_what_is_idle_is_named_beside_what_decides_it(line, words, tmp_path, capsys):
    rest = ["--steps", "5", "--out", str(tmp_path / "run.npz")] if line.startswith("run") else []
    assert main([*line.split(), *rest]) == 0
    assert capsys.readouterr().err == f"python -m ulpm_core {line.split()[0]}: {words}\n"


def test_a_sweep_names_what_no_cell_uses_and_refuses_what_only_some_would(tmp_path, capsys):
    sweep = ["sweep", "--classes", "3", "--dimension", "2", "--steps", "5", "--grid", "method=adam,momentum"]
    sweep += ["--out", str(tmp_path / "sweep.npz")]
    assert main([*sweep, "--beta2", "0.9"]) == 2
    assert "give it an axis of its own, for example --grid beta2=0.9" in capsys.readouterr().err
    assert main([*sweep, "--momentum", "0.5", "--log-time", "4"]) == 0
    assert "log_time is not used" in (said := capsys.readouterr().err) and "momentum is" not in said


@pytest.mark.parametrize(
    ("line", "field", "beside"),
    [
        ("--grid seed=1,2 --grid beta2=0.9,0.99", "grid = beta2", "method = gradient-descent"),
        ("--grid smoothing=0.1,0.2", "grid = smoothing", "loss = cross-entropy"),
        ("--sample smoothing=0.1:0.2:linear", "sample = smoothing", "loss = cross-entropy"),
        ("--grid initial_scale=1,2 --feature-norm 2", "grid = initial_scale", "feature_norm = 2"),
    ],
)
def test_a_sweep_refuses_an_axis_that_changes_nothing(line, field, beside, tmp_path, capsys):
    assert main(["sweep", *line.split(), "--out", str(tmp_path / "sweep.npz")]) == 2
    said = f"{field} changes nothing: it plays no part with {beside}: use another parameter, for example dimension=3,4."
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_an_axis_of_what_some_cells_use_is_gone_along(tmp_path, capsys):
    losses = ["--grid", "loss=cross-entropy,label-smoothing", "--grid", "smoothing=0.1"]
    assert main(["sweep", "--steps", "5", *losses, "--out", str(tmp_path / "sweep.npz")]) == 0
    assert json.loads(capsys.readouterr().out)["outcomes"] == {"done": 2}


def test_a_config_file_is_named_for_what_it_sets_to_no_end(tmp_path, capsys):
    run = ["run", "--out", str(tmp_path / "run.npz"), "--config", str(tmp_path / "run.json")]
    given = {"classes": 3, "steps": 5, "momentum": 0.5, "log_time": 30.0, "beta2": 0.9, "epsilon": 1e-8}
    (tmp_path / "run.json").write_text(json.dumps(given))
    assert main(run) == 0
    words = "momentum, log_time and beta2 are not used: they play no part with method = gradient-descent."
    assert capsys.readouterr().err == f"python -m ulpm_core run: {words}\n"  # at the default: so says a whole config
    assert main([*run, "--method", "adam"]) == 0
    assert "log_time is not used" in capsys.readouterr().err
    with np.load(tmp_path / "run.npz") as held:  # what the file alone would not have used
        assert json.loads(str(held["config"]))["beta2"] == 0.9
    (tmp_path / "run.json").write_text(RunConfig(classes=3, steps=5).to_json())
    assert main(run) == 0
    assert main(["sweep", "--grid", "seed=1,2", *run[1:]]) == 0
    assert capsys.readouterr().err == ""


def test_a_decay_of_h_in_a_config_file_stays_beside_another_of_w(tmp_path, capsys):
    (tmp_path / "run.json").write_text('{"weight_decay": 0.1, "weight_decay_h": 0.1, "steps": 5}')
    line = ["run", "--config", str(tmp_path / "run.json"), "--weight-decay", "0.2", "--out", str(tmp_path / "r.npz")]
    assert main(line) == 0
    digest = json.loads(capsys.readouterr().out)["digest"]
    assert digest == RunConfig(weight_decay=0.2, weight_decay_h=0.1, steps=5).digest


@pytest.mark.parametrize("method", ["normalised-gradient-descent", "adam"])
def test_a_fast_forward_that_steps_have_passed_is_named(method, tmp_path, capsys):
    out = ["--classes", "3", "--method", method, "--steps", "200", "--out", str(tmp_path / "run.npz")]
    said = "fast_forward is not used: the steps reached it by themselves.\n"
    for log_time, words in (("0.5", said), ("1e4", "")):
        assert main(["run", *out, "--fast-forward", log_time]) == 0
        assert capsys.readouterr().err.removeprefix("python -m ulpm_core run: ") == words


def test_a_sweep_counts_the_runs_whose_steps_have_passed_their_fast_forward(tmp_path, capsys):
    sweep = ["sweep", "--classes", "3", "--dimension", "2", "--out", str(tmp_path / "sweep.npz")]
    assert main([*sweep, "--grid", "steps=2,100", "--fast-forward", "2", "--runs", "2"]) == 0  # log 10 is 2.3
    assert "fast_forward is not used in 2 of 4 runs: the steps reached it by themselves." in capsys.readouterr().err
    assert main([*sweep, "--grid", "seed=1,2", "--steps", "100", "--fast-forward", "2"]) == 2
    assert "--fast-forward: fast_forward = 2 lies before log t = 2.303" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--grid method=gradient-flow --learning-rate 1 --log-time 2", "learning_rate is not used: it plays no part"),
        ("--grid method=adam,momentum --log-time 2", "log_time is not used: it plays no part with method = adam."),
        ("--grid seed=1,2 --snapshots 9", "snapshots is not used: a sweep keeps what its runs end with."),
    ],
)
def test_a_sweep_says_of_its_cells_what_they_do_not_use(line, words, tmp_path, capsys):
    sweep = ["sweep", "--classes", "3", "--dimension", "2", "--per-class", "2", "--out", str(tmp_path / "sweep.npz")]
    assert main([*sweep, *line.split(), *(["--steps", "5"] if "flow" not in line else [])]) == 0
    assert words in capsys.readouterr().err


def test_no_sweep_goes_along_snapshots(tmp_path, capsys):
    assert main(["sweep", "--grid", "snapshots=10,20", "--out", str(tmp_path / "sweep.npz")]) == 2
    assert "--grid: grid = snapshots changes nothing: a cell keeps what its runs end with" in capsys.readouterr().err


def test_a_training_names_what_it_does_not_use(tmp_path, capsys):
    train = ["train", "--epochs", "1", "--per-class", "5", "--log-time-steps", "0", "--relative-rate", "1"]
    assert main([*train, "--out", str(tmp_path / "net.npz")]) == 0
    assert "relative_rate is not used: it plays no part with log_time_steps = 0." in capsys.readouterr().err
