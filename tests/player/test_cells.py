"""cells.js: where films stand that share a stage."""

from __future__ import annotations

import pytest

from tests.javascript import run_node

CELLS = """
const size = { width: 600, height: 400 };
for (const count of [1, 2, 3, 4]) say(cellsOf(count, size, 1).map(({ x, y, width, height }) => [x, y, width, height]));
say(cellsOf(4, size, 2).map(({ y, height }) => [y, height]));
say(cellsOf(4, { width: 0, height: 0 }, 1).map(({ width, height }) => [width, height]));
const cells = cellsOf(4, size, 1);
say([[10, 10], [599, 60], [299, 399], [301, 399]].map(([x, y]) => cellAt(cells, x, y)));
"""


def test_one_film_has_the_stage_two_share_its_width_and_four_stand_two_by_two_each_under_its_name(tmp_path):
    one, two, three, four, large, nothing, found = run_node(tmp_path, CELLS, "cells.js")
    assert one == [[0, 0, 600, 400]]
    assert two == [[0, 24, 300, 376], [300, 24, 300, 376]]
    assert four == [[0, 24, 300, 176], [300, 24, 300, 176], [0, 224, 300, 176], [300, 224, 300, 176]]
    assert three == four[:3]
    assert large == [[48, 152], [48, 152], [248, 152], [248, 152]]
    assert nothing == [[0, 0]] * 4
    assert found == [0, 1, 2, 3]


SIDES = """
const films = [3, 3, 2, 6].map((axes) => ({ axes }));
const settings = { ...USUAL, cameras: given.cameras };
say(sidesOf(films, settings, [false, false, true, false], { width: 800, height: 600 }));
"""


@pytest.mark.parametrize("cameras", [{}, {"space": {"eye": {"x": 1, "y": 0, "z": 0}}}])
def test_one_camera_sees_all_films_in_space_and_scenes_fill_their_cells(tmp_path, cameras):
    (sides,) = run_node(tmp_path, SIDES, "settings.js", "sides.js", cameras=cameras)
    seen = [side["camera"] for side in sides]
    assert seen[0] == seen[1] == seen[3] != seen[2]
    if cameras:
        assert seen[0] == cameras["space"]
    for side in sides:
        cell, domain = side["cell"], side["domain"]
        assert [800 * share for share in domain["x"]] == pytest.approx([cell["x"], cell["x"] + cell["width"]])
        below = 600 - cell["y"] - cell["height"]
        assert [600 * share for share in domain["y"]] == pytest.approx([below, below + cell["height"]])
