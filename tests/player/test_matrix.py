"""matrix.js: the cosine matrix, small."""

from __future__ import annotations

import math

from tests.javascript import run_node

MATRIX = """
const side = 30, lines = [];
const context = {
  createImageData: (width, height) => ({ data: new Uint8ClampedArray(4 * width * height) }),
  putImageData({ data }) { this.data = data; },
  beginPath() {}, stroke() {}, moveTo: (...at) => lines.push(at), lineTo: (...at) => lines.at(-1).push(...at),
};
const picture = new MatrixPicture({ width: side, height: side, getContext: () => context });
picture.draw([1, 1, 1, 1], 2, [9, 9, 9]); // of another film: nothing of it stays
const words = picture.draw(given.cosines.map((c) => c ?? NaN), 3, given.ground, null, given.crowd);
const cells = given.cosines.map((_, i) => {
  const pixels = Array.from({ length: 100 }, (_, j) => 4 * (side * (10 * Math.floor(i / 3) + Math.floor(j / 10)) + 10 * (i % 3) + j % 10))
    .map((at) => [...context.data.subarray(at, at + 4)]);
  return { colours: [...new Set(pixels.map((pixel) => pixel.slice(0, 3).join()))], opacity: pixels.map((pixel) => pixel[3]) };
});
say({ words, lines, cells, shades: given.cosines.map((c) => matrixShade(c, -0.5, given.ground).join()) });
"""  # noqa: E501


def test_an_angle_that_is_not_defined_is_struck_through_and_said(tmp_path):
    def drawn(cosines):
        (seen,) = run_node(tmp_path, MATRIX, "matrix.js", cosines=cosines, ground=[0, 0, 0])
        empty = [i for i, cell in enumerate(seen["cells"]) if not any(cell["opacity"])]
        return empty, seen["lines"], seen["words"]

    ideal = [1.0, -0.5, -0.5, -0.5, 1.0, -0.5, -0.5, -0.5, 1.0]
    assert drawn(ideal) == ([], [], "Cosines between classes: mean −0.5, ideal −0.5, largest difference 0.")
    empty, lines, words = drawn([None] * 9)
    assert (empty, len(lines)) == ([1, 2, 3, 5, 6, 7], 6)
    assert words == "Cosines between classes: not defined here."
    empty, lines, words = drawn([*ideal[:5], None, ideal[6], None, 1.0])
    assert (empty, lines) == ([5, 7], [[20, 20, 30, 10], [10, 30, 20, 20]])
    assert words.endswith("largest difference 0, 2 of 6 not defined.")


def test_what_lies_below_the_ideal_is_a_disc_and_all_else_a_square_of_its_shade(tmp_path):
    cosines = [1, -0.9, 0.5, -0.9, 1, -0.5, 0.5, -0.5, 1]
    (seen,) = run_node(tmp_path, MATRIX, "matrix.js", cosines=cosines, ground=[250, 251, 252])
    for i, cell in enumerate(seen["cells"]):
        corner, middle = cell["opacity"][0], cell["opacity"][55]
        if i in (1, 3):
            assert (corner, middle) == (0, 255)
            assert abs(sum(cell["opacity"]) / 255 - math.pi * 5**2) < 0.5
            assert seen["shades"][i] in cell["colours"]
        elif i in (0, 4, 8):
            assert (cell["colours"], set(cell["opacity"])) == (["128,128,128"], {round(0.35 * 255)})
        else:
            assert (cell["colours"], set(cell["opacity"])) == ([seen["shades"][i]], {255})


def test_a_block_of_classes_has_a_cosine_within_itself(tmp_path):
    """Of 6 classes in blocks of 3, 2 and 1: blank at -1/5, and the last block alone is no pair."""
    cosines = [0.4, -0.2, -0.2, -0.2, -0.2, -0.2, -0.2, -0.2, 1.0]
    crowd = {"classes": 6, "blocks": [3, 2, 1]}
    (seen,) = run_node(tmp_path, MATRIX, "matrix.js", cosines=cosines, ground=[250, 251, 252], crowd=crowd)
    assert seen["words"] == "Cosines between blocks of classes: mean −0.125, ideal −0.2, largest difference 0.6."
    assert seen["cells"][1]["colours"] == seen["cells"][4]["colours"] == ["250,251,252"]
    assert seen["cells"][0]["colours"] not in (["250,251,252"], ["128,128,128"])
    assert seen["cells"][8]["colours"] == ["128,128,128"]
