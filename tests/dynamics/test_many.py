"""Many runs at once are the single runs, whichever engine takes them; what they have in common is measured rightly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from reference import example_in

from ulpm_core import ConfigError, Outcome, Progress, RunConfig, simulate
from ulpm_core.analysis.ensemble import ensemble, starts
from ulpm_core.dynamics import many as module
from ulpm_core.dynamics.many import simulate_many

STEPS = RunConfig(classes=3, dimension=4, per_class=5, learning_rate=0.05, steps=300, snapshots=20)
FLOW = RunConfig(classes=4, dimension=8, per_class=3, method="gradient-flow", log_time=50.0, snapshots=40)


@pytest.mark.parametrize("engine", ["compiled", "batched"])
@pytest.mark.parametrize("method", ["gradient-descent", "momentum", "normalised-gradient-descent"])
def test_by_steps_each_is_the_single_run(method, engine):
    configs = [
        replace(STEPS, method=method, engine=engine, seed=s, learning_rate=rate, initial_scale=scale)
        for s, rate, scale in ((0, 0.05, 0.3), (1, 0.01, 0.3), (1, 0.05, 1.0))
    ]
    many = simulate_many(configs)
    for r, config in enumerate(configs):
        run = simulate(replace(config, engine="compiled"), separation=False)
        assert np.array_equal(many.step[r], run.step)
        for name in ("W", "H", "log_time"):
            assert np.abs(getattr(many, name)[r, 1:] - getattr(run, name)[1:]).max() <= 1e-11
        assert many.outcomes[r] is Outcome.DONE
        assert many.stop_reasons[r] == run.stop_reason


@pytest.mark.parametrize("engine", ["compiled", "batched"])
def test_flows_too_to_their_tolerance(engine):
    many = simulate_many([replace(FLOW, engine=engine, seed=s) for s in range(5)])
    for r in range(5):
        run = simulate(replace(FLOW, seed=r), separation=False)
        assert many.log_time[r, -1] == run.log_time[-1] == 50.0
        assert np.abs(many.H[r, -1] - run.last.H).max() <= 1e-5
        assert many.stop_reasons[r] == run.stop_reason
        assert (np.diff(many.log_time[r, : many.reached[r]]) > 0).all()
    assert (many.right_hand_sides > 100).all()


@pytest.mark.parametrize("engine", ["compiled", "batched"])
def test_one_that_diverges_ends_alone(engine):
    configs = [replace(STEPS, engine=engine, learning_rate=rate) for rate in (0.05, 80.0, 0.1)]
    many = simulate_many(configs)
    assert many.outcomes == (Outcome.DONE, Outcome.DIVERGED, Outcome.DONE)
    assert many.reached[0] == many.reached[2] == many.W.shape[1] > many.reached[1]
    assert many.stop_reasons[1].startswith(f"Diverged at step {many.step[1, -1]}")
    assert (many.H[1, many.reached[1] :] == many.H[1, many.reached[1] - 1]).all()
    assert np.isfinite(many.H).all()


@pytest.mark.parametrize("engine", ["compiled", "batched"])
@pytest.mark.parametrize(
    "config", [replace(STEPS, steps=10_000_000), replace(FLOW, log_time=1e8)], ids=["steps", "flow"]
)
def test_they_can_be_cancelled_in_the_middle_and_keep_what_there_is(config, engine):
    """Forty runs of seconds each, and none of them is waited for."""
    shares: list[float] = []

    def stop(now: Progress) -> bool:
        shares.append(now.fraction)
        assert now.words == f"{now.fraction:.1%} of 40 runs"
        assert Outcome.RUNNING not in now.so_far().outcomes
        return len(shares) < 3

    many = simulate_many(starts(replace(config, engine=engine), 40), stop)
    assert len(shares) <= 5
    assert shares[-1] < 1.0
    assert len(many.configs) == len(many.W) == len(many.stop_reasons) > 0
    assert Outcome.CANCELLED in many.outcomes
    for outcome, reason in zip(many.outcomes, many.stop_reasons, strict=True):
        assert reason.startswith("Cancelled at" if outcome is Outcome.CANCELLED else "The flow reached")
    assert np.isfinite(many.H).all()


def test_runs_of_different_shapes_or_more_than_memory_holds_are_refused(monkeypatch):
    with pytest.raises(ConfigError, match="seed, learning_rate"):
        simulate_many([STEPS, replace(STEPS, classes=4)])
    with pytest.raises(ConfigError, match="single runs"):
        simulate_many([replace(STEPS, fast_forward=10.0)])
    monkeypatch.setattr(module, "MOST_BYTES", 100_000)
    with pytest.raises(ConfigError, match="use 1 to") as refusal:
        simulate_many(starts(STEPS, 1000))
    fits = int(example_in(refusal.value))
    assert simulate_many(starts(STEPS, fits)).W.nbytes <= 100_000


def test_the_measures_are_those_of_the_single_runs_and_their_quantiles_numpys():
    found = ensemble(starts(FLOW, 6))
    for r in range(6):
        run = simulate(replace(FLOW, seed=FLOW.seed + r), separation=False)
        for name in ("gamma", "nc1", "nc2_angles", "nc3", "q_min"):
            assert found.final(name)[r] == pytest.approx(getattr(run, name)[-1], rel=1e-9)
        assert found.final("log_loss")[r] == pytest.approx(run.log_loss[-1], rel=1e-12)
    assert found.quantiles("gamma")["0.25"] == np.quantile(found.final("gamma"), 0.25)
    assert found.outcomes == {"done": 6}
    assert found.metrics["gamma"].shape == found.many.log_time.shape


def test_with_room_to_spare_margins_march_to_one_and_without_some_stick():
    """docs/theory.md 3.8: of K = 4, d = 3, tiny starts of one sample each, some are still near the square at e^20."""
    roomy = ensemble(starts(FLOW.with_changes(log_time=300.0, per_class=5), 24))
    assert roomy.final("gamma").min() > 0.99
    small = RunConfig(dimension=3, per_class=1, method="gradient-flow", log_time=20.0, initial_scale=0.01, seed=0)
    tight = ensemble(starts(small.with_changes(snapshots=10), 100))
    H = tight.many.H[:, -1]
    Z = np.einsum("rkd,rdn->rkn", tight.many.W[:, -1], H)
    shape = 3.0 * tight.final("q_min") / np.linalg.svd(Z - Z.mean(axis=1, keepdims=True), compute_uv=False).sum(axis=1)
    assert 0.05 < (shape < 0.9).mean() < 0.3  # 15 % of 200 seeds there


def test_a_second_interruption_waits_for_no_run_that_has_not_begun(monkeypatch):
    begun = []

    def follow(records, r, grid):
        begun.append(r)
        while records.tell(r, 0.0):
            pass

    def interrupt(share):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_follow", follow)
    with pytest.raises(KeyboardInterrupt):
        simulate_many(starts(replace(FLOW, engine="compiled"), 300), interrupt)
    assert len(begun) < 300


def test_progress_gives_the_runs_that_have_ended_as_they_are_at_the_end():
    seen: list[tuple[float, module.Many]] = []
    whole = simulate_many(starts(FLOW, 6), lambda now: seen.append((now.fraction, now.so_far())))
    assert [share for share, _ in seen] == sorted(share for share, _ in seen)
    share, last = seen[-1]
    assert (share, len(last.configs)) == (1.0, 6)
    for _, many in seen:
        for r, config in enumerate(many.configs):
            same = whole.configs.index(config)
            assert many.stop_reasons[r] == whole.stop_reasons[same]
            assert np.array_equal(many.H[r], whole.H[same])
