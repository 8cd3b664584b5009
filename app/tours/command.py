"""`python -m app tour FILE`: says of a document that it is sound, or what is wrong with it, line by line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.tours.checking import check_runs
from app.tours.document import Tour, document_in, read_with_mistakes
from app.tours.made import FilmMaker
from app.tours.mistakes import TourError
from ulpm_core.terminal import BAD_INPUT, Watch


def check(file: str, then: Callable[[Tour, FilmMaker], None] | None = None) -> int:
    """Reads a tour, makes all its films, and prints what it found; `then` gets a tour that is sound, with what made its
    films. Returns the exit code of the command.
    """
    path = Path(file)
    tour, mistakes = read_with_mistakes(document_in(path), path.parent)
    with Watch() as watch:
        films = FilmMaker(watch)
        check_runs(tour, mistakes, films)
    if mistakes.found:
        print("\n".join(TourError(path.name, mistakes.found, mistakes.more).lines()))
        return BAD_INPUT
    if then is not None:
        then(tour, films)
    print(said_of(tour, path.name))
    return 0


def said_of(tour: Tour, name: str) -> str:
    """Returns one line about a sound tour."""
    questions = sum(len(scene.questions) for scene in tour.scenes)
    counted = ", ".join(
        f"{n} {what}{'' if n == 1 else 's'}"
        for n, what in ((len(tour.scenes), "scene"), (questions, "question"), (tour.minutes, "minute"))
    )
    return f"{name}: {tour.title}: {counted}."
