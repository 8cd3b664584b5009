"""The words of a paragraph: emphasis, code, links, formulas, and numbers that are read from the film."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from app.terms.mathml import FORMULA, mathml
from app.tours.expression import read_expression
from app.tours.limits import ADDRESS, EXPRESSION, NESTED, PARAGRAPH
from app.tours.markup import Code, Emphasis, Figure, Formula, Inline, Link, Strong, Text
from app.tours.mistakes import Mistakes
from ulpm_core.model.refusal import ConfigError, refuse, unfit

TOKEN: Final = re.compile(
    r"\\(?P<escaped>[\\`*_{}\[\]()#+\-.!$|<>~])"
    r"|``(?P<codes>(?:[^`]|`(?!`)){1,500})``|`(?P<code>[^`]{1,500})`"
    r"|(?P<image>!\[[^\[\]]{0,300}\]\([^()]{0,300}\))"
    rf"|\[(?P<words>[^\[\]]{{1,300}})\]\((?P<target>[^()\s]{{0,{ADDRESS}}})\)"
    rf"|\$\$(?P<display>[^$]{{1,{FORMULA + 1}}})\$\$|\$(?P<formula>[^\s$](?:[^$]{{0,{FORMULA}}}[^\s$])?)\$(?!\d)"
    rf"|\{{(?P<figure>[^{{}}]{{0,{EXPRESSION + 1}}})\}}"
    r"|(?P<mark>\*{1,3}|(?<!\w)_|_(?!\w))"
    r"|(?P<unread>\{|\\[A-Za-z]{1,20}|\[[^\[\]]{1,300}\]\([^\n)]{0,60}\)?)",
    re.ASCII,
)
SCENE: Final = re.compile(r"#[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
LINKS: Final = ("an address with https:// or http://, or #title-of-a-scene", "https://arxiv.org/abs/2008.08186")
"""Where a link may lead, and an example."""
WEB: Final = re.compile(r"https?://[A-Za-z0-9\[][^\s\"'<>\\^`{|}]*", re.ASCII)


@dataclass
class _Open:
    """Words behind a mark of emphasis that may be closed later; the first has no mark."""

    mark: str
    parts: list[Inline] = field(default_factory=list)


class Words:
    """Reads the words of one paragraph that begins at a line of the document: `parts` is what they are, and what is
    wrong goes to `mistakes`. A mark that nobody closes is a letter.
    """

    def __init__(self, text: str, line: int, mistakes: Mistakes):
        if len(text) > PARAGRAPH:
            why, works = f"has {len(text):,} characters", f"split it into some of at most {PARAGRAPH:,}"
            mistakes.note(line, unfit("paragraph", f"paragraph {why}", works))
            text = text[:PARAGRAPH]
        self.text, self.line, self.mistakes = text, line, mistakes
        self.open = [_Open("")]
        at = 0
        for found in TOKEN.finditer(text):
            self._plain(text[at : found.start()])
            self._token(found, line + text.count("\n", 0, found.start()))
            at = found.end()
        self._plain(text[at:])
        while len(self.open) > 1:
            self._unmark()
        self.parts = tuple(self.open[0].parts)

    def _plain(self, text: str) -> None:
        """Adds letters, to those before them where there are some."""
        if not text:
            return
        parts, text = self.open[-1].parts, text.replace("\n", " ")
        if parts and isinstance(parts[-1], Text):
            text = parts.pop().text + text  # type: ignore[union-attr]
        parts.append(Text(text))

    def _unmark(self) -> None:
        """Makes the last open mark a letter."""
        last = self.open.pop()
        self._plain(last.mark)
        for part in last.parts:
            if isinstance(part, Text):
                self._plain(part.text)
            else:
                self.open[-1].parts.append(part)

    def _token(self, found: re.Match[str], line: int) -> None:
        kind = str(found.lastgroup)
        if kind == "mark":
            self._marks(found)
        elif kind == "escaped":
            self._plain(found["escaped"])
        elif kind in ("code", "codes"):
            self.open[-1].parts.append(Code(found[kind].replace("\n", " ").strip()))
        elif kind == "unread":
            self._plain(found[0])
            self.mistakes.note(line, _unread(found[0]))
        elif kind == "image":
            why, works = "image stands within words", "give it a paragraph of its own"
            self.mistakes.note(line, unfit("image", why, works))
        else:
            make: Callable[[], Inline] = {
                "target": lambda: self._link(found, line),
                "display": lambda: Formula(found["display"], mathml(found["display"], True), True),
                "formula": lambda: Formula(found["formula"], mathml(found["formula"]), False),
                "figure": lambda: Figure(read_expression("number", found["figure"]), line),
            }[kind]
            try:
                self.open[-1].parts.append(make())
            except ConfigError as refusal:
                self.mistakes.note(line, refusal)
                self._plain(found[0])

    def _marks(self, found: re.Match[str]) -> None:
        """Reads one mark of emphasis, or the two that *** is: the inner one closes first."""
        begins, ends = found.start(), found.end()
        before, after = self.text[begins - 1 : begins].strip(), self.text[ends : ends + 1].strip()
        inner_first = ("*", "**") if self.open[-1].mark == "*" else ("**", "*")
        for mark in inner_first if found["mark"] == "***" else (found["mark"],):
            self._mark(mark, bool(before), bool(after))

    def _mark(self, mark: str, behind: bool, ahead: bool) -> None:
        """Opens or closes emphasis: a mark closes `behind` a letter, and opens with one `ahead`."""
        if behind and mark in [one.mark for one in self.open[1:]]:
            while self.open[-1].mark != mark:
                self._unmark()
            closed = self.open.pop()
            kind = Strong if mark == "**" else Emphasis
            self.open[-1].parts.append(kind(tuple(closed.parts)))
        elif ahead and len(self.open) <= NESTED:
            self.open.append(_Open(mark))
        else:
            self._plain(mark)

    def _link(self, found: re.Match[str], line: int) -> Inline:
        target = found["target"]
        if not (SCENE.fullmatch(target) or WEB.fullmatch(target)):
            raise refuse("link", target, "leads nowhere from here", *LINKS)
        return Link(target, Words(found["words"], line, self.mistakes).parts, line)


def _unread(text: str) -> ConfigError:
    """Returns the refusal of what begins like a number from the film, a formula or a link, and is none."""
    if text[0] == "\\":
        why, do = f"formula {text} stands outside of $", "close its formula, without spaces beside the $"
        return unfit("formula", why, do, "$\\log t$")
    if text == "{":
        return unfit("number", "number is opened by { and never closed", "end it with }, or write \\{ for a brace")
    why = "is not closed, or holds a space or parentheses, which are %20, %28 and %29 in an address"
    return refuse("link", text.partition("](")[2], why, *LINKS)
