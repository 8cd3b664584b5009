"""The sentence about classifiers of small and large classes in the film of a run whose class sizes differ."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ulpm_core.analysis.minority import threshold
from ulpm_core.dynamics.trajectory import Trajectory
from ulpm_core.film.cited import cited
from ulpm_core.film.said import said
from ulpm_core.model.number_words import number

PAIRS = ("minority_cosine", "majority_cosine", "cross_cosine")


def uneven(run: Trajectory, best: Mapping[str, float]) -> str:
    """Where the cosines between classifiers stand at the end, beside those of the best geometry where it is known."""
    found = []
    for name in PAIRS:
        stands, whose = float(run.metrics[name][-1]), said(name)
        if math.isnan(stands):
            continue
        cosine = cited(name, len(run) - 1, number(stands))
        if name in best:
            found.append(said("cosine-best", cosine=cosine, best=number(best[name]), whose=whose))
        else:
            found.append(said("cosine", cosine=cosine, whose=whose))
    if not found:
        return said("cosines-undefined")
    words = said("cosines", cosines=", ".join(found))
    words = words if best or run.config.simplex_fits else said("cosines-unknown", cosines=words)
    return f"{words} {fate(run)}".rstrip()


def fate(run: Trajectory) -> str:
    """From where on the smallest classes merge or vanish at what is best, as far as that is known."""
    found = None if run.config.is_ulpm else threshold(run.minimised)
    if found is None or math.isinf(found.at):
        return ""
    told = {"fate": said(found.fate), "at": number(found.at), "here": number(found.here)}
    return said(f"fate-{found.quantity}", **told)
