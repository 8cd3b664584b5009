"""The display frame: orthonormal, exact where it can be, honest about what it hides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import gaussian, labels_of
from scipy.spatial.distance import pdist

from ulpm_core.analysis.metrics import means_of
from ulpm_core.analysis.projection import View, determined, display_basis, ideal_frame
from ulpm_core.analysis.projection import view as view_of
from ulpm_core.model.etf import simplex_etf


def project(W, H, labels, axes) -> View:
    """The view of all samples."""
    means = means_of(H, labels)
    wdot, ideal = W - W.mean(axis=1, keepdims=True), ideal_frame(means.centred)
    return view_of(wdot, H, means.centred, means.centre, axes, H[-1], ideal)


def view(K, d, n, axes, seed=0, T=3, scale=1.0):
    rng = np.random.default_rng(seed)
    W, H = scale * rng.standard_normal((T, K, d)), scale * rng.standard_normal((T, d, K * n))
    return W, H, project(W, H, labels_of(K, n), axes)


def axes_of(K: int, d: int) -> int:
    return min(d, max(3, K - 1))


@given(st.integers(2, 8), st.integers(1, 9), st.integers(1, 4), st.integers(0, 99))
def test_the_basis_is_orthonormal(K, d, n, seed):
    W, H = gaussian(K, d, n, seed, 1.0)
    means = H.reshape(d, K, n).mean(axis=2).T
    B = display_basis(means - means.mean(axis=0), H, axes_of(K, d))
    assert B.shape == (d, axes_of(K, d))
    assert np.allclose(B.T @ B, np.eye(axes_of(K, d)), atol=1e-12)
    assert W.shape == (K, d)


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1.0, 1e3, 1e5, 1e8])
@pytest.mark.parametrize(("K", "d"), [(2, 3), (3, 3), (3, 5), (2, 2)])
def test_the_basis_is_orthonormal_when_nothing_lies_outside_the_simplex(K, d, scale):
    """Perfectly collapsed features span K-1 directions; the remaining axes are free, but must be perpendicular."""
    H = scale * np.repeat(simplex_etf(K, d), 5, axis=0).T
    rotation = np.linalg.qr(np.random.default_rng(1).standard_normal((d, d)))[0]
    H = rotation @ H
    B = display_basis(H[:, ::5].T, H, axes_of(K, d))
    assert np.allclose(B.T @ B, np.eye(B.shape[1]), atol=1e-9)


@pytest.mark.parametrize("degenerate", ["zero", "one point", "line"])
@pytest.mark.parametrize(("K", "d"), [(2, 1), (3, 3), (4, 3), (6, 3), (3, 7)])
def test_degenerate_ends_still_get_a_frame(degenerate, K, d):
    H = np.zeros((d, 2 * K)) if degenerate == "zero" else np.ones((d, 2 * K))
    if degenerate == "line":
        H = H * np.repeat(np.arange(K), 2)
    result = project(np.zeros((1, K, d)), H[None], labels_of(K, 2), axes_of(K, d))
    means = H[:, ::2].T - H.mean(axis=1)
    B = display_basis(means, H, axes_of(K, d))
    assert np.allclose(B.T @ B, np.eye(B.shape[1]), atol=1e-12)
    drawn = result._replace(cosines=None, cosines_w=None)  # not defined where a mean has no length
    assert all(np.isfinite(a).all() for a in drawn if a is not None)
    assert 0.0 <= result.hidden <= 1.0


def turned(m: int, rng: np.random.Generator) -> np.ndarray:
    return np.linalg.qr(rng.standard_normal((m, m)))[0]


@given(st.lists(st.integers(1, 3), min_size=1, max_size=4), st.integers(0, 3), st.integers(0, 99))
def test_axes_are_the_same_however_each_space_of_one_length_is_turned(spaces, more, seed):
    rng = np.random.default_rng(seed)
    m = sum(spaces)
    axes = turned(m + more, rng)[:m]
    lengths = np.repeat(0.5 ** np.arange(len(spaces)), spaces)
    ends = np.cumsum(spaces)
    other = np.vstack([turned(r, rng) @ axes[end - r : end] for r, end in zip(spaces, ends, strict=True)])
    one = determined(axes, lengths, 1.0, m)
    assert np.allclose(determined(other, lengths, 1.0, m), one, atol=1e-12)
    assert np.allclose(one @ one.T, np.eye(m), atol=1e-12)
    for r, end in zip(spaces, ends, strict=True):
        assert np.allclose(one[end - r : end] @ axes[end - r : end].T @ axes[end - r : end], one[end - r : end])


def polygon(K: int) -> np.ndarray:
    angles = 2.0 * np.pi * np.arange(K) / K
    return np.array([np.cos(angles), np.sin(angles)]).T


@pytest.mark.parametrize(
    "vertices",
    [
        *(polygon(K) for K in (4, 5, 6, 12)),
        np.vstack([np.eye(3), -np.eye(3)]),
        np.eye(4)[[0, 0, 1, 1, 2, 2, 3, 3]],
        simplex_etf(3, 3),
        simplex_etf(2, 5),
    ],
    ids=lambda vertices: "x".join(map(str, vertices.shape)),
)
def test_the_same_end_state_up_to_rounding_is_seen_from_the_same_side(vertices, rng):
    """A regular polygon has no principal axes of its own, and a collapsed run no spread beyond its simplex."""
    means = vertices - vertices.mean(axis=0)
    H = 3.0 * np.repeat(means, 4, axis=0).T
    K, d = means.shape
    seen = [
        display_basis(3.0 * means + 1e-11 * rng.standard_normal(means.shape), H + noise, axes_of(K, d))
        for noise in 1e-11 * rng.standard_normal((8, *H.shape))
    ]
    assert all(np.allclose(basis, seen[0], atol=1e-8) for basis in seen)


def test_an_axis_s_first_entry_that_stands_out_is_positive():
    for seed in range(20):
        _, H, _ = view(6, 4, 3, 4, seed)
        means = H[-1].reshape(4, 6, 3).mean(axis=2).T
        for axis in display_basis(means - means.mean(axis=0), H[-1], 4).T:
            assert axis[np.flatnonzero(np.abs(axis) > 0.61 * np.abs(axis).max())[0]] > 0.0


@given(st.integers(2, 7), st.integers(1, 3), st.integers(1, 4), st.integers(0, 99))
def test_up_to_three_dimensions_every_distance_is_true(K, d, n, seed):
    W, H, shown = view(K, d, n, axes_of(K, d), seed)
    for t in range(len(H)):
        assert pdist(shown.features[t]) == pytest.approx(pdist(H[t].T), rel=1e-10, abs=1e-12)
        assert pdist(shown.classifiers[t]) == pytest.approx(pdist(W[t]), rel=1e-10, abs=1e-12)
    assert shown.hidden < 1e-12


@given(st.integers(3, 6), st.integers(4, 9), st.integers(2, 4), st.integers(0, 99))
def test_hidden_is_the_share_of_spread_outside_the_axes(K, d, n, seed):
    _, H, shown = view(K, d, n, axes_of(K, d), seed)
    end = H[-1] - H[-1].mean(axis=1, keepdims=True)
    seen = float((shown.features[-1] ** 2).sum())
    assert shown.hidden == pytest.approx(1 - seen / float((end**2).sum()), abs=1e-12)
    assert np.all(pdist(shown.features[-1]) <= pdist(H[-1].T) + 1e-12)


@given(st.integers(2, 6), st.integers(0, 3), st.integers(1, 4), st.integers(0, 99))
def test_the_ideal_is_a_simplex_of_the_run_s_own_size(K, more, n, seed):
    d = K - 1 + more
    _, _, shown = view(K, d, n, axes_of(K, d), seed)
    means = np.linalg.norm(shown.means[-1], axis=1)
    assert np.all(means > 0)
    E = shown.ideal[-1]  # at the end state the frame holds it whole
    gram = E @ E.T / (shown.scale[-1] ** 2)
    assert np.allclose(gram, (np.eye(K) - 1 / K) * K / (K - 1), atol=1e-12)


@given(st.integers(2, 4), st.integers(1, 4), st.integers(0, 99))
def test_the_ideal_is_the_nearest_one_at_every_snapshot(K, n, seed):
    """With d = 3 on screen the ghost frame correlates with the means at least as well as any turned frame does."""
    rng = np.random.default_rng(seed)
    _, _, shown = view(K, 3, n, 3, seed)
    for t in range(3):
        match = (shown.ideal[t] * shown.means[t]).sum()
        for _ in range(10):
            Q = np.linalg.qr(rng.standard_normal((3, 3)))[0]
            assert ((shown.ideal[t] @ Q) * shown.means[t]).sum() <= match + 1e-12 * abs(match)


def test_where_no_simplex_fits_there_is_no_ideal():
    assert view(5, 3, 2, 3)[2].ideal is None
    assert view(4, 3, 2, 3)[2].ideal is not None


def test_scales_are_mean_lengths():
    W, H, shown = view(4, 3, 2, 3)
    means = H[1].reshape(3, 4, 2).mean(axis=2)
    assert shown.scale[1] == pytest.approx(np.linalg.norm(means - means.mean(axis=1, keepdims=True), axis=0).mean())
    assert shown.scale_w[1] == pytest.approx(np.linalg.norm(W[1] - W[1].mean(axis=0), axis=1).mean())
