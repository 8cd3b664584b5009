"""Multipliers of the separation problem that fit a state of any class sizes, at any scale."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np

from ulpm_core.model.shapes import Array, Labels, Shaped


def polar_multipliers(
    W: Shaped[Array, "*T K d"], H: Shaped[Array, "*T d N"], labels: Shaped[Labels, "N"]
) -> Shaped[Array, "*T K N"]:
    """The multipliers that logits propose whatever the scale: -U V^T where that is positive, 0 on the true
    class, with Pi W H = U S V^T.

    U V^T, of operator norm 1, pairs with Z to ||Pi Z||_*. It is the A of every optimum with d >= K-1, of any class
    sizes (docs/theory.md 6.1): :func:`ulpm_core.analysis.separation.separation_optimum`. The loss proposes equal
    multipliers where margins are equal, which fits equal classes alone.

    >>> from ulpm_core.analysis.separation import separation_optimum
    >>> best = separation_optimum((10, 10, 2, 2), 3)
    >>> found = polar_multipliers(best.W, best.H, np.repeat(np.arange(4), (10, 10, 2, 2)))
    >>> bool(np.allclose(found, best.multipliers, rtol=1e-9))
    True
    """
    Z = W @ H
    U, S, Vt = np.linalg.svd(Z - Z.mean(axis=-2, keepdims=True), full_matrices=False)
    held = max(Z.shape[-2:]) * np.finfo(np.float64).eps * S[..., :1] < S
    found = np.maximum(-(U * held[..., None, :]) @ Vt, 0.0)
    found[..., labels, np.arange(len(labels))] = 0.0
    return found


Parts = TypeVar("Parts", bound=Iterable[Any])


def smaller(one: Parts, other: Parts, name: str) -> Parts:
    """Returns, at each place, the one of two named tuples of arrays whose part of that name is smaller."""
    better = getattr(other, name) < getattr(one, name)
    return type(one)(*(np.where(better, theirs, ours) for ours, theirs in zip(one, other, strict=True)))
