"""What a page with a tour in it fetches once: how tours look, and the engine that turns their knobs."""

from __future__ import annotations

import json
from typing import Final

from app.component.served import Served, text_of
from app.engine.script import worker_script
from app.standalone.table import standalone_table

STYLES: Final = (*(f"tour_player/{name}.css" for name in ("tour", "talk", "predictions")), "standalone/knobs.css")
TOUR_STYLE: Final = Served("tour.css", lambda: "".join(map(text_of, ("player/player.css", *STYLES))))
ENGINE: Final = Served("engine.js", worker_script)
TABLE: Final = Served(
    "table.json", lambda: json.dumps(standalone_table(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
)
"""What the engine and the knobs read from Python."""
