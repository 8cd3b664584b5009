"""The words of a tour as a small tree: what Markdown may say here, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from app.tours.expression import Expression


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Code:
    text: str


@dataclass(frozen=True)
class Strong:
    children: tuple[Inline, ...]


@dataclass(frozen=True)
class Emphasis:
    children: tuple[Inline, ...]


@dataclass(frozen=True)
class Link:
    """A link to an address of the web, or to `#a-scene` of the same tour."""

    target: str
    children: tuple[Inline, ...]
    line: int


@dataclass(frozen=True)
class Formula:
    """A formula as it was written and as MathML; `display` where it stands alone."""

    tex: str
    mathml: str
    display: bool


@dataclass(frozen=True)
class Figure:
    """A number that is read from the scene's film: {nc2_angles at end}."""

    expression: Expression
    line: int


Inline = Text | Code | Strong | Emphasis | Link | Formula | Figure


@dataclass(frozen=True)
class Paragraph:
    children: tuple[Inline, ...]


@dataclass(frozen=True)
class Heading:
    """A heading within a scene; `level` is 2 to 6, since 1 begins a scene."""

    level: int
    children: tuple[Inline, ...]
    line: int


@dataclass(frozen=True)
class Listing:
    """A list, numbered or not; each item is a row of blocks."""

    numbered: bool
    items: tuple[tuple[Block, ...], ...]


@dataclass(frozen=True)
class Fence:
    """What stands between two lines of ```: code, or a film, a question or notes, as `info` behind the first says."""

    info: str
    lines: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Picture:
    """An image from beside the document, as data, with the words for those who do not see it."""

    words: str
    data: str


Block = Paragraph | Heading | Listing | Fence | Picture


def figures(parts: tuple[Block, ...] | tuple[Inline, ...]) -> list[Figure]:
    """Returns the numbers in these words that are read from a film, in their order."""
    found: list[Figure] = []
    for part in parts:
        if isinstance(part, Figure):
            found.append(part)
        elif isinstance(part, (Strong, Emphasis, Link, Paragraph, Heading)):
            found += figures(part.children)
        elif isinstance(part, Listing):
            found += [one for item in part.items for one in figures(item)]
    return found


def links(parts: tuple[Block, ...] | tuple[Inline, ...]) -> list[Link]:
    """Returns the links in these words."""
    found: list[Link] = []
    for part in parts:
        if isinstance(part, Link):
            found.append(part)
        elif isinstance(part, (Strong, Emphasis, Paragraph, Heading)):
            found += links(part.children)
        elif isinstance(part, Listing):
            found += [one for item in part.items for one in links(item)]
    return found
