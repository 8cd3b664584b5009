"""Whoever leaves while something is sent to them leaves nothing in the log; what is wrong on our side stays there."""

from __future__ import annotations

import asyncio

import pytest
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.server.departures import Departures


def visited(endpoint, sent):
    """A visit of this endpoint over a line that `sent` is given each message of."""

    async def receive():
        return {"type": "websocket.connect"}

    async def app(scope, receive, send):
        await endpoint(WebSocket(scope, receive, send))

    asyncio.run(Departures(app)({"type": "websocket"}, receive, sent))


async def as_streamlit_does(line):
    await line.accept()
    with pytest.raises(WebSocketDisconnect):
        await line.send_bytes(b"the page")
    try:
        await line.receive_bytes()
    except RuntimeError:
        await line.close()


def test_a_line_that_breaks_while_something_is_sent_is_no_error():
    kinds = []

    async def broken(message):
        kinds.append(message["type"])
        if message["type"] == "websocket.send":
            raise OSError

    visited(as_streamlit_does, broken)
    assert kinds == ["websocket.accept", "websocket.send"]


def test_an_error_on_a_line_that_stands_is_raised():
    async def fails(line):
        await line.accept()
        raise RuntimeError("ours")

    async def stands(message):
        return None

    with pytest.raises(RuntimeError, match="ours"):
        visited(fails, stands)
