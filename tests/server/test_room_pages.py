"""The pages of rooms, by requests alone: what students and teachers get, and what hostile documents become there."""

from __future__ import annotations

import json
import re
from urllib.parse import quote, urljoin, urlsplit

import pytest
from rooms.clients import DOCUMENT, Ear
from rooms.conftest import lab as lab

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
NO_INLINE = re.compile(r"<script(?![^>]*\bsrc=)|\bon\w+\s*=\s*[\"']|javascript:", re.IGNORECASE)


def scripts(html):
    """The beginnings of all that a browser would run or fetch in a page."""
    return NO_INLINE.findall(html)


def test_a_students_page_is_plain_and_all_its_parts_may_be_kept_for_ever(lab):
    code, secret = lab.open()
    status, html, headers = lab.ask("GET", f"/room/{code.lower()}")
    assert status == 200
    assert code in html and "Why the angles even out" in html and secret not in html
    policy = headers["content-security-policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy and "connect-src 'self'" in policy
    assert headers["cache-control"] == "no-store"
    parts = re.findall(r'(?:src|href|data-engine|data-table)="((?:\.\./)?lab/[^"]+)"', html)
    assert {part.rpartition(".")[2] for part in parts} == {"js", "css", "json"}
    for part in parts:
        path = urlsplit(urljoin(f"http://lab/room/{code}", part if part.startswith("..") else f"../{part}")).path
        status, _, headers = lab.ask("GET", path)
        assert (status, "immutable" in headers["cache-control"]) == (200, True), path


def test_the_tour_of_a_room_comes_by_digest_without_a_teachers_notes(lab):
    notes = "```notes\nThe secret of the teacher's desk.\n```\n# Now without"
    code, secret = lab.open(DOCUMENT.replace("# =1+1\nNow without", f"{notes}"))
    status, _, headers = lab.ask("GET", f"/lab/rooms/{code}/tour")
    assert (status, headers["cache-control"]) == (307, "no-store")
    address = urlsplit(urljoin(f"http://lab/lab/rooms/{code}/tour", headers["location"])).path
    status, tour, headers = lab.ask("GET", address)
    assert (status, "immutable" in headers["cache-control"]) == (200, True)
    assert [scene["notes"] for scene in tour["scenes"]] == [""] * len(tour["scenes"])
    assert "desk" not in json.dumps(tour)
    for scene in tour["scenes"]:
        if scene["film"]:
            status, _, headers = lab.ask("HEAD", f"/lab/film/{scene['film']['digest']}")
            assert (status, "immutable" in headers["cache-control"]) == (200, True)
    assert "desk" in str(lab.ask("GET", f"/lab/rooms/{code}/notes", secret=secret)[1])
    assert lab.ask("GET", f"/lab/rooms/{code}/notes", secret="wrong")[0] == 403


def test_nothing_that_a_phone_gets_tells_an_answer_before_it_is_revealed(lab):
    code, secret = lab.open()
    reason, other = "Because three equal repulsions", "Because these do."

    def phone():
        """All words that a student's browser gets, and the questions of the tour."""
        page, ear = lab.ask("GET", f"/room/{code}")[1], Ear(lab, code, "?who=student-number-1")
        location = lab.ask("GET", f"/lab/rooms/{code}/tour")[2]["location"]
        tour = lab.ask("GET", urlsplit(urljoin(f"http://lab/lab/rooms/{code}/tour", location)).path)[1]
        told = lab.ask("GET", f"/lab/rooms/{code}/revealed")[1]
        ear.close()
        return json.dumps([page, ear.events, tour, told]), [
            one for scene in tour["scenes"] for one in scene["questions"]
        ]

    words, questions = phone()
    assert reason not in words and other not in words
    for one in questions:
        assert (one["reason"], one["right"], one["truth"], one["tolerance"]) == ("", [], None, None)
        assert one["prompt"]
    lab.move(code, secret, revealed=[[0, 0]])
    words, _ = phone()
    assert reason in words and other not in words
    (told,) = lab.ask("GET", f"/lab/rooms/{code}/revealed")[1]["revealed"]
    assert (told["scene"], told["question"], told["right"]) == (0, 0, [2])
    assert lab.ask("GET", f"/lab/rooms/{code}/tour", secret="wrong")[0] == 403
    location = lab.ask("GET", f"/lab/rooms/{code}/tour", secret=secret)[2]["location"]
    whole = lab.ask("GET", urlsplit(urljoin(f"http://lab/lab/rooms/{code}/tour", location)).path)[1]
    assert whole["scenes"][1]["questions"][0]["right"] == [0, 1]


def test_whoever_has_no_code_or_a_wrong_one_gets_a_field_for_it(lab):
    for path, status in (("/room", 200), ("/room/ZZZZZ", 404), (f"/room/{quote('{up}<script>alert(1)')}", 404)):
        found, html, _ = lab.ask("GET", path)
        assert found == status
        assert '<input id="code"' in html
        assert scripts(html) == []
    code, secret = lab.open()
    status, _, headers = lab.ask("GET", f"/room?code=+{code.lower()}+")
    assert (status, headers["location"]) == (303, f"room/{code}")
    assert lab.ask("GET", f"/room?code={quote(HOSTILE)}")[0] == 400
    lab.move(code, secret, ended=True)
    status, html, _ = lab.ask("GET", f"/room/{code}")
    assert (status, "This room has ended" in html, '<input id="code"' in html) == (410, True, True)


def test_what_a_document_says_is_text_on_every_page(lab):
    document = DOCUMENT.replace("Why the angles even out", HOSTILE).replace("# Three clusters", f"# {HOSTILE}")
    document = document.replace("- on a line", f"- {HOSTILE}").replace("Every dot", f"{HOSTILE} Every dot")
    code, _ = lab.open(document)
    for page in (f"/room/{code}", f"/teach/{code}"):
        status, html, _ = lab.ask("GET", page)
        assert status == 200
        assert scripts(html) == []
        assert "&lt;script&gt;" in html
    location = lab.ask("GET", f"/lab/rooms/{code}/tour")[2]["location"]
    scene, *_ = lab.ask("GET", urlsplit(urljoin(f"http://lab/lab/rooms/{code}/tour", location)).path)[1]["scenes"]
    for html in (scene["html"], *(option for asked in scene["questions"] for option in asked["options"])):
        assert scripts(html) == []
        assert "<img" not in html


def test_a_document_whose_films_nobody_waits_for_is_refused_in_words(lab):
    scenes = "".join(f"# {seed}\n```film\nsteps=1000000&seed={seed}\n```\n" for seed in range(100))
    code, _ = lab.open(f"---\ntitle: Long\nminutes: 1\n---\n{scenes}")
    status, said, _ = lab.ask("GET", f"/lab/rooms/{code}/tour")
    assert status == 400
    assert re.search(r"films of this tour take some [\d,.]+ s", said["error"])


def test_a_teachers_page_says_where_students_find_this_machine(lab):
    code, secret = lab.open()
    html = lab.ask("GET", f"/teach/{code}", Host="lab.example.org:8501")[1]
    assert '<option value="http://lab.example.org:8501">' in html and secret not in html
    html = lab.ask("GET", f"/teach/{code}", X_Forwarded_Host="school.example", X_Forwarded_Proto="https")[1]
    assert '<option value="https://school.example">' in html
    html = lab.ask("GET", f"/teach/{code}", Host=f"localhost:{lab.port}")[1]
    assert "localhost" not in html and "127.0.0.1" not in html
    html = lab.ask("GET", f"/teach/{code}", Host='"><script>alert(1)</script>')[1]
    assert scripts(html) == [] and "alert(1)" not in html
    policy = lab.ask("GET", "/teach")[2]["content-security-policy"]
    assert policy.endswith("frame-ancestors 'none'")


def test_a_code_for_cameras_holds_the_address_of_a_room_and_nothing_else(lab):
    status, drawn, headers = lab.ask("GET", f"/lab/qr?of={quote('http://192.168.1.7:8501/course/room/KFQXW')}")
    assert (status, headers.get_content_type(), drawn[:20].startswith(("<?xml", "<svg"))) == (
        200,
        "image/svg+xml",
        True,
    )
    wrong = (
        "",
        "javascript:alert(1)",
        "http://evil.example/",
        "http://h/room/KFQXI",
        "ftp://h/room/KFQXW",
        "http://h" * 99,
    )
    for address in (*wrong, f"http://{HOSTILE}/room/KFQXW"):
        assert lab.ask("GET", f"/lab/qr?of={quote(address)}")[0] == 400


def test_a_rehearsal_is_marked_and_has_no_record(lab):
    made = lab.ask("POST", "/lab/rooms?rehearsal=1", {"tour": "the-collapse"})[1]
    code, secret = made["code"], made["secret"]
    assert Ear(lab, code).state["rehearsal"] is True
    assert lab.answer(code, "simulated-1", 0, 0, 1) == 204
    assert lab.results(code, secret)["scenes"][0]["questions"][0]["counts"] == [0, 1, 0]
    for form in ("csv", "record"):
        assert lab.ask("GET", f"/lab/rooms/{code}/results?format={form}", None, secret)[0] == 409
    assert lab.ask("POST", f"/lab/rooms/{code}/state", {"rehearsal": False}, secret)[0] == 400


def test_a_record_is_opened_again_by_a_server_that_knows_no_such_room(lab):
    code, secret = lab.open()
    assert lab.answer(code, "student-1") == 204
    record = lab.results(code, secret, "?format=record")
    status, opened, _ = lab.ask("POST", "/lab/records", record)
    assert status == 200
    assert opened["title"] == "Why the angles even out"
    assert opened["scenes"][0]["questions"][0]["counts"] == [0, 0, 1]
    assert lab.ask("GET", f"/{opened['tour']}")[1]["title"] == opened["title"]
    for damaged in (b"", b"{}", b"[]", json.dumps({**record, "tour": "no tour"}).encode()):
        assert lab.ask("POST", "/lab/records", damaged)[0] == 400


def test_everyones_start_is_shown_once_the_teacher_shows_it(lab):
    code, secret = lab.open()
    assert lab.ask("GET", f"/lab/rooms/{code}/starts")[0] == 409
    for number in range(3):
        assert lab.answer(code, f"student-{number}") == 204
    ear = Ear(lab, code)
    lab.move(code, secret, starts=True)
    assert ear.hear(lambda state: state.get("starts"))["starts"] is True
    status, lines, _ = lab.ask("GET", f"/lab/rooms/{code}/starts")
    assert status == 200
    assert lines["seeds"] == [1, 2, 3]
    assert (lines["config"]["seed"], lines["config"]["method"]) == (1, "gradient-flow")
    assert len(lines["gamma"]) == 3 and {len(line) for line in lines["gamma"]} == {len(lines["log_time"])}
    assert all(0.5 < line[-1] <= 1.0 for line in lines["gamma"])
    lab.move(code, secret, scene=1)
    assert ear.hear(lambda state: state["scene"] == 1)["starts"] is False


@pytest.mark.parametrize("starts", [1, "yes", None])
def test_starts_are_shown_or_not(lab, starts):
    code, secret = lab.open()
    assert lab.ask("POST", f"/lab/rooms/{code}/state", {"starts": starts}, secret)[0] == 400
