"""A figure is copied as a claim, from an offline film and by keys alone, and what is copied is true."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from app.player.offline import offline_html
from ulpm_core import RunConfig, simulate
from ulpm_core.claims.claim import Claim
from ulpm_core.claims.making import claim_of
from ulpm_core.files.run import save_run
from ulpm_core.film.film import build_film
from ulpm_core.model.number_words import number as number_words

pytestmark = pytest.mark.browser

CAUGHT = "navigator.clipboard.writeText = async (text) => { window.copiedText = text; };"
"""Headless pages have no clipboard that a test can read."""
REFUSED = "navigator.clipboard.writeText = async () => { throw new Error('no'); };"
TALL = {"width": 1280, "height": 1400}
"""Nothing has to be scrolled to, which closes what is open."""
BY_HAND = "document.addEventListener('copy', () => { window.copiedText = document.activeElement.value; });"


@pytest.fixture
def film_page(tab_of, tmp_path):
    """Opens the film of a run in a tab, still and at its end."""

    def open_film(run, script: str, **options):
        path = tmp_path / "film.html"
        path.write_text(offline_html([build_film(run).to_bytes()], "A run"), encoding="utf-8")
        tab = tab_of(**options)
        tab.server = "file://"
        tab.page.add_init_script(script)
        tab.page.goto(path.as_uri())
        return tab.shows(run.config.digest).until("player.dataset.playing === 'false'")

    return open_film


def test_a_figure_is_copied_by_keys_and_its_check_gives_its_value(film_page, tmp_path):
    run = simulate(RunConfig(classes=3, dimension=2, per_class=5, steps=200))
    page = film_page(run, CAUGHT).page
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Angles", exact=False).first.focus()
    page.keyboard.press("Enter")
    claims = page.get_by_role("group", name="Copy nc2_angles as a claim")
    claims.get_by_role("button", name="JSON").focus()
    page.keyboard.press("Enter")
    claims.get_by_text("Copied, step").wait_for()
    claim = Claim.from_json(page.evaluate("copiedText"))
    t = int(np.flatnonzero(run.step == claim.at["step"])[0])
    assert claim == claim_of(run, "nc2_angles", t)
    save_run(run, tmp_path / "run.npz")
    checked = subprocess.run(
        [sys.executable, "-c", claim.check], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert float(checked.stdout) == pytest.approx(claim.value, rel=1e-11)
    assert page.evaluate("document.activeElement.textContent") == "JSON"


def test_on_a_phone_without_a_clipboard_it_is_copied_as_by_hand(film_page):
    run = simulate(RunConfig(classes=3, dimension=2, per_class=5, steps=50))
    tab = film_page(run, REFUSED + BY_HAND, viewport={"width": 390, "height": 844})
    page = tab.page
    page.locator(".fp-name").first.click()
    group = page.locator(".fp-claim").first
    for button in group.get_by_role("button").all():
        assert button.bounding_box()["height"] >= 24
    group.get_by_role("button", name="LaTeX").click()
    group.get_by_text("Copied, step 50").wait_for()
    assert page.evaluate("copiedText").startswith("\\begin{description}")
    assert page.locator("textarea").count() == 0
    group.get_by_role("button", name="Text").click()
    page.wait_for_function("copiedText.startsWith('Claim: ')")
    box, edge = page.locator(".fp-note").bounding_box(), json.loads(page.evaluate("JSON.stringify(innerWidth)"))
    assert box["x"] >= 0 and box["x"] + box["width"] <= edge


WRITTEN = """() => new Promise((done) => {
  let waiting = 0;
  const idle = () => document.querySelector('.stApp').dataset.testScriptState === 'notRunning';
  const look = () => { if (idle()) { watch.disconnect(); done(true); } else again(); };
  const again = () => { clearTimeout(waiting); waiting = setTimeout(look, 2000); };
  const watch = new MutationObserver(again);
  watch.observe(document.querySelector('.stMain'), { childList: true, subtree: true });
  again();
})"""
"""Whether the page has stood for two seconds as it is: what is written anew takes an open note away."""


def test_a_figure_of_a_sentence_and_one_of_a_table_are_copied_at_the_end_of_their_film(tab_of):
    config = RunConfig(method="gradient-flow", classes=3, dimension=3, per_class=4, log_time=300.0)
    tab = tab_of(viewport=TALL).open(**config.to_link()).shows(config.digest)
    tab.until("player.dataset.partial === 'false'")
    number = tab.page.locator(".lab-sentence .lab-figure").last
    tab.page.get_by_text("the limit comes into sight").wait_for()
    tab.page.wait_for_function(WRITTEN)
    tab.page.evaluate(CAUGHT)
    number.scroll_into_view_if_needed()
    tab.drawn()  # to scroll closes a note
    number.click()
    tab.page.get_by_role("group", name="Copy gamma_gap as a claim").get_by_role("button", name="JSON").click()
    tab.page.wait_for_function("window.copiedText")
    lacks, expected = Claim.from_json(tab.page.evaluate("copiedText")), claim_of(simulate(config), "gamma_gap")
    assert number.inner_text() == number_words(lacks.value)
    assert lacks.value == pytest.approx(expected.value, rel=1e-9) and lacks.check == expected.check
    assert lacks.digest == config.digest and lacks.at["log_time"] == 300.0
    assert "log_time=300" in lacks.link
    tab.page.evaluate("delete window.copiedText")
    tab.page.get_by_role("link", name="Theory").click()
    tab.page.get_by_text("The theorem", exact=True).click()
    tab.page.get_by_role("heading", name="The theorem as figures of this run").wait_for()
    tab.until("player.dataset.partial === 'false'")
    tab.page.evaluate(CAUGHT)
    tab.page.keyboard.press("Home")  # the film stands elsewhere than the table
    button = tab.page.locator("[data-claim*=duality_gap]")
    claims = tab.page.get_by_role("group", name="Copy duality_gap as a claim")
    tab.page.wait_for_function(WRITTEN)
    button.focus()
    tab.drawn()
    tab.page.keyboard.press("Enter")
    claims.get_by_role("button", name="JSON").click()
    tab.page.wait_for_function("window.copiedText")
    claim = Claim.from_json(tab.page.evaluate("copiedText"))
    assert claim.value == json.loads(button.get_attribute("data-claim"))["value"]
    assert claim.digest == config.digest and claim.at["log_time"] == 300.0
    assert claim.link.startswith("http") and "log_time=300" in claim.link
