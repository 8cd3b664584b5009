"""The player by itself, in one offline file: what it shows, and whose the keys and the pointer are."""

from __future__ import annotations

import pytest

from app.player.offline import offline_html
from app.terms.glossary import LEGEND, TERMS
from tests.browser.conftest import Tab, looks_like
from ulpm_core import RunConfig, simulate
from ulpm_core.analysis.curves import CURVES
from ulpm_core.film.film import build_film

pytestmark = pytest.mark.browser

DRAWN = "JSON.stringify([...document.querySelector('.fp-scene').data.map(({ x }) => [...x])])"

STATE = """({ scroll: scrollY, eye: JSON.stringify(document.querySelector('.fp-scene')._fullLayout.scene.camera.eye),
    frame: document.querySelector('.fp').dataset.frame, zoom: visualViewport.scale })"""

AT_REST = """new Promise((done) => {
  let [place, still] = [null, 0];
  const look = setInterval(() => {
    still = place === scrollY ? still + 1 : 0;
    place = scrollY;
    if (still > 4) done(clearInterval(look));
  }, 40);
})"""
"""A swipe scrolls on for a while."""


@pytest.fixture
def alone(tab_of, tmp_path):
    """Opens the film of a config in a tab of its own, still and at its end."""

    def open_film(config: RunConfig, script: str = "", **options: object) -> Tab:
        path = tmp_path / f"{config.digest}.html"
        path.write_text(offline_html([build_film(simulate(config)).to_bytes()], "A run"), encoding="utf-8")
        tab = tab_of(**options)
        tab.server = "file://"
        tab.page.add_init_script(script)
        tab.page.goto(path.as_uri())
        return tab.shows(config.digest).until("player.dataset.playing === 'false'")

    return open_film


def test_what_is_not_defined_is_said_and_not_drawn(alone):
    tab = alone(RunConfig(classes=2, dimension=1, per_class=1, initial_scale=0.0, steps=10))
    tab.page.locator(".fp-more").click()
    words = tab.page.locator(".fp-plot [data-kind=empty]").all_text_contents()
    assert words == ["not defined here"] * 5 + ["0 all the time"]
    assert tab.page.locator(".fp-plot [data-kind=value]").count() == 1  # of the loss, 2 log 2 for ever
    assert tab.page.locator(".fp-plot [data-kind=clock]").all_text_contents() == ["0", "10"]
    matrix = tab.page.locator(".fp-matrix").first
    assert matrix.get_attribute("aria-label") == "Cosines between classes: not defined here."


def test_a_film_that_stands_still_is_still_on_its_tour_too(alone):
    tab = alone(RunConfig(classes=5, dimension=4, per_class=2, steps=100))
    tab.page.get_by_label("View of many dimensions").select_option("tour")
    before = tab.evaluate(f"new Promise((done) => setTimeout(() => done({DRAWN}), 100))")
    assert tab.evaluate(f"new Promise((done) => setTimeout(() => done({DRAWN}), 300))") == before
    tab.page.keyboard.press("Home")
    assert tab.until("player.dataset.frame === '0'").evaluate(DRAWN) != before


def test_keys_are_the_films_again_once_a_pointer_has_used_a_control(alone):
    tab = alone(RunConfig(steps=100))
    trails = tab.page.get_by_role("button", name="Trails")
    trails.click()
    tab.page.keyboard.press("Space")
    tab.until("player.dataset.playing === 'true'").pause()
    assert trails.get_attribute("aria-pressed") == "false"
    assert tab.evaluate("document.activeElement === document.body")  # after Pause, whose icon changed under the pointer
    speed = tab.page.get_by_label("Speed")
    speed.dispatch_event("pointerdown")
    speed.focus()
    speed.select_option("2")
    tab.page.keyboard.press("f")
    tab.until("player.classList.contains('fp-full')")
    trails.focus()  # whoever came by key keeps the control
    tab.page.keyboard.press("Space")
    assert trails.get_attribute("aria-pressed") == "true"
    assert trails.evaluate("(button) => button === document.activeElement")


def test_one_definition_is_open_at_a_time_and_is_easily_closed(alone):
    tab = alone(RunConfig(steps=100))
    names, notes = tab.page.locator(".fp-name"), tab.page.locator(".fp-note:visible")
    names.nth(0).click()
    names.nth(1).click()
    (said,) = notes.all_inner_texts()
    curve = CURVES["nc1_trace_ratio"]
    assert said.startswith(f"{curve.label}\n{curve.words}")
    assert notes.locator("math mfrac").count() == 1
    assert [name.get_attribute("aria-expanded") for name in names.all()][:3] == ["false", "true", "false"]
    for width in (1280, 390):  # beside the curves, or over the clock at the lower edge: never over the next curve
        tab.page.set_viewport_size({"width": width, "height": 844})
        note, curves = notes.bounding_box(), tab.page.locator(".fp-curves").bounding_box()
        bar = tab.page.locator(".fp-bar").bounding_box()
        assert note["x"] + note["width"] <= curves["x"] or note["y"] + note["height"] <= bar["y"] + 1
    tab.page.set_viewport_size({"width": 1280, "height": 720})
    tab.page.keyboard.press("f")
    tab.page.keyboard.press("Escape")  # the definition first, then the full stage
    assert notes.count() == 0
    assert tab.evaluate("document.querySelector('.fp').classList.contains('fp-full')")
    tab.page.keyboard.press("Escape")
    tab.until("!player.classList.contains('fp-full')")
    names.nth(2).click()
    tab.page.locator(".fp-heading").click()
    assert notes.count() == 0
    row = tab.page.locator(".fp-title").first.bounding_box()
    tab.page.mouse.click(row["x"] + row["width"] / 2, row["y"] + row["height"] / 2)  # beside the name: a seek
    tab.until("Number(player.dataset.frame) < player.dataset.frames - 1")
    assert notes.count() == 0


def test_curves_beyond_the_first_three_are_folded_until_they_are_opened_and_this_is_remembered(alone):
    tab = alone(RunConfig(steps=100))
    names, more = tab.page.locator(".fp-name"), tab.page.locator(".fp-more")
    assert names.count() == 3
    folded = int(more.inner_text().split()[0])
    assert more.get_attribute("aria-expanded") == "false"
    more.focus()
    tab.page.keyboard.press("Enter")
    assert names.count() == 3 + folded and more.get_attribute("aria-expanded") == "true"
    tab.page.reload()
    tab.until("'frame' in player.dataset")
    assert names.count() == 3 + folded
    more.click()
    assert names.count() == 3


def test_what_is_drawn_explains_itself_to_keys_and_fingers_and_closes_before_anything_else(alone):
    tab = alone(RunConfig(steps=100))
    legend, said = tab.page.locator(".fp-legend .lab-term"), tab.page.locator(".fp-explained")
    assert legend.all_inner_texts() == list(LEGEND.values())
    tab.page.keyboard.press("f")
    legend.nth(2).focus()
    tab.page.keyboard.press("Enter")
    assert said.inner_text().startswith(f"{TERMS['arrow'].name}\n{TERMS['arrow'].words}")
    assert said.locator("math").count() == 1 and said.get_attribute("role") == "status"
    assert legend.nth(2).get_attribute("aria-expanded") == "true"
    tab.page.keyboard.press("Escape")
    assert said.count() == 0 and legend.nth(2).evaluate("(term) => term === document.activeElement")
    assert tab.evaluate("document.querySelector('.fp').classList.contains('fp-full')")
    tab.page.keyboard.press("Escape")
    tab.page.set_viewport_size({"width": 390, "height": 844})
    legend.nth(0).click()
    legend.nth(3).focus()
    tab.page.keyboard.press("Enter")
    box = said.bounding_box()  # one at a time, and within the window
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390 and box["y"] + box["height"] <= 844
    tab.page.locator(".fp-heading").click()
    assert said.count() == 0


def test_a_finger_scrolls_turns_and_seeks_and_two_zoom(alone):
    tab = alone(RunConfig(steps=100), viewport={"width": 390, "height": 700}, has_touch=True, is_mobile=True)
    fingers = tab.page.context.new_cdp_session(tab.page)

    def move(selector, across=0, down=0, apart=0):
        """One finger from the middle of an element, or two that part; what it changed: scroll, eye, frame, zoom."""
        tab.evaluate(AT_REST)
        before = tab.evaluate(STATE)
        box = tab.page.locator(selector).bounding_box()
        x, y = box["x"] + box["width"] / 2, min(box["y"] + box["height"] / 2, 500)
        for i in range(9):
            kind = "touchStart" if i == 0 else "touchMove"
            ends = [(-apart, 1), (apart, 2)] if apart else [(0, 1)]
            points = [
                {"x": x + side / 3 + i * (across + side) / 8, "y": y + i * down / 8, "id": number}
                for side, number in ends
            ]
            fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        tab.evaluate(AT_REST)
        after = tab.evaluate(STATE)
        return {name for name in before if before[name] != after[name]}

    assert move(".fp-scene", across=90) == {"eye"}
    assert move(".fp-scene", down=-90) == {"scroll"}
    tab.evaluate("scrollTo(0, document.querySelector('.fp-curves').getBoundingClientRect().top + scrollY - 100)")
    assert move(".fp-curves", across=-90) == {"frame"}
    assert move(".fp-curves", down=-90) == {"scroll"}
    assert move(".fp-curves", across=3) == {"frame"}  # a tap
    tab.evaluate("scrollTo(0, 0)")
    assert move(".fp-scene", apart=60) == {"zoom"}


COUNT_READS = """
window.reads = 0;
for (const Kind of [WebGLRenderingContext, WebGL2RenderingContext]) {
  const read = Kind.prototype.readPixels;
  Kind.prototype.readPixels = function (...all) { window.reads += 1; return read.apply(this, all); };
}
"""
CANVAS = "(({ clientWidth, width }) => [clientWidth, width])(document.querySelector('.fp-scene canvas'))"
FITS = f"(([shown, drawn]) => shown === player.querySelector('.fp-scene').clientWidth && drawn === 2 * shown)({CANVAS})"


@pytest.mark.parametrize("classes", [4, 6])
def test_what_moves_on_stage_is_drawn_as_plotly_would_draw_it_and_nothing_is_read_back(alone, classes):
    tab = alone(RunConfig(classes=classes, dimension=classes - 1, per_class=7, steps=300), script=COUNT_READS)
    tab.page.keyboard.press("Home")
    tab.until("player.dataset.frame === '0'")
    tab.evaluate("new Promise((done) => setTimeout(done, 100))")  # what was under way is over
    before = tab.evaluate("window.reads")
    stage, seen = tab.page.locator(".fp-scene"), []
    for key in ("ArrowRight", "End", "ArrowLeft", "Shift+ArrowLeft"):
        tab.page.keyboard.press(key)
        tab.drawn()
        seen.append(stage.screenshot())
    tab.page.mouse.move(300, 300)
    tab.page.keyboard.press("l")  # or it may end before anybody has looked
    tab.play().pause()
    assert tab.evaluate("window.reads") == before
    assert len(set(seen)) == len(seen) and not looks_like(*seen[:2])
    tab.drawn()
    moved = stage.screenshot()
    tab.evaluate("Plotly.redraw(document.querySelector('.fp-scene'))")
    tab.drawn()
    assert looks_like(stage.screenshot(), moved)


def test_the_stage_follows_the_size_of_its_window(alone):
    tab = alone(RunConfig(steps=100))
    sizes = []
    for width in (1280, 900, 1100):
        tab.page.set_viewport_size({"width": width, "height": 720})
        tab.until(FITS)
        sizes.append(tab.evaluate(CANVAS)[0])
    assert len(set(sizes)) == 3


EYE = "JSON.stringify(document.querySelector('.fp-scene')._fullLayout.scene.camera.eye)"
GL = (
    "[...document.querySelectorAll('.fp-scene canvas:not(.fp-sketch)')].map((c) => c.getContext('webgl')).find(Boolean)"
)
REDRAW = "queueMicrotask(() => document.querySelector('.fp-scene')._fullLayout.scene._scene.glplot.redraw())"
"""What Plotly may do before it hears of a loss."""
NO_WEBGL = """
const make = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return /webgl/.test(kind) ? null : make.call(this, kind, ...rest);
};
"""
PICTURE = "document.querySelector('.fp-sketch').toDataURL()"


def test_a_stage_whose_graphics_card_forgets_it_is_drawn_anew_from_the_same_side(alone):
    tab = alone(RunConfig(steps=100))
    tab.page.keyboard.press("Shift+ArrowRight")
    tab.page.keyboard.press("ArrowLeft")
    eye, frame, names = tab.evaluate(EYE), tab.frame, tab.evaluate(DRAWN)
    for _ in range(3):
        tab.evaluate(f"window.lost = {GL}; lost.getExtension('WEBGL_lose_context').loseContext(); {REDRAW}")
        tab.until(f"{GL} && {GL} !== window.lost && !{GL}.isContextLost()")
        assert (tab.evaluate(EYE), tab.frame, tab.evaluate(DRAWN)) == (eye, frame, names)
    tab.evaluate(f"{GL}.getExtension('WEBGL_lose_context').loseContext()")  # and so on for ever
    again = tab.page.get_by_role("button", name="Draw in 3-D again")
    again.wait_for()
    assert "plain drawing" in tab.page.locator(".fp-caption").inner_text()
    again.click()
    tab.until(f"!player.querySelector('.fp-sketch') && !{GL}.isContextLost()")
    assert (tab.evaluate(EYE), tab.frame) == (eye, frame)
    assert "plain drawing" not in tab.page.locator(".fp-caption").inner_text()
    assert tab.errors == []
    with tab.page.expect_event("pageerror"):
        tab.evaluate("setTimeout(() => { throw Object.assign(new Error('ours'), { name: 'GLError' }); })")
    assert [error.splitlines()[0] for error in tab.errors] == ["ours"]  # a card is there: no excuse
    tab.errors.clear()


def test_without_webgl_the_stage_is_drawn_all_the_same_and_can_be_turned(alone):
    tab = alone(RunConfig(classes=6, dimension=5, per_class=2, steps=100), script=NO_WEBGL)
    assert "no WebGL" in tab.page.locator(".fp-caption").inner_text()
    assert tab.page.locator(".no-webgl").count() == 0
    seen = [tab.evaluate(PICTURE)]
    box = tab.page.locator(".fp-scene").bounding_box()
    tab.page.mouse.move(box["x"] + 200, box["y"] + 200)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + 260, box["y"] + 180)
    tab.page.mouse.up()
    seen.append(tab.evaluate(PICTURE))
    for key in ("Shift+ArrowUp", "ArrowLeft"):
        tab.page.keyboard.press(key)
        seen.append(tab.evaluate(PICTURE))
    tab.page.get_by_label("View of many dimensions").select_option("polygon")
    seen.append(tab.evaluate(PICTURE))
    tab.page.keyboard.press("Shift+ArrowUp")  # a plane is not turned
    assert tab.evaluate(PICTURE) == seen[-1]
    assert len(set(seen)) == len(seen)
    colours = tab.evaluate("""() => {
      const canvas = document.querySelector('.fp-sketch');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const seen = {};
      for (let i = 0; i < data.length; i += 4) {
        const colour = data.slice(i, i + 4).join();
        seen[colour] = (seen[colour] ?? 0) + 1;
      }
      return seen;
    }""")
    for colour in ("0,114,178", "213,94,0", "0,158,115", "204,121,167", "230,159,0", "86,180,233"):  # Okabe, Ito
        assert colours.get(f"{colour},255", 0) > 20, colour


def test_a_film_without_its_script_is_a_picture_with_words(tab_of, tmp_path):
    path = tmp_path / "film.html"
    path.write_text(offline_html([build_film(simulate(RunConfig(steps=100))).to_bytes()], "A run"), encoding="utf-8")
    tab = tab_of(java_script_enabled=False)
    tab.server = "file://"
    tab.page.goto(path.as_uri())
    assert tab.page.get_by_role("img", name="4 classes in 3 dimensions: a picture").bounding_box()["width"] > 300
    tab.page.get_by_text("This is the last moment of the film, as a picture.").wait_for()
