"""Writes texts of words and figures as HTML: symbols explain themselves, and figures can be copied as claims."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from html import escape
from typing import Any, NamedTuple

from app.terms.explained import explained
from ulpm_core.claims.claim import Claim
from ulpm_core.claims.words import WORDS


class Figure(NamedTuple):
    """A figure that can be copied as a claim: what it says, and that claim."""

    said: str
    claim: Claim

    def button(self, shared: Mapping[str, Any]) -> str:
        """Returns the figure as a button, which `app/player/terms.js` answers; the claim is without what is shared."""
        own = {name: value for name, value in asdict(self.claim).items() if name not in shared}
        data = f'data-claim="{_attribute(own)}"'
        more = f'aria-expanded="false" title="{WORDS["button"]}"'
        return f'<button type="button" class="lab-figure" {data} {more}>{escape(self.said)}</button>'


Text = str | Figure | Sequence[str | Figure]
"""A text as it stands in a cell or a sentence: words, a figure, or parts of both."""


def parts_of(text: Text) -> Sequence[str | Figure]:
    """Returns the parts of a text."""
    return (text,) if isinstance(text, str | Figure) else text


def words_of(text: Text) -> str:
    """Returns what a text says.

    >>> words_of(("It is ", Figure("0.5", Claim("gamma", 0.5, 12)), "."))
    'It is 0.5.'
    """
    return "".join(part.said if isinstance(part, Figure) else part for part in parts_of(text))


def shared_by(texts: Iterable[Text]) -> dict[str, Any]:
    """Returns the fields that the claims of all figures in some texts have in common, such as their config."""
    claims = [asdict(part.claim) for text in texts for part in parts_of(text) if isinstance(part, Figure)]
    first = claims[0] if claims else {}
    return {name: value for name, value in first.items() if all(claim[name] == value for claim in claims)}


def shared_attribute(shared: Mapping[str, Any]) -> str:
    """Returns the attribute of the element around figures that holds what their claims have in common."""
    return f' data-claims="{_attribute(shared)}"' if shared else ""


def html_of(text: Text, shared: Mapping[str, Any]) -> str:
    """Returns a text as HTML, in which each symbol explains itself once; the element around it holds what is shared.

    >>> html_of("a < b", {}), html_of(("It is ", Figure("0.5", Claim("gamma", 0.5, 12)), "."), {})[:40]
    ('a &lt; b', 'It is <button type="button" class="lab-f')
    """
    known: set[str] = set()
    return "".join(
        part.button(shared) if isinstance(part, Figure) else explained(part, known) for part in parts_of(text)
    )


def _attribute(fields: Mapping[str, Any]) -> str:
    """Returns fields as JSON in an attribute; Streamlit takes out attributes that hold the ends of tags."""
    return escape(json.dumps(fields, allow_nan=False).replace(">", "\\u003e").replace("<", "\\u003c"))
