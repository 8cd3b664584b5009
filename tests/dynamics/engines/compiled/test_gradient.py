"""The one gradient kernel against autograd, SciPy-free closed forms and itself in other layouts and precisions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from reference import gaussian

from ulpm_core.dynamics.engines.compiled.gradient import BLOCK_VECTORS, Room, gradient, loss, padded, shift_for
from ulpm_core.dynamics.engines.compiled.products import MOST_ROWS


def kernel(W, H, labels, dtype="float64", shift=0.0):
    """shift, violation, loss e^-shift, gradient_W, gradient_H, and the gradient of the padding."""
    Wt, padded_H, room = np.array(W.T, dtype, order="C"), padded(H, dtype), Room.of(labels, len(W), dtype)
    gradient_Wt, gradient_H = np.full_like(Wt, np.nan), np.full_like(padded_H, np.nan)
    shift, violation = gradient(Wt, padded_H, room, shift, gradient_Wt, gradient_H)
    N = len(labels)
    return shift, violation, loss(room, shift, violation), gradient_Wt.T, gradient_H[:, :N], gradient_H[:, N:]


def autograd(W, H, labels):
    theta = [torch.tensor(block, requires_grad=True) for block in (W, H)]
    total = torch.nn.functional.cross_entropy((theta[0] @ theta[1]).T, torch.tensor(labels), reduction="sum")
    return total.item(), *(g.numpy() for g in torch.autograd.grad(total, theta))


@st.composite
def problems(draw):
    """Any small problem, classes of sizes that differ, some perhaps empty."""
    K, d = draw(st.integers(2, 2 * MOST_ROWS + 1)), draw(st.integers(1, 2 * MOST_ROWS + 1))
    sizes = draw(st.lists(st.integers(0, 21), min_size=K, max_size=K).filter(any))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = 10.0 ** draw(st.floats(-3, 0.7))
    labels = np.repeat(np.arange(K), sizes)
    return scale * rng.standard_normal((K, d)), scale * rng.standard_normal((d, len(labels))), labels


@given(problems())
def test_it_is_the_gradient_of_autograd_for_classes_of_any_sizes(problem):
    W, H, labels = problem
    shift, violation, found, g_W, g_H, rest = kernel(W, H, labels)
    exact, slow_W, slow_H = autograd(W, H, labels)
    Z = W @ H
    own = Z[labels, np.arange(len(labels))]
    assert shift == 0.0
    assert found == pytest.approx(exact, rel=1e-12)
    assert violation == pytest.approx((Z.max(axis=0) - own).sum(), abs=1e-11 * max(1.0, np.abs(Z).max()))
    size = max(1.0, np.abs(W).max(), np.abs(H).max()) * len(labels)
    assert np.abs(g_W - slow_W).max() <= 1e-14 * size * max(1.0, np.abs(Z).max())
    assert np.abs(g_H - slow_H).max() <= 1e-14 * size * max(1.0, np.abs(Z).max())
    assert not rest.any()


@given(problems())
def test_in_float32_to_its_own_accuracy(problem):
    W, H, labels = problem
    _, _, _, g_W, g_H, rest = kernel(W, H, labels, "float32")
    _, slow_W, slow_H = autograd(W, H, labels)
    size = max(1.0, np.abs(W).max(), np.abs(H).max()) * len(labels) * max(1.0, np.abs(W @ H).max())
    assert np.abs(g_W - slow_W).max() <= 1e-5 * size
    assert np.abs(g_H - slow_H).max() <= 1e-5 * size
    assert not rest.any()


@pytest.mark.parametrize("N", [1, 7, 8, 9, 8 * BLOCK_VECTORS, 8 * BLOCK_VECTORS + 1, 24 * BLOCK_VECTORS - 1])
def test_at_the_edges_of_blocks(N):
    rng = np.random.default_rng(N)
    W, H = rng.standard_normal((3, 2)), rng.standard_normal((2, N))
    labels = np.sort(rng.integers(0, 3, N))
    exact, slow_W, slow_H = autograd(W, H, labels)
    _, _, found, g_W, g_H, rest = kernel(W, H, labels)
    assert found == pytest.approx(exact, rel=1e-13)
    assert np.abs(g_W - slow_W).max() < 1e-12
    assert np.abs(g_H - slow_H).max() < 1e-14
    assert not rest.any()


@pytest.mark.parametrize("wrong", [-256.0, -512.0, -25600.0])
def test_the_answer_depends_on_the_state_alone_not_on_the_last_shift(wrong):
    for scale in (1.0, 300.0):
        W, H = np.sqrt(scale) * np.eye(3), np.sqrt(scale) * np.repeat(np.eye(3), 4, axis=1)
        labels = np.repeat(np.arange(3), 4)
        for right, other in zip(kernel(W, H, labels), kernel(W, H, labels, shift=wrong), strict=True):
            assert np.array_equal(right, other)


@pytest.mark.parametrize("margin", [100.0, 255.0, 257.0, 700.0, 1e4, 1e8])
def test_size_and_direction_survive_at_any_margin(margin):
    """W = sqrt(m) I, H the same: every gap is -m, every G_jk = e^-m, L = N (K-1) e^-m, but for what rounds away."""
    K, n = 3, 4
    W, H = np.sqrt(margin) * np.eye(K), np.sqrt(margin) * np.repeat(np.eye(K), n, axis=1)
    shift, violation, found, g_W, _, _ = kernel(W, H, np.repeat(np.arange(K), n))
    assert violation == 0.0
    assert shift == shift_for(-W[0, 0] * H[0, 0], 256.0)
    assert np.log(found) + shift == pytest.approx(np.log(K * n * (K - 1)) - margin, rel=1e-14)
    expected = np.sqrt(margin) * n * (np.ones((K, K)) - K * np.eye(K))
    assert g_W / np.exp(-margin - shift) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("place", ["W", "H"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_is_seen_and_raises_nothing(place, bad):
    W, H = gaussian(3, 2, 5)
    (W if place == "W" else H)[1, 1] = bad
    _, violation, _, g_W, g_H, _ = kernel(W, H, np.repeat(np.arange(3), 5))
    assert not violation <= 1e300
    assert np.isnan(np.r_[g_W.ravel(), g_H.ravel()]).any()
