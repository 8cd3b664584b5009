"""A server that is killed in the middle of a class: whatever it has acknowledged is there when it is back."""

from __future__ import annotations

import threading
import time

import pytest
from rooms.clients import PATIENCE, Ear, Lab

STUDENTS = 8


@pytest.fixture
def own(tmp_path):
    """A server of one test, which may end it."""
    lab = Lab(tmp_path).start()
    yield lab
    lab.kill()
    assert "Traceback" not in lab.log.read_text()


def test_answers_that_were_acknowledged_outlive_a_kill_and_students_are_back_in_the_same_scene(own):
    code, secret = own.open()
    own.move(code, secret, scene=1, frame="end", pace="free")
    ears = [Ear(own, code, f"?who=student-{i}") for i in range(3)]
    kept: dict[str, float] = {}

    def answer_for_ever(number: int) -> None:
        value = 0
        while True:
            value += 1
            try:
                status = own.answer(code, f"student-{number}-{value}", 0, 1, value)
            except OSError:
                return
            if status == 204:
                kept[f"student-{number}-{value}"] = value

    threads = [threading.Thread(target=answer_for_ever, args=(number,)) for number in range(STUDENTS)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + PATIENCE
    while len(kept) < 40:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    own.kill()
    for thread in threads:
        thread.join()
    own.start()
    again = [Ear(own, code, f"?who=student-{i}", Last_Event_ID=ears[i].last) for i in range(3)]
    for ear, before in zip(again, ears, strict=True):
        assert ear.seat == before.seat
        assert int(ear.last) >= int(before.last)
        assert {key: ear.state[key] for key in ("scene", "frame", "pace")} == {
            "scene": 1,
            "frame": "end",
            "pace": "free",
        }
    numbers = own.results(code, secret)["scenes"][0]["questions"][1]["numbers"]
    assert not set(kept.values()) - set(numbers)
    assert len(numbers) - len(kept) in range(STUDENTS + 1)  # one each may have been written and not yet acknowledged
    assert int(own.move(code, secret, scene=2)["scene"]) == 2


def test_a_server_that_is_asked_to_end_ends_though_students_listen_and_gives_the_file_on(own):
    code, secret = own.open()
    ears = [Ear(own, code) for _ in range(3)]
    own.answer(code, "student-1")
    begun = time.monotonic()
    own.stop()
    assert time.monotonic() - begun < PATIENCE / 2  # it would wait for its readers for ever
    while ears[0].next() is not None:
        pass
    own.start()
    assert Ear(own, code).state["answered"] == 1
    assert own.results(code, secret)["scenes"][0]["questions"][0]["counts"] == [0, 0, 1]


def test_a_second_server_does_not_touch_the_rooms_of_a_first(own, tmp_path):
    code, _ = own.open()
    other = Lab(tmp_path / "other")
    other.folder.mkdir()
    other.file = own.file
    other.start()
    try:
        status, said, _ = other.ask("POST", "/lab/rooms", {"tour": "the-collapse"})
        assert (status, list(said)) == (503, ["error"])
        assert own.answer(code, "student-1") == 204
    finally:
        other.kill()


def test_a_damaged_file_is_said_and_the_lab_runs_on(tmp_path):
    lab = Lab(tmp_path)
    lab.file.write_bytes(b"not a database, " * 1000)
    lab.start()
    try:
        assert lab.ask("POST", "/lab/rooms", {"tour": "the-collapse"})[0] == 409
        assert lab.ask("GET", "/_stcore/health")[0] == 200
        assert lab.file.read_bytes() == b"not a database, " * 1000
        assert "cannot be used" in lab.log.read_text()
    finally:
        lab.kill()
