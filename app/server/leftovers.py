"""Collects what runs of the script leave behind while nobody waits: a full collection stops every thread.

Streamlit would collect after every run of the script, for 0.1 s each with all that is loaded here.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
import time
from typing import Final

from streamlit import runtime
from streamlit.runtime.memory_session_storage import MemorySessionStorage

IDLE_SECONDS: Final = 1.0
"""Seconds without a turned knob after which it is time to collect."""
LATEST_SECONDS: Final = 60.0
"""Most seconds that leftovers may lie where visitors never pause, and the sessions of visitors who have all left."""


class Leftovers:
    """Says when to collect: soon after the last turn of a knob, and once a minute whatever visitors do."""

    def __init__(self) -> None:
        self._turned: float | None = None
        self._collected = 0.0
        self._spared: set[str] | None = None
        self._loaded = False

    def turned(self, now: float) -> None:
        """Takes in that the script runs for somebody now."""
        self._turned = now

    def has_loaded(self) -> None:
        """Takes in that the server has loaded what most runs need: from now on there are collections."""
        self._loaded = True

    def begin_if_due(self, now: float) -> bool:
        """Begins a collection if it is time for one. Returns whether it does.

        >>> some = Leftovers()
        >>> some.turned(10.0)
        >>> [some.begin_if_due(now) for now in (10.5, 11.0, 12.0, 71.0)]
        [False, True, False, True]
        """
        idle = self._turned is not None and now >= self._turned + IDLE_SECONDS
        if not idle and now < self._collected + LATEST_SECONDS:
            return False
        self._turned, self._collected = None, now
        return True

    def collect(self) -> None:
        """Lets go of the sessions of visitors who have left, collects, and gives free memory back to the system.

        What is loaded stays as long as the server: it is spared, and only the rest is looked through. Where sessions
        were under way then, they were spared too, until one of them has ended.
        """
        sessions = _sessions()
        if self._spared is None or not self._spared <= sessions:
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            self._spared = sessions
        else:
            gc.collect()
        if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "malloc_trim"):
            library.malloc_trim(0)

    async def collect_when_due(self) -> None:
        """Collects for ever, on the loop of the server's own thread: sessions may end nowhere else. Not before the
        engine is loaded: until then each collection takes as long as Streamlit's.
        """
        while True:
            await asyncio.sleep(IDLE_SECONDS / 2)
            if self._loaded and runtime.exists() and self.begin_if_due(time.monotonic()):
                self.collect()


leftovers = Leftovers()


def _sessions() -> set[str]:
    """Returns the sessions of all who are here or may come back. Those of others are let go: Streamlit would hold what
    has expired until the next visitor leaves.
    """
    manager = runtime.get_instance()._session_mgr
    storage = getattr(manager, "_session_storage", None)
    if isinstance(storage, MemorySessionStorage):
        len(storage._cache)  # to count them it removes the expired ones; to list them it does not
    return {info.session.id for info in manager.list_sessions()}
