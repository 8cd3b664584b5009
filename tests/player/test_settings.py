"""settings.js: what a viewer has chosen, one value."""

from __future__ import annotations

import pytest

from tests.javascript import run_node
from tests.player.films import encoded, film_of


def test_settings_are_replaced_and_never_changed(tmp_path):
    code = """
    const loud = withChanges(USUAL, { talk: true });
    say([USUAL.talk, loud.talk, Object.isFrozen(USUAL), Object.isFrozen(loud)]);
    say([differ(USUAL, loud, ["talk"]), differ(USUAL, loud, ["view", "raw"]),
      differ(USUAL, USUAL, Object.keys(USUAL))]);
    """
    frozen, different = run_node(tmp_path, code, "settings.js")
    assert frozen == [False, True, True, True]
    assert different == [True, False, False]


def test_what_is_shown_to_a_room_grows_with_its_projector_and_nothing_else_does(tmp_path):
    code = """
    const sizes = [[1024, 768], [1280, 720], [1920, 1080], [3840, 2160], [390, 844]];
    for (const of of [{}, { talk: true }, { far: true }]) {
      say(sizes.map(([width, height]) => sized(withChanges(USUAL, of), width, height).big));
    }
    """
    usual, talk, far = run_node(tmp_path, code, "settings.js")
    assert usual == [1] * 5
    assert talk == far == [1.28, 1.5, 2.25, 4.5, 1]


def test_a_link_chooses_what_there_is_and_the_rest_is_passed_over(tmp_path):
    code = """
    const [space, many] = given.films.map((text) => parseFilm(bytesOf(text)));
    for (const [film, look] of [
      [space, { view: "tour", speed: 3 }], [many, { view: "polygon", speed: 8 }], [many, { view: "x" }],
      [many, { camera: [1, 0, 0] }], [many, { view: "polygon", camera: [0, 0, 1] }], [space, { camera: [1, "0", 0] }],
      [space, { camera: [0, 0, 90] }],
      [space, { theme: "dark", captions: "0", curve: "nc3" }], [space, { theme: "red" }],
      [space, { film: "B" }], [space, { film: "E" }]]) {
      say(chosenBy(look, film));
    }
    """
    films = encoded(film_of(steps=5), film_of(classes=6, dimension=5, steps=5))
    said = run_node(tmp_path, code, "film.js", "settings.js", films=films)
    assert said[:3] == [{}, {"view": "polygon", "speed": 8}, {}]
    assert said[3]["cameras"]["space"]["eye"] == pytest.approx({"x": 1, "y": 0, "z": 0}, abs=1e-12)
    assert list(said[4]["cameras"]) == ["flat"]
    assert said[5] == {}
    eye = said[6]["cameras"]["space"]["eye"]  # not lost from sight, and not right above
    assert sum(eye[axis] ** 2 for axis in "xyz") == pytest.approx(25)
    assert eye["z"] < 5
    assert said[7:] == [{"theme": "dark", "captions": False, "curve": "nc3"}, {}, {"film": 1}, {}]


def test_films_are_shown_in_the_chosen_view_or_in_the_usual_one_of_many_dimensions(tmp_path):
    code = """
    const [space, many] = given.films.map((text) => parseFilm(bytesOf(text)));
    const header = { ...many.header, kind: "network" };
    const network = new Proxy(many, { get: (film, name) => (name === "header" ? header : film[name]) });
    say([[[space], null], [[many], null], [[network], null], [[network, space], null], [[space, many], "tour"]]
      .map(([films, view]) => shownView(films, view)));
    """
    films = encoded(film_of(steps=5), film_of(classes=6, dimension=5, steps=5))
    (views,) = run_node(tmp_path, code, "film.js", "settings.js", films=films)
    assert views == ["first", "first", "polygon", "polygon", "tour"]
