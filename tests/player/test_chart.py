"""chart.js: the figure of the curves as plain data."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.javascript import run_node
from tests.player.films import encoded, film_of
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import build_film

FIGURE = """
const films = given.films.map((text) => parseFilm(bytesOf(text)));
const names = ["font", "soft", "faint", "grey", "accent", "ink", "alarm"];
const theme = Object.fromEntries(names.map((name) => [name, name]));
Object.assign(theme, { films: ["grey", "accent", "third", "fourth"] });
const chosen = films.at(given.chosen);
const chart = chartOf(films, { chosen, set: given.set, clock: given.clock, theme });
const figure = figureOf(chart, { width: 400, height: 600 }, (words) => 6 * words.length);
const titles = chart.panels.map(({ title }) => title), shares = trackOf(chart, chosen).map((x) => shareOf(chart, x));
say({ ...figure, titles, range: chart.range, shares });
"""
WIDTH = 400 - 46 - 16


def figure_of(tmp_path, *films, panels="run", clock="log-step", chosen=-1):
    given = {"films": encoded(*films), "set": panels, "clock": clock, "chosen": chosen}
    (figure,) = run_node(tmp_path, FIGURE, "film.js", "chart.js", **given)
    return figure


def written(figure, kind):
    return [words for words in figure["words"] if words["kind"] == kind]


def test_curves_beside_every_film_fold_to_the_first_and_no_others_do(tmp_path):
    film = build_film(simulate(RunConfig(classes=3, dimension=2, per_class=2, method="gradient-flow", log_time=5)))
    counted = """
        const film = parseFilm(bytesOf(given.film));
        for (const set of ["run", "theorem"]) for (const most of [FEW_CURVES, Infinity]) {
          const { panels, foldable } = chartOf([film], { chosen: film, set, clock: "log-time", theme: {}, most });
          say([panels.length, foldable]);
        }"""
    (film,) = encoded(film)
    few, all_of_run, theorem, whole = run_node(tmp_path, counted, "film.js", "chart.js", "unfolding.js", film=film)
    assert few == [3, all_of_run[0] - 3] and all_of_run[1] == few[1] > 0
    assert theorem == whole and theorem[0] > 3 and theorem[1] == 0


def test_a_speaker_has_one_curve_beside_the_stage_and_a_film_without_it_its_own(tmp_path):
    film = film_of()
    code = """
        const film = parseFilm(bytesOf(given.film));
        for (const only of ["nc2_angles_w", "test_accuracy"]) {
          say(chartOf([film], { chosen: film, set: "theorem", clock: "log-time", theme: {}, only }).panels);
        }
        say(listedCurves(film.header));"""
    one, without, listed = run_node(tmp_path, code, "film.js", "chart.js", "panels.js", film=encoded(film)[0])
    assert one == [{"set": "run", "title": "NC2 · angles even out", "curves": ["nc2_angles_w"]}]
    assert len(without) > 1
    assert ["loss", "Loss"] in listed and ["nc2_angles_w", "NC2 · angles even out: classifiers"] in listed
    assert len({words for _, words in listed}) == len(listed)


def test_every_panel_of_a_run_has_its_curves_whole_and_one_clock_below(tmp_path):
    film = film_of()
    figure = figure_of(tmp_path, film)
    shown = [panel for panel in film.header["panels"] if panel["set"] == "run"]
    assert figure["titles"] == [panel["title"] for panel in shown]
    curves = {curve["name"]: curve for curve in film.header["curves"]}
    for panel, drawn in zip(shown, figure["panels"], strict=True):
        height = drawn["size"]["height"]
        for name, stroke in zip(panel["curves"], drawn["strokes"], strict=True):
            known = [(i, *point) for i, point in enumerate(stroke["points"]) if point is not None]
            frames, across, down = np.array(known).T
            assert np.all((down >= 0) & (down <= height)), name
            np.testing.assert_allclose(across, WIDTH * np.array(figure["shares"])[frames.astype(int)])
            values = film.arrays[name][frames.astype(int)]
            values = np.log10(values) if curves[panel["curves"][0]]["scale"] == "log" else values
            assert abs(np.corrcoef(down, -values)[0, 1] - 1) < 1e-9, name
    assert figure["shares"] == sorted(figure["shares"])
    assert (figure["shares"][0], figure["shares"][-1]) == (0, 1)
    spans = [(panel["at"][1], panel["at"][1] + panel["size"]["height"]) for panel in figure["panels"]]
    assert all(above[1] + 24 <= below[0] for above, below in pairwise(spans)) and spans[-1][1] <= 600 - 42
    clock = written(figure, "clock")
    assert [tick["text"] for tick in clock] == ["0", "10", "100", "300"]
    steps = np.array([0, 10, 100, 300])
    assert [tick["at"][0] for tick in clock] == pytest.approx(46 + WIDTH * np.log10(1 + steps) / figure["range"][1])
    marks = [line["points"] for line in figure["beneath"] if line["points"][0][0] == line["points"][1][0]]
    events = [46 + WIDTH * figure["shares"][event["frame"]] for event in film.header["events"]]
    assert marks == [[[pytest.approx(at), 0], [pytest.approx(at), 558]] for at in events]


def test_a_line_of_the_grid_lies_where_the_word_beside_it_says(tmp_path):
    film = film_of()
    figure = figure_of(tmp_path, film)
    grid = [line["points"] for line in figure["beneath"] if line["points"][0][0] != line["points"][1][0]]
    beside = written(figure, "value")
    assert [y for (_, y), _ in grid] == [tick["at"][1] for tick in beside]
    panel = figure["panels"][figure["titles"].index("Loss")]
    loss, height = film.arrays["loss"], panel["size"]["height"]
    down = [point[1] for point in panel["strokes"][0]["points"]]
    decade = (down[-1] - down[0]) / np.log10(loss[0] / loss[-1])
    for tick in beside:
        if 0 <= tick["at"][1] - panel["at"][1] <= height:
            value = float(tick["text"].replace("10⁻", "1e-").translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")))
            assert tick["at"][1] - panel["at"][1] == pytest.approx(down[0] + decade * np.log10(loss[0] / value))


def test_a_pinned_film_lies_dashed_beneath_and_both_fit(tmp_path):
    pinned, film = film_of(steps=1000), film_of(steps=100, learning_rate=0.3)
    figure = figure_of(tmp_path, pinned, film)
    beneath, above = figure["panels"][0]["strokes"][:2]
    assert (beneath["dash"], beneath["colour"]) == ("9 9", "grey")
    assert (above["dash"], above["colour"]) == ("", "accent")
    assert figure["range"] == pytest.approx([0, np.log10(1001)])
    assert figure["shares"][-1] == pytest.approx(np.log10(101) / np.log10(1001))


def test_four_films_differ_in_colour_and_dash_and_the_chosen_one_lies_on_top(tmp_path):
    films = [film_of(steps=100 * (i + 1), seed=i) for i in range(4)]
    figure = figure_of(tmp_path, *films, chosen=1)
    two = figure["titles"].index("NC2 · angles even out")
    strokes = figure["panels"][two]["strokes"]
    looks = [(stroke["colour"], stroke["dash"]) for stroke in strokes]
    assert [colour for colour, _ in looks[::2]] == ["grey", "third", "fourth", "accent"]
    assert looks[::2] == looks[1::2]  # of a film, class means and classifiers differ in width alone
    assert len(set(looks)) == len({dash for _, dash in looks}) == 4
    widths = [stroke["width"] for stroke in strokes]
    assert all(first > second for first, second in zip(widths[::2], widths[1::2], strict=True))
    assert max(widths) == widths[-2]
    events = [46 + WIDTH * figure["shares"][event["frame"]] for event in films[1].header["events"]]
    marks = [line["points"] for line in figure["beneath"] if line["points"][0][0] == line["points"][1][0]]
    assert [at for (at, _), _ in marks] == [pytest.approx(at) for at in events]


def test_a_guide_has_its_words_on_free_ground_and_an_unknown_set_is_the_usual_one(tmp_path):
    film = film_of(method="gradient-flow", log_time=690.0)
    figure = figure_of(tmp_path, film, panels="figure-2", clock="log-log-time")
    words = [each["text"] for each in written(figure, "guide")]
    assert words and set(words) <= {guide["label"] for guide in film.header["guides"]}
    assert figure_of(tmp_path, film, panels="none")["titles"] == figure_of(tmp_path, film)["titles"]


def test_what_is_not_defined_or_only_rounding_is_no_line_and_is_said(tmp_path):
    film = film_of(classes=2, dimension=1, per_class=1, initial_scale=0.0, steps=10)
    figure = figure_of(tmp_path, film)
    assert [each["text"] for each in written(figure, "empty")] == ["not defined here"] * 5 + ["0 all the time"]
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
