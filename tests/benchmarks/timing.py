"""Times methods in rounds in which all take turns, so that a busy machine disturbs all alike; and writes a time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import torch

from ulpm_core.dynamics.engines.cost import cores

Stepper = Callable[[int], object]
"""A function that takes so many steps, and returns what has been reached."""
LEAST: Final = 10
"""Least steps a call, however long they take: our engine looks once more after its last one, which costs about a
step.
"""
CALLS: Final = 10
"""Calls a round: where the machine is busy, some of them may still have it to themselves."""
OVERRUN: Final = 10
"""How many times its planned length a call may take before the next one is made shorter. On two cores of which one is
taken, each product of torch on two threads waits for the scheduler, and a row could take minutes.
"""


def by_torch(take: Stepper) -> list[Stepper]:
    """Returns the same stepper with torch on one thread, and with torch on every core."""

    def on(threads: int) -> Stepper:
        def taking(steps: int) -> object:
            torch.set_num_threads(threads)
            return take(steps)

        return taking

    return [on(threads) for threads in sorted({1, cores()})]


def seconds_of(work: Callable[..., object], *arguments: object) -> float:
    begun = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - begun


def steps_for(take: Stepper, seconds: float) -> int:
    """Returns how many steps take about `seconds`: at least half as long, or LEAST steps."""
    steps = LEAST
    while True:
        took = min(seconds_of(take, steps) for _ in range(2))  # twice: JAX compiles for each number of steps
        if took > seconds / 2:
            return steps
        steps *= max(2, min(100, int(seconds / took)))  # not at once: a call costs time of its own


@dataclass
class Way:
    """A stepper, and how many steps a call of about `call` seconds takes."""

    take: Stepper
    call: float
    steps: int

    def best_within(self, seconds: float) -> float:
        """Returns the seconds a step of the best of the calls begun within `seconds`."""
        best, end = math.inf, time.perf_counter() + seconds
        while time.perf_counter() < end:
            took = seconds_of(self.take, self.steps)
            best = min(best, took / self.steps)
            if took > OVERRUN * self.call:
                self.steps = max(LEAST, int(self.steps * self.call / took))
        return best


def best_rounds(
    methods: Mapping[str, Sequence[Stepper]], repeats: int, seconds: float, calls: int = CALLS
) -> dict[str, float]:
    """Measures the microseconds a step of each method, the fastest of its ways, the best of `repeats` rounds.

    A round of `seconds` is about so many `calls` to the stepper, each timed by itself.
    """
    call = seconds / calls
    ways = [(name, Way(take, call, steps_for(take, call))) for name, takes in methods.items() for take in takes]
    best = dict.fromkeys(methods, math.inf)
    for _ in range(repeats):
        for name, way in ways:
            best[name] = min(best[name], way.best_within(seconds) * 1e6)
    return best


def best_of(repeats: int, work: Callable[[], object]) -> float:
    """Measures the milliseconds of a piece of work, the best of `repeats`."""
    return min(seconds_of(work) for _ in range(repeats)) * 1e3


def short(number: float) -> str:
    """Writes a number with three digits, or with all before the point.

    >>> short(0.7512), short(23.14), short(3144.5)
    ('0.751', '23.1', '3,144')
    """
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def heading(left: list[str], right: list[str]) -> list[str]:
    """Returns the two lines above a table's rows: columns of words, then columns of figures."""
    return [row(left + right), "|" + "---|" * len(left) + "---:|" * len(right)]


def against(times: Mapping[str, float], base: str) -> list[str]:
    """Writes each time, in brackets how many times that of `base` it is."""
    return [short(time) + ("" if name == base else f" ({short(time / times[base])})") for name, time in times.items()]
