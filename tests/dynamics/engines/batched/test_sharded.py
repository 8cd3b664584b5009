"""Two processes on this machine against one: the same run to rounding, with one collective a step."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
import torch.distributed as dist
from reference import METHODS as KNOWN
from reference import example_in, gaussian, refused

from ulpm_core import ConfigError, RunConfig, State
from ulpm_core.dynamics.engines.batched import sharded
from ulpm_core.dynamics.engines.batched.run import OneRun
from ulpm_core.dynamics.engines.cost import processes
from ulpm_core.model.etf import minimum_norm_optimum
from ulpm_core.model.rules.known import RULES

torch.set_num_threads(1)  # of two, on a busy machine, each waits for the other at every operation

SCRIPT = """
import json, sys
import numpy as np, torch, torch.distributed as dist
from ulpm_core import RunConfig, State
from ulpm_core.dynamics.engines.batched import sharded
from ulpm_core.dynamics.engines.cost import processes

torch.set_num_threads(1)
count, plain = [0], dist.all_reduce
def counted(*given, **more):
    count[0] += 1
    return plain(*given, **more)
dist.all_reduce = counted

folder = sys.argv[1]
sharded.begin("cpu")
rank = dist.get_rank()
for name in json.load(open(f"{folder}/names.json")):
    case = np.load(f"{folder}/{name}.npz")
    config = RunConfig.from_json(str(case["config"]))
    run = sharded.ShardedRun(config, State(case["W"], case["H"]), float(case["limit"]))
    count[0] = 0
    taken = [run.advance(int(steps)) for steps in case["steps"]]
    collectives, H = count[0], run.H
    kept = {f"kept_{block}": getattr(memory, block) for memory in run.memories for block in "WH"}
    np.savez(f"{folder}/{name}-{rank}.npz", W=run.W, H=H, **kept, taken=taken,
             log_time=run.log_time, diverged=run.diverged, collectives=collectives, world=processes())
sharded.end()
"""
PROCESSES = 2
METHODS = [name for name in KNOWN if not RULES[name].decomposes]
SHAPE = (5, 3, 5)
"""25 samples: one process holds 12 of them, the other 13, and the middle class is on both."""


class Case(NamedTuple):
    config: RunConfig
    start: State
    steps: tuple[int, ...] = (60, 40)
    limit: float = 1e6
    rounding: float = 1e-12

    def alone(self) -> tuple[OneRun, list[int]]:
        run = OneRun(self.config, self.start, self.limit)
        return run, [run.advance(steps) for steps in self.steps]


def config_of(shape: tuple[int, int, int], method: str, learning_rate: float, **more: object) -> RunConfig:
    K, d, n = shape
    return RunConfig(classes=K, dimension=d, per_class=n, method=method, learning_rate=learning_rate, **more)


def far(scale: float, method: str, learning_rate: float, steps: tuple[int, ...]) -> Case:
    """From near the simplex, `scale` times over: margins about scale^2."""
    K, d, n = shape = (4, 3, 5)
    best, (dW, dH) = minimum_norm_optimum(K, d, n), gaussian(K, d, n, 1, 0.02)
    start = State(scale * (best.W + dW), scale * (best.H + dH))
    return Case(config_of(shape, method, learning_rate), start, steps)


def all_cases() -> dict[str, Case]:
    K, _, n = SHAPE
    labels, start = np.repeat(np.arange(K), n), State(*gaussian(*SHAPE, seed=3))
    rates = {"gradient-descent": 0.05, "momentum": 0.01, "normalised-gradient-descent": 0.03}
    rates |= {"adam": 0.01, "sign-descent": 0.003}
    cases = {
        f"{method}-{reduction}": Case(config_of(SHAPE, method, rates[method], loss_reduction=reduction), start)
        for method in METHODS
        for reduction in ("sum", "mean")
    }
    sizes = (1, 9, 2, 6, 7)
    cases["uneven classes"] = Case(config_of(SHAPE, "momentum", 0.01).with_changes(class_sizes=sizes), start)
    decays = {"weight_decay": 0.05, "weight_decay_h": 0.004, "loss_reduction": "mean"}
    cases |= {
        f"weight decay, {method}": Case(config_of(SHAPE, method, rates[method], **decays), start) for method in METHODS
    }
    cases["squared error with decay"] = Case(
        config_of(SHAPE, "momentum", 0.01, loss="squared-error", weight_decay=0.05).with_changes(class_sizes=sizes),
        start,
    )
    balls = {"norm_bound_w": 0.1, "norm_bound_h": 0.2}
    cases["norm balls"] = Case(config_of(SHAPE, "momentum", 0.01, **balls), start)
    held = config_of(SHAPE, "gradient-descent", 0.05, **balls).with_changes(class_sizes=sizes)
    cases["norm balls, uneven classes"] = Case(held, start)
    smooth = config_of(SHAPE, "gradient-descent", 0.05, loss="label-smoothing", loss_reduction="mean", feature_norm=2.0)
    cases["label smoothing at one length"] = Case(smooth.with_changes(class_sizes=sizes), start)
    single = config_of(SHAPE, "normalised-gradient-descent", 0.03, dtype="float32")
    cases["single precision"] = Case(single, start, rounding=1e-4)
    cases["diverging"] = Case(config_of(SHAPE, "gradient-descent", 50.0), start, limit=200.0)
    gaps = start.W @ start.H - np.sum(start.W[labels].T * start.H, axis=0)
    total = gaps.max(axis=0).sum()  # each gap is at least 0, that of the true class
    cases["past its limit"] = Case(config_of(SHAPE, "momentum", 0.01), start, limit=0.95 * total)
    cases["margins 400"] = far(20.0, "normalised-gradient-descent", 0.1, (50, 50))
    cases["leaping margins"] = far(1000.0, "normalised-gradient-descent", 100.0, (7, 8))
    return cases


CASES = all_cases()


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, np.ndarray]]]:
    """What each of two processes found, for every case: one start of torchrun for all of them."""
    folder = tmp_path_factory.mktemp("sharded")
    (folder / "script.py").write_text(SCRIPT)
    (folder / "names.json").write_text(json.dumps(list(CASES)))
    for name, (config, start, steps, limit, _) in CASES.items():
        given = {"config": config.to_json(), "steps": steps, "limit": limit}
        np.savez(folder / f"{name}.npz", W=start.W, H=start.H, **given)
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(PROCESSES)]
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [*launch, str(folder / "script.py"), str(folder)],
        env=os.environ | threads,
        cwd=Path(__file__).parents[4],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {name: [dict(np.load(folder / f"{name}-{r}.npz")) for r in range(PROCESSES)] for name in CASES}


@pytest.mark.parametrize("name", CASES)
def test_two_processes_take_the_steps_of_one(name, together):
    (run, taken), rounding = CASES[name].alone(), CASES[name].rounding
    for found in together[name]:
        assert found["world"] == PROCESSES
        assert found["taken"].tolist() == taken
        assert found["diverged"] == run.diverged
        assert found["log_time"] == pytest.approx(run.log_time, rel=rounding)
        expected = {"W": run.W, "H": run.H}
        expected |= {f"kept_{block}": getattr(memory, block) for memory in run.memories for block in "WH"}
        assert ("kept_H" in expected) == (run.config.method in ("momentum", "adam"))
        for block, value in expected.items():
            assert np.linalg.norm(found[block] - value) <= rounding * np.linalg.norm(value), block
    moved = np.linalg.norm(run.W - CASES[name].start.W)
    assert moved > 1e-3 * np.linalg.norm(run.W) if any(taken) else moved == 0.0


@pytest.mark.parametrize("name", CASES)
def test_both_processes_hold_the_same_bits(name, together):
    first, second = together[name]
    assert all(np.array_equal(first[block], second[block]) for block in first)


@pytest.mark.parametrize(
    "name", [name for name, case in CASES.items() if case.limit == 1e6 and name != "leaping margins"]
)
def test_a_step_is_one_collective_and_a_projection_of_H_another_and_so_is_the_length_of_a_step(name, together):
    steps, config = CASES[name].steps, CASES[name].config
    more = (config.norm_bound_h < math.inf) + (config.method in ("adam", "sign-descent"))
    assert together[name][0]["collectives"] == sum(steps) * (1 + more) + len(steps)  # and one look at each end


def test_a_diverged_run_is_left_at_its_first_state_past_the_limit(together):
    found, at_once = together["diverging"][0], together["past its limit"][0]
    assert found["diverged"]
    assert 0 < found["taken"].sum() < sum(CASES["diverging"].steps)
    assert at_once["diverged"]
    assert at_once["taken"].sum() == 0


def test_a_step_with_a_reference_gone_wrong_is_void_and_tried_again(together):
    found, steps = together["leaping margins"][0], CASES["leaping margins"].steps
    assert found["taken"].tolist() == list(steps)
    assert sum(steps) + len(steps) < found["collectives"] <= 2 * sum(steps) + 2 * len(steps)


def test_without_torchrun_there_is_one_process(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert processes() == 1


def test_fewer_samples_than_processes_are_refused_with_a_number_that_works(monkeypatch):
    monkeypatch.setattr(dist, "get_world_size", lambda: 7)
    monkeypatch.setattr(dist, "get_rank", lambda: 0)
    config, start = config_of((3, 2, 2), "momentum", 0.1), State(*gaussian(3, 2, 2))
    with refused("per_class", "per_class = 2", "6 samples", "7 processes"):
        sharded.ShardedRun(config, start, 1e3)
    with pytest.raises(ConfigError) as caught:
        sharded.ShardedRun(config, start, 1e3)
    assert 3 * int(example_in(caught.value)) >= 7


def test_a_method_that_needs_the_gradient_of_all_samples_is_refused():
    config, start = config_of((3, 2, 2), "spectral-descent", 0.1), State(*gaussian(3, 2, 2))
    with refused("method", "spectral-descent", "without torchrun"):
        sharded.ShardedRun(config, start, 1e3)


def test_more_processes_than_devices_are_refused(monkeypatch):
    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with refused("device", "device = cuda", "1 GPUs", "process 2", "use cpu"):
        sharded.begin("cuda")
