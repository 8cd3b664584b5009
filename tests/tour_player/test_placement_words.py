"""placement_words.js: what is said of placed class means, in degrees that are true."""

from __future__ import annotations

import math

from tests.javascript import run_node

WORDS = """
const film = { nameOf: (k) => String(k + 1) };
for (const [points, truth] of given.pairs) say(placementWords(film, points, truth));
"""


def star(*degrees, length=1.0):
    return [[length * math.cos(math.radians(a)), length * math.sin(math.radians(a))] for a in degrees]


def words(tmp_path, *pairs):
    return run_node(tmp_path, WORDS, "tour_player/placement_words.js", pairs=pairs)


def test_angles_lengths_and_the_turn_are_said(tmp_path):
    truth = star(0, 120, 240)
    off, turned, mirrored, pair, middle = words(
        tmp_path,
        [star(0, 90, 180, length=1.5), truth],
        [star(32, 152, 272), truth],
        [star(0, -100, -170), star(0, 100, 170)],
        [star(0, 166), star(0, 180)],
        [[[0, 0]] * 3, truth],
    )
    assert off.startswith(
        "The angles between your class means are 40° off on average, and at most 60°, between 1 and 3."
        " They are 1.5 times as long as the run's."
    )
    assert turned == (
        "The angles between your class means are those of the run. They are as long as the run's."
        " For the comparison your picture is turned by 32° as a whole: only angles and lengths count."
    )
    assert mirrored.endswith("For the comparison your picture is mirrored as a whole: only angles and lengths count.")
    assert pair.startswith("The angle between your class means is 14° off. They are as long")
    assert middle == (
        "A class mean in the middle has no direction, so there are no angles to compare."
        " They are 0 times as long as the run's."
    )
