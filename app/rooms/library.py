"""Where the tours of rooms come from: documents in folders of this machine, and documents that a teacher sends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.rooms.tour import Kind, Outline, Question, Scene
from app.tours import questions
from app.tours.document import document_in, read_tour
from app.tours.html import plain_text
from app.tours.questions import Choice, Drawing, NumberAsked
from ulpm_core.model.refusal import unfit

NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}", re.ASCII | re.IGNORECASE)
"""A tour's id is the name of its file without the ending."""


class Folders:
    """The tours in these folders, the first of a name before others."""

    def __init__(self, folders: Sequence[Path]):
        self._folders = folders

    def source(self, tour: str) -> str | None:
        """Returns the Markdown of a tour by its id; None where there is none. Raises :class:`ConfigError` for a file
        that is no text.
        """
        if (path := self._path(tour)) is None:
            return None
        try:
            return document_in(path).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise unfit("tour", "tour is no UTF-8", "save it as UTF-8") from None

    def outline(self, source: str, tour: str = "") -> Outline:
        """Reads a document: that of a tour with the images beside it, any other alone. Raises :class:`ConfigError`."""
        path = self._path(tour)
        read = read_tour(source.encode(), path.name if path else "tour", path.parent if path else None)
        return Outline(
            read.title,
            tuple(Scene(one.title, tuple(_question(asked) for asked in one.questions)) for one in read.scenes),
        )

    def _path(self, tour: str) -> Path | None:
        if not NAME.fullmatch(tour):
            return None
        return next((path for one in self._folders if (path := one / f"{tour}.md").is_file()), None)


def _question(asked: questions.Question) -> Question:
    """Returns what a room has to know of a question."""
    if isinstance(asked, Choice):
        kind: Kind = "several" if asked.several else "choice"
        return Question(kind, tuple(plain_text(option) for option in asked.options))
    return Question("number" if isinstance(asked, NumberAsked) else "draw" if isinstance(asked, Drawing) else "place")
