"""The second derivative on the sphere ||theta|| = const: prepared once at a state, then applied to any direction.

theta = (W, H), W (K, d), H (d, N), G = dL/dZ. The paper's tangent space is {(X, V): <X, W> + <V, H> = 0}; on it the
curvature of L restricted to the sphere is  <dir, Hess L dir> + lambda ||dir||^2  with the multiplier
lambda = -2 tr(G^T W H) / ||theta||^2, as for L + (lambda/2) ||theta||^2 (docs/theory.md 3.2). At the origin there is
no sphere: lambda = 0, and it is the plain Hessian. Everything here is divided by L: so it stays exact where L
underflows, and is the same for the sum and the mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from ulpm_core.model.losses import LOGITS
from ulpm_core.model.multipliers import dual_matrix, log_loss_and_multipliers
from ulpm_core.model.refusal import refuse, span
from ulpm_core.model.shapes import Array, Labels, Shaped
from ulpm_core.model.state import State

MOST_LOGITS: Final = 10_000_000
"""Logits of 80 MB, of which a dozen copies are needed at once."""


@dataclass(frozen=True, eq=False)
class Curvature:
    """The second derivative at (W, H), all over L: `A` = -G / L, `share` = P / L off the true class and 0 on it,
    and lambda / L; `P` is the softmax itself, 0 on the true class. Nothing here changes from product to product.

    >>> origin = Curvature.at(State(np.zeros((4, 3)), np.zeros((3, 20))))
    >>> X = np.outer([1.0, -1.0, 0.0, 0.0], np.eye(3)[0])  # -sqrt(n) X, over L = N log K
    >>> V = np.repeat(X, 5, axis=0).T / np.sqrt(5)
    >>> bool(np.allclose(origin.product(X, V)[0], -np.sqrt(5) / (20 * np.log(4)) * X))
    True
    """

    W: Shaped[Array, "K d"]
    H: Shaped[Array, "d N"]
    labels: Shaped[Labels, "N"]
    A: Shaped[Array, "K N"]
    share: Shaped[Array, "K N"]
    P: Shaped[Array, "K N"]
    multiplier: float

    @classmethod
    def at(cls, state: State) -> Curvature:
        K, _, n = state.shape
        if K * K * n > MOST_LOGITS:
            fits = MOST_LOGITS // K**2
            raise refuse(
                "per_class",
                n,
                f"makes {K * K * n:,} logits with {K} classes, too many for the landscape",
                span(1, fits),
                fits,
            )
        W, H, labels = state.W, state.H, np.repeat(np.arange(K), n)
        Z = W @ H
        log_loss, share = log_loss_and_multipliers(Z, labels)
        A, energy = dual_matrix(share, labels), float((W**2).sum() + (H**2).sum())
        multiplier = 2.0 * float((A * Z).sum()) / energy if energy else 0.0
        return cls(W, H, labels, A, share, share * np.exp(log_loss), multiplier)

    def folded(self) -> Curvature:
        """Returns the form with one sample a class, H and G times sqrt(n), where the samples of each class share a
        feature, else itself: differences within a class are left out, all else is unchanged.
        """
        K, N = self.share.shape
        n = N // K
        H = self.H[:, ::n]
        if n == 1 or not np.array_equal(self.H, np.repeat(H, n, axis=1)):
            return self
        root = math.sqrt(n)
        A, share, P = root * self.A[:, ::n], self.share[:, ::n], self.P[:, ::n]
        return Curvature(self.W, root * H, np.arange(K), A, share, P, self.multiplier)

    @property
    def size(self) -> int:
        """d (K + N), the number of unknowns."""
        return self.W.size + self.H.size

    @property
    def theta(self) -> Shaped[Array, "{self.size}"]:
        """W row by row, then H row by row."""
        return np.concatenate([self.W.ravel(), self.H.ravel()])

    def split(self, theta: Shaped[Array, "*T {self.size}"]) -> tuple[Shaped[Array, "*T K d"], Shaped[Array, "*T d N"]]:
        """Returns theta as X and V."""
        X, V = theta[..., : self.W.size], theta[..., self.W.size :]
        return X.reshape(*X.shape[:-1], *self.W.shape), V.reshape(*V.shape[:-1], *self.H.shape)

    def tangent_gradient(self) -> tuple[Shaped[Array, "K d"], Shaped[Array, "d N"]]:
        """(G H^T + lambda W, W^T G + lambda H) / L: the gradient without its part along theta."""
        return self.multiplier * self.W - self.A @ self.H.T, self.multiplier * self.H - self.W.T @ self.A

    def product(
        self, X: Shaped[Array, "*T K d"], V: Shaped[Array, "*T d N"]
    ) -> tuple[Shaped[Array, "*T K d"], Shaped[Array, "*T d N"]]:
        """(Hess L + lambda)(X, V) / L.

        dZ = X H + W V;  dG_j = P_j (dZ_j - dZ_y - sum_{k != y} P_k (dZ_k - dZ_y)) off the true class y, minus their sum
        on it;  answer (dG H^T + G V^T, W^T dG + X^T G) + lambda (X, V). As accurate as the P_j are, however small.
        """
        samples = np.arange(len(self.labels))
        dG = X @ self.H + self.W @ V
        dG -= dG[..., self.labels, samples][..., None, :]
        dG -= (self.P * dG).sum(axis=-2, keepdims=True)
        dG *= self.share
        dG[..., self.labels, samples] = -dG.sum(axis=-2)
        return (
            dG @ self.H.T - self.A @ np.swapaxes(V, -1, -2) + self.multiplier * X,
            self.W.T @ dG - np.swapaxes(X, -1, -2) @ self.A + self.multiplier * V,
        )

    def quotient(self, X: Shaped[Array, "K d"], V: Shaped[Array, "d N"]) -> float:
        """The Rayleigh quotient <dir, (Hess L + lambda) dir> / (L ||dir||^2)."""
        Y, U = self.product(X, V)
        return float((X * Y).sum() + (V * U).sum()) / float((X**2).sum() + (V**2).sum())

    def matrix(self) -> Shaped[Array, "{self.size} {self.size}"]:
        """The form as a symmetric matrix over theta as in `theta`."""
        batch, columns = max(1, LOGITS // (self.share.size + self.size)), []
        for i in range(0, self.size, batch):
            X, V = self.product(*self.split(np.eye(min(batch, self.size - i), self.size, k=i)))
            columns.append(np.concatenate([X.reshape(len(X), -1), V.reshape(len(V), -1)], axis=1))
        whole = np.concatenate(columns)
        return (whole + whole.T) / 2.0
