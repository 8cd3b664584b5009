"""The way of the data as docs/architecture.md draws it: a job calls one room after the other, and nothing calls up."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import FrameType

import pytest

from app.jobs import films, runs
from ulpm_core import RunConfig

ROOT = Path(__file__).parents[1]
NOTES = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PAGE = NOTES.partition("\n## Shapes")[0]
HEIGHT = {"model": 0, "dynamics": 1, "analysis": 2, "film": 3, "jobs": 4}


def place(frame: FrameType) -> tuple[str, str]:
    """The room of a frame and its file in it; both empty for code that is not of a room."""
    path = Path(frame.f_code.co_filename)
    parts = path.relative_to(ROOT).with_suffix("").parts if path.is_relative_to(ROOT) else ()
    return (parts[1], "/".join(parts[1:])) if len(parts) > 2 and parts[0] in ("app", "ulpm_core") else ("", "")


@pytest.fixture(scope="module")
def calls() -> list[tuple[str, str, str]]:
    """Who called what while a job of a run was done, from room to room: caller, callee, and the function's name."""
    found: list[tuple[str, str, str]] = []

    def look(frame: FrameType, event: str, _: object) -> None:
        caller = frame.f_back
        while event == "call" and place(frame)[0] and caller is not None:
            if place(caller)[0]:
                if place(caller)[1] != place(frame)[1]:
                    found.append((place(caller)[1], place(frame)[1], frame.f_code.co_name))
                return
            caller = caller.f_back

    job = runs.Run(RunConfig(classes=3, dimension=2, per_class=2, steps=50, seed=17))
    job.line = runs.SHORT
    job.watch("a test", 60.0)
    sys.setprofile(look)
    try:
        job.work()
    finally:
        sys.setprofile(None)
    assert job.film is not None and films.published(job.film.key) is not None
    return found


def test_a_job_calls_simulate_analyse_build_film_and_publish_one_after_the_other(calls):
    looks = ["analyse", "build_film", "publish"]
    found = [name for _, _, name in calls if name in ("simulate", *looks)]
    assert found == ["simulate", *looks * (len(found) // 3)]  # more than one where the film grew on the way


def test_nothing_calls_up_but_what_was_handed_down(calls):
    rooms = [(who.split("/")[0], what.split("/")[0], name) for who, what, name in calls]
    up = {name for who, what, name in rooms if HEIGHT.get(who, 9) < HEIGHT.get(what, 0)}
    assert up == {"_tell"}


def test_the_first_part_is_one_page_and_what_it_names_is_there():
    assert len(PAGE.splitlines()) <= 80
    places = re.findall(r"`((?:app|tests|\w+)/[\w/]+\.(?:py|js))`", PAGE)
    assert len(places) >= 8
    for name in places:
        assert any((ROOT / top / name).is_file() for top in ("", "ulpm_core", "ulpm_core/dynamics")), name
