"""cursor.js: the line over the curves that follows the clock."""

from __future__ import annotations

import pytest

from tests.javascript import run_node

CODE = """
const calls = [], context = { clearRect: (...at) => calls.push(["clear", ...at]), fillRect: (...at) => calls.push(["fill", ...at]) };
const canvas = { style: {}, getContext: () => context };
globalThis.document = { createElement: () => canvas };
globalThis.window = { devicePixelRatio: given.ratio };
const cursor = new Cursor({ append() {} });
cursor.fit(100, 50, "red");
cursor.draw(10);
cursor.draw(20.5);
say({ calls, style: canvas.style, ink: [context.fillStyle, context.globalAlpha] });
"""  # noqa: E501


@pytest.mark.parametrize(("ratio", "half"), [(1, 1), (2, 2)])
def test_one_line_stands_where_the_clock_is_on_screens_of_any_density(tmp_path, ratio, half):
    (seen,) = run_node(tmp_path, CODE, "cursor.js", ratio=ratio)
    whole = ["clear", 0, 0, 100 * ratio, 50 * ratio]
    assert seen["calls"] == [
        step for left in (10, 20.5) for step in (whole, ["fill", left * ratio - half, 0, 2 * half, 50 * ratio])
    ]
    assert (seen["style"], seen["ink"]) == ({"width": "100px", "height": "50px"}, ["red", 0.7])
