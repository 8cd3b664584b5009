"""The axes of curves: where each frame of a film stands on a clock, and which ticks an axis has. `ticks.js` and
`chart.js` of the player do the same; a test holds them to each other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from app.paper.plates import Axis
from ulpm_core.model.number_words import SUPERSCRIPTS, number
from ulpm_core.model.shapes import Array

FIRST_LOG_TIME: Final = 0.1
"""The axis of log log t begins here: t = 1 itself lies infinitely far to the left."""
ROUNDING_OF_ENDS: Final = 1e-6
END_APART: Final = 0.15
"""Of an axis of counts: where its last power of ten is further from its end, the end is named too."""
ACROSS, UP = 4, 3
"""Powers of ten that are named along an axis, at most about so many."""
LEAST_DECADES: Final = 0.7
LABELS: Final = {"log-epoch": "epoch", "log-step": "step", "log-log-time": "log t"}


def clock_of(films: Sequence[Any]) -> str:
    """Returns the clock on which the player draws these films together when nobody has chosen another."""
    clocks = [film.header["clock"] for film in films]
    if all("epoch" in clock for clock in clocks):
        return "log-epoch"
    return "log-step" if all(clock["by"] == "step" for clock in clocks) else "log-log-time"


def positions(clock: Mapping[str, Any], name: str) -> Array:
    """Returns where each frame stands on the axis of a clock, NaN where it has no place there.

    >>> positions({"log_time": [None, 0.05, 10.0, 100.0]}, "log-log-time").tolist()
    [nan, nan, 1.0, 2.0]
    >>> positions({"step": [0, 9]}, "log-step").tolist()
    [0.0, 1.0]
    """
    if name == "log-log-time":
        at = np.array([math.nan if one is None else one for one in clock["log_time"]])
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(at >= FIRST_LOG_TIME, np.log10(at), np.nan)
    counted = clock["epoch" if name == "log-epoch" else "step"]
    return np.log10(np.array(counted, dtype=float) + 1.0)


def clock_axis(name: str, low: float, high: float) -> Axis:
    """Returns the axis of a clock: its ticks are powers of ten, and 0 where it counts from there.

    >>> [words for _, words in clock_axis("log-epoch", 0.0, math.log10(41.0)).ticks]
    ['0', '10', '40']
    """
    powers_there = powers(low, high, ACROSS)
    if name == "log-log-time":
        ticks = [(float(p), ten_to(p)) for p in powers_there]
        if len(ticks) < 2:
            ticks = one_two_five(10.0**low, 10.0**high)
    else:
        ticks = [(0.0, "0")] * (low <= 0.0) + [(math.log10(10.0**p + 1.0), ten_to(p)) for p in powers_there if p > 0]
        if len(ticks) < 2:
            counts = one_two_five(1.0, max(1.0, round(10.0**high - 1.0)))
            ticks = [(0.0, "0"), *((math.log10(10.0**at + 1.0), words) for at, words in counts)]
        elif high - ticks[-1][0] > END_APART * (high - low):
            ticks.append((high, number(round(10.0**high - 1.0))))
    return Axis(low, high, ticks, LABELS[name])


def log_axis(values: Array, label: str = "") -> Axis:
    """Returns an axis of powers of ten that holds all values, of at least 0.7 decades.

    >>> log_axis(np.array([1e-4, 1.0])).ticks
    [(-4.0, '10⁻⁴'), (-2.0, '10⁻²'), (0.0, '1')]
    """
    low, high = float(np.log10(values.min())), float(np.log10(values.max()))
    pad = max(0.08, 0.06 * (high - low), (LEAST_DECADES - (high - low)) / 2)
    low, high = low - pad, high + pad
    ticks = [(float(p), ten_to(p)) for p in powers(low, high, UP)]
    return Axis(low, high, ticks if len(ticks) > 1 else one_two_five(10.0**low, 10.0**high), label)


def share_axis(values: Array, label: str = "") -> Axis:
    """Returns the axis of a share: the whole of 0 to 1 and what exceeds it."""
    return Axis(min(0.0, float(values.min())), max(1.0, float(values.max())), [(0.0, "0"), (1.0, "1")], label)


def signed_axis(values: Array, label: str = "") -> Axis:
    """Returns the axis of what has a sign: 0 is in sight."""
    low, high = min(-1e-3, float(values.min())), max(0.0, float(values.max()))
    room = 0.12 * (high - low)
    return Axis(low - room, high + room, round_ticks(low - room, high + room, UP), label)


def round_ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Returns round numbers from `low` to `high`, about `most` of them: 1, 2, 5 or 10 times a power of ten apart.

    >>> round_ticks(-0.12, 1.05, 3)
    [(0.0, '0'), (0.5, '0.5'), (1.0, '1')]
    """
    rough = (high - low) / most
    ten = 10.0 ** math.floor(math.log10(rough))
    every = ten * next((times for times in (1, 2, 5) if times * ten >= rough), 10)
    first = math.ceil(low / every - ROUNDING_OF_ENDS)
    last = math.floor(high / every + ROUNDING_OF_ENDS)
    return [(at, number(at)) for i in range(first, last + 1) for at in [float(f"{i * every:.12g}")]]


def one_two_five(low: float, high: float) -> list[tuple[float, str]]:
    """Returns ticks of a log axis from `low` to `high`: 1, 2 and 5 times powers of ten, or over more than two decades
    the powers alone.

    >>> one_two_five(2.0, 100.0)[:3]
    [(0.3010299956639812, '2'), (0.6989700043360189, '5'), (1.0, '10')]
    """
    first, last = math.log10(low), math.log10(high)
    if last - first > 2.0:
        return [(float(p), ten_to(p)) for p in powers(first, last, ACROSS)]
    every = (times * 10.0**p for p in range(math.floor(first), math.ceil(last) + 1) for times in (1, 2, 5))
    return [(math.log10(at), number(at)) for at in every if low * (1 - 1e-9) <= at <= high * (1 + 1e-9)]


def powers(low: float, high: float, most: int) -> list[int]:
    """Returns whole exponents from `low` to `high`, evenly apart, about `most` of them at most.

    >>> powers(-0.2, 9.0, 4), powers(0.0, 3.0, 4)
    ([0, 3, 6, 9], [0, 1, 2, 3])
    """
    every = max(1, math.ceil((high - low) / most - ROUNDING_OF_ENDS))
    first = math.ceil(low / every - ROUNDING_OF_ENDS) * every
    return list(range(first, math.floor(high + ROUNDING_OF_ENDS) + 1, every))


def ten_to(exponent: int) -> str:
    """Returns a power of ten in words.

    >>> ten_to(2), ten_to(4), ten_to(-12)
    ('100', '10⁴', '10⁻¹²')
    """
    return f"{10**exponent:,}" if 0 <= exponent < 4 else f"10{str(exponent).translate(SUPERSCRIPTS)}"
