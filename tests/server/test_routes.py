"""The routes beside the page: films by key and Plotly, kept by browsers for ever; and the health check."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import socket
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest
from starlette.requests import Request

from app.jobs import films, runs
from app.player.offline import PLOTLY, STYLE, plotly_script
from app.player.player import SCRIPT
from app.server.routes import film
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import build_film

ROOT = Path(__file__).parents[2]
FOR_EVER = "public, max-age=31536000, immutable"
SERVE = """
import sys, uvicorn
sys.path.insert(0, sys.argv[1])
from app import main
from app.jobs import runs
from ulpm_core import RunConfig
runs.film_of(RunConfig())  # as if somebody had opened the page
uvicorn.run(main.app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
"""


@pytest.fixture(scope="module")
def get():
    """A server of its own; asks it for a path and gives status, headers and the raw body."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def ask(path, encoding="identity"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
        connection.request("GET", path, headers={"Accept-Encoding": encoding})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, answer.headers, body

    process = subprocess.Popen([sys.executable, "-c", SERVE, ROOT, str(port)], cwd=ROOT / "app")
    try:
        deadline = time.monotonic() + 180
        while True:
            assert process.poll() is None and time.monotonic() < deadline, "the server did not start"
            try:
                ask("/_stcore/health")
                break
            except ConnectionError:
                time.sleep(0.05)
        yield ask
    finally:
        process.terminate()
        process.wait(60)


def test_the_server_says_that_it_is_well(get):
    assert get("/_stcore/health")[0] == 200


def test_a_film_travels_by_its_key_as_the_very_bytes(get):
    shown = runs.film_of(RunConfig())
    status, headers, body = get(f"/lab/film/{shown.key}")
    assert status == 200
    assert body == films.published(shown.key).document
    assert headers["content-type"] == "application/octet-stream"
    assert headers["cache-control"] == FOR_EVER
    assert headers["x-content-type-options"] == "nosniff"


def test_a_film_is_compressed_on_its_way(get):
    shown = runs.film_of(RunConfig())
    _, headers, body = get(f"/lab/film/{shown.key}", "gzip")
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == films.published(shown.key).document
    assert len(body) < len(films.published(shown.key).document)


@pytest.mark.parametrize("private", [True, False])
def test_a_film_that_a_visitor_brought_is_kept_by_nobody_on_its_way(private):
    packed = films.lend(films.Packed.of(build_film(simulate(RunConfig(seed=int(private), steps=3))), private))
    asked = {"type": "http", "path_params": {"key": packed.ref.key}, "headers": [(b"accept-encoding", b"gzip")]}
    answer = film(Request(asked))
    assert answer.headers["cache-control"] == ("private, no-store" if private else FOR_EVER)
    assert answer.body == (packed.document if private else packed.compressed)


@pytest.mark.parametrize("key", ["nonsense", "0" * 33, "%3Cscript%3E", "%C3%A9%0A", "x" * 2000])
def test_an_unknown_film_is_a_404_with_a_sentence(get, key):
    status, headers, body = get(f"/lab/film/{key}")
    assert status == 404
    assert headers["content-type"].startswith("text/plain")
    assert body == b"This film is no longer kept: reload the page to compute it again."
    assert "immutable" not in headers.get("cache-control", "")


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
@pytest.mark.parametrize("base", ["/", "/course/lab/"])
def test_code_comes_by_address_compressed_where_it_may_under_any_base_path(get, encoding, base):
    assert PLOTLY.address == f"lab/code/plotly.min-{version('plotly')}.js"
    assert PLOTLY.text == plotly_script()
    for asset, kind in ((PLOTLY, "text/javascript"), (SCRIPT, "text/javascript"), (STYLE, "text/css")):
        status, headers, body = get(base + asset.address, encoding)
        assert status == 200
        assert headers["content-type"].startswith(kind)
        assert headers["cache-control"] == FOR_EVER
        assert headers["x-content-type-options"] == "nosniff"
        assert "Accept-Encoding" in headers["vary"]
        assert headers.get("content-encoding") == (None if encoding == "identity" else encoding)
        assert (body if encoding == "identity" else gzip.decompress(body)).decode() == asset.text
        assert encoding == "identity" or len(body) < len(asset.text) / 2.5


def test_a_code_address_changes_with_its_content_and_old_ones_are_a_404(get):
    digest = hashlib.sha256(SCRIPT.text.encode()).hexdigest()[:16]
    assert SCRIPT.address == f"lab/code/player-{digest}.js"
    status, headers, body = get("/lab/code/player-0000000000000000.js")
    assert status == 404
    assert body == b"This version of the lab is not served any more: reload the page."
    assert "immutable" not in headers.get("cache-control", "")


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_the_page_tells_browsers_to_fetch_plotly_while_streamlit_starts(get, encoding):
    status, _, body = get("/", encoding)
    page = (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode()
    assert status == 200
    assert page.count(f'<link rel="preload" href="{PLOTLY.address}" as="script">') == 1
    assert page.index("preload") < page.index("</head>")
    assert page.rstrip().endswith("</html>")


@pytest.mark.parametrize("path", ["/Theory", "/LANDSCAPE", "/Networks"])
def test_a_screen_is_found_however_its_name_is_spelt(get, path):
    status, headers, _ = get(f"{path}?classes=5&seed=7")
    assert (status, headers["Location"]) == (307, f"{path[1:].lower()}?classes=5&seed=7")


@pytest.mark.parametrize("path", ["/Room/KFQXW", "/ROOM/KFQXW"])
def test_a_room_is_found_however_its_address_is_spelt(get, path):
    status, headers, _ = get(path)
    assert (status, headers["Location"]) == (307, "../room/KFQXW")


@pytest.mark.parametrize("path", ["/theory", "/lab/code/theory", "//example.org/Theory"])
def test_no_other_address_leads_elsewhere(get, path):
    _, headers, _ = get(path)
    assert headers["Location"] in (None, "theory")
