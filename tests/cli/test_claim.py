"""`python -m ulpm_core claim`: a figure of a file in three forms, and refusals in one line."""

from __future__ import annotations

import json

import numpy as np
import pytest
from cli.lines import strict

from ulpm_core import RunConfig, simulate
from ulpm_core.files.run import save_run


@pytest.fixture
def saved(tmp_path):
    run = simulate(RunConfig(steps=200, snapshots=20))
    save_run(run, tmp_path / "run.npz")
    return run, tmp_path / "run.npz"


def test_it_prints_one_line_of_json_and_other_forms_when_asked(call, saved):
    run, path = saved
    code, out, err = call("claim", path, "gamma")
    assert (code, err) == (0, "")
    said = strict(out)
    assert said["value"] == run.gamma[-1] and said["at"]["step"] == 200
    code, out, _ = call("claim", path, "norm_w", "--step", "1", "--format", "text")
    assert code == 0 and out.startswith("Claim: norm_w = ") and " at step 1," in out
    code, out, _ = call("claim", path, "norm_w", "--log-time", str(run.log_time[3]), "--format", "latex")
    assert code == 0 and out.startswith("\\begin{description}") and f"step {run.step[3]}," in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["gama"], "gama is no figure of this file"),
        (["gamma", "--step", "199"], "--step: step = 199 was not recorded"),
        (["gamma", "--step", "x"], "--step: step = x"),
        (["gamma", "--log-time", "1e6"], "--log-time: log_time = 1000000 is outside this run"),
        (["gamma", "--format", "pdf"], "--format: format = pdf"),
        (["gamma", "--step", "1", "--log-time", "2"], "--log-time: log_time = 2 stands beside --step: give one"),
    ],
)
def test_what_is_not_there_is_refused_in_one_line(call, saved, words, said):
    code, out, err = call("claim", saved[1], *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_features_without_a_config_are_claimed_without_a_command(call, tmp_path):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "f.npz", H=rng.standard_normal((3, 8)), labels=np.repeat([0, 1], 4))
    code, out, _ = call("claim", tmp_path / "f.npz", "nc1_trace_ratio")
    said = json.loads(out)
    assert code == 0 and said["config"] is None and said["command"] == [] and len(said["digest"]) == 64
    code, _, err = call("claim", tmp_path / "f.npz", "gamma")
    assert code == 2 and call("claim", tmp_path / "f.npz", err.rpartition("for example ")[2].strip(" .\n"))[0] == 0


def test_a_faulty_array_is_said_of_the_file_and_not_of_an_option(call, saved, tmp_path):
    with np.load(saved[1]) as run:
        np.savez(tmp_path / "back.npz", **{**run, "step": run["step"][::-1]})
    code, _, err = call("claim", tmp_path / "back.npz", "gamma")
    assert code == 2 and "--step" not in err and "back.npz" in err
