"""How many threads take the batched engine's steps: one where a step is small, else what a trial finds faster."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ulpm_core.dynamics.engines.batched import threads as batched_threads
from ulpm_core.dynamics.engines.batched.run import OneRun
from ulpm_core.dynamics.engines.batched.threads import Threads
from ulpm_core.model.config import RunConfig
from ulpm_core.model.initialisation import initial_state

SMALL, LARGE = RunConfig(), RunConfig(classes=100, dimension=128, per_class=50)


class Machine:
    """A clock that a step moves on by what it takes with as many threads as are set."""

    def __init__(self, **seconds: float):
        self.now, self.seconds, self.used = 0.0, seconds, []

    def step(self) -> None:
        self.used.append(torch.get_num_threads())
        self.now += self.seconds["one" if self.used[-1] == 1 else "four"]


@pytest.fixture
def four():
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    assert torch.get_num_threads() == 4  # as it was, whatever was tried
    torch.set_num_threads(before)


def machine(monkeypatch, **seconds: float) -> Machine:
    made = Machine(**seconds)
    for clock in ("perf_counter", "monotonic"):
        monkeypatch.setattr(batched_threads.time, clock, lambda: made.now)
    return made


def test_a_small_step_stays_on_one_thread(four, monkeypatch):
    idle = machine(monkeypatch, one=1.0, four=0.3)
    Threads(SMALL, 1).take(idle.step, 50)
    assert idle.used == [1] * 50


@pytest.mark.parametrize(("one", "all_four", "chosen"), [(1.0, 0.3, 4), (1.0, 1.2, 1)])
@pytest.mark.parametrize("at_once", [1, 3, 19])
def test_a_large_step_takes_what_is_faster(four, monkeypatch, one, all_four, chosen, at_once):
    found, threads = machine(monkeypatch, one=one, four=all_four), Threads(LARGE, 1)
    for _ in range(19 // at_once):
        threads.take(found.step, at_once)
    assert found.used[:4] == [1, 4, 4, 1]
    assert set(found.used[4:]) == {chosen}


def test_a_machine_that_grows_busy_is_noticed(four, monkeypatch):
    found, threads = machine(monkeypatch, one=1.0, four=0.5), Threads(LARGE, 1)
    threads.take(found.step, 10)
    found.seconds["four"] = 8.0
    threads.take(found.step, 12)
    assert threads.chosen == 4  # not asked yet
    threads.take(found.step, 5)
    assert threads.chosen == 1
    assert found.used[-1] == 1


def test_a_step_that_fails_leaves_the_threads_as_they_were(four):
    def fail() -> None:
        raise ValueError("as told")

    for config in (SMALL, LARGE):
        with pytest.raises(ValueError, match="as told"):
            Threads(config, 1).take(fail, 3)
        assert torch.get_num_threads() == 4


def test_a_run_is_the_same_whatever_takes_its_steps(four):
    """A small run, bit for bit; a large one to rounding."""
    large = RunConfig(classes=60, dimension=64, per_class=60, learning_rate=1e-3, engine="batched")
    assert batched_threads.worth_sharing(large)
    for config, within in ((SMALL, 0.0), (large, 1e-12)):
        ends = []
        for threads in (1, 4):
            torch.set_num_threads(threads)
            run = OneRun(config, initial_state(config), 1e9)
            run.advance(8)
            ends.append(run.W)
        assert np.abs(ends[0] - ends[1]).max() <= within
