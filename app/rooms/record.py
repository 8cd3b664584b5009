"""A class's record: the tour and what was answered to it, as a file that is opened again next week.

Nothing in it is personal: no seat, no order of coming, no time but the day.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from app.rooms import results
from app.rooms.limits import STUDENTS
from app.rooms.refused import WRONG, Refused
from app.rooms.tour import Library, Outline, Question, checked_answer
from app.rooms.work import Answer
from ulpm_core.model.refusal import ConfigError

FORMAT: Final = "collapse-lab-class"
VERSION: Final = 1
RECORD_BYTES: Final = 32 * 2**20
"""A thousand students who sketch five curves of 256 points fill it."""
MOST_VALUES: Final = 4_000_000
"""Of that class, where a point is three. Nothing but [] in a file would take twenty times its size to read."""
NO_RECORD: Final = "This file is no record of a class: use one that the results of a room were saved as."


class Record(NamedTuple):
    """An opened record: the day, the tour's id, Markdown and outline, and the scenes as the teacher's screen shows
    them.
    """

    day: str
    name: str
    source: str
    outline: Outline
    scenes: list[dict[str, Any]]


def written(source: str, tour: str, outline: Outline, answers: Iterable[Answer], opened: float) -> str:
    """Returns the record of a room that was opened at this time (seconds since 1970), on a document or on the tour of
    this id.
    """
    day = datetime.datetime.fromtimestamp(opened, datetime.UTC).date().isoformat()
    held = {"format": FORMAT, "version": VERSION, "day": day, "name": tour, "tour": source}
    return json.dumps({**held, "answers": results.sorted_answers(outline, answers)}, ensure_ascii=False)


def read_record(data: bytes, library: Library) -> Record:
    """Opens a record. Raises :class:`Refused` for a file that is none, or in which something does not fit."""
    if len(data) > RECORD_BYTES:
        raise Refused(WRONG, f"This file has over {RECORD_BYTES // 2**20} MiB, and no record of a class does.")
    if sum(data.count(mark) for mark in b"[{,") > MOST_VALUES:  # each begins a value, or separates two
        raise Refused(WRONG, NO_RECORD)
    try:
        held = json.loads(data)
        if held["format"] != FORMAT:
            raise Refused(WRONG, NO_RECORD)
        if held["version"] != VERSION:
            raise Refused(WRONG, "This record was saved by another version of the lab: open it there.")
        day, name, source = datetime.date.fromisoformat(held["day"]).isoformat(), held["name"], held["tour"]
        if not isinstance(source, str) or not isinstance(name, str):
            raise Refused(WRONG, NO_RECORD)
        outline = library.outline(source, name)
        answers = [
            one
            for at, (scene, kept) in enumerate(zip(outline.scenes, held["answers"], strict=True))
            for number, (question, given) in enumerate(zip(scene.questions, kept, strict=True))
            for one in _checked(at, number, question, given)
        ]
    except ConfigError as refusal:
        raise Refused(WRONG, f"The tour in this record cannot be read: {refusal}") from None
    except (ValueError, TypeError, KeyError, RecursionError, AttributeError):
        raise Refused(WRONG, NO_RECORD) from None
    return Record(day, name, source, outline, results.scenes(outline, answers))


def _checked(at: int, number: int, question: Question, given: list[Any]) -> Iterable[Answer]:
    """Yields the saved answers to one question, each as a room would take it."""
    if not isinstance(given, list) or len(given) > STUDENTS:
        raise Refused(WRONG, NO_RECORD)
    for seat, answer in enumerate(given):
        yield Answer(at, number, seat, checked_answer(question, answer))
