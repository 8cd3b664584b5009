"""`python -m app tour FILE --check`: says of a document that it is sound, or what is wrong with it, line by line."""

from __future__ import annotations

from pathlib import Path

from app.tours.checking import check_runs
from app.tours.document import Tour, document_in, read_with_mistakes
from app.tours.mistakes import TourError
from ulpm_core.terminal import BAD_INPUT, Watch


def check(file: str) -> int:
    """Reads a tour, makes all its films, and prints what it found. Returns the exit code of the command."""
    path = Path(file)
    tour, mistakes = read_with_mistakes(document_in(path), path.parent)
    with Watch() as watch:
        check_runs(tour, mistakes, watch)
    if mistakes.found:
        print("\n".join(TourError(path.name, mistakes.found, mistakes.more).lines()))
        return BAD_INPUT
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
