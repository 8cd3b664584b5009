"""Finds the ends of runs of several rules, and where their small classes merge, beside their films."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from app.jobs.cache import Cache
from app.jobs.job import Job
from app.jobs.question import Question
from app.jobs.runs import LONG, SHORT, way_of
from app.views.merging import Merging
from app.views.siblings_table import Ends
from ulpm_core import RunConfig, Trajectory, simulate
from ulpm_core.analysis.metrics import metrics
from ulpm_core.analysis.minority import merging_ratio
from ulpm_core.analysis.target import why_none
from ulpm_core.model.ideal import distance_to_ideal
from ulpm_core.model.losses.cross_entropy import CrossEntropy
from ulpm_core.model.objective import ULPM
from ulpm_core.model.shapes import Array

NONE: Final = math.nan


def ends_of(configs: Sequence[RunConfig]) -> Question[tuple[Ends, ...]]:
    """Asks what these runs came to, once their films are there."""
    key = "-".join(config.digest for config in configs)
    return Question("siblings", key, lambda job: _tell_ends(configs, job), LONG, _ends_known)


def merging_of(sizes: tuple[int, int, int, int], decay: float, bound: float) -> Question[Merging]:
    """Asks from which ratio of sizes on small classes merge; `sizes` are the numbers of large and of small classes, and
    of samples of both.
    """
    key = "-".join(map(str, (*sizes[:3], decay, bound)))
    return Question("merging", key, lambda job: merging(sizes, decay, bound), SHORT, _merging_known)


def _tell_ends(configs: Sequence[RunConfig], job: Job) -> tuple[Ends, ...] | None:
    """Finds all ends; None where nobody waits any more."""
    ends = tuple(_ends(config) for config in configs if not job.abandon_unwatched())
    return ends if len(ends) == len(configs) else None


def merging(sizes: tuple[int, int, int, int], decay: float, bound: float) -> Merging:
    """Returns from which ratio on small classes merge, of cross-entropy summed over samples: under decay once they have
    at most decay^2 samples (docs/theory.md 6.5).

    >>> found = merging((5, 5, 30, 3), 1.0, 5**0.5)
    >>> found.decayed, round(found.bounded, 2)
    (30.0, 12.19)
    """
    large, small, many, _ = sizes
    if small < 2:
        return Merging(NONE, NONE)
    return Merging(many / decay**2, merging_ratio(CrossEntropy(), large, small, (large + small) * bound))


def _ends(config: RunConfig) -> Ends:
    """Returns what a run came to: from its states where they are kept, else they are computed again."""
    known = way_of(config)
    run = known if known is not None and known.config == config else simulate(config, metrics=False)
    W, H, objective = run.W[-1:], run.H[-1:], run.minimised
    ideal, value = objective.ideal, run.value[-1:]
    with np.errstate(all="ignore"):  # a run that diverged has no figures
        reached = _margin_and_cosine(W, H, run)
        certificate = NONE if run.rule == ULPM else float(objective.certificates(W, H, value)[0])
        distance = float(distance_to_ideal(ideal, W, H)[0])
    best = NONE, NONE
    if why_none(run) == "frame-of-another-norm":  # the ideal is that of descent, and no film of such steps draws it
        distance = NONE
    elif ideal.W is not None and ideal.H is not None:
        best = _margin_and_cosine(ideal.W[None], ideal.H[None], run)
    margin = math.inf if ideal.direction else ideal.margin if ideal.W is None else best[0]
    at: dict[str, float] = {"step": int(run.step[-1])}
    if math.isfinite(run.log_time[-1]):
        at["log_time"] = float(run.log_time[-1])
    return Ends(reached[0], margin, float(value[0]), ideal.value, certificate, distance, reached[1], best[1], at)


def _margin_and_cosine(W: Array, H: Array, run: Trajectory) -> tuple[float, float]:
    """Returns the smallest margin of a state, and the mean cosine of its smallest classes' classifiers."""
    found = metrics(W, H, run.labels, of="runs")
    return float(found["q_min"][0]), float(found.get("minority_cosine", [NONE])[0])


_ends_known: Cache[tuple[Ends, ...]] = Cache()
_merging_known: Cache[Merging] = Cache()
