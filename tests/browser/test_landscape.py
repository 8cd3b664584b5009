"""The landscape as a person meets it: the gallery, the surface and its camera, many starts, phones and the dark."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

import pytest

from app.page.fitting import at_a_saddle
from app.player.offline import offline_html
from tests.browser.conftest import PLAYING
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import build_film

pytestmark = pytest.mark.browser

SQUARE = at_a_saddle(RunConfig())
SUBPAGE = re.compile(r"/landscape/_stcore/(health|host-config)$")
"""Streamlit asks for these beside the subpage first, and then at the root, which has them."""
FIGURES = "[...document.querySelectorAll('[data-testid=figure]')]"
PLOTS = "[...document.querySelectorAll('[data-testid=figure] .js-plotly-plot')]"
SLICE = f"{PLOTS}.find((plot) => plot._fullLayout.scene)"
STARTS = f"{PLOTS}.find((plot) => plot.data[0].customdata)"
EYE = f"{SLICE}._fullLayout.scene.camera.eye"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def stand(tab, config=SQUARE, **link):
    """Opens the screen by its own address; the film of this run is there and the figures are drawn."""
    missing = []
    tab.page.on("response", lambda answer: missing.append(answer.url) if answer.status == 404 else None)
    tab.page.goto(f"{tab.server}landscape" + (f"?{urlencode(link)}" if link else ""))
    tab.shows(config.digest)
    drawn(tab)
    assert all(SUBPAGE.search(address) for address in missing), missing
    assert len(tab.errors) == len(missing) <= 2, tab.errors
    tab.errors.clear()
    return tab


def drawn(tab):
    """Waits for the figures, which are all drawn."""
    tab.page.wait_for_function(f"() => {FIGURES}.length >= 2 && {FIGURES}.every((f) => f.dataset.drawn === 'true')")


def verdict(tab) -> str:
    return tab.page.locator(".lab-verdict b").inner_text()


def test_the_square_is_left_before_one_s_eyes_and_the_gallery_leads_elsewhere(tab):
    stand(tab)
    assert verdict(tab) == "Square: a strict saddle."
    names = "[...player.querySelectorAll('.fp-name')].map((name) => name.textContent).join('|')"
    tab.until(f"{names}.includes('Distance from the saddle')")
    assert tab.page.locator("[data-testid=figure]").count() == 3
    assert tab.page.locator(".lab-saddle").count() == 8
    chosen = tab.page.get_by_role("button", name="Square", exact=True)
    assert chosen.evaluate("(button) => getComputedStyle(button).backgroundColor") == "rgb(11, 98, 168)"
    tab.pause()
    tab.page.get_by_role("button", name="the saddle is left").click()
    tab.until("Number(player.dataset.logTime) > 4 && Number(player.dataset.logTime) < 6")
    tab.page.get_by_role("button", name="Pairs", exact=True).click()
    pairs = SQUARE.with_changes(initialisation="merged-pairs")
    tab.shows(pairs.digest)
    tab.page.locator(".lab-verdict", has_text="Pairs: a strict saddle.").wait_for()
    tab.page.wait_for_url("**/landscape?**initialisation=merged-pairs**")
    tab.page.get_by_role("button", name="Simplex", exact=True).click()
    tab.shows(SQUARE.with_changes(initialisation="simplex").digest)
    tab.page.locator(".lab-verdict", has_text="Simplex: the least on its sphere.").wait_for()
    tab.page.go_back()
    tab.shows(pairs.digest)
    assert tab.refusals() == []


def test_the_surface_keeps_its_camera_over_a_knob_and_lets_the_page_scroll(tab):
    stand(tab)
    tab.pause()
    surface = tab.page.get_by_role("img", name="The loss around the saddle as a surface, with the run on it")
    surface.scroll_into_view_if_needed()
    box, before = surface.bounding_box(), tab.evaluate(EYE)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.page.mouse.move(x, y)
    tab.page.mouse.down()
    tab.page.mouse.move(x + 60, y + 10, steps=2)
    tab.page.mouse.move(x + 140, y + 30, steps=2)
    tab.page.mouse.up()
    tab.page.wait_for_function(f"(eye) => Math.abs({EYE}.x - eye.x) > 0.05", arg=before)
    turned = tab.evaluate(EYE)
    tab.evaluate(f"{SLICE}.marked = true")
    heights = f"JSON.stringify({SLICE}.data[0].z[0])"
    flat = tab.evaluate(heights)
    tab.page.get_by_role("slider", name="Margin μ").press("ArrowRight")
    tab.shows(SQUARE.with_changes(margin=3.0).digest)
    tab.page.wait_for_function(f"(old) => {heights} !== old", arg=flat)
    assert tab.evaluate(f"{SLICE}.marked") is True
    assert tab.evaluate(EYE) == pytest.approx(turned)
    canvas = f"{SLICE}?.querySelector('canvas')"
    tab.evaluate(
        f"window.dropped = {canvas}; dropped.getContext('webgl').getExtension('WEBGL_lose_context').loseContext()"
    )
    tab.page.wait_for_function(f"() => {canvas} && {canvas} !== dropped")
    assert tab.evaluate(EYE) == pytest.approx(turned)
    scrolled = "document.querySelector('[data-testid=stMain]').scrollTop"
    at = tab.evaluate(scrolled)
    surface.hover()
    tab.page.mouse.wheel(0, -200)
    tab.page.wait_for_function(f"(at) => {scrolled} < at - 50", arg=at)
    assert tab.evaluate(EYE) == pytest.approx(turned)


def test_many_starts_run_to_the_end_and_lines_and_seeds_open_films_in_the_playground(tab):
    stand(tab, SQUARE.with_changes(per_class=1), initialisation="square", per_class=1, method="gradient-flow")
    tab.pause()
    tab.page.get_by_role("button", name="Follow 256 starts in d = 8 and 256 in d = 3").click()
    tab.page.get_by_role("progressbar").wait_for()
    tab.page.get_by_text("starts end with γ above 0.9").first.wait_for()
    tab.page.wait_for_function(f"() => {STARTS}")
    figure = tab.page.get_by_role("img", name="The margin of every start against log time.")
    figure.scroll_into_view_if_needed()
    at, seed = tab.evaluate(
        f"""() => {{
        const plot = {STARTS}, {{ xaxis, yaxis }} = plot._fullLayout, box = plot.getBoundingClientRect();
        const {{ x, y, customdata }} = plot.data[0], i = 20;
        return [[box.left + xaxis._offset + xaxis.c2p(x[i]), box.top + yaxis._offset + yaxis.c2p(y[i])], customdata[i]];
    }}"""
    )
    assert 0 <= seed < 256
    tab.page.mouse.move(*at)
    tab.page.locator(".cf-pickable").wait_for()
    tab.page.mouse.click(*at)
    tab.page.wait_for_url("**/?**seed=**")
    opened = RunConfig.from_mapping(dict(part.split("=") for part in tab.page.url.split("?")[1].split("&")))
    assert (opened.dimension, opened.method, opened.log_time, opened.per_class) == (8, "gradient-flow", 300.0, 1)
    tab.shows(opened.digest)
    tab.page.get_by_role("link", name="Landscape").click()
    tab.shows(SQUARE.with_changes(per_class=1).digest)
    field = tab.page.get_by_role("spinbutton", name="Seed of a start")
    field.fill("300")
    field.press("Enter")
    tab.page.get_by_role("button", name="Open its film").click()
    tight = opened.with_changes(dimension=3, seed=300)
    tab.page.wait_for_url("**/?**seed=300**")
    tab.shows(tight.digest)


def test_on_a_phone_in_the_dark_nothing_reaches_beyond_the_page(tab_of):
    tab = tab_of(viewport={"width": 390, "height": 844}, color_scheme="dark")
    stand(tab)
    assert tab.evaluate(OVERFLOW) <= 0
    outside = """(width) => [...document.querySelectorAll(
        '.fp :is(button, select, input, canvas), .lab-sentence, .lab-verdict, .lab-saddle, .cf, .stMain button'
    )].filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > width + 1).map((e) => e.outerHTML)"""
    assert tab.evaluate(outside, 390) == []
    for colour in ("scene.xaxis.title.font.color", "scene.annotations[0].font.color"):  # of axes and of words
        ink = [float(v) for v in re.findall(r"[\d.]+", tab.evaluate(f"{SLICE}._fullLayout.{colour}"))[:3]]
        assert sum(ink) / 3 > 150


def test_an_escape_plays_offline(tab_of, tmp_path):
    config = SQUARE.with_changes(log_time=50.0)
    film = build_film(simulate(config))
    path = tmp_path / "escape.html"
    path.write_text(offline_html([film.to_bytes()], film.header["title"]), encoding="utf-8")
    tab = tab_of(offline=True, **PLAYING)
    tab.server = "file://"
    tab.page.goto(path.as_uri())
    tab.shows(config.digest).until("player.dataset.playing === 'true' && Number(player.dataset.frame) > 0")
    names = "[...player.querySelectorAll('.fp-name')].map((name) => name.textContent).join('|')"
    tab.until(f"{names}.includes('Distance from the saddle')")
    tab.page.keyboard.press("End")
    tab.until("player.dataset.frame === String(player.dataset.frames - 1)")
    assert json.loads(tab.player("log-time")) == 50.0
