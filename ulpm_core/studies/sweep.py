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
from ulpm_core.model.parameters import PARAMETERS
from ulpm_core.model.refusal import among, refuse, unfit
from ulpm_core.model.shapes import Array
from ulpm_core.model.shown import Shown, Table, words_of
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
LISTED: Final = ("gamma", "nc1_trace_ratio", "nc2_angles", "nc3")
"""The figures that a table of cells lists."""
MOST_ROWS: Final = 40
"""Cells that a table lists one by one; it counts the rest."""
DARK, LIGHT = (11, 58, 102), (227, 238, 247)
"""Red, green and blue behind the least and the largest figure of a grid."""


@dataclass(frozen=True, eq=False, repr=False)
class Sweep(Shown):
    """The figures of all runs of a study, as far as they are made: arrays of shape (axes ..., runs) by their names.

    `outcome` says how each run ended, `failed` where it could not be made, and "" where it is not made yet; figures
    are NaN there, and where they are not defined. `troubles` says why, by the number of the cell.

    >>> from ulpm_core.model.config import RunConfig
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

    def __repr__(self) -> str:
        of = " × ".join(f"{name} {len(values)}" for name, values in self.axes.items())
        ends = ", ".join(f"{count:,} {how or 'to come'}" for how, count in self.outcomes.items())
        return f"Sweep({of}, runs {self.study.runs}: {ends})"

    def table(self) -> Table:
        """Of two axes the grid of the margin ratio, else a row for each cell with the means of a few figures."""
        names = [name for name in LISTED if name in self.figures]
        if len(self.study.shape) == 2 and names:
            return self.grid(names[0])
        settings = [self.study.settings(cell) for cell in range(min(self.study.cells, MOST_ROWS))]
        means = [self.mean(name).ravel() for name in names]
        done = self.share("done").ravel()
        rows = [
            [i + 1, *(words_of(value) for value in set_to.values()), f"{done[i]:.0%}", *(values[i] for values in means)]
            for i, set_to in enumerate(settings)
        ]
        beyond = self.study.cells - len(rows)
        more = [f"The first {MOST_ROWS} cells; {beyond:,} more are not listed."] if beyond else []
        heads = ["cell", *settings[0], "done", *(f"mean {name}" for name in names)]
        return Table(f"A sweep of {self._counted}.", more, heads, rows)

    def grid(self, name: str) -> Table:
        """The mean of a figure over the runs of each cell of two axes: the first down, the second across, darkest where
        it is least. Raises :class:`ConfigError` for another number of axes and for a figure that was not measured.

        >>> from ulpm_core.model.config import RunConfig
        >>> from ulpm_core.studies.axes import axis
        >>> study = Study(RunConfig(), (axis("dimension", [3, 4]), axis("classes", [3, 4])))
        >>> cells = {i: Cell(i, ("done",), {"gamma": (i / 4,)}) for i in range(4)}
        >>> gathered(study, cells).grid("gamma").rows
        [['3', 0.0, 0.25], ['4', 0.5, 0.75]]
        """
        if len(self.study.shape) != 2:
            raise unfit("name", f"a grid has two axes, this sweep {len(self.study.shape)}", "look at its figures")
        if name not in self.figures:
            raise refuse("name", name, "was not measured", among(list(self.figures)), next(iter(self.figures), None))
        means = self.mean(name)
        down, across = ([words_of(value) for value in values] for values in self.axes.values())
        finite = means[np.isfinite(means)]
        low, high = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
        colours = [[_colour((value - low) / ((high - low) or 1.0)) for value in row] for row in means]
        rows = [[value, *row] for value, row in zip(down, means.tolist(), strict=True)]
        first, second = self.axes
        return Table(f"Mean {name} of {self._counted}.", [], [f"{first} ↓ {second} →", *across], rows, colours)

    @property
    def _counted(self) -> str:
        cells, runs = self.study.cells, self.study.runs
        return f"{cells:,} cell{'s' if cells > 1 else ''}, {runs:,} run{'s' if runs > 1 else ''} in each"

    @cached_property
    def outcomes(self) -> dict[str, int]:
        """The number of runs that ended in each way."""
        return dict(Counter(map(str, self.outcome.ravel())))

    @property
    def whole(self) -> bool:
        """Whether every run is made, or cannot be."""
        return NOT_MADE not in self.outcomes


def _colour(share: float) -> str:
    """The colour of a share from 0, dark, to 1, light; none for NaN.

    >>> _colour(0.0), _colour(1.0), _colour(float("nan"))
    ('#0b3a66', '#e3eef7', '')
    """
    if not np.isfinite(share):
        return ""
    mixed = (round(dark + share * (light - dark)) for dark, light in zip(DARK, LIGHT, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


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
