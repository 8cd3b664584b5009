"""Losses, one a file: what a sample costs by its logits, and all that follows from that alone."""

from typing import Final

LOGITS: Final = 4_000_000
"""Most logits looked at at once: 32 MB."""
SMALL: Final = 1e-9
"""Below this, log(log1p(S)) = log S - S/2 + O(S^2) is exact to float64."""
