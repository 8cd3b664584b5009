"""What everybody in a room hears: server-sent events, each written once for all who listen.

A stream begins with the whole state, so whoever comes back has missed nothing: the id of an event is the number of the
state, which a browser sends back as Last-Event-ID and which only grows. Then come changes: of the state at once, of
`here` and `answered` at most four times a second. https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Container, Coroutine
from typing import Any, Final

from app.rooms.limits import STUDENTS, TAB_STREAMS
from app.rooms.refused import TOO_MUCH, Refused
from app.rooms.state import State

TICK_SECONDS: Final = 0.25
"""Between two looks at how many are here and have answered."""
HEARTBEAT_SECONDS: Final = 15.0
"""After so long without a word a comment says that the connection stands, to proxies too."""
HEARTBEAT: Final = b":\n\n"
STUCK_SECONDS: Final = 10.0
"""A reader that takes nothing for so long is dropped."""
KEPT: Final = 64
"""Events that wait for the slowest reader; who is further behind is dropped, and comes back to the whole state."""
WATCHERS: Final = 20
"""Streams that only watch: so many of the teacher's own screens, and beside them so many of anybody's."""
RETRY_SECONDS: Final = (0.5, 2.5)
"""When browsers come back: each at another time, as a whole class does after a restart."""

Send = Callable[[bytes], Awaitable[None]]


class Reader:
    """One stream: whose tab it is (None where it only watches), whether a screen of the teacher's, up to where it has
    read, and since when it sends.
    """

    def __init__(self, tab: object, is_teachers: bool, read: int):
        self.tab, self.is_teachers, self.read = tab, is_teachers, read
        self.sending_since: float | None = None
        self.task: asyncio.Task[None] | None = None


class Hub:
    """The streams of one room, on the server's event loop."""

    def __init__(self, revision: int, state: State):
        self.revision, self.state = revision, state
        self.closed = state.ended
        self._readers: set[Reader] = set()
        self._tabs: Counter[object] = Counter()
        self._answered: dict[int, set[int]] = {}
        self._told: tuple[int, int] = (0, 0)
        self._events: deque[bytes] = deque(maxlen=KEPT)
        self._last = 0
        self._spoke = 0.0
        self._news = asyncio.Event()
        self._ticking: asyncio.Task[None] | None = None

    @property
    def here(self) -> int:
        """How many tabs listen."""
        return len(self._tabs)

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens, were it the teacher alone."""
        return bool(self._readers)

    @property
    def answered(self) -> int:
        """How many have answered something in the present scene."""
        return len(self._answered.get(self.state.scene, ()))

    def note_answer(self, scene: int, seat: int) -> None:
        """Takes in that this seat has answered in this scene; the next tick says so."""
        self._answered.setdefault(scene, set()).add(seat)

    def move(self, revision: int, state: State, named: Container[str] = ()) -> None:
        """Tells everybody what a move has changed, and what it named though it was so before: a film that is played
        once more. An older move that comes later is no news.
        """
        if revision <= self.revision:
            return
        changes = {name: value for name, value in state.told().items() if name in named}
        changes |= state.changed_from(self.state)
        self.revision, self.state = revision, state
        told, self._told = self._told, (self.here, self.answered)
        self._publish(_event({**changes, **_counts(told, self._told)}, revision))
        if state.ended:
            self.close()

    def close(self) -> None:
        """Ends all streams once they have said what there is to say."""
        self.closed = True
        self._wake()

    def take_in(self, tab: object, is_teachers: bool = False) -> Reader:
        """Lets a stream in. Raises :class:`Refused` where there are too many of its kind."""
        if self._watching(is_teachers) >= WATCHERS if tab is None else self.here >= STUDENTS and tab not in self._tabs:
            raise Refused(TOO_MUCH, "This room is full.")
        if tab is not None and self._tabs[tab] >= TAB_STREAMS:
            raise Refused(TOO_MUCH, "This tab listens already.")
        reader = Reader(tab, is_teachers, self._last)
        self._readers.add(reader)
        if tab is not None:
            self._tabs[tab] += 1
        if self._ticking is None:
            self._ticking = asyncio.create_task(self._tick())
        return reader

    def _watching(self, is_teachers: bool) -> int:
        """Returns how many screens of the teacher's watch, or how many of others."""
        return sum(one.tab is None and one.is_teachers == is_teachers for one in self._readers)

    def leave(self, reader: Reader) -> None:
        """Lets a stream go."""
        self._readers.discard(reader)
        if reader.tab is not None:
            self._tabs[reader.tab] -= 1
            self._tabs += Counter()  # those with none are no longer here

    async def speak(self, reader: Reader, send: Send, first: bytes = b"") -> None:
        """Sends a reader all there is to hear, from the whole state on, until the room closes, or it is too slow."""
        reader.task = asyncio.current_task()
        whole = {**self.state.told(), "here": self.here, "answered": self.answered}
        retry = f"retry: {random.uniform(*RETRY_SECONDS) * 1000:.0f}\n".encode()
        reader.read = self._last
        await self._say(reader, send, retry + first + _event(whole, self.revision))
        while True:
            news = self._news
            behind = self._last - reader.read
            if behind > len(self._events):
                return
            if behind:
                text = b"".join(self._events[i] for i in range(len(self._events) - behind, len(self._events)))
                reader.read = self._last
                await self._say(reader, send, text)
            elif self.closed:
                return
            else:
                await news.wait()

    async def _say(self, reader: Reader, send: Send, text: bytes) -> None:
        reader.sending_since = time.monotonic()
        await send(text)
        reader.sending_since = None

    def _publish(self, event: bytes) -> None:
        self._events.append(event)
        self._last += 1
        self._spoke = time.monotonic()
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def _tick(self) -> None:
        """Says what has changed in the counts, or that we are still here, as long as somebody listens."""
        self._spoke = time.monotonic()
        while self._readers and not self.closed:
            await asyncio.sleep(TICK_SECONDS)
            now = time.monotonic()
            told, self._told = self._told, (self.here, self.answered)
            if changes := _counts(told, self._told):
                self._publish(_event(changes))
            elif now - self._spoke >= HEARTBEAT_SECONDS:
                self._publish(HEARTBEAT)
            for reader in self._readers:
                if reader.sending_since is not None and now - reader.sending_since > STUCK_SECONDS and reader.task:
                    reader.task.cancel()
        self._ticking = None


def _counts(told: tuple[int, int], now: tuple[int, int]) -> dict[str, int]:
    """Returns which of the two counts are no longer as they were told, under their names."""
    return {name: n for name, then, n in zip(("here", "answered"), told, now, strict=True) if n != then}


def _event(data: dict[str, Any], number: int | None = None, kind: str = "") -> bytes:
    """Returns an event as it is written.

    >>> _event({"scene": 3}, 7)
    b'id: 7\\ndata: {"scene":3}\\n\\n'
    """
    head = f"event: {kind}\n" * bool(kind) + (f"id: {number}\n" if number is not None else "")
    return f"{head}data: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def seat_event(seat: int) -> bytes:
    """Returns the event `seat`, by which a tab that says who it is learns its own number in the room."""
    return _event({"seat": seat}, kind="seat")


async def until_left(speaking: Coroutine[Any, Any, None], left: Coroutine[Any, Any, None]) -> None:
    """Speaks until all is said or the reader has left, whichever is first."""
    tasks = [asyncio.create_task(speaking), asyncio.create_task(left)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception) and not isinstance(error, OSError):  # that is a reader who left in mid-word
            raise error
