"""What runs of the script leave behind is collected while nobody waits: a full collection stops every thread.

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

IDLE_SECONDS: Final = 1.0
"""How long no visitor may have turned anything, for it to be the moment."""
LATEST_SECONDS: Final = 60.0
"""How long leftovers may lie where visitors never pause."""


class Leftovers:
    """When to collect: soon after the last turn of a knob, and after a minute of turns without a pause."""

    def __init__(self) -> None:
        self._first = self._last = 0.0
        self.spared = False

    def turned(self, now: float) -> None:
        """Says that the script runs for somebody now."""
        self._first, self._last = self._first or now, now

    def due(self, now: float) -> bool:
        """Whether now is the moment; nothing is due again before the next turn.

        >>> some = Leftovers()
        >>> some.turned(10.0), some.due(10.5), some.due(11.0), some.due(12.0)
        (None, False, True, False)
        """
        if not self._first or (now < self._last + IDLE_SECONDS and now < self._first + LATEST_SECONDS):
            return False
        self._first = 0.0
        return True


_leftovers = Leftovers()


def turned() -> None:
    """Says that the script runs for somebody now."""
    _leftovers.turned(time.monotonic())


def spare_what_stays() -> None:
    """Takes all that is loaded by now out of every later collection: it stays as long as the server."""
    gc.collect()
    gc.freeze()
    _leftovers.spared = True


def collect() -> None:
    """Lets go of the sessions of visitors who have left, collects, and gives free memory back to the system."""
    if runtime.exists():
        runtime.get_instance()._session_mgr.list_sessions()  # Streamlit forgets them when it next counts
    gc.collect()
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "malloc_trim"):
        library.malloc_trim(0)


async def collect_when_due() -> None:
    """Collects for ever, on the loop of the server's own thread: sessions may end nowhere else. Not before
    :func:`spare_what_stays`: until then each collection takes as long as Streamlit's.
    """
    while True:
        await asyncio.sleep(IDLE_SECONDS / 2)
        if _leftovers.spared and _leftovers.due(time.monotonic()):
            collect()
