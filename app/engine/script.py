"""What a page carries of the engine: the worker's script, and the table as text."""

from __future__ import annotations

import json

from app.engine.table import table
from app.player.modules import joined


def worker_script() -> str:
    """Returns the script of the Web Worker, which imports nothing."""
    return joined("player/engine/worker.js")


def table_json() -> str:
    """Returns the table as JSON that may stand in a script element: nothing in it ends the element early."""
    return json.dumps(table(), ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")
