"""What anybody may send to a room: refused in a sentence, nothing lost, no other room touched."""

from __future__ import annotations

import http.client
import json
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rooms.clients import ANSWERS, LESSON, PATIENCE, Ear

from app.rooms import limits
from app.rooms.events import WATCHERS
from app.rooms.refused import STATUSES, Refused
from app.rooms.state import KEYS, State, moved
from app.rooms.tour import checked_answer

NUMBERS = st.integers() | st.floats() | st.sampled_from([10**400, -(10**30), 2**63, 1e308])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=20),
    lambda some: st.lists(some, max_size=5) | st.dictionaries(st.text(max_size=8), some, max_size=4),
    max_leaves=20,
)
PLACES = st.integers(-1, 3) | JSON
RAW = [
    b"",
    b"null",
    b"[]",
    b"{",
    b"\xff\xfe\x00",
    b"[" * 15_000,
    b'{"a":' * 2000 + b"1" + b"}" * 2000,
    b'{"who": "student-1", "scene": 0, "question": 1, "answer": NaN}',
    b'{"who": "student-1", "scene": 0, "question": 1, "answer": -Infinity}',
    b'{"who": "student-1", "scene": 0, "question": 1, "answer": 1e999}',
    b'{"who": "student-1", "scene": 0, "question": 1, "answer": ' + b"9" * 10_000 + b"}",
    b'{"who": "student-1", "scene": 0, "question": 1, "answer": ' + b"9" * 400 + b"}",
    b'{"who": "student-1", "scene": true, "question": 0, "answer": 1}',
    b'{"who": "student-1", "scene": 0.0, "question": 0, "answer": 1}',
    b'{"who": "student-1", "scene": -1, "question": 0, "answer": 1}',
    b'{"who": "student-1", "scene": 0, "question": 0, "answer": true}',
    b'{"who": "student-1", "scene": 0, "question": 0, "answer": 3}',
    b'{"who": "student-1", "scene": 2, "question": 0, "answer": 0}',
    b'{"who": "\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800", "scene": 0, "question": 0, "answer": 1}',
    b'{"who": "<script>alert(1)</script>", "scene": 0, "question": 0, "answer": "<script>"}',
    b'{"who": 7, "scene": 0, "question": 0, "answer": 1}',
    b'{"who": "short", "scene": 0, "question": 0, "answer": 1}',
    b'{"who": "student-1", "scene": 1, "question": 0, "answer": [0, 0]}',
    b'{"who": "student-1", "scene": 1, "question": 1, "answer": [[0, 1, 2]]}',
    b'{"who": "student-1", "scene": 1, "question": 1, "answer": [[0, "1"]]}',
    b'{"who": "student-1", "scene": 1, "question": 1, "answer": []}',
]


@pytest.fixture(scope="module")
def room(lab):
    """A room in which a class has answered, and which nothing here may change."""
    code, secret = lab.open()
    assert lab.answer(code, "student-0") == 204
    lab.move(code, secret, scene=1)
    before = lab.results(code, secret)["scenes"]
    yield code
    assert lab.results(code, secret)["scenes"] == before
    assert Ear(lab, code).state["scene"] == 1


@pytest.mark.parametrize("body", RAW, ids=range(len(RAW)))
def test_an_answer_that_is_none_is_refused_in_a_sentence(lab, room, body):
    status, said, _ = lab.ask("POST", f"/lab/rooms/{room}/answers", body, Content_Type="application/json")
    assert status == 400
    assert list(said) == ["error"]
    assert said["error"].endswith(".")
    assert "<script>" not in said["error"]


@pytest.mark.parametrize("body", RAW[:10], ids=range(10))
def test_a_move_and_an_opening_that_are_none_are_refused_in_a_sentence(lab, room, body):
    code, secret = lab.open()
    assert lab.ask("POST", f"/lab/rooms/{code}/state", body, secret)[0] == 400
    assert lab.ask("POST", "/lab/rooms", body)[0] == 400
    assert lab.ask("POST", "/lab/rooms", body, Content_Type="text/markdown")[0] == 400
    assert Ear(lab, code).state["scene"] == 0


@pytest.mark.parametrize(
    ("what", "kind"), [("answers", ""), ("state", ""), ("", "text/markdown"), ("", "application/json")]
)
@pytest.mark.parametrize("size", [10_000_000, 200_000_000])
def test_a_large_body_is_too_large(lab, room, what, kind, size):
    code, secret = lab.open()
    path = f"/lab/rooms/{code}/{what}" if what else "/lab/rooms"
    connection = http.client.HTTPConnection("127.0.0.1", lab.port, timeout=PATIENCE)
    connection.putrequest("POST", path)
    for name, value in (("Content-Length", size), ("Content-Type", kind), ("Authorization", f"Bearer {secret}")):
        connection.putheader(name, str(value))
    connection.endheaders()
    if size <= 10_000_000:
        connection.send(b" " * size)  # a larger one is refused by what it says of itself
    answer = connection.getresponse()
    assert (answer.status, list(json.loads(answer.read()))) == (413, ["error"])
    connection.close()


def test_a_body_that_never_says_how_long_it_is_is_too_large_all_the_same(lab, room):
    connection = http.client.HTTPConnection("127.0.0.1", lab.port, timeout=PATIENCE)
    connection.request("POST", f"/lab/rooms/{room}/answers", (b"x" * 10_000 for _ in range(20)))
    assert connection.getresponse().status == 413
    connection.close()


def test_a_flood_from_one_tab_is_slowed_and_the_class_is_not(lab, room):
    code, secret = lab.open()
    statuses = [lab.answer(code, "flooding-tab", 0, 1, value) for value in range(60)]
    assert statuses[: int(limits.ANSWERS.burst)] == [204] * int(limits.ANSWERS.burst)
    assert 429 in statuses
    assert lab.answer(code, "student-1", 0, 1, 5) == 204
    status, said, headers = lab.ask(
        "POST", f"/lab/rooms/{code}/answers", {"who": "flooding-tab", "scene": 0, "question": 1, "answer": 1}
    )
    assert (status, list(said), headers["retry-after"]) == (429, ["error"], "1")
    numbers = lab.results(code, secret)["scenes"][0]["questions"][1]["numbers"]
    assert len(numbers) == 2
    assert 5 in numbers


def test_whoever_guesses_codes_is_slowed_and_a_class_is_let_in(lab, room):
    body = {"who": "student-1", "scene": 0, "question": 0, "answer": 1}
    statuses = []
    while 429 not in statuses:
        statuses.append(lab.ask("POST", "/lab/rooms/BCDFG/answers", body)[0])
    assert statuses.count(404) >= limits.WRONG_CODES.burst / 2
    code, _ = lab.open()
    assert lab.answer(code, "student-1") == 204
    assert Ear(lab, code).answer.status == 200


def test_whoever_watches_from_many_screens_keeps_no_teacher_out(lab, room):
    code, secret = lab.open()
    crowd = [Ear(lab, code, "?watch=1") for _ in range(WATCHERS)]
    assert Ear(lab, code, "?watch=1").answer.status == 429
    assert lab.ask("GET", f"/lab/rooms/{code}/watch", None, "no-secret")[0] == 403
    key = lab.ask("GET", f"/lab/rooms/{code}/watch", None, secret)[1]["watch"]
    assert Ear(lab, room, f"?watch={key}").state["here"] == 1  # the key of another room: a student of this one
    teacher = Ear(lab, code, f"?watch={key}")
    assert teacher.state["here"] == 0
    assert lab.ask("POST", f"/lab/rooms/{code}/state", {"scene": 2}, key)[0] == 403
    for ear in crowd:
        ear.close()


def test_readers_who_leave_in_the_middle_of_everything_trouble_nobody(lab, room):
    code, secret = lab.open()
    ear = Ear(lab, code, "?watch=1")
    for text in (b"GET /lab/rooms/%s/events HTTP/1.1\r\nHost: x\r\n\r\n", b"POST /lab/rooms/%s/answers HTTP/1.1\r\n"):
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", lab.port)) as hasty:
                hasty.sendall(text % code.encode())
    lab.move(code, secret, scene=2)
    assert ear.hear(lambda state: state["scene"] == 2 and state["here"] == 0)


@given(scene=PLACES, question=PLACES, answer=JSON | st.lists(st.lists(NUMBERS, min_size=2, max_size=2), max_size=3))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_is_an_answer_or_refused(scene, question, answer):
    try:
        kept = checked_answer(LESSON.question(scene, question), answer)
    except Refused as refusal:
        assert refusal.status == 400
    else:
        assert (scene, question) in ANSWERS
        assert json.loads(json.dumps(kept, allow_nan=False)) == kept


@given(move=JSON | st.dictionaries(st.sampled_from(KEYS), JSON, min_size=1))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_is_a_move_or_refused(move):
    try:
        after = moved(State(), move, LESSON)
    except Refused as refusal:
        assert refusal.status in STATUSES
    else:
        assert 0 <= after.scene < len(LESSON.scenes)
        assert State.from_json(after.to_json()) == after
        json.dumps(after.told(), allow_nan=False)
