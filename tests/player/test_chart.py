"""chart.js: the figure of the curves as plain data."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.javascript import run_node
from tests.player.films import encoded, film_of

FIGURE = """
const films = given.films.map((text) => parseFilm(bytesOf(text)));
const names = ["font", "soft", "faint", "grey", "accent", "ink", "alarm"];
const theme = Object.fromEntries(names.map((name) => [name, name]));
const pinned = films.length > 1 ? films[0] : null;
const chart = chartOf(films.at(-1), pinned, { set: given.set, clock: given.clock, theme });
const { data, layout } = figureOf(chart, { width: 400, height: 600 }, (words) => 6 * words.length);
say({ data, layout, panels: chart.panels.map(({ title }) => title), shares: chart.x.map((x) => shareOf(chart, x)) });
"""


def figure_of(tmp_path, *films, panels="run", clock="log-step"):
    (figure,) = run_node(tmp_path, FIGURE, "film.js", "chart.js", films=encoded(*films), set=panels, clock=clock)
    return figure


def test_every_panel_of_a_run_has_its_curves_whole_and_one_clock_below(tmp_path):
    film = film_of()
    figure = figure_of(tmp_path, film)
    panels = [panel for panel in film.header["panels"] if panel["set"] == "run"]
    assert figure["panels"] == [panel["title"] for panel in panels]
    names = [name for panel in panels for name in panel["curves"]]
    assert len(figure["data"]) == len(names)
    for trace, name in zip(figure["data"], names, strict=True):
        known = [(x, y) for x, y in zip(trace["x"], trace["y"], strict=True) if y is not None]
        axis = figure["layout"]["yaxis" + trace["yaxis"][1:]]
        low, high = axis["range"]
        values = [np.log10(y) if axis["type"] == "log" else y for _, y in known]
        assert low <= min(values) and max(values) <= high, name
        np.testing.assert_allclose([y for _, y in known], film.arrays[name][-len(known) :], rtol=1e-6)
    assert figure["shares"] == sorted(figure["shares"])
    assert (figure["shares"][0], figure["shares"][-1]) == (0, 1)
    domains = [figure["layout"]["yaxis" + (str(i + 1) if i else "")]["domain"] for i in range(len(panels))]
    assert all(below[1] < above[0] for above, below in pairwise(domains))
    events = film.header["events"]
    assert [shape["x0"] for shape in figure["layout"]["shapes"]] == pytest.approx(
        [np.log10(1 + film.header["clock"]["step"][event["frame"]]) for event in events]
    )


def test_a_pinned_film_lies_dashed_beneath_and_both_fit(tmp_path):
    pinned, film = film_of(steps=1000), film_of(steps=100, learning_rate=0.3)
    figure = figure_of(tmp_path, pinned, film)
    beneath, above = figure["data"][:2]
    assert (beneath["line"]["dash"], beneath["line"]["color"]) == ("dash", "grey")
    assert (above["line"]["dash"], above["line"]["color"]) == ("solid", "accent")
    assert figure["layout"]["xaxis"]["range"] == pytest.approx([0, np.log10(1001)])
    assert figure["shares"][-1] == pytest.approx(np.log10(101) / np.log10(1001))


def test_a_guide_has_its_words_on_free_ground_and_an_unknown_set_is_the_usual_one(tmp_path):
    film = film_of(method="gradient-flow", log_time=690.0)
    figure = figure_of(tmp_path, film, panels="figure-2", clock="log-log-time")
    words = [note["text"] for note in figure["layout"]["annotations"]]
    assert words and set(words) <= {guide["label"] for guide in film.header["guides"]}
    assert figure_of(tmp_path, film, panels="none")["panels"] == figure_of(tmp_path, film)["panels"]


def test_what_is_not_defined_or_only_rounding_is_no_line_and_is_said(tmp_path):
    film = film_of(classes=2, dimension=1, per_class=1, initial_scale=0.0, steps=10)
    figure = figure_of(tmp_path, film)
    assert [note["text"] for note in figure["layout"]["annotations"]] == ["not defined here"] * 5 + ["0 all the time"]
    code = """
    const film = { arrays: { nc1: [1, 1e-31, NaN, 0], loss: [1e-300, 0], share: [0, Infinity] } };
    say([["nc1", "log"], ["loss", "log"], ["share", "share"]].map(([name, scale]) => plotted(film, { name, scale })));
    """
    (said,) = run_node(tmp_path, code, "chart.js")
    assert said == [[1, None, None, None], [1e-300, None], [0, None]]


def test_a_curve_is_drawn_down_to_the_floor_that_its_film_says(tmp_path):
    """Films of before say none: theirs goes by the name. Where no floor is known, any number above 0 is drawn."""
    code = """
    const film = { arrays: { nc3: [1, 1e-14, 1e-16, 0], objective: [1, 1e-300, 0, NaN] } };
    const seen = (curve) => say(plotted(film, { scale: "log", ...curve }));
    seen({ name: "nc3", floor: 1e-13 });
    seen({ name: "nc3" });
    seen({ name: "objective", floor: 0 });
    seen({ name: "objective" });
    seen({ name: "nc3", floor: 1e-13, scale: "signed" });
    """
    assert run_node(tmp_path, code, "chart.js") == [
        [1, None, None, None],
        [1, 1e-14, None, None],
        [1, 1e-300, None, None],
        [1, 1e-300, None, None],
        [1, 1e-14, 1e-16, 0],
    ]
