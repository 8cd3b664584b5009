"""exp for arguments <= 0: units in the last place against NumPy, extremes, and inside the engine's own loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from ulpm_core.dynamics.compiled import logit_gaps, residual
from ulpm_core.dynamics.exponential import exp_nonpositive


@njit
def over(x):
    out = np.empty_like(x)
    for i in range(len(x)):
        out[i] = exp_nonpositive(x[i])
    return out


def ulps(found: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return np.abs(found - expected) / np.spacing(expected)


def test_within_two_units_in_the_last_place_everywhere(rng):
    ties = -np.log(2) * (np.arange(1000) + 0.5)  # where the reduction changes its integer
    x = np.concatenate(
        [-np.linspace(0, 707.9, 100_001), -(10 ** rng.uniform(-300, 2.85, 20_000)), ties, np.nextafter(ties, 0)]
    )
    x = x[x > -708.0]
    assert ulps(over(x), np.exp(x)).max() <= 2.0


@given(st.floats(-707.999, 0.0))
@settings(max_examples=200)
def test_within_two_units_at_any_float(x):
    assert ulps(np.array(exp_nonpositive(x)), np.exp(np.array(x))) <= 2.0


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (0.0, 1.0),
        (-0.0, 1.0),
        (-5e-324, 1.0),
        (-1e-17, 1.0),
        (-708.0, 0.0),
        (-709.0, 0.0),
        (-1e300, 0.0),
        (-np.inf, 0.0),
    ],
)
def test_extremes_are_exact(x, expected):
    assert exp_nonpositive(x) == expected


def test_never_below_zero_never_above_one_never_falling():
    x = -np.sort(np.concatenate([np.linspace(0, 800, 50_001), np.geomspace(1e-18, 1, 1001)]))
    values = over(x)
    assert ((values >= 0) & (values <= 1)).all()
    assert np.diff(values).max() <= 4.5e-16  # as x falls, so does e^x, up to rounding


def test_the_fast_loops_of_the_engine_keep_the_accuracy(rng):
    """fastmath may reorder sums, and must not undo the two-part ln 2: gaps to -190 keep 1e-14 relative accuracy."""
    K, d, n = 3, 2, 50
    Wt, H = 3 * rng.standard_normal((d, K)), 8 * rng.standard_normal((d, K * n))
    gaps, worst, total, own = np.empty((K, K * n)), np.empty(K * n), np.empty(K * n), np.empty(K * n)
    largest, _ = logit_gaps(Wt, H, n, gaps, worst)
    Z = Wt.T @ H
    labels = np.repeat(np.arange(K), n)
    others = labels != np.arange(K)[:, None]
    kept = Z - Z[labels, np.arange(K * n)]
    assert np.abs(gaps - kept)[others].max() < 1e-13
    kept[others] = gaps[others]
    assert residual(gaps, worst, n, largest, total, own) == 0.0
    expected = np.exp(kept - kept.max(axis=0)) / np.exp(kept - kept.max(axis=0)).sum(axis=0)
    seen = others & (expected > 1e-300)
    assert kept[seen].min() < -100
    assert (np.abs(gaps[seen] / expected[seen] - 1)).max() < 1e-14
    assert np.abs(gaps.sum(axis=0)).max() < 1e-15
