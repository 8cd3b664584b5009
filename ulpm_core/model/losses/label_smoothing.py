"""Label smoothing: cross-entropy against targets with a share of probability for all classes (docs/theory.md 6.6)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ulpm_core.model.losses.cross_entropy import CrossEntropy, best_simplex, log_sample_losses
from ulpm_core.model.losses.loss import Loss, Spectrum
from ulpm_core.model.shapes import Array, Labels, Shaped


class LabelSmoothing(NamedTuple("LabelSmoothing", [("smoothing", float)]), Loss):
    """l(z, y) = log sum_j exp(z_j) - sum_j t_j z_j, in nats, with targets t: a/K, and 1 - a more for the true class;
    `smoothing` is a, above 0. It is least, the entropy of t, where softmax(z) = t.

    >>> LabelSmoothing(0.2).residual(np.zeros((4, 1)), np.array([0])).ravel().round(12).tolist()  # softmax minus t
    [-0.6, 0.2, 0.2, 0.2]
    """

    name = "label-smoothing"
    label = "Label smoothing"
    words = (
        "cross-entropy against targets of 1 − a + a/K for the true class and a/K for each other one, a the smoothing"
    )
    definition = (
        "Label smoothing L: cross-entropy against smoothed labels, in nats. It never falls below their entropy."
    )
    attained = True

    def log_samples(self, Z: Shaped[Array, "*T K N"], labels: Shaped[Labels, "N"]) -> Shaped[Array, "*T N"]:
        """The logarithm of the cross-entropy plus (a/K) sum_j (z_y - z_j)."""
        K, own = Z.shape[-2], Z[..., labels, np.arange(Z.shape[-1])]
        beside = self.smoothing / K * (own[..., None, :] - Z).sum(axis=-2)
        return np.log(np.exp(log_sample_losses(Z, labels)) + beside)

    def residual(self, Z: Shaped[Array, "*T K N"], labels: Shaped[Labels, "N"]) -> Shaped[Array, "*T K N"]:
        """G = P - T: softmax minus targets, each column of sum 0."""
        G = CrossEntropy().residual(Z, labels) - self.smoothing / Z.shape[-2]
        G[..., labels, np.arange(Z.shape[-1])] += self.smoothing
        return G

    def curvature(
        self, Z: Shaped[Array, "K N"], labels: Shaped[Labels, "N"], dZ: Shaped[Array, "K N"]
    ) -> Shaped[Array, "K N"]:
        """That of cross-entropy: the targets are linear."""
        return CrossEntropy().curvature(Z, labels, dZ)

    def origin(self, classes: int) -> float:
        return math.log(classes)

    def conjugate(self, G: Shaped[Array, "*T K N"], labels: Shaped[Labels, "N"]) -> Shaped[Array, "*T"]:
        """f*(G) = sum p log p over the entries of p = G + T, which are probabilities: minus their entropy."""
        P = G + self.smoothing / G.shape[-2]
        P[..., labels, np.arange(len(labels))] += 1.0 - self.smoothing
        return np.asarray((P * np.log(np.where(P > 0.0, P, 1.0))).sum(axis=(-2, -1)))

    def spectrum(self, sizes: Shaped[Labels, "K"], dimension: int, threshold: float) -> Spectrum | None:
        return best_simplex(sizes, dimension, threshold, self.smoothing)

    @staticmethod
    def compiled(vectors: Any) -> Callable[..., Any]:
        """G as that of cross-entropy, by the largest gap first, less a/K; padding, which has no class, less nothing.
        No shift: where the loss is least G is 0, and where it is not the targets keep it large.
        """
        load, store, spread, zero, exp = vectors.load, vectors.store, vectors.spread, vectors.zero, vectors.exp
        where_equal, where_greater, any_positive = vectors.where_equal, vectors.where_greater, vectors.any_positive

        def kernel(loss, logits, stride, K, own_class, low, high, shift):  # type: ignore[no-untyped-def]
            none = zero(logits)
            lowest, one, nobody = spread(-np.inf, none), spread(1.0, none), spread(K, none)
            target = spread(loss.smoothing / K, none)
            if high == K:
                target = where_equal(own_class, nobody, none, target)
            own = none
            for k in range(low, min(high + 1, K)):
                own = where_equal(own_class, spread(k, none), load(logits + k * stride), own)
            worst, gaps = lowest, none
            for k in range(K):
                if k != low or k != high:
                    gap = load(logits + k * stride) - own
                    gaps = gaps + gap
                    if low <= k <= high:
                        gap = where_equal(own_class, spread(k, none), lowest, gap)
                    if high == K:
                        gap = where_equal(own_class, nobody, lowest, gap)
                    store(logits + k * stride, gap)
                    worst = where_greater(worst, gap, worst, gap)
            top, rest = none, none
            if any_positive(worst):
                top = where_greater(none, worst, none, worst)
                rest = exp(none - top) - 1.0
            total = none
            for k in range(K):
                if k != low or k != high:
                    e = exp(load(logits + k * stride) - top)
                    store(logits + k * stride, e)
                    total = total + e
            growth = total + rest
            share = one / (1.0 + growth)
            others = spread(K - 1.0, none) * target - total * share
            for k in range(K):
                if k != low or k != high:
                    g = load(logits + k * stride) * share - target
                    if low <= k <= high:
                        g = where_equal(own_class, spread(k, none), others, g)
                    store(logits + k * stride, g)
                else:
                    store(logits + k * stride, others)
            return none, top - target * gaps, growth

        return kernel

    def batched(self, runs: int, classes: int, labels: Labels, device: Any, dtype: Any) -> _Batched:
        return _Batched(self.smoothing, runs, classes, labels, device, dtype)


class _Batched:
    """`Loss.batched`: `violation` is sum_i (max_j z_j - sum_j t_j z_j)."""

    def __init__(self, smoothing: float, runs: int, classes: int, labels: Labels, device: Any, dtype: Any):
        import torch  # here: a page's first film must not wait for it

        self._torch, kind, N = torch, {"device": device, "dtype": dtype}, len(labels)
        self.G = torch.empty((runs, classes, N), **kind)
        self._top, self._total, self._own = torch.empty((3, runs, 1, N), **kind)
        self.violation, self.largest = torch.zeros((2, runs, 1), **kind)
        self._true = torch.as_tensor(labels, dtype=torch.int64, device=device).expand(runs, 1, N)
        self._share, self._more = smoothing / classes, 1.0 - smoothing
        self._minus_share = torch.tensor(-self._share, **kind)
        self._minus_more = torch.full((runs, 1, N), -self._more, **kind)

    def look(self, W: Any, H: Any) -> None:
        torch = self._torch
        torch.bmm(W, H, out=self.G)
        torch.amax(self.G, 1, keepdim=True, out=self._top)
        torch.sum(self.G, 1, keepdim=True, out=self._total)
        torch.gather(self.G, 1, self._true, out=self._own)
        torch.sub(self._top, self._own, alpha=self._more, out=self._own)
        self._own.sub_(self._total, alpha=self._share)
        torch.sum(self._own, 2, out=self.violation)

    def evaluate(self, reference: Any) -> None:
        """G = P - T; the reference is 0."""
        torch = self._torch
        self.G.sub_(self._top).exp_()
        torch.sum(self.G, 1, keepdim=True, out=self._total)
        torch.addcmul(self._minus_share, self.G, self._total.reciprocal_(), out=self.G)
        self.G.scatter_add_(1, self._true, self._minus_more)
