"""A tour taken from one file on a disk: by keyboard, under its own policy, with what was answered kept; on paper, and
where no script runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tour_player.small import small

from app.tour_player.offline import tour_html

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("tour") / "tour.html"
    path.write_text(tour_html(small()), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def page(contexts, file: str) -> Iterator[Page]:
    """The file, opened under its own policy by whoever asks for no motion: films are where they wait at once."""
    tab = contexts(bypass_csp=False).new_page()
    errors: list[str] = []
    tab.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("request", lambda asked: errors.append(asked.url) if asked.url.startswith("http") else None)
    tab.goto(file)
    yield tab
    assert errors == []


def frame(number: int) -> str:
    return f'.tour .fp[data-frame="{number}"]'


def test_a_tour_is_taken_by_keyboard_and_kept(page):
    title, keys = page.locator(".tour-title"), page.keyboard
    first, _, third, _ = small().data["scenes"]
    expect(title).to_have_text("One <script>")
    page.wait_for_selector(frame(first["film"]["until"]))
    page.get_by_label("that <i>").focus()
    keys.press("Space")
    keys.press("Enter")
    verdicts = page.locator(".tour-verdict:visible")
    expect(verdicts).to_have_count(1)
    expect(verdicts).to_be_focused()
    assert "Right." in verdicts.inner_text() and first["questions"][0]["reason"] in verdicts.inner_html()
    assert page.locator(frame(first["film"]["until"])).count()  # it waits for the other question
    page.get_by_label("Your number").fill("1,000")
    keys.press("Enter")
    expect(verdicts.last).to_contain_text("Not quite: in this run it is")
    page.wait_for_selector(frame(first["film"]["then"]))
    page.get_by_label("Frame", exact=True).focus()
    keys.press("ArrowLeft")  # the film's
    page.wait_for_selector(frame(first["film"]["then"] - 1))

    keys.press("PageDown")
    expect(title).to_have_text("Two")
    expect(title).to_be_focused()
    expect(page.locator(".fp-compare")).to_be_visible()
    begun = page.get_attribute(".fp", "data-digest")
    seed = page.get_by_label("Seed", exact=True)
    seed.fill("11")
    keys.press("Tab")
    expect(page.locator(".fp")).not_to_have_attribute("data-digest", begun)
    page.get_by_role("button", name="As the scene shows it").click()
    page.wait_for_selector(f'.fp[data-digest="{begun}"]')

    keys.press("PageDown")
    expect(title).to_have_text("Three")
    page.wait_for_selector(frame(0))
    for told in range(3):
        expect(verdicts).to_have_count(told)
        while verdicts.count() == told:
            keys.press("PageDown")  # comes into sight first
    page.wait_for_selector(frame(third["film"]["then"]))
    keys.press("PageDown")
    expect(title).to_have_text("Four")
    expect(page.locator(".tour-stage")).to_be_hidden()

    page.reload()
    expect(title).to_have_text("Four")
    page.get_by_role("button", name="Scene 1: One <script>").click()
    page.wait_for_selector(frame(first["film"]["then"]))
    expect(verdicts).to_have_count(2)
    expect(page.get_by_label("Your number")).to_have_value("1000")
    page.get_by_role("link", name="on", exact=True).click()
    expect(title).to_have_text("Two")
    keys.press("PageUp")
    expect(title).to_have_text("One <script>")


def test_paper_has_one_page_for_each_scene(page):
    page.wait_for_selector(".tour .fp[data-digest]")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 4


def test_without_scripts_words_and_pictures_are_there(contexts, file):
    still = contexts(java_script_enabled=False).new_page()
    still.goto(file)
    assert still.locator("h2:visible").all_inner_texts() == ["One <script>", "Two", "Three", "Four"]
    assert still.locator(".fp-picture:visible").count() == 4
    assert not still.locator(".tour").is_visible()


def test_a_talk_has_notes_in_a_window_a_black_screen_and_an_end(page):
    keys, tour = page.keyboard, page.locator(".tour")
    page.wait_for_selector(frame(small().data["scenes"][0]["film"]["until"]))
    page.get_by_role("button", name="Talk", exact=True).click()
    with page.expect_popup() as opened:
        keys.press("n")
    notes = opened.value
    expect(notes.locator("h1")).to_have_text("1 / 4 · One <script>")
    expect(notes.locator("main em")).to_have_text("nothing")
    expect(notes.locator("footer p")).to_have_text("First the questions of this scene. Next: Two")
    verdicts = page.locator(".tour-verdict:visible")
    notes.keyboard.press("PageDown")
    expect(verdicts).to_have_count(1)
    notes.keyboard.press("PageDown")  # the next question, which is out of sight
    notes.keyboard.press("PageDown")
    expect(verdicts).to_have_count(2)
    notes.keyboard.press("PageDown")
    expect(notes.locator("h1")).to_have_text("2 / 4 · Two")
    keys.press("b")
    expect(page.locator(".tour > .fp-black")).to_be_visible()
    notes.keyboard.press("PageUp")  # any move brings the screen back
    expect(page.locator(".tour > .fp-black")).to_be_hidden()
    big = page.evaluate("getComputedStyle(document.querySelector('.fp')).getPropertyValue('--fp-big')")
    assert float(big) == 1.5  # of a window of 1280 by 720
    keys.press("d")
    expect(tour).to_have_css("background-color", "rgb(17, 21, 28)")
    keys.press("Escape")
    expect(tour).not_to_have_class(re.compile("tour-talk"))
    expect(tour).to_have_css("background-color", "rgb(253, 253, 252)")
    assert notes.is_closed()


SLIDES = """<!doctype html><title>Slides</title><iframe src="{file}" width="1100" height="640"></iframe><script>
  const heard = []; let talk = null;
  addEventListener("message", ({{ source, data }}) => {{
    talk = source; heard.push(data); document.title = data.collapseLab;
  }});
  const ask = (message) => talk.postMessage(message, "*");
</script>"""


def test_slides_on_a_disk_drive_a_tour_and_get_their_keys_back(contexts, file: str, tmp_path: Path):
    path = tmp_path / "slides.html"
    path.write_text(SLIDES.format(file=file), encoding="utf-8")
    tab = contexts().new_page()
    tab.goto(path.as_uri())
    inside = tab.frame_locator("iframe")
    inside.locator(frame(small().data["scenes"][0]["film"]["until"])).wait_for()

    def said(what: str) -> list[dict]:
        return tab.evaluate("what => heard.filter((one) => one.collapseLab === what)", what)

    assert said("scene")[0]["title"] == "One <script>" and said("film")[0]["frames"] > 1
    tab.evaluate("ask({ collapseLab: 'goto', scene: 'two' })")
    expect(inside.locator(".tour-title")).to_have_text("Two")
    tab.evaluate("ask({ collapseLab: 'goto', scene: 9 })")

    def seek(number: int) -> None:  # messages are heard in their order
        tab.evaluate("number => ask({ collapseLab: 'seek', to: { frame: number } })", number)
        inside.locator(frame(number)).wait_for()

    tab.evaluate("ask({ collapseLab: 'keys', to: 'slides' })")
    seek(0)
    assert [one["why"][:9] for one in said("refused")] == ["scene = 9"]
    inside.locator(".tour-title").click()
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("PageDown")
    tab.evaluate("ask({ collapseLab: 'keys', to: 'film' })")
    seek(1)
    tab.keyboard.press("ArrowRight")
    inside.locator(frame(2)).wait_for()
    assert [one["key"] for one in said("key")] == ["ArrowRight", "PageDown"]
    inside.get_by_role("button", name="Talk", exact=True).click()
    tab.evaluate("ask({ collapseLab: 'keys', to: 'slides' })")
    seek(1)
    tab.keyboard.press("Escape")  # the slides'
    tab.keyboard.press("b")  # the talk's
    expect(inside.locator(".tour-talk > .fp-black")).to_be_visible()
    tab.wait_for_function(
        "heard.filter((one) => one.collapseLab === 'key').length > 2"
    )  # it may come after the picture
    assert [one["key"] for one in said("key")][2:] == ["Escape"]
