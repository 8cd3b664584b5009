"""The margins that other rules seek: bounds that no state exceeds, states that meet them, and runs that go there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import hadamard

from ulpm_core import RunConfig, State, simulate
from ulpm_core.analysis.own_margins import gamma_entries, gamma_spectral
from ulpm_core.film.film import build_film
from ulpm_core.model.etf import minimum_norm_optimum


def both(W: np.ndarray, H: np.ndarray, sizes: tuple[int, ...]) -> tuple[float, float]:
    """Both shares of one state, by the definitions of a run's first snapshot."""
    config = RunConfig(class_sizes=sizes, dimension=W.shape[1], steps=1, learning_rate=1e-9)
    run = simulate(config, State(W, H, config.labels))
    return float(gamma_spectral(run)[0]), float(gamma_entries(run)[0])


@given(
    st.lists(st.integers(1, 4), min_size=2, max_size=5),
    st.integers(1, 5),
    st.integers(0, 999),
    st.sampled_from([0.1, 1.0, 30.0]),
)
def test_no_state_exceeds_either_bound(sizes, d, seed, near):
    rng, K = np.random.default_rng(seed), len(sizes)
    W = rng.standard_normal((K, d))
    H = near * np.repeat(W, sizes, axis=0).T + rng.standard_normal((d, sum(sizes)))  # features beside classifiers
    for share in both(W, H, tuple(sizes)) + both(np.sign(W), np.sign(H), tuple(sizes)):
        assert share <= 1.0 + 1e-12


@pytest.mark.parametrize(("K", "d"), [(3, 2), (4, 3), (3, 3)])
def test_steps_uphill_on_the_smallest_margin_within_unit_entries_do_not_exceed_the_bound(K, d):
    """The subgradient of the smallest margin, clipped to entries of at most 1: another way to the same margin."""
    rng, best = np.random.default_rng(0), 0.0
    for _ in range(20):
        W, H = rng.uniform(-1, 1, (K, d)), rng.uniform(-1, 1, (d, K))
        for t in range(1, 2000):
            gaps = np.where(np.eye(K), np.inf, np.diag(W @ H)[None] - W @ H)
            j, y = np.unravel_index(gaps.argmin(), gaps.shape)
            W[y], W[j], H[:, y] = W[y] + H[:, y] / t**0.6, W[j] - H[:, y] / t**0.6, H[:, y] + (W[y] - W[j]) / t**0.6
            W, H = W.clip(-1, 1), H.clip(-1, 1)
        best = max(best, both(W, H, (1,) * K)[1])
    assert best <= 1.0 + 1e-12
    assert best > (0.6 if d < 3 else 0.9)


@pytest.mark.parametrize(("K", "d", "n"), [(2, 1, 1), (4, 3, 5), (5, 9, 2)])
def test_the_simplex_meets_the_spectral_bound_and_noise_beside_it_costs_nothing(K, d, n):
    best = minimum_norm_optimum(K, d, n)
    assert both(best.W, best.H, (n,) * K)[0] == pytest.approx(1.0, abs=1e-12)
    if d > K - 1 and n > 1:  # outside the span of W features may scatter as long as their norm does not grow
        outside = np.linalg.svd(best.W)[2][K - 1 :]
        scatter = outside.T @ np.random.default_rng(0).standard_normal((len(outside), K * n))
        scatter *= 0.9 * np.linalg.norm(best.H, 2) / np.linalg.norm(scatter, 2)
        span = np.linalg.svd(best.H)[2][: K - 1]
        scatter -= scatter @ span.T @ span  # beside the rows of H
        assert np.linalg.norm(scatter) > 0.1 * np.linalg.norm(best.H)
        assert both(best.W, best.H + scatter, (n,) * K)[0] == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("K", [2, 4, 8])
def test_codes_of_hadamard_meet_the_bound_of_entries(K):
    codes = hadamard(K)[:, 1:].astype(float)
    W, H = 2.0 * codes, np.repeat(0.5 * codes, 3, axis=0).T
    assert both(W, H, (3,) * K)[1] == pytest.approx(1.0, abs=1e-12)
    assert both(W, np.concatenate([H, H[:, -1:]], axis=1), (3,) * (K - 1) + (4,))[1] == pytest.approx(1.0, abs=1e-12)


def test_three_classes_meet_it_in_three_dimensions():
    codes = 2.0 * np.eye(3) - 1.0
    assert both(codes, codes.T, (1, 1, 1))[1] == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(("K", "d"), [(3, 2), (4, 3), (4, 6)])
def test_spectral_descent_tends_to_its_margin_while_a_step_is_small_beside_the_cut(K, d):
    """A step moves margins by up to 2 rate^2 t: at 12,000 steps of 0.02 by 10, and the cut lies at e^-18."""
    run = simulate(
        RunConfig(
            classes=K, dimension=d, per_class=10, method="spectral-descent", learning_rate=0.02, steps=12_000,
            snapshots=40, seed=1,
        )
    )  # fmt: skip
    shares = gamma_spectral(run)
    assert shares.max() <= 1.0
    assert shares[-1] > 0.995 > 0.99 > shares[run.step.searchsorted(1000)]
    assert build_film(run).header["sentences"][-1].endswith("not it alone: 100% of that margin's bound.")


def signs(K: int, d: int, seed: int) -> Any:
    config = RunConfig(classes=K, dimension=d, per_class=10, seed=seed, steps=10_000, snapshots=10)
    return simulate(config.with_changes(method="sign-descent", learning_rate=0.01))


@pytest.mark.parametrize("d", [2, 3])
def test_sign_descent_meets_its_bound_where_codes_of_signs_do(d):
    """Three classes in three dimensions: every start goes there. In two there is no such code, and all end at 3/4."""
    shares = [gamma_entries(signs(3, d, seed)) for seed in range(4)]
    assert max(share.max() for share in shares) <= 1.0
    assert [share[-1] for share in shares] == pytest.approx([0.98 if d == 3 else 0.735] * 4, abs=0.015)


def test_sign_descent_ends_at_the_tetrahedron_in_a_cube_or_elsewhere_by_its_start():
    runs = [signs(4, 3, seed) for seed in range(8)]
    there = [run for run in runs if gamma_entries(run)[-1] > 0.95]
    assert 0 < len(there) < 8
    assert all(run.nc2_angles[-1] < 0.005 for run in there)
    assert all(gamma_entries(run)[-1] < 0.6 for run in runs if run not in there)
    assert all(run.gamma[-1] < 0.6 for run in runs)  # W and H of one size are no end of gradient descent


def test_a_film_and_the_command_lines_line_have_a_rules_own_margin_alone():
    base = RunConfig(classes=3, dimension=2, per_class=4, steps=300, learning_rate=0.02)
    held = {}
    for method in ("gradient-descent", "adam", "sign-descent", "spectral-descent"):
        header = build_film(simulate(base.with_changes(method=method))).header
        held[method] = {curve["name"] for curve in header["curves"]} & {"gamma_entries", "gamma_spectral"}
    assert held == {
        "gradient-descent": set(),
        "adam": {"gamma_entries"},
        "sign-descent": {"gamma_entries"},
        "spectral-descent": {"gamma_spectral"},
    }
