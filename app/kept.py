"""`Kept`: what a server keeps for a while, up to a number of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Least recently used things, up to a number of bytes. Safe to use from many threads."""

    def __init__(self, limit: int):
        self._limit, self._bytes, self._lock = limit, 0, threading.Lock()
        self._things: OrderedDict[str, tuple[T, int]] = OrderedDict()

    def get(self, key: str) -> T | None:
        with self._lock:
            if key not in self._things:
                return None
            self._things.move_to_end(key)
            return self._things[key][0]

    def put(self, key: str, thing: T, size: int) -> None:
        with self._lock:
            self._bytes += size - (self._things.pop(key)[1] if key in self._things else 0)
            self._things[key] = (thing, size)
            while self._bytes > self._limit and len(self._things) > 1:
                self._bytes -= self._things.popitem(last=False)[1][1]
