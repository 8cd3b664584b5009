"""A text to copy, with a button that copies it. Streamlit's own comes with 1.5 MB of syntax highlighter."""

from __future__ import annotations

from typing import Final

from app.component.component import component
from app.component.served import Served, text_of
from app.player.modules import joined

COPY: Final = "Copy"
COPIED: Final = "Copied"
SELECTED: Final = "Selected: copy it with your keys"
"""Said where a browser lets no page copy."""
ROOT: Final = (
    '<div class="lab-copyable"><pre tabindex="0" role="region"></pre>'
    f'<button type="button">{COPY}</button><span role="status"></span></div>'
)
SCRIPT: Final = Served("copyable.js", lambda: joined("page/copyable.js"))
STYLE: Final = Served("copyable.css", lambda: text_of("page/copyable.css"))


def copyable(text: str, *, key: str, label: str, link: bool = False) -> None:
    """Shows a text as it is, and a button that copies it. `label` is what a screen reader calls it.

    A `link` is completed by the browser: which view, camera, moment and speed the player shows stands in its address.
    """
    data = {"text": text, "label": label, "link": link, "copied": COPIED, "selected": SELECTED}
    component("collapse_lab_copyable", ROOT, SCRIPT, STYLE)(data=data, key=key)
