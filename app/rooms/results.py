"""What a class has answered: counts, numbers and sketches for the teacher's screen, and a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any, Final

from app.rooms.tour import Outline, Question
from app.rooms.work import Answer

FORMULA: Final = "=+-@\t\r"
"""A spreadsheet takes a cell that begins with one of these for a formula, and runs it."""
HEADINGS: Final = ("scene", "title", "question", "kind", "student", "answer")
MARK: Final = "\ufeff"
"""Begins the table: without it a spreadsheet reads UTF-8 as something else."""


def scenes(outline: Outline, answers: Iterable[Answer], only: int | None = None) -> list[dict[str, Any]]:
    """Returns the scenes of a tour, or one of them, with what was answered to each question."""
    given = sorted_answers(outline, answers)
    return [
        {
            "scene": at,
            "title": scene.title,
            "questions": [
                {"question": number, **_tally(question, given[at][number])}
                for number, question in enumerate(scene.questions)
            ],
        }
        for at, scene in enumerate(outline.scenes)
        if only in (None, at)
    ]


def sorted_answers(outline: Outline, answers: Iterable[Answer]) -> list[list[list[Any]]]:
    """Returns the answers by scene and question. Nobody is told from another: they come in the order of their values,
    which is another one for each question.
    """
    given: list[list[list[Any]]] = [[[] for _ in scene.questions] for scene in outline.scenes]
    for one in answers:
        given[one.scene][one.question].append(one.answer)
    return [[sorted(each) for each in scene] for scene in given]


def _tally(question: Question, given: list[Any]) -> dict[str, Any]:
    """Returns what was answered to one question.

    >>> _tally(Question("several", ("a", "b", "c")), [[0, 2], [2], []])["counts"]
    [1, 0, 2]
    """
    said: dict[str, Any] = {"kind": question.kind, "answered": len(given)}
    if question.kind in ("choice", "several"):
        chosen = [one for answer in given for one in (answer if isinstance(answer, list) else [answer])]
        return {**said, "options": list(question.options), "counts": _counts(chosen, len(question.options))}
    name = {"number": "numbers", "draw": "sketches", "place": "placements"}[question.kind]
    return {**said, name: given}


def _counts(chosen: Iterable[int], options: int) -> list[int]:
    counts = [0] * options
    for one in chosen:
        counts[one] += 1
    return counts


def table(outline: Outline, answers: Iterable[Answer]) -> str:
    """Returns all answers as CSV (RFC 4180), one a line. A student is a number that says only which answers are one
    person's.
    """
    text = io.StringIO()
    text.write(MARK)
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for one in answers:
        scene = outline.scenes[one.scene]
        question = scene.questions[one.question]
        said = _said(question, one.answer)
        writer.writerow([one.scene + 1, harmless(scene.title), one.question + 1, question.kind, one.seat + 1, said])
    return text.getvalue()


def harmless(cell: str) -> str:
    """Returns a text of the document as a cell that no spreadsheet takes for a formula.

    >>> harmless('=HYPERLINK("http://example.org")'), harmless("at 120°")
    ('\\'=HYPERLINK("http://example.org")', 'at 120°')
    """
    return f"'{cell}" if cell.lstrip(" \n").startswith(tuple(FORMULA)) else cell


def _said(question: Question, answer: Any) -> str | float:
    """Returns an answer as a cell: the words that were chosen, the number, or the points."""
    if question.kind == "choice":
        return harmless(question.options[answer])
    if question.kind == "several":
        return harmless("; ".join(question.options[one] for one in answer))
    if question.kind == "number":
        return answer  # a negative number is a number, no formula
    return " ".join(f"({x:g} {y:g})" for x, y in answer)
