"""Norm balls: bounds of the mean squared norms of classifiers and of features (docs/theory.md 6.5)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

from ulpm_core.model.config import RunConfig
from ulpm_core.model.multipliers import operator_norm
from ulpm_core.model.shapes import Array, Labels, Shaped

ITERATIONS: Final = 14
"""Newton's iterations for a multiplier: 11 are enough for class sizes from 1 to 1e5, squares 1e12 times too large."""
TINY: Final = 1e-300


class NormBalls(NamedTuple):
    """(1/K) sum_k ||w_k||^2 <= w and (1/K) sum_k (1/n_k) sum_i ||h_ki||^2 <= h; infinity for no bound.

    >>> W, H = NormBalls(1.0, 4.0).project(2.0 * np.eye(2), np.eye(2), np.arange(2))
    >>> W.tolist(), H.tolist()  # W by half; H, whose mean square is 1, stays
    ([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]])
    """

    w: float
    h: float

    @classmethod
    def of(cls, config: RunConfig) -> NormBalls | None:
        """The bounds of a config; None where neither is given."""
        balls = cls(config.norm_bound_w, config.norm_bound_h)
        return None if balls == (math.inf, math.inf) else balls

    @property
    def name(self) -> str:
        return "norm-bound"

    @property
    def bounded(self) -> bool:
        return max(self) < math.inf

    @property
    def convex(self) -> bool:
        return True

    def largest(self, classes: int) -> float:
        return classes * math.sqrt(self.w) * math.sqrt(self.h)

    def factors(self, S: Shaped[Array, "r"]) -> tuple[Shaped[Array, "r"], Shaped[Array, "r"]]:
        lean = (self.w / self.h) ** 0.25
        return np.sqrt(S) * lean, np.sqrt(S) / lean

    def support(
        self,
        G: Shaped[Array, "*T K N"],
        W: Shaped[Array, "*T K d"],
        H: Shaped[Array, "*T d N"],
        labels: Shaped[Labels, "N"],
    ) -> Shaped[Array, "*T"]:
        """B ||G D^(1/2)||_op with B = K sqrt(w h) and D = diag(n_k) by columns: ||W H D^(-1/2)||_* is at most B."""
        classes = G.shape[-2]
        weighted = G * np.sqrt(np.bincount(labels, minlength=classes))[labels]
        return np.asarray(self.largest(classes) * operator_norm(weighted))

    def project(
        self, W: Shaped[Array, "K d"], H: Shaped[Array, "d N"], labels: Shaped[Labels, "N"]
    ) -> tuple[Shaped[Array, "K d"], Shaped[Array, "d N"]]:
        """W by one factor; h_ki over 1 + mu / n_k, which is one factor too where classes have one size."""
        sizes = np.bincount(labels, minlength=len(W)).astype(float)
        return _radial(W, len(W) * self.w), _elliptic(H, labels, sizes, len(W) * self.h)

    @staticmethod
    def compiled(vectors: Any) -> Callable[..., Any]:
        return _project

    def batched(self, labels: Labels, sizes: Labels, device: Any) -> Any:
        return _Batched(self, labels, sizes, device)


def _radial(block: Array, most: float) -> Array:
    """The nearest block with ||block||^2 <= most."""
    over = float(np.linalg.norm(block)) / math.sqrt(most)
    return block / over if over > 1.0 else block


def _elliptic(H: Array, labels: Labels, sizes: Array, most: float) -> Array:
    """The nearest H with sum_k (1/n_k) sum_i ||h_ki||^2 <= most."""
    if sizes.min() == sizes.max():
        return _radial(H, sizes[0] * most)
    squares = np.bincount(labels, (H**2).sum(axis=0), minlength=len(sizes))
    mu = float(multiplier(squares[None], sizes, most)[0, 0])
    return H / (1.0 + mu / sizes)[labels] if mu > 0.0 else H


def multiplier(squares: Any, sizes: Any, most: float) -> Any:
    """The mu >= 0, (B, 1), at which phi(mu) = sum_k n_k s_k / (n_k + mu)^2 is `most`, or 0 where phi(0) is less; the
    squares s_k of the classes are (B, K). Of NumPy or torch.

    1 / sqrt(phi) is concave in mu: Newton's steps for it from 0 never pass the root, and where all sizes are equal the
    first one meets it.

    >>> float(multiplier(np.array([[2.0, 8.0]]), np.array([2.0, 2.0]), 1.25)[0, 0])  # (2 + mu)^2 = 2 x 10 / 1.25
    2.0
    """
    mu = 0.0 * squares[:, :1]
    for _ in range(ITERATIONS):
        shares = squares * sizes / (sizes + mu) ** 2
        phi = shares.sum(-1, keepdims=True)
        mu = mu + phi / ((shares / (sizes + mu)).sum(-1, keepdims=True) + TINY) * ((phi / most) ** 0.5 - 1.0)
        mu = mu.clip(min=0.0)
    return mu


def _project(constraint, Wt, H, sizes):  # type: ignore[no-untyped-def]
    K, even = len(sizes), True
    for k in range(K):
        even &= sizes[k] == sizes[0]
    for block, most in ((Wt, K * constraint.w), (H, K * sizes[0] * constraint.h if even else np.inf)):
        squares = 0.0
        if most < np.inf:
            for r in range(block.shape[0]):
                for i in range(block.shape[1]):
                    squares += np.float64(block[r, i]) * np.float64(block[r, i])
        if squares > most:
            factor = block.dtype.type(math.sqrt(most / squares))
            for r in range(block.shape[0]):
                for i in range(block.shape[1]):
                    block[r, i] *= factor
    if even or constraint.h == np.inf:
        return
    (d, P), flat = H.shape, H.reshape(H.size)  # slices of one axis are known to be contiguous
    most, of_class = K * constraint.h, np.zeros(K)
    for r in range(d):
        first = r * P
        for k in range(K):
            row, squares = flat[first : first + sizes[k]], 0.0
            for i in range(len(row)):
                squares += np.float64(row[i]) * np.float64(row[i])
            of_class[k] += squares
            first += sizes[k]
    mu = 0.0
    for _ in range(ITERATIONS):
        phi, slope = 0.0, 0.0
        for k in range(K):
            share = of_class[k] * sizes[k] / (sizes[k] + mu) ** 2
            phi += share
            slope += share / (sizes[k] + mu)
        if not phi > most * (1.0 + 1e-15):
            break
        mu += phi / slope * (math.sqrt(phi / most) - 1.0)
    if mu > 0.0:
        factors = 1.0 / (1.0 + mu / sizes)
        for r in range(d):
            first = r * P
            for k in range(K):
                row, factor = flat[first : first + sizes[k]], H.dtype.type(factors[k])
                for i in range(len(row)):
                    row[i] *= factor
                first += sizes[k]


class _Batched:
    """`Constraint.batched`: norms in float64, which no square of a float32 leaves."""

    def __init__(self, balls: NormBalls, labels: Labels, sizes: Labels, device: Any):
        import torch  # here: a page's first film must not wait for it

        self._torch, self._bounds, K = torch, balls, len(sizes)
        self._per_radius = tuple(1.0 / math.sqrt(K * bound) for bound in (balls.w, float(sizes[0]) * balls.h))
        self._most = K * balls.h
        self._sizes = torch.as_tensor(sizes, dtype=torch.float64, device=device)
        self._labels = torch.as_tensor(labels, dtype=torch.int64, device=device)
        even = sizes.min() == sizes.max()
        self._member = None if even else torch.nn.functional.one_hot(self._labels, K).to(torch.float64)

    def project(self, block: int, theta: Any, total: Callable[[Any], Any] | None) -> None:
        norm, float64 = self._torch.linalg.vector_norm, self._torch.float64
        if self._bounds[block] == math.inf:
            return
        if block == 0 or self._member is None:
            length = norm(theta, dim=(1, 2), keepdim=True, dtype=float64)
            if block == 1 and total is not None:
                length = total(length.square_()).sqrt_()
            theta.div_(length.mul_(self._per_radius[block]).clamp_(min=1.0))
        else:
            squares = norm(theta, dim=1, dtype=float64).square_() @ self._member
            mu = multiplier(squares if total is None else total(squares), self._sizes, self._most)
            theta.div_((1.0 + mu / self._sizes)[:, self._labels].unsqueeze(1))
