"""How much one room, one tab and one server take. Nothing is counted by address: a class shares one."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, Generic, NamedTuple, TypeVar

ROOMS: Final = 500
"""At once on a server, which is what a large school has classes for in a day."""
IDLE_SECONDS: Final = 600.0
"""A room in which nobody has been for so long makes place for a new one where there are too many."""
STUDENTS: Final = 1_000
"""Of a room: twice the largest lecture that we measure."""
TAB_STREAMS: Final = 4
"""Event streams of one tab: what it reloads has not always left yet."""
ROOM_SECONDS: Final = 86_400.0
"""A room ends after a day."""
ANSWER_BYTES: Final = 16_384
"""The largest is a sketch: 256 points of two numbers with 15 digits take 10 kB."""
MOVE_BYTES: Final = 65_536
"""A move may list every question of a tour as revealed."""
BODY_SECONDS: Final = 30.0
"""A body that takes longer to come is not waited for."""


class Rate(NamedTuple):
    """So many at once, and then so many a second."""

    burst: float
    a_second: float


ANSWERS: Final = Rate(20, 2)
"""Of one tab: faster than a person changes their mind."""
ROOM_ANSWERS: Final = Rate(4_000, 1_000)
"""Of one room, however many tabs somebody pretends to be: all students may answer at once."""
STREAMS: Final = Rate(20, 0.5)
"""Event streams that one tab opens."""
ROOM_STREAMS: Final = Rate(2_000, 200)
MOVES: Final = Rate(40, 10)
"""Of one room's teacher, who may hold down a key."""
LOOKS: Final = Rate(40, 8)
"""At the results of one room."""
OPENINGS: Final = Rate(40, 1)
"""Rooms that are opened on this server."""
WRONG_CODES: Final = Rate(60, 1)
"""On this server: typing mistakes of a few classes. Only who gives a wrong code feels it."""

Key = TypeVar("Key")


class Buckets(Generic[Key]):
    """A bucket of tokens for each key: full at first, one less for each thing done, refilled steadily.

    >>> of_tabs = Buckets(Rate(2, 0.5))
    >>> [of_tabs.take("tab", now) for now in (0.0, 0.0, 0.0, 1.0, 2.0)]
    [0.0, 0.0, 2.0, 1.0, 0.0]
    """

    MOST: Final = 20_000
    """Keys that are remembered; whoever makes up more is forgotten, the longest unused first."""

    def __init__(self, rate: Rate):
        self._rate = rate
        self._left: OrderedDict[Key, tuple[float, float]] = OrderedDict()

    def take(self, key: Key, now: float) -> float:
        """Takes one. Returns 0, or the seconds until there is one to take."""
        left, then = self._left.pop(key, (self._rate.burst, now))
        left = min(left + (now - then) * self._rate.a_second, self._rate.burst)
        wait = max(1.0 - left, 0.0) / self._rate.a_second
        self._left[key] = (left if wait else left - 1.0, now)
        if len(self._left) > self.MOST:
            self._left.popitem(last=False)
        return wait
