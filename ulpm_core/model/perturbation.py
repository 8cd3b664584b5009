"""Pushes a state along its sphere: in a random direction, or along the eigenvector of one of its curvatures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.model.curvature import Curvature
from ulpm_core.model.parameters import PARAMETERS
from ulpm_core.model.shapes import Array, Shaped
from ulpm_core.model.sphere import Direction, norm, orthonormal, unit
from ulpm_core.model.state import State

CLOSED: Final = 1e-10
"""A Krylov space is closed once what leaves it, along any part, is this share of the largest curvature."""
SAME: Final = 1e-9
"""Curvatures nearer to each other than this share of the largest count as one."""
ABSENT: Final = 1e-14
"""A squared length, of a unit direction, that is rounding."""
MOST: Final = 300
"""Largest Krylov space. The saddles have up to 62 curvatures at 20 classes, and rounding adds ghosts of each."""


def random_direction(state: State, seed: int) -> Direction:
    """Draws a unit direction along the sphere: independent normal entries, without their part along the state."""
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


@dataclass(frozen=True, eq=False)
class Parts:
    """A direction taken apart: distinct curvatures over L, ascending, and for each what adds up to its part."""

    values: Shaped[Array, "m"]
    _pieces: Sequence[Sequence[_Piece]]

    def part(self, j: int) -> Direction:
        """The direction's part in the eigenspace of the j-th curvature: X (K, d), V (d, N)."""
        made = [piece.made() for piece in self._pieces[j]]
        return sum(X for X, _ in made), sum(V for _, V in made)  # type: ignore[return-value]


class _Piece(NamedTuple):
    value: float
    weight: float
    made: Callable[[], Direction]


def parts(curvature: Curvature, direction: Direction) -> Parts:
    """The parts of a tangent direction in the eigenspaces of the curvature on the sphere; those it has none in are
    left out.

    Unlike eigenvectors of a repeated value these are unique. Where the samples of a class share their feature, their
    differences see only W^T D_k W + lambda, and what is left has one sample a class.

    >>> origin = State(np.zeros((3, 2)), np.zeros((2, 6)))  # sqrt(n) and its negative, over L = N log K, and 0
    >>> found = parts(Curvature.at(origin), random_direction(origin, 0))
    >>> (found.values * 6 * np.log(3) + 1.0).round(6)
    array([-0.414214,  1.      ,  2.414214])
    """
    X, V = direction
    small = curvature.folded()
    K, n = len(X), V.shape[1] // small.H.shape[1]
    mean = V.reshape(len(V), -1, n).mean(axis=2)
    pieces = _krylov(small, X, math.sqrt(n) * mean, n)
    if n > 1:
        pieces += _within(small, V - np.repeat(mean, n, axis=1), K, n)
    total = sum(piece.weight for piece in pieces)
    pieces = sorted((piece for piece in pieces if piece.weight > ABSENT * total), key=lambda piece: piece.value)
    values, weights = (np.array([getattr(piece, name) for piece in pieces]) for name in ("value", "weight"))
    begins = np.flatnonzero(np.diff(values, prepend=-np.inf) > SAME * np.abs(values).max(initial=0.0))
    ends = [*begins[1:].tolist(), len(pieces)]
    same = [slice(i, j) for i, j in zip(begins.tolist(), ends, strict=False)]
    return Parts(np.array([np.average(values[at], weights=weights[at]) for at in same]), [pieces[at] for at in same])


def _krylov(form: Curvature, X: Array, V: Array, n: int) -> list[_Piece]:
    """Lanczos: the Krylov space of a direction is spanned by its parts, whatever their eigenspaces' dimensions, so it
    takes as many products as there are distinct values. `V` is that of the folded problem.
    """
    length = float(norm(X, V))
    if length == 0.0:
        return []
    basis = [np.concatenate([X.ravel(), V.ravel()]) / length]
    middle = np.concatenate([block.ravel() for block in unit(State.reached(form.W, form.H))])
    diagonal: list[float] = []
    beside: list[float] = []
    while True:
        image = np.concatenate([block.ravel() for block in form.product(*form.split(basis[-1]))])
        image -= middle * (middle @ image)
        diagonal.append(float(basis[-1] @ image))
        Q = np.array(basis)
        for _ in range(2):  # what is left after cancellation is not yet orthogonal
            image -= Q.T @ (Q @ image)
        left = float(np.linalg.norm(image))
        ritz, S = np.linalg.eigh(np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1))
        there = S[0] ** 2 > ABSENT
        if left * np.abs(S[-1, there]).max() <= CLOSED * np.abs(ritz).max(initial=0.0) or len(Q) == MOST:
            break
        beside.append(left)
        basis.append(image / left)

    def made(i: int) -> Direction:
        X, V = form.split(length * S[0, i] * (S[:, i] @ Q))
        return X, np.repeat(V / math.sqrt(n), n, axis=1)

    return [_Piece(float(ritz[i]), (length * S[0, i]) ** 2, partial(made, i)) for i in np.flatnonzero(there).tolist()]


def _within(form: Curvature, differences: Array, K: int, n: int) -> list[_Piece]:
    """The parts of differences (d, N) between samples of a class: along the eigenvectors of W^T D_k W, D_k the Hessian
    of one sample's loss over L; and with curvature lambda what is orthogonal to the rows of W.
    """
    _, sizes, rows = np.linalg.svd(form.W, full_matrices=False)
    basis = rows[sizes > sizes[0] * np.finfo(float).eps * max(form.W.shape)]
    W, still, none = form.W @ basis.T, differences.copy(), np.zeros_like(form.W)
    pieces = []

    def made(columns: slice, part: Array) -> Direction:
        V = np.zeros_like(differences)
        V[:, columns] = part
        return none, V

    for k in range(K):
        columns = slice(k * n, (k + 1) * n)
        gaps = W - W[k]  # P is 0 on the true class, whose gap is 0 too
        share, P = form.share[:, k], form.P[:, k]
        values, vectors = np.linalg.eigh((gaps.T * share) @ (gaps - P @ gaps))
        axes = basis.T @ vectors
        for value, axis in zip(values.tolist(), axes.T, strict=True):
            part = np.outer(axis, axis @ differences[:, columns])
            still[:, columns] -= part
            pieces.append(_Piece(form.multiplier + value, float((part**2).sum()), partial(made, columns, part)))
    return [*pieces, _Piece(form.multiplier, float((still**2).sum()), lambda: (none, still))]


def eigendirection(state: State, which: int, seed: int) -> Direction:
    """The part of the random direction in the eigenspace of the `which`-th lowest curvature, 1 the lowest; of the
    highest there is where they are fewer.

    >>> square = State(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]]), np.eye(3, 4))
    >>> X, V = eigendirection(State(square.W, square.W.T), 1, 0)  # out of the square's plane
    >>> np.abs(X).round(12).tolist()[0][:2]
    [0.0, 0.0]
    """
    found = parts(Curvature.at(state), random_direction(state, seed))
    return found.part(min(which, len(found.values)) - 1)
