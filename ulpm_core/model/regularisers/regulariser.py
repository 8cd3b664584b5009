"""`Regulariser`: what a file of this folder provides, so that everything else works with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ulpm_core.model.shapes import Array, Shaped


class Regulariser(Protocol):
    """A term R(W, H) that is added to the reduced loss; W (..., K, d), H (..., d, N).

    A regulariser is a `NamedTuple` of its parameters: both engines compile for its type.
    """

    @property
    def name(self) -> str:
        """The rule that cross-entropy and this term make: a name on the command line's JSON line."""

    @property
    def coercive(self) -> bool:
        """Whether R grows with W and with H, so that the value has a least point."""

    @property
    def threshold(self) -> float:
        """c, where c ||Z||_* is the greatest lower bound of R over all W, H with W H = Z (sum of singular values)."""

    def factors(self, S: Shaped[Array, "r"]) -> tuple[Shaped[Array, "r"], Shaped[Array, "r"]]:
        """Scales (a, b), (r,), with a b = S and least R(U a, b V^T) for orthonormal U and V, where R is coercive."""

    def value(self, W: Shaped[Array, "*T K d"], H: Shaped[Array, "*T d N"]) -> Shaped[Array, "*T"]:
        """R(W, H), (...)."""

    def gradient(
        self, W: Shaped[Array, "K d"], H: Shaped[Array, "d N"]
    ) -> tuple[Shaped[Array, "K d"], Shaped[Array, "d N"]]:
        """dR/dW and dR/dH."""

    def hessian_vector_product(
        self, X: Shaped[Array, "K d"], V: Shaped[Array, "d N"]
    ) -> tuple[Shaped[Array, "K d"], Shaped[Array, "d N"]]:
        """The second derivative, which is constant, applied to a direction (X, V)."""

    @staticmethod
    def compiled() -> Callable[..., Any]:
        """The kernel of the compiled engine.

        kernel(regulariser, Wt, H, gradient_Wt, gradient_H, log_scale) multiplies the gradients, (d, K) and (d, P), by
        e^log_scale and adds dR/dW transposed and dR/dH; it returns R, and makes no arrays.
        """

    def batched(self, block: int, theta: Any, gradient: Any) -> None:
        """Adds dR/dW (block 0) or dR/dH (block 1) at theta, (B, rows, columns), to a gradient in torch, in place."""

    def batched_value(self, block: int, theta: Any) -> Any:
        """That block's part of R, (B, 1): R is a sum over both blocks."""
