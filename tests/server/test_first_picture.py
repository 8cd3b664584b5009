"""The page before Streamlit: its picture and film, what it may do, and what is left alone."""

from __future__ import annotations

import asyncio
import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import streamlit

from app.jobs import films, runs, trainings
from app.player.offline import PLOTLY, STYLE
from app.player.player import SCRIPT
from app.server.first_picture import FIT
from app.server.html_head import HtmlHead
from app.server.policy import policy_of
from app.views.network_presets import NETWORK_PRESETS
from app.views.presets import PRESETS
from ulpm_core import RunConfig
from ulpm_core.networks.config import NetworkConfig

STREAMLITS = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()


def answer(body=STREAMLITS, path="/", query=b"", kind=b"text/html; charset=utf-8", encoding=b"", method="GET"):
    """What a browser gets of a server's answer that comes in two pieces: headers and body."""

    async def server(scope, receive, send):
        headers = [(b"content-type", kind), (b"etag", b'"as it was"'), (b"content-length", b"%d" % len(body))]
        headers += [(b"content-encoding", b"gzip")] * body.startswith(b"\x1f\x8b")
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body[:100], "more_body": True})
        await send({"type": "http.response.body", "body": body[100:]})

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "query_string": query}
    scope["headers"] = [(b"accept-encoding", encoding)]
    asyncio.run(HtmlHead(server)(scope, None, send))
    headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return headers, b"".join(message.get("body", b"") for message in sent[1:])


class Elements(HTMLParser):
    """The elements of a page: [(tag, attributes)]; whatever is opened is closed."""

    def __init__(self, page):
        super().__init__()
        self.found, self.open = [], []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        if tag not in ("meta", "link", "br", "path"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def of(self, tag):
        return [attributes for found, attributes in self.found if found == tag]

    def by_id(self, name):
        return [attributes for _, attributes in self.found if attributes.get("id") == name]


def test_the_default_page_holds_the_first_film_begun_and_its_picture():
    headers, body = answer()
    page = Elements(body.decode())
    shown = runs.film_of(RunConfig())
    (first,) = page.by_id("lab-first")
    assert first == {"id": "lab-first", "data-plotly": PLOTLY.address, "data-film": f"lab/film/{shown.key}"}
    assert films.published(shown.key) is not None
    frames = shown.header["frames"]
    labels = [f"4 classes in 3 dimensions: a picture of frame {frame} of {frames}" for frame in (1, frames)]
    assert [svg["aria-label"] for svg in page.of("svg") if svg.get("role") == "img"] == labels
    assert {"type": "module", "src": SCRIPT.address} in page.of("script")
    assert {"rel": "stylesheet", "href": STYLE.address} in page.of("link")
    assert {"rel": "preload", "href": PLOTLY.address, "as": "script"} in page.of("link")
    assert b"<title>Collapse Lab</title>" in body
    assert int(headers["content-length"]) == len(body)
    assert "etag" not in headers  # it was that of another page


@pytest.mark.parametrize("path", ["/networks", "/course/lab/networks"])
def test_the_networks_begin_with_the_film_that_came_with_the_lab(path):
    body = answer(path=path)[1].decode()
    page, shown = Elements(body), trainings.film_of(NetworkConfig())
    (first,) = page.by_id("lab-first")
    assert first == {"id": "lab-first", "data-plotly": PLOTLY.address, "data-film": f"lab/film/{shown.key}"}
    labels = [
        f"{shown.header['title']}: a picture of frame {f} of {shown.header['frames']}"
        for f in (1, shown.header["frames"])
    ]
    assert [svg["aria-label"] for svg in page.of("svg") if svg.get("role") == "img"] == labels
    assert NETWORK_PRESETS[0].config == NetworkConfig()
    assert "".join(f"<span>{preset.name}</span>" for preset in NETWORK_PRESETS) in body
    assert NETWORK_PRESETS[0].watch in body and PRESETS[0].watch not in body


@pytest.mark.parametrize("path", ["/", "/course/lab/"])
def test_under_a_base_path_the_same_page_is_sent(path):
    assert answer(path=path)[1] == answer()[1]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/", b"classes=3"),
        ("/", b"embed=true"),
        ("/", b"talk=1"),
        ("/theory", b""),
        ("/lab/landscape", b""),
        ("/networks", b"epochs=5"),
    ],
)
def test_other_states_begin_plotly_and_show_no_film_that_is_not_theirs(path, query):
    page = Elements(answer(path=path, query=query)[1].decode())
    assert page.by_id("lab-first") == [{"id": "lab-first", "data-plotly": PLOTLY.address, "hidden": None}]
    assert page.of("svg") == []
    assert {"type": "module", "src": SCRIPT.address} in page.of("script")


def test_a_page_is_compressed_for_those_who_can_read_it_so():
    headers, body = answer(encoding=b"br, gzip")
    plain = answer()[1]
    assert headers["content-encoding"] == "gzip"
    assert headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(body) == plain
    assert int(headers["content-length"]) == len(body) < len(plain) / 2


@pytest.mark.parametrize("encoding", [b"", b"gzip"])
@pytest.mark.parametrize("path", ["/", "/theory", "/networks"])
def test_a_page_that_streamlit_has_compressed_gets_the_same_head(path, encoding):
    """It compresses the page of every screen but the first one's."""
    headers, body = answer(path=path, encoding=encoding)
    assert answer(gzip.compress(STREAMLITS), path=path, encoding=encoding) == (headers, body)
    assert ("content-encoding" in headers) == bool(encoding)
    other = gzip.compress(b"<p>A film to download." + bytes(100))
    assert answer(other, path=path, encoding=encoding)[1] == other


def test_only_the_scripts_of_the_page_itself_may_run_inside_it():
    headers, body = answer()
    policy = headers["content-security-policy"]
    assert policy == policy_of(body.decode())
    assert policy.count("'sha256-") == len(re.findall(rb"<script>", body)) == 2
    assert policy != answer(query=b"classes=3")[0]["content-security-policy"]
    allowed = dict(part.split(" ", 1) for part in policy.split("; "))
    assert allowed["default-src"] == allowed["base-uri"] == allowed["form-action"] == "'none'"
    assert "'unsafe-inline'" not in allowed["script-src"] and "'unsafe-eval'" not in allowed["script-src"]
    assert "*" not in policy and "http" not in policy
    assert "frame-ancestors" not in policy and "x-frame-options" not in headers  # slides and course pages


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("kind", [b"text/html; charset=utf-8", b"image/png", b"application/json"])
def test_every_answer_keeps_its_type_and_tells_nobody_its_link(kind, method):
    headers, body = answer(b"<html><head></head><p>A film to download." + 100 * b" ", kind=kind, method=method)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert body == b"<html><head></head><p>A film to download." + 100 * b" "
    assert headers["etag"] == '"as it was"'


def test_the_page_is_as_wide_or_narrow_before_the_player_as_with_it():
    script = SCRIPT.text
    wide, narrow = re.search(r"const \[WIDE, NARROW\] = \[(\d+), (\d+)\];", script).groups()
    assert f'"fp-wide", root.clientWidth >= {wide})' in FIT
    assert f'"fp-narrow", root.clientWidth < {narrow})' in FIT
