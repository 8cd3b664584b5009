"""What must be said of an optimum, in sentences."""

from __future__ import annotations

from typing import Final

NOTES: Final = {
    "one-bounded": "No optimum is attained: only one of W and H is bounded, and the loss falls as long as the other"
    " grows.",
    "one-decayed": "No optimum is attained: only one of W and H is held down, and the other grows while the first"
    " shrinks.",
    "decoupled": "Decoupled decay does not make it small: beside steps of a set size it holds W and H within a ball of"
    " radius 1/λ, where the loss is brought down (docs/theory.md 6.8).",
    "nothing-left": "The optimum is W = 0, H = 0: so much decay leaves nothing else.",
}
"""What must be said of an optimum, by the case in which it must."""
