"""Serves what the pages of rooms ask for beside their contract: a room's tour, a teacher's notes, everyone's start, and
a class's record that is opened again.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from app.jobs import ensembles, tours
from app.jobs.job import Job
from app.jobs.queue import Busy
from app.jobs.tours import Playable, name_of
from app.rooms.library import Folders
from app.rooms.record import RECORD_BYTES, read_record
from app.rooms.refused import CONFLICT, TOO_MUCH, UNKNOWN, WRONG, Refused
from app.rooms.rooms import Rooms
from app.server.requests import body_of, secret_of
from app.server.rooms import UNKEPT, Answer, answered
from app.server.routes import ANYWHERE, for_ever
from app.standalone.standalone import is_made_here
from app.tour_player.published import publish_tour, seconds_of, tour_key
from app.views.starts import Group, sentences
from app.views.texts import words_of
from ulpm_core import ConfigError, RunConfig
from ulpm_core.model.shapes import Array

LOOK_SECONDS: Final = 0.1
"""Between two looks at a job."""
WATCHED_SECONDS: Final = 5.0
RECORDS: Final = 2
"""So many are read at once: each may take a few hundred megabytes for that moment."""
TOGETHER: Final = 16
"""Starts are followed by so many at a time: who comes late does not have all of them followed anew."""


class Tours:
    """The tours of this server's rooms: whoever asks first has the films made, and all wait for them together."""

    def __init__(self, rooms: Rooms, library: Folders):
        self.rooms, self.library = rooms, library
        self.reading = asyncio.Semaphore(RECORDS)
        self._making: dict[str, asyncio.Task[Playable]] = {}

    async def of_room(self, code: str) -> tuple[str, Playable]:
        """Returns the tour of a room, and its key. Raises :class:`Refused`."""
        room = await self.rooms.room(code)
        return await self.of(await self.rooms.source(room), room.tour)

    async def of(self, source: str, tour: str) -> tuple[str, Playable]:
        """Returns a tour, and its key. Raises :class:`Refused` where its films cannot be had."""
        key = tour_key(source, tour)
        if isinstance(found := tours.tour_of(key), Playable):
            return key, found
        if isinstance(found, str):
            raise Refused(WRONG, found)
        making = self._making.get(key)
        if making is None:
            making = self._making[key] = asyncio.create_task(self._start(key, source, tour))
            making.add_done_callback(lambda _: self._making.pop(key, None))
        return key, await asyncio.shield(making)

    async def _start(self, key: str, source: str, tour: str) -> Playable:
        try:
            read = await asyncio.to_thread(self.library.read, source, tour)
            job = tours.start(key, seconds_of(read), partial(publish_tour, read), key)
        except ConfigError as refusal:
            raise Refused(WRONG, str(refusal)) from None
        except Busy as busy:
            raise Refused(TOO_MUCH, str(busy)) from None
        await until_done(job, key)
        found = tours.tour_of(key)
        if isinstance(found, Playable):
            return found
        raise Refused(WRONG if found else TOO_MUCH, found or job.failure or job.FAILED)


async def until_done(job: Job, visitor: str) -> None:
    """Waits for a job, watching it."""
    while not job.done.is_set():
        job.watch(visitor, WATCHED_SECONDS)
        await asyncio.sleep(LOOK_SECONDS)


async def tour_of_room(tours: Tours, rooms: Rooms, request: Request) -> Response:
    """Leads to the tour of a room, once its films are made: a teacher to the whole, a class to its questions without
    the answers. The address that it leads to may be kept for ever.
    """
    code, secret = request.path_params["code"], secret_of(request)
    if secret:
        await rooms.taught(code, secret)
    key, tour = await tours.of_room(code)
    return RedirectResponse(f"../../tour/{name_of(key, tour.whole if secret else tour.asking)}", 307, UNKEPT)


def tour_by_digest(request: Request) -> Response:
    """Serves a tour by its key and its digest."""
    name = request.path_params["name"]
    key = name.partition("-")[0]
    found = tours.tour_of(key)
    for page in (found.whole, found.asking) if isinstance(found, Playable) else ():
        if name_of(key, page) == name:
            return for_ever(request, "application/json", page)
    return PlainTextResponse("This tour is no longer kept: ask its room for it.", 404)


async def revealed(tours: Tours, rooms: Rooms, request: Request) -> Response:
    """Tells a class what is right of the questions that its teacher has revealed, and why."""
    room = await rooms.room(request.path_params["code"])
    _, tour = await tours.of_room(room.code)
    places = room.hub.state.revealed
    told = [{"scene": scene, "question": one, **tour.answers[scene][one]} for scene, one in places]
    return JSONResponse({"revealed": told}, headers=UNKEPT)


async def notes(tours: Tours, rooms: Rooms, request: Request) -> Response:
    """Shows a teacher the notes of each scene."""
    code = request.path_params["code"]
    await rooms.taught(code, secret_of(request))
    _, tour = await tours.of_room(code)
    return JSONResponse({"notes": tour.notes}, headers=UNKEPT)


async def starts(tours: Tours, rooms: Rooms, request: Request) -> Response:
    """Shows the class everyone's start, once its teacher shows it: how the margin of each grows, by their numbers."""
    room = await rooms.room(request.path_params["code"])
    state = room.hub.state
    if not state.starts:
        raise Refused(CONFLICT, "The teacher does not show the starts of this class at the moment.")
    seats = min(max(await rooms.seats(room), 1), ensembles.RUNS)
    tour = await asyncio.to_thread(tours.library.read, await rooms.source(room), room.tour)
    film = tour.scenes[state.scene].film
    config = film.state.config if film and film.state else None
    if not isinstance(config, RunConfig):
        raise Refused(WRONG, "This scene shows no run that begins at a seed: go to one that does.")
    try:
        first = ensembles.of_students(config)
        group = await _followed(first, -(-seats // TOGETHER) * TOGETHER, room.code)
    except (ConfigError, Busy) as refusal:
        raise Refused(WRONG if isinstance(refusal, ConfigError) else TOO_MUCH, str(refusal)) from None
    few = Group(group.name, group.log_time, group.gamma[:seats], group.seeds[:seats])
    own = first.with_changes(snapshots=RunConfig.snapshots)
    made = json.loads(own.to_json()) if is_made_here(own) else None
    return JSONResponse({**_lines(few), "config": made}, headers=UNKEPT)


async def _followed(first: RunConfig, runs: int, visitor: str) -> Group:
    """Returns so many starts, followed to the end. Raises :class:`Busy` and :class:`ConfigError`."""
    known = ensembles.starts_of((first,), runs)
    if known is None:
        job = ensembles.start((first,), visitor, runs)
        await until_done(job, visitor)
        known = ensembles.starts_of((first,), runs)
        if known is None:
            raise Refused(TOO_MUCH, job.failure or job.FAILED)
    return known[0]


def _lines(group: Group) -> dict[str, Any]:
    """Returns starts as the browser draws them, margins to four digits; what is not finite is null."""
    times = group.log_time if group.log_time.ndim == 1 else group.log_time[0]  # the flow's records: the same for all
    return {
        "log_time": _finite(times.round(4)),
        "gamma": [_finite(row) for row in group.gamma.round(4)],
        "seeds": group.seeds.tolist(),
        "words": " ".join(map(words_of, sentences([group]))),
    }


def _finite(values: Array) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values.tolist()]


async def open_record(tours: Tours, rooms: Rooms, request: Request) -> Response:
    """Opens a class's record, of which nothing is kept here."""
    data = await body_of(request, RECORD_BYTES)
    async with tours.reading:
        record = await asyncio.to_thread(read_record, data, tours.library)
    key, tour = await tours.of(record.source, record.name)
    shown = {"day": record.day, "title": record.outline.title, "scenes": record.scenes, "notes": tour.notes}
    return JSONResponse({**shown, "tour": f"lab/tour/{name_of(key, tour.whole)}"}, headers=UNKEPT)


async def nothing(rooms: Rooms, request: Request) -> Response:
    """Refuses what no address of rooms takes: Streamlit would answer it with a page, as if all were well."""
    raise Refused(UNKNOWN, f"Nothing here takes {request.method}: docs/operating.md lists what rooms are asked for.")


Asked = Callable[[Tours, Rooms, Request], Any]
METHODS: Final = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def tour_routes(tours: Tours) -> list[Route]:
    """Returns the addresses of what the pages of rooms ask for."""
    asked: list[tuple[str, str, Asked]] = [
        ("rooms/{code}/tour", "GET", tour_of_room),
        ("rooms/{code}/revealed", "GET", revealed),
        ("rooms/{code}/notes", "GET", notes),
        ("rooms/{code}/starts", "GET", starts),
        ("records", "POST", open_record),
    ]
    served: list[tuple[str, str, Answer]] = [
        (address, method, answered(tours.rooms, partial(serve, tours))) for address, method, serve in asked
    ]
    return [
        *(Route(f"{base}/lab/{at}", answer, methods=[method]) for base in ANYWHERE for at, method, answer in served),
        *(Route(f"{base}/lab/tour/{{name}}", tour_by_digest) for base in ANYWHERE),
        *(
            Route(f"{base}/lab/{address}", answered(tours.rooms, nothing), methods=METHODS)
            for base in ANYWHERE
            for address in ("rooms", "rooms/{rest:path}", "records")
        ),
    ]
