"""camera.js: where the stage is seen from."""

from __future__ import annotations

import numpy as np
import pytest

from tests.javascript import run_node


@pytest.mark.parametrize("kind", [{"flat": False}, {"flat": True}, {"flat": False, "shadow": True}], ids=str)
def test_a_scene_higher_than_wide_is_seen_from_farther_and_no_zoom_loses_it(tmp_path, kind):
    code = """
    const far = ({ eye }) => Math.hypot(eye.x, eye.y, eye.z);
    say([[600, 400], [400, 400], [200, 400], [0, 0]].map((size) => far(homeCamera(given.kind, ...size))));
    const home = homeCamera(given.kind, 400, 400);
    say([1e-9, 0.5, 1e9].map((factor) => far(dollied(home, factor))));
    """
    sizes, zooms = run_node(tmp_path, code, "camera.js", kind=kind)
    assert np.array(sizes) / sizes[1] == pytest.approx([1, 1, 2, 1])
    assert zooms == pytest.approx([0.2, sizes[1] / 2, 5])
