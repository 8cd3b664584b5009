"""traces.js: a frame of a film as lines, marks and names."""

from __future__ import annotations

import numpy as np

from tests.javascript import run_node
from tests.player.films import encoded, film_of

TRACES = """
const film = parseFilm(bytesOf(given.film));
const theme = { ink: "#111111", ground: "#ffffff", faint: "faint", grey: "grey", font: "serif" };
const settings = withChanges(USUAL, given.chosen);
const view = shownView([film], settings.view);
const { flat } = viewMap(film, view, 0);
const seen = { view, seconds: 0, camera: homeCamera({ flat, shadow: film.axes > 3 }, 400, 400), height: 400 };
const geometry = geometryOf(film, settings, film.frames - 1, seen);
const traces = tracesOf(film, 1, { settings, theme, isFlat: flat, geometry });
const listed = (list) => [...list].map((x) => (Number.isNaN(x) ? null : x));
say(traces.map((trace) => ({ ...trace, points: [trace.x, trace.y, trace.z].map(listed) })));
"""
FILES = ("film.js", "settings.js", "camera.js", "views.js", "traces.js")


def traces_of(tmp_path, film, **chosen):
    (traces,) = run_node(tmp_path, TRACES, *FILES, film=encoded(film)[0], chosen=chosen)
    return {trace["name"]: trace for trace in traces}


def test_a_frame_is_nine_traces_at_the_places_of_the_film(tmp_path):
    film = film_of()
    traces = traces_of(tmp_path, film)
    assert list(traces) == [
        "sphere", "edges", "ghost", "residuals", "trails", "features", "classifiers", "means", "names",
    ]  # fmt: skip
    assert all(trace["visible"] and trace["scene"] == "scene2" for trace in traces.values())
    features = film.arrays["features"][-1].astype(float).reshape(-1, 3)
    scale = film.arrays["scale"][-1]
    unit = max(np.sqrt((features**2).sum() / len(features)), scale)
    np.testing.assert_allclose(np.array(traces["features"]["points"]).T, features / unit, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(np.array(traces["ghost"]["points"]), axis=0), scale / unit, rtol=1e-5)
    assert len(traces["edges"]["points"][0]) == 3 * 6  # pairs of four classes, and a gap after each
    assert traces["residuals"]["points"][0][2] is None
    assert traces["names"]["text"] == ["1", "2", "3", "4"]
    assert len(set(traces["means"]["marker"]["color"])) == 4


def test_settings_are_seen_in_the_traces(tmp_path):
    film = film_of()
    usual, loud = traces_of(tmp_path, film), traces_of(tmp_path, film, big=1.5)
    assert loud["names"]["textfont"]["size"] == 1.5 * usual["names"]["textfont"]["size"]
    assert loud["means"]["marker"]["size"][0] == 1.5 * usual["means"]["marker"]["size"][0]
    assert traces_of(tmp_path, film, trails=False)["trails"]["points"] == [[0], [0], [0]]
    assert len(usual["trails"]["points"][0]) == 4 * 25
    features = film.arrays["features"].astype(float)
    spread = np.maximum(np.sqrt((features**2).sum(axis=(1, 2)) / features.shape[1]), film.arrays["scale"])
    largest = np.maximum(spread, film.arrays["scale_w"]).max()
    raw = np.array(traces_of(tmp_path, film, raw=True)["means"]["points"])
    np.testing.assert_allclose(raw * largest, np.array(usual["means"]["points"]) * spread[-1], rtol=1e-5)


def test_many_classes_have_no_edges_and_a_plane_has_a_circle(tmp_path):
    many = traces_of(tmp_path, film_of(classes=9, dimension=8, per_class=2, steps=10), view="polygon")
    assert not many["edges"]["visible"]
    assert not np.array(many["features"]["points"])[2].any()
    circle = np.array(many["sphere"]["points"])
    np.testing.assert_allclose(np.hypot(circle[0], circle[1]), 1, atol=1e-6)
    lone = traces_of(tmp_path, film_of(classes=7, dimension=3, per_class=2, steps=10))
    assert [name for name, trace in lone.items() if not trace["visible"]] == ["edges", "ghost", "residuals"]
