"""A text of a visitor's that her browser keeps, so that it outlives her tab and our server."""

from __future__ import annotations

from typing import Final

from app.component.component import component
from app.component.served import Served, text_of

ROOT: Final = "<i hidden></i>"
SCRIPT: Final = Served("kept.js", lambda: text_of("component/kept.js"))


def keep(name: str, text: str | None) -> str | None:
    """Has the browser keep a text under a name; an empty one is forgotten. Where the page has none yet, None, returns
    what was kept, once the browser has answered: it comes from anybody.
    """
    kept = component("collapse_lab_kept", ROOT, SCRIPT)
    found = kept(data={"name": name, "text": text}, key=name, on_found_change=lambda: None).found
    return found if isinstance(found, str) else None
