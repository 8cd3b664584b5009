"""`python -m app film run.npz --out film.mp4`: which videos there are, when their frames stand, and what is refused."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from io import BytesIO
from itertools import pairwise

import av
import numpy as np
import pytest
from cli.lines import refusal
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app import __main__ as command
from app.command.video import REST_SECONDS, moments
from app.video import reel
from app.video.encoder import KINDS, encode
from ulpm_core import RunConfig, simulate
from ulpm_core.files.run import save_run

SIZE = (320, 180)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "run.npz"
    save_run(simulate(RunConfig(classes=3, dimension=2, per_class=2, steps=20)), path)
    return path


@pytest.fixture
def call(call):
    """Runs a line of `python -m app`."""
    return partial(call, command=command)


def png(colour):
    picture = Image.new("RGB", SIZE, (253, 253, 252))
    picture.paste(colour, (40, 30, 280, 150))
    held = BytesIO()
    picture.save(held, "PNG")
    return held.getvalue()


@pytest.mark.parametrize("ending", KINDS)
def test_a_video_holds_its_pictures_in_their_colours_one_for_each_moment(tmp_path, ending):
    colours = [(0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (32, 36, 44)]
    path = tmp_path / f"film{ending}"
    encode(path, KINDS[ending], SIZE, 10, map(png, colours), {"title": "A run"})
    with av.open(str(path)) as video:
        (stream,) = video.streams.video
        frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in video.decode(stream)]
        assert (stream.width, stream.height, stream.average_rate) == (*SIZE, 10)
        assert ending == ".gif" or video.metadata["title"] == "A run"
    assert len(frames) == len(colours)
    for frame, colour in zip(frames, colours, strict=True):
        assert np.abs(np.median(frame[40:140, 50:270], axis=(0, 1)) - colour).max() <= 6
        assert np.abs(frame[5, 5] - (253, 253, 252)).max() <= 4


@pytest.mark.parametrize("ending", [".mp4", ".webm"])
def test_a_picture_that_stands_costs_next_to_nothing(tmp_path, ending):
    path = tmp_path / f"film{ending}"
    encode(path, KINDS[ending], SIZE, 10, [png((0, 114, 178))] * 12, {})
    with av.open(str(path)) as video:
        whole = [packet.is_keyframe for packet in video.demux(video=0) if packet.size]
    assert whole == [True] + [False] * 11


@given(
    frames=st.integers(1, 300),
    pace=st.floats(0.25, 24.0),
    fps=st.integers(1, 60),
    seconds=st.one_of(st.just(0.0), st.floats(0.1, 20.0)),
)
def test_a_video_begins_with_the_first_frame_and_rests_on_the_last(frames, pace, fps, seconds):
    shown = moments(frames, pace, fps, seconds)
    assert all(later >= earlier for earlier, later in pairwise(shown))
    assert set(shown) <= set(range(frames))
    rest = round(REST_SECONDS * fps)
    assert shown[-rest:] == [frames - 1] * rest
    moving = shown[:-rest]
    length = (seconds or (frames - 1) / pace) if frames > 1 else 0.0
    assert abs(len(moving) - length * fps) <= 0.5
    if moving:
        assert moving[0] == 0
        at = np.arange(len(moving)) * (frames - 1) / len(moving)  # where the player's clock is
        assert np.abs(np.array(moving) - np.floor(at + 1e-9)).max() == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--size", "641x360"], "--size: size = 641x360 is no size of a video: use two even numbers of pixels, 128 to"),
        (["--size", "64x36"], "for example 1280x720"),
        (["--size", "big"], "--size: size = big is no size"),
        (["--fps", "0"], "--fps: fps = 0 is out of range: use a whole number from 1 to 60, for example 24."),
        (["--fps", "2.5"], "fps = 2.5 is out of range"),
        (["--seconds", "nan"], "--seconds: seconds = nan is out of range: use 0.1 to 600, for example 10."),
        (["--seconds", "1e9"], "seconds = 1e9 is out of range"),
        (["--theme", "black"], "--theme: invalid choice: 'black'"),
    ],
)
def test_what_no_video_can_be_is_refused(call, saved, empty, options, said):
    assert said in refusal(call("film", saved, "--out", empty / "film.mp4", *options))


def test_options_of_a_video_are_not_given_for_a_page(call, saved, empty):
    for name, value in (("fps", 24), ("theme", "dark")):
        line = refusal(call("film", saved, "--out", empty / "film.html", f"--{name}", value))
        said = f"--{name}: {name} = {value} is for a video, and out is none: use an out that ends in one of .mp4, .webm"
        assert said in line


def test_a_missing_extra_is_said_with_the_line_that_installs_it(call, saved, empty, monkeypatch):
    monkeypatch.setattr("ulpm_core.extras.find_spec", lambda name: None if name == "av" else find_spec(name))
    line = refusal(call("film", saved, "--out", empty / "film.mp4"))
    assert "this needs av, which a light installation lacks: pip install 'collapse-lab[video]'" in line


def test_a_missing_chromium_is_said_with_what_installs_one(call, saved, empty, monkeypatch):
    monkeypatch.setattr(reel, "chromium", lambda: "/nowhere/chromium")
    line = refusal(call("film", saved, "--out", empty / "film.webm"))
    assert "a video is drawn by Chromium, and none was found" in line
    assert "python -m playwright install chromium" in line
