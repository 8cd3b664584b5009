"""guides.js: where words find room."""

from __future__ import annotations

from tests.javascript import run_node


def test_words_stand_near_their_line_and_touch_none(tmp_path):
    code = """
    const slope = [[0, 0], [200, 60]], flat = [[0, 50], [90, 50], null, [110, 50], [200, 50]];
    say([freeSpot([slope, flat], slope, [40, 12], [200, 60]),
      freeSpot([[[0, 5], [200, 5]]], slope, [40, 12], [200, 14])]);
    say([[100, 41], [100, 40], [20, 60]].map((at) => touches(flat, at, [20, 9])));
    say([touches([[5, 0], [5, 9]], [4, 4], [2, 2]), touches([[5, 5], null, [5, 30]], [5, 18], [2, 3])]);
    """
    (near, none), crossed, upright = run_node(tmp_path, code, "guides.js")
    x, y = near
    above, below = 60 * (x + 23) / 200, 60 * (x - 23) / 200  # the line at the ends of the box
    assert y + 9 < below or (y - 9 > above and y + 9 < 50)
    assert abs(y - 60 * x / 200) < 20
    assert none is None
    assert crossed == [True, False, False]
    assert upright == [True, False]
