"""The driver: continuation bit for bit, cancel, progress, divergence, and the stability limit."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import METHODS, dense_hessian, gaussian, labels_of, refused

from ulpm_core import Outcome, RunConfig, State
from ulpm_core.dynamics.simulate import simulate
from ulpm_core.dynamics.stability import stability_limit
from ulpm_core.files.run import load_run, save_run
from ulpm_core.model.initialisation import initial_state
from ulpm_core.model.objective import Objective


def same(one, two) -> bool:
    arrays = all(
        np.array_equal(getattr(one, a), getattr(two, a)) for a in ("W", "H", "labels", "step", "log_time", "log_loss")
    )
    velocity = one.velocity.digest == two.velocity.digest
    return (
        arrays and velocity and (one.config, one.outcome, one.stop_reason) == (two.config, two.outcome, two.stop_reason)
    )


SMALL = RunConfig(classes=3, dimension=2, per_class=5, steps=1500, learning_rate=0.05, seed=4)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("cut", [1, 2, 7, 333, 1024, 1499, 1500])
def test_a_run_continued_is_the_longer_run_bit_for_bit(method, cut):
    config = SMALL.with_changes(method=method)
    whole, part = simulate(config), simulate(config.with_changes(steps=cut))
    assert same(simulate(config, resume=part), whole)
    assert part.step[-1] == cut


@settings(max_examples=15)
@given(
    st.sampled_from(METHODS),
    st.integers(1, 400),
    st.integers(1, 400),
    st.integers(0, 99),
    st.sampled_from(["sum", "mean"]),
)
def test_any_two_cuts_and_a_file_in_between_change_nothing(tmp_path, method, one, other, seed, reduction):
    config = RunConfig(
        classes=4,
        dimension=3,
        per_class=3,
        steps=400,
        seed=seed,
        method=method,
        loss_reduction=reduction,
        learning_rate=0.03,
    )
    first = simulate(config.with_changes(steps=min(one, other)))
    save_run(first, tmp_path / "part.npz")
    second = simulate(config.with_changes(steps=max(one, other)), resume=load_run(tmp_path / "part.npz"))
    save_run(second, tmp_path / "part.npz")
    assert same(simulate(config, resume=load_run(tmp_path / "part.npz")), simulate(config))


@pytest.mark.parametrize("method", METHODS)
def test_a_given_start_survives_continuation(method):
    start = State(*gaussian(3, 2, 5, seed=8))
    config = SMALL.with_changes(method=method, classes=7, dimension=9)
    whole, part = simulate(config, start), simulate(config.with_changes(steps=77), start)
    assert (whole.config.classes, whole.config.dimension, whole.config.per_class) == (3, 2, 5)
    assert whole.config.initial_digest == start.digest
    assert same(simulate(whole.config, resume=part), whole)
    assert same(simulate(config, start, resume=part), whole)


@pytest.mark.parametrize("method", METHODS)
def test_a_cancelled_run_continues_to_the_same_end(method):
    config = SMALL.with_changes(method=method, steps=200_000, snapshots=5)
    stopped = simulate(config, progress=lambda p: p.fraction < 0.005)
    assert stopped.outcome is Outcome.CANCELLED
    at = int(stopped.step[-1])
    assert 1000 <= at < 200_000
    assert stopped.stop_reason == f"Cancelled at step {at:,} of 200,000."
    assert same(simulate(config, resume=stopped), simulate(config))


@pytest.mark.parametrize("method", METHODS)
def test_what_a_run_shows_while_running_can_be_continued(method):
    config, seen = SMALL.with_changes(method=method, steps=5000, snapshots=3), []
    whole = simulate(config, progress=lambda p: seen.append(p.so_far()))
    assert any(s.step[-1] < p for s, p in zip(seen[:-1], [500] * len(seen), strict=False))
    for so_far in (seen[0], seen[1], seen[-2]):
        assert so_far.outcome is Outcome.RUNNING
        assert so_far.stop_reason == f"Running: step {so_far.step[-1]:,} of 5,000."
        assert same(simulate(config, resume=so_far), whole)


def test_progress_counts_up_to_the_end_and_changes_nothing():
    seen = []
    run = simulate(SMALL, progress=lambda p: seen.append((p.fraction, p.words)))
    assert len(seen) > 3
    assert [f for f, _ in seen] == sorted(f for f, _ in seen)
    assert all(words == f"step {round(1500 * f):,} of 1,500" for f, words in seen)
    assert seen[-1] == (1.0, "step 1,500 of 1,500")
    assert same(run, simulate(SMALL))
    assert run.stop_reason == "The run took all its 1,500 steps."


@pytest.mark.parametrize(
    "change", [{"learning_rate": 0.06}, {"seed": 5}, {"method": "momentum"}, {"per_class": 6}, {"snapshots": 100}]
)
def test_another_run_cannot_be_continued(change):
    part = simulate(SMALL.with_changes(steps=10))
    with refused("resume", "other parameters", "only steps, log_time and fast_forward may change", next(iter(change))):
        simulate(SMALL.with_changes(**change), resume=part)


def test_a_run_from_another_start_cannot_be_continued():
    mine, other = State(*gaussian(3, 2, 5, seed=1)), State(*gaussian(3, 2, 5, seed=2))
    part = simulate(SMALL.with_changes(steps=10), mine)
    with refused("resume"):
        simulate(SMALL, other, resume=part)
    with refused("resume"):
        simulate(SMALL.with_changes(initial_digest=other.digest), resume=part)


def test_a_longer_or_diverged_run_cannot_be_continued():
    with refused("steps", "steps = 5", "went further at step 10", "use", "10 to 10000000 steps"):
        simulate(SMALL.with_changes(steps=5), resume=simulate(SMALL.with_changes(steps=10)))
    wild = RunConfig(learning_rate=20.0, steps=5000)
    with refused("steps", "steps = 9000", "diverged at step", "smaller learning_rate"):
        simulate(wild.with_changes(steps=9000), resume=simulate(wild))


# -- divergence ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "rate"), [("gradient-descent", 20.0), ("gradient-descent", 1e6), ("momentum", 5.0), ("momentum", 1e6)]
)
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_a_run_that_diverges_stops_and_says_why(method, rate, reduction):
    config = RunConfig(
        method=method, learning_rate=rate * (120 if reduction == "mean" and rate < 1e4 else 1), loss_reduction=reduction
    )
    run = simulate(config)
    assert run.outcome is Outcome.DIVERGED
    at = int(run.step[-1])
    assert 0 < at < config.steps
    for array in (run.W, run.H, run.log_loss, run.log_time[1:], run.velocity.W, run.velocity.H):
        assert np.isfinite(array).all()
    start_loss = max(math.exp(run.log_loss[0]), math.log(4) * (1 if reduction == "mean" else 120))
    assert run.log_loss[-1] > math.log(1000 * start_loss) - 1e-9
    assert np.all(run.log_loss[:-1] < math.log(1000 * start_loss) + math.log(120 * 4))
    limit = stability_limit(config, State(run.W[0], run.H[0]))
    assert run.stop_reason.startswith(f"Diverged at step {at:,}: learning rate {config.learning_rate:g} is above")
    assert f"the stability limit {limit:.2g} " in run.stop_reason
    assert run.stop_reason.count(".") - len(re.findall(r"\d\.\d", run.stop_reason)) == 1  # one sentence


def test_a_normalised_run_that_blows_up_is_not_compared_with_an_infinite_limit():
    run = simulate(RunConfig(method="normalised-gradient-descent", learning_rate=1e6, steps=50))
    assert run.outcome is Outcome.DIVERGED
    assert "inf" not in run.stop_reason
    assert "learning rate 1e+06" in run.stop_reason


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [1e3, 1e50, 1e100])
def test_the_largest_starts_allowed_end_in_words_not_in_an_exception(method, size):
    W, H = -size * np.eye(3), size * np.repeat(np.eye(3), 4, axis=1)
    run = simulate(RunConfig(learning_rate=1e6, steps=5, method=method), State(W, H))
    assert np.isfinite(run.W).all()
    assert np.isfinite(run.last.H).all()
    assert np.isfinite(run.log_loss).all()
    assert run.outcome in (Outcome.DONE, Outcome.DIVERGED)


def test_a_bad_start_is_no_divergence():
    """The limit is a thousand times the start's loss, however large that is: a run may come down from 1e5."""
    W, H = 30.0 * np.eye(3), -30.0 * np.repeat(np.eye(3), 4, axis=1)
    run = simulate(RunConfig(learning_rate=1e-3, steps=2000), State(W, H))
    assert run.outcome is Outcome.DONE
    assert run.loss[-1] < 1e-2 * run.loss[0]


# -- the stability limit -------------------------------------------------------------------------------------------

PEAKED = [(3, 2, 4, 0), (4, 3, 3, 1), (2, 2, 5, 2), (5, 4, 2, 3)]


def peaked_start(K: int, d: int, n: int, seed: int) -> tuple[RunConfig, State]:
    """Large features and classifiers that separate nothing: the curvature P(1-P) ||theta||^2 is largest here."""
    config = RunConfig(
        classes=K, dimension=d, per_class=n, seed=seed, initialisation="etf-perturbed", initial_scale=0.1
    )
    return config, initial_state(config)


@pytest.mark.parametrize("case", PEAKED, ids=str)
def test_the_limit_is_two_over_the_largest_eigenvalue(case):
    config, start = peaked_start(*case)
    problem, (W, H) = Objective.of(config), (start.W, start.H)
    top = np.abs(np.linalg.eigvalsh(dense_hessian(W, H, config.per_class))).max()
    peak = top
    for _ in range(200):  # the way down, in small steps: is the start really the peak?
        g_W, g_H = problem.gradient(W, H)
        W, H = W - 0.1 / top * g_W, H - 0.1 / top * g_H
        peak = (
            max(peak, np.abs(np.linalg.eigvalsh(dense_hessian(W, H, config.per_class))).max()) if _ % 20 == 0 else peak
        )
    assert stability_limit(config, start) == pytest.approx(2 / peak, rel=0.03)


@pytest.mark.parametrize("case", PEAKED, ids=str)
def test_the_limit_scales_as_it_must(case):
    config, start = peaked_start(*case)
    plain = stability_limit(config, start)
    heavy = stability_limit(config.with_changes(method="momentum", momentum=0.8), start)
    assert heavy == pytest.approx(1.8 * plain, rel=1e-12)
    mean = stability_limit(config.with_changes(loss_reduction="mean"), start)
    assert mean == pytest.approx(config.label_count * plain, rel=0.01)
    assert stability_limit(config.with_changes(method="normalised-gradient-descent"), start) == math.inf


@pytest.mark.parametrize("seed", range(4))
def test_below_the_limit_the_loss_only_falls(seed):
    config = RunConfig(classes=3, dimension=2, per_class=5, seed=seed, steps=300)
    limit = stability_limit(config, initial_state(config))
    run = simulate(config.with_changes(learning_rate=0.45 * limit))
    assert np.all(np.diff(run.log_loss) < 0)


def test_the_limit_at_the_origin_is_exact():
    """Eigenvalues +-sqrt(n) there; the gradient is zero, so the run never leaves: the limit is 2 / sqrt(n)."""
    config = RunConfig(classes=3, dimension=2, per_class=9)
    assert stability_limit(config, State(np.zeros((3, 2)), np.zeros((2, 27)))) == pytest.approx(2 / 3, rel=1e-6)


def test_an_untouchable_start_has_no_limit():
    best = gaussian(2, 1, 1)
    config = RunConfig(classes=2, dimension=1, per_class=1)
    start = State(1e6 * np.array([[1.0], [-1.0]]), 1e6 * np.array([[1.0, -1.0]]))
    assert stability_limit(config, start) == math.inf
    assert stability_limit(config, State(*best)) < math.inf


# -- the trajectory ------------------------------------------------------------------------------------------------


def test_a_trajectory_is_frozen_and_names_what_it_lacks():
    run = simulate(SMALL)
    with pytest.raises(ValueError, match="read-only"):
        run.W[0, 0, 0] = 1.0
    with pytest.raises(AttributeError, match=r"no nc1.*not measured"):
        _ = run.nc1
    assert len(run) == len(run.step)


@pytest.mark.parametrize(("method", "scale"), [("gradient-descent", 1.0), ("momentum", 10.0)])
def test_time_is_the_step_times_the_learning_rate(method, scale):
    run = simulate(SMALL.with_changes(method=method))
    assert run.time == pytest.approx(run.step * 0.05 * scale, rel=1e-12)
    assert run.log_time[0] == -math.inf


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_the_recorded_loss_is_that_of_the_recorded_state(reduction):
    run = simulate(SMALL.with_changes(loss_reduction=reduction))
    problem = Objective(labels_of(3, 5), 3, 2, reduction)
    assert run.loss == pytest.approx([problem.value(W, H) for W, H in zip(run.W, run.H, strict=True)], rel=1e-12)
