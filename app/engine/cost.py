"""Foretells how long a run takes in a browser, by the core's model of cost at the pace of the browser's engine."""

from __future__ import annotations

from typing import Any, Final

from ulpm_core.dynamics.engines import cost
from ulpm_core.dynamics.engines.cost import StepCost
from ulpm_core.dynamics.flow.limits import MOST_RIGHT_HAND_SIDES

PACE: Final = StepCost(0.06e-6, 4e-9, 0.32e-9)
"""Fits, under Node, from (K, d, n) = (2, 1, 1) to (20, 64, 200): steps to a factor of 1.3, and flows, whose other work
takes about as long as Python's, to one of 2.5. A phone may be four times slower."""


def costs(seconds: float) -> dict[str, Any]:
    """Returns what a page's script foretells the seconds of a run by, and how it refuses one that takes more than so
    many.
    """
    return {
        "seconds": seconds,
        "pace": PACE._asdict(),
        "flow": {
            "evaluations": cost.FLOW_EVALUATIONS,
            "late": cost.FLOW_EVALUATIONS_LATE,
            "to_rest": cost.FLOW_TO_REST,
            "most": MOST_RIGHT_HAND_SIDES,
            "step": cost.FLOW_STEP,
            "entry": cost.FLOW_ENTRY,
            "cube": cost.FLOW_CUBE,
        },
        "words": cost.TOO_LONG,
    }
