"""Makes the films of a tour, and keeps them: a tour shows one run in several scenes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from app.jobs.bundled import recorded
from app.tours.films import SceneFilm
from app.tours.record import Record
from ulpm_core import Outcome, RunConfig, simulate
from ulpm_core.analysis.analysis import analyse
from ulpm_core.dynamics.progress import ProgressCallback
from ulpm_core.files.features import load_snapshots
from ulpm_core.film.film import Film, build_film
from ulpm_core.film.network import network_film
from ulpm_core.networks.config import NetworkConfig

Told = ProgressCallback[Any]
Source = RunConfig | NetworkConfig | Path
"""What a film is made of: the config of a run or of a training, or a file of own features."""


class MadeFilm(NamedTuple):
    """A film, and the numbers that are read from it."""

    film: Film
    record: Record


def source_of(film: SceneFilm) -> Source:
    """Returns of what the film of a scene is made."""
    if film.features is not None:
        return film.features
    assert film.state is not None
    source: Source = film.state.config
    return source


class FilmMaker:
    """Makes films here and now, each once. `progress` is told how far a run is."""

    def __init__(self, progress: Told | None = None):
        self.progress = progress
        self._made: dict[Source, MadeFilm] = {}

    def take(self, source: Source) -> MadeFilm:
        """Returns a film, which takes as long as its run. Raises :class:`ConfigError` where it cannot be had, and
        KeyboardInterrupt where `progress` answers False.
        """
        if source not in self._made:
            self._made[source] = make_film(source, self.progress)
        return self._made[source]


def make_film(source: Source, progress: Told | None = None) -> MadeFilm:
    """Makes one film, as :meth:`FilmMaker.take` does."""
    if isinstance(source, Path):
        film = network_film(load_snapshots(source))
        return MadeFilm(film, Record.of(film))
    if isinstance(source, NetworkConfig):
        film = _training_film(source, progress)
        return MadeFilm(film, Record.of(film))
    run = simulate(source, progress=progress, metrics=False)
    if run.outcome is Outcome.CANCELLED:
        raise KeyboardInterrupt
    analysis = analyse(run)
    metrics = {name: values[analysis.stage.frames] for name, values in analysis.seen.metrics.items()}
    film = build_film(run, analysis)
    return MadeFilm(film, Record.of(film, metrics))


def _training_film(config: NetworkConfig, progress: Told | None) -> Film:
    """Returns the film that comes with the lab, else that of a training which is made here and now."""
    bundled = recorded(config)
    if bundled is not None:
        return Film.from_bytes(bundled[0].document)
    from ulpm_core.networks.training import train  # imported late: most tours need no torch

    recording = train(config, progress)
    if recording.outcome is Outcome.CANCELLED:
        raise KeyboardInterrupt
    return network_film(recording)
