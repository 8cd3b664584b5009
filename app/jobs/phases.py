"""Phase pictures: a grid of runs, made once in the background, shown as it grows, kept, shared by all visitors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from app import asset
from app.jobs.cache import Cache
from app.jobs.job import Job
from app.jobs.queue import Queue
from app.views.phase_pictures import PICTURES
from ulpm_core import RunConfig
from ulpm_core.dynamics.progress import Progress
from ulpm_core.files.sweep import done_before
from ulpm_core.studies.cell import Cell
from ulpm_core.studies.spread import cell_seconds
from ulpm_core.studies.study import Study
from ulpm_core.studies.sweep import Sweep, gathered, swept

FOLDER: Final = asset("phases")
"""The pictures of the default run come with the lab: `python -m app.bundle phases` makes them."""
SHIPPED: Final = ("rates", "room", "rare")
WAITING: Final = 3
"""Most pictures that may wait for the one under way."""


class Painting(Job):
    """The job that makes the cells of a picture, beginning with those that an earlier job left."""

    FAILED = "This picture failed on our side. Try other values."

    def __init__(self, study: Study):
        super().__init__(study.digest, seconds_of(study))
        self.study, self.words = study, f"{study.cells:,} runs"
        self.cells = _known(study)

    def work(self) -> None:
        try:
            swept(self.study, self.cells, self._keep, workers=1, scheduler="", progress=self._tell)
        finally:
            _cells.put(self.key, self.cells)

    def _keep(self, cell: Cell) -> None:
        self.cells[cell.number] = cell

    def _tell(self, progress: Progress[Sweep]) -> bool:
        self.tell(progress.fraction, progress.words)
        return not self.abandon_unwatched()


def seconds_of(study: Study) -> float:
    """Foretells how long a picture takes on one core, in seconds."""
    return sum(cell_seconds(study.asked(number), study.runs) for number in range(study.cells))


def foretold(name: str, study: Study) -> Mapping[str, float]:
    """Returns what is foretold for a picture, by the words of its lines; found once a study, in a tenth of a second."""
    if (known := _foretold.get(study.digest)) is None:
        known = PICTURES[name].foretold(study)
        _foretold.put(study.digest, known)
    return known


def so_far(study: Study, job: Painting | None = None) -> Sweep:
    """Returns the picture as far as it is made: by a job under way, by earlier ones, or as it comes with the lab."""
    return gathered(study, dict(job.cells) if job is not None else _known(study))


def start(study: Study, visitor: str) -> Painting:
    """Returns the job of a picture, which all who ask for it share. Raises :class:`Busy`."""
    return QUEUE.start(Painting(study), visitor)


def under_way(study: Study, visitor: str) -> Painting | None:
    """Returns the job of a picture, if it is under way and this visitor waits for it."""
    job = QUEUE.under_way(study.digest)
    return job if isinstance(job, Painting) and job.watched_by(visitor) else None


def run_of(study: Study, cell: int) -> RunConfig:
    """Returns the run of a cell, with as many snapshots as any run on a page, and an engine of its own choice. Raises
    :class:`ConfigError` where there is none.
    """
    return study.config_of(cell).with_changes(snapshots=RunConfig.snapshots, engine=RunConfig.engine)


def _known(study: Study) -> dict[int, Cell]:
    return dict(_cells.get(study.digest) or _shipped().get(study.digest) or {})


@lru_cache(1)
def _shipped() -> dict[str, dict[int, Cell]]:
    """The cells of the pictures that come with the lab, by the digests of their studies."""
    found = {}
    for name in SHIPPED:
        if (path := FOLDER / f"{name}.npz").exists():
            study = PICTURES[name].study(RunConfig())
            found[study.digest] = done_before(path, study)
    return found


_cells: Cache[dict[int, Cell]] = Cache()
_foretold: Cache[Mapping[str, float]] = Cache()
QUEUE: Final = Queue("phases", 1, WAITING, "Other visitors' pictures wait already: try again in a minute.", polite=True)
