"""Runs of the script take turns, in the order in which they came. All at once they would only take Python's one lock
from each other, and every page would be late instead of a few.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import ContextDecorator, contextmanager
from typing import Final

from ulpm_core.dynamics.engines.cost import cores

WAITING_FOR_OTHERS: Final = 1
"""The number of scripts let in beyond the cores: as a rule, one of them waits for its film."""


class Turnstile(ContextDecorator):
    """Lets in `at_once` threads, the longest waiting first. It is a context, and a decorator of what runs in a turn.

    A thread that is in may come in again. Unlike a semaphore of the standard library, it lets no newcomer pass a thread
    that waits already.
    """

    def __init__(self, at_once: int) -> None:
        self._free, self._line, self._lock = at_once, deque[threading.Event](), threading.Lock()
        self._here = threading.local()

    def __enter__(self) -> None:
        self._here.depth = getattr(self._here, "depth", 0) + 1
        if self._here.depth == 1:
            self._come()

    def __exit__(self, *_: object) -> None:
        self._here.depth -= 1
        if not self._here.depth:
            self._go()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Lets another thread in while this one waits for something; then, if it was in, it stands in line again."""
        within = bool(getattr(self._here, "depth", 0))
        if within:
            self._go()
        try:
            yield
        finally:
            if within:
                self._come()

    def _come(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            turn = threading.Event()
            self._line.append(turn)
        turn.wait()

    def _go(self) -> None:
        with self._lock:
            if self._line:
                self._line.popleft().set()
            else:
                self._free += 1


TURNSTILE: Final = Turnstile(cores() + WAITING_FOR_OTHERS)
