"""axe-core finds no fault: not on any screen, by day and by night, in any state, nor in the offline file."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from app.player.offline import offline_html
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import build_film

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": TAGS}}
QUICK = {"classes": 3, "dimension": 2, "steps": 100}

DARK_IS = """(dark) => [...document.querySelectorAll('.fp, .stApp')].every((place) => {
  const { color, backgroundColor } = getComputedStyle(place);
  const light = (said) => said.match(/[\\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
  return (light(backgroundColor) < light(color)) === dark;
})"""
"""Of the player and of the page around it, which Streamlit paints anew a moment later."""


def faults(tab):
    """Every rule that a page breaks by day or by night, and where."""
    found = []
    tab.page.add_style_tag(content="*, ::before, ::after { transition: none !important; }")  # half-faded is no colour
    for scheme in ("light", "dark"):
        tab.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        tab.page.wait_for_function(DARK_IS, arg=scheme == "dark")
        answer = Axe().run(tab.page, options=OPTIONS).response
        found += [(scheme, broken["id"], [node["html"] for node in broken["nodes"]]) for broken in answer["violations"]]
    return found


def test_no_screen_and_no_state_of_it_has_a_fault(tab_of, tmp_path):
    tab = tab_of()
    found = {}
    tab.open(**QUICK, learning_rate="x", pin="steps:50").until("player.classList.contains('fp-compare')")
    found["a refusal, and a run pinned"] = faults(tab)
    for screen in ("Theory", "Landscape", "Rules", "Real networks"):
        before = tab.player("digest")
        tab.page.get_by_role("link", name=screen).click()
        tab.until("player.dataset.digest !== argument", before)
        found[screen] = faults(tab)
    for name, link in {"lesson": {"controls": "classes,seed", "question": "Why?"}, "talk": {"talk": 1}}.items():
        tab.open(**QUICK, **link)
        found[name] = faults(tab)
    film = build_film(simulate(RunConfig(classes=6, dimension=5, per_class=3, steps=100)))
    path = tmp_path / "film.html"
    path.write_text(offline_html([film.to_bytes()], "A run"), encoding="utf-8")
    offline = tab_of()
    offline.server = "file://"
    offline.page.goto(path.as_uri())
    offline.until("player.dataset.playing === 'false'")
    offline.page.locator(".fp-name").first.click()
    offline.page.keyboard.press("m")
    found["offline, definition and matrix open"] = faults(offline)
    offline.page.keyboard.press("Escape")
    offline.page.set_viewport_size({"width": 390, "height": 844})
    offline.until("!player.classList.contains('fp-wide')")
    offline.evaluate("scrollTo(0, document.body.scrollHeight)")  # the clock at its own place covers no half of a button
    found["offline on a phone"] = faults(offline)
    assert {name: broken for name, broken in found.items() if broken} == {}
