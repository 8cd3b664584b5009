"""The scenes of a tour: each begins at a heading of the first level, or at the next film."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.terms.nearest import nearest
from app.tours.film_links import EXAMPLE
from app.tours.films import SceneFilm, read_film
from app.tours.html import plain_text
from app.tours.images import Beside
from app.tours.limits import QUESTIONS, SCENES, TITLE
from app.tours.markdown import Markdown
from app.tours.markup import Block, Fence, Figure, Heading, Link, figures, links
from app.tours.mistakes import Mistakes
from app.tours.questions import Choice, Placing, Question, read_question
from ulpm_core.model.refusal import refuse, shown, span, unfit

BLOCKS: Final = ("film", "question", "notes")
"""The blocks that mean something here; any other is code."""


@dataclass(frozen=True)
class Scene:
    """A state of the lab with a few words: title, what is read beside the film, the film, questions, and notes that
    only a speaker sees. `anchor` is what links within the tour call it.
    """

    line: int
    title: str
    anchor: str
    blocks: tuple[Block, ...]
    film: SceneFilm | None
    questions: tuple[Question, ...]
    notes: tuple[Block, ...]

    @property
    def figures(self) -> list[Figure]:
        """All numbers of this scene that are read from its film."""
        found = figures((*self.blocks, *self.notes))
        for question in self.questions:
            found += figures(question.prompt) + figures(question.reason)
            if isinstance(question, Choice):
                found += [one for option in question.options for one in figures(option)]
        return found

    @property
    def links(self) -> list[Link]:
        """All links of this scene."""
        found = links((*self.blocks, *self.notes))
        for question in self.questions:
            found += links(question.prompt) + links(question.reason)
        return found


def read_scenes(lines: Sequence[str], first: int, title: str, beside: Beside, mistakes: Mistakes) -> tuple[Scene, ...]:
    """Reads the scenes in the lines of a document that stand behind its head; `first` is the number of the first. A
    scene without a heading has the title of the one before it, the first one that of the tour.
    """
    parts = _parts(Markdown(lines, first, beside, mistakes).blocks)
    if not parts:
        mistakes.note(first, unfit("scenes", "tour has no scene", "begin one", "# Three clusters"))
    if len(parts) > SCENES:
        why = refuse("scenes", f"{len(parts):,}", "are more than a tour holds", span(1, SCENES), 6)
        mistakes.note(_line(parts[SCENES]), why)
    scenes: list[Scene] = []
    for part in parts[:SCENES]:
        scenes.append(_scene(part, scenes, title, beside, mistakes))
    anchors = [scene.anchor for scene in scenes]
    for scene in scenes:
        for link in scene.links:
            if link.target.startswith("#") and link.target[1:] not in anchors:
                near = nearest(link.target[1:], anchors)
                works = f"#{near}" if len(anchors) == 1 else f"one of the {len(anchors)} scenes"
                mistakes.note(link.line, refuse("link", link.target, "is no scene of this tour", works, f"#{near}"))
    return tuple(scenes)


def _parts(blocks: Sequence[Block]) -> list[list[Block]]:
    """Returns the blocks of each scene: the heading first, where it has one."""
    parts: list[list[Block]] = []
    for block in blocks:
        begins = isinstance(block, Heading) and block.level == 1
        again = _kind(block) == "film" and parts and any(_kind(before) == "film" for before in parts[-1])
        if begins or again or not parts:
            parts.append([])
        parts[-1].append(block)
    return parts


def _kind(block: Block) -> str:
    """Returns the first word behind a fence; empty for any other block, and for code without one."""
    return (block.info.split() or [""])[0] if isinstance(block, Fence) else ""


def _line(part: Sequence[Block]) -> int:
    return next((block.line for block in part if isinstance(block, (Heading, Fence))), 1)


def _scene(part: Sequence[Block], before: Sequence[Scene], title: str, beside: Beside, mistakes: Mistakes) -> Scene:
    line, head = _line(part), part[0]
    if isinstance(head, Heading) and head.level == 1:
        title, part = plain_text(head.children).strip(), part[1:]
        if not 1 <= len(title) <= TITLE:
            why = f"has {len(title):,} characters"
            mistakes.note(line, refuse("heading", title, why, span(1, TITLE), "# Three clusters"))
            title = title[:TITLE]
    elif before:
        title = before[-1].title
    film, asked, shown_blocks, notes = None, list[Question](), list[Block](), list[Block]()
    for block in part:
        kind = _kind(block)
        if not isinstance(block, Fence) or kind not in BLOCKS:
            if isinstance(block, Fence):
                _refuse_misspelt(block, kind, mistakes)
            shown_blocks.append(block)
        elif kind == "film":
            film = _film(block, beside, mistakes)
        elif kind == "notes":
            notes += Markdown(block.lines, block.line + 1, beside, mistakes).blocks
        elif (question := read_question(block, mistakes)) is not None:
            asked.append(question)
    scene = Scene(line, title, _anchor(title, before), tuple(shown_blocks), film, tuple(asked), tuple(notes))
    _refuse_unfit(scene, any(_kind(block) == "film" for block in part), mistakes)
    return scene


def _film(block: Fence, beside: Beside, mistakes: Mistakes) -> SceneFilm | None:
    if block.info != "film":
        mistakes.note(block.line, refuse("film", block.info[4:].strip(), "stands behind film", "film alone"))
    return read_film(block, beside, mistakes)


def _refuse_misspelt(block: Fence, kind: str, mistakes: Mistakes) -> None:
    """Notes a block whose name is nearly one that means something: as code, everybody would read it."""
    near = nearest(kind, BLOCKS, "code")
    if kind and near != "code":
        mistakes.note(block.line, refuse("block", kind, "is no block of a tour", ", ".join(BLOCKS), near))


def _refuse_unfit(scene: Scene, has_film: bool, mistakes: Mistakes) -> None:
    """Notes what does not fit together in a scene. A film that cannot be read was noted already."""
    if len(scene.questions) > QUESTIONS:
        why = refuse("questions", len(scene.questions), "are too many for a scene", span(0, QUESTIONS), 1)
        mistakes.note(scene.questions[QUESTIONS].line, why)
    if scene.film is None and not has_film:
        for figure in scene.figures:
            why = unfit("number", "number is read from a film, and this scene has none", "give it a film", EXAMPLE)
            mistakes.note(figure.line, why)
    for question in scene.questions:
        if isinstance(question, Choice) or has_film:
            continue
        why = unfit("question", "question is answered by a film, and this scene has none", "give it a film", EXAMPLE)
        mistakes.note(question.line, why)
    film = scene.film
    if film is None:
        return
    if film.then is not None and not scene.questions:
        why = refuse("then", film.then, "waits for an answer, and this scene asks nothing", "until alone")
        mistakes.note(film.line_of("then"), why)
    for question in scene.questions:
        dimension = getattr(film.state.config, "dimension", None) if film.state else None
        if isinstance(question, Placing) and (film.screen == "networks" or dimension != 2):
            why = refuse("dimension", shown(dimension), "is no plane to place class means in", "a film of dimension=2")
            mistakes.note(question.line, why)


def _anchor(title: str, before: Sequence[Scene]) -> str:
    """Returns the name by which links call a scene: its title in small letters, with a number where it comes again."""
    name = "-".join(re.findall("[a-z0-9]+", title.lower())) or "scene"
    taken = {scene.anchor for scene in before}
    return next(one for one in (name, *(f"{name}-{i}" for i in range(2, SCENES + 2))) if one not in taken)
