"""Finds the number of torch threads that take a run's steps on a CPU: one, or all, whichever is faster just now.

At each of a step's thirty operations every thread waits for the slowest. Measured on two cores that other programs kept
busy, one thread and two, milliseconds a step of gradient descent in float64: 0.28 and 13 at (K, d, n) = (4, 3, 30),
2.4 and 110 at (10, 64, 100), 15 and 200 at (20, 64, 200), 60 and 480 at (100, 128, 50). On idle cores two are faster
from about (100, 128, 50) on. So a small step stays on one thread, whatever happens (and a run repeats itself bit for
bit), and what a large one is best taken by is tried out, and again from time to time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import torch

from ulpm_core.dynamics.engines.cost import worth_sharing
from ulpm_core.model.config import RunConfig

TRY_AGAIN: Final = 20.0
"""Seconds after which another number of threads may have become the faster one."""


class Threads:
    """The number of threads that takes the steps of so many runs at once, as found out on the way."""

    def __init__(self, config: RunConfig, runs: int):
        self._all = torch.get_num_threads()
        self._open = self._all > 1 and config.device == "cpu" and worth_sharing(config, runs)
        self.chosen = self._all if config.device != "cpu" else 1
        self._seconds: dict[int, float] = {}
        self._trials: list[int] = []
        self._due = 0.0

    def take(self, step: Callable[[], None], steps: int) -> None:
        """Takes so many steps. How many threads torch uses elsewhere is as it was, afterwards."""
        before = torch.get_num_threads()
        try:
            while self._open and steps:
                if not self._trials:
                    if time.monotonic() < self._due:
                        break
                    self._seconds, self._trials = {}, [1, self._all, self._all, 1]  # to be woken takes a thread longer
                self._try(step)
                steps -= 1
            torch.set_num_threads(self.chosen)
            for _ in range(steps):
                step()
        finally:
            torch.set_num_threads(before)

    def _try(self, step: Callable[[], None]) -> None:
        """Takes a step by the next number of threads to be tried; after the last of them, the best is chosen."""
        threads = self._trials.pop()
        torch.set_num_threads(threads)
        begun = time.perf_counter()
        step()
        taken = time.perf_counter() - begun
        self._seconds[threads] = min(taken, self._seconds.get(threads, taken))
        if not self._trials:
            self.chosen = min(self._seconds, key=self._seconds.__getitem__)
            self._due = time.monotonic() + TRY_AGAIN
