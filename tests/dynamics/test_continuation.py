"""A flow that goes on from where it stopped is the longer flow, wherever it was stopped."""

from __future__ import annotations

import random

import numpy as np
import pytest
from dynamics.flows import FLOW, HANDED, same
from reference import (
    gaussian,
    refused,
)

from ulpm_core import Outcome, State
from ulpm_core.dynamics.simulate import simulate
from ulpm_core.files.run import load_run, save_run

# -- continuation, bit for bit -------------------------------------------------------------------------------------


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("cut", [-20.0, -1.0, 2.0, 10.0, 20.9, 25.0, 100.0, 689.9, 690.0])
def test_a_flow_continued_is_the_longer_flow(cut, reduction):
    config = FLOW.with_changes(loss_reduction=reduction)
    part = simulate(config.with_changes(log_time=cut))
    assert part.log_time[-1] == cut
    assert same(simulate(config, resume=part), simulate(config))


def test_many_short_continuations_are_one_long_flow():
    run = None
    for end in np.concatenate([np.linspace(-3, 20, 12), np.geomspace(21, 690, 12)]):
        run = simulate(FLOW.with_changes(log_time=float(end)), resume=run)
    assert same(run, simulate(FLOW.with_changes(log_time=690.0)))


def test_a_given_start_survives_continuation():
    start = State(*gaussian(3, 2, 4, seed=8))
    whole, part = simulate(FLOW, start), simulate(FLOW.with_changes(log_time=4.0), start)
    assert same(simulate(whole.config, resume=part), whole)
    assert same(simulate(FLOW, start, resume=part), whole)


@pytest.mark.parametrize("config", [FLOW, HANDED], ids=["flow", "fast-forward"])
def test_a_run_cancelled_at_any_moment_continues_to_the_same_end(config):
    calls = []
    whole = simulate(config, progress=lambda p: calls.append(p))
    fractions = [p.fraction for p in calls if p.words.startswith("t = ")]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    for stop in random.Random(1).sample(range(1, len(calls)), 12):
        left = [stop]

        def cancel(_, left=left):
            left[0] -= 1
            return left[0] > 0

        part = simulate(config, progress=cancel)
        assert part.outcome is Outcome.CANCELLED
        assert part.stop_reason.startswith("Cancelled at ")
        assert same(simulate(config, resume=part), whole)


def test_what_a_flow_shows_while_running_can_be_continued():
    seen = []
    whole = simulate(FLOW, progress=lambda p: seen.append(p.so_far()))
    for so_far in seen[:: len(seen) // 7]:
        assert so_far.outcome is Outcome.RUNNING
        assert so_far.stop_reason.startswith("Running: t = ")
        assert same(simulate(FLOW, resume=so_far), whole)


def test_a_shorter_or_another_flow_cannot_be_continued(tmp_path):
    run = simulate(FLOW)
    reached = run.flow.log_time
    with refused("log_time", "log_time = 600", "went further", f"log t = {reached:g}"):
        simulate(FLOW.with_changes(log_time=600.0), resume=run)
    with refused("resume", "tolerance = 1e-08, not 1e-06", "only steps, log_time and fast_forward may change"):
        simulate(FLOW.with_changes(tolerance=1e-6), resume=run)
    save_run(run, tmp_path / "run.npz")
    with refused("resume", "read from a file", "log_time"):
        simulate(FLOW, resume=load_run(tmp_path / "run.npz"))
