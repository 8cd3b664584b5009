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
        ("log-epoch", 0, math.log10(41), ["0", "10", "40"]),
        ("log-step", 0, math.log10(15_001), ["0", "10", "100", "1,000", "10⁴"]),
        ("log-step", 0, math.log10(11), ["0", "10"]),
        ("log-log-time", -1, math.log10(math.nextafter(1000, 0)), ["e^0.1", "e", "e¹⁰", "e¹⁰⁰", "e¹⁰⁰⁰"]),
        ("log-log-time", 0.1, 0.4, ["3.52", "12.3"]),
        ("log-time", -1.2, 3, ["10⁻¹", "1", "10", "100", "1,000"]),
        ("log-time", 0.2, 0.9, ["1.58", "7.94"]),
        ("step", 0, 10_000, ["0", "5,000", "10,000"]),
        ("epoch", 0.5, 2.1, ["0.5", "1", "1.5", "2"]),
    ],
)
def test_every_clock_has_ticks_up_to_both_ends(tmp_path, clock, low, high, words):
    code = "say(clockTicks(given.clock, given.low, given.high));"
    (ticks,) = run_node(tmp_path, code, "ticks.js", clock=clock, low=low, high=high)
    assert ticks["words"] == words
    assert len(ticks["at"]) == len(words)
    assert low <= min(ticks["at"]) <= max(ticks["at"]) <= high + 1e-6


def test_the_log_log_clock_is_there_once_a_film_has_come_that_far(tmp_path):
    code = """
    const flow = (...logTime) => ({ timed: true, clock: { by: "log_time", step: [], log_time: logTime } });
    say([[flow(-2, 0.05)], [flow(-2, 3)], [flow(-2, 0.05), flow(-2, 3)]].map((films) => clocksOf(films)[0].name));
    """
    (first,) = run_node(tmp_path, code, "ticks.js")
    assert first == ["log-time", "log-log-time", "log-log-time"]  # on it, the first film would be an empty panel
