"""ASGI middleware that puts our headers on every answer, and our beginning into the page that Streamlit sends."""

from __future__ import annotations

import gzip
from functools import lru_cache
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.server.first_picture import PRESETS_OF, with_first
from app.server.policy import EVERYWHERE, policy_of

STREAMLITS: Final = b'<div id="root"></div>'
"""What tells Streamlit's page from other HTML, such as a film to download."""


class HtmlHead:
    """Puts `EVERYWHERE` on each answer, and gives pages their head, first film, policy and compression."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        page: list[Message] = []

        async def pass_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(EVERYWHERE)
                if scope["method"] == "GET" and _is_html(message):
                    page.append(message)
                    return
            elif page:
                page.append(message)
                if not message.get("more_body"):
                    await _send_page(page, scope, send)
                return
            await send(message)

        await self.app(scope, receive, pass_on)


def _is_html(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")


async def _send_page(messages: list[Message], scope: Scope, send: Send) -> None:
    start, *chunks = messages
    body = b"".join(chunk.get("body", b"") for chunk in chunks)
    headers = MutableHeaders(scope=start)
    came = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body  # as below the first screen
    if STREAMLITS in came:
        # Only the playground's path ends with a slash: below it Streamlit redirects to the path without one.
        screen = scope["path"].rpartition("/")[2]
        begun = screen if screen in PRESETS_OF and not scope["query_string"] else None
        plain, compressed, policy = _page(came.decode(), begun)
        del headers["etag"], headers["last-modified"], headers["content-encoding"]
        headers.update({"Content-Security-Policy": policy, "Vary": "Accept-Encoding"})
        body = plain
        if "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            headers["content-encoding"], body = "gzip", compressed
        headers["content-length"] = str(len(body))
    await send(start)
    await send({"type": "http.response.body", "body": body})


@lru_cache(len(PRESETS_OF) + 1)
def _page(page: str, screen: str | None) -> tuple[bytes, bytes, str]:
    """Returns Streamlit's page with what is ours, the same compressed, and its policy."""
    page = with_first(page, screen)
    return page.encode(), gzip.compress(page.encode()), policy_of(page)
