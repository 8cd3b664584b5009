"""Keeps visitors who leave in mid-message out of the log: Streamlit closes their connection again, which fails, and
would leave a traceback for each.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Departures:
    """ASGI middleware that takes a failure on the connection of a visitor who has left for no error."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        left = False

        async def pass_on(message: Message) -> None:
            nonlocal left
            try:
                await send(message)
            except OSError:
                left = True
                raise

        try:
            await self.app(scope, receive, pass_on if scope["type"] == "websocket" else send)
        except RuntimeError:
            if not left:
                raise
