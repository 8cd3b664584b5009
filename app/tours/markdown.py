"""Markdown, as far as a tour goes: headings, paragraphs, lists, images and what stands between fences. HTML is text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from app.tours.images import Beside
from app.tours.inline import Words
from app.tours.limits import LIST_DEPTH
from app.tours.markup import Block, Fence, Heading, Inline, Listing, Paragraph, Picture
from app.tours.mistakes import Mistakes
from ulpm_core.model.refusal import ConfigError, refuse, unfit

FENCE: Final = re.compile(r"(`{3,}+|~{3,}+)([^`]*)")
HEADING: Final = re.compile(r"(#{1,6})[ \t]+(.*)")
ITEM: Final = re.compile(r"( *)(?:([-*+])|(\d{1,9})[.)])[ \t]+(\S.*)")
PICTURE: Final = re.compile(r"!\[([^\[\]]*)\]\(([^()]*)\)")
ABSENT: Final = {
    "table": re.compile(r"\|?(?:[ \t]*:?-+:?[ \t]*\|)++(?:[ \t]*:?-+:?[ \t]*)?"),
    "quotation": re.compile(r">.*"),
}
"""Other parts of Markdown, which would be read as letters: the line by which each is known."""
RULE: Final = re.compile(r"(?:[-*_][ \t]*){3,}")


class Markdown:
    """Reads lines of a document into `blocks`; `first` is the number of the first line."""

    def __init__(self, lines: Sequence[str], first: int, beside: Beside, mistakes: Mistakes):
        self.lines, self.first, self.beside, self.mistakes = lines, first, beside, mistakes
        self.at = 0
        self.blocks = self._take_blocks()

    def _take_blocks(self) -> list[Block]:
        blocks: list[Block] = []
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if not line.strip():
                self.at += 1
            elif found := FENCE.fullmatch(line):
                blocks.append(self._take_fence(found))
            elif found := HEADING.fullmatch(line):
                blocks.append(
                    Heading(len(found[1]), self._words(found[2].rstrip(" \t#"), self.at), self.first + self.at)
                )
                self.at += 1
            elif RULE.fullmatch(line.strip()):
                self._note(unfit("line", "line across the page ends nothing here", "begin a scene", "# Its title"))
                self.at += 1
            elif ITEM.fullmatch(line):
                blocks.append(self._take_list(0))
            else:
                blocks.append(self._take_paragraph())
        return blocks

    def _note(self, refusal: ConfigError) -> None:
        self.mistakes.note(self.first + self.at, refusal)

    def _words(self, text: str, at: int) -> tuple[Inline, ...]:
        return Words(text, self.first + at, self.mistakes).parts

    def _take_fence(self, opening: re.Match[str]) -> Fence:
        """Returns what stands up to a line with at least as many of the same letter."""
        begin, mark = self.at, opening[1]
        self.at += 1
        while self.at < len(self.lines):
            line = self.lines[self.at].strip()
            self.at += 1
            if len(line) >= len(mark) and not line.strip(mark[0]):
                inside = self.lines[begin + 1 : self.at - 1]
                return Fence(opening[2].strip(), tuple(inside), self.first + begin)
        why = f"is opened by {mark} and never closed"
        self.mistakes.note(self.first + begin, unfit("block", f"block {why}", "end it", f"a line of {mark}"))
        return Fence(opening[2].strip(), tuple(self.lines[begin + 1 :]), self.first + begin)

    def _take_paragraph(self) -> Block:
        begin = self.at
        while self.at < len(self.lines) and (self.at == begin or not self._interrupts()):
            self.at += 1
        texts = [line.strip() for line in self.lines[begin : self.at]]
        for at, line in enumerate(texts, self.first + begin):
            for name, known in ABSENT.items():
                if known.fullmatch(line):
                    why = f"{name} is no part of a tour"
                    self.mistakes.note(at, unfit(name, why, "write a paragraph, or a list", "- one item"))
        text = "\n".join(texts)
        if found := PICTURE.fullmatch(text):
            return self._take_picture(found, begin)
        return Paragraph(self._words(text, begin))

    def _interrupts(self) -> bool:
        """Returns whether the next line is no more of a paragraph."""
        line = self.lines[self.at]
        begins = FENCE.fullmatch(line) or HEADING.fullmatch(line) or ITEM.fullmatch(line)
        return not line.strip() or begins is not None

    def _take_picture(self, found: re.Match[str], begin: int) -> Block:
        words, name = found[1].strip(), found[2].strip()
        try:
            if not words:
                raise refuse("image", name, "has no words for those who do not see it", "![What it shows](file.png)")
            return Picture(words, self.beside.take_image(name))
        except ConfigError as refusal:
            self.mistakes.note(self.first + begin, refusal)
            return Paragraph(())

    def _take_list(self, depth: int) -> Listing:
        """Returns a list, with the lists that its items hold: they stand further to the right."""
        first = ITEM.fullmatch(self.lines[self.at])
        assert first is not None
        indent, numbered = len(first[1]), first[3] is not None
        items: list[tuple[Block, ...]] = []
        while self.at < len(self.lines):
            found = ITEM.fullmatch(self.lines[self.at])
            if found is None or len(found[1]) < indent or (found[3] is not None) != numbered:
                break
            items.append(self._take_item(found, depth))
        return Listing(numbered, tuple(items))

    def _take_item(self, found: re.Match[str], depth: int) -> tuple[Block, ...]:
        begin, indent, texts = self.at, len(found[1]), [found[4].strip()]
        self.at += 1
        while self.at < len(self.lines) and not self._interrupts() and self.lines[self.at].startswith(" "):
            texts.append(self.lines[self.at].strip())
            self.at += 1
        blocks: list[Block] = [Paragraph(self._words("\n".join(texts), begin))]
        while self.at < len(self.lines):
            inner = ITEM.fullmatch(self.lines[self.at])
            if inner is None or len(inner[1]) < indent + 2:
                break
            if depth + 1 >= LIST_DEPTH:
                self._note(unfit("list", f"list nests deeper than {LIST_DEPTH}", "make it flatter", "- one item"))
                self.at += 1
            else:
                blocks.append(self._take_list(depth + 1))
        return tuple(blocks)
