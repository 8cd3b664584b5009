"""Lines of words as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from app.views.texts import Figure, Text, html_of, shared_attribute, shared_by
from ulpm_core.claims.in_a_film import sentence_claims


def paragraphs(said: Iterable[Text]) -> str:
    """Returns sentences as HTML, each that says something a paragraph, in which symbols explain themselves and figures
    can be copied as claims.

    >>> paragraphs(["One.", "", "a < b."])
    '<p class="lab-sentence">One.</p><p class="lab-sentence">a &lt; b.</p>'
    """
    return "".join(_paragraph(sentence) for sentence in said if sentence)


def _paragraph(said: Text) -> str:
    shared = shared_by([said])
    return f'<p class="lab-sentence"{shared_attribute(shared)}>{html_of(said, shared)}</p>'


def film_sentences(header: Mapping[str, Any]) -> list[Text]:
    """Returns the sentences of a film, in which its figures can be copied as claims."""
    said: list[Text] = list(header["sentences"])
    figures = [*zip(header["figures"], sentence_claims(header), strict=True)]
    for i, sentence in enumerate(header["sentences"]):
        parts: list[str | Figure] = []
        at = 0
        for figure, claim in figures:
            if figure["sentence"] == i:
                parts += [sentence[at : figure["start"]], Figure(sentence[figure["start"] : figure["end"]], claim)]
                at = figure["end"]
        if parts:
            said[i] = [*parts, sentence[at:]]
    return said


def trouble(words: str) -> str:
    """Returns words on what was refused or went wrong as HTML, which a screen reader says at once.

    >>> trouble("a < b.")
    '<p class="lab-refusal" role="alert">a &lt; b.</p>'
    """
    return f'<p class="lab-refusal" role="alert">{escape(words)}</p>'
