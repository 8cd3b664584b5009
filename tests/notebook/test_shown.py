"""Results in a notebook: what stands in an output, what all outputs share, and what is shown where nothing can play."""

from __future__ import annotations

import base64
import re
import tomllib
from html import unescape
from html.parser import HTMLParser
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from app.notebook import carriers, shown
from app.player.carrying import source_of
from app.player.offline import plotly_script
from tests.pages_that_carry import Elements, carried, policy_of_page
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import Film, build_film
from ulpm_core.model import shown as core
from ulpm_core.sweep import sweep

CONFIG = RunConfig(classes=3, dimension=2, per_class=2, steps=30)
ROOT = Path(__file__).parents[2]
CARRIED = 'data-collapse-lab="plotly-'


@pytest.fixture(scope="module")
def run():
    return simulate(CONFIG)


@pytest.fixture(autouse=True)
def new_kernel(monkeypatch):
    monkeypatch.setattr(carriers, "_carriers", {})


@pytest.fixture
def by_app(monkeypatch):
    """The core finds what pyproject.toml names, whatever is installed."""
    way = SimpleNamespace(load=lambda: shown.stage)
    monkeypatch.setattr(core, "entry_points", lambda group: [way] if group == "ulpm_core.notebook" else [])


@pytest.fixture
def alone(monkeypatch):
    """Nobody is there to show anything."""
    monkeypatch.setattr(core, "entry_points", lambda group: [])


class Cells(HTMLParser):
    """The rows of a table as text."""

    def __init__(self, html: str):
        super().__init__()
        self.rows: list[list[str]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data):
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip()


def frame_of(html: str) -> str:
    """The page inside an output's frame."""
    (source,) = re.findall(r'srcdoc="([^"]*)"', html)
    return unescape(source)


def test_the_package_names_itself_to_the_core():
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"][core.SHOWN_BY]
    module, _, name = named["film"].partition(":")
    assert getattr(import_module(module), name) is shown.stage


def test_without_the_page_every_result_is_a_table_of_its_figures(alone, run):
    html = run._repr_html_()
    rows = dict(row for row in Cells(html).rows if len(row) == 2)
    assert rows["step"] == "30"
    assert rows["nc1_trace_ratio"] == core.words_of(run.nc1_trace_ratio[-1])
    assert set(run.metrics) < set(rows)
    assert "The run took all its 30 steps." in html
    assert not re.search("<(script|iframe|img)", html)
    film = build_film(run)
    labels = {curve["label"] for curve in film.header["curves"]}
    assert labels == {row[0] for row in Cells(film._repr_html_()).rows[1:]}


def test_a_sweep_of_two_axes_is_a_grid_and_any_other_a_row_a_cell(alone):
    two = sweep(CONFIG, {"dimension": [2, 3], "per_class": [1, 2, 3]}, runs=2)
    rows = Cells(two._repr_html_()).rows
    assert rows[0] == ["dimension ↓ per_class →", "1", "2", "3"]
    assert [row[0] for row in rows[1:]] == ["2", "3"]
    means = two.figures["gamma"].mean(axis=-1)
    assert [row[1:] for row in rows[1:]] == [[core.words_of(value) for value in row] for row in means]
    dark = re.findall(r"background-color:(#\w+)", two._repr_html_())
    assert dark[means.ravel().argmin()] == "#0b3a66" and dark[means.ravel().argmax()] == "#e3eef7"
    assert Cells(two.grid("nc3").html()).rows[1][1] == core.words_of(two.mean("nc3")[0, 0])
    one = sweep(CONFIG, {"dimension": [2, 4]}, runs=2)
    rows = Cells(one._repr_html_()).rows
    assert rows[0][:3] == ["cell", "dimension", "done"]
    assert [row[:3] for row in rows[1:]] == [["1", "2", "100%"], ["2", "4", "100%"]]
    with pytest.raises(Exception, match="a grid has two axes, this sweep 1"):
        one.grid("gamma")
    with pytest.raises(Exception, match="name = nc9 was not measured: use one of "):
        two.grid("nc9")


def test_a_film_plays_in_a_frame_that_holds_its_very_bytes_and_runs_nothing_but_the_player(by_app, run):
    html = run._repr_html_()
    page = frame_of(html)
    parts = carried(Elements(page))
    assert parts.keys() == {"main", "film-1"}
    assert parts["film-1"] == build_film(run).to_bytes()
    rules = policy_of_page(Elements(page))
    assert rules["default-src"] == "'none'" and "connect-src" not in rules
    assert rules["script-src"].split()[-1] == source_of(plotly_script())
    assert "<table>" in html and 'src="data:image/svg+xml;base64,' in html  # where no script may run
    assert not re.search(r"https?://(?!www\.w3\.org)", html)


def test_several_films_share_one_plotly(by_app, monkeypatch, run):
    outputs = []
    shell = SimpleNamespace(execution_count=0, user_ns={"In": ["", "run"]}, get_parent=lambda: {"metadata": parent})
    monkeypatch.setitem(__import__("sys").modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    for shell.execution_count, cell in enumerate(["a", "b", "a", "c"], 1):
        parent = {"cellId": cell}
        outputs.append(run._repr_html_())
    assert [CARRIED in html for html in outputs] == [True, False, True, False]
    assert len(outputs[1]) < len(outputs[0]) / 5
    key = re.search(r'data-collapse-lab="([^"]+)"', outputs[0])[1]
    assert all(f'data-plotly="{key}"' in frame_of(html) for html in outputs)
    parent = {"cellId": "d", "deletedCells": ["a"]}
    assert CARRIED in run._repr_html_()


def test_outside_a_notebook_an_output_carries_all(by_app, run):
    assert all(CARRIED in run._repr_html_() for _ in range(2))


def test_cells_of_one_text_are_told_apart_by_their_name_alone():
    assert carriers.take_turn(carriers.Turn("run", 1))
    assert carriers.take_turn(
        carriers.Turn("run", 2)
    )  # the same cell again, or one like it: carried rather twice than never
    assert not carriers.take_turn(carriers.Turn("film", 3))


def test_what_no_film_can_show_is_a_table_and_says_why(by_app, monkeypatch):
    wide = simulate(RunConfig(classes=70, dimension=2, per_class=1, steps=2))
    assert "<table>" in wide._repr_html_() and "64" in wide._repr_html_().rpartition("</table>")[2]
    monkeypatch.setattr("ulpm_core.extras.find_spec", lambda name: None if name == "plotly" else find_spec(name))
    html = simulate(CONFIG)._repr_html_()
    assert "<iframe" not in html
    assert "pip install 'collapse-lab[notebook]'" in unescape(html)


def test_nothing_in_a_film_becomes_more_than_text(by_app, run):
    evil = "\"'></iframe></script><script>alert(1)</script><img src=x onerror=alert(2)> & \u2028 {braces}"
    film = build_film(run)
    header = {**film.header, "title": evil, "sentences": [evil], "caption": evil}
    harmless, html = film._repr_html_(), Film(header, film.arrays)._repr_html_()
    tags = [[tag for tag, _ in Elements(each).elements] for each in (harmless, html)]
    assert tags[0] == tags[1]
    inside = [[tag for tag, _ in Elements(frame_of(each)).elements] for each in (harmless, html)]
    assert sorted(set(inside[0])) == sorted(set(inside[1]))
    image = base64.b64decode(re.search(r"svg\+xml;base64,([^\"]+)", html)[1]).decode()
    assert "<script" not in image


def test_a_result_says_in_one_line_what_it_is(run):
    assert repr(run).startswith("Trajectory(W (") and repr(run).endswith("metrics, done at step 30)")
    assert repr(build_film(run)).startswith("Film('3 classes in 2 dimensions', ")
    found = sweep(CONFIG, {"dimension": [2, 3], "per_class": [1, 2]}, runs=2)
    assert repr(found) == "Sweep(dimension 2 × per_class 2, runs 2: 8 done)"
    assert all(len(repr(each)) < 120 for each in (run, build_film(run), found))


def test_figures_that_are_not_defined_are_dashes():
    assert core.words_of(np.float64("nan")) == "–" and core.words_of(None) == "–"
