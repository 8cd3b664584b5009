"""Slices of the landscape: the loss over the plane of two directions, at fixed norm, and a run's way over it.

With orthonormal e_1, e_2 orthogonal to theta, the point (s, t) of a slice is the state of norm ||theta|| in the
direction of theta/||theta|| + s e_1 + t e_2: the sphere seen from its centre. At the origin, which has no sphere, it is
s e_1 + t e_2 itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.model.curvature import Curvature
from ulpm_core.model.etf import minimum_norm_optimum, procrustes
from ulpm_core.model.losses import LOGITS
from ulpm_core.model.losses.cross_entropy import log_cross_entropy
from ulpm_core.model.objective import Objective
from ulpm_core.model.parameter import Parameter
from ulpm_core.model.perturbation import parts, random_direction
from ulpm_core.model.refusal import ConfigError
from ulpm_core.model.shapes import Array, Shaped
from ulpm_core.model.sphere import PARALLEL, Direction, inner, norm, orthonormal, unit
from ulpm_core.model.state import State

RADIUS: Final = Parameter("radius", "Radius", "How far the slice reaches, as a share of the norm.", 1.0, 1e-6, 1e3)
POINTS: Final = Parameter("points", "Points", "Points of the slice along each side.", 61, 2, 501)


class Slice(NamedTuple):
    """`log_loss[i, j]` is log L at s = axis[j], t = axis[i]; `centre` is theta/||theta||, 0 at the origin, `directions`
    are e_1 and e_2.
    """

    axis: Shaped[Array, "points"]
    log_loss: Shaped[Array, "points points"]
    centre: Direction
    directions: tuple[Direction, Direction]
    norm: float


class Path(NamedTuple):
    """A run on a slice: coordinates, NaN a right angle or more from the middle; log L of the run's own
    states brought to the slice's norm; and `off`, the share of their squared norm that lies outside the slice.
    """

    first: Shaped[Array, "T"]
    second: Shaped[Array, "T"]
    log_loss: Shaped[Array, "T"]
    off: Shaped[Array, "T"]


def plane(
    state: State,
    first: Direction,
    second: Direction,
    radius: float = float(RADIUS.default),
    points: int = int(POINTS.default),
    reduction: str = "sum",
) -> Slice:
    """log L around a state over the plane of two directions, at its norm.

    e_1 is the first direction without its part along the state, e_2 the second without those along the state and e_1.
    Logits are quadratic in (s, t), so six products W H serve the whole grid. Raises :class:`ConfigError` where the
    directions do not span a plane on the sphere.

    >>> state, swap = State(np.eye(2), np.eye(2)), np.array([[0.0, 1.0], [1.0, 0.0]])
    >>> found = plane(state, (swap, swap), (swap, -swap), radius=1.0, points=3)
    >>> round(float(np.exp(found.log_loss[1, 1])), 6)  # in the middle the state itself: 2 log(1 + 1/e)
    0.626523
    """
    radius, points = float(RADIUS.check(radius)), int(POINTS.check(points))
    K, _, n = state.shape
    size, centre = float(norm(state.W, state.H)), unit(state)
    e1 = orthonormal("first", first, (centre,))
    e2 = orthonormal("second", second, (centre, e1))
    axis = np.linspace(-radius, radius, points)
    (W, H), (X, V), (Y, U) = centre, e1, e2
    products = [W @ H, X @ H + W @ V, Y @ H + W @ U, X @ V, X @ U + Y @ V, Y @ U]
    labels, rows = np.repeat(np.arange(K), n), []
    batch = max(1, LOGITS // products[0].size)
    for t in axis:
        for s in np.split(axis, range(batch, points, batch)):
            weights = np.stack([np.ones_like(s), s, t + 0.0 * s, s**2, s * t, t**2 + 0.0 * s])
            weights *= size**2 / (1.0 + s**2 + t**2) if size else 1.0
            Z = np.tensordot(weights, np.stack(products), axes=(0, 0))
            rows.append(log_cross_entropy(Z, labels, reduction))
    grid = np.concatenate(rows).reshape(points, points)
    return Slice(axis, grid, centre, (e1, e2), size)


def path_on(found: Slice, W: Shaped[Array, "T K d"], H: Shaped[Array, "T d N"], reduction: str = "sum") -> Path:
    """The way of states over a slice: each is seen in its own direction from the centre of the
    sphere, whatever its norm. At the origin it is seen as it is.
    """
    K, d = W.shape[1:]
    model = Objective(np.repeat(np.arange(K), H.shape[2] // K), K, d, reduction)
    along, first, second = (inner(W, H, direction) for direction in (found.centre, *found.directions))
    energy = (W**2).sum(axis=(-2, -1)) + (H**2).sum(axis=(-2, -1))
    some = np.where(energy > 0.0, energy, 1.0)
    off = np.clip(1.0 - (along**2 + first**2 + second**2) / some, 0.0, 1.0) * (energy > 0.0)
    if not found.norm:
        return Path(first, second, model.log_losses(W, H), off)
    before = np.where(along > 0.0, along, np.nan)
    scale = (found.norm / np.sqrt(some))[:, None, None]
    return Path(first / before, second / before, model.log_losses(scale * W, scale * H), off)


def simplex_beside(state: State) -> State:
    """The collapsed simplex of the state's norm, turned as near to the state as it can be; at the origin that with all
    margins 1. Needs d >= K - 1.

    >>> square = State(np.eye(4, 3), np.eye(3, 4))
    >>> simplex_beside(square).shape
    (4, 3, 1)
    """
    K, d, n = state.shape
    best = minimum_norm_optimum(K, d, n)
    R = procrustes(np.concatenate([best.W, best.H.T]), np.concatenate([state.W, state.H.T]))
    size = float(norm(state.W, state.H))
    scale = size / float(norm(best.W, best.H)) if size else 1.0
    return State(scale * best.W @ R, scale * R.T @ best.H)


def ways(saddle: State, seed: int) -> Mapping[str, Callable[[], Direction]]:
    """Directions worth a slice, by name and to be asked for: towards the simplex where one fits, and along each
    curvature, lowest first. Those along curvatures are where a push of this seed goes.
    """
    found = parts(Curvature.at(saddle), random_direction(saddle, seed))
    along: dict[str, Callable[[], Direction]]
    along = {f"curvature {j + 1}": partial(found.part, j) for j in range(len(found.values))}
    (K, d, _), size = saddle.shape, float(norm(saddle.W, saddle.H))
    if d < K - 1 or not size:
        return along
    best = simplex_beside(saddle)
    there = best.W - saddle.W, best.H - saddle.H
    return {"simplex": lambda: there} | along if float(norm(*there)) > PARALLEL * size else along


def escape_plane(
    saddle: State, seed: int, towards_simplex: bool, points: int, reduction: str
) -> tuple[Slice, str, str]:
    """A slice at a saddle and the names of its two directions, as in :func:`ways`: the lowest curvature, and the
    simplex, or the next lowest curvature. Where the way to the simplex is no other way, the highest curvature.

    >>> square = State(np.array([[1.0, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0]]), np.eye(3, 4))
    >>> escape_plane(State(square.W, square.W.T), 0, True, 3, "sum")[1:]  # the way to the simplex is the way down
    ('curvature 1', 'curvature 10')
    """
    choice = ways(saddle, seed)
    lowest, *others = [name for name in choice if name != "simplex"]
    order = [*(name for name in choice if name == "simplex"), *reversed(others)] if towards_simplex else others
    centre = unit(saddle)
    down = orthonormal("first", choice[lowest](), (centre,))
    other = next(name for name in order if _leaves(choice[name](), (centre, down)))
    return plane(saddle, down, choice[other](), 1.0, points, reduction), lowest, other


def _leaves(direction: Direction, others: tuple[Direction, ...]) -> bool:
    """Returns whether a direction has a part that the others do not span."""
    try:
        orthonormal("direction", direction, others)
    except ConfigError:
        return False
    return True
