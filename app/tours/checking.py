"""Checks a tour against the runs that its films show: every moment is there, every number is known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.jobs.bundled import recorded
from app.tours.answers import in_words, truth_of
from app.tours.document import Tour
from app.tours.films import SceneFilm
from app.tours.mistakes import Mistakes
from app.tours.record import Record
from app.tours.scenes import Scene
from ulpm_core import Outcome, RunConfig, simulate
from ulpm_core.analysis.analysis import analyse
from ulpm_core.analysis.projection import MAX_CLASSES
from ulpm_core.dynamics.progress import ProgressCallback
from ulpm_core.files.features import load_snapshots
from ulpm_core.film.film import Film, build_film
from ulpm_core.film.network import network_film
from ulpm_core.model.refusal import ConfigError, refuse
from ulpm_core.networks.config import NetworkConfig

Told = ProgressCallback[Any]


def check_runs(tour: Tour, mistakes: Mistakes, progress: Told | None = None) -> None:
    """Makes the film of every scene and reads from it what the scene says of it; what it does not hold goes to
    `mistakes`. This takes as long as the runs do. Raises KeyboardInterrupt where `progress` answers False.
    """
    known: dict[object, Record] = {}
    for scene in tour.scenes:
        film = scene.film
        if film is None:
            continue
        key = film.features or (film.state.config if film.state else None)
        try:
            if key not in known:
                known[key] = record_of(film, progress)
        except ConfigError as refusal:
            mistakes.note(film.line, refusal)
            continue
        for line, missing in _refusals(scene, film, known[key]):
            mistakes.note(line, missing)


def record_of(film: SceneFilm, progress: Told | None = None) -> Record:
    """Makes the film of a scene and returns its record. Raises :class:`ConfigError` where that cannot be had."""
    if film.features is not None:
        return Record.of(_features_film(film.features))
    assert film.state is not None
    config = film.state.config
    if isinstance(config, RunConfig):
        run = simulate(config, progress=progress, metrics=False)
        if run.outcome is Outcome.CANCELLED:
            raise KeyboardInterrupt
        analysis = analyse(run)
        metrics = {name: values[analysis.stage.frames] for name, values in analysis.seen.metrics.items()}
        return Record.of(build_film(run, analysis), metrics)
    return Record.of(_training_film(config, progress))


def _features_film(path: Path) -> Film:
    return network_film(load_snapshots(path, most_classes=MAX_CLASSES))


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


def _refusals(scene: Scene, film: SceneFilm, record: Record) -> Iterator[tuple[int, ConfigError]]:
    """Yields what this film does not hold of that which its scene asks for."""
    for key, moment in (("at", film.begins), ("until", film.until), ("then", film.then)):
        if moment is not None:
            try:
                record.frame(key, moment)
            except ConfigError as refusal:
                yield film.line_of(key), refusal
    drawn = [curve["name"] for curve in record.header["curves"]]
    for name in film.show:
        if name not in drawn:
            works = f"none, or some of {', '.join(drawn)}"
            yield film.line_of("show"), refuse("show", name, "is not drawn in this film", works, drawn[0])
    if film.then is not None:
        yield from _order(film, record)
    for figure in scene.figures:
        try:
            in_words(figure.expression, record)
        except ConfigError as refusal:
            yield figure.line, refusal
    for question in scene.questions:
        try:
            truth_of(question, record)
        except ConfigError as refusal:
            yield question.line, refusal


def _order(film: SceneFilm, record: Record) -> Iterator[tuple[int, ConfigError]]:
    """Yields a refusal of a film that would have to go backwards once its question is answered."""
    assert film.then is not None
    try:
        if record.frame("then", film.then) > record.frame("until", film.until):
            return
    except ConfigError:
        return  # said already
    yield (
        film.line_of("then"),
        refuse("then", film.then, f"does not come after until = {film.until}", "a later moment", "end"),
    )
