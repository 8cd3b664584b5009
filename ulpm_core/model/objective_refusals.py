"""Refusals of what cannot stand beside another objective than the model's: its gradient flow and its saddles."""

from __future__ import annotations

import math
from typing import Final

from ulpm_core.model.losses.known import LOSSES
from ulpm_core.model.parameter import WHY as OF_A_VALUE
from ulpm_core.model.parameters import AS_FOR_W, RANDOM_STARTS
from ulpm_core.model.refusal import among, refuse
from ulpm_core.model.saddles.gallery import SADDLES

WHY: Final = {
    "decays": "0 to 1e+06, or -1 for that of W",
    "held": "does not go with weight decay, which holds the norms already",
    "follows": "follows cross-entropy without weight decay or bounds, the model whose limit lies at infinity",
    "decay": "weight decay",
    "bounds": "norm bounds",
    "loss": "loss = {loss}",
    "steps": "steps",
    "with": "with {objective} use",
    "without": "with {objective} leave it out, or use",
}
"""Why something is refused beside an objective, what that is called, and what to do."""


def refuse_between(weight_decay_h: float) -> None:
    """Raises :class:`ConfigError` for a decay of H that is negative, but for the one that stands for that of W."""
    if AS_FOR_W < weight_decay_h < 0.0:
        raise refuse("weight_decay_h", f"{weight_decay_h:g}", OF_A_VALUE["range"], WHY["decays"], 0)


def refuse_bounds_beside_decay(bounds: tuple[float, float], decays: tuple[float, float]) -> None:
    """Raises :class:`ConfigError` for bounds of norms beside weight decay: of both together no optimum is known."""
    for name, bound in zip(("norm_bound_w", "norm_bound_h"), bounds, strict=True):
        if bound < math.inf and any(decays):
            raise refuse(name, f"{bound:g}", WHY["held"], "none")


def refuse_beside_ulpm(
    loss: str, decays: tuple[float, float], method: str, fast_forward: float, initialisation: str
) -> None:
    """Raises :class:`ConfigError`, beside another loss, weight decay or bounds, for what is known of the model alone:
    its gradient flow in log time and its saddles.
    """
    beside = WHY["decay" if any(decays) else "bounds"]
    objective = beside if loss == next(iter(LOSSES)) else WHY["loss"].format(loss=loss)
    follows, use = WHY["follows"], WHY["with"].format(objective=objective)
    if method == "gradient-flow":
        raise refuse("method", method, follows, WHY["steps"], "gradient-descent", do=use)
    if fast_forward > 0.0:
        raise refuse("fast_forward", f"{fast_forward:g}", follows, "0", do=WHY["without"].format(objective=objective))
    if initialisation in SADDLES:
        raise refuse(
            "initialisation",
            initialisation,
            "is a saddle of cross-entropy without weight decay or bounds",
            among(RANDOM_STARTS),
            "gaussian",
            do=use,
        )
