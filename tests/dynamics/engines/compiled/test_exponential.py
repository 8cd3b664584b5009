"""exp of vectors: units in the last place against NumPy, extremes, both precisions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from ulpm_core.dynamics.engines.compiled.exponential import exp
from ulpm_core.dynamics.engines.compiled.simd import BYTES, load, pointer, store


@njit
def in_place(x):
    for i in range(0, x.size, BYTES // x.itemsize):
        store(pointer(x) + i, exp(load(pointer(x) + i)))


def over(x: np.ndarray) -> np.ndarray:
    out = np.zeros(-(-x.size // 16) * 16, x.dtype)
    out[: x.size] = x
    in_place(out)
    return out[: x.size]


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
    assert ulps(over(np.array([x])), np.exp(np.array([x])))[0] <= 2.0


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (0.0, 1.0),
        (-0.0, 1.0),
        (-5e-324, 1.0),
        (-1e-17, 1.0),
        (-708.1, 0.0),
        (-709.0, 0.0),
        (-1e300, 0.0),
        (-np.inf, 0.0),
    ],
)
def test_extremes_are_exact(x, expected):
    assert over(np.array([x]))[0] == expected


def test_never_below_zero_never_above_one_never_falling():
    x = -np.sort(np.concatenate([np.linspace(0, 800, 50_001), np.geomspace(1e-18, 1, 1001)]))
    values = over(x)
    assert ((values >= 0) & (values <= 1)).all()
    assert np.diff(values).max() <= 4.5e-16  # as x falls, so does e^x, up to rounding


def test_float32_within_two_units_and_never_below_zero():
    x = -np.linspace(0, 200, 100_001, dtype=np.float32)
    found, seen = over(x), x >= -87.0
    assert ulps(found[seen], np.exp(x[seen].astype(np.float64)).astype(np.float32)).max() <= 2.0
    assert not found[~seen].any()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_is_no_number_stays_none(dtype):
    assert np.isnan(over(np.array([np.nan, -np.nan], dtype))).all()


def test_positive_arguments_too():
    x = np.linspace(0, 88, 1001)
    assert ulps(over(x), np.exp(x)).max() <= 2.0
