"""The largest problems that runs and trainings may be asked for."""

from __future__ import annotations

from typing import Final

MOST_CLASSES: Final = 1000
MOST_DIMENSIONS: Final = 4096
MAX_ENTRIES: Final = {"cpu": 20_000_000, "cuda": 2_000_000_000}
"""Most entries W and H may have together: 160 MB in float64, which a laptop steps through; what a large GPU holds."""
