"""Words as HTML in which every symbol explains itself, and every paper that is named is linked."""

from __future__ import annotations

import re
from html import escape
from typing import Final

from app.terms.glossary import TERMS
from app.terms.sources import NAMED, paper

MARKED: Final = tuple(name for name, term in TERMS.items() if term.spelt)
PATTERN: Final = re.compile(
    "|".join([*(f"(?P<{name}>{TERMS[name].spelt})" for name in MARKED), f"(?P<paper>{NAMED.pattern})"])
)


def explained(words: str, known: set[str] | None = None) -> str:
    """Returns words as HTML: the first mention of each term is a button that explains it (`app/player/terms.js`), and
    the name of a paper is a link to it. Terms that are `known` are not explained again; those explained here are added.

    >>> explained("γ < 1, γ grows")
    '<button type="button" class="lab-term" data-term="gamma" aria-expanded="false">γ</button> &lt; 1, γ grows'
    >>> explained("No symbol & no name.")
    'No symbol &amp; no name.'
    """
    parts: list[str] = []
    known = set() if known is None else known
    at = 0
    for found in PATTERN.finditer(words):
        name, said, (begins, ends) = str(found.lastgroup), found[0], found.span()
        if name in known and name != "paper":
            continue
        known.add(name)
        parts += [escape(words[at:begins]), paper(said) if name == "paper" else term_button(name, said)]
        at = ends
    return "".join([*parts, escape(words[at:])])


def term_button(name: str, said: str) -> str:
    """Returns the button that explains a term."""
    look = f'class="lab-term" data-term="{name}" aria-expanded="false"'
    return f'<button type="button" {look}>{escape(said)}</button>'
