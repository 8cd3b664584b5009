"""Off a state along its sphere: in a random direction, or in the eigenvector of one of its curvatures."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.model.curvature import Curvature
from ulpm_core.model.losses import Array
from ulpm_core.model.parameters import PARAMETERS
from ulpm_core.model.sphere import Direction, norm, orthonormal, unit
from ulpm_core.model.state import State

CLOSED: Final = 1e-9
"""A Krylov space is closed once what leaves it is this share of the largest curvature: rounding has 1e-13."""
SAME: Final = 1e-9
"""Curvatures nearer to each other than this share of the largest count as one."""
ABSENT: Final = 1e-14
"""A squared length, of a unit direction, that is rounding."""
MOST: Final = 300
"""Largest Krylov space. The states of the gallery have up to 62 curvatures at 20 classes, and a few ghosts of each."""


def random_direction(state: State, seed: int) -> Direction:
    """Independent normal entries, without their part along the state, of unit norm."""
    rng = np.random.default_rng((seed, 1))  # not the stream that draws starts: the start itself is no direction
    normal = (rng.standard_normal(state.W.shape), rng.standard_normal(state.H.shape))
    return orthonormal("direction", normal, (unit(state),))


def push(state: State, epsilon: float, direction: Direction) -> State:
    """theta + epsilon ||theta|| dir, brought back to ||theta||; dir is the direction's unit tangent part.

    At the origin, which has no sphere, epsilon dir itself. Raises :class:`ConfigError` for an epsilon outside 0 to 1
    and for a direction that is zero or along the state.

    >>> square = State(np.eye(4, 3), np.eye(3, 4))
    >>> pushed = push(square, 0.1, random_direction(square, 0))
    >>> round(float((pushed.W**2).sum() + (pushed.H**2).sum()), 12)
    6.0
    """
    epsilon = float(PARAMETERS["push"].check(epsilon))
    size, (X, V) = float(norm(state.W, state.H)), orthonormal("direction", direction, (unit(state),))
    far = epsilon * (size or 1.0)
    back = math.sqrt(1.0 + epsilon**2) if size else 1.0
    return State((state.W + far * X) / back, (state.H + far * V) / back)


class Parts(NamedTuple):
    """A direction taken apart: distinct curvatures over L (m,), ascending, and its part X (m, K, d), V (m, d, N) in the
    eigenspace of each.
    """

    values: Array
    X: Array
    V: Array


def parts(curvature: Curvature, direction: Direction) -> Parts:
    """The parts of a tangent direction in the eigenspaces of the curvature on the sphere; those it has none in are
    left out.

    Lanczos: the Krylov space of the direction is spanned by exactly these parts, whatever their eigenspaces'
    dimensions. So the answer is unique, where eigenvectors of a repeated value are not, and takes as many products as
    there are distinct values.

    >>> origin = State(np.zeros((3, 2)), np.zeros((2, 6)))  # sqrt(n) and its negative, over L = N log K, and 0
    >>> found = parts(Curvature.at(origin), random_direction(origin, 0))
    >>> (found.values * 6 * np.log(3) + 1.0).round(6)
    array([-0.414214,  1.      ,  2.414214])
    """
    X, V = direction
    length = float(norm(X, V))
    if length == 0.0:
        return Parts(np.empty(0), np.empty((0, *X.shape)), np.empty((0, *V.shape)))
    basis = [np.concatenate([X.ravel(), V.ravel()]) / length]
    middle = np.concatenate([block.ravel() for block in unit(State.reached(curvature.W, curvature.H))])
    diagonal: list[float] = []
    beside: list[float] = []
    while True:
        image = np.concatenate([block.ravel() for block in curvature.product(*curvature.split(basis[-1]))])
        image -= middle * (middle @ image)
        diagonal.append(float(basis[-1] @ image))
        Q = np.array(basis)
        for _ in range(2):  # what is left after cancellation is not yet orthogonal
            image -= Q.T @ (Q @ image)
        left = float(np.linalg.norm(image))
        if left <= CLOSED * max(float(np.linalg.norm(curvature.A, 2)), *np.abs(diagonal), *beside) or len(Q) == MOST:
            break
        beside.append(left)
        basis.append(image / left)
    ritz, S = np.linalg.eigh(np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1))
    there = S[0] ** 2 > ABSENT
    ritz, S = ritz[there], S[:, there]
    begins = np.flatnonzero(np.diff(ritz, prepend=-np.inf) > SAME * np.abs(ritz).max(initial=0.0))
    found = [length * (Q.T @ (s @ s[0])) for s in np.split(S, begins[1:], axis=1)]
    weights = np.add.reduceat(S[0] ** 2, begins)
    values = np.add.reduceat(ritz * S[0] ** 2, begins) / weights
    return Parts(values, *curvature.split(np.array(found)))


def eigendirection(state: State, which: int, seed: int) -> Direction:
    """The part of the random direction in the eigenspace of the `which`-th lowest curvature, 1 the lowest; of the
    highest there is where they are fewer.

    >>> square = State(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]]), np.eye(3, 4))
    >>> X, V = eigendirection(State(square.W, square.W.T), 1, 0)  # out of the square's plane
    >>> np.abs(X).round(12).tolist()[0][:2]
    [0.0, 0.0]
    """
    found = parts(Curvature.at(state), random_direction(state, seed))
    at = min(which, len(found.values)) - 1
    return found.X[at], found.V[at]
