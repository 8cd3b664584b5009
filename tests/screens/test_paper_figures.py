"""Numbers and figures to keep, on every screen: tables of what is on stage, and figures for papers."""

from __future__ import annotations

import csv
import io
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from networks_page import open_networks
from pages import open_page, press, refusals, sound, texts
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from app.blocks import paper_figures
from app.blocks.film_stage import _table
from app.blocks.paper_figures import frame_at
from app.jobs import runs
from app.jobs.films import GONE, FilmRef
from app.page.look import read_look
from ulpm_core import RunConfig, extras, simulate
from ulpm_core.files.run import save_run
from ulpm_core.film.film import build_film

SCRIPT = Path(__file__).parents[2] / "app" / "lab.py"
LINK = {"classes": "3", "dimension": "2", "per_class": "2", "steps": "60"}
RUN = RunConfig(classes=3, dimension=2, per_class=2, steps=60)
TITLES = {"playground": "", "theory": "theory", "landscape": "landscape", "rules": "rules", "phases": "phases"}


def opened(screen: str = "playground", **link: str) -> AppTest:
    page = AppTest.from_file(str(SCRIPT), default_timeout=180)
    page._page_hash = calc_hash("" if screen == "playground" else screen)
    return open_page(page, **link)


def saved(page: AppTest) -> dict[str, bool]:
    """The buttons that save something, and whether they can be pressed."""
    return {button.proto.label: not button.proto.disabled for button in page.get("download_button")}


def made(page: AppTest, **choices: str) -> AppTest:
    """The page with its panel open, once a figure was asked for."""
    page.session_state["paper"] = True
    sound(page.run())
    for name, value in choices.items():
        next(box for box in page.selectbox if box.key == f"paper-{name}").set_value(value)
    page.session_state["paper"] = True  # the test driver forgets what stands open
    return press(page, "paper-make")


def pictures(page: AppTest) -> list[str]:
    return [each.proto.body for each in page.get("html") if 'class="lab-plate"' in each.proto.body]


@pytest.mark.parametrize(
    ("screen", "label"),
    [(name, "Runs as CSV" if name == "phases" else "Curves as CSV") for name in TITLES],
)
def test_every_screen_saves_its_numbers(screen, label):
    link = {"phases": {}, "theory": {"log_time": "20"}, "landscape": {"log_time": "20"}}.get(screen, LINK)
    page = opened(screen, **link)
    assert saved(page)[label]
    assert any(each.proto.label == paper_figures.TITLE for each in page.get("expander")) or page.get("expandable")


@pytest.mark.usefixtures("no_process")
def test_so_does_that_of_networks():
    assert "Curves as CSV" in saved(open_networks())


def test_the_table_of_the_film_on_stage_is_the_file_to_the_last_digit(tmp_path):
    opened(**LINK)
    ref = runs.film_of(RUN)
    assert ref is not None
    save_run(simulate(RUN), tmp_path / "run.npz")
    held = np.load(tmp_path / "run.npz")
    head, *rows = csv.reader(io.StringIO(_table([ref], ())))
    assert {"nc1_trace_ratio", "nc2_angles", "nc2_norms", "nc3", "gamma", "loss"} <= {*head}
    for name in set(head) & set(held):
        read = [float(row[head.index(name)] or "nan") for row in rows]
        np.testing.assert_array_equal(read, held[name], err_msg=name)
    assert _table([FilmRef(ref.header, "0-0")], ()) == f"{GONE}\n"


def test_a_figure_is_made_of_what_is_on_screen_and_leaves_with_it():
    page = made(opened(**LINK), show="matrix")
    (picture,) = pictures(page)
    assert 'alt="Cosines between class means' in picture and "at step 60" in picture
    assert {"SVG", "PDF", "PNG", "CSV"} <= {*saved(page)}
    page.session_state["paper"] = True
    assert pictures(sound(page.run())) == [picture]
    page.query_params["steps"] = "50"
    page.session_state["paper"] = True
    assert not pictures(sound(page.run()))
    assert {*saved(page)} == {"Download film", "Curves as CSV"}


def test_the_moment_is_the_one_at_which_the_film_stands():
    page = made(opened(**LINK, at="step:10"), show="stage", width="two-column")
    (picture,) = pictures(page)
    assert "at step 10" in picture and "width: 174mm" in picture
    film = build_film(simulate(RUN))
    half, tenth = round(0.5 * (film.header["frames"] - 1)), film.header["clock"]["step"].index(10)
    for at, frame in (("0.5", half), ("step:10", tenth)):
        assert frame_at(film, read_look({"at": at}, [])) == frame
    assert frame_at(film, read_look({}, [])) == film.header["frames"] - 1


def test_a_moment_that_the_film_does_not_have_is_refused_in_words():
    page = made(opened(**LINK, at="hand-over"), show="stage")
    assert not pictures(page)
    assert any("at = hand-over is no moment of this film" in said for said in refusals(page))


def test_the_ground_around_a_saddle_has_its_figures():
    page = made(opened("landscape", per_class="2", log_time="20"), show="slice")
    (picture,) = pictures(page)
    assert "log L around the saddle of 4 classes" in picture


def test_a_phase_picture_has_one_too():
    (picture,) = pictures(made(opened("phases")))
    assert "Each square is one run of 1,000 steps" in picture


def test_without_the_extra_the_panel_says_what_to_install(monkeypatch):
    page = opened(**LINK)
    seen = extras.find_spec
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "matplotlib" else seen(name))
    page.session_state["paper"] = True
    page = sound(page.run())
    assert not [button for button in page.button if button.key == "paper-make"]
    said = " ".join(map(unescape, texts(page, "lab-sentence")))
    assert "matplotlib" in said and "pip install 'collapse-lab[paper]'" in said


def test_a_class_and_a_talk_see_no_panel():
    for link in ({"controls": "seed"}, {"talk": "1"}):
        page = opened(**LINK, **link)
        page.session_state["paper"] = True
        assert not [button for button in sound(page.run()).button if button.key == "paper-make"]
