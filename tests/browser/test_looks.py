"""The page is whole on a laptop, on a phone, in the dark, without motion, and as an offline file."""

from __future__ import annotations

import math
import re

import pytest

from tests.browser.conftest import PLAYING
from ulpm_core import RunConfig

pytestmark = pytest.mark.browser

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def brightness(colour):
    return sum(map(float, re.findall(r"[\d.]+", colour)[:3])) / 3


@pytest.mark.parametrize(("width", "height", "scheme"), [(1280, 720, "light"), (390, 844, "dark")])
def test_the_page_is_whole_on_laptop_and_phone_by_day_and_night(tab_of, width, height, scheme):
    tab = tab_of(viewport={"width": width, "height": height}, color_scheme=scheme)
    tab.open()
    assert tab.evaluate(OVERFLOW) <= 0
    outside = """(width) => [...document.querySelectorAll('.fp :is(button, select, input, canvas), .lab-sentence')]
        .filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > width + 1).map((e) => e.outerHTML)"""
    assert tab.evaluate(outside, width) == []
    stage = tab.page.locator(".fp-stage").bounding_box()
    assert stage["width"] > 0.4 * width
    assert stage["y"] < height / 2
    scene, matrix = (tab.page.locator(f".fp-{name}").first.bounding_box() for name in ("scene", "cosine"))
    beside = matrix["x"] + matrix["width"] <= scene["x"] or matrix["y"] >= scene["y"] + scene["height"]
    assert beside or scene["width"] > 1.7 * scene["height"]  # the matrix hides nothing
    eye = tab.evaluate("document.querySelector('.fp-scene')._fullLayout.scene.camera.eye")
    across = scene["width"] - 24 * max(0, 1 - scene["width"] / 400)  # names keep their size
    back = max(1, scene["height"] / across)  # no class is cropped where the stage is narrow
    assert math.hypot(*eye.values()) == pytest.approx(math.hypot(0.55, 0.42, 0.26) * back, rel=0.01)
    style = "getComputedStyle(document.querySelector('[data-testid=film-player]'))"
    ground, ink = brightness(tab.evaluate(f"{style}.backgroundColor")), brightness(tab.evaluate(f"{style}.color"))
    app = brightness(tab.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor"))
    assert (ground < 60 and app < 60 and ink > 180) if scheme == "dark" else (ground > 230 and app > 230 and ink < 80)


def test_reduced_motion_begins_at_rest_on_the_last_frame_and_plays_on_request(tab_of):
    tab = tab_of()
    tab.open().until("player.dataset.frame === String(player.dataset.frames - 1)")
    assert tab.player("playing") == "false"
    tab.page.keyboard.press("Space")
    tab.until("player.dataset.playing === 'true'")


def test_a_downloaded_film_plays_from_disk_with_the_network_off(tab_of, tmp_path):
    config = RunConfig(classes=3, dimension=2, steps=300)
    tab = tab_of(accept_downloads=True)
    tab.open(**config.to_link()).shows(config.digest)
    with tab.page.expect_download() as waiting:
        tab.page.get_by_role("button", name="Download film").click()
    assert waiting.value.suggested_filename == "collapse-3-classes-2-dimensions-seed-4.html"
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    offline = tab_of(offline=True, **PLAYING)
    offline.server = "file://"
    offline.page.goto(path.as_uri())
    offline.shows(config.digest).until("player.dataset.playing === 'true' && Number(player.dataset.frame) > 0")
    offline.page.keyboard.press("End")
    offline.until("player.dataset.frame === String(player.dataset.frames - 1)")
    assert offline.player("step") == "300"
    own = (path.as_uri(), "blob:")  # the engine of its knobs is a worker made from the file itself
    assert [url for url in offline.requests if not url.startswith(own)] == []
