"""The simplex, the minimum-norm optimum with its certificate, Procrustes, and the starts built on them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import labels_of, random_rotation, refused, slow_metrics

from ulpm_core import ConfigError, RunConfig
from ulpm_core.analysis.projection import nearest_simplex
from ulpm_core.model.etf import minimum_norm_optimum, procrustes, simplex_etf
from ulpm_core.model.initialisation import initial_state


@given(st.integers(2, 12), st.integers(0, 5))
def test_the_simplex_has_its_gram_matrix(K, more):
    M = simplex_etf(K, K - 1 + more)
    assert np.allclose(M @ M.T, np.eye(K) - 1 / K, atol=1e-14)
    assert np.allclose(M.sum(axis=0), 0, atol=1e-14)
    assert not M[:, K - 1 :].any()


def test_a_simplex_that_does_not_fit_is_refused_with_one_that_does():
    with refused("dimension", "dimension = 2", "5 classes", "use 4 or more", "for example 4."):
        simplex_etf(5, 2)
    assert simplex_etf(5, 4).shape == (5, 4)


GOLDEN = [(3, 1, 2.0, 2 / 3, 2 / 3), (4, 5, 6.708204, 1.677051, 0.335410), (10, 7, 23.811762, None, None)]


@pytest.mark.parametrize(("K", "n", "objective", "w2", "h2"), GOLDEN)
@pytest.mark.parametrize("more", [0, 1, 3])
def test_the_minimum_norm_optimum_is_the_golden_one(K, n, objective, w2, h2, more):
    best = minimum_norm_optimum(K, K - 1 + more, n)
    assert ((best.W**2).sum() + (best.H**2).sum()) / 2 == pytest.approx(objective, abs=5e-7)
    assert objective == pytest.approx((K - 1) * np.sqrt(n), abs=5e-7)
    if w2:
        assert (best.W**2).sum(axis=1) == pytest.approx(np.full(K, w2), abs=5e-7)
        assert (best.H**2).sum(axis=0) == pytest.approx(np.full(K * n, h2), abs=5e-7)


@pytest.mark.parametrize(("K", "n", "d"), [(3, 2, 3), (4, 5, 7), (10, 3, 9), (2, 1, 1)])
def test_the_optimum_carries_its_kkt_certificate(K, n, d):
    """Equal multipliers 1/(K sqrt n): W = A H^T, H = W^T A, ||A||_op = 1, all margins 1 (docs/theory.md 2.3)."""
    best, labels, each = minimum_norm_optimum(K, d, n), labels_of(K, n), 1 / (K * np.sqrt(n))
    A = sum(
        each * np.outer(np.eye(K)[y] - np.eye(K)[j], np.eye(K * n)[i])
        for i, y in enumerate(labels)
        for j in range(K)
        if j != y
    )
    assert np.abs(best.W - A @ best.H.T).max() < 1e-14
    assert np.abs(best.H - best.W.T @ A).max() < 1e-14
    assert np.linalg.norm(A, 2) == pytest.approx(1.0, abs=1e-14)
    Z = best.W @ best.H
    margins = [Z[y, i] - Z[j, i] for i, y in enumerate(labels) for j in range(K) if j != y]
    assert margins == pytest.approx(np.ones(len(margins)), abs=1e-14)


@given(st.integers(2, 5), st.integers(1, 5), st.integers(0, 500))
def test_procrustes_beats_random_rotations(K, d, seed):
    rng = np.random.default_rng(seed)
    moving, fixed = rng.standard_normal((2, K, d))
    best = procrustes(moving, fixed)
    assert np.allclose(best @ best.T, np.eye(d), atol=1e-13)
    least = np.linalg.norm(moving @ best - fixed)
    for _ in range(20):
        near = best @ random_rotation(d, rng) if rng.random() < 0.5 else best @ _small_turn(d, rng)
        assert np.linalg.norm(moving @ near - fixed) >= least - 1e-12


def _small_turn(d: int, rng: np.random.Generator) -> np.ndarray:
    skew = 0.05 * rng.standard_normal((d, d))
    skew = skew - skew.T
    return np.linalg.solve(np.eye(d) + skew, np.eye(d) - skew)


@given(st.integers(2, 5), st.integers(0, 3), st.integers(0, 500))
def test_the_nearest_simplex_is_a_simplex_and_beats_every_rotated_one(K, more, seed):
    rng, d = np.random.default_rng(seed), K - 1 + more
    means = rng.standard_normal((K, d))
    means -= means.mean(axis=0)
    E = nearest_simplex(means)
    assert np.allclose(E @ E.T, np.eye(K) - 1 / K, atol=1e-13)
    for _ in range(20):
        other = simplex_etf(K, d) @ random_rotation(d, rng)
        assert np.linalg.norm(means - E) <= np.linalg.norm(means - other) + 1e-12
        other = E @ _small_turn(d, rng)
        assert np.linalg.norm(means - E) <= np.linalg.norm(means - other) + 1e-12


def test_procrustes_and_nearest_simplex_work_on_stacks(rng):
    moving, fixed = rng.standard_normal((2, 7, 4, 3))
    assert all(
        np.allclose(a, procrustes(m, f)) for a, m, f in zip(procrustes(moving, fixed), moving, fixed, strict=True)
    )
    assert all(np.allclose(a, nearest_simplex(m)) for a, m in zip(nearest_simplex(moving), moving, strict=True))


# -- starts --------------------------------------------------------------------------------------------------------

SMALLEST = {"classes": 3, "dimension": 2, "per_class": 4}


@pytest.mark.parametrize("name", ["gaussian", "small", "collapsed", "etf-perturbed"])
def test_a_start_is_its_seed_and_touches_nothing_global(name):
    config = RunConfig(**SMALLEST, initialisation=name, seed=5)
    before = np.random.get_state()[1].copy()
    one, two, other = initial_state(config), initial_state(config), initial_state(config.with_changes(seed=6))
    assert np.array_equal(np.random.get_state()[1], before)
    assert one.digest == two.digest != other.digest
    assert one.shape == (3, 2, 4)


def test_the_starts_are_what_they_are_called():
    config = RunConfig(**SMALLEST, initial_scale=0.7, seed=11)
    rng = np.random.default_rng(11)
    W, H = 0.7 * rng.standard_normal((3, 2)), 0.7 * rng.standard_normal((2, 12))
    plain = initial_state(config)
    assert np.array_equal(plain.W, W)
    assert np.array_equal(plain.H, H)
    small = initial_state(config.with_changes(initialisation="small"))
    assert np.allclose(small.W, W / 100, rtol=1e-15)
    assert np.allclose(small.H, H / 100, rtol=1e-15)
    perturbed, ideal = initial_state(config.with_changes(initialisation="etf-perturbed")), minimum_norm_optimum(3, 2, 4)
    assert np.allclose(perturbed.W - ideal.W, W)
    assert np.allclose(perturbed.H - ideal.H, H)


def test_a_collapsed_start_has_no_spread_within_classes():
    start = initial_state(RunConfig(**SMALLEST, initialisation="collapsed", seed=2))
    measured = slow_metrics(start.W, start.H, labels_of(3, 4))
    assert measured["nc1"] < 1e-30
    assert measured["nc2_angles"] > 1e-2  # collapsed, but not yet a simplex


def test_gaussian_entries_have_their_standard_deviation():
    start = initial_state(RunConfig(classes=10, dimension=20, per_class=100, initial_scale=2.0))
    assert start.H.std() == pytest.approx(2.0, rel=0.02)  # 20,000 entries: standard error 0.5 %
    assert abs(start.H.mean()) < 0.06


def test_a_perturbed_simplex_that_does_not_fit_is_refused():
    with refused(
        "initialisation", "initialisation = etf-perturbed", "5 classes", "dimension = 3", "use dimension 4 or more"
    ):
        RunConfig(classes=5, dimension=3, initialisation="etf-perturbed")
    with pytest.raises(ConfigError):
        RunConfig(classes=5, dimension=1, initialisation="etf-perturbed")
    assert initial_state(RunConfig(classes=5, dimension=4, initialisation="etf-perturbed")).shape == (5, 4, 30)
