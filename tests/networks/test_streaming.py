"""Streamed metrics: against the definitions all at once, against loops, and against the field's own code."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks.reference import papyan_han_donoho, zhu_nc1
from reference import gaussian, labels_of, slow_metrics

from ulpm_core.analysis.class_means import class_means
from ulpm_core.analysis.metrics import metric_names, metrics
from ulpm_core.model.etf import minimum_norm_optimum
from ulpm_core.model.losses.cross_entropy import log_cross_entropy
from ulpm_core.networks.streaming import measure


def stream(H, labels, size=7):
    cuts = range(size, len(labels), size)
    return lambda: zip(np.split(H, cuts, axis=1), np.split(labels, cuts), strict=True)


def streamed(W, H, labels, bias=None, kept=None, size=7):
    batches = stream(H, labels, size)
    kept = np.zeros(0, dtype=np.int64) if kept is None else kept
    untested = np.zeros((len(W), len(W)), dtype=np.int64)
    clock = {"epoch": 0.0, "step": 0, "log_time": np.nan, "phase": "recorded"}
    return measure(W, bias, batches, class_means(batches, len(W)), kept, untested, **clock)


def unbalanced(K, d, N, seed):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.concatenate([np.arange(K), rng.integers(0, K, N - K)]))
    return rng.standard_normal((K, d)), rng.standard_normal((d, N)) + rng.standard_normal((d, K))[:, labels], labels


@pytest.mark.parametrize("shape", [(2, 1, 5), (3, 2, 10), (4, 3, 6), (5, 2, 4), (4, 9, 3), (10, 16, 5)], ids=str)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_balanced_classes_give_the_contracts_metrics(shape, size, rng):
    (K, _, n), (W, H) = shape, gaussian(*shape, seed=3)
    order = rng.permutation(K * n)
    found = streamed(W, H[:, order], labels_of(K, n)[order], size=size)
    assert set(found.metrics) == set(metric_names())
    expected = metrics(W, H, labels_of(K, n), of="networks")
    assert found.metrics == pytest.approx({name: float(v) for name, v in expected.items()}, rel=1e-10, abs=1e-13)
    assert found.log_loss == pytest.approx(float(log_cross_entropy(W @ H, labels_of(K, n))), rel=1e-12)


@given(st.integers(2, 6), st.integers(2, 8), st.integers(0, 500), st.integers(1, 30))
def test_unbalanced_classes_agree_with_the_double_loops(K, d, seed, size):
    W, H, labels = unbalanced(K, d, 5 * K, seed)
    found, expected = streamed(W, H, labels, size=size).metrics, slow_metrics(W, H, labels)
    for name in set(metric_names()) - {"gamma", "gamma_balanced"}:
        assert found[name] == pytest.approx(expected[name], rel=1e-8, abs=1e-12), name


def test_papyan_han_donoho_and_zhu_agree_to_1e_8():
    W, H, labels = unbalanced(10, 24, 400, 1)
    b = np.random.default_rng(2).standard_normal(10)
    ours, theirs = streamed(W, H, labels, b).metrics, papyan_han_donoho(W, b, H, labels)
    K, divisor = 10, np.sqrt(10 / 9)  # their std has divisor K - 1
    assert K * ours["nc1"] == pytest.approx(theirs["nc1"], rel=1e-8)
    assert ours["nc1"] == pytest.approx(zhu_nc1(H, labels), rel=1e-8)
    assert divisor * ours["nc2_norms"] == pytest.approx(theirs["equinorm_m"], rel=1e-8)
    assert divisor * ours["nc2_norms_w_uncentred"] == pytest.approx(theirs["equinorm_w"], rel=1e-8)
    assert ours["nc2_angles"] == pytest.approx(theirs["equiangular_m"], rel=1e-8)
    assert ours["nc2_angles_w_uncentred"] == pytest.approx(theirs["equiangular_w"], rel=1e-8)
    assert ours["nc4"] == theirs["nc4"] > 0
    centred = W - W.mean(axis=0)
    theirs = papyan_han_donoho(centred, b, H, labels)
    assert streamed(centred, H, labels, b).metrics["nc3"] ** 2 == pytest.approx(theirs["nc3"], rel=1e-8)


def test_nearly_collapsed_features_far_from_the_origin_keep_their_digits():
    """Sums of squares less squares of sums would be off by 1e16 eps = all of it."""
    rng = np.random.default_rng(0)
    labels = labels_of(4, 50)
    deviations = 1e-4 * rng.standard_normal((6, 200))
    H = 1e4 + rng.standard_normal((6, 4))[:, labels] + deviations
    found = streamed(np.eye(4, 6), H, labels).metrics["nc1_trace_ratio"]
    exact = slow_metrics(None, H - 1e4, labels)["nc1_trace_ratio"]
    assert found == pytest.approx(exact, rel=1e-6)


def test_a_bias_moves_margins_accuracy_and_loss():
    """By hand: W h + b at h = (1, 0): logits 1 + b_0 and b_1."""
    W, H, labels = np.eye(2), np.eye(2), np.array([0, 1])
    found = streamed(W, H, labels, np.array([0.0, 3.0]))
    assert found.metrics["q_min"] == -2.0
    assert found.train_accuracy == 0.5
    assert np.exp(found.log_loss) == pytest.approx(np.log1p(np.exp(2.0)) + np.log1p(np.exp(-4.0)))
    assert found.metrics["nc4"] == 0.5
    assert found.metrics["gamma"] == -1.0  # 2 (K - 1) sqrt(n) q_min / 4: classes are equal, so the bound holds


def test_only_the_balanced_gamma_is_the_same_for_a_rescaled_pair():
    """(10 W, H / 10) has the same logits; by hand at the simplex: gamma = 2 / (10 + 1/10)."""
    best, labels = minimum_norm_optimum(4, 3, 25), labels_of(4, 25)
    rescaled = streamed(10 * best.W, best.H / 10, labels).metrics
    assert rescaled["gamma_balanced"] == pytest.approx(1.0, abs=1e-13)
    assert rescaled["gamma"] == pytest.approx(2 / (100 + 1 / 100), rel=1e-12)
    level = streamed(best.W, best.H, labels).metrics
    assert level["gamma_balanced"] == pytest.approx(level["gamma"], abs=1e-14) == pytest.approx(1.0, abs=1e-14)
    nothing = streamed(0 * best.W, best.H, labels).metrics
    assert nothing["gamma"] == 0.0 and np.isnan(nothing["gamma_balanced"])


def test_gamma_with_unequal_classes_is_at_most_one_and_one_at_the_optimum():
    from ulpm_core.analysis.separation import separation_optimum

    sizes = (10, 10, 2, 2)
    best = separation_optimum(sizes, 5)
    labels = np.repeat(np.arange(4), sizes)
    assert streamed(best.W, best.H, labels).metrics["gamma"] == pytest.approx(1.0, abs=1e-12)
    assert streamed(best.W / 7, 7 * best.H, labels).metrics["gamma_balanced"] == pytest.approx(1.0, abs=1e-12)
    for seed in range(20):
        found = streamed(*unbalanced(4, 5, 30, seed)).metrics
        assert abs(found["gamma"]) <= abs(found["gamma_balanced"]) and found["gamma_balanced"] < 1.0
    biased = streamed(best.W, best.H, labels, np.zeros(4)).metrics
    assert np.isnan([biased["gamma"], biased["gamma_balanced"]]).all()


def test_kept_features_come_back_in_the_order_asked_for():
    W, H, labels = unbalanced(3, 4, 40, 0)
    kept = np.array([30, 2, 17, 39, 0])
    assert np.array_equal(streamed(W, H, labels, kept=kept).H, H[:, kept].astype(np.float32))


def test_what_is_not_defined_is_nan_and_never_zero():
    labels = labels_of(3, 4)
    same = streamed(np.zeros((3, 2)), np.ones((2, 12)), labels).metrics
    for name in ("nc1_trace_ratio", "nc1", "nc2_angles", "nc2_norms_w", "nc3"):
        assert np.isnan(same[name]), name
    collapsed = streamed(np.eye(3), np.eye(3)[:, labels], labels).metrics
    assert collapsed["nc1"] == collapsed["nc1_trace_ratio"] == 0.0
    assert collapsed["nc2_angles"] == pytest.approx(0.0, abs=1e-15)
