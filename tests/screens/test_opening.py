"""What the lab opens with: a question that is true of its film, the way into the tour, and why to care."""

from __future__ import annotations

from pathlib import Path

from pages import open_page, texts
from streamlit.testing.v1 import AppTest

from app.jobs import runs
from app.standalone.standalone import lab
from app.standalone.table import page_table
from app.tours.document import read_tour
from app.tours.shipped import FIRST, path_of
from app.views.opening import ASKED_OF_ANY, CARE, QUESTIONS, TOUR, TOUR_ADDRESS, asked, care, opening, question
from app.views.presets import PRESETS
from tests.javascript import run_node
from ulpm_core import RunConfig

SCRIPT = Path(__file__).parents[2] / "app" / "lab.py"
TINY = {"classes": "3", "dimension": "2", "per_class": "2", "steps": "10"}


def open_lab(**link):
    return open_page(AppTest.from_file(str(SCRIPT), default_timeout=180), **link)


def film_on(page):
    """The film of the run on stage."""
    return runs.film_of(page.session_state["lab"].config)


def test_the_lab_opens_with_a_question_that_is_true_of_its_film():
    film = runs.film_of(RunConfig())
    (step,) = (event["step"] for event in film.header["events"] if event["id"] == "zero-training-error")
    page = open_lab()
    asked = f"Your classifier is right on every example at step {step}. Why keep training?"
    assert f"<b>{asked}</b> {PRESETS[0].watch}" in texts(page, "lab-watch")[0]
    (why,) = texts(page, "lab-care")
    assert all(f"<b>{what}:</b>" in why for what, _ in CARE)
    assert care().count("https://arxiv.org/abs/") == 10
    page = open_lab(**TINY, learning_rate="100")
    (event,) = (event for event in film_on(page).header["events"] if event["id"] == "diverged")
    assert QUESTIONS["diverged"].format(when=event["when"]) in texts(page, "lab-watch")[0]
    page = open_lab(**TINY, initial_scale="0.001")
    assert film_on(page).header["events"] == []
    assert ASKED_OF_ANY in texts(page, "lab-watch")[0]
    for link in ({"question": "Why?"}, {"controls": "seed"}, {"talk": "1"}):
        page = open_lab(**TINY, **link)
        assert not any(
            "<b>" in line for look in ("lab-watch", "lab-question", "lab-talking") for line in texts(page, look)
        )
        assert (texts(page, "lab-care") == []) == ("question" not in link)


def test_the_tour_is_offered_where_a_screen_plays_it_and_lasts_as_long_as_it_says(monkeypatch):
    tour = read_tour(path_of(FIRST).read_bytes(), FIRST)
    assert f"({tour.minutes} minutes)" in TOUR and TOUR_ADDRESS.endswith(f"tour={FIRST}")
    header = runs.film_of(RunConfig()).header
    for there in (True, False):
        monkeypatch.setattr("app.views.opening.PLAYS_TOURS", there)
        assert (f'href="{TOUR_ADDRESS}"' in opening(header, "Watch.")) == there


def test_the_lab_in_one_file_asks_what_the_page_asks(tmp_path):
    headers = [
        {"events": events}
        for events in (
            [],
            [{"id": "log-2", "when": "step 30"}],
            [{"id": "diverged", "when": "step 5"}],
            [{"id": "log-2", "when": "step 9"}, {"id": "zero-training-error", "when": "t = e^2.5"}],
        )
    ]
    code = "for (const header of given.headers) say(questionOf(header, given.opening));"
    said = {"headers": headers, "opening": page_table()["words"]["opening"]}
    assert run_node(tmp_path, code, "standalone/opening.js", **said) == [question(header) for header in headers]
    body = lab().body
    assert asked(runs.film_of(RunConfig()).header, PRESETS[0].watch) in body and care() in body
