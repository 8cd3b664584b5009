"""The film plays, and follows keys and pointer."""

from __future__ import annotations

import pytest

from tests.browser.conftest import PLAYING
from ulpm_core import RunConfig

pytestmark = pytest.mark.browser


def test_the_first_film_plays_by_itself_and_is_the_default_run(tab_of):
    tab = tab_of(**PLAYING)
    tab.page.goto(tab.server)  # it plays for six seconds, which the whole page may take where everything is slow
    tab.until("player.dataset.playing === 'true' && Number(player.dataset.frame) > 0").shows(RunConfig().digest)
    assert int(tab.player("frames")) > 100
    assert float(tab.player("time")) > 0
    assert int(tab.player("step")) > 0


def test_space_arrows_home_and_end_move_the_film(tab):
    tab.open().play()
    press = tab.page.keyboard.press
    press("Space")
    tab.until("player.dataset.playing === 'false'")
    press("Home")
    tab.until("player.dataset.frame === '0' && player.dataset.step === '0'")
    press("ArrowLeft")
    press("ArrowRight")
    press("ArrowRight")
    tab.until("player.dataset.frame === '2'")
    press("ArrowLeft")
    tab.until("player.dataset.frame === '1'")
    press("End")
    press("ArrowRight")
    tab.until("player.dataset.frame === String(player.dataset.frames - 1)")
    assert tab.player("step") == str(RunConfig().steps)
    press("Space")
    tab.until("player.dataset.playing === 'true'")


def test_keys_typed_into_a_field_are_left_to_it(tab):
    tab.open().pause()
    tab.page.keyboard.press("Home")
    tab.until("player.dataset.frame === '0'")
    tab.page.get_by_role("spinbutton", name="Seed").click()
    for key in ("End", "ArrowRight", "ArrowLeft", "Space", "l"):
        tab.page.keyboard.press(key)
    assert (tab.frame, tab.player("playing")) == (0, "false")
    assert tab.page.get_by_role("button", name="Loop", exact=True).get_attribute("aria-pressed") == "false"


def drag(tab, selector, shares):
    """Presses at the first share of an element's width and moves to the others."""
    box = tab.page.locator(selector).bounding_box()
    for i, share in enumerate(shares):
        tab.page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
        if i == 0:
            tab.page.mouse.down()
    tab.page.mouse.up()


def test_dragging_the_scrub_and_the_curves_seeks_and_stops_the_film(tab):
    tab.open()
    for selector in (".fp-scrub", ".fp-curves"):
        tab.page.keyboard.press("Home")
        tab.page.get_by_role("button", name="Play", exact=True).click()
        tab.until("player.dataset.playing === 'true'")
        tab.page.locator(selector).scroll_into_view_if_needed()
        drag(tab, selector, (0.3, 0.5, 0.99))
        tab.until("player.dataset.playing === 'false' && player.dataset.frame > 0.9 * player.dataset.frames")
        drag(tab, selector, (0.6, 0.5, 0.3))
        tab.until("player.dataset.frame > 0 && player.dataset.frame < 0.6 * player.dataset.frames")
        assert tab.player("playing") == "false"
