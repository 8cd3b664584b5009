"""All rooms of a server, as whoever serves them asks for them: nothing here knows of HTTP, or of a page."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from app.rooms import codes, limits, record, results, work
from app.rooms.events import Hub
from app.rooms.limits import Buckets
from app.rooms.refused import CONFLICT, FORBIDDEN, TOO_MUCH, UNKNOWN, WRONG, Refused
from app.rooms.state import State
from app.rooms.store import PATIENCE, Store
from app.rooms.tour import Library, Outline
from ulpm_core.model.refusal import ConfigError

T = TypeVar("T")
Key = TypeVar("Key")
TAB: Final = re.compile(r"[!-~]{8,100}", re.ASCII)
"""The random token of a tab, however it is written."""
SWEEP_SECONDS: Final = 60.0
HELD_SECONDS: Final = 1.0
"""How long an answer waits that says that a code is wrong, where there have been too many."""
MOST_HELD: Final = 200


class Room:
    """A room that is open: what is kept of it, and its hub."""

    def __init__(self, kept: work.Kept):
        self.id, self.code, self.secret, self.opened = kept.id, kept.code, kept.secret, kept.opened
        self.tour, self.outline = kept.tour, kept.outline
        self.hub = Hub(kept.revision, kept.state)


class Rooms:
    """The rooms of one server. They live on its event loop; the file is opened when somebody first asks for a room."""

    def __init__(self, path: Callable[[], Path], library: Library, clock: Callable[[], float] = time.time):
        self._path, self.library, self._clock = path, library, clock
        self._store: Store | None = None
        self._opening = asyncio.Lock()
        self._rooms: dict[str, Room] = {}
        self._sweeping: asyncio.Task[None] | None = None
        self._held, self._patience = 0, PATIENCE
        self._answers: Buckets[tuple[int, bytes]] = Buckets(limits.ANSWERS)
        self._streams: Buckets[tuple[int, bytes]] = Buckets(limits.STREAMS)
        self._room_answers: Buckets[int] = Buckets(limits.ROOM_ANSWERS)
        self._room_streams: Buckets[int] = Buckets(limits.ROOM_STREAMS)
        self._moves: Buckets[int] = Buckets(limits.MOVES)
        self._looks: Buckets[int] = Buckets(limits.LOOKS)
        self._openings: Buckets[None] = Buckets(limits.OPENINGS)
        self._wrong: Buckets[None] = Buckets(limits.WRONG_CODES)

    async def begin_room(self, tour: str, document: str | None, rehearsal: bool = False) -> tuple[str, str]:
        """Opens a room on a shipped or served tour, or on a document. Returns its code and its teacher's secret."""
        store = await self._opened()
        _limited(self._openings, None, "Many rooms are being opened here")
        try:
            source, outline = await asyncio.to_thread(self._read, tour, document)
        except ConfigError as refusal:
            first, *more = str(refusal).splitlines()
            raise Refused(WRONG, f"{first} ({len(more)} more)" if more else first) from None
        await self._make_place()
        code, secret, now = codes.new_code(self._rooms), codes.new_secret(), self._clock()
        opening = work.begin_room(code, codes.digest_of(secret), now, tour, source, outline, State(rehearsal=rehearsal))
        self._rooms[code] = Room(await self._do(store, opening))
        return code, secret

    def _read(self, tour: str, document: str | None) -> tuple[str, Outline]:
        source = self.library.source(tour) if document is None else document
        if source is None:
            raise Refused(UNKNOWN, "There is no tour of this name here.")
        return source, self.library.outline(source, tour)

    async def room(self, code: str) -> Room:
        """Returns an open room. Raises :class:`Refused` for a wrong code, late where there have been many."""
        await self._opened()
        room = self._rooms.get(codes.meant(code))
        if room is not None and self._clock() < room.opened + limits.ROOM_SECONDS:
            return room
        await self._slow_guesses()
        raise Refused(UNKNOWN, work.NO_ROOM)

    async def _slow_guesses(self) -> None:
        """Counts a wrong code. Beyond so many its answer is late, and says that there were too many. A right code is
        always answered at once: whoever guesses in bulk shuts no class out.
        """
        try:
            _limited(self._wrong, None, "Many wrong codes were tried here")
        except Refused:
            if self._held < MOST_HELD:
                self._held += 1
                try:
                    await asyncio.sleep(HELD_SECONDS)
                finally:
                    self._held -= 1
            raise

    async def taught(self, code: str, secret: str) -> Room:
        """Returns an open room to its teacher. Raises :class:`Refused` for anybody else."""
        room = await self.room(code)
        if not codes.is_secret(secret, room.secret):
            raise Refused(FORBIDDEN, "Only the teacher who opened this room may do this.")
        return room

    async def take_answer(self, code: str, who: object, scene: object, question: object, answer: object) -> None:
        """Takes an answer, which is on the disk once this returns."""
        room, tab = await self.room(code), _tab(who)
        _limited(self._answers, (room.id, tab), "This tab answers faster than anybody can")
        _limited(self._room_answers, room.id, "Very many answers come in")
        answering = work.take_answer(room.id, room.outline, tab, scene, question, answer)
        seat = await self._do(await self._opened(), answering)
        room.hub.note_answer(scene, seat)  # type: ignore[arg-type]  # it was checked as the place of a scene

    async def take_seat(self, room: Room, who: object) -> tuple[bytes, int]:
        """Gives a tab its seat in a room that it begins to listen to. Returns what to know the tab by, and the seat."""
        tab = _tab(who)
        _limited(self._streams, (room.id, tab), "This tab comes back too often")
        return tab, await self._do(await self._opened(), work.take_seat(room.id, tab))

    def let_in(self, room: Room, watch: str) -> bool:
        """Lets one more stream begin, and returns whether its key is that of a teacher's screen, which nobody can crowd
        out. Raises :class:`Refused` where the room has ended, or too many come.
        """
        if room.hub.state.ended:
            raise Refused(CONFLICT, "This room has ended.")
        if codes.is_screen_key(watch, room.secret):
            return True
        _limited(self._room_streams, room.id, "Very many come in")
        return False

    async def move(self, code: str, secret: str, move: object) -> dict[str, Any]:
        """Makes a teacher's move, and returns the state after it."""
        room = await self.taught(code, secret)
        _limited(self._moves, room.id, "These are very many moves")
        moving = work.moving(room.id, room.outline, move, self._clock())
        revision, state = await self._do(await self._opened(), moving)
        room.hub.move(revision, state, move if isinstance(move, dict) else ())
        return state.told()

    async def results(self, code: str, secret: str, form: str = "json", scene: int | None = None) -> Any:
        """Returns what was answered: to be shown (`json`), as a table (`csv`), or as a class's record (`record`)."""
        room = await self.taught(code, secret)
        _limited(self._looks, room.id, "These are very many looks")
        if form != "json" and room.hub.state.rehearsal:
            raise Refused(CONFLICT, "A rehearsal has no record: its students are simulated.")
        store = await self._opened()
        answers = await self._do(store, work.answers(room.id, scene))
        if form == "csv":
            return await asyncio.to_thread(results.table, room.outline, answers)
        if form == "record":
            source = await self._do(store, work.source(room.id))
            return await asyncio.to_thread(record.written, source, room.tour, room.outline, answers, room.opened)
        hub, scenes = room.hub, await asyncio.to_thread(results.scenes, room.outline, answers, scene)
        return {"here": hub.here, "answered": hub.answered, "state": hub.state.told(), "scenes": scenes}

    async def source(self, room: Room) -> str:
        """Returns the Markdown of a room's tour, of which the student's page is made."""
        return await self._do(await self._opened(), work.source(room.id))

    async def seats(self, room: Room) -> int:
        """Returns how many have a seat in a room, which have the numbers from 0."""
        return await self._do(await self._opened(), work.seats(room.id))

    def end_streams(self) -> None:
        """Ends every stream, so that the server can: readers come back to the one that follows it."""
        for room in self._rooms.values():
            room.hub.close()

    async def close(self) -> None:
        """Lets go of the file."""
        self.end_streams()
        if self._sweeping:
            self._sweeping.cancel()
        if (store := self._store) is not None:
            self._store = None
            await asyncio.to_thread(store.close)

    async def _opened(self) -> Store:
        if self._store:
            return self._store
        async with self._opening:
            if self._store is None:
                try:
                    patience, self._patience = self._patience, 0.0  # waiting again would hold up everybody
                    store = await asyncio.to_thread(Store, self._path(), patience)
                except (OSError, sqlite3.Error) as error:
                    logging.getLogger(__name__).error("The file of rooms, %s, cannot be used: %s", self._path(), error)
                    raise Refused(CONFLICT, "This server cannot keep rooms at the moment: its log says why.") from None
                self._rooms = {kept.code: Room(kept) for kept in await store.do(work.rooms)}
                by_id = {room.id: room for room in self._rooms.values()}
                for room, scene, seat in await store.do(work.answered):
                    by_id[room].hub.note_answer(scene, seat)
                self._store = store
                self._sweeping = asyncio.create_task(self._sweep(store))
        return self._store

    async def _do(self, store: Store, piece: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return await store.do(piece)
        except sqlite3.Error as error:
            logging.getLogger(__name__).error("The file of rooms, %s, cannot be written: %s", self._path(), error)
            raise Refused(TOO_MUCH, "This server cannot write at the moment: try again.") from None

    async def _make_place(self) -> None:
        """Makes place for one more room: rooms in which nobody has ever been go first."""
        if len(self._rooms) < limits.ROOMS:
            return
        store = await self._opened()
        for number, code, used in await self._do(store, work.unused):
            if self._clock() > used + limits.IDLE_SECONDS and not self._rooms[code].hub.is_heard:
                await self._forget(store, [number])
                return
        raise Refused(TOO_MUCH, f"{limits.ROOMS} rooms are open here, which is all there is place for: try later.")

    async def _forget(self, store: Store, ids: list[int]) -> None:
        await self._do(store, work.closing(ids))
        for room in [room for room in self._rooms.values() if room.id in ids]:
            room.hub.close()
            del self._rooms[room.code]

    async def _sweep(self, store: Store) -> None:
        """Forgets rooms that are a day old, for ever."""
        while True:
            over = self._clock() - limits.ROOM_SECONDS
            if old := [room.id for room in self._rooms.values() if room.opened <= over]:
                with suppress(Refused):  # the disk may be full now, and not in a minute
                    await self._forget(store, old)
            await asyncio.sleep(SWEEP_SECONDS)


def _tab(who: object) -> bytes:
    """Returns the digest by which a tab is known. Raises :class:`Refused` for a token that is none."""
    if not isinstance(who, str) or not TAB.fullmatch(who):
        raise Refused(WRONG, "who is no token of a tab: use 8 to 100 random letters and digits.")
    return codes.digest_of(who)


def _limited(buckets: Buckets[Key], key: Key, why: str) -> None:
    """Counts one more of something. Raises :class:`Refused` where it is one too many."""
    if wait := buckets.take(key, time.monotonic()):
        raise Refused(TOO_MUCH, f"{why}: try again in {wait:.0f} s." if wait >= 1.5 else f"{why}: try again.")
