"""The loss, its gradient and its curvature: against autograd, against exact values, and where floats run out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import (
    SHAPES,
    autograd_gradient,
    autograd_hvp,
    dense_hessian,
    gaussian,
    labels_of,
    log_sample_loss,
    points,
    random_rotation,
    torch_loss,
)
from scipy.special import logsumexp

from ulpm_core.model.etf import minimum_norm_optimum, simplex_etf
from ulpm_core.model.losses.cross_entropy import CrossEntropy, log_cross_entropy, log_sample_losses
from ulpm_core.model.objective import Objective


def ulpm(K: int, d: int, n: int, reduction: str = "sum") -> Objective:
    return Objective(labels_of(K, n), K, d, reduction)


def norm(*blocks: np.ndarray) -> float:
    return float(np.sqrt(sum((b**2).sum() for b in blocks)))


@given(points(), st.sampled_from(["sum", "mean"]))
def test_loss_and_gradient_are_those_of_autograd(point, reduction):
    W, H, n = point
    model = ulpm(*W.shape, n, reduction)
    import torch

    assert model.value(W, H) == pytest.approx(
        float(torch_loss(torch.tensor(W), torch.tensor(H), n, reduction)), rel=1e-12
    )
    ours, theirs = model.gradient(W, H), autograd_gradient(W, H, n, reduction)
    for mine, other in zip(ours, theirs, strict=True):
        assert np.abs(mine - other).max() <= 1e-13 * max(1.0, norm(*theirs))


@given(points(), st.sampled_from(["sum", "mean"]), st.integers(0, 99))
def test_hessian_vector_product_is_that_of_autograd(point, reduction, seed):
    W, H, n = point
    X, V = gaussian(*W.shape, n, seed, 1.0)
    ours = ulpm(*W.shape, n, reduction).hessian_vector_product(W, H, X, V)
    theirs = autograd_hvp(W, H, X, V, n, reduction)
    assert norm(ours[0] - theirs[0], ours[1] - theirs[1]) <= 1e-12 * max(1.0, norm(*theirs))


@pytest.mark.parametrize("shape", [(2, 1, 1), (3, 2, 2), (4, 3, 2)])
def test_hessian_vector_products_assemble_the_dense_hessian(shape):
    (K, d, n), (W, H) = shape, gaussian(*shape)
    model, columns = ulpm(K, d, n), []
    for unit in np.eye(K * d + d * K * n):
        product = model.hessian_vector_product(W, H, unit[: K * d].reshape(K, d), unit[K * d :].reshape(d, -1))
        columns.append(np.concatenate([product[0].ravel(), product[1].ravel()]))
    assert np.allclose(np.array(columns), dense_hessian(W, H, n), atol=1e-13)


@pytest.mark.parametrize(("K", "n", "d"), [(3, 1, 2), (4, 5, 3), (3, 2, 4)])
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_the_origin_is_a_strict_saddle_with_exact_eigenvalues(K, n, d, reduction):
    """+-sqrt(n), each d(K-1) times, else 0; divided by nK for the mean (docs/theory.md 3.4)."""
    W, H, model = np.zeros((K, d)), np.zeros((d, K * n)), ulpm(K, d, n, reduction)
    per = K * n if reduction == "mean" else 1
    assert model.value(W, H) == pytest.approx(K * n * np.log(K) / per, rel=1e-14)
    assert norm(*model.gradient(W, H)) == 0.0
    found = np.linalg.eigvalsh(dense_hessian(W, H, n, reduction))
    many = d * (K - 1)
    expected = np.concatenate([np.full(many, -1.0), np.zeros(len(found) - 2 * many), np.full(many, 1.0)])
    assert np.allclose(found, expected * np.sqrt(n) / per, atol=1e-13)
    frame = simplex_etf(K, K - 1)[:, :1] @ np.eye(1, d)  # one downhill direction: W = u e^T, H = e u^T Y / sqrt(n)
    down = frame, np.repeat(frame.T, n, axis=1) / np.sqrt(n)
    curved = model.hessian_vector_product(W, H, *down)
    assert np.allclose(curved[0], -np.sqrt(n) / per * down[0], atol=1e-14)
    assert np.allclose(curved[1], -np.sqrt(n) / per * down[1], atol=1e-14)


@pytest.mark.parametrize(("K", "n", "mu", "loss"), [(4, 5, 3, 2.784126), (4, 5, 6, 0.148175)])
def test_loss_and_residual_of_the_scaled_simplex_are_the_golden_values(K, n, mu, loss):
    best = minimum_norm_optimum(K, K - 1, n)
    W, H = np.sqrt(mu) * best.W, np.sqrt(mu) * best.H
    assert ulpm(K, K - 1, n).value(W, H) == pytest.approx(loss, abs=5e-7)
    G = CrossEntropy().residual(W @ H, labels_of(K, n))
    assert np.linalg.norm(G, 2) == pytest.approx(K * np.sqrt(n) / (np.exp(mu) + K - 1), rel=1e-13)


@given(points(high_scale=2.0))
def test_the_loss_never_falls_below_its_floor_at_that_norm(point):
    """L >= N log(1 + (K-1) exp(-||theta||^2 / (2 (K-1) sqrt n))) for every d (docs/theory.md 2.6)."""
    W, H, n = point
    K = len(W)
    floor = K * n * np.log1p((K - 1) * np.exp(-(norm(W, H) ** 2) / (2 * (K - 1) * np.sqrt(n))))
    assert ulpm(*W.shape, n).value(W, H) >= floor * (1 - 1e-13)


@given(points(), st.integers(0, 99))
def test_rotation_and_relabelling_change_no_loss(point, seed):
    (W, H, n), rng = point, np.random.default_rng(seed)
    model, R, order = ulpm(*W.shape, n), random_rotation(W.shape[1], rng), rng.permutation(len(W))
    blocks = H.reshape(len(H), len(W), n)
    assert model.value(W @ R, R.T @ H) == pytest.approx(model.value(W, H), rel=1e-12)
    assert model.value(W[order], blocks[:, order].reshape(H.shape)) == pytest.approx(model.value(W, H), rel=1e-12)


@given(points())
def test_the_gradient_sums_to_zero_over_classes_and_euler_holds(point):
    """1^T G = 0, and the loss of degree 2 in theta gives <g, theta> = 2 tr(G^T Z) (docs/theory.md 1.2)."""
    W, H, n = point
    g_W, g_H = ulpm(*W.shape, n).gradient(W, H)
    assert np.abs(g_W.sum(axis=0)).max() <= 1e-13 * max(1.0, norm(g_W))
    G = CrossEntropy().residual(W @ H, labels_of(len(W), n))
    assert (g_W * W).sum() + (g_H * H).sum() == pytest.approx(2 * (G * (W @ H)).sum(), rel=1e-10, abs=1e-11)


@pytest.mark.parametrize(
    "margin",
    [
        -1e200,
        -1e6,
        -800.0,
        -701.0,
        -699.0,
        -40.0,
        -1.0,
        0.0,
        1.0,
        10.0,
        14.0,
        19.0,
        21.0,
        36.0,
        40.0,
        300.0,
        745.0,
        1e4,
        1e200,
    ],
)
@pytest.mark.parametrize("K", [2, 3, 7])
def test_log_loss_where_the_loss_underflows_and_where_it_is_huge(margin, K):
    Z = np.full((K, 1), -margin)
    Z[0] = 0.0
    expected = log_sample_loss(Z[:, 0], 0)
    assert log_sample_losses(Z, np.array([0]))[0] == pytest.approx(expected, rel=1e-13, abs=1e-13)
    many = log_cross_entropy(np.repeat(Z, 6, axis=1), np.zeros(6, dtype=int))
    assert many == pytest.approx(expected + np.log(6), rel=1e-13, abs=1e-13)
    assert log_cross_entropy(np.repeat(Z, 6, axis=1), np.zeros(6, dtype=int), "mean") == pytest.approx(
        expected, rel=1e-13, abs=1e-12
    )


@given(st.integers(2, 6), st.integers(1, 8), st.floats(-3, 3.5), st.integers(0, 999))
def test_log_loss_of_random_logits_at_every_magnitude(K, N, exponent, seed):
    rng = np.random.default_rng(seed)
    Z, labels = 10**exponent * rng.standard_normal((3, K, N)), rng.integers(0, K, N)
    for z, found in zip(Z, log_cross_entropy(Z, labels), strict=True):
        expected = logsumexp([log_sample_loss(z[:, i], y) for i, y in enumerate(labels)])
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_log_loss_does_not_break_where_its_formula_changes():
    """Across S = 1e-9 and log S = 700 the slope stays at most 1: no jump."""
    for edge in (np.log(1e-9), 700.0):
        gaps = edge + np.linspace(-1e-6, 1e-6, 101)
        values = log_sample_losses(np.stack([np.zeros(101), gaps]), np.zeros(101, dtype=int))
        assert np.all(np.diff(values) >= 0)
        assert np.diff(values).max() <= 2.1e-8


@pytest.mark.parametrize("margin", [30.0, 300.0, 700.0])
def test_a_tiny_gradient_keeps_its_relative_accuracy_in_the_true_class(margin):
    Z = np.array([[margin], [0.0], [-1.0]])
    G = CrossEntropy().residual(Z, np.array([0]))
    log_total = logsumexp(Z[1:, 0]) - logsumexp(Z[:, 0])
    assert -G[0, 0] == pytest.approx(np.exp(log_total), rel=1e-12)
    assert G.sum() == 0.0 or abs(G.sum()) <= 1e-16 * abs(G[0, 0])


@pytest.mark.parametrize("shape", SHAPES)
def test_mean_is_the_sum_divided_by_the_samples(shape):
    (K, d, n), (W, H) = shape, gaussian(*shape)
    total, mean = ulpm(K, d, n), ulpm(K, d, n, "mean")
    assert mean.value(W, H) * K * n == pytest.approx(total.value(W, H), rel=1e-13)
    for ours, theirs in zip(mean.gradient(W, H), total.gradient(W, H), strict=True):
        assert np.allclose(ours * K * n, theirs, rtol=1e-13, atol=1e-15)
