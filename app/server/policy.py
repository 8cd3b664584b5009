"""The headers that say what a browser may do with a page of ours."""

from __future__ import annotations

import re
from typing import Final

from app.player.carrying import source_of

SOURCES: Final = {
    "default-src": "'none'",
    # blob: is what Streamlit makes of a component's code; its 64-bit integers are WebAssembly.
    "script-src": "'self' blob: 'wasm-unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",  # Streamlit, Plotly and the player write styles
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
"""Everything comes from here, and nothing goes elsewhere. Nothing is said of frame-ancestors: the lab is made to stand
in course pages, and in slides that are opened from a disk, which even * would keep out. A page in a frame can do no
harm: it has no accounts, no secrets, and nothing to click that costs anything."""

EVERYWHERE: Final = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
"""Headers of every answer. A link holds a teacher's question, which is nobody else's business."""

ROOM_PAGE: Final = "; ".join(
    f"{name} {allowed}"
    for name, allowed in {
        **SOURCES,
        "script-src": "'self' 'wasm-unsafe-eval'",
        "worker-src": "blob:",
        "form-action": "'self'",
    }.items()
)
"""The policy of a student's page: no script stands in it, and a document's words could run none."""
TEACHERS_PAGE: Final = f"{ROOM_PAGE}; frame-ancestors 'none'"
"""A teacher's page moves a room, so it stands in nobody's frame."""

INLINE: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def policy_of(page: str) -> str:
    """Returns the Content-Security-Policy of a page: the scripts inside it may run as they are, and no others.

    >>> "'sha256-RFWPLDbv2BY+rCkDzsE+0fr8ylGr2R2faWMhq4lfEQc='" in policy_of("<script>doSomething();</script>")
    True
    """
    inside = "".join(f" {source_of(script)}" for script in INLINE.findall(page))
    sources = {**SOURCES, "script-src": SOURCES["script-src"] + inside}
    return "; ".join(f"{name} {allowed}" for name, allowed in sources.items())
