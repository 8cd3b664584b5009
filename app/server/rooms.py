"""The addresses of rooms. Their contract is in docs/operating.md: scripts outside this repository rest on it."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.rooms import codes
from app.rooms.events import seat_event, until_left
from app.rooms.limits import ANSWER_BYTES, MOVE_BYTES
from app.rooms.refused import TOO_MUCH, WRONG, Refused
from app.rooms.rooms import Room, Rooms
from app.server.requests import body_of, check_origin, fields_of, json_of, prefix_of, secret_of
from app.server.routes import ANYWHERE
from app.tours.limits import DOCUMENT_BYTES

STREAM: Final = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # a proxy that gathers what it passes on would keep every move to itself
}
UNKEPT: Final = {"Cache-Control": "no-store"}
FILES: Final = {"csv": ("text/csv; charset=utf-8", "csv"), "record": ("application/json", "json")}
"""The forms in which results are saved: their kind, and the ending of the file."""
CONNECTIONS: Final = 8_192
"""Files that this process may have open."""
Answer = Callable[[Request], Awaitable[Response]]
Serve = Callable[[Rooms, Request], Awaitable[Response]]


async def begin_room(rooms: Rooms, request: Request) -> Response:
    """Opens a room on a tour by its id, or on a document; with `?rehearsal=1` for a simulated class."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "text/markdown":
        try:
            tour, document = "", (await body_of(request, DOCUMENT_BYTES)).decode()
        except UnicodeDecodeError:
            raise Refused(WRONG, "This document is not UTF-8.") from None
    else:
        (tour,), document = fields_of(await json_of(request, MOVE_BYTES), "tour"), None
        if not isinstance(tour, str):
            raise Refused(WRONG, "tour is no name: use that of a tour which is served here.")
    code, secret = await rooms.begin_room(tour, document, request.query_params.get("rehearsal") == "1")
    made = {"code": code, "secret": secret, "join": f"{prefix_of(request)}/room/{code}"}
    return JSONResponse(made, 201, UNKEPT)


async def take_answer(rooms: Rooms, request: Request) -> Response:
    """Takes one tab's answer to one question."""
    body = await json_of(request, ANSWER_BYTES)
    await rooms.take_answer(request.path_params["code"], *fields_of(body, "who", "scene", "question", "answer"))
    return Response(status_code=204)


async def move(rooms: Rooms, request: Request) -> Response:
    """Makes a teacher's move. A stranger is turned away before anything of the body is looked at."""
    code, secret = request.path_params["code"], secret_of(request)
    await rooms.taught(code, secret)
    return JSONResponse(await rooms.move(code, secret, await json_of(request, MOVE_BYTES)), headers=UNKEPT)


async def results(rooms: Rooms, request: Request) -> Response:
    """Shows a teacher what was answered, in all scenes or in one."""
    form, scene = request.query_params.get("format", "json"), request.query_params.get("scene", "")
    if form not in ("json", *FILES):
        raise Refused(WRONG, "format is unknown: use json, csv or record.")
    if scene and not (scene.isascii() and scene.isdigit() and len(scene) < 5):
        raise Refused(WRONG, "scene is no number of a scene: leave it out for all of them.")
    code = request.path_params["code"]
    found = await rooms.results(code, secret_of(request), form, int(scene) if scene else None)
    if form == "json":
        return JSONResponse(found, headers=UNKEPT)
    kind, ending = FILES[form]
    saved = {"Content-Disposition": f'attachment; filename="room.{ending}"', "Content-Type": kind}
    return Response(found, headers={**UNKEPT, **saved})


async def begin_stream(rooms: Rooms, request: Request) -> Response:
    """Lets a tab listen to a room. One that gives its token as `who` gets its seat; one with `watch`, which is 1 or a
    teacher's key, is not counted as here.
    """
    room = await rooms.room(request.path_params["code"])
    if request.method == "HEAD":
        return Response(headers=STREAM)
    watch = request.query_params.get("watch", "")
    if rooms.let_in(room, watch):
        return _Stream(room, None, b"", is_teachers=True)
    if (who := request.query_params.get("who")) is not None:
        tab, seat = await rooms.take_seat(room, who)
        return _Stream(room, tab, seat_event(seat))
    return _Stream(room, None if watch == "1" else object(), b"")


async def screen_key(rooms: Rooms, request: Request) -> Response:
    """Tells a teacher the key by which her screens listen, however many others do."""
    room = await rooms.taught(request.path_params["code"], secret_of(request))
    return JSONResponse({"watch": codes.screen_key(room.secret)}, headers=UNKEPT)


class _Stream(Response):
    """An answer that goes on for as long as its reader stays."""

    def __init__(self, room: Room, tab: object, first: bytes, is_teachers: bool = False):
        super().__init__(headers=STREAM)
        del self.headers["content-length"]
        self._hub, self._first = room.hub, first
        self._reader = self._hub.take_in(tab, is_teachers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def speak(text: bytes) -> None:
            await send({"type": "http.response.body", "body": text, "more_body": True})

        async def left() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await until_left(self._hub.speak(self._reader, speak, self._first), left())
            with suppress(OSError, TimeoutError):  # who took nothing for long does not take the end either
                await asyncio.wait_for(send({"type": "http.response.body", "body": b""}), 1.0)
        finally:
            self._hub.leave(self._reader)


def answered(rooms: Rooms, serve: Serve) -> Answer:
    """Returns what answers a request as `serve` does, and with a refusal as JSON."""

    async def answer(request: Request) -> Response:
        try:
            check_origin(request)
            return await serve(rooms, request)
        except Refused as refusal:
            later = {"Retry-After": "1"} if refusal.status == TOO_MUCH else {}
            return JSONResponse({"error": str(refusal)}, refusal.status, {**UNKEPT, **later})

    return answer


def room_routes(rooms: Rooms) -> list[Route]:
    """Returns the addresses of these rooms. Their pages go beside them: :func:`app.server.room_pages.page_routes`."""
    served: list[tuple[str, str, Serve]] = [
        ("rooms", "POST", begin_room),
        ("rooms/{code}/events", "GET", begin_stream),
        ("rooms/{code}/answers", "POST", take_answer),
        ("rooms/{code}/state", "POST", move),
        ("rooms/{code}/results", "GET", results),
        ("rooms/{code}/watch", "GET", screen_key),
    ]
    return [
        Route(f"{base}/lab/{address}", answered(rooms, serve), methods=[method])
        for base in ANYWHERE
        for address, method, serve in served
    ]


def end_streams_with(rooms: Rooms, call: Callable[..., Any]) -> None:
    """Has a signal to end the server end all streams first: it waits for its readers, who would never leave. `call`
    puts a call on the server's loop.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)

        def end(number: int, frame: Any, before: Any = before) -> None:
            call(rooms.end_streams)
            if callable(before):
                before(number, frame)

        if callable(before):
            signal.signal(number, end)


def allow_connections() -> None:
    """Allows this process a connection for each student, as far as the system lets it: many systems begin at 1,024
    files, of which the lab has some hundred open itself.
    """
    if sys.platform == "win32":
        return
    import resource

    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS if most == resource.RLIM_INFINITY else min(CONNECTIONS, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


@asynccontextmanager
async def keeping(rooms: Rooms) -> AsyncIterator[None]:
    """Keeps rooms as long as the server runs."""
    allow_connections()
    end_streams_with(rooms, asyncio.get_running_loop().call_soon_threadsafe)
    try:
        yield
    finally:
        await rooms.close()
