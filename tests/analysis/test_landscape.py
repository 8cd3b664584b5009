"""Curvature on the sphere against torch's Hessian, its spectrum by every route, and verdicts with their numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import autograd_gradient, autograd_hvp, dense_hessian, example_in, gaussian, labels_of, points, refused
from scipy.linalg import null_space

from ulpm_core import ConfigError, State
from ulpm_core.analysis.lanczos import extreme_eigenpairs
from ulpm_core.analysis.landscape import landscape, log_loss_floor
from ulpm_core.analysis.spectrum import least_eigenvalue, spectrum
from ulpm_core.analysis.verdict import STATIONARY, Verdict
from ulpm_core.model import curvature as curvature_module
from ulpm_core.model.curvature import Curvature
from ulpm_core.model.etf import minimum_norm_optimum
from ulpm_core.model.losses.cross_entropy import log_cross_entropy
from ulpm_core.model.objective import Objective
from ulpm_core.model.saddles.gallery import SADDLES

REDUCTIONS = ["sum", "mean"]


def flat(X: np.ndarray, V: np.ndarray) -> np.ndarray:
    return np.concatenate([X.ravel(), V.ravel()])


def loss_of(W, H, n, reduction="sum") -> float:
    return float(np.exp(log_cross_entropy(W @ H, labels_of(len(W), n), reduction)))


def tangent_spectrum(W, H, n, reduction="sum") -> tuple[np.ndarray, float]:
    """Eigenvalues of Hess L + lambda on {dir: <dir, theta> = 0} and lambda, by torch and an orthonormal null space."""
    theta, hessian = flat(W, H), dense_hessian(W, H, n, reduction)
    if not theta.any():
        return np.linalg.eigvalsh(hessian), 0.0
    multiplier = -float(flat(*autograd_gradient(W, H, n, reduction)) @ theta) / float(theta @ theta)
    Q = null_space(theta[None])
    return np.linalg.eigvalsh(Q.T @ (hessian + multiplier * np.eye(len(theta))) @ Q), multiplier


def simplex(K: int, d: int, n: int, margin: float) -> State:
    best = minimum_norm_optimum(K, d, n)
    return State(math.sqrt(margin) * best.W, math.sqrt(margin) * best.H)


@st.composite
def states(draw: st.DrawFn):
    """(State, n): generic, or with one feature a class, or with a dimension that nothing uses, or both, or zero."""
    W, H, n = draw(points(4, 0.05, 2.0))
    if draw(st.booleans()):
        H = np.repeat(H[:, ::n], n, axis=1)
    if draw(st.booleans()):
        W[:, 0], H[0] = 0.0, 0.0
    return State(W, H), n


# -- the form --------------------------------------------------------------------------------------------------------


@given(states(), st.integers(0, 99))
def test_the_product_is_that_of_autograd_over_the_loss(point, seed):
    state, n = point
    X, V = gaussian(*state.W.shape, n, seed, 1.0)
    form, L = Curvature.at(state), loss_of(state.W, state.H, n)
    theirs = flat(*autograd_hvp(state.W, state.H, X, V, n)) / L + form.multiplier * flat(X, V)
    assert flat(*form.product(X, V)) == pytest.approx(theirs, abs=1e-12 * max(1.0, np.linalg.norm(theirs)))
    assert form.quotient(X, V) == pytest.approx(float(flat(X, V) @ theirs / (flat(X, V) @ flat(X, V))), abs=1e-11)
    ours = Objective(labels_of(len(state.W), n), *state.W.shape).hessian_vector_product(state.W, state.H, X, V)
    assert flat(*ours) == pytest.approx(L * (theirs - form.multiplier * flat(X, V)), abs=1e-10)


@given(states())
def test_the_matrix_is_torch_s_hessian_plus_the_multiplier(point):
    state, n = point
    form, L = Curvature.at(state), loss_of(state.W, state.H, n)
    wanted = dense_hessian(state.W, state.H, n) / L + form.multiplier * np.eye(form.size)
    assert np.allclose(form.matrix(), wanted, rtol=0, atol=1e-12 * max(1.0, np.abs(wanted).max()))


def test_the_product_keeps_its_digits_where_the_loss_is_gone():
    """At margin 40 and 2,000 the square's tangent eigenvalue is -tanh(mu/2) lambda; P itself is 1 - e^-mu there."""
    for margin in (40.0, 2000.0):
        state = SADDLES["square"].state(4, 3, 2, margin)
        form = Curvature.at(state)
        up = np.outer([1.0, -1.0, 1.0, -1.0], np.eye(3)[2])
        down = 2**0.25 * up, 2**-0.25 * np.repeat(up, 2, axis=0).T
        assert form.quotient(*down) == pytest.approx(-form.multiplier * math.tanh(margin / 2), rel=1e-11)


def test_what_is_too_large_is_refused_before_it_takes_memory(monkeypatch):
    monkeypatch.setattr(curvature_module, "MOST_LOGITS", 100)
    Curvature.at(State(*gaussian(4, 2, 6)))
    with refused("per_class", "per_class = 7", "112 logits", "1 to 6"):
        Curvature.at(State(*gaussian(4, 2, 7)))
    try:
        Curvature.at(State(*gaussian(4, 2, 7)))
    except ConfigError as refusal:
        Curvature.at(State(*gaussian(4, 2, int(example_in(refusal)))))


# -- the spectrum ----------------------------------------------------------------------------------------------------


@given(states())
def test_the_spectrum_is_that_of_torch_with_every_multiplicity(point):
    state, n = point
    form, L = Curvature.at(state), loss_of(state.W, state.H, n)
    wanted, multiplier = tangent_spectrum(state.W, state.H, n)
    found = spectrum(form)
    assert found.complete
    assert found.certain
    assert L * form.multiplier == pytest.approx(multiplier, abs=1e-12)
    scale = max(1.0, np.abs(wanted).max())
    assert L * np.repeat(found.values, found.multiplicities) == pytest.approx(wanted, abs=1e-11 * scale)
    assert found.multiplicity == (wanted < wanted[0] + 1e-9 * scale).sum()
    assert (np.diff(found.values) > 0).all()
    assert least_eigenvalue(form) == pytest.approx(found.values[0], abs=1e-12 * scale / L)
    assert found.values[0] >= form.multiplier - found.norm - 1e-12 * scale / L  # the bound of least_eigenvalue


@given(states())
def test_eigenvectors_are_tangent_orthonormal_and_what_they_say(point):
    state, _ = point
    form, found = Curvature.at(state), spectrum(Curvature.at(state))
    vectors = np.concatenate([found.X.reshape(len(found.X), -1), found.V.reshape(len(found.V), -1)], axis=1)
    assert vectors @ vectors.T == pytest.approx(np.eye(len(vectors)), abs=1e-10)
    theta = flat(state.W, state.H)
    u = theta / (np.linalg.norm(theta) or 1.0)
    assert vectors @ u == pytest.approx(np.zeros(len(vectors)), abs=1e-10)
    for value, X, V in zip(found.lowest, found.X, found.V, strict=True):
        image = flat(*form.product(X, V))
        assert image - (image @ u) * u == pytest.approx(
            value * flat(X, V), abs=1e-9 * max(1.0, np.abs(found.values).max())
        )


@pytest.mark.parametrize(("K", "d", "n", "rank"), [(4, 3, 10, 3), (3, 9, 4, 9), (5, 8, 6, 7), (3, 6, 4, 2)])
def test_lanczos_finds_the_ends_of_what_the_dense_solver_finds(K, d, n, rank):
    W, H = gaussian(K, d, n, seed=K)
    W[:, rank:], H[rank:] = 0.0, 0.0
    form = Curvature.at(State(W, H))
    whole, ends = spectrum(form), spectrum(form, dense=20)
    assert whole.complete
    assert not ends.complete
    assert ends.certain
    assert ends.lowest == pytest.approx(whole.lowest, abs=1e-11)
    assert ends.values[[0, -1]] == pytest.approx(whole.values[[0, -1]], abs=1e-11)
    if rank < d:  # outside the span everything is known: there the least lies, and so often
        assert ends.multiplicity == whole.multiplicity == d - rank
    else:
        assert ends.multiplicity is None
        for X, V in zip(ends.X, ends.V, strict=True):
            assert any(abs((X * x).sum() + (V * v).sum()) > 1 - 1e-6 for x, v in zip(whole.X, whole.V, strict=True))


def test_a_search_that_costs_too_much_says_so():
    def product(x):
        return np.arange(300.0) * x

    values, vectors, found = extreme_eigenpairs(product, 300, 2, 10**12, 1.0)
    assert (values.size, vectors.shape, found) == (0, (300, 0), False)
    values, vectors, found = extreme_eigenpairs(product, 300, 3, 300, 1.0)
    assert found
    assert values == pytest.approx([0.0, 1.0, 2.0, 299.0], abs=1e-10)
    assert np.abs(vectors[[0, 1, 2, 299], [0, 1, 2, 3]]) == pytest.approx(np.ones(4), abs=1e-9)


def test_what_was_not_found_is_not_known(monkeypatch):
    monkeypatch.setattr("ulpm_core.analysis.lanczos.WORK", 1)
    state = State(*gaussian(4, 3, 5))
    found = spectrum(Curvature.at(state), dense=10)
    assert not found.certain
    assert found.multiplicity is None
    assert math.isnan(found.least(Curvature.at(state)))
    free = State(*(np.pad(block, pad) for block, pad in ((state.W, ((0, 0), (0, 1))), (state.H, ((0, 1), (0, 0))))))
    form = Curvature.at(free)
    assert spectrum(form, dense=10).least(form) == pytest.approx(float(spectrum(form, dense=999).values[0]), rel=1e-12)


@pytest.mark.parametrize(("K", "n", "d"), [(3, 1, 2), (4, 5, 3), (3, 2, 4), (2, 30, 1), (10, 100, 64)])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_the_origin_has_its_exact_spectrum(K, n, d, reduction):
    """-+sqrt(n), d(K-1) times each, and 0 d(nK - K + 2) times; over nK for the mean (docs/theory.md 3.4)."""
    found = landscape(State(np.zeros((K, d)), np.zeros((d, K * n))), reduction)
    per, root = (n * K if reduction == "mean" else 1), math.sqrt(n)
    assert found.eigenvalues == pytest.approx(np.array([-root, 0.0, root]) / per, abs=1e-12)
    assert found.multiplicities.tolist() == [d * (K - 1), d * (n * K - K + 2), d * (K - 1)]
    assert found.multiplicity == d * (K - 1)
    assert found.loss == pytest.approx(n * K * math.log(K) / per, rel=1e-14)
    assert (found.multiplier, found.residual, found.gap, found.norm) == (0.0, 0.0, 0.0, 0.0)
    assert found.negative_curvature == pytest.approx(-root / per, rel=1e-12)
    assert found.verdict is Verdict.SADDLE
    assert "The gradient vanishes" in found.sentence


# -- the numbers of a state ------------------------------------------------------------------------------------------


@given(states(), st.sampled_from(REDUCTIONS))
def test_slope_multiplier_and_norms_are_their_definitions(point, reduction):
    state, n = point
    W, H, found = state.W, state.H, landscape(point[0], reduction, pairs=0)
    g, theta = flat(*autograd_gradient(W, H, n, reduction)), flat(W, H)
    spread = np.exp(W @ H - (W @ H).max(axis=0))
    G = spread / spread.sum(axis=0) - np.eye(len(W))[:, labels_of(len(W), n)]
    G /= G.shape[1] if reduction == "mean" else 1
    energy = float(theta @ theta)
    multiplier = -2 * np.trace(G.T @ W @ H) / energy if energy else 0.0
    near = {"abs": 1e-12}
    assert found.loss == pytest.approx(loss_of(W, H, n, reduction), rel=1e-12)
    assert found.norm == pytest.approx(math.sqrt(energy), **near)
    assert found.gradient_norm == pytest.approx(np.linalg.norm(g), **near)
    assert found.multiplier == pytest.approx(multiplier, **near)
    assert found.tangent_gradient_norm == pytest.approx(np.linalg.norm(g + multiplier * theta), **near)
    assert found.gradient_operator_norm == pytest.approx(np.linalg.norm(G, 2), **near)
    assert 0.0 <= found.residual <= 1.0 + 1e-12
    assert found.eigenvectors[0].size == 0
    assert found.loss >= found.loss_floor * (1 - 1e-12)
    assert found.loss - found.gap <= found.loss_floor * (1 + 1e-12)  # the certificate: nothing lies lower


@given(states(), st.sampled_from(REDUCTIONS))
def test_the_negative_direction_goes_down_by_lambda_minus_the_norm_of_g(point, reduction):
    state, n = point
    W, H, found = state.W, state.H, landscape(point[0], reduction)
    room = W.shape[1] > np.linalg.matrix_rank(np.concatenate([W, H.T]))
    assert (found.negative_direction is not None) == room
    if not room:
        assert found.negative_curvature is None
        return
    X, V = found.negative_direction
    assert np.linalg.norm(flat(X, V)) == pytest.approx(1.0, rel=1e-12)
    assert flat(X, V) @ flat(W, H) == pytest.approx(0.0, abs=1e-12)
    assert np.abs(X @ H + W @ V).max() <= 1e-12 * max(1.0, np.abs(flat(W, H)).max())  # no logit moves
    curved = flat(*autograd_hvp(W, H, X, V, n, reduction)) @ flat(X, V) + found.multiplier
    assert found.negative_curvature == pytest.approx(found.multiplier - found.gradient_operator_norm, abs=1e-12)
    assert curved == pytest.approx(found.negative_curvature, abs=1e-12 * max(1.0, np.abs(W @ H).max()))
    assert found.least_tangent_eigenvalue == pytest.approx(found.negative_curvature, abs=1e-11)


@given(states())
def test_the_mean_is_the_sum_over_the_number_of_samples(point):
    state, n = point
    whole, mean, N = landscape(state), landscape(state, "mean"), state.W.shape[0] * n
    for name in ("loss", "loss_floor", "gap", "gradient_norm", "multiplier", "gradient_operator_norm"):
        assert getattr(mean, name) * N == pytest.approx(getattr(whole, name), rel=1e-12, abs=1e-14), name
    assert mean.eigenvalues * N == pytest.approx(whole.eigenvalues, rel=1e-12, abs=1e-14)
    assert (mean.verdict, mean.residual) == (whole.verdict, whole.residual)


def test_the_floor_is_the_loss_of_the_simplex_at_every_norm():
    for K, n, margin in [(4, 5, 3.0), (2, 1, 0.1), (10, 7, 30.0), (3, 2, 5000.0)]:
        state = simplex(K, K - 1, n, margin)
        norm = np.linalg.norm(flat(state.W, state.H))
        for reduction in REDUCTIONS:
            own = float(log_cross_entropy(state.W @ state.H, labels_of(K, n), reduction))
            assert float(log_loss_floor(np.array(norm), K, n, reduction)) == pytest.approx(own, rel=1e-12, abs=1e-12)
    assert log_loss_floor(np.array([[0.0, 1e9]]), 4, 1).shape == (1, 2)


# -- verdicts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("margin", [1e-3, 1.0, 100.0, 1e6, 1e8])
@pytest.mark.parametrize(("K", "d", "n"), [(2, 1, 3), (3, 2, 1), (4, 6, 5), (10, 9, 2)])
def test_the_simplex_is_the_global_minimiser_at_every_norm(K, d, n, margin):
    found = landscape(simplex(K, d, n, margin))
    assert found.verdict is Verdict.GLOBAL
    assert "does not exceed" in found.sentence
    assert found.negative_direction is None
    assert found.loss == pytest.approx(found.loss_floor, rel=1e-13 + 1e-15 * margin)
    assert found.gap <= 1e-12 * max(1.0, margin) * found.loss


def test_turned_and_slightly_off_it_is_still_the_minimiser_but_not_far_off():
    best, noise = simplex(4, 5, 3, 2.0), gaussian(4, 5, 3, 1, 1.0)
    R = np.linalg.qr(np.random.default_rng(0).standard_normal((5, 5)))[0]
    assert landscape(State(best.W @ R, R.T @ best.H)).verdict is Verdict.GLOBAL
    for size in (1e-12, 1e-9):
        assert landscape(State(best.W + size * noise[0], best.H + size * noise[1])).verdict is Verdict.GLOBAL
    far = landscape(State(best.W + 1e-4 * noise[0], best.H + 1e-4 * noise[1]))
    assert far.verdict is Verdict.NOT_CRITICAL
    assert f"{far.residual:.3g}".replace("-", "−") in far.sentence


@given(points(5, 0.05, 3.0))
def test_a_random_state_is_not_critical(point):
    W, H, _ = point
    found = landscape(State(W, H))
    assert found.verdict is Verdict.NOT_CRITICAL
    assert found.residual > STATIONARY


@given(points(5, 0.1, 2.0))
def test_every_finite_critical_point_is_a_strict_saddle(point):
    """docs/theory.md 3.1: all w_k equal, all class sums of features equal; L = N log K."""
    W, H, n = point
    K = len(W)
    H = H.reshape(len(H), K, n)
    H = H - H.mean(axis=2, keepdims=True) + H[:, :1, :1]
    found = landscape(State(np.repeat(W[:1], K, axis=0), H.reshape(len(H), -1)))
    assert found.gradient_norm < 1e-12 * max(1.0, np.abs(H).max(), np.abs(W).max())
    assert found.loss == pytest.approx(n * K * math.log(K), rel=1e-12)
    assert found.verdict is Verdict.SADDLE
    assert found.least_tangent_eigenvalue < -1e-3


@pytest.mark.parametrize(("K", "n"), [(3, 2), (3, 1), (4, 5), (2, 1)])
def test_the_reversed_simplex_is_a_strict_saddle_of_twice_its_multiplier(K, n):
    """W = aM, H = -bM^T: lambda < 0, least tangent eigenvalue 2 lambda, -3.255 at K = 3, n = 2 (docs/theory.md 3.2)."""
    best = simplex(K, K - 1, n, 0.5)
    found = landscape(State(best.W, -best.H))
    assert found.multiplier < 0.0
    assert found.least_tangent_eigenvalue == pytest.approx(2 * found.multiplier, rel=1e-12)
    assert math.isnan(found.curvature_ratio)
    assert found.verdict is Verdict.SADDLE
    if (K, n) == (3, 2):
        assert found.least_tangent_eigenvalue == pytest.approx(-3.255, abs=5e-4)


@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize("margin", [0.01, 1.0, 10.0, 1000.0])
@pytest.mark.parametrize("K", [4, 5, 6, 8])
def test_a_polygon_in_its_plane_is_a_minimum_and_no_simplex(K, n, margin):
    """Only the rotation is flat, nothing curves down; one dimension more and it is a strict saddle."""
    flat_one, free = (landscape(SADDLES["polygon"].state(K, d, n, margin)) for d in (2, 3))
    assert flat_one.verdict is Verdict.MINIMUM
    assert (flat_one.multiplicity, flat_one.negative_direction) == (1, None)
    assert abs(flat_one.least_tangent_eigenvalue) <= 1e-13 * max(1.0, margin) * flat_one.gradient_operator_norm
    assert flat_one.eigenvalues[1] >= 0.0
    assert f"needs {K - 1} dimensions" in flat_one.sentence
    assert flat_one.log_loss > float(log_loss_floor(np.array(flat_one.norm), K, n))
    assert free.verdict is Verdict.SADDLE
    assert free.log_loss == pytest.approx(flat_one.log_loss, rel=1e-12)


def test_where_flatness_outruns_rounding_it_is_undecided():
    found = landscape(SADDLES["polygon"].state(10, 2, 3, 0.01))  # further modes are flat to mu^8
    assert found.verdict is Verdict.UNDECIDED
    assert "3 directions are flat" in found.sentence
    assert "rotations explain only 1" in found.sentence
    for beyond in (simplex(3, 2, 1, 1e10), State(np.full((4, 3), 1e100), np.full((3, 20), -1e100))):
        found = landscape(beyond)
        assert found.verdict is Verdict.UNDECIDED
        assert "float64" in found.sentence
        assert found.least_tangent_eigenvalue >= found.multiplier - found.gradient_operator_norm  # rounding or not


def test_half_a_spectrum_makes_no_minimum(monkeypatch):
    state = SADDLES["square"].state(4, 2, 2, 1.0)
    monkeypatch.setattr("ulpm_core.analysis.landscape.spectrum", lambda form, pairs: spectrum(form, pairs, dense=10))
    found = landscape(state)
    assert found.verdict is Verdict.UNDECIDED
    assert "only its ends" in found.sentence


@pytest.mark.parametrize("margin", [1e-6, 1e-3])
def test_next_to_the_origin_a_saddle_is_still_told_from_the_minimiser(margin):
    """There ||G||_op - lambda is sqrt(n) mu / 2 of sqrt(n), and all losses are N log K to mu."""
    square, best = landscape(SADDLES["square"].state(4, 3, 5, margin)), landscape(simplex(4, 3, 5, margin))
    assert square.curvature_ratio == pytest.approx(-margin / 2, rel=margin)
    assert (square.verdict, best.verdict) == (Verdict.SADDLE, Verdict.GLOBAL)


def test_where_the_loss_underflows_ratios_and_words_remain():
    found = landscape(SADDLES["square"].state(4, 3, 5, 1000.0))
    assert (found.loss, found.multiplier, found.least_tangent_eigenvalue) == (0.0, 0.0, 0.0)
    assert found.log_loss == pytest.approx(math.log(40) - 1000, rel=1e-12)
    assert found.curvature_ratio == pytest.approx(-1.0, rel=1e-12)
    assert found.verdict is Verdict.SADDLE
    assert "−e^−998.5" in found.sentence  # 2 sqrt(5) e^-1000
