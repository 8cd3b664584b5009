"""colours.js: what tells classes apart."""

from __future__ import annotations

from itertools import pairwise

from tests.javascript import run_node


def test_neighbours_differ_in_colour_and_shape_and_no_pair_repeats_within_twenty_classes(tmp_path):
    (looks,) = run_node(tmp_path, 'say(Array.from({ length: 20 }, (_, k) => classLook(k, "black")));', "colours.js")
    assert len({(look["colour"], look["symbol"]) for look in looks}) == 20
    for one, other in pairwise(looks):
        assert one["colour"] != other["colour"] and one["symbol"] != other["symbol"]
    assert looks[6]["colour"] == "black"


def test_a_pale_colour_is_a_quarter_nearer_to_the_ground(tmp_path):
    pairs = [["#0072B2", "#ffffff"], ["rgb(0, 100, 200)", "rgb(100, 100, 100)"]]
    code = 'say([...given.pairs.map((pair) => pale(...pair)), rgbOf("rgba(1, 2, 3, 0.5)")]);'
    assert run_node(tmp_path, code, "colours.js", pairs=pairs) == [["rgb(64,149,197)", "rgb(25,100,175)", [1, 2, 3]]]
