"""shapes.js: lines in three dimensions."""

from __future__ import annotations

import numpy as np

from tests.javascript import run_node

NAMES = """
for (const eye of given.eyes) {
  const viewer = viewerAt({ eye: { x: eye[0], y: eye[1], z: eye[2] } });
  say({ viewer, names: nameSpots(given.means, viewer).map((list) => [...list]) });
}
"""


def test_a_name_stands_beyond_its_arrow_from_wherever_it_is_seen(tmp_path, rng):
    means = rng.standard_normal((3, 6))
    means /= np.linalg.norm(means, axis=0)
    eyes = (rng.standard_normal((20, 3)) * 0.8).tolist()
    for seen in run_node(tmp_path, NAMES, "shapes.js", "camera.js", means=means.tolist(), eyes=eyes):
        viewer, names = np.array(seen["viewer"])[:, None], np.array(seen["names"])
        heads = 1.25 * means
        step, sight = names - heads, viewer - heads
        far = np.linalg.norm(sight, axis=0)
        np.testing.assert_allclose((step * sight).sum(axis=0), 0, atol=1e-5)  # across the line of sight
        assert (np.linalg.norm(step, axis=0) <= 0.055 * far + 1e-6).all()
        assert ((step * heads).sum(axis=0) > 0).all()  # outwards
