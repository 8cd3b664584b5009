"""The curves beside the stage: in which panels they stand, and what is said of them."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any, Final, NamedTuple

import numpy as np

from ulpm_core.analysis.curve import Curve, Panel
from ulpm_core.analysis.curves import CURVES
from ulpm_core.analysis.panels import FLOW_LOSS, LOSS, PANELS
from ulpm_core.analysis.rates import PREDICTED, honest_from, predicted_slope
from ulpm_core.dynamics.trajectory import Outcome, Trajectory
from ulpm_core.model.config import RunConfig
from ulpm_core.model.losses import Array
from ulpm_core.model.number_words import written

LEAST: Final = 1e-12
"""A curve that ends below this shows rounding: no law is drawn through it."""


class Drawn(NamedTuple):
    """A panel as a film has it: its title, and the names of its curves."""

    set: str
    title: str
    curves: tuple[str, ...]


def panels_of(curves: Collection[Curve], sets: Collection[str], flows: bool, fits: bool) -> list[Drawn]:
    """The panels of these curves that are of these sets, in order. Where a flow has a part the loss is shown by its
    logarithm; where no simplex fits, titles say that angles are measured from one that cannot be.
    """
    order = dict.fromkeys((*PANELS, *(panel for curve in curves for panel in curve.panels)))
    left_out = LOSS if flows else FLOW_LOSS
    shown = [panel for panel in order if panel != left_out and panel.set in sets]
    return [
        Drawn(panel.set, title_of(panel, fits), names)
        for panel in shown
        if (names := tuple(curve.name for curve in curves if panel in curve.panels))
    ]


def title_of(panel: Panel, fits: bool) -> str:
    """The title of a panel, by whether a simplex fits."""
    return panel.title if fits or not panel.no_ideal else panel.no_ideal


def defined(curve: Curve, classes: int, dimension: int) -> Curve:
    """Completes a curve's definition with the reason why it cannot reach 0 where no simplex fits."""
    K, d = classes, dimension
    if d >= K - 1 or not curve.angles:
        return curve
    why = f" No {K} directions in {d} dimension{'s' * (d > 1)} have such cosines, so it cannot reach 0 here."
    return curve._replace(definition=curve.definition + why)


def defined_for(config: RunConfig, curve: Curve) -> Curve:
    """The definition of a curve for a run: of what it is where class sizes differ, and why it cannot reach 0."""
    if not config.class_sizes:
        return defined(curve, config.classes, config.dimension)
    if curve.name == "gamma":
        return curve._replace(definition=UNEVEN_GAMMA)
    if not curve.name.startswith(("nc2", "nc3")):
        return curve
    return curve._replace(definition=curve.definition + " Class sizes differ, so the best has another shape: not 0.")


UNEVEN_GAMMA: Final = (
    "γ = 2 ‖ΠY‖∗ · smallest margin / (‖W‖² + ‖H‖²), Y the one-hot labels and Π their centring; at most 1, and 1 only at"
    " the best geometry for these class sizes."
)
FOLLOWED: Final = 0.1
"""A curve follows a law while it is within so much of it, as a share."""
LONG_ENOUGH: Final = 1.6
"""A law is seen only where log t grows by this factor while it holds: one of slope -1 falls by a third there."""


def guides(run: Trajectory, frames: np.ndarray) -> list[dict[str, Any]]:
    """Dashed lines c (log t)^slope with the predicted slope, through the end of a curve, as far back as it follows:
    a law is drawn where it holds, and of a curve that goes another way none is.
    """
    log_t = run.log_time[frames]
    flows, end = run.config.flows, float(log_t[-1])
    slow = run.config.method != "normalised-gradient-descent" and run.config.simplex_is_ideal
    if run.outcome is not Outcome.DONE or not slow or end < math.log(10.0):
        return []
    names = [name for name in PREDICTED if CURVES[name].panels] if flows else ["nc2_angles"]
    late = np.flatnonzero(
        log_t >= (max(end / math.e**2, min(end / math.e, honest_from(run.config.classes))) if flows else end / 2)
    )
    lines = []
    for name in names:
        slope = predicted_slope(name, run.config.classes, run.config.dimension)
        curve = CURVES[name].of(run)[frames]
        if slope is None or not curve[-1] > LEAST:
            continue
        law = curve[-1] * (log_t[late] / end) ** slope
        held = late[_followed(curve[late], law) :]
        if log_t[held[0]] * LONG_ENOUGH <= end:
            label = f"slope {written(slope, 'g')}" if flows else "1/log t"
            lines.append(
                {"curve": name, "label": label, "x_frames": held.tolist(), "y": law[len(law) - len(held) :].tolist()}
            )
    return lines


def _followed(curve: Array, law: Array) -> int:
    """Returns the frame from which a curve stays within FOLLOWED of a law, to the end, where they meet."""
    off = ~(np.abs(curve / law - 1.0) <= FOLLOWED)
    return int(np.flatnonzero(off)[-1]) + 1 if off.any() else 0
