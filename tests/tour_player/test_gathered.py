"""gathered.js: pictures of what a class has answered, which no answer can break."""

from __future__ import annotations

import json
import random
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.javascript import run_node
from tests.player.films import encoded, film_of

PICTURE = """
const film = given.film ? parseFilm(bytesOf(given.film)) : null;
const em = Math.max(13, given.width / 44);
const size = { width: given.width, height: 0.6 * given.width, em, measure: (words) => 0.5 * em * words.length };
for (const revealed of [false, true]) {
  const { question, result, scene } = given;
  say(pictureOf({ question: { ...question, kind: given.kind }, result, film, scene, revealed }, size));
}
"""
QUESTION = {"right": [], "truth": None, "tolerance": None, "curve": None}


@pytest.fixture(scope="module")
def plane():
    return film_of(classes=3, dimension=2)


def pictures(tmp_path, kind, result, film=None, width=1240, **question):
    """The picture before and after the right answers are shown; every number in them is one, and stands inside."""
    scene = film and {"until": 11, "then": film.header["frames"] - 1}
    seen = run_node(
        tmp_path,
        PICTURE,
        "film.js",
        "tour_player/gathered.js",
        kind=kind,
        result=result,
        film=film and encoded(film)[0],
        scene=scene,
        question={**QUESTION, **question},
        width=width,
    )
    for picture in seen:
        drawn = json.dumps(picture["parts"])
        assert not re.search(r"null|NaN|Infinity|e[+]\d", drawn)
        assert all(-2 * width < float(x) < 3 * width for x in re.findall(r'"(?:x|y|cx|cy|x1|x2)": (-?[\d.]+)', drawn))
        assert len({len(row) for row in picture["table"]}) <= 1
    return seen


def found(picture, name):
    """The parts of a class, wherever they stand."""
    inside = [found(one, name) for one in picture["parts"]]
    here = [picture] if name in str(picture.get("has", {}).get("class", "")).split() else []
    return [*here, *(one for each in inside for one in each)]


def test_a_bar_is_as_long_as_many_have_chosen_it_and_the_right_one_is_marked_once_revealed(tmp_path):
    result = {"answered": 57, "options": ["on a line", "at 90°", "<b>at</b> 120°"], "counts": [0, 38, 19]}
    asked, told = pictures(tmp_path, "choice", result, right=[2])
    lengths = [bar["has"]["width"] for bar in found(asked, "tp-bar")]
    assert lengths[2] == pytest.approx(lengths[1] / 2) and lengths[0] < 0.05 * lengths[1]
    assert [one["words"] for one in found(asked, "tp-figure")] == ["0 (0%)", "38 (67%)", "19 (33%)"]
    assert not found(asked, "tp-tickmark") and "ight" not in asked["words"]
    assert [one["words"] for one in found(told, "tp-strong")] == ["<b>at</b> 120°"]
    assert len(found(told, "tp-tickmark")) == 1 and len(found(told, "tp-wrong")) == 2
    assert told["words"] == "57 answers. Most chosen: at 90° (38). Right is: <b>at</b> 120° (19)."
    assert told["table"][3] == ["<b>at</b> 120°", "19", "33%", "right"]


def test_long_answers_are_broken_into_lines_that_fit_a_phone_and_twelve_stand_in_one_picture(tmp_path):
    words = "because three equal pushes around the origin balance only there and nowhere else, " * 6
    result = {"answered": 0, "options": [words, "x" * 500, *map(str, range(10))], "counts": [0] * 12}
    asked, _ = pictures(tmp_path, "several", result, width=360, right=[0, 1])
    lines = [one["words"] for one in found(asked, "") or asked["parts"] if one["tag"] == "text"]
    assert max(map(len, lines)) <= 2 * 360 / 13 and sum(line.endswith("…") for line in lines) == 2
    assert asked["words"] == "Nobody has answered yet."


def test_a_number_is_a_dot_and_what_lies_far_out_is_said(tmp_path):
    result = {"answered": 8, "numbers": [1, 2, 2, 2.1, 2.5, 3, 1e300, -1e300]}
    asked, told = pictures(tmp_path, "number", result, truth=2.0, tolerance=0.2)
    assert len(found(asked, "tp-dot")) == len(found(told, "tp-dot")) == 6
    columns = [dot["has"]["cx"] for dot in found(told, "tp-dot")]
    assert columns == sorted(columns) and len(set(columns)) == 5
    assert columns[1] == columns[2] == pytest.approx(found(told, "tp-truth")[0]["has"]["x1"])
    assert not found(asked, "tp-truth") and not found(asked, "tp-band") and "run" not in asked["words"]
    line, band = found(told, "tp-truth")[0]["has"], found(told, "tp-band")[0]["has"]
    assert line["x1"] == pytest.approx(band["x"] + band["width"] / 2)
    assert "The run says 2; 3 of 8 are near enough, at most 0.2 off." in told["words"]
    assert told["words"].endswith("2 answers lie beyond the picture: −1.0 × 10³⁰⁰, 1.0 × 10³⁰⁰.")
    assert ["2", "2"] in told["table"]


def test_five_hundred_answers_fit_and_are_all_counted(tmp_path):
    rng = random.Random(1)
    numbers = [120.0] * 250 + [rng.gauss(100, 30) for _ in range(250)]
    asked, _ = pictures(tmp_path, "number", {"answered": 500, "numbers": numbers})
    assert len(found(asked, "tp-dot")) == 500 and all(dot["has"]["cy"] > 0 for dot in found(asked, "tp-dot"))
    assert sum(int(row[-1]) for row in asked["table"][1:]) == 500


def test_sketches_lie_over_one_another_with_their_middle_and_the_run_once_revealed(tmp_path):
    film = film_of()
    flat = [[[11, value], [83, value]] for value in (1.0, 2.0, 9.0)]
    answers = [*flat, [[11, 1e300], [83, -1e300]], [[0, 1.0]]]
    asked, told = pictures(tmp_path, "draw", {"answered": 5, "sketches": answers}, film, curve="loss")
    key = 1
    assert len(found(asked, "tp-sketch")) == 5 + key and len(found(asked, "tp-median")) == 1 + key
    assert len(found(told, "tp-run")[0]["has"]["d"]) > 3 * len(found(asked, "tp-run")[0]["has"]["d"])
    assert asked["words"] == (
        "5 sketches. At step 300 · t 30 the one in the middle is at 1. 1 sketch leaves the picture."
        " 1 answer is no sketch of this part of the film."
    )
    assert f"The run ends at {film.arrays['loss'][-1]:.3g}." in told["words"]
    assert asked["table"][-1][0] == "step 300 · t 30" and asked["table"][-1][1] == "below the picture"
    many = [[[11, 10 ** random.Random(i).uniform(-2, 2)], [83, 1.0]] for i in range(500)]
    crowd, _ = pictures(tmp_path, "draw", {"answered": 500, "sketches": many}, film, curve="loss")
    assert found(crowd, "tp-sketch")[0]["has"]["opacity"] < found(asked, "tp-sketch")[0]["has"]["opacity"]


def test_placements_are_turned_to_where_they_fit_best_once_revealed(tmp_path, plane):
    end = plane.arrays["means"][-1]
    right = (end @ [[0, 1], [-1, 0]] / abs(end).max()).tolist()  # the end of the run, turned by a right angle
    result = {"answered": 4, "placements": [right, right, [[1e300, 0], [0, 1], [-1, 0]], [[1, 0]]]}
    asked, told = pictures(tmp_path, "place", result, plane)
    assert len(found(asked, "tp-spoke")) == len(found(told, "tp-spoke")) == 3
    assert "off" not in asked["words"] and "the answers are 0° off in the middle; the best is 0° off." in told["words"]
    assert "1 answer places another number of class means than 3, and is not drawn." in told["words"]
    assert "1 answer leaves the picture, up to a length of 1.0 × 10³⁰⁰." in told["words"]
    angles = {row[0]: row[1:] for row in told["table"]}
    assert angles["mean angle"] == ["120°", "120°"]


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=st.lists(st.lists(st.lists(st.floats(-1e300, 1e300), min_size=2, max_size=2), min_size=1, max_size=9)))
def test_whatever_the_room_took_is_drawn_and_said(tmp_path, plane, answers):
    """`pictures` looks at every number that is drawn."""
    for kind, name, curve in (
        ("draw", "sketches", "nc3"),
        ("draw", "sketches", "gamma"),
        ("place", "placements", None),
    ):
        for picture in pictures(tmp_path, kind, {"answered": len(answers), name: answers}, plane, curve=curve):
            assert picture["words"].startswith(f"{len(answers)} " if answers else "Nobody has answered yet.")
            assert "NaN" not in picture["words"] and "Infinity" not in picture["words"]


def test_without_its_film_a_sketch_is_only_counted(tmp_path):
    asked, told = pictures(tmp_path, "draw", {"answered": 1, "sketches": [[[0, 1]]]}, curve="loss")
    assert (asked["parts"], asked["words"]) == (told["parts"], told["words"]) == ([], "1 answer.")
