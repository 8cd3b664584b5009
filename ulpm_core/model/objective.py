"""`Objective`: what a run minimises as one value: loss x regulariser x constraint x class sizes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final

import numpy as np

from ulpm_core.model.config import RunConfig
from ulpm_core.model.constraints.constraint import Constraint
from ulpm_core.model.constraints.known import CONSTRAINTS
from ulpm_core.model.ideal import Ideal, placed, within
from ulpm_core.model.losses import LOGITS
from ulpm_core.model.losses.cross_entropy import CrossEntropy
from ulpm_core.model.losses.known import LOSSES
from ulpm_core.model.losses.loss import Loss, Spectrum, log_total
from ulpm_core.model.multipliers import operator_norm, proved_gap
from ulpm_core.model.notes import NOTES
from ulpm_core.model.parameters import DECAYS
from ulpm_core.model.regularisers.known import REGULARISERS
from ulpm_core.model.regularisers.regulariser import Regulariser
from ulpm_core.model.shapes import Array, Labels, Shaped
from ulpm_core.model.uneven import uneven_spectrum, uneven_within

ULPM: Final = "ulpm"
"""The rule of the model itself: cross-entropy and nothing else."""


@dataclass(frozen=True, eq=False)
class Objective:
    """F(W, H) = f(W H) + R(W, H): a loss f over samples, summed or averaged, and perhaps a regulariser R beside it, or
    a constraint within which it is minimised.

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
    constraint: Constraint | None = None
    decoupled: bool = False
    """Whether weight decay stands beside the steps of its runs, and not in their gradient."""
    sought: bool = True
    """Whether runs rest where F does; with decoupled decay those of most rules do not."""

    @classmethod
    def of(cls, config: RunConfig) -> Objective:
        """What a run of this config minimises."""
        term = next(filter(None, (make(config) for make in REGULARISERS)), None)
        held = next(filter(None, (make(config) for make in CONSTRAINTS)), None)
        loss, shape = LOSSES[config.loss].of(config), (config.classes, config.dimension)
        decoupled, sought = config.decay == DECAYS[1], config.decays_at_rest is not None
        return cls(config.labels, *shape, config.loss_reduction, loss, term, held, decoupled, sought)

    @property
    def name(self) -> str:
        """The name of what is minimised: that of the loss, of what stands beside cross-entropy, or `ulpm`."""
        if not isinstance(self.loss, CrossEntropy):
            return self.loss.name
        beside = self.regulariser or self.constraint
        return ULPM if beside is None else beside.name

    @property
    def note(self) -> str:
        """What must be said of its optimum, in a sentence, or nothing."""
        if self.constraint is not None and not (self.constraint.bounded or self.loss.attained):
            return NOTES["one-bounded"]
        if self.regulariser is None:
            return ""
        if not self.sought:
            return NOTES["decoupled"]
        if not self.regulariser.coercive:
            return NOTES["one-decayed"]
        zero = self.ideal.W is not None and not self.ideal.W.any()
        return NOTES["nothing-left"] if zero else ""

    @property
    def weight(self) -> float:
        """What the sum over samples is multiplied with: 1, or 1/N for the mean."""
        return 1.0 / len(self.labels) if self.reduction == "mean" else 1.0

    @property
    def in_gradient(self) -> Regulariser | None:
        """The regulariser whose gradient is part of that by which runs step."""
        return None if self.decoupled else self.regulariser

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
        """f(0), the value where W and H are 0."""
        return self.weight * len(self.labels) * self.loss.origin(self.classes)

    @property
    def threshold(self) -> float:
        """c, where F is at least f + weight c ||Z||_* for Z = W H: docs/theory.md 6.3."""
        return 0.0 if self.regulariser is None else self.regulariser.threshold / self.weight

    def lower_bound(self, W: Shaped[Array, "*T K d"], H: Shaped[Array, "*T d N"]) -> Shaped[Array, "*T"]:
        """A proved lower bound of every value of F: what the state at hand proves, or the optimum where known.

        F >= f + c ||Z||_*, whose dual is -f*(G) over ||G||_op <= c: here G = df/dZ, made small enough to be allowed.
        Within a constraint f >= <G, Z> - f*(G) for every G, and its least there is known. Both meet the optimum where
        the state is one and d is at least the rank of the best Z.
        """
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # a run that diverged proves nothing
            G = self.loss.residual(W @ H, self.labels)
            G = np.where(np.isfinite(G).all(axis=(-2, -1), keepdims=True), G, 0.0)
            if self.constraint is not None:
                trivial = -self.loss.conjugate(0.0 * G, self.labels)
                dual = -self.loss.conjugate(G, self.labels) - self.constraint.support(G, W, H, self.labels)
                return np.fmax(self.weight * np.fmax(dual, trivial), self.ideal.value)
            norm = operator_norm(G)
            allowed = np.minimum(1.0, np.where(norm > 0.0, self.threshold / norm, 1.0))
            dual = -self.weight * self.loss.conjugate(allowed[..., None, None] * G, self.labels)
        return np.fmax(dual, self.ideal.value)

    def certificates(
        self, W: Shaped[Array, "T K d"], H: Shaped[Array, "T d N"], value: Shaped[Array, "T"]
    ) -> Shaped[Array, "T"]:
        """(value - lower bound) / max(1, |value|), for many states and their values: 0 proves an optimum."""
        bound = np.concatenate([self.lower_bound(W[few], H[few]) for few in self._chunks(len(W))])
        with np.errstate(invalid="ignore"):
            return proved_gap((value - bound) / np.maximum(1.0, np.abs(value)))

    @property
    def goal(self) -> Ideal:
        """The global optimum where runs seek it and it is known."""
        return self.ideal if self.sought else Ideal(math.nan)

    @cached_property
    def ideal(self) -> Ideal:
        """The global optimum, where it is known."""
        if self.constraint is not None:
            return self._within(self.constraint)
        if self.regulariser is None and not self.loss.attained:
            return self._direction()
        best = self._spectrum(self.threshold)
        if best is None or (self.regulariser is not None and not self.regulariser.coercive):
            return Ideal(math.nan)
        value = self.weight * (best.value + self.threshold * float(best.S.sum()))
        if self.regulariser is None or not best.unique:  # any W and H that make these logits, or others as good
            return Ideal(value, margin=best.smallest_margin(self._sizes) if best.unique else math.nan)
        return Ideal(value, *placed(best, self.labels, self.dimension, *self.regulariser.factors(best.S)))

    def _direction(self) -> Ideal:
        """Where a loss that is not attained tends to 0: all classes can be separated in a plane, two on a line."""
        value = 0.0 if self.dimension > 1 or self.classes == 2 else math.nan
        best = self.loss.spectrum(self._sizes, self.dimension, 0.0)
        if best is None:
            return Ideal(value, direction=True)
        root = np.sqrt(best.S)
        return Ideal(value, *placed(best, self.labels, self.dimension, root, root), direction=True)

    def _within(self, constraint: Constraint) -> Ideal:
        """The optimum within a constraint: the loss's own where that has room, else on the boundary."""
        sizes, loss = self._sizes, self.loss
        each, most = np.sqrt(sizes), constraint.largest(self.classes)  # of ||C||_*, a column of C for each class
        spectrum = partial(loss.spectrum, sizes, self.dimension)
        if loss.attained and (free := spectrum(0.0)):
            C = free.U * free.S @ (free.V / each[:, None]).T
            if not constraint.bounded or np.linalg.norm(C, "nuc") <= most:
                return Ideal(self.weight * free.value if constraint.convex else math.nan)
        if not constraint.bounded:
            return Ideal(math.nan)
        found = within(spectrum, most * each[0]) if self._even else uneven_within(loss, sizes, most)
        best = self._of_rank(found)
        if best is None:
            return Ideal(math.nan)
        a, b = constraint.factors(best.S * (most / best.S.sum()))
        W, H = placed(best._replace(V=best.V * each[:, None]), self.labels, self.dimension, a, b)
        if not all(map(np.allclose, constraint.project(W, H, self.labels), (W, H))):
            return Ideal(math.nan)  # it is best within a larger set alone
        value = float(self.value(W, H))
        return Ideal(value, W, H) if best.unique else Ideal(value)

    def _spectrum(self, threshold: float) -> Spectrum | None:
        """Where f + threshold ||Z||_* is least, in closed form, or for sizes that differ found by Newton's method."""
        best = self.loss.spectrum(self._sizes, self.dimension, threshold)
        if best is None and threshold > 0.0 and not self._even:
            best = self._of_rank(uneven_spectrum(self.loss, self._sizes, threshold))
        return best

    def _of_rank(self, best: Spectrum | None) -> Spectrum | None:
        """The best logits of any rank, if d allows theirs."""
        return best if best is not None and len(best.S) <= self.dimension else None

    @property
    def _even(self) -> bool:
        return len(set(self._sizes.tolist())) == 1

    @property
    def _sizes(self) -> Labels:
        return np.bincount(self.labels, minlength=self.classes)
