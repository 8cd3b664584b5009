"""Figures as plain data: what is drawn is what was found, what has no place is cut, and JSON can carry all of it."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.views.plots import VERMILION as CAUGHT
from app.views.slices import LIFT, OFF, slice_figure, tetrahedron_figure
from app.views.starts import BINS, Group, across, sentences, starts_figure
from app.views.texts import words_of
from ulpm_core.analysis.landscape import log_loss_floor
from ulpm_core.analysis.slices import Path, Slice
from ulpm_core.analysis.tetrahedron import TETRAHEDRON, path_log_loss, path_margin_ratio

NAMES = ("down", "across")


def bowl(reach: float = 1.0, points: int = 21) -> Slice:
    """A saddle that is known everywhere: log L = 2 - s + t/2, which grids hold exactly."""
    axis = np.linspace(-reach, reach, points)
    nothing = (np.zeros((2, 2)), np.zeros((2, 2)))
    return Slice(axis, 2.0 - axis[None, :] + axis[:, None] / 2, nothing, (nothing, nothing), 1.0)


def way(first, second, log_loss, off=0.0) -> Path:
    columns = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (first, second, log_loss, off)))
    return Path(*(np.array(column) for column in columns))


def on_surface(s, t):
    return 2.0 - s + t / 2


def lines(spec) -> dict[str, list[tuple[float, ...]]]:
    """The points of the run's solid and dashed line, gaps left out."""
    found = {}
    for trace in spec["data"]:
        if trace["type"] == "scatter3d" and trace["mode"] == "lines" and trace["line"]["color"] == CAUGHT:
            points = zip(trace["x"], trace["y"], trace["z"], strict=True)
            found[trace["line"]["dash"]] = [point for point in points if None not in point]
    return found


def words(spec) -> list[str]:
    return [word["text"] for word in spec["layout"]["scene"]["annotations"]]


def test_the_surface_has_a_point_for_every_state_of_the_slice():
    spec = slice_figure(bowl(), None, -1.0, NAMES)
    surface, scene = spec["data"][0], spec["layout"]["scene"]
    assert surface["x"] == surface["y"] == pytest.approx(np.linspace(-1, 1, 21))
    assert np.array(surface["z"], float) == pytest.approx(bowl().log_loss, abs=1e-3)
    assert (scene["xaxis"]["title"]["text"], scene["yaxis"]["title"]["text"]) == NAMES
    low, high = scene["zaxis"]["range"]
    assert low < -1.0 and high > 3.5
    saddle = next(trace for trace in spec["data"] if trace.get("name") == "saddle")
    assert (saddle["x"], saddle["y"]) == ([0], [0]) and 2.0 < saddle["z"][0] < 2.1
    sheet = next(trace for trace in spec["data"] if trace["type"] == "mesh3d")
    assert set(sheet["z"]) == {-1.0} and words(spec) == ["floor: the simplex", "saddle"]
    json.dumps(spec, allow_nan=False)


def test_without_a_floor_there_is_no_sheet():
    spec = slice_figure(bowl(), None, None, NAMES)
    assert words(spec) == ["saddle"] and not [trace for trace in spec["data"] if trace["type"] == "mesh3d"]


def test_a_small_slice_keeps_its_digits():
    surface = slice_figure(bowl(1e-6), None, None, NAMES)["data"][0]
    assert surface["x"] == pytest.approx(np.linspace(-1e-6, 1e-6, 21), abs=1e-9)
    assert np.ptp(np.array(surface["z"], float)) == pytest.approx(3e-6, rel=1e-3)


def test_the_run_lies_a_hair_above_the_surface_and_never_under_it():
    """Between records a grid step apart at most, though two records may be far apart."""
    s, t = np.array([0.0, 0.7, 0.9]), np.array([0.0, 0.3, -0.6])
    spec = slice_figure(bowl(), way(s, t, on_surface(s, t) - 0.3, 0.01), 0.0, NAMES)
    drawn = np.array(lines(spec)["solid"])
    assert list(lines(spec)) == ["solid"]
    assert drawn[:, 2] - on_surface(drawn[:, 0], drawn[:, 1]) == pytest.approx(LIFT * 3.0, abs=1e-3)
    assert np.hypot(*np.diff(drawn[:, :2], axis=0).T).max() <= 0.1 + 1e-3
    assert drawn[[0, -1], :2] == pytest.approx(np.array([[0.0, 0.0], [0.9, -0.6]]))
    assert words(spec)[-2:] == ["end", "saddle"]


def test_a_run_that_leaves_the_plane_is_dashed_from_there_and_says_its_own_loss():
    s = np.linspace(0.0, 0.8, 9)
    off = np.where(s > 0.45, 2 * OFF, 0.0)
    spec = slice_figure(bowl(), way(s, 0.0 * s, np.where(s > 0.45, 0.75, on_surface(s, 0.0)), off), 0.0, NAMES)
    solid, dashed = (np.array(lines(spec)[dash]) for dash in ("solid", "dash"))
    assert solid[:, 0].max() == pytest.approx(dashed[:, 0].min())  # no gap
    back = slice_figure(bowl(), way(s, 0.0 * s, on_surface(s, 0.0), off[::-1]), 0.0, NAMES)
    solid_back, dashed_back = (np.array(lines(back)[dash]) for dash in ("solid", "dash"))
    assert dashed_back[:, 0].max() == pytest.approx(solid_back[:, 0].min())
    assert 0.4 <= solid[:, 0].max() < 0.5 and dashed[:, 0].max() == pytest.approx(0.8)
    assert words(spec)[-2] == "end, off this plane: log L = 0.75"
    above = slice_figure(bowl(), way(s, 0.0 * s, 3.25, 1.0), 0.0, NAMES)
    assert list(lines(above)) == ["dash"] and {z for _, _, z in lines(above)["dash"]} == {3.25 + LIFT * 3.0}


def test_what_has_no_place_on_the_slice_is_cut():
    s = np.array([0.0, 0.5, 3.0, 0.5, np.nan, 0.2, 0.4, np.nan])
    spec = slice_figure(bowl(), way(s, 0.0 * s, on_surface(np.nan_to_num(s), 0.0)), 0.0, NAMES)
    turned = slice_figure(bowl(), way(0.0 * s, s, on_surface(0.0, np.nan_to_num(s))), 0.0, NAMES)
    assert [y for _, y, _ in lines(turned)["solid"]] == [x for x, _, _ in lines(spec)["solid"]]
    trace = next(trace for trace in spec["data"] if trace.get("line", {}).get("width") == 7)
    known = [x for x in trace["x"] if x is not None]
    assert max(known) <= 1.0 and max(known) > 0.9
    pieces = "".join(" " if x is None else "x" for x in trace["x"]).split()
    assert len(pieces) == 3  # out and back, and after the NaN
    assert "leaves the view" in words(spec)
    json.dumps(spec, allow_nan=False)
    away = slice_figure(bowl(), way([np.nan, 5.0], [0.0, 0.0], 1.0), 0.0, NAMES)
    assert lines(away) == {} and words(away) == ["floor: the simplex", "saddle"]
    json.dumps(away, allow_nan=False)


def test_phones_see_the_scene_from_farther_off():
    spec = slice_figure(bowl(), None, 0.0, NAMES)
    wide, narrow = (math.hypot(*spec[which]["scene"]["camera"]["eye"].values()) for which in ("layout", "narrow"))
    assert narrow > 1.5 * wide
    assert spec["narrow"]["scene"]["annotations"] == spec["layout"]["scene"]["annotations"]


def test_the_way_to_the_tetrahedron_has_its_exact_ends():
    epsilon, norm = np.linspace(0.0, 0.9, 91), math.sqrt(40.0)
    floor = float(log_loss_floor(np.array(norm), 4, 5))
    spec = tetrahedron_figure(path_log_loss(epsilon, 5, norm), epsilon, path_margin_ratio(epsilon), floor)
    loss, margin = spec["data"]
    assert np.exp([loss["y"][0], loss["y"][30]]) == pytest.approx([4.0617, 3.5503], abs=1e-3)
    assert margin["y"][0] == 0.75 and max(margin["y"]) == pytest.approx(1.0, abs=0.02)
    assert loss["x"] == margin["x"] == pytest.approx(epsilon) and margin["yaxis"] == "y2"
    layout = spec["layout"]
    assert layout["yaxis"]["range"][0] < floor and layout["yaxis"]["range"][1] > max(loss["y"])
    assert layout["yaxis2"]["range"][0] < 0.75 and layout["yaxis2"]["range"][1] > 1
    assert layout["yaxis"]["domain"][0] > layout["yaxis2"]["domain"][1]
    at = {word["text"]: word for word in layout["annotations"]}
    assert (at["square"]["x"], at["tetrahedron"]["x"]) == (0, TETRAHEDRON) and at["floor: the simplex"]["y"] == floor
    json.dumps(spec, allow_nan=False)


LOG_TIME = np.array([-np.inf, 0.0, 10.0, 300.0])
GAMMA = np.array([[-1.5, 0.2, 0.9, 0.99999], [-0.5, 0.4, 0.75, 0.7506], [np.nan, 0.1, 0.8, 0.9]])
LOW = Group("d = 3", LOG_TIME, GAMMA, np.array([7, 8, 9]))
HIGH = Group("d = 8", np.tile(LOG_TIME, (2, 1)), np.array([[0.0, 0.3, 0.9, 0.9912], [0, 0, 0, np.nan]]), np.arange(2))


def test_every_run_is_in_the_trace_of_its_end_with_its_own_seed():
    spec = starts_figure([LOW, HIGH], 4)
    arrived, caught, ends = spec["data"][:3]
    assert arrived["customdata"] == [7, 7, 7, 7, None]
    assert caught["customdata"] == [8, 8, 8, 8, None, 9, 9, 9, 9, None]  # exactly 0.9 is not above it
    assert arrived["y"] == [-1.5, 0.2, 0.9, 1.0, None] and caught["y"][5:7] == [None, 0.1]
    assert arrived["text"] == ["−∞", 0.0, 10.0, 300.0, None]
    assert arrived["x"][:-1] == pytest.approx([0, math.log1p(math.log(2)), math.log(11), math.log(301)], abs=1e-3)
    assert (arrived["line"]["dash"], caught["line"]["dash"], caught["line"]["color"]) == ("solid", "dash", CAUGHT)
    assert sum(ends["x"]) == 3
    of_high = spec["data"][3:]
    assert of_high[0]["customdata"] == [0] * 4 + [None] and of_high[1]["customdata"] == [1] * 4 + [None]
    assert of_high[1]["y"][3] is None and sum(of_high[2]["x"]) == 1  # an end without a margin is in no bin
    for trace in (arrived, caught, *of_high[:2]):
        assert len({len(trace[name]) for name in ("x", "y", "customdata", "text")}) == 1
    json.dumps(spec, allow_nan=False)


def test_the_histogram_counts_ends_where_they_are():
    gamma = np.array([-3.0, 0.75, 0.899, 0.9, 0.999, 1.0 + 1e-15])[:, None]
    ends = starts_figure([Group("", np.zeros(1), gamma, np.arange(6))])["data"][2]
    assert dict(zip(ends["text"], ends["x"], strict=True)) == {
        "-0.10 to -0.08": 1,
        "0.74 to 0.76": 1,
        "0.88 to 0.90": 1,
        "0.90 to 0.92": 1,
        "0.98 to 1.00": 2,
    }
    assert ends["marker"]["color"] == [CAUGHT] * 3 + ["@accent"] * 2
    assert 0.9 in BINS


def test_the_view_is_cut_below_and_the_square_is_told_to_four_classes_alone():
    four, other = (starts_figure([LOW, HIGH], classes)["layout"] for classes in (4, None))
    assert {tuple(four[axis]["range"]) for axis in ("yaxis", "yaxis2")} == {(-0.1, 1.02)}
    assert [word["text"] for word in four["annotations"]].count("square") == 2
    assert "square" not in [word["text"] for word in other["annotations"]]
    assert sorted({shape["y0"] for shape in four["shapes"]}) == [0.75, 1.0]
    assert {shape["y0"] for shape in other["shapes"]} == {1.0}
    assert "2 of 3, dashed" in four["annotations"][0]["text"]


def test_groups_stand_side_by_side_and_on_phones_one_below_the_other():
    spec = starts_figure([LOW, HIGH])
    wide, narrow = spec["layout"], spec["narrow"]
    across_page = [wide[axis]["domain"] for axis in ("xaxis", "xaxis2", "xaxis3", "xaxis4")]
    assert across_page == sorted(across_page) and across_page[-1][1] == pytest.approx(1)
    assert wide["yaxis"]["domain"] == wide["yaxis2"]["domain"] == [0, 1]
    assert narrow["xaxis"]["domain"] == narrow["xaxis3"]["domain"]
    assert narrow["yaxis"]["domain"][0] > narrow["yaxis2"]["domain"][1]
    assert wide["xaxis"]["ticktext"] == ["start", "1", "10", "100"]
    assert wide["xaxis"]["tickvals"] == pytest.approx([0, *across(np.array([1.0, 10.0, 100.0]))], abs=1e-3)


def test_sentences_are_the_numbers_of_the_ends():
    assert [*map(words_of, sentences([LOW, HIGH]))] == [
        "d = 3: 1 of 3 starts end with γ above 0.9; the least is 0.7506.",
        "d = 8: 1 of 2 starts end with γ above 0.9; the least is 0.9912. 1 of them ends without a margin.",
    ]
    near, none = np.array([[0.999999], [0.99999]]), np.array([[np.nan], [np.nan]])
    for margins, least in ((near, "0.9999"), (-near, "−1.0000")):
        (text,) = sentences([Group("g", np.zeros(1), margins, np.arange(2))])
        assert words_of(text).endswith(f"the least is {least}.")
    said = "g: 0 of 2 starts end with γ above 0.9. 2 of them end without a margin."
    assert sentences([Group("g", np.zeros(1), none, np.arange(2))]) == [said]


def _page() -> None:
    from app.figure.figure import figure

    figure({"data": [{"y": [1, None]}]}, key="figure", label="words", height=200)


def test_a_figure_travels_as_one_string():
    page = AppTest.from_function(_page).run()
    assert not page.exception
    (shown,) = page.get("bidi_component")
    data = json.loads(shown.proto.json)
    assert json.loads(data["figure"]) == {"data": [{"y": [1, None]}]}
    assert (data["label"], data["height"]) == ("words", 200) and data["plotly"].startswith("lab/code/plotly.min-")


def test_nan_is_refused():
    from app.figure.figure import figure

    with pytest.raises(ValueError, match="JSON"):
        figure({"data": [{"y": [math.nan]}]}, key="figure", label="words", height=200)
