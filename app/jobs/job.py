"""Who still looks at something under way, without whom it is stopped; and how fast it goes."""

from __future__ import annotations

import math
import time
from collections import deque
from typing import Final

UNWATCHED_SECONDS: Final = 20.0
"""What no page has asked about for so long is stopped."""
SETTLED_SECONDS: Final = 2.0
"""How long something goes on before its pace foretells anything."""
PACE_SECONDS: Final = 20.0
"""A pace is that of so long: other work on this machine comes and goes."""


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


class Machine:
    """How slow this machine is of late: seconds that work takes here, over those of the cost model."""

    def __init__(self) -> None:
        self.slowness = 1.0

    def learn(self, seconds: float | None, foretold: float) -> None:
        """Takes in how long something takes as a whole at its pace, if that is known, and what was foretold."""
        if seconds is not None:
            self.slowness = seconds / foretold


class Pace:
    """How fast something goes of late, whose share of the work done is told again and again."""

    def __init__(self) -> None:
        self._told: deque[tuple[float, float]] = deque()

    def tell(self, fraction: float) -> None:
        """Says how far it is."""
        now = time.monotonic()
        self._told.append((now, fraction))
        while len(self._told) > 2 and now - self._told[1][0] > PACE_SECONDS:
            self._told.popleft()

    @property
    def seconds_in_all(self) -> float | None:
        """How long the whole work takes at this pace; None as long as nobody knows."""
        if not self._told:
            return None
        (begun, before), (_, fraction) = self._told[0], self._told[-1]
        passed = time.monotonic() - begun
        return passed / (fraction - before) if passed > SETTLED_SECONDS and fraction > before else None
