"""What figures show, as plain data: held to the files that they are of, to the player, and to independent formulas."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import numpy as np
import pytest

from app.jobs.landscapes import ground_of
from app.paper.clocks import clock_axis, clock_of, log_axis, positions
from app.paper.curves import curves_plate, plotted
from app.paper.looks import CURVES, FILMS
from app.paper.matrix import SELF, matrix_plate, shade
from app.paper.phases import phases_plate
from app.paper.plates import Cells, Heights, Line, Marks, Words
from app.paper.shows import SHOWS, film_plate
from app.paper.slices import slice_plate, surface_plate
from app.paper.stage import moment_words, plate_of_stage, sight_of
from app.views.phase_pictures import PICTURES, ends
from tests.javascript import run_node
from tests.paper.conftest import ESCAPE
from tests.player.films import encoded
from ulpm_core import ConfigError, RunConfig, simulate
from ulpm_core.files.features import load_snapshots
from ulpm_core.files.run import load_run
from ulpm_core.files.sweep import load_sweep
from ulpm_core.film.film import Film, build_film
from ulpm_core.film.network import network_film
from ulpm_core.studies.axes import axis
from ulpm_core.studies.study import Study
from ulpm_core.studies.sweep import Cell, gathered

CHART = """
const films = given.films.map((text) => parseFilm(bytesOf(text)));
const chart = chartOf(films, { chosen: films.at(-1), set: given.set, clock: clocksOf(films)[0].name, theme: {} });
say({
  clock: chart.clock, tracks: chart.tracks,
  panels: chart.panels.map(({ title, curves }) => ({ title, curves })),
  values: Object.fromEntries(films.at(-1).curves.map((curve) => [curve.name, plotted(films.at(-1), curve)])),
});
"""


def lines(panel) -> list[Line]:
    return [part for part in panel.parts if isinstance(part, Line)]


@pytest.mark.parametrize(
    ("name", "chosen"), [("flow", "run"), ("flow", "theorem"), ("flow", "figure-2"), ("steps", "run")]
)
def test_panels_curves_and_clock_are_those_of_the_player(tmp_path, request, name, chosen):
    film = request.getfixturevalue(f"{name}_film")
    (chart,) = run_node(tmp_path, CHART, "film.js", "chart.js", "ticks.js", films=encoded(film), set=chosen)
    plate = curves_plate([film], chosen)
    assert [panel.title for panel in plate.panels] == [panel["title"] for panel in chart["panels"]]
    assert clock_of([film]) == chart["clock"]
    track = np.array(chart["tracks"][0], dtype=float)
    np.testing.assert_allclose(positions(film.header["clock"], chart["clock"]), track, rtol=1e-12)
    for curve in film.header["curves"]:
        np.testing.assert_array_equal(plotted(film, curve), np.array(chart["values"][curve["name"]], dtype=float))
    held = [c for panel in chart["panels"] for c in panel["curves"]]
    assert [*plate.table][-len(set(held)) :] == [*dict.fromkeys(held)]


def test_lines_are_the_logarithms_of_what_the_table_holds(flow_film):
    plate = curves_plate([flow_film], "figure-2")
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = np.log10(np.array(plate.table["log_time"])), np.log10(flow_film.arrays["nc3"])
    drawn = next(line for line in lines(plate.panels[3]) if len(line.x) == len(x))
    known = np.isfinite(drawn.y) & np.isfinite(drawn.x)
    assert known.sum() > 20
    np.testing.assert_allclose(drawn.x[known], x[known])
    np.testing.assert_allclose(drawn.y[known], y[known])


def test_every_point_lies_within_the_axes(flow_film, steps_film):
    for films, chosen in (([flow_film], "run"), ([flow_film, steps_film], "run"), ([flow_film], "theorem")):
        for panel in curves_plate(films, chosen, ["a", "b"][: len(films)]).panels:
            for line in lines(panel):
                x, y = np.asarray(line.x, dtype=float), np.asarray(line.y, dtype=float)
                known = np.isfinite(x) & np.isfinite(y)
                assert (x[known] >= panel.across.low - 1e-9).all() and (x[known] <= panel.across.high + 1e-9).all()
                assert (y[known] >= panel.up.low - 1e-9).all() and (y[known] <= panel.up.high + 1e-9).all()


def test_lines_of_a_panel_are_told_apart_without_colours(flow_film, steps_film):
    for pens in (CURVES, FILMS):
        assert len({pen.dash for pen in pens}) == len(pens)
    for films in ([flow_film], [flow_film, steps_film]):
        for panel in curves_plate(films, "run", ["a", "b"][: len(films)]).panels:
            long = [
                line for line in lines(panel) if len(line.x) > 2 and len(line.y) in [f.header["frames"] for f in films]
            ]
            looks = [(line.pen.dash, line.mark) for line in long]
            assert len(set(looks)) == len(looks)


def test_figure_2_is_of_steps_and_of_networks_too(steps_film):
    plate = curves_plate([steps_film], "figure-2")
    assert [panel.title[:3] for panel in plate.panels] == ["(a)", "(b)", "(c)", "(d)"]
    assert plate.panels[0].across.label == "log t"


def test_ticks_of_an_axis_without_two_powers_of_ten_are_round():
    assert [words for _, words in log_axis(np.array([2.0, 6.0])).ticks] == ["2", "5"]
    assert [words for _, words in clock_axis("log-log-time", -0.7, 0.85).ticks] == ["0.2", "0.5", "1", "2", "5"]
    assert [words for _, words in clock_axis("log-epoch", 0.0, np.log10(9.0)).ticks] == ["0", "1", "2", "5"]
    for low, high in itertools.product((-20.0, -3.0, 0.1), (0.5, 4.0, 9.0)):
        ticks = log_axis(10.0 ** np.array([low, high])).ticks
        assert 2 <= len(ticks) <= 6 and ticks == sorted(ticks)


def test_the_stage_has_the_geometry_of_the_file(saved, steps, steps_film):
    """Centred, a run in three dimensions is turned and nothing else: all scalar products stay."""
    frame = 20
    table = plate_of_stage(sight_of(steps_film, frame)).table
    points = np.column_stack([table[f"axis_{i}"] for i in (1, 2, 3)]).astype(float)
    what = np.array(table["what"])
    snapshot = int(np.flatnonzero(steps.step == steps_film.header["clock"]["step"][frame])[0])
    held = np.load(saved["steps"])
    H, W, labels = held["H"][snapshot], held["W"][snapshot], held["labels"]
    features = (H - H.mean(axis=1, keepdims=True)).T
    means = np.stack([features[labels == k].mean(axis=0) for k in range(4)])
    for name, expected in (("features", features), ("means", means), ("classifiers", W - W.mean(axis=0))):
        found = points[what == name]
        np.testing.assert_allclose(
            found @ found.T, expected @ expected.T, atol=1e-5 * np.abs(expected).max() ** 2 + 1e-6
        )
    assert [*np.array(table["class"])[what == "features"]] == [*labels]


def test_the_camera_sees_as_a_pinhole_does(steps_film):
    """From (0, 0, 1) nothing is foreshortened but by its distance: x / (4.4 - z), 45 degrees from top to bottom."""
    sight = sight_of(steps_film, -1, camera=(0.0, 0.001, 1.0))
    x, y = sight.seen(np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
    scale = 200 / np.tan(np.pi / 8)
    np.testing.assert_allclose(x, [200, 200 - scale / 4.4, 200], atol=0.2)
    np.testing.assert_allclose(y, [200, 200, 200], atol=0.2)


def test_what_is_far_is_drawn_first(steps_film):
    sight = sight_of(steps_film)
    means = [part for part in plate_of_stage(sight).panels[0].parts if isinstance(part, Marks) and part.edge]
    depth = {
        round(float(x), 6): d
        for x, d in zip(sight.seen(sight.at("means"))[0], sight.eye.sees(sight.at("means"))[:, 2], strict=True)
    }
    far = [depth[round(mark.x[0], 6)] for mark in means]
    assert far == sorted(far, reverse=True) and len(far) == 4


def test_views_stand_still(steps_film):
    film = build_film(simulate(RunConfig(classes=6, dimension=5, per_class=2, steps=20)))
    assert len(sight_of(film, view="polygon").rows) == 2 and len(sight_of(film).rows) == 3
    with pytest.raises(ConfigError, match="view = tour is no view that stands still: use first or polygon"):
        sight_of(film, view="tour")


def test_a_name_that_the_fonts_lack_is_a_number(steps_film):
    film = Film(steps_film.header | {"names": ["ant", "猫", "$x$", "dé"]}, steps_film.arrays)
    words = [part.text for part in plate_of_stage(sight_of(film)).panels[0].parts if isinstance(part, Words)]
    assert words == ["ant", "2", "$x$", "dé"]


def test_moments_are_said_as_the_player_says_them(flow_film, steps_film):
    assert moment_words(steps_film, steps_film.header["frames"] - 1) == "step 300"
    assert moment_words(flow_film, flow_film.header["frames"] - 1) == "t = e^300"


def test_the_matrices_are_the_cosines_of_the_file(saved, flow_film):
    table = matrix_plate(flow_film, -1).table
    W = np.load(saved["flow"])["W"][-1]
    W = W - W.mean(axis=0)
    unit = W / np.linalg.norm(W, axis=1, keepdims=True)
    np.testing.assert_allclose(np.array(table["cosines_w"]).reshape(3, 3), unit @ unit.T, atol=1e-6)


def test_a_crowd_has_a_matrix_of_blocks_blank_at_the_cosine_of_all_classes():
    labels = np.repeat(np.arange(100), 2)
    H = np.random.default_rng(0).normal(size=(30, 200))
    np.savez(file := io.BytesIO(), H=H, labels=labels)
    file.seek(0)
    film = network_film(load_snapshots(file))
    plate = matrix_plate(film, 0)
    assert "Blank at −0.0101" in plate.caption and "mean over all classes of two blocks" in plate.caption
    (cells,) = [part for part in plate.panels[0].parts if isinstance(part, Cells)]
    selves = [cells.colours[i][i] == SELF for i in range(len(cells.colours))]
    assert selves == [size == 1 for size in film.header["crowd"]["blocks"]]


def test_shades_are_those_of_the_player(tmp_path):
    cosines = np.linspace(-1.0, 1.0, 41).tolist()
    code = "say(given.cosines.map((c) => matrixShade(c, given.ideal, [255, 255, 255])));"
    (theirs,) = run_node(tmp_path, code, "matrix.js", cosines=cosines, ideal=-0.25)
    ours = [[int(shade(c, -0.25)[i : i + 2], 16) for i in (1, 3, 5)] for c in cosines]
    assert np.abs(np.array(ours) - np.array(theirs)).max() <= 1  # halves are rounded the other way there


def test_discs_lie_below_the_ideal_and_squares_above(steps_film):
    (cells,) = [part for part in matrix_plate(steps_film, 0).panels[0].parts if isinstance(part, Cells)]
    cosines = steps_film.arrays["cosines"][0]
    for i, j in itertools.combinations(range(4), 2):
        assert cells.discs[i][j] == (cosines[i, j] < -1 / 3 - 1e-3)


def test_a_phase_picture_of_the_page_is_drawn_as_there():
    found = load_sweep("assets/phases/rates.npz")
    plate = phases_plate(found)
    (cells,) = [part for part in plate.panels[0].parts if isinstance(part, Cells)]
    shown = ends(found)
    assert len(cells.colours) == shown.shape[1] and len(cells.colours[0]) == shown.shape[0]
    crossed = np.array(cells.crossed).T
    np.testing.assert_array_equal(crossed, shown == 0.0)
    assert len({cells.colours[j][i] for i, j in np.ndindex(*shown.shape)}) == len(np.unique(shown))
    np.testing.assert_array_equal(np.array(plate.table["gamma"]), found.figures["gamma"].ravel())
    np.testing.assert_array_equal(
        np.array(plate.table["learning_rate"]), np.repeat(found.axes["learning_rate"], shown.shape[1])
    )


def test_the_picture_of_rare_classes_has_a_dash_a_rule_and_its_thresholds():
    plate = phases_plate(load_sweep("assets/phases/rare.npz"))
    drawn = lines(plate.panels[0])
    rules = [line for line in drawn if line.label]
    assert len(rules) == 3 == len({line.pen.dash for line in rules})
    assert len(drawn) == 5 and "norm balls 1 and 5 from 47.7" in plate.caption


def test_any_sweep_over_one_grid_or_two_has_a_picture():
    def cell(number):
        return Cell(number, ("done", "done"), {"gamma": (0.25 * number, 0.5), "nc1": (2.0 + number, 4.0)})

    one = gathered(Study(RunConfig(), (axis("learning_rate", [0.01, 0.1, 1.0]),), 2), {i: cell(i) for i in range(3)})
    (line,) = lines(phases_plate(one, "nc1").panels[0])
    np.testing.assert_allclose(line.x, [-2.0, -1.0, 0.0])
    np.testing.assert_allclose(line.y, [3.0, 3.5, 4.0])
    axes = axis("classes", [3, 4]), axis("dimension", [3, 4, 5])
    two = gathered(Study(RunConfig(), axes, 2), {i: cell(i) for i in range(6)})
    (cells,) = phases_plate(two, "nc1").panels[0].parts
    assert len(cells.colours) == 3 and len(cells.colours[0]) == 2
    with pytest.raises(ConfigError, match="value = x is no figure of this sweep: use gamma, nc1"):
        phases_plate(two, "x")
    three = gathered(Study(RunConfig(), (*axes, axis("seed", [1, 2]))), {})
    with pytest.raises(ConfigError, match="a picture has one --grid or two"):
        phases_plate(three)


@pytest.fixture(scope="module")
def ground(saved):
    return ground_of(ESCAPE, True, load_run(saved["escape"]))


def test_the_slice_has_the_saddle_in_its_middle_and_the_run_on_it(ground, saved):
    plate = slice_plate(ground, "a square")
    (heights,) = [part for part in plate.panels[0].parts if isinstance(part, Heights)]
    middle = len(heights.x) // 2
    held = load_run(saved["escape"])
    start = np.exp(heights.z[middle, middle])
    assert start == pytest.approx(5.077120 * 2 / 5, rel=1e-5)  # docs/theory.md: the square of margin 2, five a class
    table = plate.table
    run = np.array(table["what"]) == "run"
    assert run.sum() == len(held.step)
    first = np.array(table["first"])[run]
    assert abs(first[0]) == pytest.approx(0.1, rel=0.05) and abs(first[-1]) > 0.5  # pushed by a tenth, and gone
    assert len(table["log_loss"]) == heights.z.size + run.sum()
    assert heights.z.min() > ground.floor


def test_the_surface_hides_what_is_behind_it(ground):
    plate = surface_plate(ground, "a square")
    assert len(plate.table["first"]) == len(slice_plate(ground, "a square").table["first"])
    with pytest.raises(
        ConfigError, match="starts beside none: start beside one with --initialisation, for example square"
    ):
        ground_of(RunConfig(), True, None)


def test_a_figure_of_one_film_refuses_two(flow_film, steps_film):
    for show in ("stage", "matrix"):
        with pytest.raises(ConfigError, match=f"show = {show} is of one film, and 2 are given"):
            film_plate(show, [flow_film, steps_film], ["a", "b"], 0, "", None)


def test_a_set_that_a_film_does_not_have_is_refused_with_those_that_it_has(flow_film, steps_film):
    with pytest.raises(
        ConfigError,
        match=r"show = theorem needs curves that this run does not have: show one of curves, figure-2, stage, matrix\.",
    ):
        curves_plate([steps_film], "theorem")
    with pytest.raises(ConfigError, match=r"that these do not all have: show one of curves, figure-2\."):
        curves_plate([flow_film, steps_film], "theorem")


def test_a_film_without_a_curve_is_refused_beside_one_that_has(flow_film):
    moment = network_film(load_snapshots(Path(__file__).parents[1] / "fixtures" / "moment.npz"))
    with pytest.raises(ConfigError, match=r"show = curves is of several moments, and too few of those of b have a pl"):
        curves_plate([flow_film, moment], "run", ["a", "b"])
    with pytest.raises(
        ConfigError, match=r"and too few of these have a place on its axis of epoch: show one of stage, matrix\."
    ):
        curves_plate([moment], "run")


def test_every_picture_of_the_page_has_a_study_that_is_found_again():
    for name, picture in PICTURES.items():
        study = picture.study(RunConfig())
        assert picture.study(study.config).digest == study.digest, name
    assert {show.of for show in SHOWS.values()} == {"one", "several", "run", "sweep"}
