"""The first second of a visit, and what pages may do: with the policy that all other browser tests pass by."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PLAYING

pytestmark = pytest.mark.browser

PLAYER = "[data-testid=film-player]"
FIRST = """
window.seen = { digests: [], refused: [] };
document.addEventListener("securitypolicyviolation", (event) => seen.refused.push(event.blockedURI));
const look = () => {
  const root = document.querySelector("#lab-first .fp");
  if (root) {
    seen.root = root;
    const picture = root.querySelector(".fp-begins .fp-picture");
    seen.pictured ??= !root.dataset.digest && picture.getBoundingClientRect().height;
    const { x, y, width } = root.getBoundingClientRect();
    seen.place = [x, y, width, root.querySelector(".fp-stage").getBoundingClientRect().y];
  }
  const digest = document.querySelector("[data-testid=film-player][data-digest]")?.dataset.digest;
  if (digest && seen.digests.at(-1) !== digest) seen.digests.push(digest);
  requestAnimationFrame(look);
};
look();
"""
"""What a visitor sees from the first painted frame on."""
FILM_MOVES = re.compile(r"^[1-9]\d*$")
STANDS_WHERE_IT_WAS = """() => {
  const root = document.querySelector("[data-testid=film-player]"), { x, y, width } = root.getBoundingClientRect();
  const now = [x, y, width, root.querySelector(".fp-stage").getBoundingClientRect().y];
  return now.every((at, i) => Math.abs(at - seen.place[i]) <= 2);
}"""


def test_the_film_moves_before_streamlit_is_there_and_the_component_takes_it_over(contexts, server):
    context = contexts(bypass_csp=False, **PLAYING)
    context.add_init_script(FIRST)
    waiting = []
    context.route(
        "**/_stcore/host-config", lambda route: waiting.append(route)
    )  # Streamlit asks for it before it connects
    page = context.new_page()
    page.goto(server)
    expect(page.locator(f"#lab-first {PLAYER}")).to_have_attribute("data-frame", FILM_MOVES)
    page.get_by_role("button", name="Pause", exact=True).click()
    before = page.evaluate(
        "[seen.root.dataset.frame, seen.pictured, window.webglCanvases.size, getComputedStyle(seen.root).fontFamily]"
    )
    assert before[1] > 300
    assert before[2] == 1
    for route in waiting:
        route.continue_()
    context.unroute("**/_stcore/host-config")
    expect(page.locator(f".stMain {PLAYER}")).to_have_attribute("data-playing", "false")
    expect(page.locator("#lab-first")).to_have_count(0)
    page.wait_for_function(STANDS_WHERE_IT_WAS)  # once what is above it is drawn
    after = page.evaluate(
        """() => {
          const root = document.querySelector("[data-testid=film-player]");
          return {
            same: root === seen.root, frame: root.dataset.frame, canvases: window.webglCanvases.size,
            digests: seen.digests.length,
            refused: seen.refused, font: getComputedStyle(root).fontFamily,
            plotly: document.querySelectorAll("script[src*=plotly]").length,
          };
        }"""
    )
    assert after == {
        "same": True, "frame": before[0], "canvases": 1, "digests": 1, "refused": [], "font": before[3], "plotly": 1,
    }  # fmt: skip


def test_every_screen_works_under_the_policy_and_a_base_path_inside_slides_from_a_disk(contexts, below, tmp_path):
    """In a frame of a file: the strictest place to stand in."""
    context = contexts(bypass_csp=False)
    context.add_init_script(FIRST)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    slides = tmp_path / "slides.html"
    screens = {
        "?classes=3": PLAYER,
        "theory": PLAYER,
        "landscape": ".cf[data-drawn]",
        "networks": PLAYER,
    }
    for path, there in screens.items():
        slides.write_text(f'<!doctype html><iframe src="{below}{path}" width="1200" height="700"></iframe>')
        page.goto(slides.as_uri())
        frame = page.frame_locator("iframe")
        expect(frame.locator(there).first).to_be_visible()
        if there == PLAYER:
            expect(frame.locator(PLAYER)).to_have_attribute("data-digest", re.compile("."))
            expect(frame.locator("#lab-first .fp")).to_have_count(0)
    seen = [frame.evaluate("seen.refused") for frame in page.frames if frame.url.startswith(below)]
    assert seen == [[]]
    assert [said for said in errors if "Failed to load resource" not in said] == []
    missing = [answer.url for answer in answers if answer.status >= 400]
    assert [url for url in missing if "/_stcore/" not in url] == []  # there Streamlit looks for its base path
    ours = [answer for answer in answers if answer.url.startswith("http")]
    assert {answer.headers.get("x-content-type-options") for answer in ours} == {"nosniff"}
    films = [answer for answer in ours if "/lab/film/" in answer.url]
    assert films and all(answer.url.startswith(f"{below}lab/film/") for answer in films)
