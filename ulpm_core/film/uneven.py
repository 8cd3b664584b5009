"""The sentence about classifiers of small and large classes in the film of a run whose class sizes differ."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ulpm_core.dynamics.trajectory import Trajectory
from ulpm_core.model.number_words import number

PAIRS = {
    "minority_cosine": "of the smallest classes",
    "majority_cosine": "of the largest classes",
    "cross_cosine": "of a smallest and a largest class",
}


def uneven(run: Trajectory, best: Mapping[str, float]) -> str:
    """Where the cosines between classifiers stand at the end, beside those of the best geometry where it is known."""
    said = []
    for name, whose in PAIRS.items():
        stands = float(run.metrics[name][-1])
        if not math.isnan(stands):
            limit = f" (best {number(best[name])})" if best else ""
            said.append(f"{number(stands)}{limit} between those {whose}")
    if not said:
        return "Class sizes differ, and some classifiers have no length here, so their cosines are not defined."
    words = f"Class sizes differ, so angles do not even out: cosines of classifiers stand at {', '.join(said)}."
    return words if run.config.simplex_fits else f"{words} In so few dimensions the best ones are not known."
