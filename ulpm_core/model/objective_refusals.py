"""Refusals of what cannot stand beside another objective than the model's: its gradient flow and its saddles."""

from __future__ import annotations

from ulpm_core.model.parameters import AS_FOR_W, RANDOM_STARTS
from ulpm_core.model.refusal import ConfigError
from ulpm_core.model.saddles.gallery import SADDLES


def refuse_between(weight_decay_h: float) -> None:
    """Raises :class:`ConfigError` for a decay of H that is negative, but for the one that stands for that of W."""
    if AS_FOR_W < weight_decay_h < 0.0:
        raise ConfigError(
            "weight_decay_h",
            f"weight_decay_h = {weight_decay_h:g} is out of range: use 0 to 1e+06, for example 0 (-1: that of W).",
        )


def refuse_beside_ulpm(objective: str, method: str, fast_forward: float, initialisation: str) -> None:
    """Raises :class:`ConfigError`, beside another `objective`, for what is known of the model alone: its gradient flow
    in log time and its saddles.
    """
    follows = "follows cross-entropy without weight decay, the model whose limit lies at infinity"
    if method == "gradient-flow":
        raise ConfigError(
            "method", f"method = gradient-flow {follows}: with {objective} use steps, for example gradient-descent."
        )
    if fast_forward > 0.0:
        raise ConfigError(
            "fast_forward", f"fast_forward = {fast_forward:g} {follows}: with {objective} leave it out, for example 0."
        )
    if initialisation in SADDLES:
        raise ConfigError(
            "initialisation",
            f"initialisation = {initialisation} is a saddle of cross-entropy without weight decay: with {objective} use"
            f" one of {', '.join(RANDOM_STARTS)}, for example gaussian.",
        )
