"""The three methods against the rules as written, and what each must conserve."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import (
    METHODS,
    SHAPES,
    TURNING,
    autograd_gradient,
    collapsed_flow,
    gaussian,
    naive_run,
    points,
    random_rotation,
    separated_gradient,
    slow_metrics,
)

from ulpm_core import Outcome, RunConfig, State
from ulpm_core.dynamics.simulate import simulate
from ulpm_core.model.etf import minimum_norm_optimum, simplex_etf

RATES = {"gradient-descent": 0.05, "momentum": 0.01, "normalised-gradient-descent": 0.003}
RATES |= {"adam": 0.003, "sign-descent": 0.001, "spectral-descent": 0.001}


def norm(*blocks: np.ndarray) -> float:
    return float(np.sqrt(sum((b**2).sum() for b in blocks)))


def end(W, H, steps, learning_rate, method="gradient-descent", **more):
    run = simulate(RunConfig(steps=steps, learning_rate=learning_rate, method=method, snapshots=3, **more), State(W, H))
    assert run.outcome is Outcome.DONE
    return run


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_thousand_steps_are_those_of_the_naive_recursion(shape, method, reduction):
    (K, _, n), (W, H) = shape, gaussian(*shape)
    rate = RATES[method] * (K * n if reduction == "mean" and method in ("gradient-descent", "momentum") else 1)
    slow_W, slow_H, time = naive_run(method, W, H, n, 1000, rate, 0.9, reduction)
    run = end(W, H, 1000, rate, method, loss_reduction=reduction)
    assert norm(run.last.W - slow_W, run.last.H - slow_H) <= 1e-9 * norm(slow_W, slow_H)
    assert norm(run.last.W - W, run.last.H - H) > 0.1 * norm(W, H)  # it did move
    assert run.log_time[-1] == pytest.approx(np.log(time), abs=1e-9)


@given(points(), st.sampled_from(METHODS), st.floats(0.0, 0.95), st.sampled_from(["sum", "mean"]))
def test_ten_steps_of_any_small_problem_are_those_of_the_naive_recursion(point, method, beta, reduction):
    W, H, n = point
    slow_W, slow_H, _ = naive_run(method, W, H, n, 10, 0.02, beta, reduction)
    run = end(W, H, 10, 0.02, method, momentum=beta, loss_reduction=reduction)
    assert norm(run.last.W - slow_W, run.last.H - slow_H) <= 1e-10 * norm(slow_W, slow_H)


@given(points(), st.sampled_from(["sum", "mean"]))
def test_the_first_velocity_is_the_gradient_of_autograd(point, reduction):
    W, H, n = point
    velocity = end(W, H, 1, 1e-3, "momentum", loss_reduction=reduction).velocity
    g_W, g_H = autograd_gradient(W, H, n, reduction)
    assert norm(velocity.W - g_W, velocity.H - g_H) <= 1e-13 * max(1.0, norm(g_W, g_H))


def separated(margin: float, K: int = 4, d: int = 3, n: int = 3, seed: int = 1):
    """A point whose smallest margin is `margin`: the simplex, unevenly pulled about by 2 %."""
    best, (dW, dH) = minimum_norm_optimum(K, d, n), gaussian(K, d, n, seed, 0.02)
    W, H = best.W + dW, best.H + dH
    scale = np.sqrt(margin / slow_metrics(W, H, np.repeat(np.arange(K), n))["q_min"])
    return W * scale, H * scale, n


@pytest.mark.parametrize("margin", [150.0, 199.0, 201.0, 400.0, 740.0, 760.0, 5000.0, 1e6])
def test_the_normalised_rule_keeps_direction_and_clock_where_the_gradient_underflows(margin):
    W, H, n = separated(margin)
    expected_W, expected_H, log_norm = separated_gradient(W, H, n)
    rate = 1e-3 * norm(W, H)
    run = end(W, H, 1, rate, "normalised-gradient-descent")
    moved_W, moved_H = (run.last.W - W) / -rate, (run.last.H - H) / -rate
    assert norm(moved_W - expected_W, moved_H - expected_H) < 1e-10 * max(1.0, margin / 1e3)
    assert norm(moved_W, moved_H) == pytest.approx(1.0, abs=1e-11)
    assert run.log_time[-1] == pytest.approx(np.log(rate) - log_norm, abs=1e-9 * margin)
    assert -log_norm > 0.9 * margin


def test_the_normalised_clock_is_a_sum_of_log_domain_steps():
    W, H, n = separated(740.0)
    rate, log_time = 1e-3 * norm(W, H), -np.inf
    run = end(W, H, 20, rate, "normalised-gradient-descent")
    for _ in range(20):
        g_W, g_H, log_norm = separated_gradient(W, H, n)
        W, H, log_time = W - rate * g_W, H - rate * g_H, np.logaddexp(log_time, np.log(rate) - log_norm)
    assert run.log_time[-1] > 720 > np.log(np.finfo(float).max)
    assert run.log_time[-1] == pytest.approx(log_time, rel=1e-10)
    assert np.isinf(run.time[-1])
    assert norm(run.last.W - W, run.last.H - H) <= 1e-9 * norm(W, H)
    assert run.loss[-1] == 0.0
    assert np.isfinite(run.log_loss).all()


@pytest.mark.parametrize("margin", [50.0, 199.0, 201.0, 500.0, 700.0])
def test_a_tiny_gradient_keeps_size_and_direction(margin):
    """Momentum's first velocity is the gradient: down to e^-700 it is the log-domain one."""
    W, H, n = separated(margin)
    g_W, g_H, log_norm = separated_gradient(W, H, n)
    velocity = end(W, H, 1, 1.0, "momentum").velocity
    found = norm(velocity.W / np.exp(log_norm), velocity.H / np.exp(log_norm))
    assert found == pytest.approx(1.0, abs=1e-10)
    assert np.abs(velocity.W / np.exp(log_norm) - g_W).max() < 1e-10
    assert np.abs(velocity.H / np.exp(log_norm) - g_H).max() < 1e-10


@pytest.mark.parametrize("method", METHODS)
def test_a_critical_point_is_not_left(method):
    run = end(np.zeros((3, 2)), np.zeros((2, 6)), 100, 0.1, method)
    assert not run.last.W.any()
    assert not run.last.H.any()
    assert run.log_loss == pytest.approx(np.full(len(run), np.log(6 * np.log(3))), abs=1e-14)


# -- what is conserved ---------------------------------------------------------------------------------------------


@given(points(high_scale=1.0), st.sampled_from(TURNING))
def test_the_sum_of_classifiers_is_conserved_to_rounding(point, method):
    W, H, _ = point
    run = end(W, H, 200, 0.01, method)
    assert np.abs(run.last.W.sum(axis=0) - W.sum(axis=0)).max() <= 1e-12 * max(1.0, norm(run.last.W))


@pytest.mark.parametrize("shape", [(3, 2, 10), (4, 3, 5), (2, 1, 1)], ids=str)
def test_the_balance_of_both_blocks_drifts_at_first_order_in_the_step(shape):
    """The flow conserves W^T W - H H^T; halving the step over a fixed time halves the drift (docs/theory.md 5.1)."""
    W, H = gaussian(*shape)
    drift = []
    for halvings in range(4):
        run = end(W, H, 1000 * 2**halvings, 2e-3 / 2**halvings)
        drift.append(norm(run.last.W.T @ run.last.W - run.last.H @ run.last.H.T - (W.T @ W - H @ H.T)))
    ratios = np.array(drift[:-1]) / np.array(drift[1:])
    assert np.all(np.abs(ratios - 2.0) < [0.02, 0.01, 0.005])


@given(points(high_scale=1.0), st.sampled_from(TURNING), st.integers(0, 99))
def test_turning_feature_space_turns_the_run(point, method, seed):
    W, H, _ = point
    R = random_rotation(W.shape[1], np.random.default_rng(seed))
    plain, turned = end(W, H, 100, 0.02, method), end(W @ R, R.T @ H, 100, 0.02, method)
    assert norm(plain.last.W @ R - turned.last.W, R.T @ plain.last.H - turned.last.H) <= 1e-9 * norm(
        plain.last.W, plain.last.H
    )
    assert turned.log_loss == pytest.approx(plain.log_loss, abs=1e-9)


@given(points(high_scale=1.0), st.sampled_from(METHODS), st.integers(0, 99))
def test_relabelling_classes_and_samples_relabels_the_run(point, method, seed):
    (W, H, n), rng = point, np.random.default_rng(seed)
    K, order = len(W), rng.permutation(len(W))
    columns = np.concatenate([k * n + rng.permutation(n) for k in order])
    plain, renamed = end(W, H, 100, 0.02, method), end(W[order], H[:, columns], 100, 0.02, method)
    assert columns.shape == (K * n,)
    assert norm(plain.last.W[order] - renamed.last.W, plain.last.H[:, columns] - renamed.last.H) <= 1e-9 * norm(
        plain.last.W, plain.last.H
    )


# -- the collapsed ray ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", TURNING)
def test_a_collapsed_simplex_stays_collapsed(method):
    K, d, n = 4, 3, 5
    M = simplex_etf(K, d)
    run = end(0.7 * M, np.repeat(0.3 * M, n, axis=0).T, 2000, 0.05, method)
    measured = slow_metrics(run.last.W, run.last.H, np.repeat(np.arange(K), n))
    for name in ("nc1", "nc1_trace_ratio"):
        assert measured[name] < 1e-25
    for name in ("nc2_norms", "nc2_angles", "nc2_norms_w", "nc2_angles_w", "nc3"):
        assert measured[name] < 1e-12, name
    assert measured["q_min"] > 4.0


def test_collapsed_features_stay_collapsed_off_the_simplex():
    run = simulate(RunConfig(initialisation="collapsed", per_class=6, steps=3000, seed=3))
    blocks = run.H.reshape(len(run), 3, 4, 6)
    assert np.abs(blocks - blocks[..., :1]).max() <= 1e-12 * np.abs(run.H).max()


@pytest.mark.parametrize(("a", "b"), [(0.5, 0.5), (1.5, 0.1), (5**0.25 * 0.8, 5**-0.25 * 0.8)])
def test_norms_on_the_collapsed_ray_follow_the_scalar_equation_at_first_order(a, b):
    """W = a M, H = b M^T Y with a' = K n q b, b' = K q a (docs/theory.md 5.4), integrated by SciPy."""
    K, d, n, time = 4, 3, 5, 2.0
    M = simplex_etf(K, d)
    flow_a, flow_b = collapsed_flow(a, b, K, n, time)
    errors = []
    for halvings in range(4):
        run = end(a * M, np.repeat(b * M, n, axis=0).T, 500 * 2**halvings, time / 500 / 2**halvings)
        found_a, found_b = norm(run.last.W) / np.sqrt(K - 1), norm(run.last.H) / np.sqrt(n * (K - 1))
        errors.append(np.hypot(found_a - flow_a, found_b - flow_b))
    ratios = np.array(errors[:-1]) / np.array(errors[1:])
    assert np.all(np.abs(ratios - 2.0) < [0.05, 0.03, 0.015])
    assert errors[-1] < 1e-3
    extrapolated = 2 * errors[-1] - errors[-2]  # the first-order term removed
    assert abs(extrapolated) < 1e-2 * errors[-1]


@settings(max_examples=10)
@given(st.integers(2, 5), st.integers(1, 5))
def test_the_balanced_ray_keeps_self_duality_and_gamma_one(K, n):
    best = minimum_norm_optimum(K, K, n)
    run = end(best.W, best.H, 500, 0.02)
    measured = slow_metrics(run.last.W, run.last.H, np.repeat(np.arange(K), n))
    assert measured["gamma"] == pytest.approx(1.0, abs=1e-12)
    assert measured["nc3"] < 1e-12
    assert measured["q_min"] > 1.0
