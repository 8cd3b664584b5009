"""`sweep`: one config over a grid of parameters, or over draws of them, with many seeds in each cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from ulpm_core.dynamics.progress import ProgressCallback
from ulpm_core.extras import refuse_without
from ulpm_core.files.sweep import done_before, save_sweep
from ulpm_core.model.config import RunConfig
from ulpm_core.studies.axes import Axis, axis
from ulpm_core.studies.idle import refuse_idle_axes
from ulpm_core.studies.journal import opened
from ulpm_core.studies.study import Study
from ulpm_core.studies.sweep import Sweep, swept


def sweep(
    config: RunConfig,
    grid: Mapping[str, Sequence[object]] | Sequence[Axis],
    runs: int = 1,
    *,
    workers: int | None = None,
    scheduler: str = "",
    out: str | Path | None = None,
    progress: ProgressCallback[Sweep] | None = None,
) -> Sweep:
    """Makes `runs` runs of the config, from seeds seed, seed + 1 and so on, in each cell of a grid.

    `grid` says the values of parameters by their names, or is a list of axes (:func:`parse_axis`, :func:`drawn`). Cells
    are made by `workers` threads or processes of this machine, or by the Dask cluster at `scheduler`; the figures are
    the same to the last bit. With `out` each cell is kept as it is done, and the same call again goes on where the last
    one was cut off; the table stands there at the end. Raises :class:`ConfigError` for what is no grid, and for an axis
    that changes nothing; a cell whose parameters do not go together fails, and the others are made.

    >>> found = sweep(RunConfig(classes=3, per_class=2, steps=10), {"dimension": [2, 4]}, runs=2)
    >>> found.figures["gamma"].shape, found.outcomes
    ((2, 2), {'done': 4})
    """
    if scheduler:
        refuse_without("cluster", "scheduler")
    axes = tuple(axis(name, values) for name, values in grid.items()) if isinstance(grid, Mapping) else tuple(grid)
    study = Study(config, axes, runs)
    refuse_idle_axes(study)
    make = partial(swept, study, workers=workers, scheduler=scheduler, progress=progress)
    if out is None:
        return make({}, lambda cell: None)
    with opened(Path(out), study) as journal:
        found = make(done_before(out, study) | journal.done, journal.add)
        save_sweep(found, out)
        journal.remove()
    return found
