"""axes.js: an axis that no answer can break."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.javascript import run_node

SEEN = """
for (const numbers of given.lists) {
  const axis = axisOfMost(numbers, given.seen);
  say({ ...axis, shares: numbers.map((x) => shareOn(axis, x)), seen: given.seen.map((x) => shareOn(axis, x)) });
}
"""
NUMBERS = st.floats(-1e300, 1e300, allow_subnormal=False)


def axes_of(tmp_path, *lists, seen=()):
    return run_node(tmp_path, SEEN, "tour_player/axes.js", lists=lists, seen=list(seen))


def test_one_answer_far_from_all_others_does_not_say_how_wide_the_picture_is(tmp_path):
    usual = [1.0, 2.0, 2.0, 2.5, 3.0, 4.0]
    plain, broken, same, alone = axes_of(tmp_path, usual, [*usual, 1e300, -1e300], [120.0] * 9 + [1e9], [7.0])
    assert plain["low"] == broken["low"] < 1 and 4 < plain["high"] == broken["high"] < 5
    assert broken["shares"][-2:] == [2, -1]
    assert 0 <= same["shares"][0] <= 1 < same["shares"][-1]
    assert alone["low"] < 7 < alone["high"] and alone["ticks"]


def test_numbers_that_differ_by_factors_have_a_log_axis_on_which_0_lies_outside(tmp_path):
    (axis,) = axes_of(tmp_path, [10.0**k for k in range(-4, 5)] * 3 + [0.0], seen=[3.0])
    assert axis["log"] and axis["low"] <= -4 and axis["high"] >= 4
    assert axis["shares"][-1] == -1
    assert axis["seen"][0] == pytest.approx((math.log10(3.0) - axis["low"]) / (axis["high"] - axis["low"]))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lists=st.lists(st.lists(NUMBERS, min_size=1, max_size=12), min_size=8, max_size=8),
    seen=st.lists(NUMBERS, max_size=1),
)
def test_whatever_is_answered_the_axis_is_one_and_holds_the_middle_and_what_must_be_seen(tmp_path, lists, seen):
    for numbers, axis in zip(lists, axes_of(tmp_path, *lists, seen=seen), strict=True):
        assert math.isfinite(axis["low"]) and axis["low"] < axis["high"] < math.inf
        assert all(-1 <= share <= 2 for share in axis["shares"])
        assert all(-1e-9 <= share <= 1 + 1e-9 for share in axis["seen"])
        middle = sorted(range(len(numbers)), key=numbers.__getitem__)[len(numbers) // 2 :][0]
        assert len(numbers) % 2 == 0 or axis["log"] or -1e-9 <= axis["shares"][middle] <= 1 + 1e-9
        assert len(axis["ticks"]) <= 10 and all(-1e-6 <= tick["at"] <= 1 + 1e-6 for tick in axis["ticks"])
