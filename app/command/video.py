"""`python -m app film run.npz --out film.mp4`: the options of a video, and how it is made."""

from __future__ import annotations

import argparse
import math
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from app.page.look import THEMES
from app.video.encoder import KINDS, encode
from ulpm_core.extras import refuse_without
from ulpm_core.files.npz import whole_file
from ulpm_core.film.film import Film
from ulpm_core.model.refusal import among, refuse, shown
from ulpm_core.terminal import Parser, unwritable

SMALLEST, LARGEST = 128, 3840
"""Pixels from side to side of a video."""
FASTEST: Final = 60
"""Pictures a second that a video has at most; screens show no more."""
LONGEST: Final = 600
REST_SECONDS: Final = 2.0
"""For how long the last frame stands, so that there is time to look at it."""
SIZES: Final = f"two even numbers of pixels, {SMALLEST} to {LARGEST}"
RATES: Final = f"a whole number from 1 to {FASTEST}"
LENGTHS: Final = f"0.1 to {LONGEST}"


class Shape(NamedTuple):
    """The choices for a video: its kind, by the ending of its name, its pixels, its pictures a second, for how many
    seconds the film plays in it, 0 for as many as the player takes, and whether its ground is light or dark.
    """

    kind: str
    size: tuple[int, int]
    fps: int
    seconds: float
    theme: str


def add_options(film: Parser) -> None:
    """Adds the options of a video to the command film."""
    words = "of a video: pixels, WIDTHxHEIGHT; default 1280x720, of a GIF 640x360"
    film.argument("--size", SIZES, "1280x720", metavar="WxH", help=words)
    words = "of a video: pictures a second; default 24, of a GIF 12"
    film.argument("--fps", RATES, 24, metavar="N", help=words)
    words = f"of a video: how long the film plays, before its last frame stands for {REST_SECONDS:g} s"
    words += "; default: as long as in a player"
    film.argument("--seconds", LENGTHS, 10, metavar="S", help=words)
    words = f"of a video: {' or '.join(THEMES)}; default {THEMES[0]}"
    film.argument("--theme", among(THEMES), THEMES[-1], choices=THEMES, metavar="THEME", help=words)


def asked(options: argparse.Namespace) -> Shape | None:
    """Returns the video that is asked for; None for a page. Raises :class:`ConfigError` for what no video can be, for
    options of a video beside a page, and where the extra is missing.
    """
    ending = Path(options.out).suffix.lower()
    names = ("size", "fps", "seconds", "theme")
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    if ending not in KINDS:
        for name, value in given.items():
            raise refuse(
                name, value, "is for a video, and out is none", f"an out that ends in {among(list(KINDS))}", "film.mp4"
            )
        return None
    refuse_without("video", "out")
    kind = KINDS[ending]
    size = _size(given["size"]) if "size" in given else kind.size
    fps = int(_number("fps", given["fps"], 1, FASTEST, RATES, 24)) if "fps" in given else kind.fps
    seconds = _number("seconds", given["seconds"], 0.1, LONGEST, LENGTHS, 10) if "seconds" in given else 0.0
    return Shape(ending, size, fps, seconds, given.get("theme", THEMES[0]))


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    size = (int(found[1]), int(found[2])) if found else (0, 0)
    if not all(SMALLEST <= side <= LARGEST and side % 2 == 0 for side in size):
        raise refuse("size", shown(text), "is no size of a video", SIZES, "1280x720")
    return size


def _number(name: str, text: str, low: float, high: float, allowed: str, example: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high or (name == "fps" and value != int(value)):
        raise refuse(name, shown(text), "is out of range", allowed, example)
    return value


def moments(frames: int, pace: float, fps: int, seconds: float = 0.0) -> list[int]:
    """Returns the frame of the film in each picture of a video: as the player's clock shows them at usual speed, or
    evenly over so many seconds, and then the last one for a while.

    >>> moments(4, pace=1.0, fps=2, seconds=0.0)
    [0, 0, 1, 1, 2, 2, 3, 3, 3, 3]
    >>> moments(4, pace=1.0, fps=2, seconds=1.5)
    [0, 1, 2, 3, 3, 3, 3]
    """
    length = seconds or (frames - 1) / (pace or 1.0)
    moving = round(length * fps) if frames > 1 else 0
    shown = [min(frames - 1, int(i * (frames - 1) / moving + 1e-9)) for i in range(moving)]
    return shown + [frames - 1] * round(REST_SECONDS * fps)


def write_video(shape: Shape, films: Sequence[Film], title: str, names: Sequence[str], target: Path) -> None:
    """Writes the video of films on one stage, whole or not at all, and says on a terminal how far it is."""
    from app.video.reel import reel  # here: it needs Plotly, which a light install lacks

    about = {"title": title, "comment": f"Collapse Lab, digest {films[-1].digest}"}
    with reel([film.to_bytes() for film in films], title, names, shape.size, shape.theme) as turned:
        shots = moments(turned.frames, turned.pace, shape.fps, shape.seconds)
        try:
            with whole_file(target, target.suffix) as partial:
                encode(partial, KINDS[shape.kind], shape.size, shape.fps, _take_pictures(turned.picture, shots), about)
        except OSError as error:
            raise unwritable(target, error, "film.mp4") from None


def _take_pictures(take: Callable[[int], bytes], shots: Sequence[int]) -> Iterator[bytes]:
    """Gives a picture for each moment; a frame that stands is taken once."""
    begun, last, picture = time.monotonic(), -1, b""
    for i, frame in enumerate(shots):
        if frame != last:
            last, picture = frame, take(frame)
        _tell(i + 1, len(shots), time.monotonic() - begun)
        yield picture


def _tell(done: int, of: int, seconds: float) -> None:
    if sys.stderr.isatty():
        left = seconds / done * (of - done)
        end = f", about {left:.0f} s left" if done < of else "\n"
        print(f"\r\033[Kpicture {done:,} of {of:,}{end}", end="", file=sys.stderr, flush=True)
