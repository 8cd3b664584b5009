"""Who still looks at something under way: without watchers it is stopped."""

from __future__ import annotations

import math
import time
from typing import Final

UNWATCHED_SECONDS: Final = 20.0
"""What no page has asked about for so long is stopped."""


class Watched:
    """Something under way, and the visitors who look at it."""

    def __init__(self) -> None:
        self._watchers: dict[str, float] = {}

    def watch(self, visitor: str) -> None:
        """Says that this visitor still looks; to be repeated while it is under way."""
        self._watchers[visitor] = time.monotonic()

    def leave(self, visitor: str) -> None:
        """Says that this visitor no longer looks."""
        self._watchers.pop(visitor, None)

    def watched_by(self, visitor: str) -> bool:
        """Whether this visitor looks, and has not left."""
        return visitor in self._watchers

    @property
    def unwatched(self) -> bool:
        """Whether nobody has looked for a while."""
        return self.unwatched_for(UNWATCHED_SECONDS)

    def unwatched_for(self, seconds: float) -> bool:
        """Whether nobody has looked for so long, or all have left."""
        return time.monotonic() - max([*self._watchers.values()], default=-math.inf) >= seconds
