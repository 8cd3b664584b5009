"""A film's picture, against the player's own scripts under Node and as any browser would read it."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from app.player import picture
from tests.javascript import run_node
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import Film, build_film

CONFIGS = {
    "space": RunConfig(steps=200),
    "plane": RunConfig(classes=6, dimension=2, per_class=3, steps=50),
    "line": RunConfig(classes=2, dimension=1, per_class=3, steps=50),
    "sizes": RunConfig(class_sizes=(9, 9, 3, 3), weight_decay=0.5, steps=50),
    "shadow": RunConfig(classes=12, dimension=20, per_class=3, steps=50),
}

SEEN = """
const film = parseFilm(bytesOf(given.film));
const { rows, flat } = viewMap(film, viewsOf(film)[0]?.name ?? "first", 0);
const camera = homeCamera({ flat, shadow: film.axes > 3 }, 400, 400);
const viewer = viewerAt(camera);
const sight = sightOf(camera, 400, 400);
const place = (name) => project(film.at(name, given.frame), film.axes, rows, film.unit(name, given.frame, false));
const seen = ([x, y, z]) => Array.from(x, (_, i) => (Number.isNaN(x[i]) ? null : sight(x[i], y[i], z[i])));
const means = place("means");
say({
  features: seen(place("features")), means: seen(means), ideal: film.hasIdeal ? seen(place("ideal")) : [],
  arrows: seen(arrows(scaled(place("classifiers"), ARROW_LENGTH), viewer)), names: seen(nameSpots(means, viewer)),
  looks: Array.from({ length: film.classes }, (_, k) => classLook(k, "currentColor")),
  called: Array.from({ length: film.classes }, (_, k) => film.nameOf(k)),
});
"""


def encoded(film: Film) -> str:
    return base64.b64encode(film.to_bytes()).decode()


def network(film: Film, names: list[str]) -> Film:
    """A run's film in a network's clothes: it begins with the polygon view, and its classes have names."""
    return Film({**film.header, "kind": "network", "names": names}, film.arrays)


@pytest.mark.parametrize("kind", [*CONFIGS, "polygon"])
@pytest.mark.parametrize("frame", [0, 7, -1])
def test_the_picture_shows_what_the_stage_shows(tmp_path, kind, frame):
    film = build_film(simulate(CONFIGS[kind if kind in CONFIGS else "shadow"]))
    if kind == "polygon":
        film = network(film, [f"a class of a long name {k}" for k in range(12)])
    at = frame % film.header["frames"]
    files = ("film.js", "views.js", "shapes.js", "camera.js", "colours.js")
    (js,) = run_node(tmp_path, SEEN, *files, film=encoded(film), frame=at)
    rows = picture.view_rows(film)
    eye = picture.home_eye(film, len(rows))
    place = {name: picture.place(film, name, at, rows) for name in ("features", "means", "classifiers")}
    close = {"rtol": 1e-4, "atol": 1e-2}  # of a pixel: the player counts in float32
    for name in ("features", "means"):
        np.testing.assert_allclose(eye.sees(place[name]), js[name], **close)
    np.testing.assert_allclose(eye.sees(picture.name_spots(place["means"], eye.at)), js["names"], **close)
    if "ideal" in film.arrays:
        np.testing.assert_allclose(eye.sees(picture.place(film, "ideal", at, rows)), js["ideal"], **close)
    drawn = [picture.arrow(picture.ARROW_LENGTH * tip, eye.at) for tip in place["classifiers"]]
    ends = [[*shaft, barbs[0], shaft[1], barbs[2]] for shaft, barbs in drawn]
    np.testing.assert_allclose(eye.sees(np.array(ends).reshape(-1, 3)), [p for p in js["arrows"] if p], **close)
    looks = [picture.ClassLook.of(k, film.header["classes"]) for k in range(film.header["classes"])]
    assert [(look.colour, look.shape) for look in looks] == [(look["colour"], look["symbol"]) for look in js["looks"]]
    assert [picture.name_of(film, k) for k in range(len(looks))] == js["called"]


@pytest.mark.parametrize("kind", CONFIGS)
def test_a_picture_is_a_small_sound_drawing_with_every_class_and_name(kind):
    film = build_film(simulate(CONFIGS[kind]))
    text = picture.picture(film)
    assert len(text) < 25_000
    assert "nan" not in text and "inf" not in text
    svg = ElementTree.fromstring(text)
    classes = film.header["classes"]
    assert [name.text for name in svg.iter("text")] == [str(k + 1) for k in range(classes)]
    painted = [path.get("fill") or path.get("stroke") for path in svg.iter("path")]
    assert {picture.ClassLook.of(k, classes).colour for k in range(classes)} <= set(painted)
    frames = film.header["frames"]
    assert svg.get("aria-label") == f"{film.header['title']}: a picture of frame {frames} of {frames}"
    numbers = [float(x) for x in re.findall(r"M(-?[\d.]+) ", text)]
    assert np.isfinite(numbers).all()


def test_whatever_a_film_says_stays_text_in_its_picture():
    film = build_film(simulate(CONFIGS["plane"]))
    evil = '"><script>alert(1)</script>&'
    text = picture.picture(Film({**film.header, "title": evil, "names": [evil] * 6}, film.arrays))
    svg = ElementTree.fromstring(text)
    assert {element.tag for element in svg.iter()} == {"svg", "g", "path", "text"}
    assert next(svg.iter("text")).text == evil[:11] + "…"


def test_what_is_nowhere_is_drawn_at_the_origin_as_the_stage_does():
    film = build_film(simulate(CONFIGS["space"]))
    arrays = {name: np.full_like(array, np.nan) for name, array in film.arrays.items()}
    text = picture.picture(Film(film.header, arrays))
    assert "nan" not in text
    assert "M200 200" in text
