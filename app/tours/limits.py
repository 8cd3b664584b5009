"""How large a tour may be. A document comes from anybody: whatever it holds, reading it ends soon."""

from __future__ import annotations

from typing import Final

DOCUMENT_BYTES: Final = 2**18
"""A lesson of six scenes has 6 kB."""
DOCUMENT_LINES: Final = 10_000
SCENES: Final = 200
QUESTIONS: Final = 10
"""Of one scene."""
OPTIONS: Final = 12
"""Answers to choose from: more do not fit a phone."""
TITLE: Final = 120
PARAGRAPH: Final = 10_000
"""Characters of one paragraph, or of one line of a block."""
EXPRESSION: Final = 200
NESTED: Final = 8
"""How deep emphasis and parentheses may stand within each other."""
LIST_DEPTH: Final = 4
ADDRESS: Final = 2_000
"""Characters of an address."""
IMAGE_BYTES: Final = 2 * 2**20
ALL_IMAGES_BYTES: Final = 4 * 2**20
"""Of all images of a tour: an offline lesson holds them beside its films, and is to stay under 6 MB."""
FEATURES_BYTES: Final = 64 * 2**20
"""Of a features.npz beside the document, as of an upload."""
IMAGE_SIDE: Final = 4_096
"""Pixels: a small file can be an image that fills a browser's memory."""
MISTAKES: Final = 100
"""Mistakes that are listed; the others are counted."""
