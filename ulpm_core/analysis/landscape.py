"""The landscape at one state: slope, multiplier, curvature on the sphere, and a verdict with its numbers.

A state is stationary on its sphere ||theta|| = const where the gradient is -lambda theta. There, for lambda > 0 and
d >= K-1, it is the least on the sphere if ||G||_op <= lambda, and else a strict saddle (docs/theory.md 3.3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ulpm_core.analysis.spectrum import PAIRS, spectrum
from ulpm_core.analysis.verdict import Reading, Verdict, judge
from ulpm_core.model.brief import Brief
from ulpm_core.model.curvature import Curvature
from ulpm_core.model.losses.cross_entropy import log_cross_entropy, log_sample_losses
from ulpm_core.model.shapes import Array, Labels, Shaped
from ulpm_core.model.sphere import Direction, norm
from ulpm_core.model.state import State


@dataclass(frozen=True, eq=False, repr=False)
class Landscape(Brief):
    """A state's landscape. `loss` and all that is linear in it may underflow to 0; ratios and the verdict do not.

    `residual` is ||tangent gradient|| / (||G||_op ||theta||), 0 to 1. `eigenvalues` are distinct and ascending, with
    `multiplicities`; `complete` says whether they are all. `least_tangent_eigenvalue` is NaN and `multiplicity` None
    where not known; `curvature_ratio` is that eigenvalue over lambda, NaN where lambda is not positive: along a ray of
    stationary states d log(distance) / d log ||theta|| = -curvature_ratio. `eigenvectors` are X (p, K, d), V (p, d, N)
    of the lowest, whose eigenvalues are `lowest` (p,). `negative_direction` = (u alpha^T, -alpha v^T) / sqrt(2) and
    `negative_curvature`, its Rayleigh quotient, are None where there is no such direction or it does not go down.
    `loss_floor` = N log(1 + (K-1) exp(-||theta||^2 / (2 (K-1) sqrt(n)))); `gap` = (||G||_op - lambda) ||theta||^2 / 2
    is at least as large as what the loss could still fall by on this sphere, for every d.

    >>> from ulpm_core import RunConfig
    >>> from ulpm_core.model.initialisation import saddle_state
    >>> at = landscape(saddle_state(RunConfig(initialisation="square", dimension=3, per_class=2)))
    >>> at.verdict.value, at.residual < 1e-12, at.least_tangent_eigenvalue < 0.0
    ('strict saddle', True, True)
    """

    norm: float
    loss: float
    log_loss: float
    loss_floor: float
    gap: float
    gradient_norm: float
    tangent_gradient_norm: float
    residual: float
    multiplier: float
    gradient_operator_norm: float
    least_tangent_eigenvalue: float
    curvature_ratio: float
    multiplicity: int | None
    eigenvalues: Shaped[Array, "m"]
    multiplicities: Shaped[Labels, "m"]
    complete: bool
    lowest: Shaped[Array, "p"]
    eigenvectors: tuple[Shaped[Array, "p K d"], Shaped[Array, "p d N"]]
    negative_direction: Direction | None
    negative_curvature: float | None
    verdict: Verdict
    sentence: str

    @property
    def multiplier_gap(self) -> float:
        """lambda - ||G||_op: the curvature in a direction that all features leave free, and none is lower."""
        return self.multiplier - self.gradient_operator_norm


def log_loss_floor(
    norm: Shaped[Array, "*T"], classes: int, per_class: int, reduction: str = "sum"
) -> Shaped[Array, "*T"]:
    """log of the least loss at a given ||theta||: L_floor = N log(1 + (K-1) e^-mu), with the margin
    mu = norm^2 / (2 (K-1) sqrt(n)) of the simplex; a bound for every d, attained for d >= K-1 (docs/theory.md 2.6).

    >>> round(float(np.exp(log_loss_floor(np.array(0.0), 4, 5))), 6)  # N log K
    27.725887
    """
    exponent = np.log(classes - 1) - norm**2 / (2.0 * (classes - 1) * math.sqrt(per_class))
    return log_equal_losses(exponent, classes * per_class, reduction)


def log_equal_losses(exponent: Shaped[Array, "*T"], samples: int, reduction: str = "sum") -> Shaped[Array, "*T"]:
    """log L where each of N `samples` loses log(1 + e^exponent).

    >>> round(float(log_equal_losses(np.array(-1000.0), 1)), 6)
    -1000.0
    """
    pair = np.stack([np.zeros(exponent.size), exponent.ravel()])
    of_one = log_sample_losses(pair, np.zeros(exponent.size, np.int64)).reshape(exponent.shape)
    return of_one + (0.0 if reduction == "mean" else math.log(samples))


def landscape(state: State, reduction: str = "sum", pairs: int = PAIRS) -> Landscape:
    """The landscape at a state, with eigenvectors of the `pairs` lowest eigenvalues.

    >>> from ulpm_core.model.etf import minimum_norm_optimum
    >>> best = landscape(minimum_norm_optimum(4, 3, 5))  # margin 1: lambda = K sqrt(n) / (e + K - 1)
    >>> round(best.multiplier, 6), round(best.gradient_operator_norm, 6), str(best.verdict)
    (1.564154, 1.564154, 'global minimiser direction')
    """
    K, d, n = state.shape
    form = Curvature.at(state)
    found, size = spectrum(form, pairs), float(norm(state.W, state.H))
    logits = state.W @ state.H
    log_loss = float(log_cross_entropy(logits, form.labels, reduction))
    loss, slope = math.exp(log_loss), float(norm(form.A @ state.H.T, state.W.T @ form.A))
    tangent = float(norm(*form.tangent_gradient()))
    residual = tangent / (found.norm * size) if size else 0.0
    least = found.least(form)
    at = Reading(K, d, form.multiplier, least, residual, float(np.abs(logits).max()), found)
    down = form.quotient(*found.down) if found.down is not None else 0.0
    goes_down = down < -at.noise
    verdict, sentence = judge(at, log_loss)
    return Landscape(
        norm=size,
        loss=loss,
        log_loss=log_loss,
        loss_floor=math.exp(log_loss_floor(np.array(size), K, n, reduction)),
        gap=loss * max(found.norm - form.multiplier, 0.0) * size**2 / 2.0,
        gradient_norm=loss * slope,
        tangent_gradient_norm=loss * tangent,
        residual=residual,
        multiplier=loss * form.multiplier,
        gradient_operator_norm=loss * found.norm,
        least_tangent_eigenvalue=loss * least + 0.0,  # no -0.0 where L underflows
        curvature_ratio=least / form.multiplier if form.multiplier > 0.0 else math.nan,
        multiplicity=found.multiplicity,
        eigenvalues=loss * found.values,
        multiplicities=found.multiplicities,
        complete=found.complete,
        lowest=loss * found.lowest,
        eigenvectors=(found.X, found.V),
        negative_direction=found.down if goes_down else None,
        negative_curvature=loss * down if goes_down else None,
        verdict=verdict,
        sentence=sentence,
    )
