"""`python -m ulpm_core ensemble`, and `run` on other engines, in other precisions and over several processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cli.lines import QUICK, refusal, strict

from ulpm_core import RunConfig, simulate
from ulpm_core.files.run import load_run

SMALL = ["--classes", "3", "--dimension", "6", "--per-class", "2"]


def test_the_contract_line_prints_quantiles_and_saves_every_run(call, empty):
    code, out, err = call("ensemble", *SMALL, "--runs", 12, "--log-time", 30, "--seed", 5, "--out", empty / "e.npz")
    said = strict(out)
    assert (code, err) == (0, "")
    with np.load(empty / "e.npz", allow_pickle=False) as saved:
        assert saved["seed"].tolist() == list(range(5, 17))
        assert (saved["log_time"][:, -1] == 30.0).all()
        assert saved["W"].shape == (12, 3, 6)
        assert saved["H"].shape == (12, 6, 6)
        assert saved["stop_reason"].tolist() == ["The flow reached t = e^30."] * 12
        config = RunConfig.from_json(str(saved["config"]))
        for name in ("gamma", "nc1", "nc2_angles"):
            final = saved[name][:, -1]
            assert said[name] == {f"{q:g}": np.quantile(final, q) for q in (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)}
        alone = simulate(config.with_changes(seed=9))
        assert saved["gamma"][4, -1] == pytest.approx(alone.gamma[-1], rel=1e-9)
        assert said["right_hand_sides"] == saved["right_hand_sides"].sum()
    assert config.method == said["method"] == "gradient-flow"
    assert (said["runs"], said["outcomes"], said["digest"]) == (12, {"done": 12}, config.digest)
    assert said["seconds"] > 0


def test_steps_make_it_gradient_descent_and_what_diverges_is_counted(call, empty):
    code, out, _ = call("ensemble", *SMALL, "--runs", 5, "--steps", 100, "--out", empty / "e.npz")
    said = strict(out)
    assert (code, said["method"], said["outcomes"]) == (0, "gradient-descent", {"done": 5})
    assert "right_hand_sides" not in said
    code, out, _ = call("ensemble", *SMALL, "--runs", 5, "--learning-rate", 1e3, "--out", empty / "e.npz")
    assert (code, strict(out)["outcomes"]) == (3, {"diverged": 5})


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--runs", "0"], ["--runs", "runs = 0 is out of range: use 1 to 100000"]),
        (["--runs", "many"], ["runs = many is not a whole number"]),
        (["--seed", "4294967290"], ["seed = 4294967290 leaves fewer than 256 seeds: use 0 to 4294967040"]),
        (["--device", "tpu"], ["device = tpu", "use one of cpu"]),
        (["--fast-forward", "30", "--steps", "10"], ["fast_forward is for single runs"]),
        (["--steps", "10", "--log-time", "5"], ["steps is for runs by steps, and these are flows"]),
        (["--engine", "bached"], ["use one of auto, compiled, batched"]),
    ],
)
def test_bad_options_are_named_and_leave_nothing_behind(call, empty, options, parts):
    refusal(call("ensemble", *SMALL, *options, "--out", empty / "e.npz"), *parts)
    assert not list(empty.iterdir())


def test_runs_in_float32_and_on_the_batched_engine_are_saved_as_such(call, empty):
    for engine in ("compiled", "batched"):
        options = ["--engine", engine, "--dtype", "float32", "--out", empty / f"{engine}.npz"]
        assert call("run", *QUICK, *options)[0] == 0
    one, other = (load_run(empty / f"{engine}.npz") for engine in ("compiled", "batched"))
    assert one.config.dtype == "float32"
    assert np.abs(one.W - other.W).max() < 1e-5
    assert (one.H[-1] == one.H[-1].astype(np.float32)).all()


def test_two_processes_write_what_one_does(call, empty):
    """That they take the steps of one by every rule is said in tests/dynamics/engines/batched/test_sharded.py."""
    words = ["run", *QUICK, "--per-class", "5", "--engine", "batched", "--method", "momentum"]
    assert call(*words, "--out", empty / "one.npz")[0] == 0
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*torchrun, "-m", "ulpm_core", *words, "--out", str(empty / "two.npz")]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=Path(__file__).parents[2], env=environment, timeout=300
    )
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("{")]
    one, two = load_run(empty / "one.npz"), load_run(empty / "two.npz")
    assert json.loads(line)["digest"] == one.config.digest
    assert np.array_equal(one.step, two.step)
    assert np.abs(one.W - two.W).max() < 1e-12
    assert np.abs(one.H - two.H).max() < 1e-12
    for kept, memory in zip(one.memories, two.memories, strict=True):
        assert np.abs(kept.H - memory.H).max() < 1e-12
