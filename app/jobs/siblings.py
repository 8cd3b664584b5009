"""Finds the ends of runs of several rules, and where their small classes merge, beside their films."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from app.jobs.cache import Cache
from app.jobs.job import Job
from app.jobs.question import Question
from app.jobs.runs import LONG, way_of
from app.views.siblings_table import Ends, Merging
from ulpm_core import RunConfig, Trajectory, simulate
from ulpm_core.analysis.metrics import metrics
from ulpm_core.analysis.minority import merging_ratio
from ulpm_core.analysis.target import why_none
from ulpm_core.model.ideal import distance_to_ideal
from ulpm_core.model.losses.cross_entropy import CrossEntropy
from ulpm_core.model.objective import ULPM
from ulpm_core.model.shapes import Array

NONE: Final = math.nan


class Found(NamedTuple):
    """The ends of runs, and where small classes merge."""

    ends: tuple[Ends, ...]
    merging: Merging


def ends_of(
    configs: Sequence[RunConfig], sizes: tuple[int, int, int, int], decay: float, bound: float
) -> Question[Found]:
    """Asks what these runs came to, once their films are there, and from which ratio of sizes on small classes merge;
    `sizes` are the numbers of large and of small classes, and of samples of both.
    """
    key = "-".join([*(config.digest for config in configs), *map(str, (*sizes, decay, bound))])

    find = lambda job: _tell_ends(configs, sizes, decay, bound, job)  # noqa: E731
    return Question("siblings", key, find, LONG, _known)


def _tell_ends(
    configs: Sequence[RunConfig], sizes: tuple[int, int, int, int], decay: float, bound: float, job: Job
) -> Found | None:
    """Finds all this; None where nobody waits any more."""
    ends = tuple(_ends(config) for config in configs if not job.abandon_unwatched())
    return Found(ends, merging_of(sizes, decay, bound)) if len(ends) == len(configs) else None


def merging_of(sizes: tuple[int, int, int, int], decay: float, bound: float) -> Merging:
    """Returns from which ratio on small classes merge, of cross-entropy summed over samples: under decay once they have
    at most decay^2 samples (docs/theory.md 6.5).

    >>> merging = merging_of((5, 5, 30, 3), 1.0, 5**0.5)
    >>> merging.decayed, round(merging.bounded, 2)
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
    margin = math.inf if ideal.direction else best[0]
    return Ends(reached[0], margin, float(value[0]), ideal.value, certificate, distance, reached[1], best[1])


def _margin_and_cosine(W: Array, H: Array, run: Trajectory) -> tuple[float, float]:
    """Returns the smallest margin of a state, and the mean cosine of its smallest classes' classifiers."""
    found = metrics(W, H, run.labels, of="runs")
    return float(found["q_min"][0]), float(found.get("minority_cosine", [NONE])[0])


_known: Cache[Found] = Cache()
