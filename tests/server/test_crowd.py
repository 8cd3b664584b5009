"""Many visitors at once, by Streamlit's messages and without a browser: everybody gets the film of the knob they
turned, and when they have left the server forgets them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from visitor import Visitor

from ulpm_core import RunConfig

ROOT = Path(__file__).parents[2]
PATIENCE = 240.0
VISITORS, TURNS = 10, 3
STILL_NAMED = 1
"""The loop of Streamlit's runtime has a name for the session that it looked at last."""
SERVE = """
import sys, uvicorn, weakref
sys.path.insert(0, sys.argv[1])
from app import main
from app.jobs import runs
from app.server import leftovers
from starlette.responses import JSONResponse
from streamlit.runtime.app_session import AppSession
leftovers.LATEST_SECONDS = 1.0
sessions = weakref.WeakSet()

class Counted(AppSession):
    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        sessions.add(self)

import streamlit.runtime.websocket_session_manager as manager
manager.AppSession = Counted

async def app(scope, receive, send):
    if scope.get("path") != "/alive":
        return await main.app(scope, receive, send)
    await JSONResponse([runs.WARM.is_set(), len(sessions), main.EVERYTHING.used])(scope, receive, send)

uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """A server of its own that says at /alive what it holds; all that is compiled is there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("crowd")
    log, settings = folder / "log", folder / ".streamlit" / "config.toml"
    settings.parent.mkdir()
    settings.write_text("[server]\ndisconnectedSessionTTL = 1\n")
    with log.open("w") as out:
        process = subprocess.Popen([sys.executable, "-c", SERVE, ROOT, str(port)], cwd=folder, stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            with contextlib.suppress(OSError):
                if held(port)[0]:
                    break
            time.sleep(0.5)
        yield port
        assert "Traceback" not in log.read_text()
    finally:
        process.terminate()
        process.wait(60)


def held(port):
    """Whether all is compiled, how many sessions there are in memory, and the bytes it keeps."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/alive", timeout=PATIENCE) as answer:
        return json.load(answer)


async def visit(port, number):
    """One visitor's turns, each to a run of its own; the addresses of the films."""
    async with Visitor(port) as visitor:
        await visitor.open(RunConfig().digest)
        for turn in range(TURNS):
            config = RunConfig(seed=1000 * number + turn)
            assert await visitor.turn("seed", "double_value", config.seed, config.digest) > 0.0
            assert visitor.link == f"seed={config.seed}"
        assert await visitor.turn("per_class", "double_array_value", 7.0, config.with_changes(per_class=7).digest) > 0.0
        return set(visitor.films.values())


async def everybody(port):
    return await asyncio.gather(*(visit(port, number) for number in range(1, VISITORS + 1)))


def test_everybody_gets_their_own_film_and_when_all_have_left_they_are_forgotten(port):
    films = asyncio.run(everybody(port))
    first = set.intersection(*films)
    assert len(first) == 1
    assert all(len(own) == TURNS + 2 for own in films)
    assert len(set.union(*films)) == VISITORS * (TURNS + 1) + 1
    deadline = time.monotonic() + PATIENCE
    while held(port)[1] > STILL_NAMED:
        assert time.monotonic() < deadline, held(port)
        time.sleep(0.5)
    assert 0 < held(port)[2] < 40 * 2**20
