"""The offline file of a tour: whole, small, and allowed nothing but its own scripts."""

from __future__ import annotations

import json
import re
from functools import lru_cache

import pytest
from pages_that_carry import Elements, carried, policy_of_page
from tour_player.small import SMALL, small

from app import asset
from app.__main__ import main
from app.player.carrying import source_of
from app.tour_player.data import Played
from app.tour_player.offline import tour_html
from ulpm_core.film.film import Film

MOST_BYTES = 6_000_000


@lru_cache(1)
def page() -> Elements:
    return Elements(tour_html(small()))


def test_the_file_carries_the_tour_and_each_film_once():
    held = carried(page())
    assert json.loads(held["tour"]) == small().data
    films = {name.removeprefix("film-"): part for name, part in held.items() if name.startswith("film-")}
    assert {name: Film.from_bytes(film).digest for name, film in films.items()} == {
        name: film.digest for name, film in small().films.items()
    }


def test_it_may_run_its_own_scripts_alone():
    rules = policy_of_page(page())
    assert rules["default-src"] == "'none'" and "connect-src" not in rules
    boot = next(text for text in page().scripts if "runCarried" in text)
    assert source_of(boot) in rules["script-src"] and "unsafe-inline" not in rules["script-src"]
    assert rules["worker-src"] == "blob:"
    still = {**small().data, "scenes": small().data["scenes"][:1]}
    plain = policy_of_page(Elements(tour_html(Played(still, small().films))))
    assert "worker-src" not in plain and "wasm-unsafe-eval" not in plain["script-src"]


def test_what_the_document_says_opens_no_element():
    names = {tag for tag, _ in page().elements}
    assert "i" not in names and page().titles == ["Small & <b>bold</b> · Collapse Lab"]
    scripts = [tag for tag, _ in page().elements if tag == "script"]
    assert len(scripts) == len(carried(page())) + 1  # what is carried, and the one that starts


def test_paper_has_a_page_for_each_scene_without_answers_and_notes():
    html = tour_html(small())
    assert html.count('<section class="tour-page">') == 4
    pages = html[html.index("<main") : html.index("</main>")]
    assert "Only words." in pages and "nothing" not in pages and pages.count('class="fp-picture"') == 4
    two = pages[pages.index("Two</h2>") : pages.index("Three</h2>")]
    shown = re.findall(r"a picture of frame (\d+) of (\d+)", two)
    scene = small().data["scenes"][1]["film"]
    pinned, film = (small().films[scene[name]].header for name in ("pinned", "digest"))
    assert [int(frames) for _, frames in shown] == [pinned["frames"], film["frames"]]
    assert re.findall("<figcaption>(.)", two) == ["A", "B"]
    steps = [header["clock"]["step"][int(frame) - 1] for (frame, _), header in zip(shown, (pinned, film), strict=True)]
    assert steps == [30, 30]  # A at the moment of B, though it goes on


@pytest.mark.parametrize("lesson", sorted(asset("lessons").glob("*.md")), ids=lambda path: path.stem)
def test_a_shipped_lesson_is_sound_and_whole_in_one_small_file(lesson, tmp_path, capsys):
    out = tmp_path / "lesson.html"
    assert main(["tour", str(lesson), "--out", str(out)]) == 0, capsys.readouterr().out
    assert out.stat().st_size < MOST_BYTES
    held = carried(Elements(out.read_text(encoding="utf-8")))
    for scene in json.loads(held["tour"])["scenes"]:
        if film := scene["film"]:
            last = Film.from_bytes(held[f"film-{film['digest']}"]).header["frames"] - 1
            assert 0 <= film["begins"] <= film["until"] <= film["then"] <= last
            assert film["pinned"] is None or f"film-{film['pinned']}" in held
            assert not (film["knobs"] and film["elsewhere"])


def test_a_document_with_a_mistake_makes_no_file(tmp_path, capsys):
    lesson, out = tmp_path / "lesson.md", tmp_path / "lesson.html"
    lesson.write_text(SMALL.replace("until: step=20", "until: step=2000"), encoding="utf-8")
    assert main(["tour", str(lesson), "--out", str(out)]) == 2
    assert "lesson.md:11: until = step=2000 lies beyond the run's 60 steps" in capsys.readouterr().out
    assert not out.exists()
