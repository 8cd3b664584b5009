"""Spheres: classifiers of length 1 and features of one length, after each step (docs/theory.md 6.7)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

from ulpm_core.model.config import RunConfig
from ulpm_core.model.multipliers import operator_norm
from ulpm_core.model.shapes import Array, Labels, Shaped

LEAST_PULL: Final = 1e-9
"""Share of the largest pull on a vector that stands for a smaller one, or for one inwards."""


class Spheres(NamedTuple):
    """||w_k|| = 1 and ||h_i|| = radius. A vector that is 0 has no direction: it stays 0 until a step gives it one.

    >>> W, H = Spheres(10.0).project(np.array([[0.0, 4.0], [0.0, 0.0]]), np.array([[0.0], [0.2]]), np.array([0]))
    >>> W.tolist(), H.tolist()
    ([[0.0, 1.0], [0.0, 0.0]], [[0.0], [10.0]])
    """

    radius: float

    @classmethod
    def of(cls, config: RunConfig) -> Spheres | None:
        """The spheres of a config; None where none are given."""
        return None if config.feature_norm == math.inf else cls(config.feature_norm)

    @property
    def name(self) -> str:
        return "feature-norm"

    @property
    def bounded(self) -> bool:
        return True

    @property
    def convex(self) -> bool:
        return False

    def largest(self, classes: int) -> float:
        return classes * self.radius

    def factors(self, S: Shaped[Array, "r"]) -> tuple[Shaped[Array, "r"], Shaped[Array, "r"]]:
        lean = 1.0 / math.sqrt(self.radius)
        return np.sqrt(S) * lean, np.sqrt(S) / lean

    def support(
        self,
        G: Shaped[Array, "*T K N"],
        W: Shaped[Array, "*T K d"],
        H: Shaped[Array, "*T d N"],
        labels: Shaped[Labels, "N"],
    ) -> Shaped[Array, "*T"]:
        """||A^(-1) G B^(-1)||_op ||A X|| ||V B||, a bound for all diagonal A, B > 0: for those of norm balls, or the
        square roots of what pulls each vector outwards, whichever is less.
        """
        even = np.ones(G.shape[:-1]), np.broadcast_to(1.0 / np.bincount(labels)[labels], (*G.shape[:-2], G.shape[-1]))
        out_W = _pulls(-((G @ np.swapaxes(H, -1, -2)) * W).sum(axis=-1))
        out_H = _pulls(-((np.swapaxes(W, -1, -2) @ G) * H).sum(axis=-2))
        return np.fmin(self._bound(G, *even), self._bound(G, out_W, out_H))

    def _bound(self, G: Array, a: Array, b: Array) -> Array:
        """The bound of `support` for A^2 = diag(a) and B^2 = diag(b)."""
        scaled = G / np.sqrt(a)[..., :, None] / np.sqrt(b)[..., None, :]
        return operator_norm(scaled) * self.radius * np.sqrt(a.sum(axis=-1) * b.sum(axis=-1))

    def project(
        self, W: Shaped[Array, "K d"], H: Shaped[Array, "d N"], labels: Shaped[Labels, "N"]
    ) -> tuple[Shaped[Array, "K d"], Shaped[Array, "d N"]]:
        return _to_length(W.T, 1.0).T, _to_length(H, self.radius)

    @staticmethod
    def compiled(vectors: Any) -> Callable[..., Any]:
        """Whole vectors of columns at once, then the rest, which W has."""
        load, store, spread, zero, pointer = vectors.load, vectors.store, vectors.spread, vectors.zero, vectors.pointer
        where_greater, root, size = vectors.where_greater, vectors.root, vectors.bytes

        def kernel(constraint, Wt, H, sizes):  # type: ignore[no-untyped-def]
            for block, radius in ((Wt, 1.0), (H, constraint.radius)):
                (rows, columns), lanes, at = block.shape, size // block.itemsize, pointer(block)
                whole, none = columns // lanes * lanes, zero(at)
                length = spread(radius, none)
                for first in range(0, whole, lanes):
                    squares = none
                    for r in range(rows):
                        x = load(at + (r * columns + first))
                        squares = squares + x * x
                    factor = length / root(where_greater(squares, none, squares, length * length))
                    for r in range(rows):
                        store(at + (r * columns + first), load(at + (r * columns + first)) * factor)
                for i in range(whole, columns):
                    total = block.dtype.type(0.0)
                    for r in range(rows):
                        total += block[r, i] * block[r, i]
                    if total > 0.0:
                        share = block.dtype.type(radius / math.sqrt(total))
                        for r in range(rows):
                            block[r, i] *= share

        return kernel

    def batched(self, labels: Labels, sizes: Labels, device: Any) -> Any:
        return _Batched(self, device)


def _to_length(columns: Array, length: float) -> Array:
    """The columns, each of this length, or 0 where it is 0."""
    norms = np.linalg.norm(columns, axis=0)
    return columns * (length / np.where(norms > 0.0, norms, length))


def _pulls(out: Array) -> Array:
    """What pulls each vector outwards as a share of the largest pull, all of it positive; 1 where nothing does.

    Only the ratios matter to the bound, and pulls themselves are as small as e^-2R: their inverses would overflow.
    """
    top = out.max(axis=-1, keepdims=True)
    return np.where(top > 0.0, np.maximum(out / np.where(top > 0.0, top, 1.0), LEAST_PULL), 1.0)


class _Batched:
    """`Constraint.batched`: norms in the precision of the run; every column is held by one process alone."""

    def __init__(self, spheres: Spheres, device: Any):
        import torch  # here: a page's first film must not wait for it

        self._torch, self._shares = torch, (1.0, spheres.radius**-2)
        kinds = torch.float32, torch.float64
        self._least = {kind: torch.tensor(torch.finfo(kind).tiny, dtype=kind, device=device) for kind in kinds}

    def project(self, block: int, theta: Any, total: Callable[[Any], Any] | None) -> None:
        squares = self._torch.addcmul(self._least[theta.dtype], theta, theta, value=self._shares[block])  # never 0
        theta.mul_(squares.sum(2 - block, keepdim=True).rsqrt_())
