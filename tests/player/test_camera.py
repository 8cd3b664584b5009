"""camera.js: where the stage is seen from."""

from __future__ import annotations

import numpy as np
import pytest

from tests.javascript import run_node


@pytest.mark.parametrize("kind", [{"flat": False}, {"flat": True}, {"flat": False, "shadow": True}], ids=str)
def test_a_scene_higher_than_wide_is_seen_from_farther_and_no_zoom_loses_it(tmp_path, kind):
    code = """
    const far = ({ eye }) => Math.hypot(eye.x, eye.y, eye.z);
    const sizes = [[600, 400], [400, 400], [400, 800], [200, 188], [100, 164], [0, 0]];
    say(sizes.map((size) => far(homeCamera(given.kind, ...size))));
    const home = homeCamera(given.kind, 400, 400);
    say([1e-9, 0.5, 1e9].map((factor) => far(dollied(home, factor))));
    """
    sizes, zooms = run_node(tmp_path, code, "camera.js", kind=kind)
    assert np.array(sizes) / sizes[1] == pytest.approx(
        [1, 1, 2, 1, 2, 1]
    )  # a narrow one has names as large as a wide one
    assert zooms == pytest.approx([0.2, sizes[1] / 2, 5])


def test_a_turned_camera_keeps_its_distance_and_never_goes_over_the_top(tmp_path):
    code = """
    const home = homeCamera({ flat: false }, 400, 400);
    say(given.turns.map(([across, up]) => turned(home, across, up).eye).map(({ x, y, z }) => [x, y, z]));
    """
    turns = [[0, 0], [np.pi / 2, 0], [2 * np.pi, 0], [0, 9], [0, -9], [1, 0.2]]
    (eyes,) = run_node(tmp_path, code, "camera.js", turns=turns)
    home, quarter, round_, top, bottom, other = np.array(eyes)
    np.testing.assert_allclose(np.linalg.norm(eyes, axis=1), np.linalg.norm(home), rtol=1e-12)
    np.testing.assert_allclose(quarter, [-home[1], home[0], home[2]], atol=1e-12)  # to the left, about the upright
    np.testing.assert_allclose(round_, home, atol=1e-12)
    level = np.arcsin(np.array([top[2], bottom[2], other[2]]) / np.linalg.norm(home))
    np.testing.assert_allclose(level, [1.5, -1.5, np.arcsin(home[2] / np.linalg.norm(home)) + 0.2], rtol=1e-9)
