"""The Lessons screen: shipped tours are begun, other documents opened, and own ones written by clicking."""

from __future__ import annotations

import pytest
from pages import link_of, mounted, open_page, press, refusals, sound, texts
from streamlit.testing.v1 import AppTest

from app.tours.document import read_tour
from app.tours.draft import Draft
from app.tours.shelf import SETTING
from app.tours.shipped import BEYOND, LESSONS, SHIPPED

FILM = "```film\nclasses=3&dimension=2&steps=50\n```"
SMALL = f"---\ntitle: Angles\nminutes: 4\n---\n# One\n{FILM}\nIt ends at {{loss at end}}.\n"


def lessons():
    from app.screens.lessons.lessons import lessons_screen

    lessons_screen()


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_function(lessons, default_timeout=180)


def test_every_tour_is_listed_and_begun_with_one_click(page, tmp_path, monkeypatch):
    (tmp_path / "angles.md").write_text(SMALL)
    monkeypatch.setenv(SETTING, str(tmp_path))
    open_page(page)
    begun = [button.key.removeprefix("begin-") for button in page.button if button.key.startswith("begin-")]
    assert begun == [*SHIPPED, "angles"]
    assert any("Angles" in text for text in texts(page, "lab-cover"))
    assert page.button(key="begin-angles").label == "Begin *Angles*"
    labels = [button.label for button in page.button]
    assert len(set(labels)) == len(labels)  # as read aloud, far from the title beside
    press(page, "begin-angles")
    assert link_of(page) == {"tour": "angles"}
    wait_for_tour(page)
    (tour,) = mounted(page, "tour")
    assert '"tour": "lab/tour/' in tour.json and '"lab": true' in tour.json.lower()
    press(page, "all-lessons")
    assert link_of(page) == {}
    assert not mounted(page, "tour")


def test_a_teacher_is_led_to_the_page_of_each_lesson(page):
    open_page(page)
    taught = [button.key.removeprefix("teach-") for button in page.button if button.key.startswith("teach-")]
    assert taught == [*LESSONS, *BEYOND]
    press(page, "teach-why-a-simplex")
    assert link_of(page) == {"tour": "why-a-simplex", "page": "teacher"}
    (shown,) = page.markdown
    assert shown.value.startswith("# Why a simplex: for the teacher") and not mounted(page, "tour")


def wait_for_tour(page: AppTest) -> None:
    page.session_state["making-tour"].done.wait(60)
    sound(page.run())


@pytest.mark.parametrize("tour", ["no-such-tour", "../main", "<b>x</b>", "a" * 300])
def test_a_link_to_no_tour_says_so_and_lists_them_all(page, tour):
    open_page(page, tour=tour)
    (said,) = refusals(page)
    assert "is no tour of this lab" in said and "<b>x" not in said
    assert page.button(key="begin-the-collapse")


def test_mistakes_of_a_document_are_said_by_line(page, tmp_path, monkeypatch):
    (tmp_path / "bad.md").write_text(SMALL.replace("classes=3", "classes=banana"))
    monkeypatch.setenv(SETTING, str(tmp_path))
    open_page(page, tour="bad")
    assert "bad.md:7" in refusals(page)[0]


def test_a_tour_is_written_moved_and_taken_apart(page):
    open_page(page, tour="own")
    page.session_state["draft"] = Draft.read(SMALL.encode())
    sound(page.run())
    press(page, "new-scene")
    press(page, "ask-0")
    press(page, "Up-1")
    draft = page.session_state["draft"]
    assert [scene.partition("\n")[0] for scene in draft.scenes] == ["# A new scene", "# One"]
    assert len(read_tour(draft.document().encode(), "draft").scenes[1].questions) == 1
    (area,) = [area for area in page.text_area if area.value.startswith("# One")]
    sound(area.set_value(area.value.replace("classes=3", "classes=banana")).run())
    assert any("banana" in said for said in refusals(page))
    assert not page.toggle
    press(page, "out-1")
    assert len(page.session_state["draft"].scenes) == 1
    sound(page.text_input[1].set_value("a lot").run())
    assert any(said.count("minutes") for said in refusals(page))


def test_a_document_that_is_none_changes_nothing_and_what_was_taken_out_comes_back(page):
    open_page(page, tour="own")
    opener = page.file_uploader(key="document")
    sound(opener.set_value(("angles.md", SMALL.encode(), "text/markdown")).run())
    opened = page.session_state["draft"]
    assert opened == Draft.read(SMALL.encode()) and not refusals(page)
    sound(page.file_uploader(key="document").set_value(("b.md", SMALL.encode("utf-16"), "text/markdown")).run())
    assert page.session_state["draft"] == opened
    (said,) = refusals(page)
    assert "b.md:1: document is no UTF-8 from byte 0 on: save it as UTF-8." in said
    press(page, "out-0")
    assert not page.session_state["draft"].scenes
    press(page, "undo")
    assert page.session_state["draft"] == opened


def test_an_own_tour_plays_where_it_is_written(page):
    open_page(page, tour="own")
    page.session_state["draft"] = Draft.read(SMALL.encode())
    sound(page.run())
    sound(page.toggle[0].set_value(True).run())
    wait_for_tour(page)
    (tour,) = mounted(page, "tour")
    assert '"lab": false' in tour.json.lower()


@pytest.mark.parametrize(("kept", "scenes"), [(SMALL, 1), ("no tour", 1), ("\ud800", 1), ("", 0), ("x" * 400_000, 0)])
def test_a_browser_keeps_an_own_tour_and_what_is_none_is_forgotten(page, monkeypatch, kept, scenes):
    told = []

    def keep(_name, text):
        told.append(text)
        return kept if text is None else None

    monkeypatch.setattr("app.blocks.draft.keep", keep)
    open_page(page, tour="own")
    draft = page.session_state["draft"]
    assert len(draft.scenes) == scenes and (draft == Draft.read(SMALL.encode())) == (kept == SMALL)
    assert told == [None, draft.document() if scenes else ""]
    press(page, "new-scene")
    assert told[-1].startswith(told[1]) and "# A new scene" in told[-1]
