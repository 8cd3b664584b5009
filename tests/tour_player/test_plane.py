"""plane.js: how far placed class means are off, whatever turn the whole picture has."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.javascript import run_node

OFF = """
for (const [points, truth] of given.pairs) {
  const turn = bestTurn(points, truth);
  say({ ...offPlacement(points, truth), turn, turned: turnedBy(points, turn) });
}
"""
POINT = st.tuples(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5)).filter(lambda at: math.hypot(*at) > 0.05)


def off(tmp_path, *pairs):
    return run_node(tmp_path, OFF, "tour_player/plane.js", pairs=pairs)


def star(*degrees, length=1.0):
    return [[length * math.cos(math.radians(a)), length * math.sin(math.radians(a))] for a in degrees]


def test_angles_are_compared_pair_by_pair_and_lengths_by_their_means(tmp_path):
    truth = star(0, 120, 240)
    right, crossed, line, none = off(
        tmp_path,
        [star(0, 90, 180, length=2.0), truth],
        [star(0, 180, 270), star(0, 90, 180)],
        [star(10, 100), star(0, 180)],
        [[[0, 0]] * 3, truth],
    )
    assert right["mean"] == pytest.approx(40) and right["longer"] == pytest.approx(2)
    assert right["worst"] == {"pair": [0, 2], "by": pytest.approx(60)}
    assert crossed["mean"] == pytest.approx((90 + 90 + 0) / 3)
    assert (line["pairs"], line["mean"]) == (1, pytest.approx(90))
    assert (none["mean"], none["worst"], none["longer"]) == (None, None, 0)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shapes=st.lists(st.lists(POINT, min_size=2, max_size=20), min_size=8, max_size=8),
    angle=st.floats(-math.pi, math.pi),
    mirrored=st.booleans(),
    power=st.integers(-290, 290),
)
def test_a_turned_mirrored_and_enlarged_placement_has_no_error(tmp_path, shapes, angle, mirrored, power):
    c, s, size = math.cos(angle), math.sin(angle), 10.0**power

    def moved(x, y):
        return [size * (c * x - s * y), size * (s * x + c * y) * (-1 if mirrored else 1)]

    pairs = [[[moved(*point) for point in shape], shape] for shape in shapes]
    for (_, truth), found in zip(pairs, off(tmp_path, *pairs), strict=True):
        assert found["mean"] == pytest.approx(0, abs=1e-4)
        assert found["longer"] == pytest.approx(size, rel=1e-6)
        for turned, point in zip(found["turned"], truth, strict=True):
            assert [x / size for x in turned] == pytest.approx(list(point), abs=1e-5)


def test_sizes_at_the_end_of_what_a_float_holds_are_compared_too(tmp_path):
    ends = [[1e300, 0], [0, 1e300], [-1e300, -1e300]]
    (found,) = off(tmp_path, [ends, [[1e-300, 0], [0, 1e-300], [-1e-300, -1e-300]]])
    assert found["mean"] == pytest.approx(0, abs=1e-9)
    assert found["turned"] == [pytest.approx(at, rel=1e-9, abs=1e285) for at in ends]
