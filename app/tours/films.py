"""The `film` block of a scene: which film, how far it plays, what stands beside it and what a visitor may turn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from app.page.link import read_link
from app.page.look import DRAWN, read_look
from app.page.spec import Spec
from app.page.state import State
from app.terms.nearest import nearest
from app.tours.film_links import EXAMPLE, SCREENS, read_features, split_link
from app.tours.images import Beside
from app.tours.markup import Fence
from app.tours.mistakes import Mistakes
from app.tours.moments import Moment, read_moment
from ulpm_core.model.refusal import ConfigError, among, refuse, unfit

OPTION: Final = re.compile(r"([A-Za-z_]+)\s*:(?!//)(.*)")
COMMENT: Final = re.compile(r"(?:^|\s)#.*")
OPTIONS: Final = {
    "until": "zero-training-error",
    "then": "end",
    "show": "loss, nc1_trace_ratio",
    "knobs": "learning_rate",
    "camera": "0.4,1.2,1.6",
}
"""The keys of a film with a value that works."""


@dataclass(frozen=True)
class SceneFilm:
    """The film of a scene.

    `state` is what its link says, with the run of a second line pinned as A; for features of a file beside the
    document it is None, and `features` their path. The film begins where its link says, at its start if that is no
    moment, plays to `until` and waits there; where the scene asks something, the answer lets it go on to `then`. `show`
    names the curves beside the stage and `knobs` the parameters that a visitor may turn.
    """

    line: int
    screen: str
    state: State | None
    features: Path | None
    begins: Moment | None
    until: Moment
    then: Moment | None
    show: tuple[str, ...]
    knobs: tuple[str, ...]
    lines: dict[str, int]
    """The line of each option, and that of the link as `at`."""

    @property
    def spec(self) -> Spec:
        """The page on which this film stands."""
        return SCREENS[self.screen]

    def line_of(self, key: str) -> int:
        """Returns the line on which a key stands, that of the block where it is left out."""
        return self.lines.get(key, self.line)


def read_film(fence: Fence, beside: Beside, mistakes: Mistakes) -> SceneFilm | None:
    """Reads a film block. What is wrong goes to `mistakes`; None where its link says no film at all."""
    links, options, lines = _parts(fence, mistakes)
    if not links:
        why = unfit("film", "film block has no link", "paste the one that Share gives", EXAMPLE)
        mistakes.note(fence.line, why)
        return None
    for line, text in links[2:]:
        what = refuse("film", text, "is a third film", "one link, or two for films side by side, A last", EXAMPLE)
        mistakes.note(line, what)
    return _Reader(options, lines, beside, mistakes).film(fence.line, links[:2])


Lines = list[tuple[int, str]]


def _parts(fence: Fence, mistakes: Mistakes) -> tuple[Lines, dict[str, str], dict[str, int]]:
    """Returns the links of a block with their lines, its options, and the lines of those."""
    links: Lines = []
    options: dict[str, str] = {}
    places: dict[str, int] = {}
    for line, text in enumerate(fence.lines, fence.line + 1):
        text = COMMENT.sub("", text).strip()
        found = OPTION.fullmatch(text)
        if found is None:
            links += [(line, text)] if text else []
            continue
        key = found[1]
        if key not in OPTIONS:
            near = nearest(key, [*OPTIONS])
            example = f"{near}: {OPTIONS[near]}"
            why = refuse(key, found[2].strip(), "is no key of a film", among([*OPTIONS]), example)
            mistakes.note(line, why)
        elif key in options:
            why = refuse(key, found[2].strip(), "stands there twice", "it once", None)
            mistakes.note(line, why)
        else:
            options[key], places[key] = found[2].strip(), line
    return links, options, places


class _Reader:
    """Reads the parts of one block."""

    def __init__(self, options: dict[str, str], lines: dict[str, int], beside: Beside, mistakes: Mistakes):
        self.options, self.lines, self.beside, self.mistakes = options, lines, beside, mistakes

    def film(self, line: int, links: Lines) -> SceneFilm | None:
        """Returns the film, with whatever of its options can be read."""
        found = self._state(*links[0])
        if found is None:
            return None
        screen, state, features = found
        for at, text in links[1:]:
            state = self._pinned(screen, state, at, text)
        spec = SCREENS[screen]
        return SceneFilm(
            line=line,
            screen=screen,
            state=state and self._with_camera(state),
            features=features,
            begins=self._begins(links[0][0], state),
            until=self._moment("until") or Moment("end"),
            then=self._moment("then"),
            show=self._names("show", DRAWN, "no curve of a panel"),
            knobs=self._knobs(spec, state),
            lines={"at": links[0][0], **self.lines},
        )

    def _note(self, key: str, refusal: ConfigError) -> None:
        self.mistakes.note(self.lines[key], refusal)

    def _state(self, line: int, text: str) -> tuple[str, State | None, Path | None] | None:
        """Returns screen, state and features of the first link; None where it is no link."""
        try:
            if text.startswith("features="):
                return "networks", None, read_features(text, self.beside)
            screen, link = split_link(text)
        except ConfigError as refusal:
            self.mistakes.note(line, refusal)
            return None
        return screen, self._read(SCREENS[screen], line, link), None

    def _read(self, spec: Spec, line: int, link: dict[str, str]) -> State:
        """Returns the state of a link, each part of which must be sound here: nobody sees what was left out of it."""
        state, refusals = read_link(spec, link)
        for sentence in refusals:
            self.mistakes.note_sentence(line, sentence.split(" ", 1)[0], sentence)
        if not refusals and spec.fit(state.config) != state.config:
            why = "starts at no saddle, and the landscape has no other films"
            start = refuse("initialisation", getattr(state.config, "initialisation", ""), why, "a saddle", "square")
            self.mistakes.note(line, start)
        for key in ("talk", "question"):
            if key in link:
                works = "a question block" if key == "question" else "the link without it"
                self.mistakes.note(line, refuse(key, link[key], "belongs to a page, not to a film", works))
        return replace(state, talk=False, question="")

    def _pinned(self, screen: str, state: State | None, line: int, text: str) -> State | None:
        """Returns the state with the run of a second link pinned as A."""
        try:
            other, link = split_link(text)
        except ConfigError as refusal:
            self.mistakes.note(line, refusal)
            return state
        if state is None or other != screen:
            works = f"two links of {screen}" if state is not None else "one film alone"
            self.mistakes.note(line, refuse("film", text, "cannot stand beside the first", works, EXAMPLE))
            return state
        if state.pinned is not None or "pin" in link:
            self.mistakes.note(line, refuse("film", text, "is a second film as A", "pin= or a second line, not both"))
            return state
        return replace(state, pinned=self._read(SCREENS[screen], line, link).config)

    def _begins(self, line: int, state: State | None) -> Moment | None:
        """Returns the moment at which the link has the film begin; a share of the film is none."""
        at = (state.look.at or "") if state else ""
        try:
            return read_moment("at", at.replace(":", "=")) if at[:1].isalpha() else None
        except ConfigError as refusal:
            self.mistakes.note(line, refusal)
            return None

    def _moment(self, key: str) -> Moment | None:
        if key not in self.options:
            return None
        try:
            return read_moment(key, self.options[key])
        except ConfigError as refusal:
            self._note(key, refusal)
            return None

    def _names(self, key: str, known: Sequence[str], why_not: str) -> tuple[str, ...]:
        """Returns the names that an option lists, `none` for none of them."""
        text = self.options.get(key, "none")
        names = [] if text == "none" else [name.strip() for name in text.split(",")]
        for name in names:
            if name not in known:
                self._note(
                    key,
                    refuse(key, name, f"is {why_not}", f"none, or some of {', '.join(known)}", nearest(name, known)),
                )
            elif names.count(name) > 1:
                self._note(key, refuse(key, text, f"names {name} twice", f"{name} once"))
        return tuple(name for name in dict.fromkeys(names) if name in known)

    def _knobs(self, spec: Spec, state: State | None) -> tuple[str, ...]:
        """Returns the knobs that a visitor may turn: those of the option, else those that a class's link keeps."""
        if state is None:
            if "knobs" in self.options:
                why = "can turn nothing of own features: they are measured already"
                self._note("knobs", refuse("knobs", self.options["knobs"], why, "no knobs"))
            return ()
        if "knobs" in self.options and state.controls is not None:
            why = "stands beside the controls of the link"
            self._note("knobs", refuse("knobs", self.options["knobs"], why, "one of the two"))
        knobs = self._names("knobs", spec.turnable, "no knob of this screen") or state.controls or ()
        if len(knobs) == 1 and not spec.knobs[knobs[0]].matters(state.config):
            line, why = self.lines.get("knobs", 0), "changes nothing in this run"
            matter = [name for name in spec.turnable if spec.knobs[name].matters(state.config)]
            self.mistakes.note(line, refuse("knobs", knobs[0], why, ", ".join(matter), "seed"))
        return knobs

    def _with_camera(self, state: State) -> State:
        """Returns the state looked at from where the option says."""
        if "camera" not in self.options:
            return state
        said: list[str] = []
        look = read_look({"camera": self.options["camera"]}, said)
        for sentence in said:
            self.mistakes.note_sentence(self.lines["camera"], "camera", sentence)
        if state.look.camera is not None:
            why = "stands beside the camera of the link"
            self._note("camera", refuse("camera", self.options["camera"], why, "one of the two"))
        return replace(state, look=replace(state.look, camera=look.camera))
