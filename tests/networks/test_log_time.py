"""Log time: the step against autograd written out, its logarithm where nothing underflows and where all does."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from networks.reference import naive_log_loss

from ulpm_core.model.losses.cross_entropy import log_cross_entropy
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.log_time import log_summed_loss, log_time_step
from ulpm_core.networks.models import build_model


def logits(scale: float, N: int = 12, K: int = 4) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    y = torch.arange(N) % K
    Z = torch.randn(N, K, generator=generator, dtype=torch.float64)
    return (Z + scale * torch.nn.functional.one_hot(y, K)).requires_grad_(), y


@pytest.mark.parametrize("scale", [-30.0, 0.0, 5.0, 12.0])
def test_value_and_gradient_are_autograds_where_nothing_underflows(scale):
    Z, y = logits(scale)
    ours, theirs = log_summed_loss(Z, y), naive_log_loss(Z, y)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-10)
    expected = torch.autograd.grad(theirs, Z)[0]
    assert torch.allclose(torch.autograd.grad(ours, Z)[0], expected, rtol=1e-7, atol=1e-14)


@pytest.mark.parametrize("scale", [0.0, 19.0, 23.0, 500.0, 1e4, 1e8, -1e4])
def test_value_is_that_of_the_models_own_log_domain(scale):
    Z, y = logits(scale)
    expected = float(log_cross_entropy(Z.detach().numpy().T, y.numpy()))
    assert log_summed_loss(Z, y).item() == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("scale", [19.0, 23.0, 800.0, 1e6])
def test_gradient_at_any_margin_is_softmax_over_loss(scale):
    """d log L / d z_j = exp(z_j - z_y - l_i - log L): finite differences of a logarithm, which never underflow."""
    Z, y = logits(scale)
    gradient = torch.autograd.grad(log_summed_loss(Z, y), Z)[0]
    assert gradient.isfinite().all()
    assert torch.allclose(gradient.sum(dim=1), torch.zeros(12, dtype=torch.float64), atol=1e-12)
    for i, j in ((0, 1), (5, 2), (7, 3)):
        h, moved = 1e-5 if scale < 1e3 else 1e-2, []
        for sign in (1, -1):
            there = Z.detach().clone()
            there[i, j] += sign * h
            moved.append(log_summed_loss(there, y).item())
        assert gradient[i, j].item() == pytest.approx((moved[0] - moved[1]) / (2 * h), rel=1e-3, abs=1e-6)


def test_a_step_is_autograds_in_a_small_network():
    config = NetworkConfig(width=6, depth=2, classes="0,1,2")
    ours, theirs = (build_model(config, (1, 4, 4)) for _ in range(2))
    x = torch.rand(20, 1, 4, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    y = torch.arange(20) % 3
    for c in (0.5, 2.0):
        passed = log_time_step(list(ours.parameters()), log_summed_loss(ours(x), y), c)
        log_loss = naive_log_loss(theirs(x), y)
        log_loss.backward()
        square = sum((p.grad**2).sum() for p in theirs.parameters()).item()
        ds = min(c, c / square)
        with torch.no_grad():
            for p in theirs.parameters():
                p -= ds * p.grad
                p.grad = None
        assert passed == pytest.approx(math.log(ds / math.exp(log_loss.item())), rel=1e-10)
        for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
            assert torch.allclose(a, b, rtol=1e-9, atol=1e-12)


def test_a_step_lowers_log_loss_by_about_the_relative_rate():
    """On W H itself, homogeneous of degree 2, with a small rate: the fall is c to first order."""
    rng = np.random.default_rng(0)
    W = torch.tensor(10 * np.eye(3) + rng.standard_normal((3, 3)), requires_grad=True)
    H = torch.tensor(10 * np.eye(3)[:, [0, 1, 2]], requires_grad=True)
    y = torch.arange(3)
    before = log_summed_loss((W @ H).T, y)
    log_time_step([W, H], before, 0.01)
    assert before.item() - log_summed_loss((W @ H).T, y).item() == pytest.approx(0.01, rel=0.02)


def test_where_the_gradient_vanishes_a_step_is_no_longer_than_the_rate():
    theta = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    assert log_time_step([theta], 1e-3 * theta.sum(), 2.0) == pytest.approx(math.log(2.0) - 1e-3)
    assert theta.item() == pytest.approx(1.0 - 2e-3)
