"""clock.js: the playhead follows real time."""

from __future__ import annotations

import pytest

from tests.javascript import run_node

CLOCK = """
const { speed = 1, loop = false, ...start } = given.start;
const clock = Object.assign(new Clock(), start);
clock.play();
for (const [act, ...values] of given.acts) clock[act](...values, { speed, loop });
say({ frame: clock.frame, position: clock.position, playing: clock.playing, frames: clock.frames });
"""


@pytest.mark.parametrize(
    ("start", "acts", "expected"),
    [
        ({"frames": 240}, [["advance", 1.0]], {"frame": 24, "playing": True}),
        ({"frames": 240}, [["advance", 0.5]] * 4, {"frame": 48, "playing": True}),
        ({"frames": 240}, [["advance", 2.0]], {"frame": 48, "playing": True}),
        ({"frames": 240, "speed": 8}, [["advance", 1.0]], {"frame": 192, "playing": True}),
        ({"frames": 240, "speed": 0.25}, [["advance", 1.0]], {"frame": 6, "playing": True}),
        ({"frames": 11}, [["advance", 2.0]], {"frame": 5, "playing": True}),
        ({"frames": 11}, [["advance", 100.0]], {"frame": 10, "playing": False}),
        ({"frames": 11, "loop": True}, [["advance", 5.0]], {"frame": 2, "playing": True}),
        ({"frames": 11, "loop": True}, [["advance", 4000.0]], {"frame": 0, "playing": True}),
        ({"frames": 1}, [["advance", 1.0]], {"frame": 0, "playing": False}),
        ({"frames": 11, "position": 10}, [], {"frame": 0, "playing": True}),
        ({"frames": 11}, [["seek", 7]], {"frame": 7, "playing": False}),
        ({"frames": 11}, [["seek", -3]], {"frame": 0, "playing": False}),
        ({"frames": 11}, [["seek", 99]], {"frame": 10, "playing": False}),
        ({"frames": 11}, [["seek", 5], ["take", 101, {}]], {"frame": 50, "playing": False}),
        ({"frames": 101, "position": 50}, [["take", 11, {"restart": True}]], {"frame": 5, "playing": True}),
        (
            {"frames": 11},
            [["seek", 10], ["take", 21, {"growing": True, "restart": True}]],
            {"frame": 20, "playing": False},
        ),
        ({"frames": 11}, [["seek", 10], ["take", 21, {"restart": True}]], {"frame": 0, "playing": True}),
        ({"frames": 11}, [["seek", 10], ["take", 21, {"restart": False}]], {"frame": 20, "playing": False}),
        ({"frames": 1}, [["take", 21, {"growing": True}]], {"frame": 0}),
        ({"frames": 11}, [["seek", 5], ["take", 101, {"another": True}]], {"frame": 0, "playing": False}),
        ({"frames": 11}, [["advance", 1.0], ["take", 101, {"another": True}]], {"frame": 0, "playing": True}),
        (
            {"frames": 11},
            [["seek", 10], ["take", 21, {"another": True, "restart": True}]],
            {"frame": 0, "playing": True},
        ),
    ],
    ids=str,
)
def test_the_clock_follows_real_time_and_keeps_its_place_when_a_film_arrives(tmp_path, start, acts, expected):
    (state,) = run_node(tmp_path, CLOCK, "clock.js", start=start, acts=acts)
    assert state | expected == state
    assert 0 <= state["frame"] < state["frames"]
