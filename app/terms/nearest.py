"""What somebody may have meant."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from ulpm_core.model.refusal import LONGEST


def nearest(given: str, known: Sequence[str], otherwise: str = "") -> str:
    """Returns the known word most like the given one; `otherwise`, or else the first, where none is like it.

    >>> nearest("untill", ["show", "until"]), nearest("x" * 10_000, ["show", "until"])
    ('until', 'show')
    """
    near = get_close_matches(given[:LONGEST], known, 1)
    return near[0] if near else otherwise or known[0]
