"""names.js: names on the stage keep apart."""

from __future__ import annotations

import numpy as np

from tests.javascript import run_node


def test_names_move_apart_on_the_screen_and_no_farther_than_they_must(tmp_path):
    code = """
    const camera = homeCamera({ flat: false }, 600, 400), sight = sightOf(camera, 0, 400);
    const seen = (spots) => Array.from(spots[0], (_, k) => sight(spots[0][k], spots[1][k], spots[2][k]));
    const moved = namesApart(given.spots, camera, 400, given.sizes);
    say([seen(given.spots), seen(moved)]);
    say(boxesApart([[0, 0], [30, 0], [30, 8]], [[20, 10], [20, 10], [20, 10]]));
    """
    rng = np.random.default_rng(0)
    crowd = rng.standard_normal((3, 20)) * 0.2
    sizes = [[8.0 * (1 + (k > 8)), 13.0] for k in range(20)]
    (before, after), three = run_node(tmp_path, code, "camera.js", "names.js", spots=crowd.tolist(), sizes=sizes)
    before, after, boxes = np.array(before), np.array(after), np.array(sizes)
    np.testing.assert_allclose(before[:, 2], after[:, 2], rtol=1e-9)  # across the line of sight

    def covered(at):
        shared = (boxes[:, None] + boxes) / 2 - np.abs(at[:, None, :2] - at[None, :, :2])
        return int(np.triu((shared > 1).all(axis=2), 1).sum())

    assert covered(before) > 4
    assert covered(after) == 0
    assert np.hypot(*(after - before)[:, :2].T).max() < 40
    assert three == [[0, 0], [30, -1], [30, 9]]
