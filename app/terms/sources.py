"""The papers that claims on screen rest on, each by the words that name it."""

from __future__ import annotations

import re
from html import escape
from typing import Final

ARXIV: Final = "https://arxiv.org/abs/"
PAPERS: Final = {
    "Papyan, Han and Donoho": "2008.08186",
    "Ji et al., ICLR 2022": "2110.02796",
    "Ji and others": "2110.02796",
    "Garrod, Keating and Thrampoulidis": "2512.04006",
    "Zhao, Cheng, Masarczyk and Lucchi": "2602.16642",
    "Galanti and others": "2112.15121",
    "Li and others": "2212.12206",
    "Su and others": "2311.07444",
    "Fang and others": "2101.12699",
    "Thrampoulidis and others": "2208.05512",
    "Ammar and others": "2310.06823",
    "Zhu and others": "2105.02375",
    "Yang and others": "2203.09081",
}
"""Their numbers on arXiv."""
NAMED: Final = re.compile("|".join(map(re.escape, sorted(PAPERS, key=len, reverse=True))))


def link(words: str, address: str) -> str:
    """Returns a link that leaves the lab in a tab of its own.

    >>> link("a < b", "https://arxiv.org/abs/2110.02796")
    '<a href="https://arxiv.org/abs/2110.02796" target="_blank" rel="noopener noreferrer">a &lt; b</a>'
    """
    return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{escape(words)}</a>'


def paper(named: str) -> str:
    """Returns a link to the paper of :data:`PAPERS` that these words name."""
    return link(named, ARXIV + PAPERS[named])
