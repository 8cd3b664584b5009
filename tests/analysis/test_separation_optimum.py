"""The optimum of the separation problem: its certificates, its value for any sizes, and the best values known."""

from __future__ import annotations

import cvxpy
import numpy as np
import pytest
from analysis.sizes import labels_by_size
from hypothesis import given
from hypothesis import strategies as st
from reference import (
    example_in,
    gaussian,
    labels_of,
    refused,
)
from scipy.optimize import nnls

from ulpm_core import ConfigError
from ulpm_core.analysis.optimum import best_known
from ulpm_core.analysis.separation import (
    certificate,
    kkt_residual,
    separation_optimum,
)
from ulpm_core.model.etf import minimum_norm_optimum, simplex_etf
from ulpm_core.model.multipliers import dual_matrix

UNEQUAL = [(3, 1), (4, 2, 1), (2, 2, 1, 1), (10, 10, 2, 2), (1, 1000, 1000), (2000, 1, 1, 1, 1)]


CENTRING = {K: np.eye(K) - 1 / K for K in range(2, 11)}


def nonnegative_multipliers(W: np.ndarray, H: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The lambda >= 0 on the active constraints that come nearest to W = A H^T, H = W^T A (SciPy's NNLS)."""
    columns, places = [], []
    for i, k in enumerate(labels):
        for j in range(len(W)):
            if j != k and (W[k] - W[j]) @ H[:, i] < 1 + 1e-9:
                A = np.zeros((len(W), len(labels)))
                A[k, i], A[j, i] = 1.0, -1.0
                columns.append(np.concatenate([(A @ H.T).ravel(), (W.T @ A).ravel()]))
                places.append((j, i))
    answer, _ = nnls(np.array(columns).T, np.concatenate([W.ravel(), H.ravel()]))
    found = np.zeros((len(W), len(labels)))
    found[tuple(np.array(places).T)] = answer
    return found


# -- the closed-form optimum -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("K", "d", "n", "value", "w", "h", "multiplier"),
    [
        (3, 4, 1, 2.0, 2 / 3, 2 / 3, 1 / 3),
        (4, 3, 5, 6.708204, 1.677051, 0.335410, 0.111803),
        (10, 9, 7, 23.811762, 2.381176, 0.340168, 0.037796),
    ],
)
def test_equal_classes_have_the_simplex_optimum(K, d, n, value, w, h, multiplier):
    best, known = separation_optimum((n,) * K, d), minimum_norm_optimum(K, d, n)
    assert np.allclose(best.W, known.W, rtol=0, atol=1e-13)
    assert np.allclose(best.H, known.H, rtol=0, atol=1e-13)
    assert best.value == pytest.approx(value, abs=1e-6)
    assert (best.W**2).sum(axis=1) == pytest.approx([w] * K, abs=1e-6)
    assert (best.H**2).sum(axis=0) == pytest.approx([h] * K * n, abs=1e-6)
    off = labels_of(K, n) != np.arange(K)[:, None]
    assert best.multipliers[off] == pytest.approx(multiplier, abs=1e-6)
    assert not best.multipliers[~off].any()


@given(st.lists(st.integers(1, 300), min_size=2, max_size=7), st.integers(0, 3))
def test_any_sizes_have_a_certified_optimum(sizes, more):
    """Margins 1, lambda > 0, stationarity, and ||A||_op = 1: primal and dual agree, so the value is proved."""
    K, labels = len(sizes), labels_by_size(sizes)
    best = separation_optimum(sizes, K - 1 + more)
    assert np.allclose(best.W @ best.H, CENTRING[K][:, labels], rtol=0, atol=1e-12)
    assert max(kkt_residual(best.W, best.H, labels, best.multipliers)) < 1e-12
    assert (best.multipliers > 0).sum() == len(labels) * (K - 1)
    assert np.linalg.norm(dual_matrix(best.multipliers, labels), 2) == pytest.approx(1.0, abs=1e-12)
    assert best.multipliers.sum() == pytest.approx(best.value, rel=1e-12)
    assert ((best.W**2).sum() + (best.H**2).sum()) / 2 == pytest.approx(best.value, rel=1e-12)


@pytest.mark.parametrize("sizes", UNEQUAL, ids=str)
def test_multipliers_stay_positive_however_unequal_the_classes(sizes):
    off = labels_by_size(sizes) != np.arange(len(sizes))[:, None]
    assert (separation_optimum(sizes, len(sizes) - 1).multipliers[off] > 0).all()


def test_sizes_ten_ten_two_two():
    """docs/theory.md 6.1: value, and the cosines of majority and minority classifiers."""
    best = separation_optimum((10, 10, 2, 2), 3)
    unit = best.W / np.linalg.norm(best.W, axis=1, keepdims=True)
    assert best.value == pytest.approx(7.025981, abs=1e-6)
    assert unit[0] @ unit[1] == pytest.approx(-0.4417, abs=1e-4)
    assert unit[2] @ unit[3] == pytest.approx(-0.0718, abs=1e-4)


@pytest.mark.parametrize(("ratio", "cosine"), [(1, -0.111), (10, 0.033), (100, 0.338), (1000, 0.671)])
def test_minority_classifiers_draw_together_but_never_merge(ratio, cosine):
    W = separation_optimum((ratio,) * 5 + (1,) * 5, 9).W
    assert W[8] @ W[9] / (W[9] @ W[9]) == pytest.approx(cosine, abs=1e-3)


@pytest.mark.parametrize("sizes", [(1, 1, 1), (2, 2, 2), (3, 1), (4, 2, 1), (2, 2, 1, 1)], ids=str)
def test_a_convex_solver_finds_the_same_value(sizes):
    """min ||Z||_* with margins >= 1, by CVXPY; its own multipliers sum to the value as well."""
    K, labels = len(sizes), labels_by_size(sizes)
    Z = cvxpy.Variable((K, len(labels)))
    margins = [Z[k, i] - Z[j, i] >= 1 for i, k in enumerate(labels) for j in range(K) if j != k]
    problem = cvxpy.Problem(cvxpy.Minimize(cvxpy.normNuc(Z)), margins)
    problem.solve(solver=cvxpy.CLARABEL)
    assert problem.value == pytest.approx(separation_optimum(sizes, K).value, rel=1e-6)
    assert sum(float(m.dual_value) for m in margins) == pytest.approx(problem.value, rel=1e-5)
    assert np.allclose(Z.value, CENTRING[K][:, labels], rtol=0, atol=1e-3)


def test_what_has_no_optimum_is_refused():
    with refused("dimension", "dimension = 2", 4, 3):
        separation_optimum((5, 5, 5, 5), 2)
    try:
        separation_optimum((5, 5, 5, 5), 2)
    except ConfigError as refusal:
        assert separation_optimum((5, 5, 5, 5), int(example_in(refusal))).W.shape == (4, 3)
    with refused("per_class", "per_class = 0", "empty class", 1):
        separation_optimum((3, 0, 3), 5)


# -- what is known of the optimum ------------------------------------------------------------------------------------


def polygon(K: int) -> tuple[np.ndarray, np.ndarray]:
    angle = 2 * np.pi * np.arange(K) / K
    V = np.stack([np.cos(angle), np.sin(angle)], axis=1) / np.sqrt(1 - np.cos(2 * np.pi / K))
    return V, V.T


def cross_polytope(d: int) -> tuple[np.ndarray, np.ndarray]:
    V = np.concatenate([np.eye(d), -np.eye(d)])
    return V, V.T


def crossed_pairs_and_apex() -> tuple[np.ndarray, np.ndarray]:
    """docs/theory.md 6.2, K = 5, d = 3: w = (+-1, 0, -b), (0, +-1, -b), (0, 0, 4b), 20 b^4 = 1/25; apex h = 1/(5b)."""
    b = 500**-0.25
    W = np.array([[1.0, 0, -b], [-1, 0, -b], [0, 1, -b], [0, -1, -b], [0, 0, 4 * b]])
    H = np.array([[1.0, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1 / (5 * b)]]).T
    assert (W[4] @ W[4], W[4] @ H[:, 4]) == pytest.approx((0.7155, 0.8), abs=1e-4)
    return W, H


def simplex(K: int) -> tuple[np.ndarray, np.ndarray]:
    return simplex_etf(K, K - 1), simplex_etf(K, K - 1).T


@pytest.mark.parametrize("n", [1, 4])
@pytest.mark.parametrize(
    ("one_each", "value"),
    [
        (polygon(4), 4.0),
        (polygon(5), 7.2361),
        (polygon(6), 12.0),
        (polygon(10), 52.360680),
        (cross_polytope(3), 6.0),
        (cross_polytope(4), 8.0),
        (crossed_pairs_and_apex(), 4.894427),
        (simplex(4), 3.0),
    ],
)
def test_best_known_values_belong_to_kkt_points(one_each, value, n):
    """docs/theory.md 3.5 and 6.2, with n copies of every feature: W and H rescaled, the value times sqrt(n)."""
    W, H = n**0.25 * one_each[0], n**-0.25 * np.repeat(one_each[1], n, axis=1)
    (K, d), labels = W.shape, labels_of(len(W), n)
    known = best_known([n] * K, d)
    assert known.value == pytest.approx(value * np.sqrt(n), rel=1e-5)
    assert known.certified == (d >= K - 1)
    assert ("proved" in known.words) == known.certified
    assert ((W**2).sum() + (H**2).sum()) / 2 == pytest.approx(known.value, rel=1e-12)
    P = nonnegative_multipliers(W, H, labels)
    assert max(kkt_residual(W, H, labels, P)) < 1e-8
    assert P.sum() == pytest.approx(known.value, rel=1e-8)  # at a KKT point the objective is the multipliers' sum


def test_where_nothing_is_known_it_says_so():
    assert best_known([2] * 7, 3) == (None, False, "No best value is known for 7 classes in 3 dimensions.")
    assert best_known([9] * 2, 1).value == 3.0
    line = best_known([2] * 3, 1)
    assert (line.value, line.certified) == (None, True)
    assert "cannot be separated" in line.words


@given(st.integers(3, 6), st.integers(0, 999))
def test_on_a_line_nothing_separates_three_classes(K, seed):
    W, H = gaussian(K, 1, 1, seed)
    assert np.isnan(certificate(W, H, labels_of(K, 1)).primal)
