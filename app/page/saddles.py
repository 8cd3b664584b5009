"""`LANDSCAPE`: the page of a run that starts beside a saddle."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from app.page.fitting import at_a_saddle
from app.page.runs import RUNS

LANDSCAPE: Final = replace(
    RUNS.with_row("initialisation", matters=lambda run: False),  # the saddle is chosen in the gallery
    screen="landscape",
    family="saddles",
    fit=at_a_saddle,
)
