"""Decides from its numbers what a state is on its sphere, or leaves it undecided with the reason."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.analysis.spectrum import Spectrum
from ulpm_core.model.number_words import written

STATIONARY: Final = 1e-6
"""Largest tangent gradient, over ||G||_op ||theta||, that counts as none: exact constructions have 1e-15."""
ROUNDING: Final = 1e-14
"""Share of the quantities compared below which float64 cannot tell them apart: 45 roundings."""
SAFETY: Final = 100.0
"""A state is off a stationary one by some multiple of its residual, and its eigenvalues with it: by less than this."""


class Verdict(StrEnum):
    """The kinds of a state on its sphere ||theta|| = const."""

    GLOBAL = "global minimiser direction"
    SADDLE = "strict saddle"
    MINIMUM = "minimum on the sphere, not the simplex"
    NOT_CRITICAL = "not critical"
    UNDECIDED = "undecided"


class Reading(NamedTuple):
    """The numbers of a verdict, over L: lambda, the least tangent eigenvalue (NaN where unknown), the residual
    ||tangent gradient|| / (||G||_op ||theta||), the largest logit by size, and the spectrum.
    """

    classes: int
    dimension: int
    multiplier: float
    least: float
    residual: float
    logit: float
    found: Spectrum

    @property
    def rounding(self) -> float:
        """Relative error of the probabilities: a logit is known to so many roundings of itself."""
        return ROUNDING * (1.0 + self.logit)

    @property
    def noise(self) -> float:
        """The most that rounding may add to a curvature."""
        return self.rounding * self.found.norm + ROUNDING * float(np.abs(self.found.values).max(initial=0.0))

    @property
    def tolerance(self) -> float:
        """Curvatures that differ by less say nothing about the stationary state nearby."""
        return self.noise + SAFETY * self.residual * self.found.norm


def judge(at: Reading, log_loss: float) -> tuple[Verdict, str]:
    """The verdict, and the sentence that justifies it; `log_loss` brings its numbers to the scale of the loss.

    For lambda > 0 and ||G||_op <= lambda the state is the least on its sphere, for every d: L is convex in Z = W H
    and ||Z||_* <= ||theta||^2 / 2. A negative tangent eigenvalue makes a stationary state a strict saddle. Without one
    it is a minimum if only rotations are flat, which takes d < K - 1 (docs/theory.md 3.3).
    """
    if at.rounding > STATIONARY:
        logit, known = _shown(at.logit, 3), _shown(at.rounding, 1)
        why = f"Undecided: of logits such as {logit} float64 knows the probabilities only to {known}."
        return Verdict.UNDECIDED, why
    if at.residual > STATIONARY:
        why = f"Not critical: the gradient along the sphere is {_shown(at.residual, 3)} of the largest it could be."
        return Verdict.NOT_CRITICAL, why
    still = "The gradient vanishes" if abs(at.multiplier) <= at.tolerance else "The gradient is radial"
    still = f"{still}, to {_shown(at.residual, 1)} of its bound"
    excess = at.found.norm - at.multiplier
    if excess <= at.tolerance:
        bound = f"‖G‖ = {_times(at.found.norm, log_loss)} does not exceed λ = {_times(at.multiplier, log_loss)}"
        return Verdict.GLOBAL, f"{still}, and {bound}: no state of this norm has a lower loss."
    if at.least < -at.tolerance:
        down = int(at.found.multiplicities[at.found.values < -at.tolerance].sum())
        where = f"{down:,} direction" + "s" * (down > 1) if at.found.complete else "some direction"
        ratio = f", or {_shown(at.least / at.multiplier)} λ" if at.multiplier > at.tolerance else ""
        steep = f"{_times(at.least, log_loss)}{ratio}"
        most = f"most steeply {steep}" if down > 1 or not at.found.complete else steep
        return Verdict.SADDLE, f"{still}, and along {where} the loss curves down: {most}."
    above = f"‖G‖ − λ = {_times(excess, log_loss)}"
    if at.dimension >= at.classes - 1 or not at.found.complete:
        why = "too little to tell" if at.found.complete else "and of the spectrum only its ends are known"
        return Verdict.UNDECIDED, f"Undecided: nothing found curves down, {above}, {why}."
    flat = int(at.found.multiplicities[np.abs(at.found.values) <= at.tolerance].sum())
    d, outside = at.dimension, at.dimension - len(at.found.basis)
    rotations = (d * (d - 1) - outside * (outside - 1)) // 2  # of R^d, less those of what W and H leave free
    if flat > rotations:
        return Verdict.UNDECIDED, (
            f"Undecided: nothing curves down, but {flat} directions are flat to {_times(at.tolerance, log_loss, 1)}"
            f" and rotations explain only {rotations} of them."
        )
    return Verdict.MINIMUM, (
        f"{still}, and nothing curves down: only rotations are flat. It is not the simplex, which needs"
        f" {at.classes - 1} dimensions. {above}: so steep a way down would open with one dimension more."
    )


def _shown(value: float, digits: int = 6) -> str:
    return written(value, f".{digits}g")


def _times(value: float, log_loss: float, digits: int = 6) -> str:
    """value e^log_loss in words; as a power of e where that is below the smallest float."""
    scaled = value * math.exp(log_loss)
    if scaled or not value:
        return _shown(scaled, digits)
    power = _shown(math.log(abs(value)) + log_loss)
    return f"−e^{power}" if value < 0.0 else f"e^{power}"
