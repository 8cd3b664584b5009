"""-grad log L where float64 ends, and one step of each of the flow's two methods: order, error, stability, spectrum."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from reference import SHAPES, flat, gaussian, log_loss_and_field, points, separated_gradient, torch_loss

from ulpm_core.dynamics.flow import chebyshev, dormand_prince
from ulpm_core.dynamics.flow.log_field import Work, log_field, norm, packed, unpacked
from ulpm_core.model.etf import minimum_norm_optimum


def field(W: np.ndarray, H: np.ndarray) -> tuple[float, np.ndarray]:
    theta = packed(W, H)
    out = np.full_like(theta, np.nan)
    log_loss = log_field(theta, W.shape[1], work_of(W, H), out)
    return log_loss, flat(*unpacked(out, *W.shape, H.shape[1]))


def work_of(W: np.ndarray, H: np.ndarray) -> Work:
    return Work.of(np.repeat(np.arange(len(W)), H.shape[1] // len(W)), len(W))


def torch_log_loss(theta: torch.Tensor, K: int, d: int, n: int) -> torch.Tensor:
    return torch_loss(theta[: d * K].reshape(d, K).T, theta[d * K :].reshape(d, -1), n).log()


@given(points())
def test_it_is_the_gradient_of_log_loss_by_autograd(point):
    W, H, n = point
    theta = torch.tensor(flat(W, H), requires_grad=True)
    log_L = torch_log_loss(theta, *W.shape, n)
    (gradient,) = torch.autograd.grad(log_L, theta)
    found, out = field(W, H)
    assert found == pytest.approx(log_L.item(), abs=1e-12 * max(1.0, np.abs(W @ H).max()))
    assert np.abs(out + gradient.numpy()).max() <= 1e-12 * max(1.0, norm(out), np.abs(W @ H).max())


@pytest.mark.parametrize("mu", [1e-3, 1.0, 20.0, 39.9, 40.1, 700.0, 800.0, 1e5, 1e8])
@pytest.mark.parametrize("shape", [(3, 2, 10), (4, 3, 30), (10, 16, 5)], ids=str)
def test_on_the_simplex_it_is_the_closed_form_at_any_margin(shape, mu):
    """log L = log N + log log1p((K-1) e^-mu), -grad log L = (K sqrt(n) q / L) theta, q = 1/(e^mu + K-1)."""
    (K, _, n), best = shape, minimum_norm_optimum(*shape)
    log_L, out = field(math.sqrt(mu) * best.W, math.sqrt(mu) * best.H)
    S = (K - 1) * math.exp(-mu)
    exact = math.log(K * n) + (math.log(math.log1p(S)) if S > 1e-16 else math.log(K - 1) - mu)
    assert log_L == pytest.approx(exact, rel=1e-14, abs=1e-14)
    growth = 1.0 / ((K - 1) * math.sqrt(n))
    growth *= S / (1.0 + S) / math.log1p(S) if S > 1e-16 else 1.0
    theta = math.sqrt(mu) * flat(best.W, best.H)
    assert np.abs(out - growth * theta).max() <= (1e-13 + 4e-16 * mu) * norm(theta)  # margins are rounded


@pytest.mark.parametrize("size", [1e-100, 1.0, 30.0, 1e3, 1e50, 1e100])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_it_is_finite_everywhere_and_homogeneous_far_out(shape, size):
    W, H = gaussian(*shape, scale=size)
    log_L, out = field(W, H)
    slow_L, f_W, f_H = log_loss_and_field(W, H, shape[2])
    assert log_L == pytest.approx(slow_L, rel=1e-13)
    assert norm(out / size - flat(f_W, f_H) / size) <= 1e-11 * norm(out / size)


def test_where_theta_is_no_number_neither_is_the_field():
    """Such trial steps must be rejected, not raise."""
    for bad in (np.nan, np.inf):
        W, H = gaussian(3, 2, 2)
        W[0, 0] = bad
        H[0, 0] = bad
        assert not np.isfinite(field(W, H)[1]).all()


@pytest.mark.parametrize("margin", [150.0, 760.0, 1e4, 1e6])
def test_it_is_the_gradient_over_the_loss_where_both_underflow(margin):
    best, (dW, dH) = minimum_norm_optimum(4, 3, 3), gaussian(4, 3, 3, 1, 0.02)
    W, H = math.sqrt(margin) * (best.W + dW), math.sqrt(margin) * (best.H + dH)
    g_W, g_H, log_norm = separated_gradient(W, H, 3)
    log_L, out = field(W, H)
    assert norm(out) == pytest.approx(math.exp(log_norm - log_L), rel=1e-13 * margin)
    assert norm(out / norm(out) + flat(g_W, g_H)) < 1e-14 * margin


# -- one step of each method ---------------------------------------------------------------------------------------

RULERS = {"dormand-prince": 9.0, "dense output": 8.0, "chebyshev 2": 3.0, "chebyshev 9": 3.0}


def local_error(method: str, h: float) -> float:
    """One step of length h against a hundred of an eighth of the order."""
    W, H = gaussian(4, 3, 2, 3)
    d, work, theta = 3, work_of(W, H), packed(W, H)
    f, new, f_new = np.empty_like(theta), np.empty_like(theta), np.empty_like(theta)

    def fine(share: float, clock: bool) -> np.ndarray:
        stages = np.empty((dormand_prince.ROWS, theta.size))
        at, c, small = theta.copy(), 0.7, share * h / 16
        for _ in range(16):
            if clock:
                dormand_prince.field(at, c, 0.0, d, work, stages[0])
                dormand_prince.step(at, c, small, 0.0, d, work, stages, new)
                at, c = new.copy(), c + small
            else:  # classical Runge-Kutta, many times finer than a step of order 2
                k = [np.empty_like(theta) for _ in range(4)]
                for i, (back, weight) in enumerate([(0, 0.0), (0, 0.5), (1, 0.5), (2, 1.0)]):
                    log_field(at + weight * small * k[back] if i else at, d, work, k[i])
                at = at + small / 6 * (k[0] + 2 * k[1] + 2 * k[2] + k[3])
        return at

    if method.startswith("chebyshev"):
        log_field(theta, d, work, f)
        chebyshev.step(theta, f, h, int(method[-1]), d, work, new, f_new)
        return norm(new - fine(1.0, False))
    stages = np.empty((dormand_prince.ROWS, theta.size))
    dormand_prince.field(theta, 0.7, 0.0, d, work, stages[0])
    end = np.empty_like(theta)
    dormand_prince.step(theta, 0.7, h, 0.0, d, work, stages, end)
    if method == "dormand-prince":
        return norm(end - fine(1.0, True))
    rows = dormand_prince.dense_output(theta, 0.7, h, 0.0, d, work, stages, end)
    assert np.array_equal(dormand_prince.between(theta, rows, 0.0), theta)
    assert norm(dormand_prince.between(theta, rows, 1.0) - end) < 1e-14
    return norm(dormand_prince.between(theta, rows, 0.4) - fine(0.4, True))


@pytest.mark.parametrize("method", list(RULERS))
def test_the_error_of_a_step_falls_as_its_order_says(method):
    longest = 0.1 if "chebyshev" in method else 0.3
    errors = [local_error(method, longest / 2**k) for k in range(3)]
    found = math.log2(errors[0] / errors[2]) / 2
    assert found == pytest.approx(RULERS[method], abs=0.5), errors


@pytest.mark.parametrize("h", [0.01, 0.03, 0.1])
def test_estimated_errors_are_those_made(h):
    """Of order 2 asymptotically right; DOP853's, of order 7, is above the error of its result, of order 8."""
    W, H = gaussian(4, 3, 2, 3)
    d, work, theta = 3, work_of(W, H), packed(W, H)
    f, new, f_new = np.empty_like(theta), np.empty_like(theta), np.empty_like(theta)
    log_field(theta, d, work, f)
    said, log_loss = chebyshev.step(theta, f, h, 4, d, work, new, f_new)
    assert said == pytest.approx(local_error("chebyshev 4", h), rel=2.0)
    assert log_loss == pytest.approx(log_loss_and_field(new[:12].reshape(3, 4).T, new[12:].reshape(3, 8), 2)[0])
    stages = np.empty((dormand_prince.ROWS, theta.size))
    dormand_prince.field(theta, 0.7, 0.0, d, work, stages[0])
    said, _, _ = dormand_prince.step(theta, 0.7, 5 * h, 0.0, d, work, stages, new)
    assert local_error("dormand-prince", 5 * h) <= max(said, 1e-14)


@pytest.mark.parametrize("size", [0.3, 1.0, 5.0, 50.0])
@pytest.mark.parametrize("shape", [(3, 2, 4), (4, 3, 3), (5, 2, 2)], ids=str)
def test_the_spectral_radius_is_that_of_the_dense_hessian_of_log_loss(shape, size):
    """Large starts too: they are flat but for kinks as wide as 1/||theta||."""
    (K, d, n), (W, H) = shape, gaussian(*shape, scale=size)
    theta, f = packed(W, H), packed(*unpacked(field(W, H)[1], K, d, K * n))
    hessian = torch.func.hessian(torch_log_loss)(torch.tensor(flat(W, H)), K, d, n).numpy()
    exact = np.abs(np.linalg.eigvalsh(hessian)).max()
    found = chebyshev.spectral_radius(theta, f, d, work_of(W, H))
    assert 0.8 * exact <= found <= 1.02 * exact  # SPECTRUM_SAFETY covers the rest


@pytest.mark.parametrize("m", [3, 10, 40])
def test_chebyshev_damps_the_stiffest_mode_up_to_two_thirds_of_m_squared_and_no_further(m):
    """Far out on the ray, where a stable step is too short for anything but the stiffest modes to move."""
    (K, d, n), mu = (4, 3, 2), 1e6
    best = minimum_norm_optimum(K, d, n)
    work = work_of(best.W, best.H)
    theta = math.sqrt(mu) * flat(best.W, best.H)
    f, f_off, f_new, on, off = (np.empty_like(theta) for _ in range(5))
    labels, others = torch.arange(K).repeat_interleave(n), ~torch.eye(K, dtype=torch.bool).repeat_interleave(n, 1)

    def log_loss(at: torch.Tensor) -> torch.Tensor:
        Z = at[: d * K].reshape(d, K).T @ at[d * K :].reshape(d, -1)
        return torch.logsumexp((Z - Z[labels, torch.arange(K * n)])[others], 0)  # as L is here: sum exp(z_j - z_y)

    eigenvalues, vectors = np.linalg.eigh(torch.func.hessian(log_loss)(torch.tensor(theta)).numpy())
    nudge = 1e-7 * vectors[:, -1]
    log_field(theta, d, work, f)
    log_field(theta + nudge, d, work, f_off)
    kept = {}
    for share in (0.3, 0.64, 0.70):
        h = share * m * m / eigenvalues[-1]
        chebyshev.step(theta, f, h, m, d, work, on, f_new)
        chebyshev.step(theta + nudge, f_off, h, m, d, work, off, f_new)
        kept[share] = norm(off - on) / norm(nudge)
    assert kept[0.3] < 1.0, kept
    assert kept[0.64] < 1.0, kept
    assert kept[0.70] > 1.0, kept


@given(st.floats(0.0, 1e8))
def test_stages_are_the_fewest_that_are_stable(stiffness):
    m = chebyshev.stages_for(stiffness)
    assert m >= 2
    assert stiffness <= 0.66 * m * m
    assert m == 2 or stiffness > 0.63 * (m - 1) ** 2 - 1.0
