"""matrix.js: the cosine matrix, small."""

from __future__ import annotations

from tests.javascript import run_node

MATRIX = """
const calls = [];
const record = (name) => (...values) => { calls.push([name, ...values]); };
const context = Object.fromEntries(["clearRect", "fillRect", "beginPath", "moveTo", "lineTo", "stroke", "arc", "fill"].map((name) => [name, record(name)]));
const words = drawMatrix({ width: 30, height: 30, getContext: () => context }, given.cosines.map((c) => c ?? NaN), given.classes, [0, 0, 0]);
say({ words, calls });
"""  # noqa: E501


def test_an_angle_that_is_not_defined_is_struck_through_and_said(tmp_path):
    def drawn(cosines):
        (seen,) = run_node(tmp_path, MATRIX, "matrix.js", cosines=cosines, classes=3)
        assert seen["calls"][0] == ["clearRect", 0, 0, 30, 30]
        names = [name for name, *_ in seen["calls"]]
        return names.count("fillRect"), names.count("lineTo"), seen["words"]

    ideal = [1.0, -0.5, -0.5, -0.5, 1.0, -0.5, -0.5, -0.5, 1.0]
    assert drawn(ideal) == (9, 0, "Cosines between classes: mean −0.5, ideal −0.5, largest difference 0.")
    assert drawn([None] * 9) == (3, 6, "Cosines between classes: not defined here.")
    filled, struck, words = drawn([*ideal[:5], None, ideal[6], None, 1.0])
    assert (filled, struck) == (7, 2)
    assert words.endswith("largest difference 0, 2 of 6 not defined.")


def test_what_lies_below_the_ideal_is_a_disc(tmp_path):
    cosines = [1, -0.9, 0.5, -0.9, 1, -0.5, 0.5, -0.5, 1]
    (seen,) = run_node(tmp_path, MATRIX, "matrix.js", cosines=cosines, classes=3)
    drawn = {
        name: {(x, y) for kind, x, y in (call[:3] for call in seen["calls"] if len(call) > 2) if kind == name}
        for name in ("arc", "fillRect")
    }
    assert drawn["arc"] == {(15, 5), (5, 15)}
    assert drawn["fillRect"] == {(0, 0), (20, 0), (10, 10), (20, 10), (0, 20), (10, 20), (20, 20)}
