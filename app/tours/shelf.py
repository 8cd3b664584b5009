"""`Shelf`: the tours of a server, documents in folders: those that come with the lab, and those of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from app import asset
from app.tours.document import Tour, document_in, read_tour, split_head
from app.tours.mistakes import Mistakes, TourError
from app.tours.shipped import SHIPPED
from ulpm_core.model.refusal import ConfigError, refuse

SETTING: Final = "COLLAPSE_LAB_TOURS"
"""The variable of the environment that names a folder of further tours."""
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}", re.ASCII | re.IGNORECASE)
"""A tour's id is the name of its file without the ending."""


class Cover(NamedTuple):
    """What is read on a tour before it is opened: its id, title, minutes, and for whom it is."""

    tour: str
    title: str
    minutes: str
    audience: str


class Shelf:
    """The tours in these folders, the first of a name before others."""

    def __init__(self, folders: Sequence[Path]):
        self._folders = tuple(folders)

    def path(self, tour: str) -> Path | None:
        """Returns the document of a tour by its id; None where there is none."""
        if not NAME.fullmatch(tour):
            return None
        return next((path for one in self._folders if (path := one / f"{tour}.md").is_file()), None)

    def source(self, tour: str) -> str | None:
        """Returns the Markdown of a tour by its id; None where there is none. Raises :class:`ConfigError` for a file
        that cannot be read, or is no text.
        """
        if (path := self.path(tour)) is None:
            return None
        document = document_in(path)
        try:
            return document.decode("utf-8-sig")
        except UnicodeDecodeError:
            split_head(document, mistakes := Mistakes())  # says what, or that it is too large
            raise TourError(path.name, mistakes.found) from None

    def teachers_page(self, tour: str) -> Path | None:
        """Returns the file of the page for whoever teaches a tour, which lies in `teachers` beside it; None where there
        is none.
        """
        path = self.path(tour)
        page = path and path.parent / "teachers" / path.name
        return page if page and page.is_file() else None

    def read(self, source: str, tour: str = "") -> Tour:
        """Reads a document: that of a tour with what lies beside it, any other alone. Raises :class:`TourError`."""
        path = self.path(tour)
        return read_tour(source.encode(), path.name if path else "tour", path.parent if path else None)

    def covers(self) -> list[Cover]:
        """Returns all tours: the shipped ones in their order, then the others by their titles. One that cannot be read,
        or says no title, goes by its id.
        """
        held = {path.stem for one in self._folders if one.is_dir() for path in one.glob("*.md")}
        covers = [cover for tour in held if (cover := self._cover(tour))]
        places = {tour: place for place, tour in enumerate(SHIPPED)}
        return sorted(covers, key=lambda cover: (places.get(cover.tour, len(places)), cover.title))

    def _cover(self, tour: str) -> Cover | None:
        if (path := self.path(tour)) is None:
            return None
        try:
            head, _, _ = split_head(document_in(path), Mistakes())
        except ConfigError:
            head = {}
        return Cover(tour, head.get("title", tour), head.get("minutes", ""), head.get("for", ""))


def tour_folder(text: str) -> Path | None:
    """Returns the folder of further tours that a setting names; None for an empty one. Raises :class:`ConfigError`."""
    if not text:
        return None
    folder = Path(text)
    try:
        held = sorted(path.name for path in folder.iterdir() if path.suffix == ".md")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no path"
        raise refuse("tours", text, f"cannot be read ({why})", "a folder with tours in it", "lessons/") from None
    if not held:
        raise refuse("tours", text, "holds no document that ends in .md", "a folder with tours in it", "lessons/")
    for name in held:
        if not NAME.fullmatch(name[: -len(".md")]):
            why = "cannot stand in an address"
            raise refuse("tours", name, why, "letters, digits, - and _ in the names of tours", "angles.md")
    return folder


def tour_folders() -> list[Path]:
    """Returns the folders of this server's tours. Raises :class:`ConfigError` for a setting that names none."""
    further = tour_folder(os.environ.get(SETTING, ""))
    return [asset("lessons"), *([further] if further else [])]
