"""A video shows what the player shows, frame by frame; one that is not finished leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from io import BytesIO
from itertools import pairwise

import av
import numpy as np
import pytest
from PIL import Image

from app.command.video import moments
from app.player.offline import offline_html
from tests.browser.conftest import ROOT
from ulpm_core import RunConfig, simulate
from ulpm_core.files.run import save_run
from ulpm_core.film.film import build_film

pytestmark = pytest.mark.browser

CONFIG = RunConfig(classes=3, dimension=2, per_class=4, steps=12)
SIZE = (1280, 720)
FPS = 2
PLAYER = "document.querySelector('.fp').dataset"


@pytest.fixture(scope="module")
def run():
    return simulate(CONFIG)


@pytest.fixture
def saved(run, tmp_path):
    save_run(run, tmp_path / "run.npz")
    return tmp_path / "run.npz"


def command(saved, out, *options):
    return [sys.executable, "-m", "app", "film", str(saved), "--out", str(out), *options]


def test_the_frames_of_a_video_are_those_of_the_film(run, saved, tmp_path, tab_of):
    out = tmp_path / "film.mp4"
    done = subprocess.run(command(saved, out, "--fps", str(FPS)), cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with av.open(str(out)) as video:
        pictures = [frame.to_ndarray(format="rgb24").astype(float) for frame in video.decode(video=0)]
    film = build_film(run)
    frames = film.header["frames"]
    shown = moments(frames, (frames - 1) / 4, FPS)  # so short a film takes four seconds
    assert len(pictures) == len(shown)
    page = tmp_path / "film.html"
    page.write_text(offline_html([film.to_bytes()], "A run", main="video/video.js", style="video/video.css"), "utf-8")
    tab = tab_of(viewport={"width": 1280, "height": 720})
    tab.server = "file://"
    tab.page.goto(page.as_uri())
    tab.until("player.dataset.reel && player.dataset.frame === '0'")
    for at in sorted({0, len(set(shown)) // 2, len(shown) - 1}):
        tab.page.keyboard.press("Home")  # by key, where the video was asked frame by frame
        for _ in range(shown[at]):
            tab.page.keyboard.press("ArrowRight")
        tab.until("player.dataset.frame === argument", str(shown[at])).drawn()
        seen = Image.open(BytesIO(tab.page.screenshot(scale="device"))).convert("RGB")
        assert seen.size == SIZE
        grey = np.asarray(seen, dtype=float).mean(axis=-1)
        off = [float((np.abs(picture.mean(axis=-1) - grey) > 40.0).mean()) for picture in pictures]
        assert off[at] < 1e-3, off  # a codec softens edges; two frames differ in whole lines
        others = [far for far, frame in zip(off, shown, strict=True) if frame != shown[at]]
        assert off[at] < 0.5 * min(others)


GROUNDS = {"light": (253, 253, 252), "dark": (17, 21, 28)}


@pytest.mark.parametrize("ending", [".mp4", ".gif"])
def test_a_video_is_light_or_dark_as_asked(saved, tmp_path, ending):
    for theme, ground in GROUNDS.items():
        out = tmp_path / f"{theme}{ending}"
        line = command(saved, out, "--fps", "1", "--seconds", "1", "--size", "640x360", "--theme", theme)
        done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=300)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        with av.open(str(out)) as video:
            pictures = [frame.to_ndarray(format="rgb24").astype(int) for frame in video.decode(video=0)]
        for picture in pictures:
            off = np.abs(picture - ground).max(axis=-1)
            assert (off < 6).mean() > 0.6 and off[0, 0] < 6 and off[-1, -1] < 6  # the ground, from corner to corner
            assert (off > 100).mean() > 0.002  # and on it what is written and drawn


def test_a_video_that_is_broken_off_leaves_nothing_behind(saved, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    line = command(saved, folder / "film.webm", "--seconds", "600", "--fps", "60")
    with subprocess.Popen(line, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True) as making:
        deadline = time.monotonic() + 120
        while not any(folder.iterdir()) and time.monotonic() < deadline and making.poll() is None:
            time.sleep(0.05)
        assert any(folder.iterdir())  # it has begun
        os.killpg(making.pid, signal.SIGINT)  # as a terminal does
        _, said = making.communicate(timeout=180)
    assert making.returncode == 130
    assert "Traceback" not in said
    assert list(folder.iterdir()) == []


RECORD = "Record the film as a video"
COLOURS = [(0, 114, 178), (213, 94, 0), (0, 158, 115)]
"""Of the three classes."""


@pytest.fixture
def page(run, tmp_path):
    path = tmp_path / "film.html"
    path.write_text(offline_html([build_film(run).to_bytes()], "A run"), encoding="utf-8")
    return path


def test_a_browser_records_the_film_on_its_stage(run, page, tmp_path, tab_of):
    tab = tab_of(accept_downloads=True)
    tab.server = "file://"
    tab.page.goto(page.as_uri())
    tab.shows(CONFIG.digest)
    with tab.page.expect_download() as waiting:
        tab.page.get_by_role("button", name=RECORD).click()
        tab.page.get_by_role("button", name="Stop recording, and keep what there is").wait_for()
    assert waiting.value.suggested_filename == f"collapse-{CONFIG.digest[:8]}.webm"
    waiting.value.save_as(tmp_path / "film.webm")
    tab.page.get_by_role("button", name=RECORD).wait_for()
    tab.until("player.dataset.frame === String(player.dataset.frames - 1)")
    with av.open(str(tmp_path / "film.webm")) as video:
        pictures = [frame.to_ndarray(format="rgb24").astype(float) for frame in video.decode(video=0)]
    assert pictures[0].shape[1] == 1280
    changes = [np.abs(b - a).mean() > 0.2 for a, b in pairwise(pictures)]
    assert sum(changes) >= build_film(run).header["frames"] - 2  # every frame of the film is there
    for colour in COLOURS:
        assert (np.abs(pictures[-1] - colour).max(axis=-1) < 40).sum() > 100
    assert np.abs(pictures[-1][-1, -1] - (253, 253, 252)).max() < 6  # on the page's ground


def test_a_browser_that_records_nothing_has_no_button_and_says_so(page, tab_of):
    tab = tab_of()
    tab.server = "file://"
    tab.page.add_init_script("delete window.MediaRecorder")
    tab.page.goto(page.as_uri())
    tab.shows(CONFIG.digest)
    assert tab.page.get_by_role("button", name=RECORD).count() == 0
    assert (
        "This browser records no video; python -m app film makes one." in tab.page.locator(".fp-caption").inner_text()
    )
