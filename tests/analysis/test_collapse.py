"""The metrics: against double loops, against exact values, and where they are not defined."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import SHAPES, gaussian, labels_of, points, random_rotation, slow_metrics

from ulpm_core import RunConfig, State, simulate
from ulpm_core.analysis import measure
from ulpm_core.analysis.metrics import metrics
from ulpm_core.model.etf import minimum_norm_optimum

NAMES = [
    "nc1_trace_ratio", "nc1", "nc2_norms", "nc2_angles", "nc2_norms_w", "nc2_angles_w", "nc3", "nc4", "q_min", "gamma",
    "nc1_trace_ratio_uncentred", "nc1_uncentred", "nc2_norms_uncentred", "nc2_angles_uncentred",
    "nc2_norms_w_uncentred", "nc2_angles_w_uncentred", "nc3_uncentred",
]  # fmt: skip


def agree(found, expected) -> None:
    assert set(found) == set(expected)
    for name, value in expected.items():
        assert float(found[name]) == pytest.approx(value, rel=1e-9, abs=1e-12, nan_ok=True), name


def test_the_names_are_the_contract():
    assert set(metrics(*gaussian(3, 2, 2), labels_of(3, 2))) == set(NAMES)


@pytest.mark.parametrize(
    "shape", [*SHAPES[1:], (6, 3, 4), (6, 5, 4), (6, 6, 4), (6, 9, 4), (2, 3, 2), (3, 1, 2)], ids=str
)
def test_every_metric_is_that_of_the_double_loops(shape):
    """d < K-1, d = K-1, d = K and d > K."""
    (K, _, n), (W, H) = shape, gaussian(*shape, seed=3)
    agree(metrics(W, H, labels_of(K, n)), slow_metrics(W, H, labels_of(K, n)))


@given(st.integers(2, 6), st.integers(2, 7), st.integers(0, 999))
def test_unbalanced_classes_too(K, d, seed):
    rng = np.random.default_rng(seed)
    labels = np.sort(np.concatenate([np.arange(K), rng.integers(0, K, 3 * K)]))
    W, H = rng.standard_normal((K, d)), rng.standard_normal((d, 4 * K))
    expected = slow_metrics(W, H, labels)
    found = metrics(W, H, labels)
    if 1 / (1 + expected["nc1"]) > 1e-6:  # Sigma_B is not near-singular: the pseudo-inverse is well posed
        agree(found, expected)
    found, expected = metrics(None, H, labels, of="features"), slow_metrics(None, H, labels)
    of_shares = {name: 0.0 for name in expected if name.startswith("nc1") and "trace" not in name}
    agree(found | of_shares, expected | of_shares)


def test_labels_in_any_order_give_the_same_values(rng):
    labels = rng.permutation(labels_of(4, 5))
    W, H = gaussian(4, 3, 5)
    agree(metrics(W, H, labels), slow_metrics(W, H, labels))


def test_a_stack_of_snapshots_is_measured_one_by_one(rng):
    W, H, labels = rng.standard_normal((7, 4, 3)), rng.standard_normal((7, 3, 20)), labels_of(4, 5)
    stacked = metrics(W, H, labels)
    for t in range(7):
        agree({name: values[t] for name, values in stacked.items()}, slow_metrics(W[t], H[t], labels))


def test_measuring_in_chunks_changes_nothing(monkeypatch):
    config = RunConfig(classes=3, dimension=2, per_class=4, steps=50)
    whole = simulate(config)
    monkeypatch.setattr(measure, "CHUNK_ENTRIES", 7 * 3 * 12)
    pieces = simulate(config)
    for name in NAMES:
        assert np.array_equal(pieces.metrics[name], whole.metrics[name], equal_nan=True), name
    assert whole.nc1[3] == pytest.approx(slow_metrics(whole.W[3], whole.H[3], whole.labels)["nc1"], rel=1e-9)


@pytest.mark.parametrize(("K", "d", "n"), [(2, 1, 1), (3, 2, 1), (4, 3, 5), (10, 16, 3)])
def test_the_minimum_norm_optimum_is_collapsed_in_every_metric(K, d, n):
    best = minimum_norm_optimum(K, d, n)
    values = metrics(best.W, best.H, labels_of(K, n))
    for name in ("nc1", "nc1_trace_ratio", "nc1_uncentred", "nc1_trace_ratio_uncentred"):
        assert values[name] < 1e-29, name
    for name in ("nc2_norms", "nc2_angles", "nc2_norms_w", "nc2_angles_w", "nc3", "nc3_uncentred"):
        assert values[name] < 5e-15, name
    assert values["nc4"] == 0
    assert values["q_min"] == pytest.approx(1.0, abs=1e-14)
    assert values["gamma"] == pytest.approx(1.0, abs=1e-14)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 30.0])
def test_the_balanced_gamma_of_a_rescaled_pair_is_that_of_the_pair(scale, rng):
    W, H, labels = rng.standard_normal((5, 4, 3)), rng.standard_normal((5, 3, 20)), labels_of(4, 5)
    H *= np.linalg.norm(W, axis=(1, 2))[:, None, None] / np.linalg.norm(H, axis=(1, 2))[:, None, None]
    found = metrics(scale * W, H / scale, labels, of="networks")["gamma_balanced"]
    assert found == pytest.approx(
        metrics(W, H, labels)["gamma"], rel=1e-13
    )  # both norms are equal, so nothing is to be gained


@pytest.mark.parametrize(("K", "d", "n"), [(2, 1, 1), (3, 2, 1), (4, 3, 5), (10, 16, 3)])
def test_the_balanced_gamma_of_a_simplex_is_one_at_any_two_scales(K, d, n):
    best = minimum_norm_optimum(K, d, n)
    one = metrics(3 * best.W, 0.01 * best.H, labels_of(K, n), of="networks")["gamma_balanced"]
    assert one == pytest.approx(1.0, abs=1e-13)


def test_the_square_has_its_known_values():
    """Four classes on a square: cosines 0, 0, -1, so the mean distance from -1/3 is (1/3 + 1/3 + 2/3) / 3 = 4/9."""
    means = np.array([[1.0, 0], [0, 1], [-1, 0], [0, -1]])
    H = np.repeat(means, 2, axis=0).T + np.tile([[0.0, 0.0], [0.1, -0.1]], 4)  # spread 0.1 along the second axis
    values = metrics(means, H, labels_of(4, 2))
    assert values["nc2_angles"] == pytest.approx(4 / 9, abs=1e-14)
    assert values["nc2_norms"] == pytest.approx(0.0, abs=1e-14)
    assert values["nc1_trace_ratio"] == pytest.approx(0.01, abs=1e-14)
    assert values["nc1"] == pytest.approx(0.01 / 0.5 / 4, abs=1e-14)  # Sigma_B = I/2, Sigma_W = diag(0, 0.01), 1/K
    assert values["q_min"] == pytest.approx(1.0 - 0.1, abs=1e-14)
    assert values["gamma"] == pytest.approx(6 * np.sqrt(2) * 0.9 / (4 + 8 + 8 * 0.01), abs=1e-14)


@pytest.mark.parametrize(
    ("epsilon", "value"),
    [(0, 0.75), (0.1, 0.757426), (0.3, 0.811927), (0.5, 0.9), (1 / np.sqrt(2), 1.0), (0.9, 0.828729)],
)
def test_gamma_along_the_path_from_square_to_tetrahedron(epsilon, value):
    """docs/theory.md 3.6: unit pairs (+-1, 0, e), (0, +-1, -e), balanced, n = 1."""
    V = np.array([[1.0, 0, epsilon], [-1, 0, epsilon], [0, 1, -epsilon], [0, -1, -epsilon]])
    assert metrics(V, V.T, labels_of(4, 1))["gamma"] == pytest.approx(value, abs=1e-6)


def test_nc4_counts_disagreements_exactly():
    W = np.array([[1.0, 0.0], [-1.0, 0.0]])
    H = np.array([[2.0, 1.0, -1.0, -2.0, -3.0, 1.0], [0.0] * 6])
    labels = np.array([0, 0, 0, 1, 1, 1])  # means 2/3 and -4/3: the boundary is -1/3, the classifier's is 0
    assert metrics(W, H, labels)["nc4"] == 0.0
    assert metrics(W, H + np.array([[1.2], [0.0]]), labels)["nc4"] == pytest.approx(1 / 6)  # the sample at 0.2


@given(points(low_scale=0.1))
def test_gamma_never_exceeds_one(point):
    W, H, n = point
    assert metrics(W, H, labels_of(len(W), n))["gamma"] <= 1 + 1e-13


@given(st.integers(2, 5), st.integers(0, 3), st.integers(2, 4), st.integers(0, 99), st.floats(0.01, 100))
@settings(max_examples=30)
def test_turning_scaling_and_relabelling(K, more, n, seed, c):
    """Every ratio is unchanged; q_min scales by c^2."""
    rng = np.random.default_rng(seed)
    (W, H), labels, R = gaussian(K, K - 1 + more, n, seed), labels_of(K, n), random_rotation(K - 1 + more, rng)
    order = rng.permutation(K)
    columns = np.concatenate([k * n + np.arange(n) for k in order])
    plain, other = metrics(W, H, labels), metrics(c * (W @ R)[order], c * (R.T @ H)[:, columns], labels)
    for name, value in plain.items():
        wanted = value * c**2 if name == "q_min" else value
        assert other[name] == pytest.approx(wanted, rel=1e-7, abs=1e-10), name


def test_what_is_not_defined_is_nan_never_zero():
    labels = labels_of(3, 2)
    values = metrics(np.zeros((3, 2)), np.zeros((2, 6)), labels)
    for name in NAMES:
        if name not in ("nc4", "q_min"):
            assert np.isnan(values[name]), name
    assert values["q_min"] == 0.0
    one_point = metrics(np.eye(3, 2), np.ones((2, 6)), labels)  # all features alike: no spread between classes
    for name in ("nc1", "nc1_trace_ratio", "nc2_norms", "nc2_angles", "nc3"):
        assert np.isnan(one_point[name]), name
    assert one_point["nc1_trace_ratio_uncentred"] == 0.0


def test_one_class_mean_at_the_centre_leaves_the_angles_undefined():
    H = np.array([[1.0, -1.0, 0.0], [0.0, 0.0, 0.0]])
    assert np.isnan(metrics(H.T, H, labels_of(3, 1))["nc2_angles"])


def test_a_run_from_the_origin_measures_without_warnings(recwarn):
    run = simulate(RunConfig(classes=3, dimension=2, per_class=2, steps=3), State(np.zeros((3, 2)), np.zeros((2, 6))))
    assert np.isnan(run.nc1).all()
    assert not recwarn.list
