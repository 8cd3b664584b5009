"""The file of rooms: what is acknowledged is on the disk, one writer, and no piece of work spoils another."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import time

import pytest
from rooms.clients import LESSON, ROOT

from app.rooms import work
from app.rooms.refused import Refused
from app.rooms.state import State
from app.rooms.store import Store

WRITES = """
import asyncio, sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from rooms.clients import LESSON
from app.rooms import work
from app.rooms.state import State
from app.rooms.store import Store

async def main():
    store = Store(Path(sys.argv[1]))
    room = await store.do(work.begin_room("KFQXW", b"secret", 0.0, "", "# Tour", LESSON, State()))

    async def student(tab):
        for value in range(10**6):
            await store.do(work.take_answer(room.id, LESSON, tab, 0, 1, value))
            print(tab.hex(), value, flush=True)

    await asyncio.gather(*(student(bytes([i])) for i in range(20)))

asyncio.run(main())
"""


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "rooms.sqlite3")
    yield store
    store.close()


async def opened(store, code="KFQXW"):
    return await store.do(work.begin_room(code, b"secret", 0.0, "", "# Tour", LESSON, State()))


@pytest.mark.parametrize("lines", [1, 57, 1003])
def test_what_was_acknowledged_outlives_a_kill_in_the_middle_of_writing(tmp_path, lines):
    file = tmp_path / "rooms.sqlite3"
    arguments = [sys.executable, "-c", WRITES, str(file), str(ROOT), str(ROOT / "tests")]
    acknowledged = {}
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as child:
        for count, line in enumerate(child.stdout):
            if line.endswith("\n"):  # the kill may have cut the last one off
                tab, value = line.split()
                acknowledged[tab] = int(value)
            if count == lines:
                child.kill()  # what it had written and we had not read is read on below
    assert len(acknowledged) > 0
    store = Store(file)
    try:
        (room,) = asyncio.run(store.do(work.rooms))
        found = asyncio.run(store.do(work.answers(room.id)))
        seats = {tab: asyncio.run(store.do(work.take_seat(room.id, bytes.fromhex(tab)))) for tab in acknowledged}
    finally:
        store.close()
    kept = {one.seat: one.answer for one in found}
    assert room.outline == LESSON
    assert all(kept[seats[tab]] >= value for tab, value in acknowledged.items())


def test_five_hundred_answers_at_once_are_counted_exactly(store):
    async def everybody():
        room = await opened(store)
        begun = time.perf_counter()
        each = (store.do(work.take_answer(room.id, LESSON, str(i).encode(), 0, 0, i % 3)) for i in range(500))
        seats = await asyncio.gather(*each)
        return seats, time.perf_counter() - begun, await store.do(work.answers(room.id))

    seats, seconds, found = asyncio.run(everybody())
    assert sorted(seats) == list(range(500))
    assert [sum(one.answer == option for one in found) for option in range(3)] == [167, 167, 166]
    assert seconds < 30.0


def test_a_piece_of_work_that_fails_spoils_no_other_in_its_transaction(store):
    def broken(base):
        base.execute("INSERT INTO seats VALUES (99, x'00', 0)")
        raise sqlite3.OperationalError("disk full")

    async def together():
        room = await opened(store)
        revealed = work.moving(room.id, LESSON, {"revealed": [[0, 1]]}, 0.0)
        works = [
            work.take_answer(room.id, LESSON, b"a", 0, 1, 1),
            broken,
            work.take_answer(room.id, LESSON, b"b", 0, 1, 2),
            revealed,
            work.take_answer(room.id, LESSON, b"c", 0, 1, 3),
            work.take_answer(99, LESSON, b"d", 0, 1, 3),
        ]
        results = await asyncio.gather(*map(store.do, works), return_exceptions=True)
        left = await store.do(lambda base: base.execute("SELECT count(*) FROM seats WHERE room = 99").fetchone())
        return results, left, await store.do(work.answers(room.id))

    results, left, found = asyncio.run(together())
    assert (results[0], results[2]) == (0, 1)
    assert isinstance(results[1], sqlite3.OperationalError)
    assert [refusal.status for refusal in results[4:] if isinstance(refusal, Refused)] == [409, 404]
    assert left == (0,)
    assert [one.answer for one in found] == [1, 2]


def test_who_stops_waiting_has_answered_all_the_same_and_the_writer_goes_on(store):
    async def impatient():
        room = await opened(store)
        block = asyncio.create_task(store.do(lambda base: time.sleep(0.2)))
        leaving = asyncio.create_task(store.do(work.take_answer(room.id, LESSON, b"a", 0, 1, 1)))
        await asyncio.sleep(0.05)
        leaving.cancel()
        await block
        await store.do(work.take_answer(room.id, LESSON, b"b", 0, 1, 2))
        return await store.do(work.answers(room.id))

    assert [one.answer for one in asyncio.run(impatient())] == [1, 2]


def test_a_room_that_is_closed_leaves_nothing_and_touches_no_other(store):
    async def two():
        first, second = await opened(store), await opened(store, "BCDFG")
        for room in (first, second):
            await store.do(work.take_answer(room.id, LESSON, b"a", 0, 1, 5))
        await store.do(work.closing([first.id]))
        kept = await store.do(work.answers(second.id))
        counts = [
            await store.do(lambda base, t=table: base.execute(f"SELECT count(*) FROM {t}").fetchone()[0])
            for table in ("rooms", "seats", "answers", "tours")
        ]
        await store.do(work.closing([second.id]))
        return kept, counts, await store.do(lambda base: base.execute("SELECT count(*) FROM tours").fetchone()[0])

    kept, counts, tours = asyncio.run(two())
    assert [one.answer for one in kept] == [5]
    assert counts == [1, 1, 1, 1]
    assert tours == 0


def test_a_file_of_another_version_is_left_alone(tmp_path):
    file = tmp_path / "rooms.sqlite3"
    base = sqlite3.connect(file)
    base.execute("PRAGMA user_version = 7")
    base.close()
    with pytest.raises(sqlite3.DatabaseError, match="another version of the lab"):
        Store(file)
    base = sqlite3.connect(file)
    assert base.execute("PRAGMA user_version").fetchone() == (7,)
    base.close()
