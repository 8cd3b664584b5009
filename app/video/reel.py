"""Drives the film player in a Chromium that nobody sees, and takes a picture of each frame that is asked for."""

from __future__ import annotations

import os
import shutil
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from app.player.offline import offline_html
from ulpm_core.model.refusal import unfit

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""What Chromium and its kin are called on the path."""
ARGUMENTS: Final = (
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
)
"""Scenes are drawn by software, so that one film looks alike on every machine."""
SHORTER_SIDE: Final = 720
"""Pixels of the page along the shorter side of the picture: larger videos show the same, in more detail."""
PATIENCE_MS: Final = 120_000
NO_CHROMIUM: Final = "a video is drawn by Chromium, and none was found ({why})"
INSTALL: Final = "install it, for example with apt-get install chromium, or with python -m playwright install chromium"


class Reel(NamedTuple):
    """A film in a browser: the number of its frames, how many pass a second at the player's usual speed, and what gives
    the picture of one, as PNG.
    """

    frames: int
    pace: float
    picture: Callable[[int], bytes]


@contextmanager
def reel(films: Sequence[bytes], title: str, names: Sequence[str], size: tuple[int, int], theme: str) -> Iterator[Reel]:
    """Gives the films on one stage, in pictures of so many pixels, on a ground that is light or dark.

    Raises :class:`ConfigError` where there is no Chromium, and for films that its player refuses.
    """
    from playwright.sync_api import Error, sync_playwright  # here: an extra, and films as pages need none of it

    scale = min(size) / SHORTER_SIDE  # of the page; smaller videos are made of pictures of the page in full
    width, height = (round(side / scale) for side in size)
    with TemporaryDirectory(prefix="collapse-lab-") as folder, sync_playwright() as playwright:
        path = Path(folder) / "film.html"
        path.write_text(offline_html(films, title, names, main="video/video.js", style="video/video.css"), "utf-8")
        try:
            browser = playwright.chromium.launch(executable_path=chromium(), args=list(_arguments()))
        except Error as error:
            why = str(error).strip().splitlines()[0]
            raise unfit("out", NO_CHROMIUM.format(why=why), INSTALL) from None
        try:
            page = browser.new_page(
                viewport={"width": width, "height": height},
                device_scale_factor=max(1.0, scale),
                reduced_motion="reduce",
            )
            page.set_default_timeout(PATIENCE_MS)
            page.goto(f"{path.as_uri()}?theme={theme}")
            page.wait_for_selector("[data-reel]")
            frames, pace = page.evaluate("collapseLabReel.then(({ frames, pace }) => [frames, pace])")
            eye = page.context.new_cdp_session(page)

            whole = {"x": 0, "y": 0, "width": width, "height": height, "scale": max(1.0, scale)}

            def picture(frame: int) -> bytes:
                page.evaluate("(frame) => collapseLabReel.then(({ show }) => show(frame))", frame)
                taken = eye.send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True, "clip": whole})
                return b64decode(taken["data"])

            yield Reel(frames, pace, picture)
        finally:
            browser.close()


def chromium() -> str | None:
    """Returns the path of a browser of this machine; None where only playwright may have one of its own."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def _arguments() -> Iterator[str]:
    yield from ARGUMENTS
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        yield "--no-sandbox"  # Chromium has none for root
