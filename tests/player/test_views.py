"""views.js: the linear maps from many dimensions to three."""

from __future__ import annotations

import base64
from dataclasses import replace

import numpy as np
import pytest

from tests.javascript import run_node
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import build_film
from ulpm_core.model.etf import simplex_etf

MAPS = """
const film = parseFilm(bytesOf(given.film));
for (const seconds of given.seconds) {
  const { rows, flat } = viewMap(film, given.view, seconds);
  const out = project(film.at("ideal", film.frames - 1), film.axes, rows, 1);
  say({ rows: rows.map((row) => [...row]), flat, ideal: out.map((list) => [...list]) });
}"""
VIEW_FILES = ("film.js", "views.js")


def with_perfect_simplex(classes):
    """A film of which the ideal frame is the standard simplex."""
    film = build_film(simulate(RunConfig(classes=classes, dimension=classes - 1, per_class=2, steps=10)))
    ideal = np.repeat(simplex_etf(classes, classes - 1)[None], film.header["frames"], axis=0)
    ideal /= np.linalg.norm(ideal[0, 0])
    return replace(film, arrays=film.arrays | {"ideal": ideal.astype(np.float32)})


@pytest.mark.parametrize("view", ["first", "tour", "polygon"])
@pytest.mark.parametrize("classes", [5, 6, 10, 20])
def test_every_view_is_orthonormal_up_to_one_factor(tmp_path, classes, view):
    film = base64.b64encode(with_perfect_simplex(classes).to_bytes()).decode()
    maps = run_node(tmp_path, MAPS, *VIEW_FILES, film=film, view=view, seconds=[0, 1, 1000.5])
    for seen in maps:
        rows = np.array(seen["rows"])
        gram = rows @ rows.T
        np.testing.assert_allclose(gram, gram[0, 0] * np.eye(len(rows)), atol=1e-5)
        assert gram[0, 0] > 0.99
        assert len(rows) == (2 if view == "polygon" else 3)
        assert seen["flat"] == (view == "polygon")
    if view == "tour":
        assert np.abs(np.array(maps[0]["rows"]) - maps[2]["rows"]).max() > 0.1
    else:
        assert maps[0] == maps[2]


@pytest.mark.parametrize("classes", [5, 6, 10, 20])
def test_the_polygon_view_shows_a_perfect_simplex_as_a_regular_polygon(tmp_path, classes):
    film = base64.b64encode(with_perfect_simplex(classes).to_bytes()).decode()
    (seen,) = run_node(tmp_path, MAPS, *VIEW_FILES, film=film, view="polygon", seconds=[0])
    x, y, z = np.array(seen["ideal"])
    corner = np.exp(2j * np.pi * np.arange(classes) / classes)
    turned = (x + 1j * y) / corner
    np.testing.assert_allclose(turned, turned[0], atol=1e-4)
    assert abs(turned[0]) == pytest.approx(1.0, abs=1e-4)
    assert not z.any()


@pytest.mark.parametrize(("classes", "dimension"), [(2, 1), (3, 2), (4, 3)])
def test_up_to_four_classes_nothing_is_projected(tmp_path, classes, dimension):
    film = build_film(simulate(RunConfig(classes=classes, dimension=dimension, per_class=2, steps=10)))
    code = MAPS + "\nsay(viewsOf(film));"
    encoded = base64.b64encode(film.to_bytes()).decode()
    seen, views = run_node(tmp_path, code, *VIEW_FILES, film=encoded, view="tour", seconds=[9])
    assert np.array_equal(seen["rows"], np.eye(dimension))
    assert seen["flat"] == (dimension < 3)
    assert views == []
