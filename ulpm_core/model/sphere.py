"""Lengths and angles of states and directions, (W, H) and (X, V) taken as one vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from ulpm_core.model.refusal import unfit
from ulpm_core.model.shapes import Array, Shaped
from ulpm_core.model.state import State

Direction = tuple[Shaped[Array, "K d"], Shaped[Array, "d N"]]
"""X and V, of the shapes of W and H."""
PARALLEL: Final = 1e-9
"""Least share of a direction that its parts along others must leave: else rounding would choose the rest."""


def norm(W: Shaped[Array, "*T K d"], H: Shaped[Array, "*T d N"]) -> Shaped[Array, "*T"]:
    """sqrt(||W||^2 + ||H||^2).

    >>> float(norm(np.array([[3.0]]), np.array([[0.0, 4.0]])))
    5.0
    """
    return np.hypot(np.linalg.norm(W, axis=(-2, -1)), np.linalg.norm(H, axis=(-2, -1)))


def inner(W: Shaped[Array, "*T K d"], H: Shaped[Array, "*T d N"], direction: Direction) -> Shaped[Array, "*T"]:
    """<W, X> + <H, V>."""
    return (W * direction[0]).sum(axis=(-2, -1)) + (H * direction[1]).sum(axis=(-2, -1))


def unit(state: State) -> Direction:
    """theta / ||theta||; 0 at the origin."""
    size = float(norm(state.W, state.H)) or 1.0
    return state.W / size, state.H / size


def orthonormal(name: str, direction: Direction, others: Sequence[Direction]) -> Direction:
    """The direction without its parts along orthonormal others, of unit norm.

    Raises :class:`ConfigError` on the field `name` where nothing is left.
    """
    X, V = direction
    before = float(norm(X, V))
    for _ in range(2):  # once more, since what is left after cancellation is not yet orthogonal
        for other in others:
            part = float(inner(X, V, other))
            X, V = X - part * other[0], V - part * other[1]
    after = float(norm(X, V))
    if not after > PARALLEL * before:
        raise unfit(name, f"{name} has no part of its own along the sphere", "use another", "an eigenvector")
    return X / after, V / after
