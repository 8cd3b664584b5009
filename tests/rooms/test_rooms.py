"""Rooms without a server: how long they live, how many there are, their records, and where tours come from."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rooms.clients import ANSWERS, DOCUMENT, LESSON

from app import asset
from app.rooms import codes, limits, record, rooms
from app.rooms.library import Folders
from app.rooms.refused import Refused
from app.rooms.rooms import Rooms
from ulpm_core import ConfigError

DAY = 86_400.0


class Clock:
    now = 1_000_000.0

    def __call__(self):
        return self.now


def run(tmp_path, test):
    clock = Clock()

    async def go():
        some = Rooms(lambda: tmp_path / "rooms.sqlite3", Folders([asset("lessons")]), clock)
        try:
            return await test(some, clock)
        finally:
            await some.close()

    return asyncio.run(go())


def test_a_room_ends_after_a_day_with_all_that_was_said_in_it(tmp_path, monkeypatch):
    monkeypatch.setattr(rooms, "SWEEP_SECONDS", 0.01)

    async def test(some, clock):
        code, secret = await some.begin_room("", DOCUMENT)
        await some.take_answer(code, "student-1", 0, 0, 1)
        clock.now += DAY - 1.0
        later, _ = await some.begin_room("", DOCUMENT)
        hub = (await some.room(code)).hub
        clock.now += 1.0
        with pytest.raises(Refused) as refused:
            await some.results(code, secret)
        assert refused.value.status == 404
        while not hub.closed:
            await asyncio.sleep(0.01)
        await some.room(later)

    run(tmp_path, test)


def test_where_there_is_no_place_a_room_that_nobody_entered_makes_place(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "ROOMS", 2)

    async def test(some, clock):
        used, _ = await some.begin_room("", DOCUMENT)
        await some.take_answer(used, "student-1", 0, 0, 1)
        unused, _ = await some.begin_room("", DOCUMENT)
        with pytest.raises(Refused, match="2 rooms are open") as refused:
            await some.begin_room("", DOCUMENT)
        assert refused.value.status == 429
        clock.now += limits.IDLE_SECONDS + 1.0
        hub = (await some.room(unused)).hub
        teacher = hub.take_in(None)
        with pytest.raises(Refused, match="2 rooms are open"):
            await some.begin_room("", DOCUMENT)
        hub.leave(teacher)
        await some.begin_room("", DOCUMENT)
        await some.room(used)
        with pytest.raises(Refused):
            await some.room(unused)

    run(tmp_path, test)


def test_a_room_has_seats_for_so_many(tmp_path, monkeypatch):
    monkeypatch.setattr("app.rooms.work.STUDENTS", 2)

    async def test(some, clock):
        code, secret = await some.begin_room("", DOCUMENT)
        for who in ("student-1", "student-2", "student-1"):
            await some.take_answer(code, who, 0, 0, 1)
        with pytest.raises(Refused, match="full"):
            await some.take_answer(code, "student-3", 0, 0, 1)
        assert (await some.results(code, secret))["scenes"][0]["questions"][0]["answered"] == 2

    run(tmp_path, test)


def test_a_class_is_saved_and_opened_again_with_nothing_personal_in_it(tmp_path):
    async def test(some, clock):
        code, secret = await some.begin_room("", DOCUMENT)
        for who in ("student-b", "student-a"):
            for (scene, question), answer in ANSWERS.items():
                await some.take_answer(code, who, scene, question, answer)
        await some.take_answer(code, "student-c", 0, 1, -3)
        shown = await some.results(code, secret)
        return code, secret, shown["scenes"], await some.results(code, secret, "record"), some.library

    code, secret, scenes, saved, library = run(tmp_path, test)
    again = record.read_record(saved.encode(), library)
    assert again.scenes == scenes
    assert (again.day, again.source, again.outline) == ("1970-01-12", DOCUMENT, LESSON)
    assert not [word for word in (code, secret, "student", "seat") if word in saved.replace(DOCUMENT, "")]
    assert set(json.loads(saved)) == {"format", "version", "day", "name", "tour", "answers"}


def damaged(**changes):
    held = {"format": record.FORMAT, "version": 1, "day": "2026-11-29", "name": "", "tour": DOCUMENT}
    return json.dumps({**held, "answers": [[[2], [0.5]], [[[0]], [[[0, 1]]], [[[0, 1]]]], []], **changes}).encode()


def test_a_file_of_very_many_values_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(record.json, "loads", lambda data: pytest.fail("it was read"))
    with pytest.raises(Refused, match="no record"):
        record.read_record(b"[" + b"[]," * record.MOST_VALUES + b"[]]", Folders([]))


def test_a_record_is_opened_as_it_stands():
    assert record.read_record(damaged(), Folders([])).scenes[0]["questions"][0]["counts"] == [0, 0, 1]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff",
        b"[" * 100_000,
        b"[]",
        b"{}",
        damaged(format="other"),
        damaged(version=2),
        damaged(day="yesterday"),
        damaged(day=7),
        damaged(tour=7),
        damaged(tour="# No head"),
        damaged(tour="\ud800"),
        damaged(name=["a"]),
        damaged(answers=[]),
        damaged(answers=[[[3], []], [[], [], []], []]),
        damaged(answers=[[[0] * 2000, []], [[], [], []], []]),
        damaged(answers=[[{"0": 1}, []], [[], [], []], []]),
        damaged(answers=[[[], [float("nan")]], [[], [], []], []]),
    ],
    ids=range(18),
)
def test_a_damaged_record_is_refused_in_a_sentence(data):
    with pytest.raises(Refused, match=r"\.$") as refused:
        record.read_record(data, Folders([]))
    assert refused.value.status == 400


@pytest.mark.parametrize("name", ["", "..", "../secret", "/etc/passwd", "a/b", "a.md", "x" * 100, "é", "\x00"])
def test_a_tour_is_found_by_its_name_and_nothing_else_is(tmp_path, name):
    (tmp_path / "secret.md").write_text(DOCUMENT)
    (tmp_path / "tours").mkdir()
    (tmp_path / "tours" / "angles.md").write_text(DOCUMENT)
    library = Folders([tmp_path / "missing", tmp_path / "tours"])
    assert library.source(name) is None
    assert library.source("angles") == DOCUMENT
    assert library.outline(DOCUMENT, "angles") == LESSON


def test_every_shipped_tour_opens_a_room():
    library = Folders([asset("lessons")])
    shipped = sorted(path.stem for path in asset("lessons").glob("*.md"))
    assert shipped
    for tour in shipped:
        source = library.source(tour)
        assert library.outline(source, tour).scenes


def test_a_document_with_a_mistake_is_no_tour():
    with pytest.raises(ConfigError, match="tour:"):
        Folders([]).outline(DOCUMENT.replace("classes=3", "classes=banana"))


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_a_code_is_five_letters_of_ours_or_none(text):
    meant = codes.meant(text)
    assert meant in ("", text.upper())
    assert set(meant) <= set(codes.LETTERS)


def test_codes_and_secrets_are_drawn_anew():
    drawn = {codes.new_code({}) for _ in range(1000)}
    assert len(drawn) > 990
    assert all(codes.meant(code) == code for code in drawn)
    secret = codes.new_secret()
    assert codes.is_secret(secret, codes.digest_of(secret))
    assert not codes.is_secret(codes.new_secret(), codes.digest_of(secret))
    assert not codes.is_secret("\ud800", codes.digest_of(secret))
