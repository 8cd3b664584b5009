"""The `question` block of a scene: a choice, several answers, a number, a curve to sketch, class means to place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.page.look import DRAWN
from app.terms.nearest import nearest
from app.tours.expression import EXAMPLE, Expression, read_expression
from app.tours.inline import Words
from app.tours.limits import OPTIONS
from app.tours.markup import Fence, Inline
from app.tours.mistakes import Mistakes
from ulpm_core.model.refusal import ConfigError, among, refuse, span, unfit

KINDS: Final = ("choice", "several", "number", "draw", "place")
"""What may stand behind the word question; nothing is a choice. draw takes the name of a curve."""
OPTION: Final = re.compile(r"([-*])\s+(.*\S)\s*")
WITHIN: Final = re.compile(r"(.*\S)\s+within\s+(\d{1,9}(?:\.\d{0,9})?(?:e-?\d{1,3})?)\s*(%?)", re.ASCII)
REASON: Final = re.compile(r"Because\b.*")


@dataclass(frozen=True)
class Asked:
    """What every question has: its line, its words, and the reason that is told once it is answered."""

    line: int
    prompt: tuple[Inline, ...]
    reason: tuple[Inline, ...]


@dataclass(frozen=True)
class Choice(Asked):
    """Answers to choose from, of which those at `right` are; one may be chosen, or `several`."""

    options: tuple[tuple[Inline, ...], ...]
    right: tuple[int, ...]
    several: bool


@dataclass(frozen=True)
class NumberAsked(Asked):
    """A number that the run decides; an answer is right that is off by at most the tolerance, a share if `relative`."""

    answer: Expression
    tolerance: float
    relative: bool


@dataclass(frozen=True)
class Drawing(Asked):
    """A curve that is sketched before the run draws it."""

    curve: str


@dataclass(frozen=True)
class Placing(Asked):
    """Class means that are dragged, in the plane, to where they will end."""


Question = Choice | NumberAsked | Drawing | Placing


def read_question(fence: Fence, mistakes: Mistakes) -> Question | None:
    """Reads a question block. What is wrong goes to `mistakes`; None where no question is left."""
    _, *words = fence.info.split()
    kind, rest = (words[0], words[1:]) if words else ("choice", [])
    try:
        if kind not in KINDS:
            raise refuse("question", kind, "is no kind of question", among(KINDS), nearest(kind, KINDS, "number"))
        if rest and kind != "draw":
            raise refuse("question", " ".join(rest), f"stands behind {kind}", f"question {kind} alone")
        return _Block(fence, mistakes).question(kind, rest)
    except ConfigError as refusal:
        mistakes.note(fence.line, refusal)
        return None


class _Block:
    """The lines of one block, put apart: first the words of the question, then its answers, then the reason."""

    def __init__(self, fence: Fence, mistakes: Mistakes):
        self.fence, self.mistakes = fence, mistakes
        self.lines = [(line, text.strip()) for line, text in enumerate(fence.lines, fence.line + 1)]

    def question(self, kind: str, rest: Sequence[str]) -> Question | None:
        """Returns the question of this kind; None where one of its lines keeps it from being one. Raises
        :class:`ConfigError` where its lines together do.
        """
        if kind in ("choice", "several"):
            return self._choice(kind == "several")
        if kind == "number":
            return self._number()
        prompt, reason = self._prompt_and_reason()
        if kind == "place":
            return Placing(self.fence.line, prompt, reason)
        if len(rest) != 1 or rest[0] not in DRAWN:
            given = " ".join(rest)
            raise refuse(
                "draw",
                given,
                "is no curve of a panel",
                f"one of {', '.join(DRAWN)}",
                nearest(given, DRAWN, "nc2_angles"),
            )
        return Drawing(self.fence.line, prompt, reason, rest[0])

    def _prompt_and_reason(self) -> tuple[tuple[Inline, ...], tuple[Inline, ...]]:
        """Parts a block without answers at an empty line, or at the word Because."""
        parts = (i for i, (_, text) in enumerate(self.lines) if i and (not text or REASON.match(text)))
        cut = next(parts, len(self.lines))
        return self._prompt(self.lines[:cut]), self._reason(self.lines[cut:])

    def _choice(self, several: bool) -> Choice:
        found = [OPTION.fullmatch(text) for _, text in self.lines]
        at = [i for i, one in enumerate(found) if one]
        example = "* at 120° to each other"
        if not at:
            raise unfit("question", "question has no answers", "write one a line, a * before what is right", example)
        first, last = at[0], at[-1]
        for i in range(first, last):
            if i not in at and self.lines[i][1]:
                why = refuse("answer", self.lines[i][1], "stands among the answers without a mark", "- or * before it")
                self.mistakes.note(self.lines[i][0], why)
        marked = [one for one in found if one]
        right = tuple(i for i, one in enumerate(marked) if one[1] == "*")
        if not 2 <= len(marked) <= OPTIONS:
            raise refuse("answers", len(marked), "is no number of answers to choose from", span(2, OPTIONS), 3)
        if not right:
            raise unfit("question", "question has no right answer", "put a * before it", example)
        if len(right) > 1 and not several:
            raise refuse("answers", len(right), "are marked as right, and one can be chosen", "question several")
        options = tuple(self._words(marked[k][2], self.lines[i][0]) for k, i in enumerate(at))
        if len({one[2] for one in marked}) < len(marked):
            raise unfit("answer", "answer stands there twice", "give each its own words")
        prompt, reason = self._prompt(self.lines[:first]), self._reason(self.lines[last + 1 :])
        return Choice(self.fence.line, prompt, reason, options, right, several)

    def _number(self) -> NumberAsked | None:
        at = [i for i, (_, text) in enumerate(self.lines) if text.startswith("=")]
        if len(at) != 1:
            why = "says no answer" if not at else f"says {len(at)} answers"
            raise unfit("question", f"question {why}", "write one line with =", f"= {EXAMPLE} within 10%")
        line, text = self.lines[at[0]]
        found = WITHIN.fullmatch(text[1:].strip())
        if found is None:
            works = "within and a share or a number behind it"
            example = f"= {EXAMPLE} within 10%"
            self.mistakes.note(line, refuse("answer", text[1:].strip(), "says no tolerance", works, example))
            return None
        tolerance, relative = float(found[2]) / (100.0 if found[3] else 1.0), bool(found[3])
        if tolerance <= 0.0 or (relative and tolerance > 1.0):
            why, works = "is no tolerance that an answer can meet", "more than 0, and at most 100%"
            self.mistakes.note(line, refuse("within", found[2] + found[3], why, works, "10%"))
        try:
            answer = read_expression("answer", found[1])
        except ConfigError as refusal:
            self.mistakes.note(line, refusal)
            return None
        prompt, reason = self._prompt(self.lines[: at[0]]), self._reason(self.lines[at[0] + 1 :])
        return NumberAsked(self.fence.line, prompt, reason, answer, tolerance, relative)

    def _words(self, text: str, line: int) -> tuple[Inline, ...]:
        return Words(text, line, self.mistakes).parts

    def _joined(self, lines: Sequence[tuple[int, str]]) -> tuple[Inline, ...]:
        said = [(line, text) for line, text in lines if text]
        return self._words("\n".join(text for _, text in lines).strip(), said[0][0]) if said else ()

    def _prompt(self, lines: Sequence[tuple[int, str]]) -> tuple[Inline, ...]:
        if not (prompt := self._joined(lines)):
            why = unfit(
                "question", "question asks nothing", "begin with its words", '"Where will the class means end up?"'
            )
            self.mistakes.note(self.fence.line, why)
        return prompt

    def _reason(self, lines: Sequence[tuple[int, str]]) -> tuple[Inline, ...]:
        if not (reason := self._joined(lines)):
            example = "Because three equal pushes balance only there"
            why = unfit("question", "question gives no reason", "end with why the answer is right", example)
            self.mistakes.note(self.fence.line, why)
        return reason
