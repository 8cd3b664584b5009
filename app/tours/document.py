"""`Tour`: a lesson or a deck as it was written, read from Markdown of which nothing is trusted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.terms.nearest import nearest
from app.tours.images import Beside
from app.tours.limits import DOCUMENT_BYTES, DOCUMENT_LINES, PARAGRAPH, TITLE
from app.tours.mistakes import Mistakes, TourError
from app.tours.scenes import Scene, read_scenes
from ulpm_core.model.parameter import Parameter
from ulpm_core.model.refusal import ConfigError, among, refuse, span, unfit

FIELD: Final = re.compile(r"([A-Za-z_]+)\s*:\s*(.*)")
HEAD: Final = {
    "title": "Why the angles even out",
    "minutes": "12",
    "for": "students who know softmax and gradient descent",
}
"""The keys of a document's head, each with an example."""
NEEDED: Final = ("title", "minutes")
MINUTES: Final = Parameter("minutes", "Minutes", "How long the tour takes.", 12, 1, 600)
UNSEEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Letters that nobody sees: control codes, and those that turn the direction of what stands around them."""


@dataclass(frozen=True)
class Tour:
    """A tour: what its head says, `audience` for whom it is, and its scenes."""

    title: str
    minutes: int
    audience: str
    scenes: tuple[Scene, ...]


def read_tour(document: bytes, name: str, folder: Path | None = None) -> Tour:
    """Reads a tour. `folder` is where the images and features beside the document lie, None for one that comes alone.

    Raises :class:`TourError` with every mistake in it, by line.

    >>> tour = read_tour(b"---\\ntitle: Two\\nminutes: 1\\n---\\n# One\\nHello.\\n# Two\\n", "two.md")
    >>> tour.title, [scene.title for scene in tour.scenes]
    ('Two', ['One', 'Two'])
    """
    tour, mistakes = read_with_mistakes(document, folder)
    if mistakes.found:
        raise TourError(name, mistakes.found, mistakes.more)
    return tour


def read_with_mistakes(document: bytes, folder: Path | None = None) -> tuple[Tour, Mistakes]:
    """Returns what can be read of a document, and all that is wrong with it: a tour to play only where nothing is."""
    mistakes = Mistakes()
    head, lines, first = split_head(document, mistakes)
    title, minutes = head.get("title", ""), int(MINUTES.parse(head.get("minutes", "1")))
    scenes = read_scenes(lines, first, title, Beside(folder), mistakes) if head or lines else ()
    return Tour(title, minutes, head.get("for", ""), scenes), mistakes


def split_head(document: bytes, mistakes: Mistakes) -> tuple[dict[str, str], list[str], int]:
    """Returns what the head of a document says by its keys, the lines behind it, and the number of the first of them.

    >>> split_head(b"---\\ntitle: Two\\nminutes: 1\\n---\\n# One", Mistakes())
    ({'title': 'Two', 'minutes': '1'}, ['# One'], 5)
    """
    lines = _lines(document, mistakes)
    head, taken = _head(lines, mistakes)
    return head, lines[taken:], taken + 1


def document_in(path: Path) -> bytes:
    """Returns the bytes of a document, not many more than it may have. Raises :class:`ConfigError`."""
    try:
        with path.open("rb") as file:
            return file.read(DOCUMENT_BYTES + 1)
    except OSError as error:
        raise refuse("tour", path, f"cannot be read ({error.strerror})", "a Markdown file", "lesson.md") from None


def _lines(document: bytes, mistakes: Mistakes) -> list[str]:
    """Returns the lines of a document; none where it is no text of a bearable size."""
    if len(document) > DOCUMENT_BYTES:
        why = f"document is larger than {DOCUMENT_BYTES // 2**10} kB"
        mistakes.note(1, unfit("document", why, "split it into several tours"))
        return []
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        why, number = f"document is no UTF-8 from byte {error.start:,} on", document.count(b"\n", 0, error.start) + 1
        mistakes.note(number, unfit("document", why, "save it as UTF-8"))
        return []
    lines = re.split("\r\n|\n|\r", text)
    if len(lines) > DOCUMENT_LINES:
        why = f"document has {len(lines):,} lines"
        mistakes.note(DOCUMENT_LINES + 1, unfit("document", why, f"leave at most {DOCUMENT_LINES:,}"))
        del lines[DOCUMENT_LINES:]
    for number, line in enumerate(lines, 1):
        if found := UNSEEN.search(line):
            why = f"line holds the unseen letter U+{ord(found[0]):04X}"
            mistakes.note(number, unfit("line", why, "take it out"))
        if len(line) > PARAGRAPH:
            why = f"line has {len(line):,} characters"
            mistakes.note(number, unfit("line", why, f"break it into lines of at most {PARAGRAPH:,}"))
    return [UNSEEN.sub("", line[:PARAGRAPH]).expandtabs(4) for line in lines]


def _head(lines: Sequence[str], mistakes: Mistakes) -> tuple[dict[str, str], int]:
    """Returns what the head says by its keys, and the number of lines that it takes."""
    if not lines:
        return {}, 0
    closing = next((i for i, line in enumerate(lines[:100]) if i and line.strip() == "---"), 0)
    if lines[0].strip() != "---" or not closing:
        why = "document begins with no head" if lines[0].strip() != "---" else "head is not closed"
        mistakes.note(
            1, unfit("head", why, "put title and minutes between two lines of ---", "title: " + HEAD["title"])
        )
        return {}, int(lines[0].strip() == "---")
    head: dict[str, str] = {}
    for number, line in enumerate(lines[1:closing], 2):
        if line.strip():
            try:
                key, value = _field(line.strip(), head)
            except ConfigError as refusal:
                mistakes.note(number, refusal)
            else:
                head[key] = value
    for key in NEEDED:
        if key not in head and not any(one.key == key for one in mistakes.found):
            mistakes.note(1, unfit(key, "head says none", "write", f"{key}: {HEAD[key]}"))
    return head, closing + 1


def _field(line: str, head: dict[str, str]) -> tuple[str, str]:
    """Returns key and value of one line of the head. Raises :class:`ConfigError`."""
    found = FIELD.fullmatch(line)
    if found is None:
        raise refuse("head", line, "is no key with a value", "title, minutes and for", f"title: {HEAD['title']}")
    key, value = found[1], found[2].strip()
    if len(value) > 1 and value[0] in "\"'" and value[-1] == value[0]:
        value = value[1:-1].strip()  # as other tools ask for it where a title holds a colon
    if key not in HEAD:
        near = nearest(key, [*HEAD])
        raise refuse(key, value, "is no key of a tour", among([*HEAD]), f"{near}: {HEAD[near]}")
    if key in head:
        raise refuse(key, value, "stands in the head twice", "it once", None)
    if key == "minutes":
        MINUTES.parse(value)
    elif not 1 <= len(value) <= TITLE:
        raise refuse(key, value, f"has {len(value):,} characters", span(1, TITLE), f"{key}: {HEAD[key]}")
    return key, value
