"""`Objective`: what a run minimises, loss x regulariser x class sizes, as one value that every part asks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.model.config import RunConfig
from ulpm_core.model.losses import LOGITS
from ulpm_core.model.losses.cross_entropy import CrossEntropy
from ulpm_core.model.losses.known import LOSSES
from ulpm_core.model.losses.loss import Loss, Spectrum, log_total
from ulpm_core.model.regularisers.known import REGULARISERS
from ulpm_core.model.regularisers.regulariser import Regulariser
from ulpm_core.model.shapes import Array, Labels, Shaped

ULPM: Final = "ulpm"
"""The rule of the model itself: cross-entropy and nothing else."""


class Ideal(NamedTuple):
    """The global optimum as far as it is known: its value, NaN where none is known or attained, and W and H where one
    rotation of feature space turns every optimum into it, else None.

    `direction` says that no optimum is attained and the value tends to its bound along the ray of (W, H).
    """

    value: float
    W: Shaped[Array, "K d"] | None = None
    H: Shaped[Array, "d N"] | None = None
    direction: bool = False


@dataclass(frozen=True, eq=False)
class Objective:
    """F(W, H) = f(W H) + R(W, H): a loss f over samples, summed or averaged, and perhaps a regulariser R beside it.

    `labels` are the classes of the columns of H. Without more it is the unconstrained layer-peeled model: cross-entropy
    alone (Ji et al. 2022; docs/theory.md 1.1).

    >>> model = Objective(np.repeat(np.arange(4), 5), 4, 3)
    >>> round(float(model.value(np.zeros((4, 3)), np.zeros((3, 20)))), 6)  # N log K at the origin
    27.725887
    >>> decayed = Objective.of(RunConfig(classes=4, per_class=5, loss_reduction="mean", weight_decay=0.005))
    >>> decayed.name, round(decayed.ideal.value, 6)
    ('weight-decay', 0.183692)
    """

    labels: Shaped[Labels, "N"]
    classes: int
    dimension: int
    reduction: str = "sum"
    loss: Loss = CrossEntropy()  # noqa: RUF009
    regulariser: Regulariser | None = None

    @classmethod
    def of(cls, config: RunConfig) -> Objective:
        """What a run of this config minimises."""
        wanted = [term for make in REGULARISERS if (term := make(config)) is not None]
        loss, term = LOSSES[config.loss], wanted[0] if wanted else None
        return cls(config.labels, config.classes, config.dimension, config.loss_reduction, loss, term)

    @property
    def name(self) -> str:
        """The name of what is minimised: that of the loss, of the regulariser beside cross-entropy, or `ulpm`."""
        if not isinstance(self.loss, CrossEntropy):
            return self.loss.name
        return ULPM if self.regulariser is None else self.regulariser.name

    @property
    def note(self) -> str:
        """What must be said of its optimum, in a sentence, or nothing."""
        if self.regulariser is None:
            return ""
        if not self.regulariser.coercive:
            return (
                "No optimum is attained: only one of W and H is held down, and the other grows while the first shrinks."
            )
        zero = self.ideal.W is not None and not self.ideal.W.any()
        return "The optimum is W = 0, H = 0: so much decay leaves nothing else." if zero else ""

    @property
    def weight(self) -> float:
        """What the sum over samples is multiplied with: 1, or 1/N for the mean."""
        return 1.0 / len(self.labels) if self.reduction == "mean" else 1.0

    def log_loss(self, W: Shaped[Array, "*T K d"], H: Shaped[Array, "*T d N"]) -> Shaped[Array, "*T"]:
        """log f(W H), exact where f itself underflows."""
        return log_total(self.loss.log_samples(W @ H, self.labels), self.reduction)

    def log_losses(self, W: Shaped[Array, "T K d"], H: Shaped[Array, "T d N"]) -> Shaped[Array, "T"]:
        """The same for many states, a few at a time: their logits may be large."""
        return np.concatenate([self.log_loss(W[few], H[few]) for few in self._chunks(len(W))])

    def _chunks(self, states: int) -> list[slice]:
        size = max(1, LOGITS // (self.classes * len(self.labels)))
        return [slice(t, t + size) for t in range(0, states, size)]

    def value(
        self, W: Shaped[Array, "*T K d"], H: Shaped[Array, "*T d N"], log_loss: Shaped[Array, "*T"] | None = None
    ) -> Shaped[Array, "*T"]:
        """F(W, H), of all terms; `log_loss` is log f where it is known already."""
        f = np.exp(self.log_loss(W, H) if log_loss is None else log_loss)
        return f if self.regulariser is None else f + self.regulariser.value(W, H)

    def gradient(
        self, W: Shaped[Array, "K d"], H: Shaped[Array, "d N"]
    ) -> tuple[Shaped[Array, "K d"], Shaped[Array, "d N"]]:
        """dF/dW = G H^T + dR/dW and dF/dH = W^T G + dR/dH, with G = df/dZ at the logits Z = W H."""
        G = self.weight * self.loss.residual(W @ H, self.labels)
        more = (0.0, 0.0) if self.regulariser is None else self.regulariser.gradient(W, H)
        return G @ H.T + more[0], W.T @ G + more[1]

    def hessian_vector_product(
        self,
        W: Shaped[Array, "K d"],
        H: Shaped[Array, "d N"],
        X: Shaped[Array, "K d"],
        V: Shaped[Array, "d N"],
    ) -> tuple[Shaped[Array, "K d"], Shaped[Array, "d N"]]:
        """The second derivative applied to a direction (X, V).

        dZ = X H + W V; dG is the loss's curvature along dZ; answer (dG H^T + G V^T, W^T dG + X^T G) + that of R.
        """
        Z = W @ H
        G = self.weight * self.loss.residual(Z, self.labels)
        dG = self.weight * self.loss.curvature(Z, self.labels, X @ H + W @ V)
        more = (0.0, 0.0) if self.regulariser is None else self.regulariser.hessian_vector_product(X, V)
        return dG @ H.T + G @ V.T + more[0], W.T @ dG + X.T @ G + more[1]

    @property
    def at_origin(self) -> float:
        """f(0)."""
        return self.weight * len(self.labels) * self.loss.origin(self.classes)

    @property
    def threshold(self) -> float:
        """c, where F is at least f + weight c ||Z||_* for Z = W H: docs/theory.md 6.3."""
        return 0.0 if self.regulariser is None else self.regulariser.threshold / self.weight

    def lower_bound(self, W: Shaped[Array, "*T K d"], H: Shaped[Array, "*T d N"]) -> Shaped[Array, "*T"]:
        """A proved lower bound of every value of F: what the state at hand proves, or the optimum where known.

        F >= f + c ||Z||_*, whose dual is -f*(G) over ||G||_op <= c: here G = df/dZ, made small enough to be allowed. It
        meets the optimum where the state is one and d is at least the rank of the best Z.
        """
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # a run that diverged proves nothing
            G = self.loss.residual(W @ H, self.labels)
            G = np.where(np.isfinite(G).all(axis=(-2, -1), keepdims=True), G, 0.0)
            norm = np.sqrt(np.linalg.eigvalsh(G @ np.swapaxes(G, -1, -2))[..., -1])
            allowed = np.minimum(1.0, np.where(norm > 0.0, self.threshold / norm, 1.0))
            dual = -self.weight * self.loss.conjugate(allowed[..., None, None] * G, self.labels)
        return np.fmax(dual, self.ideal.value)

    def certificates(
        self, W: Shaped[Array, "T K d"], H: Shaped[Array, "T d N"], value: Shaped[Array, "T"]
    ) -> Shaped[Array, "T"]:
        """(value - lower bound) / max(1, |value|), for many states and their values: 0 proves an optimum."""
        bound = np.concatenate([self.lower_bound(W[few], H[few]) for few in self._chunks(len(W))])
        with np.errstate(invalid="ignore"):
            return (value - bound) / np.maximum(1.0, np.abs(value))

    @cached_property
    def ideal(self) -> Ideal:
        """The global optimum, where it is known."""
        sizes = np.bincount(self.labels, minlength=self.classes)
        if self.regulariser is None and not self.loss.attained:
            return self._direction(sizes)
        best = self.loss.spectrum(sizes, self.dimension, self.threshold)
        if best is None or (self.regulariser is not None and not self.regulariser.coercive):
            return Ideal(math.nan)
        value = self.weight * (best.value + self.threshold * float(best.S.sum()))
        if self.regulariser is None or not best.unique:
            return Ideal(value)
        return Ideal(value, *self._placed(best, sizes, *self.regulariser.factors(best.S)))

    def _direction(self, sizes: Labels) -> Ideal:
        """Where a loss that is not attained tends to 0: all classes can be separated in a plane, two on a line."""
        value = 0.0 if self.dimension > 1 or self.classes == 2 else math.nan
        best = self.loss.spectrum(sizes, self.dimension, 0.0)
        if best is None:
            return Ideal(value, direction=True)
        return Ideal(value, *self._placed(best, sizes, np.sqrt(best.S), np.sqrt(best.S)), direction=True)

    def _placed(self, best: Spectrum, sizes: Labels, a: Array, b: Array) -> tuple[Array, Array]:
        """W = U a (K, d) and H = b V^T D^(-1/2) Y (d, N), in the first r of d dimensions."""
        more = self.dimension - len(a)
        H = (best.V * b / np.sqrt(sizes)[:, None]).T[:, self.labels]
        return np.pad(best.U * a, ((0, 0), (0, more))), np.pad(H, ((0, more), (0, 0)))


def distance_to_ideal(ideal: Ideal, W: Shaped[Array, "T K d"], H: Shaped[Array, "T d N"]) -> Shaped[Array, "T"]:
    """||theta R - theta*|| / ||theta*|| at the best rotation R of feature space.

    Where the ideal is a direction alone theta is scaled first, as fits best. NaN where no ideal is known, or it is 0.

    >>> model = Objective(np.arange(3), 3, 2)
    >>> best, turn = model.ideal, np.array([[0.0, 5.0], [-5.0, 0.0]])
    >>> bool(distance_to_ideal(best, (best.W @ turn)[None], (turn.T @ best.H)[None])[0] < 1e-14)
    True
    """
    if ideal.W is None or ideal.H is None or not ideal.W.any():
        return np.full(len(W), np.nan)
    rank = min(W.shape[-1], W.shape[-2])
    best_W, best_H = ideal.W[:, :rank], ideal.H[:rank]
    norm = math.hypot(float(np.linalg.norm(best_W)), float(np.linalg.norm(best_H)))
    return np.array([_distance(best_W, best_H, *state, ideal.direction) for state in zip(W, H, strict=True)]) / norm


def _distance(best_W: Array, best_H: Array, W: Array, H: Array, direction: bool) -> float:
    """||theta R - theta*|| for theta* in the first r coordinates: best_W (K, r), best_H (r, N)."""
    largest = max(float(np.abs(W).max()), float(np.abs(H).max())) or 1.0
    W, H = W / largest, H / largest
    U, S, Vt = np.linalg.svd(W.T @ best_W + H @ best_H.T, full_matrices=False)
    scale = float(S.sum()) / float((W**2).sum() + (H**2).sum()) if direction and S.any() else largest
    W, H = W * scale, H * scale
    along = W @ U, U.T @ H
    parts = along[0] @ Vt - best_W, Vt.T @ along[1] - best_H, W - along[0] @ U.T, H - U @ along[1]
    return float(np.sqrt(sum(float((part**2).sum()) for part in parts)))
