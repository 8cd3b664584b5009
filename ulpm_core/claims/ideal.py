"""Figures of a run that say how far it is from the best there is; no film draws them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ulpm_core.analysis.curve import Curve

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
            "A proved bound of (value − least value) / max(1, |value|), from a dual state: 0 proves an optimum.",
            values=lambda run: run.certificate,
            floor=1e-14,
        ),
    )
}
"""By their names; NaN where no best is known, or none is attained."""
