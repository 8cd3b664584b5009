"""What a browser is told before the page runs: what to fetch at once, and what to show where a link is pasted."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.player.player import PLOTLY

WORDS: Final = "Turn a knob and watch neural collapse happen: features fold into a simplex, with every number beside."
HEAD: Final = (
    f'<link rel="preload" href="{PLOTLY.address}" as="script">'
    f'<meta name="description" content="{WORDS}">'
    f'<meta property="og:title" content="Collapse Lab"><meta property="og:description" content="{WORDS}">'
)
"""Plotly comes while Streamlit starts, not after it."""
CHANGED: Final = (b"content-length", b"etag", b"last-modified")
"""Headers of the page as it was before."""


class Head:
    """ASGI middleware that puts HEAD into every HTML page."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        start: Message = {}
        chunks: list[bytes] = []

        async def collect(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_plain_html(message):
                start = message
            elif start and message["type"] == "http.response.body":
                chunks.append(message.get("body", b""))
                if not message.get("more_body"):
                    await _send_page(start, b"".join(chunks), send)
            else:
                await send(message)

        await self.app(scope, receive, collect)


def _is_plain_html(message: Message) -> bool:
    headers = {name.lower(): value for name, value in message["headers"]}
    return headers.get(b"content-type", b"").startswith(b"text/html") and b"content-encoding" not in headers


async def _send_page(start: Message, page: bytes, send: Send) -> None:
    page = page.replace(b"</head>", HEAD.encode() + b"</head>", 1)
    kept = [(name, value) for name, value in start["headers"] if name.lower() not in CHANGED]
    await send({**start, "headers": [*kept, (b"content-length", str(len(page)).encode())]})
    await send({"type": "http.response.body", "body": page})
