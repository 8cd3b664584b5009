"""`Constraint`: what a file of this folder provides, so that everything else works with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ulpm_core.model.shapes import Array, Labels, Shaped


class Constraint(Protocol):
    """A set in which W (K, d) and H (d, N) are kept: after each step both are projected onto it.

    A constraint is a `NamedTuple` of its parameters: the compiled engine compiles for its type.
    """

    @property
    def name(self) -> str:
        """The rule that cross-entropy and this set make: a name on the command line's JSON line."""

    @property
    def bounded(self) -> bool:
        """Whether the set is bounded, so that every loss attains its least value within."""

    @property
    def convex(self) -> bool:
        """Whether the set is convex: then all logits Z = C Y with ||C||_* up to `largest` are reached within."""

    def largest(self, classes: int) -> float:
        """The greatest ||C||_*, the sum of singular values, of logits Z = W H = C Y within, a column of C (K, K) for
        each class.
        """

    def factors(self, S: Shaped[Array, "r"]) -> tuple[Shaped[Array, "r"], Shaped[Array, "r"]]:
        """Scales (a, b), (r,), with a b = S that put (U a, b V^T Y) within for orthonormal U and V, (K, r), S summing
        to `largest`.
        """

    def support(
        self,
        G: Shaped[Array, "*T K N"],
        W: Shaped[Array, "*T K d"],
        H: Shaped[Array, "*T d N"],
        labels: Shaped[Labels, "N"],
    ) -> Shaped[Array, "*T"]:
        """The least upper bound of -<G, X V> over all X, V within, or a bound above it that is met where d >= K and
        G is the slope at the best state (W, H), which may show it.
        """

    def project(
        self, W: Shaped[Array, "K d"], H: Shaped[Array, "d N"], labels: Shaped[Labels, "N"]
    ) -> tuple[Shaped[Array, "K d"], Shaped[Array, "d N"]]:
        """The nearest W and the nearest H within; the same arrays where they are within already."""

    @staticmethod
    def compiled(vectors: Any) -> Callable[..., Any]:
        """The kernel of the compiled engine, which may be written in the words of `vectors`, as a loss's.

        kernel(constraint, Wt, H, sizes) projects W transposed (d, K) and H (d, P) in place; the columns of H are
        grouped by class, `sizes` (K,) of each, and zeros after them.
        """

    def batched(self, labels: Labels, sizes: Labels, device: Any) -> Any:
        """The projection of the batched engine, in torch, for columns of these labels out of classes of these sizes.

        Its `project(block, theta, total)` projects W (block 0) or H (block 1), (B, rows, columns), in place; `total`
        adds a tensor to those of the other processes that hold columns, and is None where there are none. It neither
        waits for the device nor branches on values.
        """
