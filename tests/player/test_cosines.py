"""cosines.js: the cosine matrix, opened."""

from __future__ import annotations

from tests.javascript import run_node


def test_figures_of_the_opened_matrix_are_short_and_read_on_every_colour(tmp_path):
    code = """
    say([-1 / 3, 0.004, -0.004, 1, -1].map(cosineWords));
    const light = (rgb) => rgb.map((x) => { const c = x / 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; })
      .reduce((sum, x, i) => sum + [0.2126, 0.7152, 0.0722][i] * x, 0);
    let least = Infinity;
    for (const ground of [[253, 253, 252], [17, 21, 28], [0, 0, 0], [255, 255, 255]]) {
      for (let cosine = -1; cosine <= 1; cosine += 0.01) {
        const shade = matrixShade(cosine, -1 / 9, ground), l = light(shade);
        least = Math.min(least, inkOn(shade) === "#fff" ? 1.05 / (l + 0.05) : (l + 0.05) / 0.05);
      }
    }
    say(least);
    """  # noqa: E501
    words, least = run_node(tmp_path, code, "matrix.js", "cosines.js")
    assert words == ["−0.33", "0.00", "0.00", "1.00", "−1.00"]
    assert least >= 4.5
