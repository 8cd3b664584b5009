"""Figures of a run that say how far it is from the best there is; no film draws them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ulpm_core.analysis.curve import Curve
from ulpm_core.analysis.curves import CURVES
from ulpm_core.model.config import RunConfig

OF_THE_IDEAL: Final[Mapping[str, Curve]] = {
    curve.name: curve
    for curve in (
        Curve(
            "distance_to_ideal",
            "from the ideal",
            "‖(W, H) − best‖ / ‖best‖ at the best rotation of feature space; where the best is a direction alone,"
            " (W, H) is scaled first, as fits best.",
            values=lambda run: run.distance_to_ideal,
            floor=1e-14,
        ),
        Curve(
            "certificate",
            "proved",
            "A proved bound of (value − least value) / max(1, |value|), from a dual state: 0 proves an optimum. The"
            " value is the loss with its decay.",
            values=lambda run: run.certificate,
            floor=1e-14,
        ),
    )
}
"""By their names; NaN where no best is known, or none is attained."""


def known_as(config: RunConfig, name: str) -> str:
    """Returns the name under which a figure is defined for a run: cross-entropy's certificate is its duality gap.

    >>> known_as(RunConfig(), "certificate"), known_as(RunConfig(), "gamma")
    ('duality_gap', 'gamma')
    """
    return "duality_gap" if name == "certificate" and config.is_ulpm else name


def ideal_for(config: RunConfig, curve: Curve) -> Curve:
    """Returns a figure of :data:`OF_THE_IDEAL` as it is defined for a run.

    >>> ideal_for(RunConfig(), OF_THE_IDEAL["certificate"]).definition == CURVES["duality_gap"].definition
    True
    """
    known = CURVES.get(known_as(config, curve.name), curve)
    return curve._replace(definition=known.definition, formula=known.formula, floor=known.floor)
