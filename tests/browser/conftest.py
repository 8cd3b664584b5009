"""One server and one Chromium for all browser tests; a fresh context for each test, which may log no error."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from app.__main__ import ONE_THREAD_A_RUN

ROOT: Final = Path(__file__).parents[2]
CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS: Final = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
"""Scenes are drawn by software, alike everywhere, and the page is put together without a card, as Chromium itself does
where there is none: a card played by software would take a processor for that alone."""
PLAYING: Final = {"reduced_motion": "no-preference"}
"""For tests that watch a film play. To others it stands still: software WebGL needs every processor for its frames."""
PATIENCE_MS: Final = 120_000
"""Software WebGL draws a few frames a second, and a server may compile its engine first: waits are for a state, never
for a time, and may take long."""
expect.set_options(timeout=PATIENCE_MS)
COUNT_CONTEXTS: Final = """
window.webglCanvases = new Set();
const getContext = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  const context = getContext.call(this, kind, ...rest);
  if (context && String(kind).startsWith("webgl")) window.webglCanvases.add(this);
  return context;
};
"""
FORGIVE_LOST_CARDS: Final = """
addEventListener("error", (event) => {
  const shown = [...window.webglCanvases].filter((canvas) => canvas.isConnected);
  const lost = shown.some((canvas) => canvas.getContext("webgl")?.isContextLost());
  if (lost && event.error?.name === "GLError") event.preventDefault();
});
"""
"""Plotly draws on by itself between the moment when a graphics card drops a picture and the one when the browser tells
of it, and its library gl-shader then throws an error, which minified is called `a`. Nobody but Plotly can catch it. No
other error is forgiven, nor this one while every card is there."""


def no_browser(reason: str) -> None:
    """A machine without a browser skips these tests, with a sentence; continuous integration may not."""
    if os.environ.get("CI"):
        pytest.fail(f"No Chromium can start, and CI needs one: {reason}")
    pytest.skip(f"No Chromium can start on this machine: {reason}")


def patient(context: BrowserContext) -> BrowserContext:
    """Returns the context, whose pages wait as long as a slow machine needs, not Playwright's 30 s."""
    context.set_default_timeout(PATIENCE_MS)
    return context


def looks_like(one: bytes, other: bytes) -> bool:
    """Returns whether two screenshots show the same: where they differ visibly, it is in less than one pixel of ten
    thousand. Lines at fractions of a pixel are not drawn alike twice, and on another machine less so.
    """
    grey = (np.asarray(Image.open(BytesIO(picture)).convert("L"), dtype=float) for picture in (one, other))
    return bool((np.abs(np.subtract(*grey)) > 40.0).mean() < 1e-4)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        except Error as error:
            no_browser(str(error).strip().splitlines()[0])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page, served as `make run` serves it."""
    with serving(free_port(), tmp_path_factory.mktemp("server") / "log.txt") as address:
        yield address


@pytest.fixture
def below(tmp_path: Path) -> Iterator[str]:
    """The address of a page under a base path."""
    with serving(free_port(), tmp_path / "log.txt", base="course/lab/") as address:
        yield address


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serving(port: int, log: Path, base: str = "") -> Iterator[str]:
    """A server of its own, under a base path perhaps, and the address of its page."""
    command = [sys.executable, "-m", "streamlit", "run", "app/main.py", "--server.headless", "true"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "--server.port", str(port), "--server.baseUrlPath", base],
            cwd=ROOT,
            env={**ONE_THREAD_A_RUN, **os.environ, "COLLAPSE_LAB_CACHE": str(log.parent)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/{base}_stcore/health", process, log)
            yield f"http://127.0.0.1:{port}/{base}"
        finally:
            process.terminate()
            process.wait(120)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"The server did not answer at {address}:\n{log.read_text()}")


class Tab:
    """One browser tab with the lab in it, and what tests ask of its player."""

    def __init__(self, page: Page, server: str):
        self.page, self.server = page, server
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, **link: object) -> Tab:
        """Opens the lab with a link and waits for its film."""
        self.page.goto(self.server + (f"?{urlencode(link)}" if link else ""))
        return self.until("'frame' in player.dataset && !document.getElementById('lab-first')?.dataset.film")

    def until(self, condition: str, argument: object = None) -> Tab:
        """Waits until a JavaScript condition on `player` (its root) and `argument` holds."""
        self.page.wait_for_function(
            "(argument) => { const player = document.querySelector('[data-testid=film-player]');"
            f" return player && ({condition}); }}",
            arg=argument,
        )
        return self

    def player(self, name: str) -> str:
        """One of the player's data attributes."""
        value = self.page.get_attribute("[data-testid=film-player]", f"data-{name}")
        assert value is not None
        return value

    @property
    def frame(self) -> int:
        return int(self.player("frame"))

    @property
    def last(self) -> int:
        return int(self.player("frames")) - 1

    def shows(self, digest: str) -> Tab:
        """Waits for the film of a config's digest."""
        return self.until("player.dataset.digest === argument", digest)

    def play(self) -> Tab:
        """Starts the clock, unless it runs: on a slow machine the first film ends before the page is there."""
        if self.player("playing") == "false":
            self.page.keyboard.press("Space")
        return self.until("player.dataset.playing === 'true'")

    def pause(self) -> Tab:
        """Stops the clock and waits until what is on screen stands still."""
        if self.player("playing") == "true":
            self.page.get_by_role("button", name="Pause", exact=True).click()
        return self.until("player.dataset.playing === 'false'")

    def drawn(self) -> Tab:
        """Waits for two frames of the screen: what was asked for before is drawn."""
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return self

    def evaluate(self, script: str, argument: object = None) -> Any:
        return self.page.evaluate(script, argument)

    def refusals(self) -> list[str]:
        return self.page.locator(".lab-refusal").all_inner_texts()


@pytest.fixture
def contexts(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts: separate visitors, with nothing in common. Waiting for a state asks for eval, which our
    policy forbids: test_first_visit.py has the policy and does without.
    """
    made: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        usual = {"viewport": {"width": 1280, "height": 720}, "bypass_csp": True, "reduced_motion": "reduce"}
        context = patient(chromium.new_context(**{**usual, **options}))
        context.add_init_script(COUNT_CONTEXTS + FORGIVE_LOST_CARDS)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def tab_of(server: str, contexts: Callable[..., BrowserContext]) -> Iterator[Callable[..., Tab]]:
    """Opens tabs of separate visitors; none may log an error or ask another host for anything."""
    tabs: list[Tab] = []

    def make(**options: Any) -> Tab:
        tabs.append(Tab(contexts(**options).new_page(), server))
        return tabs[-1]

    yield make
    for tab in tabs:
        assert tab.errors == []
        assert [url for url in tab.requests if not url.startswith((tab.server, "data:", "blob:"))] == []


@pytest.fixture
def lives(contexts: Callable[..., BrowserContext], tmp_path: Path) -> Callable[[], AbstractContextManager[Tab]]:
    """The lives of one server, each to be entered and left, with one tab that outlives them; it may log errors."""
    port, tab = free_port(), Tab(contexts().new_page(), "")

    @contextmanager
    def life() -> Iterator[Tab]:
        with serving(port, tmp_path / "log.txt") as tab.server:
            yield tab

    return life


@pytest.fixture
def tab(tab_of: Callable[..., Tab]) -> Tab:
    return tab_of()
