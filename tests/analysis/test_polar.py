"""Multipliers for classes of sizes that differ: exact at the optimum, and sound everywhere."""

from __future__ import annotations

import json

import cvxpy
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from reference import gaussian, random_rotation

from ulpm_core import cli
from ulpm_core.analysis.polar import polar_multipliers
from ulpm_core.analysis.separation import kkt_residual, separation_metrics, separation_optimum

SIZES = [(10, 10, 2, 2), (1, 2, 3), (1000, 1, 1, 5, 7), (3, 1), (4, 4, 4)]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0, 1e6])
def test_the_optimum_is_proved_at_every_scale(sizes, scale):
    best, labels = separation_optimum(sizes, len(sizes)), np.repeat(np.arange(len(sizes)), sizes)
    found = separation_metrics(scale * best.W, scale * best.H, labels, fitted=True)
    assert found["objective"] == pytest.approx(best.value, rel=1e-12)
    assert found["dual_bound"] == pytest.approx(best.value, rel=1e-12)
    for name in ("duality_gap", "kkt_stationarity", "kkt_complementarity", "kkt_feasibility", "kkt_signs"):
        assert abs(found[name]) < 1e-12, name


def test_measure_of_the_imbalanced_optimum(tmp_path, capsys):
    sizes = (10, 10, 2, 2)
    best, turn = separation_optimum(sizes, 5), random_rotation(5, np.random.default_rng(3))
    order = np.random.default_rng(0).permutation(24)
    labels = np.repeat(np.arange(4), sizes)[order]
    np.savez(tmp_path / "seli.npz", W=best.W @ turn.T, H=(turn @ best.H)[:, order], labels=labels)
    assert cli.main(["measure", str(tmp_path / "seli.npz")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [round(said[name], 6) for name in ("objective", "dual_bound", "optimum")] == [7.025981] * 3
    assert abs(said["duality_gap"]) < 1e-12
    assert said["kkt_stationarity"] < 1e-12


def test_near_the_optimum_what_is_missing_shrinks_with_the_distance():
    best, labels = separation_optimum((10, 10, 2, 2), 3), np.repeat(np.arange(4), (10, 10, 2, 2))
    X, V = gaussian(4, 3, 6, 1, 1.0)
    found = [separation_metrics(best.W + e * X, best.H + e * V, labels, fitted=True) for e in (1e-2, 1e-4, 1e-6)]
    for name in ("duality_gap", "kkt_stationarity", "kkt_complementarity"):
        assert found[0][name] / found[1][name] == pytest.approx(100, rel=0.2), name
        assert found[1][name] / found[2][name] == pytest.approx(100, rel=0.2), name


@given(st.lists(st.integers(1, 5), min_size=2, max_size=4), st.integers(0, 999), st.floats(0.0, 1.0))
def test_the_bound_is_below_the_optimum_of_a_convex_solver(sizes, seed, far):
    """A state between an optimum and chance; whatever its multipliers, the bound is proved."""
    K, labels = len(sizes), np.repeat(np.arange(len(sizes)), sizes)
    best, rng = separation_optimum(sizes, K), np.random.default_rng(seed)
    W = best.W + 0.5 * far * rng.standard_normal(best.W.shape)
    H = best.H + 0.5 * far * rng.standard_normal(best.H.shape)
    found = separation_metrics(W, H, labels, fitted=True)
    assume(np.isfinite(found["objective"]))
    Z = cvxpy.Variable((K, len(labels)))
    margins = [Z[k, i] - Z[j, i] >= 1 for i, k in enumerate(labels) for j in range(K) if j != k]
    value = cvxpy.Problem(cvxpy.Minimize(cvxpy.normNuc(Z)), margins).solve(solver=cvxpy.CLARABEL)
    assert found["dual_bound"] <= value * (1 + 1e-6)
    assert found["objective"] >= value * (1 - 1e-6)
    plain = separation_metrics(W, H, labels)
    assert found["dual_bound"] >= plain["dual_bound"]
    assert found["kkt_stationarity"] <= plain["kkt_stationarity"]


@given(st.integers(2, 5), st.integers(1, 4), st.integers(0, 999))
def test_they_are_multipliers(K, n, seed):
    W, H = gaussian(K, 3, n, seed)
    labels = np.repeat(np.arange(K), n)
    found = polar_multipliers(W, H, labels)
    assert (found >= 0).all()
    assert (found[labels, np.arange(K * n)] == 0).all()
    assert np.allclose(found, polar_multipliers(7.0 * W, 0.3 * H, labels), atol=1e-12)
    assert np.isfinite(kkt_residual(W, H, labels, found).stationarity)
