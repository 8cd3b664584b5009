"""The contract of rooms, by requests alone: what scripts outside this repository rest on."""

from __future__ import annotations

import re

import pytest
from rooms.clients import ANSWERS, DOCUMENT, Ear

from app.rooms.codes import LETTERS


def test_a_room_is_opened_on_a_document_or_on_a_tour_that_is_served(lab):
    for body, headers in (
        ({"tour": "the-collapse"}, {}),
        (DOCUMENT, {"Content_Type": "text/markdown; charset=utf-8"}),
    ):
        status, made, headers = lab.ask("POST", "/lab/rooms", body, **headers)
        assert status == 201
        assert set(made) == {"code", "secret", "join"}
        assert re.fullmatch(f"[{LETTERS}]{{5}}", made["code"])
        assert len(made["secret"]) >= 22
        assert made["join"] == f"/room/{made['code']}"
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "said", "join"),
    [
        ("/course/lab/lab/rooms", {}, "/course/lab/room/"),
        ("/lab/rooms", {"X_Forwarded_Prefix": "/course/"}, "/course/room/"),
        ("/lab/rooms", {"X_Forwarded_Prefix": "//example.org"}, "/room/"),
        ("/a%20b/lab/rooms", {}, "/a%20b/room/"),
    ],
)
def test_the_address_to_join_has_the_prefix_of_the_page(lab, path, said, join):
    status, made, _ = lab.ask("POST", path, {"tour": "the-collapse"}, **said)
    assert status == 201
    assert made["join"] == join + made["code"]


def test_a_stream_begins_with_the_whole_state_and_goes_on_with_changes(lab):
    code, secret = lab.open()
    ear = Ear(lab, code)
    assert ear.answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert ear.answer.headers["x-accel-buffering"] == "no"
    assert ear.state == {"scene": 0, "frame": "play", "pace": "teacher", "revealed": [], "here": 1, "answered": 0}
    ear.next()
    assert ear.events[-1] == {"here": 1}
    state = lab.move(code, secret, scene=1, frame="zero-training-error", pace="free")
    assert state == {"scene": 1, "frame": "zero-training-error", "pace": "free", "revealed": []}
    ear.hear(lambda state: state["scene"] == 1)
    assert ear.events[-1] == {"scene": 1, "frame": "zero-training-error", "pace": "free"}
    lab.move(code, secret, frame=120)
    ear.hear(lambda state: state["frame"] == 120)
    assert ear.events[-1] == {"frame": 120}
    lab.move(code, secret, scene=2)
    assert ear.hear(lambda state: state["scene"] == 2)["frame"] == "play"
    lab.move(code, secret, frame="play")
    ear.next()
    assert ear.events[-1] == {"frame": "play"}  # once more


def test_here_counts_tabs_and_answered_those_who_answered_in_this_scene(lab):
    code, secret = lab.open()
    teacher = Ear(lab, code, "?watch=1")
    assert teacher.state["here"] == 0
    tabs = [Ear(lab, code, f"?who=student-{i}") for i in (0, 1, 1)]
    assert [tab.seat for tab in tabs] == [0, 1, 1]
    teacher.hear(lambda state: state["here"] == 2)
    assert lab.answer(code, "student-0") == 204
    assert lab.answer(code, "student-0", question=1) == 204
    teacher.hear(lambda state: state["answered"] == 1)
    assert lab.answer(code, "student-1", scene=1) == 204
    assert lab.answer(code, "student-1") == 204
    teacher.hear(lambda state: state["answered"] == 2)
    lab.move(code, secret, scene=1)
    assert teacher.hear(lambda state: state["scene"] == 1)["answered"] == 1
    tabs[2].close()
    tabs[0].close()
    assert teacher.hear(lambda state: state["here"] == 1)["scene"] == 1


def test_whoever_comes_back_has_missed_nothing(lab):
    code, secret = lab.open()
    ear = Ear(lab, code)
    lab.move(code, secret, scene=1)
    ear.hear(lambda state: state["scene"] == 1)
    ear.close()
    for scene in (0, 2):
        lab.move(code, secret, scene=scene)
    again = Ear(lab, code, Last_Event_ID=ear.last)
    assert again.state["scene"] == 2
    assert int(again.last) == int(ear.last) + 2


def test_each_kind_of_answer_is_counted_and_may_be_changed_until_it_is_revealed(lab):
    code, secret = lab.open()
    for who in ("student-a", "student-b"):
        for scene, question in ANSWERS:
            assert lab.answer(code, who, scene, question) == 204
    assert lab.answer(code, "student-b", 0, 0, 0) == 204
    assert lab.answer(code, "student-b", 0, 1, 7) == 204
    first, second, last = lab.results(code, secret)["scenes"]
    choice, number = first["questions"]
    assert (choice["kind"], choice["answered"], choice["counts"]) == ("choice", 2, [1, 0, 1])
    assert (number["kind"], number["numbers"]) == ("number", [-0.5, 7.0])
    several, drawn, placed = second["questions"]
    assert several["counts"] == [2, 0, 2]
    assert drawn["sketches"] == [[[0, 1], [1, 0.25]]] * 2
    assert placed["placements"] == [[[1, 0], [-0.5, 0.9]]] * 2
    assert last["questions"] == []
    assert [scene["scene"] for scene in lab.results(code, secret, "?scene=1")["scenes"]] == [1]
    lab.move(code, secret, revealed=[[0, 0]])
    assert lab.answer(code, "student-b", 0, 0, 2) == 409
    assert lab.answer(code, "student-c", 0, 0, 2) == 409
    assert lab.answer(code, "student-b", 0, 1, 8) == 204
    assert lab.results(code, secret)["scenes"][0]["questions"][0]["counts"] == [1, 0, 1]


def test_only_the_teacher_moves_a_room_and_sees_its_results(lab):
    code, secret = lab.open()
    other = lab.open()[1]
    for wrong in (None, "", "x", other, secret[:-1], secret + "x", secret.swapcase()):
        for method, what, body in (("POST", "state", {"scene": 1}), ("GET", "results", None)):
            status, said, _ = lab.ask(method, f"/lab/rooms/{code}/{what}", body, wrong)
            assert (status, list(said)) == (403, ["error"])
    assert Ear(lab, code).state["scene"] == 0
    assert secret.encode() not in lab.file.read_bytes()


def test_a_secret_is_in_nothing_that_a_student_gets(lab):
    code, secret = lab.open()
    ear = Ear(lab, code, "?who=student-1")
    lab.answer(code, "student-1")
    lab.move(code, secret, scene=1, revealed=[[0, 0]], ended=True)
    ear.hear(lambda state: state.get("ended"))
    heard = str(ear.events)
    assert secret not in heard
    assert "student-1" not in heard


def test_a_room_that_its_teacher_ends_says_so_and_keeps_its_answers_for_her(lab):
    code, secret = lab.open()
    ear = Ear(lab, code)
    assert lab.answer(code, "student-1") == 204
    lab.move(code, secret, ended=True)
    assert ear.hear(lambda state: state.get("ended"))["ended"] is True
    assert ear.next() is None
    assert lab.answer(code, "student-1") == 409
    assert lab.ask("GET", f"/lab/rooms/{code}/events")[:2] == (409, {"error": "This room has ended."})
    assert lab.ask("POST", f"/lab/rooms/{code}/state", {"scene": 1}, secret)[0] == 409
    assert lab.results(code, secret)["scenes"][0]["questions"][0]["answered"] == 1


def test_a_table_for_a_spreadsheet_holds_no_formula(lab):
    code, secret = lab.open()
    for scene, question in ANSWERS:
        lab.answer(code, "student-1", scene, question)
    table = lab.results(code, secret, "?format=csv")
    assert table.startswith("\ufeffscene,title,question,kind,student,answer\r\n")
    rows = table.splitlines()[1:]
    assert len(rows) == len(ANSWERS)
    assert rows[1] == "1,Three clusters,2,number,1,-0.5"
    assert rows[2] == "2,'=1+1,1,several,1,'=cmd(); further"
    assert "student-1" not in table


def test_a_code_is_found_in_small_letters_and_a_wrong_one_is_not(lab):
    code, _ = lab.open()
    assert lab.answer(code.lower(), "student-1") == 204
    body = {"who": "student-1", "scene": 0, "question": 0, "answer": 1}
    for wrong in ("AAAAA", code[:4], code + "B", code[:4] + "I", "%F0%9F%98%80", "x" * 2000):
        status, said, _ = lab.ask("POST", f"/lab/rooms/{wrong}/answers", body)
        assert (status, list(said)) == (404, ["error"])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://example.org"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[::bad"}, 403),
        ({"Origin": "http://example.org", "Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Sec_Fetch_Site": "same-origin", "Origin": "https://behind-a-proxy.example"}, 204),
        ({}, 204),
    ],
)
def test_only_pages_of_ours_and_programs_may_ask(lab, headers, status):
    code, _ = lab.open()
    body = {"who": "student-1", "scene": 0, "question": 0, "answer": 1}
    assert lab.ask("POST", f"/lab/rooms/{code}/answers", body, **headers)[0] == status
    own = {"Origin": f"http://127.0.0.1:{lab.port}"}
    assert lab.ask("POST", f"/lab/rooms/{code}/answers", body, **own)[0] == 204


@pytest.mark.parametrize(
    ("method", "what"),
    [
        ("GET", "/answers"),
        ("GET", "/state"),
        ("DELETE", "/events"),
        ("PUT", "/tour"),
        ("GET", "/no/such"),
        ("POST", "/tour"),
    ],
)
def test_what_no_address_takes_is_refused_in_a_sentence(lab, method, what):
    code, _ = lab.open()
    for address in (f"/lab/rooms/{code}{what}", f"/course/lab/rooms/{code}{what}"):
        status, said, _ = lab.ask(method, address)
        assert (status, list(said)) == (404, ["error"])
    assert [lab.ask("GET", address)[0] for address in ("/lab/rooms", "/lab/records")] == [404, 404]
