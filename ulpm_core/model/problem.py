"""The unconstrained layer-peeled model: value, gradient and curvature of its loss.

Ji, Lu, Zhang, Deng, Su, "An Unconstrained Layer-Peeled Perspective on Neural Collapse", ICLR 2022;
docs/theory.md 1.1 and 1.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ulpm_core.model.class_sizes import grouped_labels
from ulpm_core.model.config import RunConfig
from ulpm_core.model.losses import Array, Labels, cross_entropy_gradient, log_cross_entropy


@dataclass(frozen=True)
class Problem:
    """L(W, H) = sum_{k,i} -log softmax(W h_{k,i})_k: no bias, no norm constraint, no regularisation.

    K classes, dimension d; W (K, d), H (d, N), columns grouped by class: n of each, or `class_sizes` of them.
    `reduction` "mean" divides L by N.

    >>> problem = Problem(4, 3, 5)
    >>> round(problem.loss(np.zeros((4, 3)), np.zeros((3, 20))), 6)  # N log K at the origin
    27.725887
    """

    classes: int
    dimension: int
    per_class: int
    reduction: str = "sum"
    class_sizes: tuple[int, ...] = ()

    @classmethod
    def of(cls, config: RunConfig) -> Problem:
        return cls(config.classes, config.dimension, config.per_class, config.loss_reduction, config.class_sizes)

    @property
    def labels(self) -> Labels:
        """(N,): the class of each column of H."""
        return grouped_labels(self.class_sizes or (self.per_class,) * self.classes)

    def loss(self, W: Array, H: Array) -> float:
        """L(W, H), in nats."""
        return float(np.exp(log_cross_entropy(W @ H, self.labels, self.reduction)))

    def gradient(self, W: Array, H: Array) -> tuple[Array, Array]:
        """dL/dW = G H^T (K, d) and dL/dH = W^T G (d, N), with G = dL/dZ at the logits Z = W H."""
        G = cross_entropy_gradient(W @ H, self.labels, self.reduction)
        return G @ H.T, W.T @ G

    def hessian_vector_product(self, W: Array, H: Array, X: Array, V: Array) -> tuple[Array, Array]:
        """The second derivative applied to a direction (X, V) of the shapes of (W, H).

        dZ = X H + W V;  dG = P * (dZ - 1 (1^T (P * dZ)));  answer (dG H^T + G V^T, W^T dG + X^T G).
        """
        Z = W @ H
        G = cross_entropy_gradient(Z, self.labels, self.reduction)
        E = np.exp(Z - Z.max(axis=0))
        P = E / E.sum(axis=0)
        dZ = X @ H + W @ V
        dG = P * (dZ - (P * dZ).sum(axis=0))
        if self.reduction == "mean":
            dG /= Z.shape[1]
        return dG @ H.T + G @ V.T, W.T @ dG + X.T @ G
