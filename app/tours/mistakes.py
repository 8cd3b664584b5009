"""The mistakes of a document: all of them are found and told at once, each with its line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from app.tours.limits import MISTAKES
from ulpm_core.model.refusal import ConfigError, shown_path


class Mistake(NamedTuple):
    """One thing that a tour cannot hold: its line, the key that is wrong, and a sentence that says what works."""

    line: int
    key: str
    sentence: str


class Mistakes:
    """Collects what is wrong while a document is read; of very many, the rest is only counted."""

    def __init__(self) -> None:
        self.found: list[Mistake] = []
        self.more = 0

    def note(self, line: int, refusal: ConfigError) -> None:
        """Adds a refusal, which is said once for each line."""
        self.note_sentence(line, refusal.field, str(refusal))

    def note_sentence(self, line: int, key: str, sentence: str) -> None:
        """Adds a mistake in these words."""
        mistake = Mistake(line, key, sentence)
        if len(self.found) >= MISTAKES:
            self.more += 1
        elif mistake not in self.found:
            self.found.append(mistake)


class TourError(ConfigError):
    """The refusal of a document, with all its mistakes in the order of their lines.

    >>> print(TourError("lesson.md", [Mistake(3, "minutes", "minutes = many is not a number: use 1 to 600.")]))
    lesson.md:3: minutes = many is not a number: use 1 to 600.
    """

    def __init__(self, name: str, mistakes: Sequence[Mistake], more: int = 0):
        self.name, self.mistakes, self.more = shown_path(name), tuple(sorted(mistakes)), more
        super().__init__("tour", "\n".join(self.lines()))

    def lines(self) -> list[str]:
        """Returns one line for each mistake: "lesson.md:17: until = foo is no moment of this film: ..."."""
        listed = [f"{self.name}:{mistake.line}: {mistake.sentence}" for mistake in self.mistakes]
        return listed + ([f"{self.name}: {self.more:,} more mistakes are not listed."] if self.more else [])
