"""`python -m app figure`: a saved run becomes a figure and its numbers, or one line on stderr says why not."""

from __future__ import annotations

import csv
import json
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from cli.lines import refusal

from app import __main__ as command
from ulpm_core import RunConfig, simulate
from ulpm_core.files.run import save_run

FIXTURES = Path(__file__).parents[1] / "fixtures"
ROOM = Path(__file__).parents[2] / "assets" / "phases" / "room.npz"


@pytest.fixture
def call(call):
    """Runs a line of `python -m app figure`."""
    return partial(call, "figure", command=command)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    runs = {
        "flow": RunConfig(classes=3, dimension=3, per_class=2, method="gradient-flow", log_time=100.0),
        "square": RunConfig(initialisation="square", per_class=2, method="gradient-flow", log_time=50.0),
        "steps": RunConfig(classes=3, dimension=2, per_class=2, steps=50),
    }
    for name, config in runs.items():
        save_run(simulate(config), folder / f"{name}.npz")
    return {name: folder / f"{name}.npz" for name in runs}


def table(path: Path) -> dict[str, list[str]]:
    head, *rows = csv.reader(path.open(encoding="utf-8"))
    return {name: [row[i] for row in rows] for i, name in enumerate(head)}


@pytest.mark.parametrize(
    ("file", "show"),
    [
        *(("flow", show) for show in ("curves", "figure-2", "figure-2-uncentred", "theorem", "stage", "matrix")),
        *(("square", show) for show in ("escape", "slice", "surface")),
        *(("steps", show) for show in ("curves", "figure-2", "stage")),
    ],
)
def test_every_figure_is_written_with_its_numbers(call, empty, saved, file, show):
    assert call(saved[file], "--show", show, "--out", empty / "fig.svg") == (0, "", "")
    assert sorted(path.name for path in empty.iterdir()) == ["fig.csv", "fig.svg"]
    assert ElementTree.parse(empty / "fig.svg").getroot().tag.endswith("svg")
    assert len(next(iter(table(empty / "fig.csv").values()))) > 5


@pytest.mark.parametrize(
    ("file", "show"),
    [
        ("net.npz", "curves"),
        ("net.npz", "stage"),
        ("net.npz", "matrix"),
        ("features.npz", "stage"),
        ("moment.npz", "matrix"),
    ],
)
def test_networks_and_features_have_figures_too(call, empty, file, show):
    assert call(FIXTURES / file, "--show", show, "--out", empty / "fig.pdf") == (0, "", "")
    assert (empty / "fig.pdf").read_bytes().startswith(b"%PDF")


def test_the_numbers_are_those_of_the_file_to_the_last_digit(call, empty, saved):
    assert call(saved["flow"], "--show", "figure-2", "--out", empty / "fig.png")[0] == 0
    held, read = np.load(saved["flow"]), table(empty / "fig.csv")
    for name in ("step", "time", "log_time", "nc1_trace_ratio", "nc2_norms", "nc2_norms_w", "nc2_angles", "nc3"):
        np.testing.assert_array_equal([float(cell) for cell in read[name]], held[name], err_msg=name)


def test_a_sweep_has_its_picture(call, empty):
    assert call(ROOM, "--show", "phases", "--out", empty / "fig.svg", "--value", "q_min") == (0, "", "")
    np.testing.assert_array_equal(
        [float(c or "nan") for c in table(empty / "fig.csv")["q_min"]], np.load(ROOM)["q_min"].ravel()
    )


def test_several_runs_share_their_curves(call, empty, saved):
    assert call(saved["flow"], saved["steps"], "--show", "curves", "--out", empty / "fig.svg")[0] == 0
    assert set(table(empty / "fig.csv")["film"]) == {"flow", "steps"}


def test_several_runs_are_called_as_asked(call, empty, saved):
    files = saved["flow"], saved["steps"]
    assert call(*files, "--show", "curves", "--out", empty / "fig.svg", "--names", "a flow", "steps") == (0, "", "")
    assert set(table(empty / "fig.csv")["film"]) == {"a flow", "steps"}
    text = next(ElementTree.parse(empty / "fig.svg").iter("{http://purl.org/dc/elements/1.1/}description")).text
    assert json.loads(text)["command"].endswith("--show curves --names 'a flow' steps --out fig.svg")
    for names in (["a"], ["a", "a"], ["a", "b", "c"]):
        said = "does not name files one by one: use a name of its own for each of several files"
        refusal(call(*files, "--show", "curves", "--out", empty / "b.svg", "--names", *names), "--names: names", said)
    refusal(call(files[0], "--show", "curves", "--out", empty / "b.svg", "--names", "a"), "--names: names = a")


def test_a_moment_and_a_camera_are_followed(call, empty, saved):
    drawn = set()
    for more in ([], ["--at", "step=3"], ["--at", "start"], ["--at", "zero-training-error"]):
        assert call(saved["steps"], "--show", "stage", "--out", empty / "fig.svg", *more) == (0, "", "")
        drawn.add((empty / "fig.csv").read_text())
    assert len(drawn) == 4
    seen = [
        call(saved["flow"], "--show", "stage", "--out", empty / f"{i}.svg", *more)
        for i, more in enumerate(([], ["--camera", "-0.1,0.2,1.2"]))
    ]
    assert seen == [(0, "", "")] * 2 and (empty / "0.svg").read_text() != (empty / "1.svg").read_text()
    assert (empty / "0.csv").read_text() == (empty / "1.csv").read_text()


def test_a_figure_knows_the_command_that_makes_it_again(call, empty, saved):
    line = [saved["steps"], "--show", "stage", "--at", "step=3", "--width", "100", "--out", empty / "fig.svg"]
    assert call(*line)[0] == 0
    text = next(ElementTree.parse(empty / "fig.svg").iter("{http://purl.org/dc/elements/1.1/}description")).text
    expected = "python -m app figure steps.npz --show stage --at step=3 --width 100 --out fig.svg"
    assert json.loads(text)["command"] == expected  # names of files, and not where they lie


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["--show", "curves", "--out", "fig.jpg"],
            ["--out: out = fig.jpg", "does not end in .svg or .pdf or .png", "fig.pdf"],
        ),
        (["--show", "curves", "--width", "0"], ["--width: width = 0", "one-column, two-column or 40 to 300 mm"]),
        (["--show", "curves", "--width", "nan"], ["--width: width = nan"]),
        (
            ["--show", "curves", "--at", "step=3"],
            ["--at", "plays no part in curves: use it with --show stage or matrix"],
        ),
        (["--show", "stage", "--at", "step=1e9"], ["--at", "lies beyond"]),
        (["--show", "stage", "--at", "step=3.7"], ["--at: at = step=3.7 lies between two steps", "step=4"]),
        (["--show", "stage", "--at", "soon"], ["--at: at = soon is no moment of this film"]),
        (["--show", "stage", "--camera", "1,2"], ["--camera: camera = 1,2 is no place to look from", "0.55,0.42,0.26"]),
        (["--show", "stage", "--view", "tour"], ["--view", "first or polygon"]),
        (["--show", "stage", "--view", "polygon"], ["--view", "is of more dimensions than three"]),
        (["--show", "theorem"], ["--show", "needs curves that this run", "curves, figure-2, stage, matrix"]),
        (["--show", "slice"], ["--show", "starts beside none", "square"]),
        (["--show", "phases"], ["--show", "is of a sweep"]),
        (["--show", "pie"], ["--show", "figure-2"]),
    ],
    ids=lambda part: " ".join(part) if part[0] == "--show" else "",
)
def test_what_cannot_be_is_refused_in_one_line_and_nothing_is_left(call, empty, saved, monkeypatch, words, said):
    monkeypatch.chdir(empty)
    refusal(
        call(saved["steps"], *(words if "--out" in words else [*words, "--out", "fig.pdf"])), "python -m app", *said
    )
    assert not list(empty.iterdir())


def test_other_files_are_refused_in_words(call, empty, saved, tmp_path):
    out = ["--out", empty / "fig.pdf"]
    refusal(call(ROOM, "--show", "curves", *out), "this file is a sweep: take --show phases")
    refusal(call(FIXTURES / "ensemble.npz", "--show", "curves", *out), "is an ensemble")
    refusal(call(FIXTURES / "moment.npz", "--show", "curves", *out), "is of several moments")
    beside = call(saved["steps"], FIXTURES / "moment.npz", "--show", "curves", *out)
    refusal(beside, "--show: show = curves is of several moments, and too few of those of moment have a place")
    for network in ("net", "features"):
        foreign = call(FIXTURES / f"{network}.npz", "--show", "slice", *out)
        refusal(foreign, "show = slice is of a run of the model, and this file is of a network: use stage or matrix")
    refusal(call(tmp_path / "no.npz", "--show", "curves", *out), "does not exist")
    (tmp_path / "bad.npz").write_bytes(b"bad")
    for show in ("curves", "phases", "slice"):
        refusal(call(tmp_path / "bad.npz", "--show", show, *out), "bad.npz")
    refusal(call(saved["flow"], saved["steps"], "--show", "stage", *out), "cannot be of 2 files")
    assert not list(empty.iterdir())


def test_numbers_that_cannot_be_written_leave_no_figure_without_them(call, empty, saved):
    (empty / "fig.csv").mkdir()
    refusal(call(saved["steps"], "--show", "curves", "--out", empty / "fig.pdf"), "--out: out = ", "fig.csv")
    assert [path.name for path in empty.iterdir()] == ["fig.csv"]


def test_a_light_installation_says_what_to_install(call, empty, saved, monkeypatch):
    from ulpm_core import extras

    seen = extras.find_spec
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "matplotlib" else seen(name))
    answer = call(saved["steps"], "--show", "curves", "--out", empty / "fig.pdf")
    refusal(answer, "matplotlib", "pip install 'collapse-lab[paper]'")
    assert not list(empty.iterdir())
