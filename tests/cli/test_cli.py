"""The command line in process: exit codes, one strict JSON line, refusals that name the option, nothing left behind."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from cli.lines import QUICK, process, refusal, strict
from reference import gaussian, slow_metrics

from ulpm_core import RunConfig
from ulpm_core.dynamics.flow import limits
from ulpm_core.files.run import load_run
from ulpm_core.model.parameters import PARAMETERS

# -- run -----------------------------------------------------------------------------------------------------------


def test_a_run_prints_one_strict_line_and_saves_what_it_says(call, empty):
    code, out, err = call("run", *QUICK, "--seed", 3, "--learning-rate", 0.2, "--out", empty / "run.npz")
    assert (code, err) == (0, "")
    said, run = strict(out), load_run(empty / "run.npz")
    assert [p.name for p in empty.iterdir()] == ["run.npz"]
    assert run.config == RunConfig(classes=3, dimension=2, per_class=4, steps=50, seed=3, learning_rate=0.2)
    assert said["digest"] == run.config.digest
    assert said["step"] == 50
    assert said["time"] == pytest.approx(10.0)
    assert said["log_time"] == pytest.approx(np.log(10.0))
    assert said["loss"] == run.loss[-1]
    assert said["log_loss"] == run.log_loss[-1]
    assert said["stop_reason"] == "The run took all its 50 steps."
    assert said["seconds"] > 0
    for name, value in slow_metrics(run.W[-1], run.H[-1], run.labels).items():
        assert said[name] == pytest.approx(value, rel=1e-9, abs=1e-12), name


@pytest.mark.parametrize("method", PARAMETERS["method"].choices)
def test_every_option_reaches_the_config(call, empty, method):
    given = {
        "initialisation": "merged-classes",
        "margin": "1.5",
        "push": "0.05",
        "push_along": "2",
        "initial_scale": "0.5",
        "seed": "9",
        "momentum": "0.5",
        "loss_reduction": "mean",
        "snapshots": "20",
        "engine": "compiled",
        "device": "cpu",
        "dtype": "float64",
        "method": method,
        "learning_rate": "0.25",
        "classes": "3",
        "dimension": "4",
        "per_class": "2",
        "class_sizes": "2,2,2",
        "steps": "1e2",
        "log_time": "30",
        "fast_forward": "2e1",
        "tolerance": "1e-6",
        "loss": "cross-entropy",  # no flow knows of another rule
        "smoothing": "0.1",
        "weight_decay": "0",
        "weight_decay_h": "-1",
        "decay": "coupled",
        "beta2": "0.9",
        "epsilon": "1e-6",
        "norm_bound_w": "none",
        "norm_bound_h": "none",
        "feature_norm": "none",
    }
    assert set(given) == set(PARAMETERS)
    if method == "gradient-flow":
        del given["fast_forward"]  # refused beside a flow
    options = [word for name, value in given.items() for word in ("--" + name.replace("_", "-"), value)]
    code, out, _ = call("run", *options, "--out", empty / "r.npz")
    assert code == 0
    assert strict(out)["digest"] == RunConfig.from_mapping(given).digest


def test_what_is_not_defined_or_not_finite_is_null(call, empty, tmp_path):
    np.savez(tmp_path / "origin.npz", W=np.zeros((3, 2)), H=np.zeros((2, 6)))
    code, out, _ = call("run", "--steps", 5, "--initial-state", tmp_path / "origin.npz", "--out", empty / "r.npz")
    assert code == 0
    said = strict(out)
    assert said["nc1"] is None
    assert said["gamma"] is None
    assert said["q_min"] == 0.0
    start = 40.0 * np.eye(3)
    np.savez(tmp_path / "far.npz", W=start, H=np.repeat(start, 2, axis=1))
    code, out, _ = call(
        "run",
        "--method",
        "normalised-gradient-descent",
        "--steps",
        5,
        "--initial-state",
        tmp_path / "far.npz",
        "--out",
        empty / "r.npz",
    )
    said = strict(out)
    assert code == 0
    assert said["time"] is None
    assert said["loss"] == 0.0
    assert said["log_time"] > 1500
    assert said["log_loss"] < -1500


def test_an_initial_state_sets_the_sizes(call, empty, tmp_path):
    W, H = gaussian(5, 2, 3)
    np.savez(tmp_path / "start.npz", W=W, H=H)
    code, _, _ = call("run", "--steps", 10, "--initial-state", tmp_path / "start.npz", "--out", empty / "r.npz")
    run = load_run(empty / "r.npz")
    assert code == 0
    assert (run.config.classes, run.config.dimension, run.config.per_class) == (5, 2, 3)
    assert np.array_equal(run.W[0], W)
    assert np.array_equal(run.H[0], H)


def test_options_beside_a_config_file_win(call, empty, tmp_path):
    (tmp_path / "run.json").write_text(RunConfig(classes=3, dimension=2, steps=40, seed=7).to_json())
    code, out, _ = call("run", "--config", tmp_path / "run.json", "--seed", 8, "--out", empty / "r.npz")
    assert code == 0
    assert strict(out)["digest"] == RunConfig(classes=3, dimension=2, steps=40, seed=8).digest


def test_divergence_is_exit_3_with_everything_saved(call, empty):
    code, out, err = call("run", "--learning-rate", 20, "--out", empty / "run.npz")
    said, run = strict(out), load_run(empty / "run.npz")
    assert (code, err) == (3, "")
    assert "stability limit" in said["stop_reason"]
    assert said["stop_reason"] == run.stop_reason
    assert said["step"] == run.step[-1] < 10_000
    assert run.outcome == "diverged"


# -- gradient flow -------------------------------------------------------------------------------------------------


def test_a_flow_from_a_given_start_says_what_it_cost_and_comes_back(call, empty, tmp_path):
    W, H = gaussian(4, 3, 30)
    np.savez(tmp_path / "start.npz", W=W, H=H)
    options = ("--method", "gradient-flow", "--log-time", 690, "--initial-state", tmp_path / "start.npz")
    code, out, err = call("run", *options, "--out", empty / "run.npz")
    assert (code, err) == (0, "")
    said, run = strict(out), load_run(empty / "run.npz")
    assert 500 < said["right_hand_sides"] <= 3000  # this start leaves a saddle late
    assert said["seconds"] > 0
    assert said["log_time"] == 690.0
    assert said["log_loss"] == run.log_loss[-1] < -690
    assert said["gamma"] > 0.9
    assert said["stop_reason"] == "The flow reached t = e^690."
    assert "hand_over_error" not in said
    assert np.array_equal(run.W[0], W)
    assert (run.outcome, run.hand_over, run.velocity.W.any()) == ("done", None, False)


def test_fast_forward_carries_a_run_on_and_says_how_well_it_fits(call, empty):
    code, out, _ = call("run", *QUICK, "--fast-forward", "1e3", "--out", empty / "run.npz")
    assert code == 0
    said, run = strict(out), load_run(empty / "run.npz")
    assert said["stop_reason"] == "The run took all its 50 steps, and the flow carried it on to t = e^1,000."
    assert said["log_time"] == 1000.0
    assert (said["time"], said["loss"]) == (None, 0.0)
    assert 0 < said["hand_over_error"] == run.hand_over.error < 0.1
    assert run.step[run.hand_over.frame] == run.hand_over.step == 50
    assert run.log_time[run.hand_over.frame] == run.hand_over.log_time == pytest.approx(np.log(5.0))
    assert said["right_hand_sides"] > 100


def test_a_flow_that_stalls_is_exit_3_with_everything_saved(call, empty, monkeypatch):
    monkeypatch.setattr(limits, "MOST_RIGHT_HAND_SIDES", 5000)
    options = ("--method", "gradient-flow", "--classes", 3, "--dimension", 1, "--per-class", 4)
    code, out, err = call("run", *options, "--out", empty / "run.npz")
    said, run = strict(out), load_run(empty / "run.npz")
    assert (code, err) == (3, "")
    assert "cannot be separated" in said["stop_reason"]
    assert said["stop_reason"] == run.stop_reason
    assert run.outcome == "stalled"
    assert run.log_time[-1] == said["log_time"] < 1000


# -- refusals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(PARAMETERS))
def test_a_bad_value_is_refused_by_its_option(call, empty, name):
    parameter, option = PARAMETERS[name], "--" + name.replace("_", "-")
    for value in ("nonsense", "", "nan", "1\n2", "x" * 1000):
        answer = call("run", option, value, "--out", empty / "r.npz")
        refusal(answer, f"{option}: {name} = {value[:1]}", f"use {parameter.allowed()}", "for example")
    assert not list(empty.iterdir())


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--classes", "1"),
        ("--classes", "-3"),
        ("--dimension", "0"),
        ("--learning-rate", "0"),
        ("--learning-rate", "-0.5"),
        ("--momentum", "1"),
        ("--seed", "4294967296"),
        ("--steps", "1e8"),
        ("--snapshots", "1"),
        ("--log-time", "1e10"),
        ("--log-time", "-21"),
        ("--fast-forward", "-1"),
        ("--tolerance", "0"),
        ("--tolerance", "1e-13"),
        ("--tolerance", "0.01"),
    ],
)
def test_a_value_out_of_range_is_refused_by_its_option(call, empty, option, value):
    p = PARAMETERS[option[2:].replace("-", "_")]
    refusal(
        call("run", option, value, "--out", empty / "r.npz"),
        option,
        f"= {value}",
        "out of range",
        p.allowed(),
        "for example",
    )
    assert not list(empty.iterdir())


def test_combinations_are_refused_too(call, empty):
    refusal(
        call("run", "--initialisation", "etf-perturbed", "--classes", 6, "--out", empty / "r.npz"),
        "--initialisation",
        "dimension 5 or more",
    )
    refusal(
        call("run", "--per-class", 100_000, "--dimension", 4096, "--out", empty / "r.npz"), "--per-class", "for example"
    )
    assert not list(empty.iterdir())


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["run"],
        ["run", "--out"],
        ["run", "--out", "r.npz", "--nope", "1"],
        ["run", "--out", "r.npz", "stray"],
        ["run", "--clas", "3", "--out", "r.npz"],
        ["measure"],
        ["measure", "a.npz", "--steps", "3"],
    ],
    ids=str,
)
def test_a_malformed_line_is_refused_in_one_line(call, arguments):
    refusal(call(*arguments), "python -m ulpm_core", "--help")


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["measure", "--help"]])
def test_help_helps(call, arguments):
    code, out, err = call(*arguments)
    assert (code, err) == (0, "")
    assert "python -m ulpm_core" in out
    if "run" in arguments:
        assert not re.search(r"default\s*(--|$)", out)
        for name, parameter in PARAMETERS.items():
            assert "--" + name.replace("_", "-") in out
            assert (
                parameter.choices[0] in out
                if parameter.choices
                else f"{parameter.low:.12g} to" in " ".join(out.split())
            )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "--config"),
        ("", "--config: config is not JSON"),
        ("[1]", "--config: config = [1] is not an object"),
        ("{", "not JSON"),
        ('{"classez": 4}', "classez"),
        ('{"classes": 1}', "classes = 1"),
        ('{"classes": NaN}', "classes = nan"),
        ('{"kind": "film"}', "kind"),
        ('{"seed": 1' + "0" * 5000 + "}", "config"),
        ("[" * 100_000, "--config"),
    ],
    ids=["missing", "empty", "array", "cut", "unknown", "range", "NaN", "kind", "long", "deep"],
)
def test_a_bad_config_file_is_refused(call, empty, tmp_path, text, said):
    path = tmp_path / "run.json"
    if text is not None:
        path.write_text(text)
    refusal(call("run", "--config", path, "--out", empty / "r.npz"), said)
    assert not list(empty.iterdir())


@pytest.mark.parametrize("text", ['{"classez": 4}', '{"kind": "film"}', '{"classes": 1}'])
def test_a_bad_entry_of_a_config_file_names_the_option_it_came_by(call, empty, tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    refusal(call("run", "--config", tmp_path / "run.json", "--out", empty / "r.npz"), "--config")


def test_a_config_file_that_is_no_text_is_refused(call, empty, tmp_path):
    (tmp_path / "run.json").write_bytes(b"\xff\xfe\x00")
    refusal(call("run", "--config", tmp_path / "run.json", "--out", empty / "r.npz"), "--config", "cannot be read")
    refusal(call("run", "--config", tmp_path, "--out", empty / "r.npz"), "--config", "cannot be read")


def bad_start(kind: str, path: Path) -> str:
    """Writes a start.npz that is none, and says what the refusal must name."""
    W, H = gaussian(3, 2, 2)
    if kind == "missing":
        return "does not exist"
    if kind == "no zip":
        path.write_text("W")
        return "cannot be read"
    if kind == "empty zip":
        with zipfile.ZipFile(path, "w"):
            return "no array W"
    arrays, said = {
        "NaN": ({"W": W * np.nan, "H": H}, "NaN"),
        "shape": ({"W": W, "H": H[:, :5]}, "5 columns for 3 classes"),
        "objects": ({"W": np.array([[{}]], dtype=object), "H": H}, "objects"),
        "no H": ({"W": W}, "no array H"),
        "text": ({"W": W.astype(str), "H": np.full((2, 6), "x")}, "H does not hold numbers"),
        "one class": ({"W": W[:1], "H": H}, "1 row"),
        "no dimension": ({"W": W[:, :0], "H": H[:0]}, "dimension"),
    }[kind]
    np.savez(path, **arrays)
    return said


@pytest.mark.parametrize(
    "kind", ["missing", "no zip", "empty zip", "NaN", "shape", "objects", "no H", "text", "one class", "no dimension"]
)
def test_a_bad_initial_state_is_refused_by_its_option(call, empty, tmp_path, kind):
    said = bad_start(kind, tmp_path / "start.npz")
    refusal(call("run", "--initial-state", tmp_path / "start.npz", "--out", empty / "r.npz"), "--initial-state", said)
    assert not list(empty.iterdir())


def test_an_out_that_cannot_be_written_is_refused(call, empty, monkeypatch):
    refusal(call("run", *QUICK, "--out", empty), "--out: out = ", "not a file in an existing folder", "run.npz")
    refusal(call("run", *QUICK, "--out", empty / "no" / "r.npz"), "--out: out = ", "existing folder")

    def disk_full(target, **arrays):
        Path(target).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", disk_full)
    refusal(call("run", *QUICK, "--out", empty / "r.npz"), "--out: out = ", "No space left")
    assert not list(empty.iterdir())


def test_bad_input_leaves_an_older_file_alone(call, empty):
    (empty / "r.npz").write_bytes(b"precious")
    refusal(call("run", "--classes", 1, "--out", empty / "r.npz"), "--classes")
    assert (empty / "r.npz").read_bytes() == b"precious"


def test_the_module_runs_as_a_process(tmp_path):
    code, out, err = process(tmp_path, "run", *QUICK, "--out", "run.npz")
    assert (code, err) == (0, "")
    assert strict(out)["step"] == 50
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]
    assert load_run(tmp_path / "run.npz").step[-1] == 50


def test_a_refusal_as_a_process_needs_no_traceback(tmp_path):
    answer = process(tmp_path, "run", "--classes", "one", "--out", "run.npz")
    refusal(answer, "--classes: classes = one is not a whole number")
    assert not list(tmp_path.iterdir())
