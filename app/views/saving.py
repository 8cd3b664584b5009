"""The buttons that save numbers in words."""

from __future__ import annotations

from typing import Final

from app.views.actions import Action

CURVES: Final = Action("Curves as CSV", "A table with a line for each frame: every number to its last digit.")
RUNS: Final = Action("Runs as CSV", "A table with a line for each run: every number to its last digit.")
