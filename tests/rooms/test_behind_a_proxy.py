"""Rooms behind nginx, below a path of its own, set up as docs/operating.md says."""

from __future__ import annotations

import re
import time
from types import SimpleNamespace

import pytest
from nginx import nginx
from rooms.clients import PATIENCE, ROOT, Ear, Lab


@pytest.fixture(scope="module")
def proxied(lab, tmp_path_factory):
    """The same server through nginx; `lab.ask` and `Ear` work on it below /course."""
    folder = tmp_path_factory.mktemp("nginx")
    words = (ROOT / "docs" / "operating.md").read_text()
    documented = re.search(r"```\n(location /course/ .*?\n)```", words, re.DOTALL)
    location = documented[1].replace("127.0.0.1:8501", f"127.0.0.1:{lab.port}")
    with nginx(folder, f"server {{ listen 127.0.0.1:PORT; {location} }}") as port:
        through = SimpleNamespace(port=port)
        through.ask = lambda *asked, **headers: Lab.ask(through, *asked, **headers)
        yield through


def test_a_room_works_below_the_path_of_a_proxy(lab, proxied):
    status, made, _ = proxied.ask("POST", "/course/lab/rooms", {"tour": "the-collapse"})
    assert status == 201
    code, secret = made["code"], made["secret"]
    assert made["join"] == f"/course/room/{code}"
    ear = Ear(proxied, code, "?who=student-1", base="/course")
    lab.move(code, secret, scene=1)
    begun = time.monotonic()
    ear.hear(lambda state: state["scene"] == 1)
    assert time.monotonic() - begun < PATIENCE  # nginx holds no event back until there are more
    answer = {"who": "student-1", "scene": 0, "question": 0, "answer": 1}
    assert proxied.ask("POST", f"/course/lab/rooms/{code}/answers", answer)[0] == 204
    ear.close()


def test_the_pages_lead_to_addresses_below_that_path(lab, proxied):
    code, _ = lab.open()
    for page in (f"/course/room/{code}", f"/course/teach/{code}", "/course/room", "/course/teach"):
        status, html, _ = proxied.ask("GET", page)
        assert status == 200
        for address in re.findall(r'(?:src|href)="([^"]+lab/[^"]+)"', html):
            assert proxied.ask("GET", joined(page, address))[0] == 200
    html = proxied.ask("GET", f"/course/teach/{code}", Host="lab.example.org")[1]
    assert 'value="http://lab.example.org/course"' in html
    status, _, headers = proxied.ask("GET", f"/course/room?code={code.lower()}")
    assert (status, joined("/course/room", headers["location"])) == (303, f"/course/room/{code}")
    status, _, headers = proxied.ask("GET", f"/course/lab/rooms/{code}/tour")
    assert status == 307
    assert proxied.ask("GET", joined(f"/course/lab/rooms/{code}/tour", headers["location"]))[0] == 200


def joined(page, address):
    """The path that a browser on a page finds at a relative address."""
    from urllib.parse import urljoin, urlsplit

    return urlsplit(urljoin(f"http://lab{page}", address)).path
