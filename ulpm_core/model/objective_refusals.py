"""Refusals of what cannot stand beside another objective than the model's: its gradient flow and its saddles."""

from __future__ import annotations

import math

from ulpm_core.model.losses.known import LOSSES
from ulpm_core.model.parameters import AS_FOR_W, RANDOM_STARTS
from ulpm_core.model.refusal import among, refuse
from ulpm_core.model.saddles.gallery import SADDLES


def refuse_between(weight_decay_h: float) -> None:
    """Raises :class:`ConfigError` for a decay of H that is negative, but for the one that stands for that of W."""
    if AS_FOR_W < weight_decay_h < 0.0:
        raise refuse("weight_decay_h", f"{weight_decay_h:g}", "is out of range", "0 to 1e+06, or -1 for that of W", 0)


def refuse_bounds_beside_decay(bounds: tuple[float, float], decays: tuple[float, float]) -> None:
    """Raises :class:`ConfigError` for bounds of norms beside weight decay: of both together no optimum is known."""
    for name, bound in zip(("norm_bound_w", "norm_bound_h"), bounds, strict=True):
        if bound < math.inf and any(decays):
            raise refuse(name, f"{bound:g}", "does not go with weight decay, which holds the norms already", "none")


def refuse_beside_ulpm(
    loss: str, decays: tuple[float, float], method: str, fast_forward: float, initialisation: str
) -> None:
    """Raises :class:`ConfigError`, beside another loss, weight decay or bounds, for what is known of the model alone:
    its gradient flow in log time and its saddles.
    """
    beside = "weight decay" if any(decays) else "norm bounds"
    objective = beside if loss == next(iter(LOSSES)) else f"loss = {loss}"
    follows = "follows cross-entropy without weight decay or bounds, the model whose limit lies at infinity"
    if method == "gradient-flow":
        raise refuse("method", method, follows, "steps", "gradient-descent", do=f"with {objective} use")
    if fast_forward > 0.0:
        raise refuse("fast_forward", f"{fast_forward:g}", follows, "0", do=f"with {objective} leave it out, or use")
    if initialisation in SADDLES:
        raise refuse(
            "initialisation",
            initialisation,
            "is a saddle of cross-entropy without weight decay or bounds",
            among(RANDOM_STARTS),
            "gaussian",
            do=f"with {objective} use",
        )
