"""predicting.js: which values from storage or a room are answers to a sketch or a placement."""

from __future__ import annotations

from tests.javascript import run_node

TAKEN = "say(given.answers.map((one) => [isPoints(one, 1, 256), isPoints(one, 2, 20)]));"


def test_only_a_list_of_points_that_are_two_numbers_is_an_answer(tmp_path):
    point = [0, 1.5]
    answers = [[point] * 2, [point], [point] * 20, [point] * 21, [point] * 257]
    none = [None, 3, "a", {}, [], [[1]], [[1, 2, 3]] * 2, [[1, None]] * 2, [["1", "2"]] * 2, [point, None]]
    (taken,) = run_node(tmp_path, TAKEN, "tour_player/predicting.js", answers=[*answers, *none])
    assert taken[:5] == [[True, True], [True, False], [True, True], [True, False], [False, False]]
    assert taken[5:] == [[False, False]] * len(none)
