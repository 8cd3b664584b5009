"""ticks.js: ticks of every clock."""

from __future__ import annotations

import math

import pytest

from tests.javascript import run_node


@pytest.mark.parametrize(
    ("clock", "low", "high", "words"),
    [
        ("log-step", 0, math.log10(10_001), ["0", "10", "100", "1,000", "10⁴"]),
        ("log-step", 0, math.log10(8), ["0", "7"]),
        ("log-step", 0, math.log10(11), ["0", "10"]),
        ("log-log-time", -1, math.log10(math.nextafter(1000, 0)), ["e^0.1", "e", "e¹⁰", "e¹⁰⁰", "e¹⁰⁰⁰"]),
        ("log-log-time", 0.1, 0.4, ["3.52", "12.3"]),
        ("log-time", -1.2, 3, ["10⁻¹", "1", "10", "100", "1,000"]),
        ("log-time", 0.2, 0.9, ["1.58", "7.94"]),
    ],
)
def test_every_clock_has_ticks_up_to_both_ends(tmp_path, clock, low, high, words):
    code = "say(clockTicks(given.clock, given.low, given.high));"
    (ticks,) = run_node(tmp_path, code, "ticks.js", clock=clock, low=low, high=high)
    assert ticks["ticktext"] == words
    assert len(ticks["tickvals"]) == len(words)
    assert low <= min(ticks["tickvals"]) <= max(ticks["tickvals"]) <= high + 1e-6
