"""The theory screen and log time, as a person meets them."""

from __future__ import annotations

import pytest

from app.page.fitting import limit_of
from ulpm_core import RunConfig

pytestmark = pytest.mark.browser


def test_the_theory_screen_shows_the_limit_of_the_run_and_comes_back_to_it(tab):
    config = RunConfig(classes=3, dimension=3, per_class=5)
    tab.open(classes=3, dimension=3, per_class=5).shows(config.digest)
    tab.page.get_by_role("link", name="Theory").click()
    tab.shows(limit_of(config).digest)
    tab.page.wait_for_url("**/theory?classes=3*&per_class=5")
    tab.pause()
    tab.page.keyboard.press("End")
    tab.until("player.dataset.frame === String(player.dataset.frames - 1) && player.dataset.logTime === '1000'")
    assert tab.player("time") == "inf"
    titles = "[...player.querySelectorAll('.fp-name')].map((name) => name.textContent).join('|')"
    tab.until(f"{titles}.startsWith('(a) ')")
    tab.page.get_by_text("The theorem", exact=True).click()
    tab.until(f"{titles}.includes('Duality gap')")
    tab.page.get_by_role("heading", name="The theorem as figures of this run").wait_for()
    assert tab.player("frame") == str(tab.last)
    tab.page.get_by_role("link", name="Playground").click()
    tab.shows(config.digest)
    assert tab.page.get_by_role("slider", name="Classes K").input_value() == "3"


def test_fast_forward_hands_the_run_over_in_one_film(tab):
    tab.open(steps=100).shows(RunConfig(steps=100).digest)
    tab.page.get_by_role("button", name="Fast-forward").click()
    tab.shows(RunConfig(steps=100, fast_forward=1000.0).digest)
    tab.page.get_by_role("button", name="gradient flow takes over").click()
    tab.until("player.dataset.step === '100' && player.dataset.playing === 'false'")
    tab.page.keyboard.press("ArrowRight")
    tab.until("player.querySelector('.fp-readout').textContent.startsWith('t = ')")
    tab.page.get_by_role("button", name="Steps only").click()
    tab.shows(RunConfig(steps=100).digest)
