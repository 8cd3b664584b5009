"""The clock of the late flow against exact integrals, and the projection back to W^T W - H H^T."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import flat, gaussian, log_loss_and_field
from scipy.integrate import quad

from ulpm_core.dynamics.flow.flow_time import hermite, log_time_passed, restore


@pytest.mark.parametrize("growth", [1e-12, 1e-3, 1.0, 1.5, 30.0, 800.0, 1e4, -1e-3, -2.0])
@pytest.mark.parametrize("y0", [-5.0, 30.0, 700.0, 1e6])
def test_along_a_line_time_is_the_exact_integral(growth, y0):
    """integral_0^h e^(y0 + g s) ds = e^y0 (e^(g h) - 1) / g."""
    h = 0.37
    slope = growth / h
    exact = y0 + math.log(h) + (math.log(math.expm1(growth) / growth) if growth < 700.0 else growth - math.log(growth))
    found = log_time_passed(h, y0, slope, y0 + growth, slope)
    assert found == pytest.approx(exact, rel=1e-15, abs=4e-15 + 2e-16 * abs(y0))


@given(st.floats(0.01, 3.0), st.floats(0.0, 40.0), st.floats(1e-3, 40.0), st.floats(-1.0, 40.0))
def test_along_any_cubic_time_is_the_integral_by_quad(h, slope0, slope1, rise):
    ends = (h, 0.0, slope0, rise, slope1)
    exact, error = quad(lambda x: math.exp(hermite(x, *ends)), 0.0, h, epsabs=0.0, epsrel=1e-12, limit=500)
    assert log_time_passed(*ends) == pytest.approx(math.log(exact), abs=1e-8 + 2 * error / exact)


def test_the_cubic_has_the_ends_and_slopes_it_is_given():
    ends, tiny = (0.7, 2.0, -3.0, 5.0, 4.0), 1e-6
    assert [hermite(x, *ends) for x in (0.0, 0.7)] == [2.0, 5.0]
    assert (hermite(tiny, *ends) - 2.0) / tiny == pytest.approx(-3.0, abs=1e-4)
    assert (5.0 - hermite(0.7 - tiny, *ends)) / tiny == pytest.approx(4.0, abs=1e-4)
    middle = 0.5 * (2.0 + 5.0) + 0.7 / 8 * (-3.0 - 4.0)
    assert hermite(0.35, *ends) == pytest.approx(middle, abs=1e-15)


@pytest.mark.parametrize("shape", [(3, 2, 4), (4, 3, 30), (4, 2, 3), (3, 5, 2), (2, 1, 1)], ids=str)
@pytest.mark.parametrize("size", [0.5, 50.0])
def test_the_invariant_is_put_back_and_nothing_else_is_moved(shape, size):
    """What is left is of second order in what was put right, and so is the change of any difference of logits."""
    K, d, n = shape
    W, H = gaussian(*shape, scale=size)
    wanted = W.T @ W - H @ H.T
    rng, left, moved = np.random.default_rng(0), [], []
    off_W, off_H = rng.standard_normal(W.shape), rng.standard_normal(H.shape)
    for share in (1e-3, 1e-4):
        W1, H1 = W + share * size * off_W, H + share * size * off_H
        theta, f = flat(W1, H1), flat(*log_loss_and_field(W1, H1, n)[1:])
        restore(theta, f, d, K, wanted)
        W2, H2 = theta[: d * K].reshape(d, K).T, theta[d * K :].reshape(d, -1)
        before = np.linalg.norm(W1.T @ W1 - H1 @ H1.T - wanted)
        left.append(np.linalg.norm(W2.T @ W2 - H2 @ H2.T - wanted) / before)
        gaps1, gaps2 = W1 @ H1 - (W1 @ H1)[:1], W2 @ H2 - (W2 @ H2)[:1]
        moved.append(np.abs(gaps2 - gaps1).max() / (share * size * size))
        assert np.abs(W2.sum(axis=0) - W1.sum(axis=0)).max() < 1e-13 * size * K
        exact = flat(*log_loss_and_field(W2, H2, n)[1:])
        assert np.linalg.norm(exact - f) < 100 * share**2 * size**3 * K + 1e-12 * size  # the field went with it
    assert left[0] < 0.1
    assert left[1] < 0.15 * left[0]
    assert moved[1] < 0.15 * moved[0]


def test_without_imbalance_nothing_moves():
    W, H = gaussian(4, 3, 5)
    theta, f = flat(W, H), flat(*log_loss_and_field(W, H, 5)[1:])
    kept, kept_f = theta.copy(), f.copy()
    restore(theta, f, 3, 4, W.T @ W - H @ H.T)
    assert np.abs(theta - kept).max() < 1e-15
    assert np.abs(f - kept_f).max() < 1e-15
