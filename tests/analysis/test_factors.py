"""Decompositions in one thread, and the margin's bound from the class sizes that differ."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

from ulpm_core.analysis.collapse import least_norm_product
from ulpm_core.analysis.factors import LARGE, decomposed


def threads():
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


@pytest.fixture(autouse=True)
def two_threads():
    """Gives BLAS two threads, as a machine with two cores does, whatever this one has."""
    with threadpool_limits(2, user_api="blas"):
        assert 2 in threads()  # cvxpy's solver brings a BLAS that knows one alone
        yield


@pytest.mark.parametrize(
    "shape", [(3, 2), (2, 5), (4, 3, 2), (LARGE, LARGE), (100, 70), (70, 100), (2, 90, 80)], ids=str
)
def test_a_matrix_comes_back_whatever_its_size_and_threads_stay_as_they_were(shape, rng):
    A, before = rng.standard_normal(shape), threads()
    S, Vt = decomposed(A)
    gram = np.swapaxes(A, -1, -2) @ A
    assert np.allclose(np.swapaxes(Vt, -1, -2) @ (S[..., None] ** 2 * Vt), gram, rtol=1e-10, atol=1e-10)
    assert (np.diff(S, axis=-1) <= 0).all()
    assert threads() == before


def test_many_at_once_leave_the_threads_as_they_were(rng):
    many, before = rng.standard_normal((12, 80, 80)), threads()
    with ThreadPoolExecutor(6) as pool:
        found = [S for S, _ in pool.map(decomposed, many)]
    assert np.array_equal(found, decomposed(many)[0])
    assert threads() == before


@given(st.lists(st.integers(1, 50), min_size=2, max_size=12))
def test_the_least_norm_product_is_the_sum_of_all_singular_values(counts):
    """||Pi Y||_* of the K x N one-hot labels themselves, by NumPy."""
    Y = np.repeat(np.eye(len(counts)), counts, axis=1)
    expected = np.linalg.svd(Y - Y.mean(axis=0), compute_uv=False).sum()
    assert least_norm_product(np.array(counts)) == pytest.approx(expected, rel=1e-12)
