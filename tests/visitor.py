"""A visitor without a browser: speaks Streamlit's messages over its websocket, and fetches films over HTTP."""

from __future__ import annotations

import asyncio
import re
import time
from types import TracebackType

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

FILM = re.compile(rb"lab/film/([0-9a-f]{16})-[0-9a-f]{16}")
SMALL = 400
"""Bytes of the longest message that can be about the script rather than about what it shows."""
PATIENCE = 120.0


class Visitor:
    """One tab: opened on a link or a screen, it turns knobs by name and waits for what they show. An asynchronous
    context.
    """

    def __init__(self, port: int, link: str = "", screen: str = "", cookie: str = "") -> None:
        self.port, self.link, self.screen, self.cookie = port, link, screen, cookie
        self.films: dict[bytes, bytes] = {}
        """Addresses of films by the first letters of their runs' digests, the newest of each."""
        self.messages = self.bytes = 0
        self._widgets: dict[str, WidgetState] = {}
        self._ids: dict[str, str] = {}
        self._page = ""
        self._again: dict[str, asyncio.Task[None]] = {}
        self._finished = False

    async def __aenter__(self) -> Visitor:
        address = f"ws://127.0.0.1:{self.port}/_stcore/stream"
        self._socket = await websockets.connect(
            address, subprotocols=["streamlit"], compression=None, max_size=None, open_timeout=PATIENCE,
            origin=f"http://127.0.0.1:{self.port}", ping_interval=None,
            additional_headers={"Cookie": self.cookie} if self.cookie else None,
        )  # fmt: skip
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for task in self._again.values():
            task.cancel()
        await self._socket.close()

    async def open(self, digest: str = "") -> float:
        """Opens the page, learns its widgets; seconds until it is drawn and the film of this digest is there."""
        return await self._seconds_of(self._rerun(), digest, learn=True)

    async def turn(self, knob: str, kind: str, value: object, digest: str = "") -> float:
        """Turns a knob whose value is of this kind; seconds until the page and the film of this digest are there."""
        state = WidgetState(id=self._ids[knob])
        if kind.endswith("array_value"):
            getattr(state, kind).data.extend(value if isinstance(value, list) else [value])
        else:
            setattr(state, kind, value)
        self._widgets[knob] = state
        return await self._seconds_of(self._rerun(), digest)

    def _rerun(self, fragment: str = "") -> BackMsg:
        message = BackMsg()
        script = message.rerun_script
        script.query_string, script.page_script_hash, script.page_name = self.link, self._page, self.screen
        script.fragment_id, script.is_auto_rerun = fragment, bool(fragment)
        script.widget_states.widgets.extend(self._widgets.values())
        return message

    async def _seconds_of(self, asked: BackMsg, digest: str, learn: bool = False) -> float:
        begun, wanted = time.perf_counter(), digest[:16].encode()
        self._stop_again()
        self._finished = False
        await self._socket.send(asked.SerializeToString())
        until = begun + PATIENCE
        while not self._finished or (wanted and wanted not in self.films):
            data = await asyncio.wait_for(self._socket.recv(), until - time.perf_counter())
            assert isinstance(data, bytes)
            self._hear(data, learn)
        if wanted:
            await self.fetch(self.films[wanted])
        return time.perf_counter() - begun

    def _hear(self, data: bytes, learn: bool) -> None:
        self.messages += 1
        self.bytes += len(data)
        if found := FILM.findall(data):
            self.films.update({found[0]: next(FILM.finditer(data)).group()})
        if not learn and len(data) > SMALL:
            return
        message = ForwardMsg.FromString(data)
        match message.WhichOneof("type"):
            case "new_session":
                self._page = message.new_session.page_script_hash
                if not message.metadata.run.fragment_ids:
                    self._stop_again()
            case "page_info_changed":
                self.link = message.page_info_changed.query_string
            case "script_finished":
                # A fragment that ends says nothing of the page; one that stops for a rerun begins another.
                status = ForwardMsg.ScriptFinishedStatus
                self._finished |= message.script_finished == status.FINISHED_SUCCESSFULLY
            case "auto_rerun":
                wish = message.auto_rerun
                self._again[wish.fragment_id] = asyncio.create_task(self._repeat(wish.fragment_id, wish.interval))
            case "stop_auto_rerun":
                self._stop_again()
            case "delta" if learn:
                self._learn(message)

    def _learn(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind is None:
            return
        name = getattr(getattr(element, kind), "id", "")
        if name.startswith("$$"):
            self._ids[name.split("-", 2)[-1]] = name

    async def _repeat(self, fragment: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self._socket.send(self._rerun(fragment).SerializeToString())

    def _stop_again(self) -> None:
        for task in self._again.values():
            task.cancel()
        self._again.clear()

    async def fetch(self, address: bytes) -> int:
        """Gets an address of the lab; the number of bytes it sent. Raises where nothing is there."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        lines = (b"GET /%s HTTP/1.1" % address, b"Host: 127.0.0.1:%d" % self.port, b"Accept-Encoding: gzip")
        lines += (b"Cookie: " + self.cookie.encode(),) if self.cookie else ()
        writer.write(b"\r\n".join((*lines, b"Connection: close", b"", b"")))
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
            assert head.startswith(b"HTTP/1.1 200"), head
            return len(await reader.read())
        finally:
            writer.close()


def quantile(values: list[float], share: float) -> float:
    """The smallest of these values that at least this share of them does not exceed.

    >>> quantile([4.0, 1.0, 3.0, 2.0], 0.5), quantile([4.0, 1.0, 3.0, 2.0], 0.95)
    (2.0, 4.0)
    """
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
