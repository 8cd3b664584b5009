"""vectors.js: three numbers at a time."""

from __future__ import annotations

import numpy as np

from tests.javascript import run_node


def test_products_are_those_of_numpy(tmp_path, rng):
    pairs = rng.standard_normal((20, 2, 3))
    code = "for (const [a, b] of given.pairs) say([dot(a, b), cross(a, b), unit(a)]);"
    for (a, b), (scalar, vector, direction) in zip(
        pairs, run_node(tmp_path, code, "vectors.js", pairs=pairs.tolist()), strict=True
    ):
        np.testing.assert_allclose(scalar, a @ b, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(vector, np.cross(a, b), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(direction, a / np.linalg.norm(a), rtol=1e-12)
    assert run_node(tmp_path, "say(unit([0, 0, 0]));", "vectors.js") == [[0, 0, 0]]
