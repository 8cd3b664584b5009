"""Checks a tour against the runs that its films show: every moment is there, every number is known."""

from __future__ import annotations

from collections.abc import Iterator

from app.tours.answers import in_words, truth_of
from app.tours.document import Tour
from app.tours.films import SceneFilm
from app.tours.made import FilmMaker, source_of
from app.tours.mistakes import Mistakes
from app.tours.record import Record
from app.tours.scenes import Scene
from ulpm_core.model.refusal import ConfigError, refuse


def check_runs(tour: Tour, mistakes: Mistakes, films: FilmMaker) -> None:
    """Has the films of every scene made, and reads from them what the scene says of them; what they do not hold goes to
    `mistakes`. This takes as long as the runs do. Raises KeyboardInterrupt where the maker's progress answers False.
    """
    for scene in tour.scenes:
        film = scene.film
        if film is None:
            continue
        try:
            record = films.take(source_of(film)).record
            if film.state is not None and film.state.pinned is not None:
                films.take(film.state.pinned)
        except ConfigError as refusal:
            mistakes.note(film.line, refusal)
            continue
        for line, missing in _refusals(scene, film, record):
            mistakes.note(line, missing)


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
