"""`Sweep`: one config over a grid of parameters, or over draws of them, with many seeds in each cell."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from ulpm_core.dynamics.progress import Progress, ProgressCallback
from ulpm_core.model.brief import Brief
from ulpm_core.model.parameters import PARAMETERS
from ulpm_core.model.shapes import Array
from ulpm_core.studies.axes import SAMPLE, Axis
from ulpm_core.studies.cell import Cell
from ulpm_core.studies.spread import cell_seconds, spread
from ulpm_core.studies.study import Study

NOT_MADE: Final = ""
"""The outcome of a run that is not made yet."""
OUTCOME: Final = "<U9"
"""The type of outcomes, of which `cancelled` is the longest."""
SURE_AFTER: Final = 2.0
"""Seconds before it is said how long the rest takes."""


@dataclass(frozen=True, eq=False, repr=False)
class Sweep(Brief):
    """The figures of all runs of a study, as far as they are made: arrays of shape (axes ..., runs) by their names.

    `outcome` says how each run ended, `failed` where it could not be made, and "" where it is not made yet; figures
    are NaN there, and where they are not defined. `troubles` says why, by the number of the cell.

    >>> from ulpm_core.studies.axes import axis
    >>> cells = {0: Cell(0, ("done",), {"gamma": (0.25,)}), 1: Cell(1, ("done",), {"gamma": (0.5,)})}
    >>> found = gathered(Study(RunConfig(), (axis("dimension", [3, 4]),)), cells)
    >>> found.axes["dimension"].tolist(), found.mean("gamma").tolist(), found.outcomes
    ([3, 4], [0.25, 0.5], {'done': 2})
    """

    study: Study
    figures: Mapping[str, Array]
    outcome: Array
    troubles: Mapping[int, str]

    @property
    def axes(self) -> dict[str, Array]:
        """The values of each axis by its name, class sizes as text; of draws their numbers: see `drawn`."""
        return {axis.name: _column(axis, axis.name) for axis in self.study.axes}

    @property
    def drawn(self) -> dict[str, Array]:
        """The values of the parameters that were drawn, (samples,) each, by their names; empty for a grid."""
        drawn = (axis for axis in self.study.axes if axis.name == SAMPLE)
        return {name: _column(axis, name) for axis in drawn for name in axis.parameters}

    def mean(self, name: str) -> Array:
        """The mean of a figure over the runs of each cell where it is finite, (axes ...); NaN if it is nowhere."""
        values = self.figures[name]
        finite = np.isfinite(values)
        with np.errstate(invalid="ignore"):
            return np.where(finite, values, 0.0).sum(axis=-1) / finite.sum(axis=-1)

    def quantile(self, name: str, q: float) -> Array:
        """The quantile of a figure over the runs of each cell where it is finite, (axes ...)."""
        values = self.figures[name]
        finite = np.where(np.isfinite(values), values, np.nan)
        some = np.isfinite(finite).any(axis=-1)
        found = np.full(some.shape, np.nan)
        found[some] = np.nanquantile(finite[some], q, axis=-1)
        return found

    def share(self, outcome: str) -> Array:
        """The share of the runs of each cell that ended so, (axes ...)."""
        return (self.outcome == outcome).mean(axis=-1)

    @cached_property
    def outcomes(self) -> dict[str, int]:
        """The number of runs that ended in each way."""
        return dict(Counter(map(str, self.outcome.ravel())))

    @property
    def whole(self) -> bool:
        """Whether every run is made, or cannot be."""
        return NOT_MADE not in self.outcomes


def _column(axis: Axis, name: str) -> Array:
    values = axis.parameters.get(name, range(len(axis)))
    if name in PARAMETERS and not isinstance(values[0], (int, float)):
        return np.array([PARAMETERS[name].write(value) for value in values])
    return np.array(values)


def swept(
    study: Study,
    done: Mapping[int, Cell],
    keep: Callable[[Cell], None],
    *,
    workers: int | None,
    scheduler: str,
    progress: ProgressCallback[Sweep] | None,
) -> Sweep:
    """Makes the cells of a study that are not `done`, and tries those that failed again; `keep` gets each as it comes.

    The rest is as :func:`ulpm_core.sweep.sweep` says.
    """
    done = {number: cell for number, cell in done.items() if not cell.trouble}
    asked = [(number, study.asked(number)) for number in range(study.cells) if number not in done]
    work = {number: cell_seconds(config, study.runs) for number, config in asked}
    total, begun, made = sum(work.values()), time.perf_counter(), 0.0
    with closing(spread(asked, study.runs, workers, scheduler)) as cells:
        for cell in cells:
            keep(cell)
            done[cell.number] = cell
            made += work[cell.number]
            words = f"{len(done):,} of {study.cells:,} cells{_left(time.perf_counter() - begun, made, total)}"
            told = Progress(len(done) / study.cells, words, lambda: gathered(study, done))
            if progress is not None and progress(told) is False:
                break
    return gathered(study, done)


def _left(seconds: float, made: float, total: float) -> str:
    """How long the rest will take at the pace until now, once that says something; predictions weigh the cells."""
    if not 0.0 < made < total or seconds < SURE_AFTER:
        return ""
    left = seconds * (total - made) / made
    return f", about {left / 60:.0f} min left" if left >= 90 else f", about {left:.0f} s left"


def gathered(study: Study, done: Mapping[int, Cell]) -> Sweep:
    """The figures of the cells that are done, in their places."""
    names = dict.fromkeys(name for number in sorted(done) for name in done[number].figures)
    figures = {name: np.full((study.cells, study.runs), np.nan) for name in names}
    outcome = np.full((study.cells, study.runs), NOT_MADE, dtype=OUTCOME)
    for number, cell in done.items():
        outcome[number] = cell.outcomes
        for name, values in cell.figures.items():
            figures[name][number] = values
    shape = (*study.shape, study.runs)
    placed = {name: values.reshape(shape) for name, values in figures.items()}
    troubles = {number: done[number].trouble for number in sorted(done) if done[number].trouble}
    return Sweep(study, placed, outcome.reshape(shape), troubles)
