"""`Analysis`: all that a film shows of a run beside its states, made once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ulpm_core.analysis.angles import angle_gap_degrees, nearest_degrees
from ulpm_core.analysis.collapse import margins
from ulpm_core.analysis.escape import Escape, escape
from ulpm_core.analysis.imbalance import size_cosines
from ulpm_core.analysis.laws import Law, laws
from ulpm_core.analysis.marks import Mark, marks
from ulpm_core.analysis.measure import Seen, seen
from ulpm_core.analysis.projection import Stage, stage
from ulpm_core.analysis.target import Target, target_of, why_none
from ulpm_core.analysis.theory import Theory, theory
from ulpm_core.dynamics.trajectory import Trajectory
from ulpm_core.model.brief import Brief
from ulpm_core.model.initialisation import saddle_state
from ulpm_core.model.shapes import Array


class Ending(NamedTuple):
    """The class means at the end: mean distance in degrees of their angles from the ideal, and the least and the
    largest angle from one to its nearest, NaN where they have no length; and, where class sizes differ, the `best`
    cosines between classifiers of small and large classes, as far as they are known.
    """

    gap: float
    nearest: tuple[float, float]
    best: Mapping[str, float]


@dataclass(frozen=True, eq=False, repr=False)
class Analysis(Brief):
    """What a film shows of a run.

    `seen` are the measurements of every snapshot, `stage` is what is shown of the states. `marks` are moments, `laws`
    lines beside curves. `left` is the run's escape where it starts beside a saddle, and `apart` says whether that
    saddle separates all samples itself; `theory` is there where the model's own flow has a part, and `target` where the
    ideal frame is no simplex; `unframed` names the sentence that says why none is drawn though there is room.
    """

    seen: Seen
    stage: Stage
    marks: list[Mark]
    laws: list[Law]
    ending: Ending
    left: Escape | None
    apart: bool
    theory: Theory | None
    target: Target | None = None
    unframed: str = ""

    @property
    def past(self) -> Past:
        """The part that a later look at the same run need not find again."""
        return Past(self.seen, self.left)


class Past(NamedTuple):
    """Measurements and escape of an earlier look at a run."""

    seen: Seen
    left: Escape | None


def analyse(run: Trajectory, past: Past | None = None) -> Analysis:
    """The analysis of a run, of which an earlier look, or a look at its beginning, may have found a part.

    The separation problem is measured where the model's flow has a part: other films do not show it, and come sooner.
    """
    config = run.config
    if past and config.endless and "objective" not in past.seen.metrics:
        past = None  # of steps alone, where a flow now goes on
    before, left = past or (None, None)
    found = seen(run, config.endless, before)
    run = replace(run, metrics=found.metrics)
    saddle = None if config.saddle is None else saddle_state(config)
    left = None if saddle is None else escape(run, saddle, left)
    moments = marks(run, found.error, found.centred, found.centre, left)
    marked, aim, unframed = [mark.snapshot for mark in moments], target_of(run, found.centred[-1]), why_none(run)
    means, simplex = None if aim is None else aim.means, not (config.class_sizes or unframed)
    shown = stage(run.W, run.H, found.centred, found.centre, config.sizes, marked, target=means, simplex=simplex)
    return Analysis(
        seen=found,
        stage=shown,
        marks=moments,
        laws=laws(run, shown.frames),
        ending=_ending(run, found.centred[-1]),
        left=left,
        apart=saddle is not None and bool(margins(saddle.W, saddle.H, run.labels).min() > 0.0),
        theory=theory(run) if config.endless else None,
        target=aim,
        unframed=unframed,
    )


def _ending(run: Trajectory, means: Array) -> Ending:
    config = run.config
    low, high = np.quantile(nearest_degrees(means), (0.0, 1.0))
    best: dict[str, float] = {}
    W = run.minimised.goal.W
    if config.class_sizes and W is not None:
        found = size_cosines(W - W.mean(axis=0), np.array(config.sizes))
        best = {name: float(value) for name, value in found.items() if np.isfinite(value)}
    return Ending(angle_gap_degrees(means), (float(low), float(high)), best)
