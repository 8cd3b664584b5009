"""The one table that the browser's engine reads: everything that it says or offers and Python says or offers too."""

from __future__ import annotations

from typing import Any

from app.engine.analysis import analysis
from app.engine.parameters import parameters
from app.engine.words import config_form, curves, known_panels, words


def table() -> dict[str, Any]:
    """Returns the table, which JSON can hold."""
    return {
        "parameters": parameters(),
        "config": config_form(),
        "words": words(),
        "curves": curves(),
        "panels": known_panels(),
        "analysis": analysis(),
    }
