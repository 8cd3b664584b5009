"""A figure from the page holds the command that makes it again: typed into a shell, it makes the same one."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from app import __main__ as app_command
from app.blocks.paper_figures import _of_films, _of_ground
from app.jobs import films, runs
from app.jobs.papers import Drawing, _drawn
from app.page.look import Look, read_look
from app.paper.again import lines_of_sweep
from app.views.phase_pictures import PICTURES
from ulpm_core import RunConfig, cli, simulate
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.files.features import load_snapshots
from ulpm_core.files.recording import load_recording, save_recording
from ulpm_core.film.film import Film, build_film
from ulpm_core.film.network import network_film
from ulpm_core.run_options import read_config
from ulpm_core.studies.axes import parse_axis
from ulpm_core.studies.study import Study

NET = Path(__file__).parents[1] / "fixtures" / "net.npz"
STEPS = RunConfig(classes=5, dimension=5, per_class=3, steps=80, seed=4)
DECAY = STEPS.with_changes(weight_decay=0.01)
SIZES = RunConfig(class_sizes=(6, 3, 3), dimension=2, steps=60, learning_rate=0.05)
FLOW = RunConfig(classes=3, dimension=3, per_class=2, method="gradient-flow", log_time=60.0)
SQUARE = RunConfig(initialisation="square", per_class=2, method="gradient-flow", log_time=40.0)
PLAIN = "{http://www.w3.org/2000/svg}"


def of_films(made: Sequence[Film], show: str, names: Sequence[str] = (), **look: str) -> tuple[Drawing, str]:
    """The files of the page's figure of films, and the command in them."""
    refs = [films.publish(films.Packed.of(film)) for film in made]
    return files_of(*_of_films(show, refs, names, read_look(look, []) if look else Look()))


def files_of(plate, whence) -> tuple[Drawing, str]:
    drawing = _drawn(plate, whence, "two-column")
    said = ElementTree.fromstring(drawing.files["svg"]).iter("{http://purl.org/dc/elements/1.1/}description")
    return drawing, json.loads(next(said).text)["command"]


def typed(command: str) -> None:
    """Types lines into a shell, as far as they are ours."""
    for line in filter(lambda line: not line.startswith("#"), command.splitlines()):
        python, dash_m, package, *words = shlex.split(line)
        assert (python, dash_m) == ("python", "-m")
        assert {"ulpm_core": cli, "app": app_command}[package].main(words) == 0


def picture(svg: bytes) -> list[tuple[str, dict, str | None]]:
    """All that an SVG draws, without what it says of itself."""
    root = ElementTree.fromstring(svg)
    return [(part.tag, part.attrib, part.text) for part in root.iter() if part.tag.startswith(PLAIN)]


def assert_made_again(drawing: Drawing, command: str) -> None:
    typed(command)
    assert Path("fig.csv").read_bytes() == drawing.files["csv"]
    assert picture(Path("fig.svg").read_bytes()) == picture(drawing.files["svg"])


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("config", "show", "look"),
    [
        (STEPS, "curves", {"at": "step:10"}),
        (STEPS, "stage", {"at": "step:10", "view": "polygon"}),
        (STEPS, "stage", {"at": "0.37", "camera": "-0.4,1.2,1.6"}),
        (STEPS, "matrix", {}),
        (SIZES, "matrix", {"at": "step:7"}),
        (FLOW, "figure-2", {}),
        (FLOW, "stage", {"at": "log_time:20", "view": "polygon"}),  # of three dimensions there is one view
    ],
    ids=lambda part: "" if isinstance(part, RunConfig) else part if isinstance(part, str) else "-".join(part),
)
def test_of_a_run(config, show, look):
    assert_made_again(*of_films([build_film(simulate(config))], show, **look))


def test_of_runs_side_by_side_under_their_names():
    made = [build_film(simulate(config)) for config in (STEPS, DECAY)]
    drawing, command = of_films(made, "curves", ("pinned", "it's now"))
    assert b"\nit's now,80," in drawing.files["csv"]
    assert_made_again(drawing, command)


@pytest.mark.parametrize("plane", ["simplex", "curvatures"])
def test_of_the_ground_around_a_saddle(plane):
    job = runs.start(SQUARE, "somebody")
    assert job.done.wait(60) and runs.way_of(SQUARE) is not None
    assert_made_again(*files_of(*_of_ground("slice", SQUARE, plane)))


def test_of_a_run_that_was_stopped_the_command_ends_it_there():
    asked = RunConfig(classes=3, dimension=2, per_class=2, steps=100_000)
    run = simulate(asked, progress=lambda seen: seen.fraction < 0.3)
    assert run.outcome is Outcome.CANCELLED
    _, command = of_films([build_film(run)], "curves")
    note, made, _ = command.splitlines()
    assert note.startswith("# the run was stopped there")
    typed(made)
    assert json.loads(str(np.load("run.npz")["config"]))["steps"] == run.step[-1]


def test_of_a_training_its_command_asks_for_its_config():
    recording = load_recording(NET)
    drawing, command = of_films([network_film(recording)], "stage", at="0.5")
    made, figure = command.splitlines()
    options = cli.parser().parse_args(shlex.split(made)[3:])
    assert options.out == "net.npz"
    save_recording(recording, "net.npz")
    typed(figure)
    assert Path("fig.csv").read_bytes() == drawing.files["csv"]


def test_of_features_the_file_is_taken_as_it_is():
    film = network_film(load_snapshots(NET.with_name("features.npz")))
    assert of_films([film], "matrix")[1].startswith("python -m app figure features.npz --show matrix")


def test_a_sweep_is_asked_for_as_it_was():
    for name in ("rates", "room", "tolerance"):
        study = PICTURES[name].study(RunConfig(seed=3, loss_reduction="mean"))
        made, figure = lines_of_sweep(study).splitlines()
        options = cli.parser().parse_args(shlex.split(made)[3:])
        axes = tuple(parse_axis(text) for text in options.grid)
        assert Study(read_config(options, None)[0], axes, int(options.runs or 1)).digest == study.digest, name
        assert figure == "python -m app figure sweep.npz --show phases"
    assert lines_of_sweep(PICTURES["rare"].study(RunConfig())) == ""
