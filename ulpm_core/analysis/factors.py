"""Singular values, in one thread where they take long."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

import numpy as np
from threadpoolctl import ThreadpoolController

from ulpm_core.model.shapes import Array, Shaped

LARGE: Final = 64
"""Rows and columns from which NumPy's BLAS would use several threads."""
_LIMITED: Final = threading.Lock()


def decomposed(A: Shaped[Array, "*T K d"]) -> tuple[Shaped[Array, "*T r"], Shaped[Array, "*T r d"]]:
    """Singular values S, largest first, and right singular vectors Vt of A, r = min(K, d) of them; those of 0 where A
    holds infinity or NaN, as where a run that diverged has left float64.

    In one thread: a decomposition is thousands of small products in a row, and where another program wants a core,
    threads wait for one another at each of them. Of 1000 x 512 on two busy cores: 0.7 s in one, 17 s in two.

    >>> decomposed(np.diag([1.0, 2.0]))[0].tolist()
    [2.0, 1.0]
    """
    A = np.where(np.isfinite(A).all(axis=(-2, -1), keepdims=True), A, 0.0)
    with in_one_thread(min(A.shape[-2:])):
        _, S, Vt = np.linalg.svd(A, full_matrices=False)
    return S, Vt


@contextmanager
def in_one_thread(size: int) -> Iterator[None]:
    """Has decompositions of matrices with so many rows and columns run in one thread, where BLAS would take several."""
    if size < LARGE:
        yield
    else:
        with _LIMITED, _blas().limit(limits=1, user_api="blas"):  # one at a time: each puts back what it found
            yield


@lru_cache(maxsize=1)
def _blas() -> ThreadpoolController:
    return ThreadpoolController()
