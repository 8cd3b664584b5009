"""Where the tours of rooms come from: documents in folders of this machine, and documents that a teacher sends."""

from __future__ import annotations

from app.rooms.tour import Kind, Outline, Question, Scene
from app.tours import questions
from app.tours.html import plain_text
from app.tours.questions import Choice, Drawing, NumberAsked
from app.tours.shelf import Shelf


class Folders(Shelf):
    """A shelf of tours that says what a room has to know of them."""

    def outline(self, source: str, tour: str = "") -> Outline:
        """Reads a document as :meth:`read` does, and returns what a room has to know of it."""
        read = self.read(source, tour)
        return Outline(
            read.title,
            tuple(Scene(one.title, tuple(_question(asked) for asked in one.questions)) for one in read.scenes),
        )


def _question(asked: questions.Question) -> Question:
    """Returns what a room has to know of a question."""
    if isinstance(asked, Choice):
        kind: Kind = "several" if asked.several else "choice"
        return Question(kind, tuple(plain_text(option) for option in asked.options))
    return Question("number" if isinstance(asked, NumberAsked) else "draw" if isinstance(asked, Drawing) else "place")
