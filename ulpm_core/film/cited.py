"""Marks the numbers in sentences that are values of curves, and takes the marks out again once sentences are whole.

Templates put sentences together from parts, so that where a number comes to stand is known only at the end: until then
three characters that no sentence has say of which curve it is, and at which snapshot.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

OPENS, PARTS, CLOSES = "\ue000", "\ue001", "\ue002"
"""Characters of Unicode's private use area."""
MARKED: Final = re.compile(f"{OPENS}(\\w+){PARTS}(\\d+){PARTS}([^{OPENS}-{CLOSES}]*){CLOSES}")


class Citation(NamedTuple):
    """Where a number stands: in which of the sentences, from which character to before which; and which value it is."""

    sentence: int
    start: int
    end: int
    curve: str
    snapshot: int


def cited(curve: str, snapshot: int, words: str) -> str:
    """Returns the words of a number, marked as the value of a curve at a snapshot."""
    return f"{OPENS}{curve}{PARTS}{snapshot}{PARTS}{words}{CLOSES}"


def parted(sentences: Iterable[str]) -> tuple[list[str], list[Citation]]:
    """Returns sentences without marks, and where in them the numbers stand that were marked.

    >>> parted(["All is well.", f"The loss is {cited('loss', 9, '0.5')} now."])
    (['All is well.', 'The loss is 0.5 now.'], [Citation(sentence=1, start=12, end=15, curve='loss', snapshot=9)])
    """
    plain, found = [], []
    for i, sentence in enumerate(sentences):
        words, at = "", 0
        for mark in MARKED.finditer(sentence):
            words += sentence[at : mark.start()]
            found.append(Citation(i, len(words), len(words) + len(mark[3]), mark[1], int(mark[2])))
            words, at = words + mark[3], mark.end()
        plain.append(words + sentence[at:])
    return plain, found
