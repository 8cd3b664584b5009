"""freehand.js and curve_panel.js: a sketch is a function of the clock, on the axes that the run's curve will have."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.javascript import run_node
from tests.player.films import encoded, film_of

PANEL = """
const film = parseFilm(bytesOf(given.film));
const panel = curvePanel(film, given.curve, ...given.frames);
"""
DRAWN = """
for (const strokes of given.hands) {
  let heights = emptySketch(panel), at = null;
  const start = heights[0];
  for (const stroke of strokes) {
    for (let i = 1; i < stroke.length; i += 1) heights = withStroke(heights, stroke[i - 1], stroke[i]);
  }
  const answer = answerOf(panel, heights);
  say({ start, heights, answer, back: answer && sketchOf(panel, answer) });
}
"""
PLACE = st.tuples(st.floats(-9, 80), st.floats(-2, 3))


@pytest.fixture(scope="module")
def film():
    return film_of()


def drawn(tmp_path, film, code, curve="loss", until=11, then=83, **given):
    modules = (
        "film.js",
        "tour_player/axes.js",
        "tour_player/curve_panel.js",
        "tour_player/freehand.js",
        "tour_player/sketch_words.js",
    )
    return run_node(
        tmp_path,
        PANEL + code,
        *modules,
        film=encoded(film)[0],
        curve=curve,
        frames=[until, then],
        **given,
    )


def test_the_panel_has_the_clock_and_scale_of_the_run_and_holds_all_of_it(tmp_path, film):
    code = """say({ axis: panel.axis, clock: panel.clock, ticks: panel.ticks, x: panel.x, y: panel.y,
      back: panel.x.map((x) => frameAcross(panel, x)), values: panel.y.map((y) => valueUp(panel, y)) });"""
    (panel,) = drawn(tmp_path, film, code)
    assert panel["axis"]["log"] and panel["clock"] == "step, log"
    assert [tick["words"] for tick in panel["ticks"]] == ["0", "10", "100", "300"]
    assert (panel["x"][0], panel["x"][-1]) == (0, 1) and panel["x"] == sorted(panel["x"])
    assert panel["back"] == pytest.approx(range(84), abs=1e-6)
    assert panel["values"] == pytest.approx(film.arrays["loss"].tolist())
    low, high = min(panel["y"]), max(panel["y"])
    assert 0.1 < low < high < 0.9  # the ends of the axis are not those of the run
    (gamma,) = drawn(tmp_path, film, code, curve="gamma", then=40)
    assert not gamma["axis"]["log"] and len(gamma["x"]) == 41


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    hands=st.lists(st.lists(st.lists(PLACE, min_size=2, max_size=6), min_size=1, max_size=4), min_size=6, max_size=6),
    until=st.integers(0, 82),
)
def test_whatever_a_hand_does_a_sketch_has_one_value_at_each_moment(tmp_path, film, hands, until):
    for strokes, seen in zip(hands, drawn(tmp_path, film, DRAWN, until=until, hands=hands), strict=True):
        assert seen["heights"][0] == seen["start"]
        assert all(height is None or 0 <= height <= 1 for height in seen["heights"])
        if (answer := seen["answer"]) is None:
            continue
        assert len(answer) <= 256
        assert all(here[0] < there[0] for here, there in pairwise(answer))
        assert until <= answer[0][0] and answer[-1][0] <= 83
        column, height = strokes[-1][-1]
        if 1 <= round(column) <= 64:
            assert seen["heights"][round(column)] == pytest.approx(min(1, max(0, height)))
        for before, after in zip(seen["heights"], seen["back"], strict=True):
            assert before is None or after == pytest.approx(before, abs=2e-3)


def test_going_back_overwrites_and_keys_move_knots(tmp_path, film):
    code = """
    let heights = withStroke(emptySketch(panel), [0, 0.5], [64, 0.5]);
    heights = withStroke(heights, [40, 0.9], [20, 0.1]);
    say([19, 20, 30, 40, 41, 64].map((column) => heights[column]));
    const knots = withKnot(withKnot(emptySketch(panel), 1, 0.8), 2, 0.4);
    say([4, 8, 12, 16, 17].map((column) => knots[column]));
    say(reached(withKnot(knots, 1, 0.2)));
    say(withKnot(knots, 1, 0.2)[12]);
    """
    back, knots, last, between = drawn(tmp_path, film, code)
    assert back == pytest.approx([0.5, 0.1, 0.5, 0.9, 0.5, 0.5])
    (start,) = drawn(tmp_path, film, "say(emptySketch(panel)[0]);")
    assert knots[:4] == pytest.approx([(start + 0.8) / 2, 0.8, 0.6, 0.4]) and knots[4] is None
    assert last == 16 and between == pytest.approx(0.3)


def test_an_answer_from_anybody_is_a_sketch_or_nothing(tmp_path, film):
    answers = [
        [[0, 1], [5, 2]],
        [[83, 1e300], [11, -1e300], [-1e300, 3], [1e300, 3]],
        [[40, 1], [20, 1], [40, 0.01], [83, 0.01]],
    ]
    before, huge, unsorted = drawn(
        tmp_path, film, "for (const one of given.answers) say(sketchOf(panel, one));", answers=answers
    )
    assert before == [None] * 65
    assert (huge[0], huge[-1]) == (-1, 2)
    assert unsorted[0] is None and unsorted[-1] == pytest.approx(unsorted[-9])


def test_what_is_said_of_a_sketch_is_its_mean_factor_or_difference(tmp_path, film):
    code = """
    const run = runHeights(panel), { low, high, log } = panel.axis;
    const moved = (by) => run.map((height, i) => (i ? height + (by.call ? by(i) : by) / (high - low) : height));
    const signed = (by) => (i) => (i % 2 ? by : -by);
    for (const by of log ? [Math.log10(3.2), -2, 0, signed(Math.log10(2))] : [0.12, -0.3, 0, signed(0.2)]) {
      say(sketchWords(panel, moved(by)));
    }
    say(sketchWords(panel, moved(0.2).map((height, i) => (i < 33 ? height : null))));
    say(sketchWords(panel, run.map(() => null)));
    """
    end = float(film.arrays["loss"][-1])
    high, low, close, mixed, half, none = drawn(tmp_path, film, code)
    assert high.startswith(
        "Across the picture your sketch is on average too high by a factor of 3.2. At the end the run is at "
    )
    assert f"the run is at {end:.3g}, your sketch at {3.2 * end:.3g}." in high
    assert "too low by a factor of 100." in low
    assert "within a factor of 1 of the run: very close." in close
    assert "off by a factor of 2, too high in some places and too low in others." in mixed
    assert "You sketched up to step " in half and "There the run is at " in half
    assert none == "There is nothing to compare: the run has no value where you sketched."
    high, low, close, mixed, *_ = drawn(tmp_path, film, code, curve="gamma")
    assert "on average 0.12 too high." in high and "on average 0.3 too low." in low
    assert "very close" in close and "on average 0.2 off, too high in some places" in mixed
