"""The lab in one file, in a browser that is offline: knobs, links, pins, downloads, phones, frames, static hosts."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import BrowserContext

from app.standalone.standalone import lab
from app.terms.glossary import TERMS
from app.views import sharing
from app.views.actions import CUT_SHORT, GAVE_WAY, GO_ON, LEAVE_TALK
from tests.browser.conftest import Tab, looks_like
from ulpm_core import RunConfig, simulate
from ulpm_core.claims.claim import Claim
from ulpm_core.claims.making import claim_of
from ulpm_core.model.number_words import number as number_words

pytestmark = pytest.mark.browser

HOSTILE = (
    "classes=1e9",
    "__proto__=1&constructor=x",
    "%E0%A4%A&seed=&&=",
    "pin=" + "seed:7," * 5000,
    "<img src=x onerror=alert(1)>=1",
    "at=" + "9" * 5000 + "&camera=NaN,1e999,0",
    "classes=20&dimension=64&per_class=200&steps=1000000",  # half an hour
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lab") / "lab.html"
    path.write_text(lab().one_file(), encoding="utf-8")
    return path


@pytest.fixture
def alone(contexts: Callable[..., BrowserContext], file: Path) -> Iterator[Callable[..., Tab]]:
    """Opens the file with a link, offline and under its own policy; it may log no error and ask nobody for anything."""
    tabs: list[Tab] = []

    def make(link: str = "", path: Path | None = None, **options: Any) -> Tab:
        tab = Tab(contexts(bypass_csp=False, offline=True, **options).new_page(), "file://")
        tabs.append(tab)
        tab.page.goto((path or file).as_uri() + link)
        tab.page.wait_for_selector("[data-testid=film-player][data-digest]")
        return tab

    yield make
    for tab in tabs:
        assert tab.errors == []
        assert [url for url in tab.requests if not url.startswith(("blob:", "data:", "file:"))] == []
        assert len([url for url in tab.requests if url.startswith("file:")]) == 1


def shown(tab: Tab, **config: object) -> None:
    """Waits for the whole film of a config."""
    digest = json.dumps(config, separators=(",", ":"))
    tab.page.wait_for_selector(f"[data-testid=film-player][data-digest='{digest}'][data-partial=false]")


def knob(tab: Tab, name: str) -> Any:
    return tab.page.locator(f"#lab-{name}")


def test_a_turned_knob_shows_another_film_and_the_address_leads_back(alone):
    tab = alone()
    assert tab.page.locator(".lab-knob:visible").count() >= 9
    knob(tab, "classes").focus()
    tab.page.keyboard.press("ArrowRight")
    shown(tab, classes=5)
    assert tab.evaluate("location.hash") == "#classes=5"
    assert tab.page.locator("[data-knob=classes] output").inner_text() == "5"
    knob(tab, "method").select_option("gradient-flow")
    shown(tab, classes=5, method="gradient-flow")
    assert not knob(tab, "steps").is_visible() and knob(tab, "log_time").is_visible()
    tab.page.go_back()
    shown(tab, classes=5)
    assert knob(tab, "method").input_value() == "gradient-descent"
    knob(tab, "seed").fill("-7")
    knob(tab, "seed").press("Enter")
    assert tab.refusals() == ["seed = -7 is out of range: use 0 to 4294967295, for example 4."]
    assert tab.evaluate("location.hash") == "#classes=5"
    tab.page.get_by_role("button", name="Reset", exact=True).click()
    tab.page.wait_for_selector("[data-testid=film-player]:not([data-digest^='{'])")  # the film that the file carries
    end = tab.evaluate("collapseLab.run({ steps: 20, per_class: 2 })")
    assert end["step"] == 20 and len(end["W"]) == 4 and len(end["H"][0]) == 8
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert tab.evaluate(INK) > 20  # what a graphics card drew would not be printed
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.page.locator(".fp-sketch").count() == 0
    assert tab.evaluate("document.querySelector('.fp').style.zoom") == ""


def test_a_figure_of_a_film_made_here_is_a_claim_with_the_digest_of_its_run(alone):
    tall = {"width": 1280, "height": 1400}  # nothing has to be scrolled to, which closes what is open
    tab = alone("#classes=3&dimension=2&steps=300&learning_rate=0.25", viewport=tall)
    shown(tab, classes=3, dimension=2, learning_rate=0.25, steps=300)
    tab.page.evaluate("navigator.clipboard.writeText = async (text) => { window.copiedText = text; }")
    tab.page.keyboard.press("End")
    tab.page.get_by_role("button", name="Angles", exact=False).first.click()
    claims = tab.page.get_by_role("group", name="Copy nc2_angles as a claim")
    claims.get_by_role("button", name="JSON").click()
    tab.page.wait_for_function("window.copiedText")
    claim = Claim.from_json(tab.page.evaluate("copiedText"))
    run = simulate(RunConfig(classes=3, dimension=2, steps=300, learning_rate=0.25))
    assert claim.digest == run.config.digest and claim.at["step"] == 300
    assert claim.value == pytest.approx(claim_of(run, "nc2_angles").value, rel=1e-9)
    tab.page.keyboard.press("Escape")
    tab.page.keyboard.press("Home")  # the film stands elsewhere than the sentence
    tab.page.evaluate("delete window.copiedText")
    number = tab.page.locator(".lab-sentence .lab-figure")
    number.click()
    claims.get_by_role("button", name="JSON").last.click()
    tab.page.wait_for_function("window.copiedText")
    assert Claim.from_json(tab.page.evaluate("copiedText")) == claim
    assert number.inner_text() == number_words(claim.value)


INK = """(() => {
  const { width, height } = document.querySelector(".fp-sketch");
  return new Set(document.querySelector(".fp-sketch").getContext("2d").getImageData(0, 0, width, height).data).size;
})()"""
COUNT_DRAWINGS = """(() => {
  const { react } = Plotly;
  window.drawings = [];
  Plotly.react = (plot, ...rest) => { drawings.push(plot.classList[0]); return react(plot, ...rest); };
})()"""
AT_REST = "new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 300))"


def test_another_film_of_the_same_traces_is_moved_in_and_looks_as_if_drawn_anew(alone):
    tab = alone()
    tab.evaluate(AT_REST)
    tab.evaluate(COUNT_DRAWINGS)
    knob(tab, "seed").fill("9")
    knob(tab, "seed").press("Enter")
    shown(tab, seed=9)
    tab.evaluate(AT_REST)
    assert tab.evaluate("drawings") == []
    moved = tab.page.locator(".fp-scene").screenshot()
    tab.evaluate("Plotly.redraw(document.querySelector('.fp-scene'))")
    tab.evaluate(AT_REST)
    assert looks_like(tab.page.locator(".fp-scene").screenshot(), moved)
    fresh = alone("#seed=9")
    shown(fresh, seed=9)
    fresh.evaluate(AT_REST)
    assert looks_like(fresh.page.locator(".fp-scene").screenshot(), moved)
    for place in (".fp-side", ".fp-bar"):  # as written
        written = f"document.querySelector({place!r}).outerHTML"
        assert fresh.evaluate(written) == tab.evaluate(written)


def test_a_link_opens_what_it_says_and_a_bad_part_of_one_leaves_a_sentence(alone, file):
    tab = alone("#seed=7&pin=seed:8&curves=figure-2&question=Which+is+faster%3F")
    tab.page.wait_for_selector(".fp-compare")
    assert tab.page.locator(".lab-watch").inner_text() == "Which is faster?"
    assert tab.page.locator(".lab-sentence").first.inner_text() == "A pinned: Seed 8. B now: Seed 7."
    tab.page.reload()
    tab.requests.pop()
    tab.page.wait_for_selector(".fp-compare")
    tab.page.get_by_role("button", name="Unpin A").click()
    tab.page.wait_for_selector(".fp:not(.fp-compare)")
    before = tab.evaluate("location.hash")
    for link in HOSTILE:
        tab.evaluate("(link) => { location.hash = link; }", link)
        tab.page.wait_for_selector(".lab-refusal")
        assert 0 < len(tab.refusals()) < 7 and all(len(said) < 900 for said in tab.refusals())
        assert tab.player("digest") == '{"seed":7}'
        # the page may have put its own link back already: then the same one is no change
        tab.evaluate("(link) => { location.hash = link; dispatchEvent(new Event('hashchange')); }", before)
        tab.page.wait_for_selector(".lab-refusals:empty", state="attached")
    cold = alone("#" + HOSTILE[0])
    assert cold.refusals() == ["classes = 1e9 is out of range: use 2 to 20, for example 4."]


def test_an_address_says_the_moment_on_stage_and_another_one_leads_there(alone):
    tab = alone()
    tab.page.get_by_role("button", name="Last frame").click()
    tab.page.wait_for_url("**/*#at=step:10000")
    frame = tab.player("frame")
    tab.evaluate("location.hash = '#at=step:100&speed=2'")
    tab.page.wait_for_selector(f"[data-testid=film-player]:not([data-frame='{frame}'])")
    tab.page.wait_for_timeout(400)
    assert tab.evaluate("location.hash") == "#at=step:96&speed=2"  # the last snapshot before
    assert tab.page.get_by_label("Speed").input_value() == "2"
    tab.page.go_back()
    tab.page.wait_for_selector(f"[data-testid=film-player][data-frame='{frame}']")
    assert tab.page.get_by_label("Speed").input_value() == "1"
    knob(tab, "method").select_option("gradient-flow")
    shown(tab, method="gradient-flow")
    tab.page.wait_for_url(lambda url: "method=gradient-flow" in url and "step" not in url)


def test_a_cancelled_run_says_where_its_film_ends_and_is_taken_up_again(alone):
    tab = alone("#steps=1000000&per_class=50")
    tab.page.wait_for_selector("[data-testid=film-player][data-partial=true]")
    when = re.compile(r"step \d+(?=: zero training error)").search(tab.page.locator(".fp-marks").inner_text())
    assert when and f"at {when[0]}. Why" in tab.page.locator(".lab-watch").inner_text()
    tab.page.get_by_role("button", name="Cancel").press("Enter")
    assert tab.evaluate("document.activeElement.textContent") == GO_ON.label
    said = tab.page.locator(".lab-sentence")
    assert said.nth(1).inner_text() == CUT_SHORT
    assert re.fullmatch(r"Cancelled at step [\d,]+ of 1,000,000\.", said.first.inner_text())
    there = int(re.sub(r"\D", "", said.first.inner_text().partition(" of ")[0]))
    tab.page.get_by_role("button", name="Go on").click()
    tab.page.get_by_role("button", name="Cancel").wait_for()
    assert int(re.sub(r"\D", "", tab.page.locator("#lab-how-far").inner_text().partition(" of ")[0])) > there
    assert not tab.page.get_by_role("button", name="Go on").is_visible()
    knob(tab, "steps").focus()
    tab.page.keyboard.press("Home")
    shown(tab, per_class=50, steps=10)
    assert said.count() and not said.first.inner_text().startswith("Cancelled")


def test_advanced_knobs_have_heads_of_one_line_and_a_flow_alone_has_other_curves(alone):
    tab = alone("#norm_bound_h=3")
    shown(tab, norm_bound_h=3)
    curves = tab.page.locator(".lab-actions select")
    assert not curves.is_visible()
    tab.page.get_by_text("Advanced", exact=True).click()
    heads = tab.page.locator(".lab-advanced .lab-knob-head:visible").evaluate_all(
        "(all) => all.map((head) => head.offsetHeight)"
    )
    assert len(heads) > 2 and max(heads) < 48
    knob(tab, "method").select_option("gradient-flow")
    shown(tab, method="gradient-flow")
    assert tab.refusals() == [GAVE_WAY.format(what="Bound of ‖h‖² 3")]
    curves.select_option("theorem")
    tab.page.get_by_role("button", name="1 − γ, what the margin lacks").wait_for()
    term = tab.page.locator(".lab-sentence").get_by_role("button", name="γ", exact=True)
    term.scroll_into_view_if_needed()
    tab.evaluate(AT_REST)  # what is scrolled closes its words
    term.press("Enter")
    assert tab.page.locator(".lab-sentence .fp-explained").inner_text().startswith(TERMS["gamma"].name)


def test_a_downloaded_film_plays_alone_has_its_knobs_under_it_and_a_picture_without_scripts(alone, contexts, tmp_path):
    tab = alone("#seed=7&steps=300", accept_downloads=True)
    shown(tab, seed=7, steps=300)
    with tab.page.expect_download() as coming:
        tab.page.get_by_role("button", name="Download film").click()
    assert coming.value.suggested_filename == "collapse-4-classes-3-dimensions-seed-7.html"
    coming.value.save_as(tmp_path / "film.html")
    still = contexts(java_script_enabled=False).new_page()
    still.goto((tmp_path / "film.html").as_uri())
    picture = still.get_by_role("img", name="4 classes in 3 dimensions: a picture of frame")
    assert picture.is_visible() and picture.evaluate("(image) => image.naturalWidth > 300")
    assert still.get_by_text("This is a picture of the film.").is_visible()
    assert still.locator(".lab-sentences").inner_text().startswith("Training error reached zero")
    assert not still.locator(".fp-play").is_visible()
    film = alone(path=tmp_path / "film.html")
    shown(film, seed=7, steps=300)
    assert film.page.title() == "4 classes in 3 dimensions · Collapse Lab"
    assert not knob(film, "seed").is_visible()
    film.page.get_by_text("Knobs", exact=True).click()
    knob(film, "seed").fill("9")
    knob(film, "seed").press("Enter")
    shown(film, seed=9, steps=300)


def test_a_teacher_makes_a_link_that_keeps_some_knobs_and_asks(alone):
    tab = alone("#seed=7&steps=300")
    shown(tab, seed=7, steps=300)
    tab.page.get_by_text(sharing.TITLE, exact=True).click()
    tab.page.get_by_label(sharing.QUESTION).fill("Why? & 100 %" + "!" * 300)
    lesson = tab.page.get_by_label(sharing.CLASS_LINK, exact=True)
    assert not lesson.is_visible() and tab.refusals()[0].startswith("The question has 312 letters")
    tab.page.get_by_label(sharing.QUESTION).fill("Why? & 100 %")
    tab.page.locator(".lab-share").get_by_label("Steps").check()
    _, link = lesson.input_value().split("#")
    assert parse_qs(link) == {
        "seed": ["7"], "steps": ["300"], "question": ["Why? & 100 %"], "controls": ["classes,dimension,steps,seed"],
    }  # fmt: skip
    _, plain = tab.page.get_by_label(sharing.RUN_LINK, exact=True).input_value().split("#")
    assert parse_qs(plain)["seed"] == ["7"] and "question" not in plain
    lesson_tab = alone(f"#{link}")
    shown(lesson_tab, seed=7, steps=300)
    assert lesson_tab.page.locator(".lab-watch").inner_text() == "Why? & 100 %"
    assert lesson_tab.page.locator(".lab-knob:visible").count() == 4
    assert not lesson_tab.page.locator(".lab-share").is_visible()


def test_a_phone_has_no_edge_to_scroll_over_and_less_motion_stays_still(alone):
    tab = alone(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    assert tab.player("playing") == "false"
    tab.page.get_by_text("Knobs", exact=True).click()
    knob(tab, "seed").fill("9")
    knob(tab, "seed").press("Enter")
    shown(tab, seed=9)
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    tab.page.get_by_role("button", name="Talk mode").press("Enter")
    assert not tab.page.locator(".lab-knobs").is_visible()
    assert tab.evaluate("location.hash") == "#seed=9&talk=1"
    assert tab.evaluate("document.activeElement.textContent") == LEAVE_TALK.label
    tab.page.get_by_role("button", name="Dark", exact=True).click()
    tab.until("location.hash === '#seed=9&talk=1&theme=dark'")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 21, 28)"
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    tab.page.keyboard.press("Escape")
    tab.until("location.hash === '#seed=9&theme=dark'")
    assert tab.page.locator(".lab-knobs").is_visible()
    tab.page.get_by_text("Knobs", exact=True).click()
    knob(tab, "seed").wait_for(state="hidden")
    tab.page.set_viewport_size({"width": 1280, "height": 720})
    knob(tab, "seed").wait_for()


def test_in_a_frame_that_allows_scripts_alone_knobs_turn_too(contexts, file):
    page = contexts(bypass_csp=False, offline=True).new_page()
    frame = file.with_name("frame.html")
    frame.write_text('<iframe src="lab.html" sandbox="allow-scripts" style="width:900px;height:700px"></iframe>')
    page.goto(frame.as_uri())
    inside = page.frame_locator("iframe")
    inside.locator("[data-digest]").wait_for()
    inside.locator("#lab-seed").fill("9")
    inside.locator("#lab-seed").press("Enter")
    inside.locator("""[data-digest='{"seed":9}']""").wait_for()
    page.set_content(
        f'<iframe srcdoc="{escape(file.read_text())}" sandbox="allow-scripts" width=900 height=700></iframe>'
    )
    inside.locator("[data-digest]").wait_for()
    inside.get_by_text(sharing.TITLE, exact=True).click()
    assert inside.get_by_text(sharing.FRAME).is_visible()
    assert inside.get_by_label(sharing.RUN_LINK, exact=True).input_value().startswith("#")  # and no about:srcdoc


class Quiet(SimpleHTTPRequestHandler):
    """A static host that writes no log."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def host(tmp_path: Path) -> Iterator[str]:
    """The address of a static host with the folder."""
    for name, text in lab().folder().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def test_a_static_host_serves_the_parts_once_and_the_film_is_saved_from_there_too(contexts, host, tmp_path):
    tab = Tab(contexts(bypass_csp=False, accept_downloads=True).new_page(), host)
    tab.page.goto(f"{host}?seed=7&steps=300")  # as of a link to the full lab
    shown(tab, seed=7, steps=300)
    assert tab.evaluate("location.href") == f"{host}#seed=7&steps=300"
    asked = [url.removeprefix(host) for url in tab.requests if url.startswith(host)]
    assert len(asked) == len(set(asked)) and {url.rpartition("-")[0] for url in asked[1:] if url.endswith(".js")} == {
        "main", "table", "film", "engine", "plotly",
    }  # fmt: skip
    assert [url for url in tab.requests if not url.startswith((host, "blob:", "data:"))] == []
    with tab.page.expect_download() as coming:
        tab.page.get_by_role("button", name="Download film").click()
    coming.value.save_as(tmp_path / "saved.html")
    alone = Tab(contexts(bypass_csp=False, offline=True).new_page(), "file://")
    alone.page.goto((tmp_path / "saved.html").as_uri())
    shown(alone, seed=7, steps=300)
    assert tab.errors == alone.errors == []
    assert len(alone.requests) == 1 + sum(url.startswith("blob:") for url in alone.requests)
