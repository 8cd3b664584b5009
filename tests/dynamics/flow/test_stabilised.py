"""The pair of order 5: its order, its stability, and its error estimate, by themselves and on a problem."""

from __future__ import annotations

import math

import numpy as np
import pytest
from reference import gaussian, labels_of

from ulpm_core.dynamics.flow.log_field import Work, log_field, packed
from ulpm_core.dynamics.flow.stabilised import ORDER, STABLE, STAGES, A, B, E, step

c = A.sum(axis=1)
TREES = {
    1: [(np.ones(STAGES), 1)],
    2: [(c, 2)],
    3: [(c**2, 3), (A @ c, 6)],
    4: [(c**3, 4), (c * (A @ c), 8), (A @ c**2, 12), (A @ A @ c, 24)],
    5: [
        (c**4, 5),
        (c**2 * (A @ c), 10),
        (c * (A @ c**2), 15),
        (c * (A @ A @ c), 30),
        ((A @ c) ** 2, 20),
        (A @ c**3, 20),
        (A @ (c * (A @ c)), 40),
        (A @ A @ c**2, 60),
        (A @ A @ A @ c, 120),
    ],
}
"""Each rooted tree's elementary weight in the stages, and its density (Hairer, Norsett, Wanner, II.2)."""


def grown(z: float) -> float:
    """R(z) = 1 + z B (1 - z A)^-1 1: what a step does to an eigenmode."""
    return float(1.0 + z * B @ np.linalg.solve(np.eye(STAGES) - z * A, np.ones(STAGES)))


@pytest.mark.parametrize("order", range(1, ORDER + 1))
def test_all_seventeen_conditions_of_order_five_hold(order):
    for weight, density in TREES[order]:
        assert B @ weight == pytest.approx(1.0 / density, abs=1e-15)


@pytest.mark.parametrize("order", range(1, ORDER))
def test_the_estimate_vanishes_up_to_order_four(order):
    for weight, _ in TREES[order]:
        assert E @ weight == pytest.approx(0.0, abs=1e-16)


def test_the_estimate_sees_order_five():
    assert max(abs(E @ weight) for weight, _ in TREES[ORDER]) == pytest.approx(3e-4, rel=1e-9)


def test_it_is_stable_and_damped_along_its_whole_interval():
    assert grown(-0.1) == pytest.approx(math.exp(-0.1), abs=1e-8)
    assert max(abs(grown(-z)) for z in np.linspace(1.0, STABLE, 500)) < 0.951
    assert abs(grown(-14.5)) > 1.5


def test_its_error_falls_like_the_sixth_power_of_a_step():
    """Against 32 steps of a 32nd; the estimate stays above the error."""
    W, H = gaussian(3, 2, 4, 1, 2.0)
    theta, d, work = packed(W, H), 2, Work.of(labels_of(3, 4), 3)
    stages, new, f = np.empty((STAGES, theta.size)), np.empty_like(theta), np.empty_like(theta)

    def after(h: float, times: int) -> tuple[np.ndarray, float]:
        at, error = theta.copy(), math.nan
        for _ in range(times):
            log_field(at, d, work, stages[0])
            error, log_loss = step(at, h, d, work, stages, new, f)
            assert log_loss == log_field(new, d, work, np.empty_like(f))
            at = new.copy()
        return at, error

    errors = []
    for h in (0.4, 0.2):
        exact, (once, estimate) = after(h / 32, 32)[0], after(h, 1)
        errors.append(float(np.linalg.norm(once - exact)))
        assert 0.0 < errors[-1] < estimate
    assert errors[0] / errors[1] == pytest.approx(64.0, rel=0.1)
