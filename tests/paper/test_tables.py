"""Tables as CSV: read back, every number is the very one of the file that it came from."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.paper.tables import as_csv, curves_table
from tests.javascript import run_node
from tests.player.films import encoded
from ulpm_core import RunConfig, simulate
from ulpm_core.files.features import load_snapshots
from ulpm_core.files.recording import load_recording
from ulpm_core.film.film import build_film
from ulpm_core.film.network import network_film


def columns(text: str) -> dict[str, list[str]]:
    """The columns of a CSV, as they are written."""
    head, *rows = csv.reader(io.StringIO(text))
    return {name: [row[i] for row in rows] for i, name in enumerate(head)}


def numbers(cells: list[str]) -> np.ndarray:
    return np.array([float(cell) if cell else math.nan for cell in cells])


@pytest.mark.parametrize("name", ["flow", "steps"])
def test_every_curve_of_a_run_stands_in_the_table_to_the_last_digit(request, saved, name):
    film, held = request.getfixturevalue(f"{name}_film"), np.load(saved[name])
    read = {column: numbers(cells) for column, cells in columns(as_csv(curves_table([film]))).items()}
    assert len(held["step"]) == film.header["frames"]
    same = [column for column in read if column in held and held[column].shape == held["step"].shape]
    assert {"step", "time", "log_time", "loss", "nc1_trace_ratio", "nc2_angles", "nc3", "gamma"} <= {*same}
    for column in same:
        np.testing.assert_array_equal(read[column], held[column], err_msg=column)
    np.testing.assert_array_equal(read["minus_log_loss"], -held["log_loss"])
    np.testing.assert_array_equal(read["norm_w"], np.linalg.norm(held["W"], axis=(1, 2)))


def test_a_time_beyond_float64_is_written_as_the_file_holds_it():
    flow = curves_table([fake({"step": [0, 1], "time": [0.0, None], "log_time": [None, 1000.0]})])
    assert as_csv(flow) == "step,time,log_time\n0,0.0,-inf\n1,inf,1000.0\n"


def fake(clock):
    from ulpm_core.film.film import Film

    return Film({"clock": clock, "curves": [], "digest": "0"}, {})


def test_the_curves_of_a_network_count_epochs():
    recording = load_recording("tests/fixtures/net.npz")
    film, held = network_film(recording), np.load("tests/fixtures/net.npz")
    read = columns(as_csv(curves_table([film])))
    np.testing.assert_array_equal(numbers(read["epoch"]), held["epoch"])
    np.testing.assert_array_equal(numbers(read["nc1_trace_ratio"]), held["nc1_trace_ratio"])


def test_films_side_by_side_stand_below_each_other_under_their_names(flow_film, steps_film):
    table = curves_table([flow_film, steps_film], ["a", "b"])
    rows = columns(as_csv(table))
    frames = flow_film.header["frames"], steps_film.header["frames"]
    assert rows["film"] == ["a"] * frames[0] + ["b"] * frames[1]
    np.testing.assert_array_equal(numbers(rows["nc3"])[frames[0] :], steps_film.arrays["nc3"])
    only_of_flows = numbers(rows["duality_gap"])
    assert np.isfinite(only_of_flows[: frames[0]]).any() and not np.isfinite(only_of_flows[frames[0] :]).any()


@pytest.mark.parametrize("name", ["flow", "steps", "net", "features", "beyond"])
def test_the_player_saves_the_same_table(tmp_path, request, name):
    made = {
        "net": lambda: network_film(load_recording("tests/fixtures/net.npz")),
        "features": lambda: network_film(load_snapshots("tests/fixtures/features.npz")),
        "beyond": lambda: build_film(simulate(RunConfig(method="gradient-flow", log_time=2000.0, snapshots=20))),
    }
    film = made[name]() if name in made else request.getfixturevalue(f"{name}_film")
    code = "say(curvesAsCsv(parseFilm(bytesOf(given.films[0]))));"
    (text,) = run_node(tmp_path, code, "film.js", "moment.js", films=encoded(film))
    theirs, ours = columns(text), columns(as_csv(curves_table([film])))
    assert [*theirs] == [*ours] and {"step", "time", "log_time"} <= {*theirs}
    for column in theirs:
        np.testing.assert_array_equal(numbers(theirs[column]), numbers(ours[column]), err_msg=column)
        assert [not cell for cell in theirs[column]] == [not cell for cell in ours[column]], column
    if name == "beyond":
        assert (
            ours["time"][-1] == theirs["time"][-1] == "inf" and ours["log_time"][0] == theirs["log_time"][0] == "-inf"
        )


@given(st.lists(st.floats(allow_nan=False), min_size=1), st.lists(st.floats(width=32, allow_nan=False), min_size=1))
def test_any_number_is_read_back_as_itself(doubles, singles):
    assert [float(cell) for cell in columns(as_csv({"x": np.array(doubles)}))["x"]] == doubles
    read = [np.float32(cell) for cell in columns(as_csv({"x": np.array(singles, dtype=np.float32)}))["x"]]
    assert read == [np.float32(one) for one in singles]
