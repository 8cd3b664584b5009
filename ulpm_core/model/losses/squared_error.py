"""Squared error: half the squared distance of the logits from the one-hot label (docs/theory.md 6.4).

f(Z) = ||Z - Y||^2 / 2 summed over samples, with targets Y one-hot: 1 for the true class and 0 for the others, no bias.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ulpm_core.model.losses.loss import Loss, Spectrum, log_half_squares
from ulpm_core.model.shapes import Array, Labels, Shaped


def _errors(Z: Array, labels: Labels) -> Array:
    """Z - Y, (..., K, N)."""
    E = Z.copy()
    E[..., labels, np.arange(len(labels))] -= 1.0
    return E


class SquaredError(NamedTuple("SquaredError", []), Loss):
    """l(z, y) = ||z - e_y||^2 / 2: a sample's loss is 1/2 at the origin, whatever K is.

    >>> loss, Y = SquaredError(), np.eye(3)
    >>> round(float(np.exp(loss.log_samples(0.5 * Y, np.arange(3))).sum()), 12)  # 3 (1/2)^2 / 2
    0.375
    """

    name = "squared-error"
    label = "Squared error"
    words = "half the squared distance of the logits from the one-hot label"
    definition = "Squared error L: half the squared distance of the logits from the one-hot labels."
    attained = True

    def log_samples(self, Z: Shaped[Array, "*T K N"], labels: Shaped[Labels, "N"]) -> Shaped[Array, "*T N"]:
        """2 log ||z - e_y|| - log 2."""
        return log_half_squares(_errors(Z, labels))

    def residual(self, Z: Shaped[Array, "*T K N"], labels: Shaped[Labels, "N"]) -> Shaped[Array, "*T K N"]:
        """G = Z - Y."""
        return _errors(Z, labels)

    def curvature(
        self, Z: Shaped[Array, "K N"], labels: Shaped[Labels, "N"], dZ: Shaped[Array, "K N"]
    ) -> Shaped[Array, "K N"]:
        """dG = dZ."""
        return dZ

    def origin(self, classes: int) -> float:
        return 0.5

    def conjugate(self, G: Shaped[Array, "*T K N"], labels: Shaped[Labels, "N"]) -> Shaped[Array, "*T"]:
        """f*(G) = ||G||^2 / 2 + <G, Y>."""
        own = G[..., labels, np.arange(len(labels))]
        return (G**2).sum(axis=(-2, -1)) / 2.0 + own.sum(axis=-1)

    def spectrum(self, sizes: Shaped[Labels, "K"], dimension: int, threshold: float) -> Spectrum:
        """Y has singular values sqrt(n_k), each lowered by the threshold: Z = sum_k (1 - c/sqrt(n_k))_+ e_k y_k^T.

        Of more than d the largest are kept (von Neumann's trace inequality).
        """
        order = np.argsort(-sizes, kind="stable")
        kept, left = order[:dimension], order[dimension:]
        frame, S = np.eye(len(sizes))[:, kept], np.maximum(np.sqrt(sizes[kept]) - threshold, 0.0)
        value = (np.minimum(sizes[kept], threshold**2).sum() + sizes[left].sum()) / 2.0
        unique = len(left) == 0 or S[-1] == 0.0 or sizes[kept[-1]] > sizes[left[0]]
        return Spectrum(frame, S, frame, float(value), bool(unique))

    @staticmethod
    def compiled(vectors: Any) -> Callable[..., Any]:
        load, store, spread, zero, where_equal = (
            vectors.load,
            vectors.store,
            vectors.spread,
            vectors.zero,
            vectors.where_equal,
        )

        def kernel(loss, logits, stride, K, own_class, low, high, shift):  # type: ignore[no-untyped-def]
            none = zero(logits)
            total = none
            for k in range(K):
                error = load(logits + k * stride)
                if low <= k <= high:
                    error = where_equal(own_class, spread(k, none), error - 1.0, error)
                store(logits + k * stride, error)
                total = total + error * error
            return none, 0.5 * total, none

        return kernel

    def batched(self, runs: int, classes: int, labels: Labels, device: Any, dtype: Any) -> Any:
        return _Batched(runs, classes, labels, device, dtype)


class _Batched:
    """`Loss.batched`: `look` leaves Z - Y in G already."""

    def __init__(self, runs: int, classes: int, labels: Labels, device: Any, dtype: Any):
        import torch  # here: a page's first film must not wait for it

        self._torch, kind = torch, {"device": device, "dtype": dtype}
        self.G, self._square = torch.empty((2, runs, classes, len(labels)), **kind)
        self.violation, self.largest = torch.zeros((2, runs, 1), **kind)
        true = torch.as_tensor(labels, dtype=torch.int64, device=device)
        self._minus_Y = -torch.nn.functional.one_hot(true, classes).T.to(dtype).contiguous()

    def look(self, W: Any, H: Any) -> None:
        torch = self._torch
        torch.bmm(W, H, out=self.G)
        self.G.add_(self._minus_Y)
        torch.mul(self.G, self.G, out=self._square)
        torch.sum(self._square.flatten(1), 1, keepdim=True, out=self.violation)
        self.violation.mul_(0.5)

    def evaluate(self, reference: Any) -> None:
        """Nothing is left to do."""
