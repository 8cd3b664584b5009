"""The lab in one file over a long hour: hostile links one after another, and many knobs turned in one page."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page

from app.page.runs import RUNS
from app.standalone.standalone import lab
from tests.browser.conftest import patient
from tests.hostile import NONSENSE, hostile_links

pytestmark = pytest.mark.browser

OTHERS: Final = {
    "at": ["step:1e9", "log_time:-1e999", "0.5", "diverged"],
    "camera": ["1,1,1", "NaN,0,0"],
    "captions": ["0", "2"],
    "controls": ["none", "seed,seed"],
    "curve": ["nc3", "nc5"],
    "curves": ["run", "figure-2"],
    "question": ["<img src=x onerror=alert(1)>", "why?" * 500],
    "speed": ["2", "1e9"],
    "talk": ["0", "1"],
    "theme": ["dark", "blue"],
    "view": ["tour", "under"],
    "__proto__": ["1"],
    "constructor": ["x"],
    "toString": ["[object Object]"],
    "hasOwnProperty": ["0"],
}
RAW: Final = ("%E0%A4%A&=&&==&classes", "#" * 3000, "&" * 9000, "seed=" + "9" * 100_000, "javascript:alert(1)")
FOLLOW: Final = """(link) => new Promise((done) => {
  const said = () => [...document.querySelectorAll(".lab-refusal")].map((sentence) => sentence.textContent);
  addEventListener("hashchange", () => done(said()), { once: true });
  location.hash = `${link}&n=${performance.now()}`;
})"""
"""Goes to a link with a key that nobody knows, so that it is refused; answers what is said."""
TURN: Final = """(link) => new Promise((done) => {
  const player = document.querySelector(".fp"), seed = /seed=(\\d+)/.exec(link)[1];
  const there = () => player.dataset.digest.includes(`"seed":${seed}`) && player.dataset.partial === "false";
  const watch = new MutationObserver(() => { if (there()) done(watch.disconnect()); });
  watch.observe(player, { attributes: true });
  location.hash = link;
})"""
TURNS: Final = 60
GROWN_MIB: Final = 8
"""Objects of scripts alone: the bytes of films lie beside this heap. A hundred turns were seen to add some 1.5 MiB."""


@pytest.fixture(scope="module")
def page(chromium, tmp_path_factory) -> Iterator[Page]:
    path: Path = tmp_path_factory.mktemp("lab") / "lab.html"
    path.write_text(lab().one_file(), encoding="utf-8")
    context = patient(chromium.new_context(reduced_motion="reduce", offline=True))
    page = context.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector("[data-testid=film-player][data-digest]")
    yield page
    context.close()


def fragments() -> Iterator[str]:
    chance = random.Random(16)
    escapes = str.maketrans({"&": "%26", "#": "%23", "=": "%3D"})
    for link in hostile_links(RUNS.parameters, OTHERS, 190, seed=16):
        pairs = [f"{name.translate(escapes)}={value.translate(escapes)}" for name, value in link.items()]
        yield "&".join([*pairs, chance.choice(NONSENSE)])
    yield from RAW


def test_no_fragment_breaks_the_page(page):
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
    before = page.get_attribute(".fp", "data-digest")
    links = list(fragments())
    assert len(links) > 190
    for link in links:
        said = page.evaluate(FOLLOW, link)
        assert said and all(0 < len(words) < 900 for words in said), link[:300]
        assert len(said) <= 7 and page.locator(
            ".lab-refusals *, .lab-watch > :not(b), .lab-watch > b *"
        ).count() == len(said), link[:300]
    assert troubles == []
    assert page.get_attribute(".fp", "data-digest") == before
    assert page.evaluate("[{}.polluted, Object.keys(Object.prototype).length, typeof collapseLab.run]") == [
        None,
        0,
        "function",
    ]
    page.evaluate(TURN, "seed=77&steps=100")  # and a knob turns still


def test_turned_knobs_leave_nothing_behind(page):
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable")
    chance = random.Random(7)

    def turn(seed: int) -> None:
        sizes = [
            f"{name}={chance.choice(of)}"
            for name, of in (("classes", (2, 4, 9)), ("per_class", (2, 30)), ("dimension", (2, 8)))
        ]
        method = chance.choice(("momentum", "gradient-descent", "normalised-gradient-descent"))
        page.evaluate(TURN, "&".join([f"seed={seed}", "steps=300", f"method={method}", *sizes]))

    def kept() -> dict[str, Any]:
        cdp.send("HeapProfiler.collectGarbage")
        return {metric["name"]: metric["value"] for metric in cdp.send("Performance.getMetrics")["metrics"]}

    for seed in range(1000, 1015):
        turn(seed)
    before = kept()
    for seed in range(2000, 2000 + TURNS):
        turn(seed)
    after = kept()
    assert after["JSHeapUsedSize"] - before["JSHeapUsedSize"] < GROWN_MIB * 2**20
    assert after["JSEventListeners"] - before["JSEventListeners"] < TURNS / 2
    assert page.evaluate("document.querySelectorAll('canvas, iframe').length") < 12
    assert len(page.workers) == 1
