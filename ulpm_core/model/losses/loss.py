"""`Loss`: what a file of this folder provides, so that everything else works with it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar, Final, NamedTuple, Protocol, Self

import numpy as np

from ulpm_core.model.shapes import Array, Labels, Shaped

LEAST: Final = float(np.finfo(np.float64).tiny)
"""An exact fit, whose loss of 0 has no logarithm, counts as the square of this: less than float64 holds."""


def log_total(log_l: Shaped[Array, "*T N"], reduction: str) -> Shaped[Array, "*T"]:
    """The logarithm of the sum, or the mean, of losses given by their logarithms."""
    largest = log_l.max(axis=-1, keepdims=True)
    total = np.squeeze(largest, -1) + np.log(np.exp(log_l - largest).sum(axis=-1))
    return total - (np.log(log_l.shape[-1]) if reduction == "mean" else 0.0)


def log_half_squares(E: Shaped[Array, "*T K N"]) -> Shaped[Array, "*T N"]:
    """log (||e||^2 / 2) of each column e of E, by the largest entry first: no square leaves float64."""
    E = np.abs(E)
    largest = np.maximum(E.max(axis=-2), math.sqrt(LEAST))
    return 2.0 * np.log(largest) + np.log(np.maximum(((E / largest[..., None, :]) ** 2).sum(axis=-2), LEAST) / 2.0)


class Spectrum(NamedTuple):
    """Logits Z = U diag(S) V^T D^(-1/2) Y for class sizes D = diag(n_k) and one-hot labels Y.

    With orthonormal columns of U and V, S are the singular values of Z. `value` is f(Z); `unique` says that no other
    is as good, up to a number added to a column.
    """

    U: Shaped[Array, "K r"]
    S: Shaped[Array, "r"]
    V: Shaped[Array, "K r"]
    value: float
    unique: bool = True

    def smallest_margin(self, sizes: Shaped[Labels, "K"]) -> float:
        """min_k (c_kk - max_{j != k} c_jk) of the logits C = U diag(S) V^T D^(-1/2) (K, K), a column for each class."""
        C = self.U * self.S @ (self.V / np.sqrt(sizes)[:, None]).T
        others = np.where(np.eye(len(C), dtype=bool), -np.inf, C)
        return float((np.diagonal(C) - others.max(axis=0)).min())


class Loss(Protocol):
    """A loss f(Z) = sum_i l(z_i, y_i) of logits Z (K, N), summed over samples.

    A loss is a `NamedTuple` of its own parameters, each named as the field of :class:`RunConfig` that sets it: both
    engines compile for its type.
    """

    name: ClassVar[str]
    """The name on the command line and in links."""
    label: ClassVar[str]
    """The name as a person reads it."""
    words: ClassVar[str]
    """What it is, in words that can follow its name and a colon."""
    definition: ClassVar[str]
    """What the curve of L shows, in a sentence."""
    attained: ClassVar[bool]
    """Whether f has a least value at finite logits; if not it tends to 0 as they grow along a fixed direction."""

    @classmethod
    def of(cls, config: Any) -> Self:
        """The loss with the parameters of a config."""
        return cls(*(getattr(config, name) for name in cls._fields))  # type: ignore[attr-defined]

    def log_samples(self, Z: Shaped[Array, "*T K N"], labels: Shaped[Labels, "N"]) -> Shaped[Array, "*T N"]:
        """The logarithm of each sample's loss, from logits; exact where the loss underflows."""

    def residual(self, Z: Shaped[Array, "*T K N"], labels: Shaped[Labels, "N"]) -> Shaped[Array, "*T K N"]:
        """G = df/dZ."""

    def curvature(
        self, Z: Shaped[Array, "K N"], labels: Shaped[Labels, "N"], dZ: Shaped[Array, "K N"]
    ) -> Shaped[Array, "K N"]:
        """The derivative of G in the direction dZ."""

    def origin(self, classes: int) -> float:
        """A sample's loss at z = 0."""

    def conjugate(self, G: Shaped[Array, "*T K N"], labels: Shaped[Labels, "N"]) -> Shaped[Array, "*T"]:
        """f*(G) = sup_Z <G, Z> - f(Z), for G = s df/dZ with 0 <= s <= 1: for lower bounds."""

    def spectrum(self, sizes: Shaped[Labels, "K"], dimension: int, threshold: float) -> Spectrum | None:
        """Where f + threshold ||Z||_*, the sum of singular values, is least among logits of rank d = `dimension`.

        `threshold` > 0, or 0 for a loss that is not attained: then the direction in which it falls to 0 at the least
        ||Z||_*. None where that is not known in closed form.
        """

    @staticmethod
    def compiled(vectors: Any) -> Callable[..., Any]:
        """The kernel of the compiled engine, written in the words of `vectors`: load, store, spread, exp and so on.

        kernel(loss, logits, stride, K, own_class, low, high, shift) turns the logits of one vector of samples, row by
        row `stride` entries apart, into G e^-shift, and returns three vectors (worst, bound, growth): the loss is
        bound + log(1 + growth), and under a shift, a negative multiple of a span, growth e^shift. `bound` <= loss is
        what divergence is told from, NaN where the logits are no numbers. G may be shifted once the largest `worst`
        lies below -span: 0 for a loss that needs none. Columns of class K are padding, with G = 0. `low` and `high` are
        the lowest and the highest class in the vector. It makes no arrays.
        """

    def batched(self, runs: int, classes: int, labels: Labels, device: Any, dtype: Any) -> Any:
        """Residuals of so many runs at once for the batched engine, in torch.

        The answer has buffers `G` (B, K, N), `violation` (B, 1) and `largest` (B, 1); `look(W, H)` fills the last two,
        as `bound` and `worst` of the compiled kernel, and `evaluate(reference)` then makes G e^-reference, with
        `reference` (B, 1) = min(largest, 0). Neither allocates, waits for the device or branches on values.
        """
