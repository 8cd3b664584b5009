"""The cache: all that a server keeps for a while, together up to one number of bytes."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Final, Generic, TypeVar, cast

import numpy as np

from ulpm_core.model.refusal import refuse, span

T = TypeVar("T")
SETTING: Final = "COLLAPSE_LAB_MEMORY"
"""The environment variable that says how many MiB of runs, films, landscapes and trainings a server keeps."""
USUAL, LEAST, MOST = 512, 64, 2**20
"""The room in MiB: what it usually is, and what it may be."""
SHARE: Final = 0.25
"""The largest share of the room that one thing may take: a larger one would push out everybody else's."""
SMALL: Final = 64
"""Bytes counted for a number, and for a container beside its contents."""


def memory_bytes(mebibytes: str) -> int:
    """Returns how many bytes so many MiB are. Raises :class:`ConfigError` for a text that is no such number.

    >>> memory_bytes("512")
    536870912
    """
    if not (mebibytes.isascii() and mebibytes.isdigit() and LEAST <= int(mebibytes[:9]) <= MOST):
        why = "is no number of MiB to keep things in"
        raise refuse(SETTING, mebibytes or "nothing", why, span(LEAST, MOST), USUAL)
    return int(mebibytes) * 2**20


def size_of(thing: object) -> int:
    """Estimates how many bytes a thing holds: arrays, bytes and texts count as they are, numbers and containers a few
    each.

    >>> size_of((np.zeros((3, 4)), b"abc", {"a": 1.0}))
    484
    """
    if isinstance(thing, (bytes, str)):
        return SMALL + len(thing)
    if isinstance(thing, np.ndarray):
        return SMALL + thing.nbytes
    if isinstance(thing, Mapping):
        return SMALL + sum(map(size_of, [*thing.keys(), *thing.values()]))
    if isinstance(thing, list) and thing and isinstance(thing[-1], float):
        return SMALL * (1 + len(thing))
    if isinstance(thing, (tuple, list)):
        return SMALL + sum(map(size_of, thing))
    if is_dataclass(thing):
        return SMALL + sum(map(size_of, vars(thing).values()))
    return SMALL


class Memory:
    """Keeps things of all kinds, up to `room` bytes together; the least recently used goes first. Safe to use from many
    threads. `used` counts the bytes of what is kept, and of what others hold.
    """

    def __init__(self, room: int):
        self.room, self.used, self._lent, self._lock = room, 0, 0, threading.Lock()
        self._things: OrderedDict[tuple[object, str], tuple[object, int]] = OrderedDict()
        self._let_go: deque[int] = deque()

    def get(self, key: tuple[object, str]) -> object | None:
        with self._lock:
            if key not in self._things:
                return None
            self._things.move_to_end(key)
            return self._things[key][0]

    def put(self, key: tuple[object, str], thing: object, size: int) -> None:
        """Keeps a thing as the latest, unless it is larger than its share of the room."""
        with self._lock:
            self.used -= self._things.pop(key)[1] if key in self._things else 0
            if size <= SHARE * self.room:
                self._things[key] = (thing, size)
                self.used += size
            self._make_room()

    def count(self, thing: object) -> None:
        """Counts a thing that somebody else holds, until they let go of it: what is kept here makes room for it."""
        size = size_of(thing)
        weakref.finalize(thing, self._let_go.append, size)  # no lock there: it runs in the middle of anything
        with self._lock:
            self.used += size
            self._lent += size
            self._make_room()

    def take_stock(self) -> int:
        """Takes in what others have let go of. Returns the bytes that they still hold, as long as they like."""
        with self._lock:
            self._make_room()
            return self._lent

    def _make_room(self) -> None:
        while self._let_go:
            size = self._let_go.popleft()
            self.used -= size
            self._lent -= size
        while self.used > self.room and self._things:
            self.used -= self._things.popitem(last=False)[1][1]


EVERYTHING: Final = Memory(USUAL * 2**20)
"""All that this server keeps; `main.py` sets its room."""


class Cache(Generic[T]):
    """Keeps things of one kind, by their keys, in a memory that all kinds share."""

    def __init__(self, memory: Memory = EVERYTHING):
        self._memory = memory

    def get(self, key: str) -> T | None:
        return cast("T | None", self._memory.get((self, key)))

    def put(self, key: str, thing: T) -> T:
        self._memory.put((self, key), thing, size_of(thing))
        return thing
