"""Fast-forward: the flow takes over after the last step, says how far it is off, and can be continued."""

from __future__ import annotations

import numpy as np
import pytest
from dynamics.flows import HANDED, same, size
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import (
    METHODS,
    log_time_flow,
)

from ulpm_core import Outcome, RunConfig, State
from ulpm_core.dynamics.simulate import simulate
from ulpm_core.files.run import load_run, save_run

# -- fast-forward --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS[:4])  # signs and isometries are far beyond t = e^200 by then
def test_after_the_last_step_the_flow_takes_over(method):
    config = HANDED.with_changes(method=method)
    run, bare = simulate(config), simulate(config.with_changes(fast_forward=0.0))
    frame = len(bare) - 1
    assert (run.hand_over.frame, run.hand_over.step) == (frame, 300)
    assert run.hand_over.log_time == bare.log_time[-1] == run.log_time[frame]
    assert 0 < run.hand_over.from_step <= 30
    assert run.hand_over.from_step in bare.step
    for name in ("W", "H", "step", "log_time", "log_loss"):
        assert np.array_equal(getattr(run, name)[: frame + 1], getattr(bare, name)), name
    assert run.log_time[-1] == 200.0
    assert run.step[frame + 1] > 300
    assert run.velocity.digest == bare.velocity.digest
    assert run.stop_reason == "The run took all its 300 steps, and the flow carried it on to t = e^200."
    start = State.reached(bare.W[-1], bare.H[-1])
    began = float(bare.log_time[-1])
    ((slow_W, slow_H),) = log_time_flow(start.W, start.H, 5, [began + 3.0], start=began)
    there = simulate(config.with_changes(fast_forward=began + 3.0))
    assert np.abs(there.W[-1] - slow_W).max() < 2e-6
    assert np.abs(there.H[-1] - slow_H).max() < 2e-6


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("steps", "fast_forward"), [(300, 0.0), (300, 50.0), (300, 6.0), (120, 200.0), (120, 0.0)])
def test_a_fast_forward_continued_is_the_longer_one(method, steps, fast_forward):
    """The steps alone, a shorter flow, fewer steps with a flow of their own: all are beginnings of it."""
    config = HANDED.with_changes(method=method)
    part = simulate(config.with_changes(steps=steps, fast_forward=fast_forward))
    assert same(simulate(config, resume=part), simulate(config))


@pytest.mark.parametrize("fast_forward", [0.0, 1.0, 6.0, 190.0])
def test_a_fast_forward_taken_back_is_the_shorter_one(tmp_path, fast_forward):
    long, short = simulate(HANDED), HANDED.with_changes(fast_forward=fast_forward)
    assert same(simulate(short, resume=long), simulate(short))
    save_run(long, tmp_path / "run.npz")
    assert same(simulate(short, resume=load_run(tmp_path / "run.npz")), simulate(short))
    assert same(simulate(HANDED, resume=load_run(tmp_path / "run.npz")), long)


def test_the_hand_over_error_is_that_of_the_steps_and_first_order_in_the_rate():
    errors = []
    for halvings in range(4):
        run = simulate(HANDED.with_changes(steps=200 * 2**halvings, learning_rate=0.02 / 2**halvings, snapshots=2000))
        over = run.hand_over
        past = list(run.step).index(over.from_step)
        assert over.from_step == 20 * 2**halvings
        ((slow_W, slow_H),) = log_time_flow(
            run.W[past], run.H[past], 5, [over.log_time], start=float(run.log_time[past])
        )
        apart = np.hypot(np.linalg.norm(run.W[over.frame] - slow_W), np.linalg.norm(run.H[over.frame] - slow_H))
        assert over.error == pytest.approx(apart / size(run)[over.frame], rel=1e-4)
        errors.append(over.error)
    ratios = np.array(errors[:-1]) / np.array(errors[1:])
    assert np.all(np.abs(ratios - 2.0) < [0.1, 0.05, 0.03]), ratios
    assert errors[-1] < 2e-3


def test_no_flow_follows_a_divergence():
    run = simulate(RunConfig(learning_rate=20.0, steps=5000, fast_forward=100.0))
    assert run.outcome is Outcome.DIVERGED
    assert run.flow is run.hand_over is None
    assert run.right_hand_sides == 0


def test_steps_that_are_there_already_need_no_flow():
    config = HANDED.with_changes(method="normalised-gradient-descent", steps=2000, fast_forward=8.0)
    run = simulate(config)
    assert run.log_time[-1] > 8.0
    assert (run.outcome, run.flow, run.hand_over) == (Outcome.DONE, None, None)
    assert run.stop_reason == "The run took all its 2,000 steps."


@settings(max_examples=15)
@given(st.integers(1, 200), st.integers(1, 200), st.floats(0.0, 60.0), st.sampled_from(METHODS), st.integers(0, 9))
def test_any_beginning_of_a_fast_forward_continues_to_the_same_end(one, other, end, method, seed):
    config = HANDED.with_changes(method=method, steps=max(one, other), fast_forward=60.0, seed=seed)
    part = simulate(config.with_changes(steps=min(one, other), fast_forward=end))
    assert same(simulate(config, resume=part), simulate(config))
