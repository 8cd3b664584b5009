"""The margins that rules other than gradient descent seek: by the norm in which a step is the steepest.

The smallest margin of the logits Z = W H is at most a mean of them: over the wrong classes of a sample, over the
samples of a class, over classes. That is <A, Z> with A = Pi Y D^-1 / (K - 1), D the class sizes by columns, and each
norm bounds it (docs/theory.md 6.8).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ulpm_core.analysis.collapse import least_norm_product
from ulpm_core.model.multipliers import operator_norm
from ulpm_core.model.shapes import Array


def gamma_spectral(run: Any) -> Array:
    """(K-1) q_min / (||Pi Y D^-1||_* ||W||_op ||H||_op), (T,): sqrt(n) q_min / (||W||_op ||H||_op) for classes of one
    size n. At most 1; 1 for the simplex, and where d > K - 1 not for it alone.

    >>> from ulpm_core import RunConfig, simulate
    >>> run = simulate(RunConfig(initialisation="simplex", push=0.0, steps=1))
    >>> round(float(gamma_spectral(run)[0]), 12)
    1.0
    """
    spread = least_norm_product(1.0 / run.class_sizes)
    norms = np.linalg.norm(run.W, 2, axis=(-2, -1)) * _scaled_operator_norm(run.H)
    return _over((len(run.class_sizes) - 1) * run.metrics["q_min"] / spread, norms)


def gamma_entries(run: Any) -> Array:
    """q_min / (c d max|W| max|H|), (T,), with c = K/(K-1) for an even K and (K+1)/K for an odd one.

    At most 1, which is Plotkin's bound: 1 only for entries of one size whose signs are, class by class, equally far
    from one another and as far as can be. Three numbers have that for four classes, a tetrahedron in a cube; for most K
    and d none have.

    >>> from ulpm_core import RunConfig, State, simulate
    >>> cube = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    >>> run = simulate(RunConfig(steps=1), State(cube, cube.T))
    >>> float(gamma_entries(run)[0])
    1.0
    """
    K, d = run.W.shape[-2:]
    most = d * (K / (K - 1) if K % 2 == 0 else (K + 1) / K)
    norms = np.abs(run.W).max(axis=(-2, -1)) * np.abs(run.H).max(axis=(-2, -1))
    return _over(run.metrics["q_min"] / most, norms)


def _scaled_operator_norm(H: Array) -> Array:
    """Returns ||H||_op, (T,), of H of any size: scaled before it is squared."""
    largest = np.abs(H).max(axis=(-2, -1), keepdims=True)
    return largest[..., 0, 0] * operator_norm(H / np.where(largest > 0.0, largest, 1.0))


def _over(margin: Array, norms: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(norms > 0.0, margin / norms, np.nan)
