"""What is done to the file of rooms, each piece a function of the connection: it refuses before it writes."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from typing import Any, NamedTuple

from app.rooms.limits import STUDENTS
from app.rooms.refused import CONFLICT, TOO_MUCH, UNKNOWN, Refused
from app.rooms.state import State, moved
from app.rooms.tour import Outline, checked_answer

NO_ROOM = "There is no room with this code: it may have ended, or a letter is wrong."


class Kept(NamedTuple):
    """A room as the file has it."""

    id: int
    code: str
    secret: bytes
    opened: float
    tour: str
    """The id of a shipped or served tour; empty for a document that the teacher sent."""
    revision: int
    state: State
    outline: Outline


class Answer(NamedTuple):
    """One answer: where it was asked, the number of the student's seat, and the answer."""

    scene: int
    question: int
    seat: int
    answer: Any


def rooms(base: sqlite3.Connection) -> list[Kept]:
    """Returns all rooms."""
    columns = "id, code, secret, opened, name, revision, state, outline"
    found = base.execute(f"SELECT {columns} FROM rooms JOIN tours ON rooms.tour = tours.digest ORDER BY id")
    return [Kept._make((*row, State.from_json(state), Outline.from_json(outline))) for *row, state, outline in found]


def begin_room(
    code: str, secret: bytes, now: float, tour: str, source: str, outline: Outline, state: State
) -> Callable[[sqlite3.Connection], Kept]:
    """Returns the work that opens a room on this document."""
    digest = hashlib.sha256(source.encode()).digest()

    def work(base: sqlite3.Connection) -> Kept:
        base.execute("INSERT OR IGNORE INTO tours VALUES (?, ?, ?)", (digest, source, outline.to_json()))
        columns = "code, secret, tour, name, opened, used, revision, state"
        kept = (code, secret, digest, tour, now, now, 1, state.to_json())
        made = base.execute(f"INSERT INTO rooms ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", kept)
        return Kept(made.lastrowid or 0, code, secret, now, tour, 1, state, outline)

    return work


def closing(ids: list[int]) -> Callable[[sqlite3.Connection], None]:
    """Returns the work that forgets these rooms, with all that was said in them."""

    def work(base: sqlite3.Connection) -> None:
        for table, key in (("answers", "room"), ("seats", "room"), ("rooms", "id")):
            base.executemany(f"DELETE FROM {table} WHERE {key} = ?", [(one,) for one in ids])
        base.execute("DELETE FROM tours WHERE digest NOT IN (SELECT tour FROM rooms)")

    return work


def take_seat(room: int, tab: bytes) -> Callable[[sqlite3.Connection], int]:
    """Returns the work that gives a tab its seat, 0 for the first; it is the same one whenever the tab comes back."""
    return lambda base: _take_seat(base, room, tab)


def take_answer(
    room: int, outline: Outline, tab: bytes, scene: Any, question: Any, given: Any
) -> Callable[[sqlite3.Connection], int]:
    """Returns the work that takes an answer and returns the seat it came from. Raises :class:`Refused` at once for one
    that the question does not take.
    """
    asked = outline.question(scene, question)
    answer = json.dumps(checked_answer(asked, given), separators=(",", ":"))

    def take(base: sqlite3.Connection) -> int:
        _, state = _state(base, room)
        if state.ended:
            raise Refused(CONFLICT, "This room has ended.")
        if (scene, question) in state.revealed:
            raise Refused(CONFLICT, "The answer to this question has been revealed: yours stays as it is.")
        seat = _take_seat(base, room, tab)
        base.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)", (room, scene, question, seat, answer))
        return seat

    return take


def moving(room: int, outline: Outline, move: object, now: float) -> Callable[[sqlite3.Connection], tuple[int, State]]:
    """Returns the work that makes a teacher's move, and returns the state after it and the number of that state."""

    def work(base: sqlite3.Connection) -> tuple[int, State]:
        revision, state = _state(base, room)
        after = moved(state, move, outline)
        kept = (revision + 1, after.to_json(), now, room)
        base.execute("UPDATE rooms SET revision = ?, state = ?, used = ? WHERE id = ?", kept)
        return revision + 1, after

    return work


def answers(room: int, scene: int | None = None) -> Callable[[sqlite3.Connection], list[Answer]]:
    """Returns the work that reads what was answered in a room, or in one scene of it."""
    narrowed, given = ("", (room,)) if scene is None else (" AND scene = ?", (room, scene))
    columns = "scene, question, seat, answer"

    def work(base: sqlite3.Connection) -> list[Answer]:
        found = base.execute(f"SELECT {columns} FROM answers WHERE room = ?{narrowed} ORDER BY {columns}", given)
        return [Answer._make((*place, json.loads(answer))) for *place, answer in found]

    return work


def answered(base: sqlite3.Connection) -> list[tuple[int, int, int]]:
    """Returns who has answered where in all rooms: room, scene and seat."""
    return base.execute("SELECT DISTINCT room, scene, seat FROM answers").fetchall()


def source(room: int) -> Callable[[sqlite3.Connection], str]:
    """Returns the work that reads the Markdown of a room's tour."""
    wanted = "SELECT source FROM tours JOIN rooms ON rooms.tour = tours.digest WHERE rooms.id = ?"

    def work(base: sqlite3.Connection) -> str:
        if (row := base.execute(wanted, (room,)).fetchone()) is None:
            raise Refused(UNKNOWN, NO_ROOM)
        return row[0]

    return work


def seats(room: int) -> Callable[[sqlite3.Connection], int]:
    """Returns the work that counts the seats of a room."""
    return lambda base: base.execute("SELECT count(*) FROM seats WHERE room = ?", (room,)).fetchone()[0]


def unused(base: sqlite3.Connection) -> list[tuple[int, str, float]]:
    """Returns id, code and last use of the rooms in which nobody has taken a seat, the longest unused first."""
    return base.execute(
        "SELECT id, code, used FROM rooms WHERE id NOT IN (SELECT room FROM seats) ORDER BY used"
    ).fetchall()


def _state(base: sqlite3.Connection, room: int) -> tuple[int, State]:
    row = base.execute("SELECT revision, state FROM rooms WHERE id = ?", (room,)).fetchone()
    if row is None:
        raise Refused(UNKNOWN, NO_ROOM)
    return row[0], State.from_json(row[1])


def _take_seat(base: sqlite3.Connection, room: int, tab: bytes) -> int:
    row = base.execute("SELECT seat FROM seats WHERE room = ? AND tab = ?", (room, tab)).fetchone()
    if row:
        return row[0]
    (seats,) = base.execute("SELECT count(*) FROM seats WHERE room = ?", (room,)).fetchone()
    if seats >= STUDENTS:
        raise Refused(TOO_MUCH, f"This room is full: it has seats for {STUDENTS:,}.")
    _state(base, room)
    base.execute("INSERT INTO seats VALUES (?, ?, ?)", (room, tab, seats))
    return seats
