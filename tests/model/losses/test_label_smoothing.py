"""Label smoothing: autograd, closed forms, proofs, the steps as written, a generic solver, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from reference import labels_of, refused
from scipy.optimize import minimize
from scipy.special import softmax

from ulpm_core import RunConfig, State, simulate
from ulpm_core.dynamics.engines.batched.run import OneRun
from ulpm_core.dynamics.engines.compiled.run import CompiledRun
from ulpm_core.model.losses.cross_entropy import CrossEntropy
from ulpm_core.model.losses.label_smoothing import LabelSmoothing
from ulpm_core.model.objective import Objective
from ulpm_core.model.regularisers.weight_decay import WeightDecay

SMOOTH = {"loss": "label-smoothing"}
SIZES = st.lists(st.integers(1, 6), min_size=2, max_size=5)


def targets(sizes, smoothing):
    """(K, N), as they are defined."""
    K = len(sizes)
    return (1.0 - smoothing) * np.eye(K)[:, labels_of(K, tuple(sizes))] + smoothing / K


def entropy(K, smoothing):
    """That of one sample's targets."""
    own, other = 1.0 - smoothing + smoothing / K, smoothing / K
    return -own * math.log(own) - (K - 1) * other * math.log(other)


def point(sizes, d, seed=0, scale=0.7):
    rng = np.random.default_rng(seed)
    return scale * rng.standard_normal((len(sizes), d)), scale * rng.standard_normal((d, sum(sizes)))


def margins(run):
    """z_y - z_j at the end of a run, for j other than y."""
    Z = run.W[-1] @ run.H[-1]
    gaps = Z[run.labels, np.arange(Z.shape[1])] - Z
    return gaps[np.arange(len(Z))[:, None] != run.labels]


@given(SIZES, st.integers(1, 6), st.floats(1e-6, 0.999), st.floats(0.01, 4.0), st.integers(0, 999))
def test_value_residual_and_curvature_are_those_of_autograd(sizes, d, smoothing, scale, seed):
    (W, H), labels = point(sizes, d, seed, scale), labels_of(len(sizes), tuple(sizes))
    Z, dZ = W @ H, np.random.default_rng(seed + 1).standard_normal((len(sizes), sum(sizes)))
    loss, theirs = LabelSmoothing(smoothing), torch.tensor(Z, requires_grad=True)

    def slow(Z):
        options = {"reduction": "sum", "label_smoothing": smoothing}
        return torch.nn.functional.cross_entropy(Z.T, torch.as_tensor(labels), **options)

    value = slow(theirs)
    curved = torch.autograd.functional.hvp(slow, torch.tensor(Z), torch.tensor(dZ))[1].numpy()
    assert np.exp(loss.log_samples(Z, labels)).sum() == pytest.approx(value.item(), rel=1e-11)
    assert np.abs(loss.residual(Z, labels) - torch.autograd.grad(value, theirs)[0].numpy()).max() < 1e-12
    assert np.abs(loss.curvature(Z, labels, dZ) - curved).max() < 1e-12


@pytest.mark.parametrize("far", [1e3, 1e6, 1e100])
def test_logits_of_any_size_have_a_loss(far):
    Z, a = np.array([[far], [0.0], [-far]]), 0.3
    for label, exact in ((0, a / 3 * 3 * far), (2, 2 * far - a / 3 * 3 * far)):
        found = LabelSmoothing(a).log_samples(Z, np.array([label]))[0]
        assert found == pytest.approx(math.log(exact), rel=1e-13)
        assert np.isfinite(LabelSmoothing(a).residual(Z, np.array([label]))).all()


@given(SIZES, st.integers(1, 5), st.integers(0, 999))
def test_without_smoothing_it_would_be_cross_entropy(sizes, d, seed):
    (W, H), labels = point(sizes, d, seed), labels_of(len(sizes), tuple(sizes))
    assert np.array_equal(LabelSmoothing(0.0).residual(W @ H, labels), CrossEntropy().residual(W @ H, labels))
    nearly = LabelSmoothing(1e-9).log_samples(W @ H, labels)
    assert nearly == pytest.approx(CrossEntropy().log_samples(W @ H, labels), abs=1e-6)


@pytest.mark.parametrize("sizes", [(5, 5, 5), (6, 1, 9, 2), (20, 17), (1, 1, 1, 1, 1)])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_both_engines_take_the_steps_as_written(sizes, dtype, reduction):
    a, rate = 0.3, 0.05 * (1 if reduction == "sum" else sum(sizes))
    config = RunConfig(
        class_sizes=sizes, dimension=3, loss_reduction=reduction, learning_rate=rate, smoothing=a, dtype=dtype, **SMOOTH
    )
    (W, H), T = point(sizes, 3, scale=2.0), targets(sizes, a)
    start, share = State(W, H, config.labels), 1.0 if reduction == "sum" else 1.0 / sum(sizes)
    for _ in range(100):
        G = share * (softmax(W @ H, axis=0) - T)
        W, H = W - rate * G @ H.T, H - rate * W.T @ G
    for make in (CompiledRun, OneRun):
        run = make(config, start, 1e6)
        assert run.advance(100) == 100
        for ours, theirs in zip((run.W, run.H), (W, H), strict=True):
            assert np.abs(ours - theirs).max() < (1e-11 if dtype == "float64" else 1e-4)


@pytest.mark.parametrize("engine", ["compiled", "batched"])
def test_a_run_that_diverges_stops_at_the_value_that_is_too_large(engine):
    run = simulate(RunConfig(learning_rate=30.0, steps=50, engine=engine, **SMOOTH))
    assert run.outcome == "diverged"
    assert np.isfinite(run.value).all()


@pytest.mark.parametrize(("sizes", "d"), [((6, 6, 6, 6), 3), ((6, 6, 6, 6), 6), ((9, 4, 2), 2), ((9, 4, 2), 5)])
def test_without_decay_every_margin_ends_at_its_best_and_the_entropy_is_attained(sizes, d):
    run = simulate(RunConfig(class_sizes=sizes, dimension=d, smoothing=0.2, steps=20_000, seed=1, **SMOOTH))
    K, N = len(sizes), sum(sizes)
    assert run.rule == "label-smoothing"
    assert margins(run) == pytest.approx(math.log(1 + K * 0.8 / 0.2), abs=1e-9)
    assert run.ideal_value == pytest.approx(N * entropy(K, 0.2), rel=1e-14)
    assert run.value[-1] == pytest.approx(run.ideal_value, rel=1e-13)
    assert run.value.min() >= run.ideal_value * (1 - 1e-14)
    assert 0.0 <= run.certificate[-1] + 1e-15 < 1e-12
    assert np.isnan(run.distance_to_ideal).all()
    best = Objective.of(run.config).ideal
    assert best.W is None and best.margin == pytest.approx(math.log1p(K * 0.8 / 0.2), rel=1e-14)
    if d == K - 1:
        assert run.nc1[-1] < 1e-15
    else:
        assert run.nc1[-1] > 1e-5  # what features have outside the span of W, nothing takes away


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("decays", [(0.02, 0.02), (0.05, 0.01)])
def test_with_decay_a_run_ends_at_the_simplex_of_the_notes(reduction, decays):
    K, n, a = 4, 5, 0.2
    weight = 1.0 if reduction == "sum" else 1.0 / (K * n)
    tau = math.sqrt(n * decays[0] * decays[1]) / (K * n)  # of the mean; decays of the mean are N times smaller
    run = simulate(RunConfig(
        per_class=n, smoothing=a, weight_decay=decays[0] * weight, weight_decay_h=decays[1] * weight, dimension=5,
        loss_reduction=reduction, learning_rate=0.1 / weight, steps=20_000, **SMOOTH,
    ))  # fmt: skip
    mu = math.log(1 / (tau + a / K) - K + 1)
    assert margins(run) == pytest.approx(mu, abs=1e-7)
    value = math.log1p((K - 1) * math.exp(-mu)) + a * (K - 1) / K * mu + (K - 1) * tau * mu
    assert run.ideal_value == pytest.approx(K * n * weight * value, rel=1e-13)
    assert run.certificate[-1] <= 1e-9
    assert run.distance_to_ideal[-1] < 1e-5
    assert (run.W[-1] ** 2).sum(axis=1) == pytest.approx(
        (K - 1) / K * mu * math.sqrt(n * decays[1] / decays[0]), rel=1e-6
    )


def test_zero_is_the_optimum_from_the_threshold_on():
    K, n, a = 4, 5, 0.2
    threshold = (1 - a) / (K * math.sqrt(n))  # tau = sqrt(n) lambda = (1 - a)/K, mean
    models = [
        Objective(labels_of(K, n), K, 5, "mean", LabelSmoothing(a), WeightDecay(x * threshold, x * threshold))
        for x in (0.98, 1.0 + 1e-12)
    ]
    assert models[0].ideal.W.any()
    assert not models[1].ideal.W.any()
    assert models[1].ideal.value == pytest.approx(math.log(K), rel=1e-14)
    assert "W = 0, H = 0" in models[1].note


def test_sizes_that_differ_meet_a_generic_solver_and_prove_it():
    sizes, a, w = (7, 3, 1), 0.1, 0.05
    run = simulate(RunConfig(class_sizes=sizes, dimension=3, smoothing=a, weight_decay=w, steps=20_000, **SMOOTH))
    T, labels = targets(sizes, a), labels_of(3, sizes)

    def value(flat):
        """Of one point for each class: all samples of a class are alike at the optimum."""
        W, M = flat[:9].reshape(3, 3), flat[9:].reshape(3, 3)
        Z = W @ M[:, labels]
        f = (np.logaddexp.reduce(Z, axis=0) - (T * Z).sum(axis=0)).sum()
        return f + w / 2 * ((W**2).sum() + (np.array(sizes) * M**2).sum())

    found = min(minimize(value, np.random.default_rng(s).standard_normal(18), tol=1e-12).fun for s in range(3))
    assert run.value[-1] == pytest.approx(found, rel=1e-9)
    assert run.ideal_value == pytest.approx(found, rel=1e-9)
    run.minimised.__dict__["ideal"] = run.minimised.ideal._replace(value=math.nan)
    assert run.minimised.certificates(run.W[-1:], run.H[-1:], run.value[-1:])[0] <= 1e-9


@pytest.mark.parametrize(("bound", "inside"), [(2.0, False), (20.0, True)])
def test_within_bounds_the_simplex_lies_on_them_or_the_best_margin_inside(bound, inside):
    K, a = 4, 0.2
    run = simulate(RunConfig(
        per_class=5, dimension=5, smoothing=a, norm_bound_w=1.0, norm_bound_h=bound, steps=20_000, **SMOOTH
    ))  # fmt: skip
    mu = math.log(1 + K * (1 - a) / a) if inside else math.sqrt(bound) * K / (K - 1)
    assert margins(run) == pytest.approx(mu, abs=1e-7)
    assert run.value[-1] == pytest.approx(run.ideal_value, rel=1e-10)
    assert run.certificate[-1] <= 1e-9
    assert math.isnan(run.distance_to_ideal[-1]) is inside


def test_one_bound_leaves_the_best_margin_within_reach():
    run = simulate(RunConfig(per_class=5, norm_bound_w=0.5, steps=20_000, **SMOOTH))
    assert run.minimised.note == ""
    assert run.value[-1] == pytest.approx(20 * entropy(4, 0.1), rel=1e-9)


@given(SIZES, st.integers(1, 6), st.floats(1e-6, 0.999), st.floats(0.0, 2.0), st.integers(0, 999))
def test_what_a_state_proves_lies_below_every_value(sizes, d, smoothing, decay, seed):
    term = WeightDecay(decay, decay) if decay else None
    model = Objective(labels_of(len(sizes), tuple(sizes)), len(sizes), d, "sum", LabelSmoothing(smoothing), term)
    bound = float(model.lower_bound(*point(sizes, d, seed)))
    assert bound >= sum(sizes) * entropy(len(sizes), smoothing) * (1 - 1e-12) - 1e-12
    for other in range(4):
        value = float(model.value(*point(sizes, d, seed + other + 1, 0.1 + 0.4 * other)))
        assert bound <= value + 1e-10 * max(1.0, value)


def test_a_smoothing_that_plays_no_part_is_refused_and_digests_of_before_stay():
    with refused("smoothing", "0.25 plays no part with loss = cross-entropy", "loss label-smoothing beside it"):
        RunConfig(smoothing=0.25)
    with refused("smoothing", "plays no part with loss = squared-error"):
        RunConfig(loss="squared-error", smoothing=0.25)
    for value in (0.0, 1.0, -0.1, math.nan):
        with refused("smoothing", "use 1e-06 to 0.999, for example 0.1."):
            RunConfig(smoothing=value, **SMOOTH)
    assert "smoothing" not in RunConfig().to_json()
    assert RunConfig(smoothing=0.3, **SMOOTH).to_link() == {"loss": "label-smoothing", "smoothing": "0.3"}
    with refused("initialisation", "square", "gaussian"):
        RunConfig(initialisation="square", **SMOOTH)
