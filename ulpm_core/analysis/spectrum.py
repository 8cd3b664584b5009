"""Eigenvalues of the curvature on the sphere, with multiplicities: all of them where that is cheap, else both ends.

Two exact reductions come first. Directions orthogonal to the rows of W and the columns of H move no logit: on each of
these d - r dimensions the form is lambda + [[0, G], [G^T, 0]], with eigenvalues lambda +- the singular values of G.
And where all samples of a class share one feature, differences within class k see only lambda + W^T D_k W, with D_k
the Hessian of one sample's loss; what is left is a problem with one sample a class, H and G times sqrt(n).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.analysis.lanczos import extreme_eigenpairs
from ulpm_core.model.brief import Brief
from ulpm_core.model.curvature import Curvature
from ulpm_core.model.shapes import Array, Labels, Shaped
from ulpm_core.model.sphere import Direction

DENSE: Final = 1000
"""Most unknowns, after the reductions, for which the whole spectrum is found: 0.25 s on one core, and as the cube."""
PAIRS: Final = 6
"""Eigenpairs sought at each end where not all are."""
WITHIN: Final = 1_000_000_000
"""Largest K r^3 for which differences within a class are diagonalised: 3 s."""
SAME: Final = 1e-11
"""Eigenvalues nearer to each other than this share of the largest count as one: rounding parts them by 1e-14."""


@dataclass(frozen=True, eq=False, repr=False)
class Spectrum(Brief):
    """Distinct eigenvalues over L, ascending, how often each occurs, and eigenvectors of the lowest.

    `values`, `multiplicities`: where `complete` the whole spectrum, else what was found of it. `certain`: the
    first value is the least there is; `multiplicity` is its own, None where that is not known. `lowest` are
    eigenvalues with a unit eigenvector each, X and V. `down` = (u alpha^T, -alpha v^T) / sqrt(2),
    (u, v) the top singular pair of G and alpha orthogonal to W and H, None where nothing is: its quotient, lambda -
    ||G||_op, is a lower bound of the form everywhere. `basis` are orthonormal rows that span W and H; `norm` is
    ||G||_op / L.
    """

    values: Shaped[Array, "m"]
    multiplicities: Shaped[Labels, "m"]
    certain: bool
    multiplicity: int | None
    lowest: Shaped[Array, "p"]
    X: Shaped[Array, "p K d"]
    V: Shaped[Array, "p d N"]
    complete: bool
    down: Direction | None
    basis: Shaped[Array, "r d"]
    norm: float

    def least(self, curvature: Curvature) -> float:
        """The least value, NaN where not certain; rounding at huge logits does not take it below the form's bound."""
        return max(float(self.values[0]), curvature.multiplier - self.norm) if self.certain else math.nan


class _Part(NamedTuple):
    """Eigenvalues, each `times` times, and `lift`: from an index to one unit eigenvector."""

    values: Shaped[Array, "m"]
    times: int
    lift: Callable[[int], Direction]


def spectrum(curvature: Curvature, pairs: int = PAIRS, dense: int = DENSE) -> Spectrum:
    """The spectrum on the tangent space; at the origin, on all directions. `pairs` eigenvectors.

    >>> from ulpm_core.model.state import State
    >>> found = spectrum(Curvature.at(State(np.zeros((3, 2)), np.zeros((2, 3)))))
    >>> found.multiplicities.tolist()  # of -sqrt(n), 0, sqrt(n)
    [4, 4, 4]
    """
    small = _reduced(curvature)
    core, complete, converged = _core(small, pairs, dense)
    u, sizes, v = np.linalg.svd(small.folded.A, full_matrices=False)
    parts = [part for part in (core, *_outside(small, u, sizes, v), *_within(small)) if part.times and part.values.size]
    found = sorted((float(x), i, j) for i, part in enumerate(parts) for j, x in enumerate(part.values))
    values = np.array([x for x, _, _ in found])
    resolution = SAME * float(np.abs(values).max(initial=0.0))
    new = np.diff(values, prepend=-np.inf) > resolution
    times = np.bincount(np.cumsum(new) - 1, [parts[i].times for _, i, _ in found]).astype(np.int64)
    apart = complete or (converged and core.values.min() - values[0] > resolution)
    lifts = [parts[i].lift(j) for _, i, j in found[:pairs]]
    return Spectrum(
        values=values[new],
        multiplicities=times,
        certain=converged or small.alpha is not None,
        multiplicity=int(times[0]) if apart else None,
        lowest=values[: len(lifts)],
        X=np.array([X for X, _ in lifts]).reshape(-1, *curvature.W.shape),
        V=np.array([V for _, V in lifts]).reshape(-1, *curvature.H.shape),
        complete=complete,
        down=None if small.alpha is None else small.outward(u[:, 0], v[0]),  # A = -G / L, so v is minus that of G
        basis=small.basis,
        norm=float(sizes[0]),
    )


def least_eigenvalue(curvature: Curvature) -> float:
    """The first value of the spectrum, NaN where not certain; at once where there are directions outside.

    >>> from ulpm_core.model.state import State
    >>> round(least_eigenvalue(Curvature.at(State(np.zeros((2, 1)), np.zeros((1, 2))))), 6)  # -1 / (2 log 2)
    -0.721348
    """
    if _reduced(curvature).alpha is not None:
        return curvature.multiplier - float(np.linalg.norm(curvature.A, 2))
    return spectrum(curvature, pairs=0).least(curvature)


class _Reduced(NamedTuple):
    """A state with one sample a class where it allows, and only the dimensions that it fills.

    `basis` are orthonormal rows that span W and H, `alpha` is a unit vector orthogonal to them if r < d.
    """

    n: int
    folded: Curvature
    inside: Curvature
    basis: Shaped[Array, "r d"]
    alpha: Shaped[Array, "d"] | None

    def lift(self, X: Shaped[Array, "K d"], V: Shaped[Array, "d m"]) -> Direction:
        """Takes a direction of the folded problem back to the whole one."""
        return X, np.repeat(V / math.sqrt(self.n), self.n, axis=1)

    def outward(self, u: Shaped[Array, "K"], v: Shaped[Array, "m"]) -> Direction:
        """(u alpha^T, alpha v^T) / sqrt(2)."""
        assert self.alpha is not None
        return self.lift(np.outer(u, self.alpha) / math.sqrt(2.0), np.outer(self.alpha, v) / math.sqrt(2.0))


def _reduced(whole: Curvature) -> _Reduced:
    K, d = whole.W.shape
    folded = whole.folded()
    n = whole.H.shape[1] // folded.H.shape[1]
    blocks = [block / (np.linalg.norm(block) or 1.0) for block in (folded.W, folded.H.T)]
    _, sizes, rows = np.linalg.svd(np.concatenate(blocks), full_matrices=False)
    r = int((sizes > sizes[0] * np.finfo(float).eps * max(K + folded.H.shape[1], d)).sum())
    if r == d:
        return _Reduced(n, folded, folded, np.eye(d), None)
    basis = rows[:r]
    inside = replace(folded, W=folded.W @ basis.T, H=basis @ folded.H)
    return _Reduced(n, folded, inside, basis, _orthogonal(basis))


def _orthogonal(rows: Array) -> Array:
    """A unit vector orthogonal to orthonormal rows, fewer than they are long: the axis that they hold least of."""
    axis = int((rows**2).sum(axis=0).argmin())
    vector = -rows.T @ rows[:, axis]
    vector[axis] += 1.0
    return vector / np.linalg.norm(vector)


def _core(small: _Reduced, pairs: int, dense: int) -> tuple[_Part, bool, bool]:
    """The part inside the span, whether it is complete and, if not, whether its ends were found."""
    inside = small.inside
    complete = inside.size <= dense
    if not inside.size:
        return _Part(np.empty(0), 1, lambda _: small.lift(*inside.split(np.empty(0)))), True, True
    mirror = inside.theta / np.linalg.norm(inside.theta)  # Householder: theta goes to the first axis
    mirror[0] += math.copysign(1.0, mirror[0])
    mirror /= np.linalg.norm(mirror)

    def directions(y: Array) -> Direction:
        z = np.concatenate([[0.0], y])
        return inside.split(z - 2.0 * mirror * (mirror @ z))

    def product(y: Array) -> Array:
        X, V = inside.product(*directions(y))
        z = np.concatenate([X.ravel(), V.ravel()])
        return (z - 2.0 * mirror * (mirror @ z))[1:]

    def lift(i: int) -> Direction:
        X, V = directions(vectors[:, i])
        return small.lift(X @ small.basis, small.basis.T @ V)

    if complete:
        M = inside.matrix()
        M -= 2.0 * np.outer(mirror, mirror @ M)
        M -= 2.0 * np.outer(M @ mirror, mirror)
        tangent = M[1:, 1:]
        if pairs:
            values, vectors = np.linalg.eigh(tangent)
        else:
            values, vectors = np.asarray(np.linalg.eigvalsh(tangent), np.float64), tangent[:, :0]
        return _Part(values, 1, lift), True, True
    cost, shift = inside.share.size * (inside.W.shape[1] + 10), 3.0 * float(np.linalg.norm(inside.A, 2))
    # the form is at least lambda - ||G||_op >= -2 ||G||_op
    values, vectors, converged = extreme_eigenpairs(product, inside.size - 1, max(1, pairs), cost, shift)
    return _Part(values, 1, lift), False, converged


def _outside(small: _Reduced, u: Array, sizes: Array, v: Array) -> list[_Part]:
    """Directions orthogonal to W and H: lambda -+ the singular values of G, and lambda where G has no more of them."""
    if small.alpha is None:
        return []
    alpha, level, outward = small.alpha, small.folded.multiplier, small.outward
    room, rest = len(alpha) - len(small.basis), v.shape[1] - len(v)
    parts = [
        _Part(level - sizes, room, lambda i: outward(u[:, i], v[i])),  # A = -G / L
        _Part(level + sizes, room, lambda i: outward(u[:, i], -v[i])),
    ]
    if rest:
        free = small.lift(np.zeros_like(small.folded.W), np.outer(alpha, _orthogonal(v)))
        parts.append(_Part(np.array([level]), room * rest, lambda _: free))
    return parts


def _within(small: _Reduced) -> list[_Part]:
    """Differences between samples of a class that share a feature: lambda + W^T D_k W, and lambda outside W."""
    n, c = small.n, small.inside
    K, r = c.W.shape
    if n == 1 or K * r**3 > WITHIN:
        return []

    def differing(direction: Array, k: int) -> Direction:
        V = np.zeros((len(direction), K * n))
        V[:, k * n], V[:, k * n + 1] = direction / math.sqrt(2.0), -direction / math.sqrt(2.0)
        return np.zeros((K, len(direction))), V

    parts = []
    if r:
        gaps = c.W - c.W[:, None]  # (K, K, r): w_j - w_k at [k, j]
        centred = gaps - (c.P.T[:, None] @ gaps)
        values, vectors = np.linalg.eigh(np.swapaxes(gaps, 1, 2) @ (c.share.T[:, :, None] * centred))
        whole = vectors.swapaxes(1, 2).reshape(-1, r) @ small.basis
        parts.append(_Part(c.multiplier + values.ravel(), n - 1, lambda i: differing(whole[i], i // r)))
    if small.alpha is not None:
        free = differing(small.alpha, 0)
        parts.append(_Part(np.array([c.multiplier]), (len(small.alpha) - r) * K * (n - 1), lambda _: free))
    return parts
