"""sketch.js: strokes of the stage without WebGL."""

from __future__ import annotations

from tests.javascript import run_node

STROKES = """
const sight = (x, y, z) => [x, y, z];
const trace = { mode: given.mode, name: given.name, x: given.x.map((v) => v ?? NaN), y: given.x.map(() => 0), z: given.z.map((v) => v ?? NaN) };
say(strokesOf(trace, sight, {}).map(({ depth }) => depth));
"""  # noqa: E501


def depths(tmp_path, mode, z, name="means"):
    x = [None if at is None else 1.0 for at in z]
    (said,) = run_node(tmp_path, STROKES, "sketch.js", mode=mode, name=name, x=x, z=z)
    return said


def test_a_line_has_a_stroke_between_neighbours_and_none_over_a_gap_or_behind_the_eye(tmp_path):
    assert depths(tmp_path, "lines", [1, 3, None, 5, 9]) == [2, 7]
    assert depths(tmp_path, "lines", [1, -3, 5, 7]) == [6]


def test_marks_are_drawn_each_for_itself_and_names_over_everything(tmp_path):
    assert depths(tmp_path, "markers", [1, None, 4]) == [1, 4]
    assert max(depths(tmp_path, "text", [1, 2], name="names")) < 0
    assert min(depths(tmp_path, "lines", [1, 2], name="sphere")) > 1e5
