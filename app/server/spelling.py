"""Takes addresses as people write them: /Theory leads to /theory. Streamlit would open its first screen instead."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


def meant(path: str) -> str:
    """Returns the name of the screen that a path spells with capitals, empty for any other path: screens have small
    letters alone, and an unknown one leads to the first.

    >>> meant("/course/Theory"), meant("/theory"), meant("/lab/code/Theory.js")
    ('theory', '', '')
    """
    name = path.rpartition("/")[2]
    return name.lower() if name.isascii() and name.isalpha() and name != name.lower() else ""


class Spelling:
    """ASGI middleware that sends a browser on to the screen that was meant, with all of its link."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = meant(scope["path"]) if scope["type"] == "http" else ""
        if not name:
            await self.app(scope, receive, send)
            return
        query = scope["query_string"]
        there = name.encode() + b"?" * bool(query) + query  # beside the address that was asked for, under any base path
        await send({"type": "http.response.start", "status": 307, "headers": [(b"location", there)]})
        await send({"type": "http.response.body", "body": b""})
