"""The rules there are: a new one is a file of this folder and a row here."""

from __future__ import annotations

from typing import Final

from ulpm_core.model.rules.adam import Adam
from ulpm_core.model.rules.gradient_descent import GradientDescent
from ulpm_core.model.rules.momentum import Momentum
from ulpm_core.model.rules.normalised import NormalisedGradientDescent
from ulpm_core.model.rules.rule import Rule
from ulpm_core.model.rules.sign_descent import SignDescent
from ulpm_core.model.rules.spectral_descent import SpectralDescent

RULES: Final[dict[str, type[Rule]]] = {
    rule.name: rule
    for rule in (GradientDescent, Momentum, NormalisedGradientDescent, Adam, SignDescent, SpectralDescent)
}
"""By name; the first is that of which gradient flow is the limit."""
