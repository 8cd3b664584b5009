"""Links: between visitors, from enemies, for a class, for a talk."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PLAYING
from ulpm_core import RunConfig

pytestmark = pytest.mark.browser

EYE = "Object.values(document.querySelector('.fp-scene')._fullLayout.scene.camera.eye)"

QUICK = {"classes": "5", "dimension": "4", "steps": "300"}


def test_a_link_from_one_browser_restores_the_state_in_another(tab_of):
    here, there = tab_of(), tab_of()
    here.open(**QUICK).shows(RunConfig.from_mapping(QUICK).digest)
    field = here.page.get_by_role("spinbutton", name="Seed")
    field.fill("7")
    field.press("Enter")
    digest = RunConfig.from_mapping({**QUICK, "seed": 7}).digest
    here.shows(digest)
    here.page.wait_for_url("**seed=7**")
    there.page.goto(here.page.url)
    there.shows(digest)
    assert there.page.get_by_role("slider", name="Classes K").get_attribute("aria-valuetext") == "5"
    assert there.page.get_by_role("spinbutton", name="Seed").input_value() == "7"
    assert there.refusals() == []


def test_hostile_links_are_refused_in_sentences_and_the_first_film_plays(tab_of):
    tab = tab_of(**PLAYING)
    script = "<img src=x onerror='window.hacked=1'><script>window.hacked=1</script>"
    tab.open(classes=10**9, learning_rate=script, **{script: "1"})
    tab.shows(RunConfig().digest).until("player.dataset.playing === 'true'")
    tab.page.locator(".lab-refusal").nth(2).wait_for()
    said = tab.refusals()
    assert any("classes = 1000000000 is out of range: use 2 to 20, for example 4." in words for words in said)
    assert any("learning_rate = <img" in words for words in said)
    assert any("not a key of a link" in words for words in said)
    assert tab.evaluate("window.hacked") is None
    assert tab.page.locator("img[src=x]").count() == 0
    assert tab.page.get_by_text("Traceback").count() == 0


def test_a_question_is_shown_as_text_and_a_lesson_hides_the_other_knobs(tab):
    tab.open(controls="classes,seed", question="<b>Why</b> a <script>window.hacked=1</script>tetrahedron?")
    tab.page.get_by_text("<b>Why</b> a <script>window.hacked=1</script>tetrahedron?").wait_for()
    assert tab.evaluate("window.hacked") is None
    assert tab.page.locator(".stMain").get_by_role("slider", name="Classes K").is_visible()
    assert tab.page.locator(".stSidebar").is_hidden()
    assert tab.page.get_by_role("spinbutton", name="Seed").is_visible()
    assert tab.page.get_by_role("slider", name="Dimension d").count() == 0
    assert tab.page.get_by_text("Tetrahedron", exact=True).count() == 0
    assert tab.page.get_by_text("Share", exact=True).count() == 0


GROUND = "[player, document.querySelector('.stApp')].every((of) => getComputedStyle(of).backgroundColor === argument)"


def test_talk_mode_shows_stage_clock_and_one_line_and_can_be_left(tab):
    tab.open(talk="1", steps="300", theme="dark").shows(RunConfig(steps=300).digest)
    tab.until("player.classList.contains('fp-talk')")
    tab.until(GROUND, "rgb(17, 21, 28)")
    for hidden in (".fp-side", ".fp-head", ".fp-marks", ".stSidebar"):
        assert tab.page.locator(hidden).first.is_hidden(), hidden
    for seen in (".fp-scene", ".fp-scrub", ".fp-readout", ".lab-talking"):
        assert tab.page.locator(seen).is_visible(), seen
    assert tab.page.locator(".lab-sentence").count() == 0
    keys, said = tab.page.keyboard, tab.page.locator(".fp-said")
    assert said.inner_text() == "Training error reached zero at step 11; everything after is the geometry settling."
    keys.press("PageDown")  # the next sentence
    assert said.inner_text().startswith("At step 300 the angles")
    keys.press("PageUp")
    keys.press("PageUp")  # the event before the end
    tab.until("player.dataset.step === '30'")
    assert said.inner_text() == "step 30: loss below log 2: the theorem applies"
    keys.press("b")
    assert tab.page.locator(".fp-black").is_visible()
    keys.press("b")
    assert tab.page.locator(".fp-black").is_hidden()
    tab.page.get_by_label("Curve beside the stage").select_option("nc2_angles")
    tab.until("player.querySelectorAll('.fp-name').length === 1 && player.querySelector('.fp-side').offsetWidth > 200")
    keys.press("c")
    assert said.is_hidden()
    keys.press("d")
    tab.until(GROUND, "rgb(253, 253, 252)")
    tab.until("location.search.endsWith('&at=log-2&theme=light&captions=0&curve=nc2_angles')")
    keys.press("Escape")
    tab.until("!player.classList.contains('fp-talk')")
    tab.page.locator(".lab-sentence").first.wait_for()
    tab.page.wait_for_url(lambda url: "talk" not in url)
    assert tab.evaluate("document.documentElement.dataset.theme") is None


def test_a_tab_that_outlives_its_server_keeps_the_first_knob_that_is_turned(lives):
    with lives() as tab:
        tab.open(**QUICK).shows(RunConfig.from_mapping(QUICK).digest)
    tab.page.locator('.stApp:not([data-test-connection-state="CONNECTED"])').wait_for()
    with lives():
        tab.page.locator('.stApp[data-test-connection-state="CONNECTED"]').wait_for()
        knob = tab.page.get_by_role("slider", name="Classes K")
        knob.focus()
        knob.press("ArrowRight")
        tab.shows(RunConfig.from_mapping({**QUICK, "classes": 6}).digest)
        assert knob.input_value() == "6"
        tab.page.wait_for_url("**classes=6**")
        with tab.page.expect_download() as download:
            tab.page.get_by_role("button", name="Download film").click()
        assert download.value.suggested_filename.startswith("collapse-6-classes-4-dimensions")


def test_the_link_opens_the_view_camera_moment_and_speed_it_was_copied_at(tab):
    tab.open(classes=6, dimension=5, steps=1000, question="What is new?").pause()
    page = tab.page
    page.get_by_label("Speed").select_option("2")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    tab.until("/&camera=[-.0-9,]+&at=step:[1-9]\\d*&speed=2$/.test(location.search)")
    page.get_by_label("View of many dimensions").select_option("tour")
    tab.until("location.search.includes('&view=tour&')")
    search, step = tab.evaluate("location.search"), tab.player("step")
    assert search.startswith("?classes=6&dimension=5&") and "question=What" in search
    eye = tab.evaluate(EYE)
    page.reload()
    tab.until("player.dataset.step === argument && player.dataset.playing === 'false'", step)
    tab.until("player.querySelector('[aria-label=Speed]').value === '2'")
    assert page.get_by_label("View of many dimensions").input_value() == "tour"
    assert tab.evaluate(EYE) == pytest.approx(eye, abs=1e-3)
    assert tab.evaluate("location.search") == search
    page.get_by_role("slider", name="Classes K").focus()
    page.keyboard.press("ArrowLeft")  # the server writes the link of its own state: the look stays in it
    tab.until("/[?&]classes=5&.*&view=tour&camera=/.test(location.search)")
    page.get_by_role("button", name="Play", exact=True).click()
    tab.until("!location.search.includes('&at=')")


def test_a_tour_that_is_written_outlives_its_tab(tab):
    tab.open(classes=3, dimension=2, steps=60)
    tab.page.get_by_role("button", name="Add as scene").click()
    mine = tab.page.get_by_role("link", name="Your tour: 1 scene")
    expect(mine).to_be_visible()
    tab.page.wait_for_function("localStorage.getItem('collapse-lab-own-tour')?.includes('steps=60')")
    tab.page.reload()
    expect(mine).to_be_visible()
