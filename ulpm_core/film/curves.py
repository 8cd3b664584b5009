"""The curves beside the stage: in which panels they stand, and what is said of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from ulpm_core.analysis.curve import Curve, Panel
from ulpm_core.analysis.laws import Law
from ulpm_core.analysis.panels import FLOW_LOSS, HELD_NORMS, LOSS, NORMS, PANELS
from ulpm_core.model.config import RunConfig
from ulpm_core.model.losses.known import LOSSES
from ulpm_core.model.number_words import number, written

DEFINITIONS: Final = {
    "no-room": "{definition} No {classes} directions in {d} dimensions have such cosines, so it cannot reach 0 here.",
    "no-room-one": "{definition} No {classes} directions in 1 dimension have such cosines, so it cannot reach 0 here.",
    "uneven": "{definition} Class sizes differ, so the best has another shape: not 0.",
    "gamma-uneven": "γ = 2 ‖ΠY‖∗ · smallest margin / (‖W‖² + ‖H‖²), Y the one-hot labels and Π their centring; at most"
    " 1, and 1 only at the best geometry for these class sizes.",
}
"""What the definition of a curve becomes where no simplex fits, or class sizes differ."""
GUIDES: Final = {"flow": "slope {slope}", "steps": "1/log t", "rate": "e^(−{rate} t)"}
"""What stands at the dashed line of a law."""
BOTH_LOSSES: Final = ("loss", "minus_log_loss")
"""Curves that each film holds: one pinned beside it may show either."""


def in_order(curves: Collection[Curve]) -> list[Panel]:
    """The panels in their order, behind them those that only these curves know."""
    return list(dict.fromkeys((*PANELS, *(panel for curve in curves for panel in curve.panels))))


def laid_out(
    curves: Collection[Curve], sets: Collection[str], endless: bool, fits: bool, grows: bool = True
) -> tuple[list[dict[str, Any]], list[Curve]]:
    """The panels of these curves that are of these sets, in order: set, title and names of curves; and the curves that
    a film holds. Where the model's flow has a part the loss is shown by its logarithm; where no simplex fits, titles
    say that angles are measured from one that cannot be; where norms need not grow, that of their panel does not say
    so.
    """
    left_out = LOSS if endless else FLOW_LOSS
    shown = [panel for panel in in_order(curves) if panel != left_out and panel.set in sets]
    titles = {panel: panel.title if fits else panel.no_ideal or panel.title for panel in shown}
    titles |= {} if grows else {NORMS: HELD_NORMS}
    panels = [
        {"set": panel.set, "title": titles[panel], "curves": names}
        for panel in shown
        if (names := [curve.name for curve in curves if panel in curve.panels])
    ]
    known = {curve.name: curve for curve in curves}
    held = dict.fromkeys(name for panel in panels for name in panel["curves"])
    held |= dict.fromkeys(BOTH_LOSSES)
    return panels, [known[name] for name in held if name in known]


def defined(curve: Curve, classes: int, dimension: int) -> Curve:
    """Completes a curve's definition with the reason why it cannot reach 0 where no simplex fits."""
    K, d = classes, dimension
    if d >= K - 1 or not curve.angles:
        return curve
    words = DEFINITIONS["no-room-one" if d == 1 else "no-room"]
    return curve._replace(definition=words.format(definition=curve.definition, classes=K, d=d))


def defined_for(config: RunConfig, curve: Curve) -> Curve:
    """The definition of a curve for a run: of what it is where class sizes differ, and why it cannot reach 0."""
    if curve.name == "loss":
        return curve._replace(definition=LOSSES[config.loss].definition)
    if not config.class_sizes:
        return defined(curve, config.classes, config.dimension)
    if curve.name == "gamma":
        return curve._replace(definition=DEFINITIONS["gamma-uneven"])
    if not curve.name.startswith(("nc2", "nc3")):
        return curve
    return curve._replace(definition=DEFINITIONS["uneven"].format(definition=curve.definition))


def guide(law: Law, flows: bool) -> dict[str, Any]:
    """The dashed line of a law, as a player draws it."""
    name = "rate" if law.rate else "flow" if flows else "steps"
    label = GUIDES[name].format(slope=written(law.slope, "g"), rate=number(law.rate))
    return {"curve": law.curve, "label": label, "x_frames": law.frames, "y": law.values}
