"""Takes addresses as people write them: /Theory leads to /theory, /Room/KFQXW to /room/KFQXW. Streamlit would open its
first screen instead.
"""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

CODED: Final = ("room", "teach")
"""The parts of an address that stand before the code of a room."""


def meant(path: str) -> str:
    """Returns the address, as seen from a path, of what that spells with capitals; empty for any other path: screens
    have small letters alone, and an unknown one leads to the first. The code of a room is no screen.

    >>> meant("/course/Theory"), meant("/theory"), meant("/lab/code/Theory.js")
    ('theory', '', '')
    >>> meant("/course/Room/KFQXW"), meant("/course/room/KFQXW")
    ('../room/KFQXW', '')
    """
    folder, _, name = path.rpartition("/")
    if not (name.isascii() and name.isalpha()):
        return ""
    page = folder.rpartition("/")[2]
    if page.lower() in CODED:
        return f"../{page.lower()}/{name}" if page not in CODED else ""
    return name.lower() if name != name.lower() else ""


class Spelling:
    """ASGI middleware that sends a browser on to the page that was meant, with all of its link."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = meant(scope["path"]) if scope["type"] == "http" else ""
        if not address:
            await self.app(scope, receive, send)
            return
        query = scope["query_string"]
        there = address.encode() + b"?" * bool(query) + query  # as seen from what was asked for, under any base path
        await send({"type": "http.response.start", "status": 307, "headers": [(b"location", there)]})
        await send({"type": "http.response.body", "body": b""})
