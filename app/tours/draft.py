"""`Draft`: a tour while it is written: what its head says, and the text of each scene, to be moved, changed, joined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final
from urllib.parse import urlencode

from app.page.look import Look
from app.page.spec import Spec
from app.page.state import State
from app.tours.document import Tour, read_with_mistakes, split_head
from app.tours.film_links import SCREENS
from app.tours.mistakes import Mistakes

NEW: Final = "# A new scene\nWhat is there to see?\n"
"""A scene without a film."""


@dataclass(frozen=True)
class Draft:
    """A document cut into its parts, each as it is written: `document` puts them together again.

    >>> draft = Draft.read(b"---\\ntitle: Two\\nminutes: 4\\n---\\n# One\\nHello.\\n# Two\\n")
    >>> draft.title, draft.scenes
    ('Two', ('# One\\nHello.\\n', '# Two\\n'))
    >>> draft.moved(1, -1).scenes
    ('# Two\\n', '# One\\nHello.\\n')
    >>> Draft.read(draft.document().encode()) == draft
    True
    """

    title: str = "My tour"
    minutes: str = "10"
    audience: str = ""
    scenes: tuple[str, ...] = ()

    @classmethod
    def read(cls, document: bytes) -> Draft:
        """Cuts a document at its scenes. What is wrong in it stays in it, to be mended; see :meth:`checked`."""
        tour, _ = read_with_mistakes(document)
        head, lines, first = split_head(document, Mistakes())
        starts = [0, *(scene.line - first for scene in tour.scenes[1:]), len(lines)]
        cut = pairwise(starts)
        scenes = ("\n".join(lines[begin:end]).strip("\n") + "\n" for begin, end in cut)
        given = {key: head.get(key, "") for key in ("title", "minutes", "for")}
        return cls(given["title"], given["minutes"], given["for"], tuple(scene for scene in scenes if scene.strip()))

    def document(self) -> str:
        """Returns the Markdown of the tour."""
        return "\n".join((*self._head(), *(f"{scene.strip()}\n" for scene in self.scenes)))

    def _head(self) -> list[str]:
        """Returns the lines of the head."""
        fields = {"title": self.title, "minutes": self.minutes, "for": self.audience}
        said = [f"{key}: {' '.join(value.split())}" for key, value in fields.items() if value.strip()]
        return ["---", *said, "---"]

    def checked(self) -> tuple[Tour, list[str], dict[int, list[str]]]:
        """Returns the tour, to be played only where nothing is wrong, and what is, in sentences: with the head and the
        whole, and with each scene by its place.
        """
        tour, mistakes = read_with_mistakes(self.document().encode())
        whole: list[str] = []
        scenes: dict[int, list[str]] = {}
        for line, sentence in _told(mistakes):
            at, within = self._place_of(line)
            told = sentence if at is None else f"Line {within}: {sentence}"
            (whole if at is None else scenes.setdefault(at, [])).append(told)
        return tour, whole, scenes

    def _place_of(self, line: int) -> tuple[int | None, int]:
        """Returns the place of the scene in which a line of :meth:`document` stands, and which of its lines that is;
        None for the head.
        """
        begins = len(self._head()) + 1
        for at, scene in enumerate(self.scenes):
            ends = begins + scene.strip().count("\n") + 2
            if begins <= line < ends:
                return at, line - begins + 1
            begins = ends
        return None, line

    def with_scene(self, text: str) -> Draft:
        """Returns the draft with one scene more, at its end."""
        return replace(self, scenes=(*self.scenes, text))

    def changed(self, at: int, text: str) -> Draft:
        """Returns the draft with other words in one scene."""
        return replace(self, scenes=(*self.scenes[:at], text, *self.scenes[at + 1 :]))

    def moved(self, at: int, by: int) -> Draft:
        """Returns the draft with one scene moved by so many places, as far as there are places."""
        others, to = self.without(at).scenes, max(0, at + by)
        return replace(self, scenes=(*others[:to], self.scenes[at], *others[to:]))

    def without(self, at: int) -> Draft:
        """Returns the draft without one scene."""
        return replace(self, scenes=(*self.scenes[:at], *self.scenes[at + 1 :]))


def _told(mistakes: Mistakes) -> list[tuple[int, str]]:
    told = [(one.line, one.sentence) for one in sorted(mistakes.found)]
    return told + ([(0, f"{mistakes.more:,} more mistakes are not listed.")] if mistakes.more else [])


def scene_of(spec: Spec, lab: State, look: Look, clock: Mapping[str, Any] | None = None) -> str:
    """Returns the scene that shows what a screen shows now, to be filled with words.

    `look` is what the player shows; `clock`, that of the film's header, tells which moment a share of the film is.

    >>> from app.page.runs import RUNS
    >>> from app.page.state import PageState
    >>> print(scene_of(RUNS, PageState(RUNS.config(seed=7)), Look(at="step:1200", camera=(0.4, 1.2, 1.6))))
    # A new scene
    What is there to see?
    <BLANKLINE>
    ```film
    seed=7
    until: step=1200
    camera: 0.4,1.2,1.6
    ```
    <BLANKLINE>
    """
    state = replace(
        lab,
        config=spec.shows(lab.config),
        controls=None,
        talk=False,
        question="",
        look=Look(view=look.view, speed=look.speed),
    )
    screen = spec.screen if spec.screen in SCREENS else "playground"
    keys = {key: text for key, text in state.to_link().items() if key not in state.choices}
    link = urlencode(keys, safe=",:")
    lines = [link if link and screen == "playground" else f"{screen}?{link}" if link else screen]
    if until := _moment(look.at, clock):
        lines.append(f"until: {until}")
    if lab.controls:
        lines.append(f"knobs: {', '.join(lab.controls)}")
    if look.camera:
        lines.append("camera: " + ",".join(f"{x:g}" for x in look.camera))
    return NEW + "\n```film\n" + "\n".join(lines) + "\n```\n"


def _moment(at: str | None, clock: Mapping[str, Any] | None) -> str:
    """Returns a moment of a link as a tour writes it; empty for one that only the film could tell."""
    if at is None or at[:1].isalpha():
        return (at or "").replace(":", "=")
    share = float(at)
    if share in (0.0, 1.0):
        return "end" if share else "start"
    if clock is None or "epoch" not in clock:
        return ""
    return f"epoch={clock['epoch'][round(share * (len(clock['epoch']) - 1))]:.12g}"
