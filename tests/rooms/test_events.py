"""The streams of one room without a server: counts together, heartbeats, readers who are too slow, and limits."""

from __future__ import annotations

import asyncio

import pytest

from app.rooms import events
from app.rooms.events import HEARTBEAT, KEPT, WATCHERS, Hub, until_left
from app.rooms.limits import TAB_STREAMS
from app.rooms.refused import Refused
from app.rooms.state import State


class Listener:
    """A reader that keeps what it hears, and takes nothing while it is closed."""

    def __init__(self, hub, tab=None):
        self.heard, self.open = [], asyncio.Event()
        self.open.set()
        self.hub, self.reader = hub, hub.take_in(tab or object())
        self.task = asyncio.create_task(until_left(hub.speak(self.reader, self.send), asyncio.Event().wait()))
        self.task.add_done_callback(lambda _: hub.leave(self.reader))

    async def send(self, text):
        await self.open.wait()
        self.heard.append(text)

    async def until(self, enough):
        while not enough(b"".join(self.heard)):
            await asyncio.sleep(0.001)


def run(test, monkeypatch, tick=0.01):
    monkeypatch.setattr(events, "TICK_SECONDS", tick)
    asyncio.run(asyncio.wait_for(test(Hub(1, State())), 30.0))


def test_a_move_is_written_once_for_everybody_and_counts_go_together(monkeypatch):
    async def test(hub):
        listeners = [Listener(hub) for _ in range(100)]
        await asyncio.gather(*(one.until(lambda text: b'"here":100' in text) for one in listeners))
        for seat in range(100):
            hub.note_answer(0, seat)
        await asyncio.gather(*(one.until(lambda text: b'"answered":100' in text) for one in listeners))
        assert sum(b'"answered"' in text for text in listeners[0].heard[1:]) == 1  # the first is the whole state
        hub.move(2, State(1))
        await asyncio.gather(*(one.until(lambda text: b'id: 2\ndata: {"scene":1' in text) for one in listeners))
        assert len({id(one.heard[-1]) for one in listeners}) == 1
        hub.move(2, State(2))  # comes later and is older
        assert hub.state.scene == 1
        hub.close()
        await asyncio.gather(*(one.task for one in listeners))
        assert hub.here == 0

    run(test, monkeypatch)


def test_a_silent_stream_hears_that_the_connection_stands(monkeypatch):
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.02)

    async def test(hub):
        listener = Listener(hub)
        await listener.until(lambda text: text.count(HEARTBEAT) >= 3)
        assert b"data" not in listener.heard[-1]

    run(test, monkeypatch)


def test_who_is_too_far_behind_is_let_go_and_all_others_hear_everything(monkeypatch):
    async def test(hub):
        slow, quick = Listener(hub), Listener(hub)
        await asyncio.gather(*(one.until(lambda text: b'"scene":0' in text) for one in (slow, quick)))
        slow.open.clear()
        for number in range(2, KEPT + 10):
            hub.move(number, State(number))
            await quick.until(lambda text, number=number: b"id: %d\n" % number in text)
        slow.open.set()
        await slow.task
        assert b"id: %d\n" % (KEPT + 9) not in b"".join(slow.heard)
        assert not quick.task.done()

    run(test, monkeypatch, tick=10.0)


def test_who_takes_nothing_for_long_is_dropped(monkeypatch):
    monkeypatch.setattr(events, "STUCK_SECONDS", 0.02)

    async def test(hub):
        stuck, quick = Listener(hub), Listener(hub)
        stuck.open.clear()
        await stuck.task
        await quick.until(lambda text: b'"here":1' in text)

    run(test, monkeypatch)


def test_a_tab_and_a_room_have_so_many_streams_and_no_more(monkeypatch):
    monkeypatch.setattr(events, "STUDENTS", 3)

    async def test(hub):
        for _ in range(TAB_STREAMS):
            hub.take_in("tab")
        with pytest.raises(Refused, match="listens already"):
            hub.take_in("tab")
        readers = [hub.take_in(object()) for _ in range(2)]
        with pytest.raises(Refused, match="full"):
            hub.take_in("another")
        for _ in range(WATCHERS):
            hub.take_in(None)
        with pytest.raises(Refused, match="full"):
            hub.take_in(None)
        assert hub.here == 3
        hub.leave(readers[0])
        hub.take_in("another")

    run(test, monkeypatch)


def test_what_goes_wrong_in_a_stream_is_no_secret(monkeypatch):
    async def test(hub):
        async def fails():
            raise ValueError("a mistake of ours")

        async def left():
            raise ConnectionResetError

        with pytest.raises(ValueError, match="a mistake of ours"):
            await until_left(fails(), asyncio.sleep(60))
        await until_left(left(), asyncio.sleep(60))

    run(test, monkeypatch)
