"""What a room knows of a tour: its scenes, the questions in them, and which answers those take."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, Protocol

from app.rooms.refused import WRONG, Refused

Kind = Literal["choice", "several", "number", "draw", "place"]
POINTS: Final = 256
"""Of a sketch, as many as a phone's screen has places across."""
MEANS: Final = 20
"""Class means to place: more than this the page has none of."""
LARGEST: Final = 1e300
"""A number whose sums and differences are still numbers."""


@dataclass(frozen=True)
class Question:
    """A question: its kind, and where one chooses, the answers in words."""

    kind: Kind
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scene:
    """A scene: its title, and what is asked in it."""

    title: str
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True)
class Outline:
    """The part of a tour that a room needs at every answer. It is kept beside the document, which is read once."""

    title: str
    scenes: tuple[Scene, ...]

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Outline:
        """Reads what :meth:`to_json` wrote.

        >>> tour = Outline("Angles", (Scene("Three", (Question("choice", ("90°", "120°")),)),))
        >>> Outline.from_json(tour.to_json()) == tour
        True
        """
        made = json.loads(text)
        scenes = (
            Scene(one["title"], tuple(Question(q["kind"], tuple(q["options"])) for q in one["questions"]))
            for one in made["scenes"]
        )
        return cls(made["title"], tuple(scenes))

    def question(self, scene: object, question: object) -> Question:
        """Returns a question by its place. Raises :class:`Refused` where there is none."""
        at = whole_number(scene, len(self.scenes), "scene")
        return self.scenes[at].questions[whole_number(question, len(self.scenes[at].questions), "question")]


class Library(Protocol):
    """Where tours come from. Both raise :class:`ulpm_core.ConfigError` with what is wrong in the document."""

    def source(self, tour: str) -> str | None:
        """Returns the Markdown of a shipped or served tour by its id; None where there is none."""
        ...

    def outline(self, source: str, tour: str = "") -> Outline:
        """Reads a document, which may be that of a tour with an id."""
        ...


def whole_number(value: object, end: int, name: str) -> int:
    """Returns a whole number below `end`. Raises :class:`Refused`; true and 1.0 are none."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < end:
        works = f"use 0 to {end - 1}" if end else "there is none here"
        raise Refused(WRONG, f"{name} is no place in this tour: {works}.")
    return value


def checked_answer(question: Question, answer: Any) -> Any:
    """Returns an answer as it is kept. Raises :class:`Refused` for one that this question does not take.

    >>> checked_answer(Question("several", ("a", "b", "c")), [2, 0])
    [0, 2]
    """
    if question.kind == "choice":
        return whole_number(answer, len(question.options), "answer")
    if question.kind == "several":
        if not isinstance(answer, list) or len(answer) > len(question.options):
            raise Refused(WRONG, "answer is no list of answers: use their places, such as [0, 2].")
        chosen = sorted(whole_number(one, len(question.options), "answer") for one in answer)
        if len(set(chosen)) < len(chosen):
            raise Refused(WRONG, "answer names one twice: use each place once.")
        return chosen
    if question.kind == "number":
        return _number(answer)
    most, sort = (POINTS, "sketch") if question.kind == "draw" else (MEANS, "placement")
    if not isinstance(answer, list) or not 1 <= len(answer) <= most:
        raise Refused(WRONG, f"answer is no {sort}: use 1 to {most} points, such as [[0, 1], [1, 0.5]].")
    if any(not isinstance(point, list) or len(point) != 2 for point in answer):
        raise Refused(WRONG, "answer has a point that is no pair: use two numbers for each, such as [0, 1].")
    return [[_number(x) for x in point] for point in answer]


def _number(value: object) -> float:
    """Returns a finite number; a whole one may be too long for a float, and that is none."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and -LARGEST <= value <= LARGEST:
        return float(value)  # NaN fails both comparisons
    raise Refused(WRONG, "answer is no number: use a finite one, such as 0.25.")
