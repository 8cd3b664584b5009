"""The curves beside the stage: in which panels they stand, and what is said of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from ulpm_core.analysis.curve import Curve
from ulpm_core.analysis.laws import Law
from ulpm_core.analysis.panels import FLOW_LOSS, HELD_NORMS, LOSS, NORMS, PANELS
from ulpm_core.model.config import RunConfig
from ulpm_core.model.losses.known import LOSSES
from ulpm_core.model.number_words import written

UNEVEN_GAMMA: Final = (
    "γ = 2 ‖ΠY‖∗ · smallest margin / (‖W‖² + ‖H‖²), Y the one-hot labels and Π their centring; at most 1, and 1 only at"
    " the best geometry for these class sizes."
)


def laid_out(
    curves: Collection[Curve], sets: Collection[str], flows: bool, fits: bool, grows: bool = True
) -> tuple[list[dict[str, Any]], list[Curve]]:
    """The panels of these curves that are of these sets, in order: set, title and names of curves; and the curves that
    a film holds. Where a flow has a part the loss is shown by its logarithm; where no simplex fits, titles say that
    angles are measured from one that cannot be; where norms need not grow, that of their panel does not say so.
    """
    order = dict.fromkeys((*PANELS, *(panel for curve in curves for panel in curve.panels)))
    left_out = LOSS if flows else FLOW_LOSS
    shown = [panel for panel in order if panel != left_out and panel.set in sets]
    titles = {panel: panel.title if fits else panel.no_ideal or panel.title for panel in shown}
    titles |= {} if grows else {NORMS: HELD_NORMS}
    panels = [
        {"set": panel.set, "title": titles[panel], "curves": names}
        for panel in shown
        if (names := [curve.name for curve in curves if panel in curve.panels])
    ]
    known = {curve.name: curve for curve in curves}
    held = dict.fromkeys(name for panel in panels for name in panel["curves"])
    held |= dict.fromkeys(("loss", "minus_log_loss"))  # both: a film pinned beside it may show either
    return panels, [known[name] for name in held if name in known]


def defined(curve: Curve, classes: int, dimension: int) -> Curve:
    """Completes a curve's definition with the reason why it cannot reach 0 where no simplex fits."""
    K, d = classes, dimension
    if d >= K - 1 or not curve.angles:
        return curve
    why = f" No {K} directions in {d} dimension{'s' * (d > 1)} have such cosines, so it cannot reach 0 here."
    return curve._replace(definition=curve.definition + why)


def defined_for(config: RunConfig, curve: Curve) -> Curve:
    """The definition of a curve for a run: of what it is where class sizes differ, and why it cannot reach 0."""
    if curve.name == "loss":
        return curve._replace(definition=LOSSES[config.loss].definition)
    if not config.class_sizes:
        return defined(curve, config.classes, config.dimension)
    if curve.name == "gamma":
        return curve._replace(definition=UNEVEN_GAMMA)
    if not curve.name.startswith(("nc2", "nc3")):
        return curve
    return curve._replace(definition=curve.definition + " Class sizes differ, so the best has another shape: not 0.")


def guide(law: Law, flows: bool) -> dict[str, Any]:
    """The dashed line of a law, as a player draws it."""
    label = f"slope {written(law.slope, 'g')}" if flows else "1/log t"
    return {"curve": law.curve, "label": label, "x_frames": law.frames, "y": law.values}
