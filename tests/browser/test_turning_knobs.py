"""Every knob brings its film to the same player; pinning, going back, long runs and runs that diverge."""

from __future__ import annotations

import pytest

from tests.browser.conftest import looks_like
from ulpm_core import RunConfig

pytestmark = pytest.mark.browser

ARROWS = "[...document.querySelector('.fp-scene').data.find(({ name }) => name === 'classifiers').x].join()"
EYE = "document.querySelector('.fp-scene')._fullLayout.scene.camera.eye"


def press_on_slider(tab, label, key):
    tab.page.get_by_role("slider", name=label).press(key)


def choose(tab, label, option):
    tab.page.get_by_role("combobox", name=label).click()
    tab.page.get_by_role("option", name=option, exact=True).click()


def type_seed(tab, seed):
    field = tab.page.get_by_role("spinbutton", name="Seed")
    field.fill(str(seed))
    field.press("Enter")


def orbit(tab):
    """Drags the stage and gives where the camera then is."""
    before = tab.evaluate(EYE)
    box = tab.page.locator(".fp-scene").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.page.mouse.move(x, y)
    tab.page.mouse.down()
    tab.page.mouse.move(x + 60, y + 10, steps=2)
    tab.page.mouse.move(x + 140, y + 30, steps=2)
    tab.page.mouse.up()
    tab.until(f"Math.abs({EYE}.x - argument.x) > 0.05", before)
    return tab.evaluate(EYE)


def test_ten_knob_turns_keep_player_context_and_camera(tab):
    tab.open().pause()
    tab.evaluate("document.querySelector('[data-testid=film-player]').marked = true")
    frame, arrows = tab.frame, tab.evaluate(ARROWS)
    eye = orbit(tab)
    assert (tab.frame, tab.evaluate(ARROWS) == arrows) == (frame, False)  # a still film's arrowheads turn to the viewer
    changes = {}
    turns = [
        ("classes", 5, lambda: press_on_slider(tab, "Classes K", "ArrowRight")),
        ("dimension", 4, lambda: press_on_slider(tab, "Dimension d", "ArrowRight")),
        ("per_class", 29, lambda: press_on_slider(tab, "Samples per class n", "ArrowLeft")),
        ("learning_rate", 0.05, lambda: press_on_slider(tab, "Learning rate", "ArrowLeft")),
        ("steps", 3_000, lambda: press_on_slider(tab, "Steps", "ArrowLeft")),
        ("method", "momentum", lambda: choose(tab, "Method", "Momentum (heavy ball)")),
        ("initialisation", "etf-perturbed", lambda: choose(tab, "Start", "Ideal frame plus noise")),
        ("initial_scale", 0.1, lambda: press_on_slider(tab, "Start scale", "ArrowLeft")),
        ("seed", 7, lambda: type_seed(tab, 7)),
        ("classes", 4, lambda: press_on_slider(tab, "Classes K", "ArrowLeft")),
    ]
    for name, value, turn in turns:
        turn()
        changes[name] = value
        tab.shows(RunConfig().with_changes(**changes).digest)
    assert tab.evaluate("document.querySelector('[data-testid=film-player]').marked") is True
    assert tab.evaluate("window.webglCanvases.size") == 1
    assert tab.evaluate(EYE) == pytest.approx(eye)


def test_back_restores_the_run_before(tab):
    tab.open().shows(RunConfig().digest)
    type_seed(tab, 7)
    tab.shows(RunConfig(seed=7).digest)
    tab.page.wait_for_url("**/?seed=7")
    tab.page.go_back()
    tab.shows(RunConfig().digest)
    assert tab.page.get_by_role("spinbutton", name="Seed").input_value() == "4"


def test_continue_pin_and_unpin_act_at_once(tab):
    tab.open(steps=100).shows(RunConfig(steps=100).digest)
    tab.page.get_by_role("button", name="Continue 10×").click()
    tab.shows(RunConfig(steps=1000).digest)
    tab.until("player.dataset.playing === 'false'")
    tab.page.get_by_role("button", name="Pin as A").click()
    tab.page.get_by_text("A and B are the same run: turn one knob to compare.").wait_for()
    tab.until("player.classList.contains('fp-compare')")
    assert (tab.frame, tab.player("playing")) == (tab.last, "false")  # the same film: who watched its end stays there
    type_seed(tab, 7)
    tab.shows(RunConfig(steps=1000, seed=7).digest)
    tab.page.get_by_text("A pinned: Seed 4. B now: Seed 7.").wait_for()
    tab.until("player.querySelector('.fp-scene')._fullLayout.scene2")
    assert tab.page.locator(".fp-film").all_inner_texts() == ["A pinned", "B now"]
    tab.page.get_by_role("button", name="Unpin A").click()
    tab.until("!player.querySelector('.fp-scene')._fullLayout.scene2 && !player.classList.contains('fp-compare')")


def test_two_films_play_to_the_end_of_the_longer_one(tab):
    tab.open(steps=100, classes=3, dimension=2, pin="steps:300").until("player.classList.contains('fp-compare')")
    sides = tab.page.locator(".fp-film")
    tab.page.keyboard.press("Home")
    tab.until("player.dataset.frame === '0'")
    assert sides.all_inner_texts() == ["A pinned", "B now"]
    tab.page.keyboard.press("End")
    tab.until("player.dataset.step === '300'")
    assert sides.all_inner_texts() == ["A pinned", "B now, ended at step 100 · t 10"]
    assert tab.page.locator(".fp-heading").inner_text() == "A: 4 classes in 3 dimensions · B: 3 classes in 2 dimensions"
    targets = tab.page.locator(".fp-matrix-words > [data-term=cosines]:visible").all_inner_texts()
    assert targets == [
        "A: cosines: blank at −1/3, ■\u00a0above, ●\u00a0below",
        "B: cosines: blank at −1/2, ■\u00a0above, ●\u00a0below",
    ]
    assert tab.page.locator(".fp-matrix:visible").count() == 2


def test_classes_that_come_later_are_as_large_as_on_a_fresh_page(tab):
    def picture():
        tab.page.get_by_role("button", name="Last frame", exact=True).click()
        tab.until("player.dataset.playing === 'false' && player.dataset.frame === String(player.dataset.frames - 1)")
        tab.drawn()
        return tab.page.locator(".fp-scene").screenshot()

    tab.open(steps=100).pause()
    press_on_slider(tab, "Classes K", "ArrowRight")
    tab.shows(RunConfig(steps=100, classes=5).digest)
    tab.page.wait_for_url("**classes=5**")
    grown = picture()
    tab.page.reload()
    fresh = tab.shows(RunConfig(steps=100, classes=5).digest) and picture()
    assert looks_like(grown, fresh)


def test_a_rate_that_diverges_is_marked_and_explained(tab):
    tab.open(learning_rate=20).shows(RunConfig(learning_rate=20).digest)
    tab.page.get_by_role("button", name="diverged").wait_for()
    tab.page.locator(".lab-sentence", has_text="stability limit").wait_for()
    tab.page.get_by_role("button", name="Last frame", exact=True).click()
    tab.until("player.dataset.frame === String(player.dataset.frames - 1)")
    assert 0 < int(tab.player("step")) < 10_000
    assert tab.page.get_by_role("button", name="Continue 10×").is_disabled()
    assert tab.refusals() == []


def test_a_long_run_grows_its_film_can_be_cancelled_and_taken_up_again(tab):
    long = {"classes": 20, "dimension": 30, "per_class": 100, "steps": 1_000_000}
    tab.open(**long).shows(RunConfig(**long).digest)
    tab.page.get_by_role("progressbar").wait_for()
    tab.page.get_by_text("of 1,000,000").wait_for()
    frames = tab.last
    tab.until("player.dataset.partial === 'true' && Number(player.dataset.frames) > argument + 1", frames)
    tab.page.get_by_role("button", name="Cancel").click()
    tab.page.get_by_role("button", name="Go on").wait_for()
    tab.page.get_by_role("progressbar").wait_for(state="detached")
    assert tab.player("digest") == RunConfig(**long).digest
    assert tab.last > frames
    tab.page.keyboard.press("End")
    tab.until("player.dataset.frame === String(player.dataset.frames - 1)")
    assert 0 < int(tab.player("step")) < 1_000_000
    tab.page.get_by_role("button", name="Go on").click()
    tab.page.get_by_role("button", name="Cancel").click()
