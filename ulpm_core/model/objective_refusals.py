"""Refusals of what cannot stand beside another objective than the model's: its saddles, and flows within bounds."""

from __future__ import annotations

import math
from typing import Final

from ulpm_core.model.losses.known import LOSSES
from ulpm_core.model.losses.label_smoothing import LabelSmoothing
from ulpm_core.model.parameter import WHY as OF_A_VALUE
from ulpm_core.model.parameters import AS_FOR_W, DECAYS, PARAMETERS, RANDOM_STARTS
from ulpm_core.model.refusal import PHRASES, among, refuse
from ulpm_core.model.saddles.gallery import SADDLES

WHY: Final = {
    "idle": "plays no part with loss = {loss}",
    "smooths": "loss {loss} beside it",
    "decays": "0 to 1e+06, or -1 for that of W",
    "held": "does not go with weight decay, which holds the norms already",
    "fixed": "does not go with {beside}: it fixes all lengths already",
    "beside-the-flow": "goes along the gradient of the value, and decoupled decay does not",
    "out": "follows the gradient alone, which leads out of where norms are held",
    "decay": "weight decay",
    "bounds": "norm bounds",
    "spheres": "a feature norm",
    "loss": "loss = {loss}",
    "steps": "steps",
    "with": "with {objective} use",
    "without": "with {objective} leave it out, or use",
}
"""Why something is refused beside an objective, what that is called, and what to do."""


def refuse_idle_smoothing(loss: str, smoothing: float) -> None:
    """Raises :class:`ConfigError` for a smoothing beside a loss that has none."""
    default = PARAMETERS["smoothing"].default
    if smoothing != default and loss != LabelSmoothing.name:
        why, use = WHY["idle"].format(loss=loss), WHY["smooths"].format(loss=LabelSmoothing.name)
        raise refuse("smoothing", f"{smoothing:g}", why, use, do=PHRASES["leave-out"])


def refuse_between(weight_decay_h: float) -> None:
    """Raises :class:`ConfigError` for a decay of H that is negative, but for the one that stands for that of W."""
    if AS_FOR_W < weight_decay_h < 0.0:
        raise refuse("weight_decay_h", f"{weight_decay_h:g}", OF_A_VALUE["range"], WHY["decays"], 0)


def refuse_bounds_beside_decay(bounds: tuple[float, float], decays: tuple[float, float]) -> None:
    """Raises :class:`ConfigError` for bounds of norms beside weight decay: of both together no optimum is known."""
    for name, bound in zip(("norm_bound_w", "norm_bound_h"), bounds, strict=True):
        if bound < math.inf and any(decays):
            raise refuse(name, f"{bound:g}", WHY["held"], "none")


def refuse_flow_of_decoupled(decay: str, fast_forward: float) -> None:
    """Raises :class:`ConfigError` for a fast-forward of a run whose decay stands beside its steps."""
    if decay != DECAYS[0] and fast_forward > 0.0:
        raise refuse("fast_forward", f"{fast_forward:g}", WHY["beside-the-flow"], "0")


def refuse_beside_spheres(feature_norm: float, bounds: tuple[float, float], decays: tuple[float, float]) -> None:
    """Raises :class:`ConfigError` for a feature norm beside weight decay or bounds, which have nothing to say there."""
    if feature_norm < math.inf and (any(decays) or min(bounds) < math.inf):
        why = WHY["fixed"].format(beside=WHY["decay" if any(decays) else "bounds"])
        raise refuse("feature_norm", f"{feature_norm:g}", why, "none")


def refuse_held_flow(bounds: tuple[float, float], method: str, fast_forward: float) -> None:
    """Raises :class:`ConfigError` for gradient flow where norms are held, within bounds or at one length."""
    held = {"objective": WHY["bounds" if min(bounds) < math.inf else "spheres"]}
    if method == "gradient-flow":
        raise refuse("method", method, WHY["out"], WHY["steps"], "gradient-descent", do=WHY["with"].format(**held))
    if fast_forward > 0.0:
        raise refuse("fast_forward", f"{fast_forward:g}", WHY["out"], "0", do=WHY["without"].format(**held))


def refuse_beside_ulpm(
    loss: str, decays: tuple[float, float], bounds: tuple[float, float], initialisation: str
) -> None:
    """Raises :class:`ConfigError`, beside another loss, weight decay, bounds or a feature norm, for the saddles, which
    are known of the model alone.
    """
    beside = WHY["decay" if any(decays) else "bounds" if min(bounds) < math.inf else "spheres"]
    objective = beside if loss == next(iter(LOSSES)) else WHY["loss"].format(loss=loss)
    if initialisation in SADDLES:
        raise refuse(
            "initialisation",
            initialisation,
            "is a saddle of cross-entropy without weight decay or bounds",
            among(RANDOM_STARTS),
            "gaussian",
            do=WHY["with"].format(objective=objective),
        )
