"""Lines of words as HTML."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from app.terms.explained import explained


def paragraphs(said: Iterable[str]) -> str:
    """Returns sentences as HTML, each that says something a paragraph, in which symbols explain themselves.

    >>> paragraphs(["One.", "", "a < b."])
    '<p class="lab-sentence">One.</p><p class="lab-sentence">a &lt; b.</p>'
    """
    return "".join(f'<p class="lab-sentence">{explained(sentence)}</p>' for sentence in said if sentence)


def trouble(words: str) -> str:
    """Returns words on what was refused or went wrong as HTML, which a screen reader says at once.

    >>> trouble("a < b.")
    '<p class="lab-refusal" role="alert">a &lt; b.</p>'
    """
    return f'<p class="lab-refusal" role="alert">{escape(words)}</p>'
