"""Both ends of a large symmetric operator's spectrum, by SciPy's implicitly restarted Lanczos."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import numpy as np

from ulpm_core.model.shapes import Array, Shaped

KRYLOV: Final = 60
"""Vectors kept: 40 to 60 are fastest from 1,000 to 60,000 unknowns; 20 can take ten times as many products."""
WORK: Final = 10_000_000_000
"""Most operations of a search, of 0.3 ns each: states of up to 60,000 unknowns needed a third of it."""
TOLERANCE: Final = 1e-12
"""Largest residual of an eigenpair, over eigenvalue + shift; the eigenvalue is as exact or, where apart, far better."""


def extreme_eigenpairs(
    product: Callable[[Shaped[Array, "size"]], Shaped[Array, "size"]], size: int, pairs: int, cost: int, shift: float
) -> tuple[Shaped[Array, "m"], Shaped[Array, "{size} m"], bool]:
    """The `pairs` lowest eigenvalues, or at least the lowest, then the highest; their eigenvectors, one a column; and
    whether the lowest was found.

    `product` takes `cost` operations. ARPACK's tolerance is relative to each eigenvalue, so all
    are moved by `shift`, which must be above minus the least. At states of large margin the lowest are crowded, as
    seen from the highest: where `pairs` of them do not come apart, the lowest alone often does.

    >>> values, _, found = extreme_eigenpairs(lambda x: np.arange(100.0) * x, 100, 2, 100, 1.0)
    >>> np.allclose(values, [0.0, 1.0, 99.0]), found
    (True, True)
    """
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh  # imported late: a fifth of a second

    def search(which: str, count: int) -> tuple[Any, Any]:
        kept = min(size, max(KRYLOV, 2 * count))
        restarts = WORK // ((cost + 4 * kept * size) * (kept - count))  # 4: each vector is made orthogonal twice
        start = np.random.default_rng(0).standard_normal(size)  # ARPACK's own start differs from call to call
        with suppress(ArpackNoConvergence):
            if restarts:
                return eigsh(operator, count, which=which, ncv=kept, maxiter=restarts, v0=start, tol=TOLERANCE)
        return np.empty(0), np.empty((size, 0))

    operator = LinearOperator((size, size), matvec=lambda x: product(x.ravel()) + shift * x.ravel(), dtype=np.float64)
    low = search("SA", pairs)
    if pairs > 1 and not low[0].size:
        low = search("SA", 1)
    high = search("LA", 1)
    return np.concatenate([low[0], high[0]]) - shift, np.concatenate([low[1], high[1]], axis=1), bool(low[0].size)
