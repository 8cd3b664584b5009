"""Optimality by certificates: KKT residuals, proved bounds, a convex solver, and the known optima as KKT points."""

from __future__ import annotations

import numpy as np
import pytest
from analysis.sizes import labels_by_size
from hypothesis import assume, given
from hypothesis import strategies as st
from reference import (
    autograd_gradient,
    gaussian,
    labels_of,
    naive_gradient,
    random_rotation,
    separated_gradient,
)
from scipy.integrate import solve_ivp

from ulpm_core.analysis.metrics import metrics
from ulpm_core.analysis.separation import (
    certificate,
    direction_kkt,
    kkt_residual,
    largest_decrease,
    multipliers,
    separation_metrics,
    separation_optimum,
    smoothed_margin,
)
from ulpm_core.model.etf import minimum_norm_optimum
from ulpm_core.model.losses.cross_entropy import log_cross_entropy
from ulpm_core.model.multipliers import dual_matrix

NAMES = [
    "kkt_stationarity", "kkt_feasibility", "kkt_complementarity", "kkt_signs",
    "objective", "dual_bound", "duality_gap", "smoothed_margin",
]  # fmt: skip


SQUARE = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])


@st.composite
def separated(draw: st.DrawFn):
    """(W, H, labels): classes of any sizes, features near their own classifier, d below and above K-1."""
    K, d = draw(st.integers(2, 6)), draw(st.integers(2, 7))
    sizes = draw(st.lists(st.integers(1, 5), min_size=K, max_size=K))
    rng, labels = np.random.default_rng(draw(st.integers(0, 10_000))), labels_by_size(sizes)
    W = rng.standard_normal((K, d))
    W /= np.linalg.norm(W, axis=1, keepdims=True)
    H = W[labels].T * draw(st.floats(0.1, 30.0)) + draw(st.floats(0.0, 0.1)) * rng.standard_normal((d, len(labels)))
    gaps = (W @ H)[labels, np.arange(len(labels))] - W @ H
    gaps[labels, np.arange(len(labels))] = np.inf
    assume(gaps.min() > 1e-3)
    return W, H, labels


# -- residuals of a point and of a direction -------------------------------------------------------------------------


def test_each_residual_measures_its_own_violation():
    labels, best = labels_by_size((4, 2, 1)), separation_optimum((4, 2, 1), 3)
    W, H, P = best.W, best.H, best.multipliers
    assert kkt_residual(W, H, labels, 1.1 * P).stationarity == pytest.approx(0.1, abs=1e-12)  # (W, H) - 1.1 (W, H)
    assert kkt_residual(0.8 * W, 0.8 * H, labels, P).feasibility == pytest.approx(1 - 0.64, abs=1e-12)
    assert kkt_residual(2.0 * W, 2.0 * H, labels, P).feasibility == 0.0
    assert kkt_residual(2.0 * W, 2.0 * H, labels, P).complementarity == pytest.approx(3.0, abs=1e-12)
    assert kkt_residual(2.0 * W, 2.0 * H, labels, P).stationarity < 1e-12  # A does not scale
    largest, worst = P.max(), P.copy()
    worst[2, 0] = -largest / 4
    assert kkt_residual(W, H, labels, worst).signs == pytest.approx(0.25, abs=1e-12)
    assert kkt_residual(W, H, labels, P).signs == 0.0


@given(separated())
def test_multipliers_are_softmax_over_loss(point):
    W, H, labels = point
    E = np.exp(W @ H - (W @ H).max(axis=0))
    P = E / E.sum(axis=0)
    loss = -np.log(P[labels, np.arange(len(labels))]).sum()
    assume(loss > 1e-3)  # below that the naive logarithm loses digits
    A = dual_matrix(multipliers(W, H, labels), labels)
    assert np.allclose(A, (np.eye(len(W))[:, labels] - P) / loss, rtol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_stationarity_is_the_sine_between_state_and_gradient(seed):
    best, noise = minimum_norm_optimum(4, 6, 3), gaussian(4, 6, 3, seed, 0.15)
    W, H = best.W + noise[0], best.H + noise[1]
    g, theta = (np.concatenate([a.ravel(), b.ravel()]) for a, b in (autograd_gradient(W, H, 3), (W, H)))
    cosine = -(g @ theta) / (np.linalg.norm(g) * np.linalg.norm(theta))
    found = direction_kkt(W, H, labels_of(4, 3))
    assert found.stationarity == pytest.approx(np.sqrt(1 - cosine**2), rel=1e-9)
    assert 0.01 < found.stationarity < 0.99
    assert found.feasibility < 1e-15
    assert found.signs == 0.0


@pytest.mark.parametrize("margin", [0.5, 3.0, 30.0, 1e6, 1e8])
@pytest.mark.parametrize("n", [1, 5])
def test_the_square_is_stationary_but_its_bound_stays_apart(margin, n):
    """Neighbours weigh e^-mu, the opposite class e^-2mu, so A has norm 4 e^-mu sqrt(n) and everything is exact."""
    a, b, labels = n**0.25 * np.sqrt(margin), n**-0.25 * np.sqrt(margin), labels_of(4, n)
    W, H = a * SQUARE, b * np.repeat(SQUARE, n, axis=0).T
    opposite, kkt, proof = np.exp(-margin), direction_kkt(W, H, labels), certificate(W, H, labels)
    accuracy = 1e-15 + 1e-15 * margin  # a margin of 10^8 is a number known to 10^-8
    assert kkt.stationarity < 10 * accuracy
    assert kkt.feasibility < 1e-14
    assert kkt.complementarity == pytest.approx(opposite / (2 + opposite), abs=10 * accuracy)
    assert proof.primal == pytest.approx(4 * np.sqrt(n), rel=1e-14)
    assert proof.dual == pytest.approx((2 + opposite) * np.sqrt(n), rel=10 * accuracy)
    assert proof.gap == pytest.approx(4 / (2 + opposite) - 1, abs=10 * accuracy)


@pytest.mark.parametrize("margin", [1e-3, 1.0, 1e3, 1e6, 1e8])
@pytest.mark.parametrize(("K", "d", "n"), [(2, 1, 3), (3, 2, 1), (4, 3, 5), (10, 12, 2)])
def test_the_collapsed_ray_is_certified_at_every_margin(K, d, n, margin):
    best, labels, accuracy = minimum_norm_optimum(K, d, n), labels_of(K, n), 1e-13 + 1e-14 * margin
    values = separation_metrics(np.sqrt(margin) * best.W, np.sqrt(margin) * best.H, labels)
    for name in NAMES[:4]:
        assert values[name] < accuracy, name
    assert values["objective"] == pytest.approx((K - 1) * np.sqrt(n), rel=1e-12)
    assert abs(values["duality_gap"]) < accuracy
    found = multipliers(np.sqrt(margin) * best.W, np.sqrt(margin) * best.H, labels)
    if margin > 100:  # L = N (K-1) e^-mu: every pair has the same share
        assert found[labels != np.arange(K)[:, None]] == pytest.approx(1 / (K * n * (K - 1)), rel=accuracy)


@pytest.mark.parametrize("margin", [1e2, 1e6, 1e8])
def test_multipliers_know_margins_that_differ_by_log_three(margin):
    """Losses e^-M and e^-M / 3, both far below the smallest float: shares 3/4 and 1/4."""
    H = np.array([[margin, -margin - np.log(3.0)]])
    found = multipliers(np.array([[0.5], [-0.5]]), H, np.array([0, 1]))
    assert found == pytest.approx(np.array([[0.0, 0.25], [0.75, 0.0]]), abs=1e-15 * margin + 1e-12)


# -- bounds ----------------------------------------------------------------------------------------------------------


@given(separated())
def test_bounds_hold_the_optimum_between_them(point):
    """Weak duality at every separated state, in every d: dual <= optimum for d >= K-1 <= primal."""
    W, H, labels = point
    proof, best = certificate(W, H, labels), separation_optimum(np.bincount(labels), len(W)).value
    assert 0 < proof.dual <= best * (1 + 1e-12)
    assert best <= proof.primal * (1 + 1e-12)
    assert proof.gap == pytest.approx(proof.primal / proof.dual - 1, abs=1e-12)


@given(separated(), st.floats(0.1, 10.0), st.integers(0, 99))
def test_turning_and_scaling(point, c, seed):
    """Nothing sees a rotation; objective and the residual with given multipliers see no scale; gamma is its inverse."""
    W, H, labels = point
    R = random_rotation(W.shape[1], np.random.default_rng(seed))
    plain, turned = separation_metrics(W, H, labels), separation_metrics(W @ R, R.T @ H, labels)
    for name in NAMES:
        assert turned[name] == pytest.approx(plain[name], rel=1e-8, abs=1e-10, nan_ok=True), name
    assert certificate(c * W, c * H, labels).primal == pytest.approx(plain["objective"], rel=1e-10)
    P = multipliers(W, H, labels)
    scaled = kkt_residual(c * W, c * H, labels, P).stationarity
    assert scaled == pytest.approx(kkt_residual(W, H, labels, P).stationarity, rel=1e-10)
    if len(set(np.bincount(labels))) == 1:
        gamma = metrics(W, H, labels)["gamma"]
        bound = separation_optimum(np.bincount(labels), len(W)).value
        assert plain["objective"] * gamma == pytest.approx(bound, rel=1e-10)


@given(separated())
def test_the_order_of_samples_does_not_matter(point):
    W, H, labels = point
    order = np.random.default_rng(0).permutation(len(labels))
    plain, other = separation_metrics(W, H, labels), separation_metrics(W, H[:, order], labels[order])
    for name in NAMES:
        assert other[name] == pytest.approx(plain[name], rel=1e-9, abs=1e-11, nan_ok=True), name


# -- the smoothed margin ---------------------------------------------------------------------------------------------


@given(separated())
def test_the_smoothed_margin_is_its_definition_and_below_the_margin(point):
    W, H, labels = point
    values, log_loss = separation_metrics(W, H, labels), float(log_cross_entropy(W @ H, labels))
    energy = (W**2).sum() + (H**2).sum()
    if log_loss >= np.log(np.log(2)):
        assert np.isnan(values["smoothed_margin"])
        return
    assert values["smoothed_margin"] <= 1 / (2 * values["objective"]) * (1 + 1e-12)
    if log_loss > -10:
        expected = -np.log(np.expm1(np.exp(log_loss))) / energy
        assert values["smoothed_margin"] == pytest.approx(expected, rel=1e-10)


def test_the_smoothed_margin_beyond_float64_and_at_its_threshold():
    W, H = np.array([[3.0, 0.0]]), np.array([[0.0], [4.0]])  # ||theta||^2 = 25
    for log_loss in (-1e8, -1e4, -800.0):
        assert smoothed_margin(W, H, np.array(log_loss)) == -log_loss / 25
    W, H = np.repeat(W[None], 3, axis=0), np.repeat(H[None], 3, axis=0)
    at = np.log(1e-9) + np.array([-1e-7, 1e-7])  # where the series takes over
    below, above = smoothed_margin(W[:2], H[:2], at)
    assert below - above == pytest.approx(2e-7 / 25, rel=1e-6)
    half = np.log(np.array([np.log(1.5), np.log(2.0), 5.0]))  # e^L - 1 = 1/2; L = log 2; L = 5
    assert smoothed_margin(W, H, half) == pytest.approx([np.log(2) / 25, np.nan, np.nan], nan_ok=True)


@pytest.fixture(scope="module")
def flow() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradient flow by SciPy with the reference gradient, in arc length, which no underflow can stop: (T, ...)."""
    W, H = gaussian(3, 2, 2, seed=1, scale=0.3)

    def velocity(_: float, theta: np.ndarray) -> np.ndarray:
        g_W, g_H, _ = separated_gradient(theta[:6].reshape(3, 2), theta[6:].reshape(2, 6), 2)
        return -np.concatenate([g_W.ravel(), g_H.ravel()])

    start = np.concatenate([W.ravel(), H.ravel()])
    answer = solve_ivp(velocity, (0.0, 12.0), start, rtol=1e-9, atol=1e-10, t_eval=np.linspace(0, 12, 200))
    assert answer.success
    return answer.y[:6].T.reshape(-1, 3, 2), answer.y[6:].T.reshape(-1, 2, 6), labels_of(3, 2)


def test_along_the_flow_the_smoothed_margin_only_grows(flow):
    values = separation_metrics(*flow)
    grown = values["smoothed_margin"][np.isfinite(values["smoothed_margin"])]
    assert np.isnan(values["smoothed_margin"][0])
    assert len(grown) > 100
    assert largest_decrease(values["smoothed_margin"]) <= 1e-12
    assert largest_decrease(values["smoothed_margin"][::-1]) == pytest.approx(grown[-1] - grown[0])
    assert grown[-1] > 2 * grown[0]


def test_along_the_flow_the_gap_closes_and_the_bounds_meet_the_optimum(flow):
    values, best = separation_metrics(*flow), 2 * np.sqrt(2)
    late = values["duality_gap"][-60:]
    assert (np.diff(late) < 0).all()
    assert late[-1] < 0.02
    assert values["kkt_stationarity"][-1] < 0.1
    assert (values["dual_bound"][-60:] <= best * (1 + 1e-12)).all()
    assert (values["objective"][-60:] >= best * (1 - 1e-12)).all()


def test_the_largest_decrease_sees_slow_leaks():
    assert largest_decrease(np.array([1.0, 2.0, 2.0, 3.0])) == 0.0
    assert largest_decrease(np.array([3.0, 2.75, np.nan, 2.5, 2.25])) == 0.75  # no single step is that large
    assert np.isnan(largest_decrease(np.array([np.nan, 1.0])))


# -- stacks and undefined cases --------------------------------------------------------------------------------------


def test_a_stack_of_snapshots_is_measured_one_by_one(flow):
    W, H, labels = flow
    stacked = separation_metrics(W, H, labels)
    assert set(stacked) == set(NAMES)
    for t in (0, 60, 199):
        kkt, proof = direction_kkt(W[t], H[t], labels), certificate(W[t], H[t], labels)
        smooth = smoothed_margin(W[t], H[t], log_cross_entropy(W[t] @ H[t], labels))
        for name, value in zip(NAMES, [*kkt, *proof, smooth], strict=True):
            assert stacked[name].shape == (200,)
            assert stacked[name][t] == pytest.approx(float(value), rel=1e-9, abs=1e-14, nan_ok=True), name


def test_a_state_that_does_not_separate_has_no_direction(recwarn):
    labels = labels_of(3, 2)
    wrong = separation_optimum((2, 2, 2), 2)
    for W, H in [(wrong.W, -wrong.H), (np.zeros((3, 2)), np.zeros((2, 6))), (np.eye(3, 2), np.ones((2, 6)))]:
        values = separation_metrics(W, H, labels)
        for name in NAMES:
            assert np.isnan(values[name]), name
        assert np.isfinite(multipliers(W, H, labels)).all()
    assert not recwarn.list


def test_the_gradient_is_minus_the_pull():
    """-grad log L = (A H^T, W^T A), at a state that separates nothing."""
    (W, H), labels = gaussian(4, 3, 2), labels_of(4, 2)
    A, loss = dual_matrix(multipliers(W, H, labels), labels), np.exp(log_cross_entropy(W @ H, labels))
    g_W, g_H = naive_gradient(W, H, 2)
    assert np.allclose(A @ H.T, -g_W / loss, rtol=0, atol=1e-13)
    assert np.allclose(W.T @ A, -g_H / loss, rtol=0, atol=1e-13)
