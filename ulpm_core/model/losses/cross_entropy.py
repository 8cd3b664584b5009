"""Cross-entropy: minus the logarithm of the softmax of the true class (docs/theory.md 1.1)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ulpm_core.model.class_sizes import encoding_factors
from ulpm_core.model.losses import SMALL
from ulpm_core.model.losses.loss import Loss, Spectrum, log_total
from ulpm_core.model.shapes import Array, Labels, Shaped


def log_sample_losses(Z: Shaped[Array, "*T K N"], labels: Shaped[Labels, "N"]) -> Shaped[Array, "*T N"]:
    """Logarithm of each sample's cross-entropy, from logits Z.

    l_i = log(1 + S_i) with S_i = sum_{j != y} exp(z_j - z_y), so log l_i = log(log1p(S_i)). S_i is kept as a
    logarithm: the answer stays exact where l_i itself would underflow (docs/theory.md 5.3).

    >>> Z = np.array([[1000.0], [0.0]])
    >>> log_sample_losses(Z, np.array([0]))  # log(log(1 + e^-1000))
    array([-1000.])
    """
    own = np.take_along_axis(Z, np.broadcast_to(labels, (*Z.shape[:-2], 1, Z.shape[-1])), axis=-2)
    gaps = Z - own
    np.put_along_axis(gaps, np.broadcast_to(labels, (*Z.shape[:-2], 1, Z.shape[-1])), -np.inf, axis=-2)
    largest = gaps.max(axis=-2, keepdims=True)
    log_S = np.squeeze(largest, -2) + np.log(np.exp(gaps - largest).sum(axis=-2))
    S = np.exp(np.minimum(log_S, 700.0))
    with np.errstate(divide="ignore"):
        log_log1p = np.log(np.log1p(S))
    return np.where(S < SMALL, log_S - S / 2, np.where(log_S > 700.0, np.log(np.maximum(log_S, 1.0)), log_log1p))


def log_cross_entropy(
    Z: Shaped[Array, "*T K N"], labels: Shaped[Labels, "N"], reduction: str = "sum"
) -> Shaped[Array, "*T"]:
    """log L for L the sum (or mean) over samples of cross-entropy, in nats.

    >>> round(float(np.exp(log_cross_entropy(np.zeros((4, 20)), np.repeat(np.arange(4), 5)))), 6)  # N log K
    27.725887
    """
    return log_total(log_sample_losses(Z, labels), reduction)


def best_simplex(
    sizes: Shaped[Labels, "K"], dimension: int, threshold: float, smoothing: float = 0.0
) -> Spectrum | None:
    """`Loss.spectrum` of cross-entropy against targets 1 - a + a/K for the true class and a/K for the others, a the
    smoothing: Z = mu Pi Y, where softmax gives every other class (a + c/sqrt(n))/K, for classes of one size n or c = 0,

    mu = log(K / (a + c/sqrt(n)) - K + 1), or 0 from c = (1 - a) sqrt(n) on.

    Without a and c it is the direction Pi Y, and with a alone a number added to a column changes nothing. Zero is best,
    whatever the sizes and d, from c = (1 - a) ||Pi Y||_op on: there df/dZ is -(1 - a) Pi Y (docs/theory.md 2.3, 6.1,
    6.3 and 6.6).

    >>> best = best_simplex(np.full(4, 9), 3, 0.0, smoothing=0.1)
    >>> round(float(best.S[0]) / 3, 6), round(math.log(1 + 4 * 0.9 / 0.1), 6)  # the margin; S of Pi Y are sqrt(n)
    (3.610918, 3.610918)
    """
    K, n = len(sizes), float(sizes[0])
    U, S, V = encoding_factors(tuple(sizes.tolist()))
    even = len(set(sizes.tolist())) == 1
    if threshold >= (1.0 - smoothing) * (math.sqrt(n) if even else S[0]):
        return Spectrum(U[:, :dimension], 0.0 * S[:dimension], V[:, :dimension], sizes.sum() * math.log(K))
    if dimension < K - 1 or (threshold > 0.0 and not even):
        return None
    share = smoothing + threshold / math.sqrt(n)
    if share == 0.0:
        return Spectrum(U, S, V, 0.0)
    margin = math.log(K / share - K + 1.0)
    value = math.log1p((K - 1.0) * math.exp(-margin)) + smoothing * (K - 1.0) / K * margin
    return Spectrum(U, S * margin, V, float(sizes.sum()) * value)


class CrossEntropy(NamedTuple("CrossEntropy", []), Loss):
    """l(z, y) = log sum_j exp(z_j - z_y), in nats: the loss of the model.

    >>> loss, Z = CrossEntropy(), np.zeros((4, 1))
    >>> loss.residual(Z, np.array([0])).ravel().tolist()  # softmax minus one-hot
    [-0.75, 0.25, 0.25, 0.25]
    """

    name = "cross-entropy"
    label = "Cross-entropy"
    words = "minus the logarithm of the softmax of the true class, in nats"
    definition = "Cross-entropy L, in nats."
    attained = False

    def log_samples(self, Z: Shaped[Array, "*T K N"], labels: Shaped[Labels, "N"]) -> Shaped[Array, "*T N"]:
        return log_sample_losses(Z, labels)

    def residual(self, Z: Shaped[Array, "*T K N"], labels: Shaped[Labels, "N"]) -> Shaped[Array, "*T K N"]:
        """G = P - Y: softmax minus one-hot.

        The entry of the true class is minus the sum of the others, which keeps its relative accuracy when tiny.
        """
        E = np.exp(Z - Z.max(axis=-2, keepdims=True))
        G = E / E.sum(axis=-2, keepdims=True)
        samples = np.arange(Z.shape[-1])
        G[..., labels, samples] = 0.0
        G[..., labels, samples] = -G.sum(axis=-2)
        return G

    def curvature(
        self, Z: Shaped[Array, "K N"], labels: Shaped[Labels, "N"], dZ: Shaped[Array, "K N"]
    ) -> Shaped[Array, "K N"]:
        """dG = P * (dZ - 1 (1^T (P * dZ)))."""
        E = np.exp(Z - Z.max(axis=0))
        P = E / E.sum(axis=0)
        return P * (dZ - (P * dZ).sum(axis=0))

    def origin(self, classes: int) -> float:
        return math.log(classes)

    def conjugate(self, G: Shaped[Array, "*T K N"], labels: Shaped[Labels, "N"]) -> Shaped[Array, "*T"]:
        """f*(G) = sum p log p over the entries of p = G + Y, which are probabilities: minus their entropy."""
        samples = np.arange(len(labels))
        own = G[..., labels, samples]
        others = G.copy()
        others[..., labels, samples] = 0.0
        entropy = others * np.log(np.where(others > 0.0, others, 1.0))
        return entropy.sum(axis=(-2, -1)) + ((1.0 + own) * np.log1p(np.where(own > -1.0, own, 0.0))).sum(axis=-1)

    def spectrum(self, sizes: Shaped[Labels, "K"], dimension: int, threshold: float) -> Spectrum | None:
        return best_simplex(sizes, dimension, threshold)

    @staticmethod
    def compiled(vectors: Any) -> Callable[..., Any]:
        """G by the largest gap first: E = sum_j e^(z_j - z_y - top), with top the largest gap where that is positive,
        else the shift. The growth is E + e^-top - 1, under a shift E alone.
        """
        load, store, spread, zero, exp = vectors.load, vectors.store, vectors.spread, vectors.zero, vectors.exp
        where_equal, where_greater, any_positive = vectors.where_equal, vectors.where_greater, vectors.any_positive

        def kernel(loss, logits, stride, K, own_class, low, high, shift):  # type: ignore[no-untyped-def]
            none = zero(logits)
            lowest, one, nobody = spread(-np.inf, none), spread(1.0, none), spread(K, none)
            own = none
            for k in range(low, min(high + 1, K)):
                own = where_equal(own_class, spread(k, none), load(logits + k * stride), own)
            worst = lowest
            for k in range(K):
                gap = load(logits + k * stride) - own
                if low <= k <= high:
                    gap = where_equal(own_class, spread(k, none), lowest, gap)
                if high == K:
                    gap = where_equal(own_class, nobody, lowest, gap)
                store(logits + k * stride, gap)
                worst = where_greater(worst, gap, worst, gap)
            top, rest = spread(shift, none), none
            if shift == 0.0 and any_positive(worst):
                top = where_greater(none, worst, none, worst)
                rest = exp(none - top) - 1.0
            total = none
            for k in range(K):
                if k != low or k != high:
                    e = exp(load(logits + k * stride) - top)
                    store(logits + k * stride, e)
                    total = total + e
            growth = total + rest
            share = one / (1.0 + growth) if shift == 0.0 else one
            for k in range(K):
                if k < low or k > high:
                    store(logits + k * stride, load(logits + k * stride) * share)
                elif low == high:
                    store(logits + k * stride, (none - total) * share)
                else:
                    e = where_equal(own_class, spread(k, none), none - total, load(logits + k * stride))
                    store(logits + k * stride, e * share)
            violated = where_greater(none, worst, none, worst)
            return worst, violated + 0.0 * total, growth  # NaN, wherever it came from, stays NaN

        return kernel

    def batched(self, runs: int, classes: int, labels: Labels, device: Any, dtype: Any) -> BatchedCrossEntropy:
        return BatchedCrossEntropy(runs, classes, labels, device, dtype)


class BatchedCrossEntropy:
    """`Loss.batched`: B runs of K classes, Z = W H, its gaps z_j - z_y and G = dL/dZ = P - Y.

    `labels` (N,) are the classes of the samples, in any numbers. Results are in the buffers, until the next call:

    - after `look`: `violation` (B, 1) = sum_i max(worst_i, 0) and `largest` (B, 1) = max_i worst_i, where
      worst_i = max_{j != y} (z_j - z_y) is minus the margin of sample i;
    - after `evaluate`: `G` (B, K, N).

    >>> import torch
    >>> room = BatchedCrossEntropy(1, 2, np.array([0, 1]), torch.device("cpu"), torch.float64)
    >>> room.look(torch.zeros(1, 2, 1, dtype=torch.float64), torch.ones(1, 1, 2, dtype=torch.float64))
    >>> room.evaluate(torch.zeros(1, 1, dtype=torch.float64))
    >>> room.G
    tensor([[[-0.5000,  0.5000],
             [ 0.5000, -0.5000]]], dtype=torch.float64)
    """

    def __init__(self, runs: int, classes: int, labels: Labels, device: Any, dtype: Any):
        import torch  # here: a page's first film must not wait for it

        self._torch, kind = torch, {"device": device, "dtype": dtype}
        N = len(labels)
        self.G = torch.empty((runs, classes, N), **kind)
        self.violation, self.largest, self._factor = (torch.empty((runs, 1), **kind) for _ in range(3))
        self.above, self.over, self.rest, self._own, self._worst = (torch.empty((runs, 1, N), **kind) for _ in range(5))
        self._true = torch.as_tensor(labels, dtype=torch.int64, device=device).expand(runs, 1, N)

    def look(self, W: Any, H: Any) -> None:
        """The logits of W (B, K, d) and H (B, d, N), and how far they are from separating the classes.

        NaN in a run's logits, or infinity there, makes its violation NaN or infinite.
        """
        torch = self._torch
        torch.bmm(W, H, out=self.G)
        torch.gather(self.G, 1, self._true, out=self._own)
        self.G.scatter_(1, self._true, -math.inf)
        torch.amax(self.G, 1, keepdim=True, out=self._worst)
        self._worst.sub_(self._own)  # rounding is monotone: the difference of the maximum is the maximal difference
        torch.clamp(self._worst, min=0.0, out=self.above)
        torch.sum(self.above, 2, out=self.violation)
        torch.amax(self._worst, 2, out=self.largest)

    def evaluate(self, reference: Any) -> None:
        """G e^-reference, `reference` (B, 1) finite and <= 0; once after each `look`, whose logits it replaces.

        With a_i = max(worst_i, 0): S_ij = e^(z_j - z_y - a_i - reference) for j != y, and
        G_ij e^-reference = r_i S_ij, r_i = 1 / (e^-a_i + e^reference sum_j S_ij). The entry of the true class is minus
        the sum of the others: exact also when it is tiny. Where no margin is negative, `largest` as the reference makes
        the largest S_ij one: the direction of the gradient survives where its size would leave the floating-point
        range. The buffers `above`, `over` and `rest` (B, 1, N) then hold a_i, r_i and r_i sum_j S_ij.
        """
        torch = self._torch
        torch.add(self.above, reference.unsqueeze(2), out=self._worst)
        self._own.add_(self._worst)
        self.G.sub_(self._own).exp_()
        torch.sum(self.G, 1, keepdim=True, out=self.rest)
        torch.exp(reference, out=self._factor)
        torch.neg(self.above, out=self._worst).exp_()
        torch.addcmul(self._worst, self.rest, self._factor.unsqueeze(2), out=self.over).reciprocal_()
        self.rest.mul_(self.over)
        self.G.mul_(self.over)
        torch.neg(self.rest, out=self._worst)
        self.G.scatter_(1, self._true, self._worst)
