"""Four films on one clock: in an offline file, and on the Rules screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from app.page.siblings import runs_of
from app.page.state import PageState
from app.player.offline import offline_html
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import build_film

pytestmark = pytest.mark.browser

BASE = RunConfig(classes=3, dimension=3, per_class=4, steps=200)
NAMES = ["ULPM", "Weight decay", "Norm balls", "Label smoothing"]
CAMERAS = """["scene", "scene2", "scene3", "scene4"].map((name) =>
  JSON.stringify(document.querySelector(".fp-scene")._fullLayout[name].camera.eye))"""
PLACES = """[...document.querySelectorAll(".fp-film, .fp-matrix")].filter((e) => e.checkVisibility()).map((e) => {
  const { left, top, right, bottom } = e.getBoundingClientRect();
  return [left, top, right, bottom];
})"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def films():
    runs = [run.with_changes(steps=200 + 50 * (i == 1)) for i, run in enumerate(runs_of(PageState(BASE)))]
    return [build_film(simulate(run)) for run in runs]


@pytest.fixture
def four(tab_of, tmp_path, films):
    def open_file(**options):
        path = tmp_path / "four.html"
        path.write_text(offline_html([film.to_bytes() for film in films], "Four", NAMES), encoding="utf-8")
        tab = tab_of(**options)
        tab.server = "file://"
        tab.page.goto(path.as_uri())
        return tab.shows(films[-1].digest).until("player.dataset.playing === 'false'")

    return open_file


def test_four_films_have_one_clock_one_camera_and_a_name_each(four, films):
    tab = four()
    names = tab.page.locator(".fp-film")
    tab.page.keyboard.press("End")
    tab.until("player.dataset.step === '250'")  # the clock is that of the film that goes on longest
    ended = ["A ULPM, ended at step 200 · t 20", "B Weight decay"]
    assert names.all_inner_texts()[:2] == ended
    before = set(tab.evaluate(CAMERAS))
    tab.page.keyboard.press("Shift+ArrowLeft")
    tab.drawn()
    (after,) = set(tab.evaluate(CAMERAS))
    assert before != {after}
    live = tab.page.locator(".fp-unseen[aria-live]").inner_text()
    assert [f"{letter}: " in live or f"{letter}, " in live for letter in "ABCD"] == [True] * 4


def test_a_key_or_a_click_chooses_the_film_whose_figures_are_read(four):
    tab = four()
    names, figure = tab.page.locator(".fp-film"), tab.page.locator(".fp-figure").first
    expect(names.nth(3)).to_have_attribute("aria-pressed", "true")
    assert figure.inner_text().startswith("D ")
    tab.page.keyboard.press("2")
    expect(names.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(names.nth(3)).to_have_attribute("aria-pressed", "false")
    expect(figure).to_contain_text("B ")
    names.nth(0).click()
    expect(figure).to_contain_text("A ")
    assert tab.page.locator(".fp-mark").first.inner_text().startswith("A · ")
    tab.page.keyboard.press("m")
    assert tab.page.locator(".fp-table:visible").count() == 4


@pytest.mark.parametrize(
    ("width", "height", "scheme"), [(390, 844, "dark"), (1280, 720, "light"), (1920, 1080, "dark")]
)
def test_four_films_and_their_matrices_lie_two_by_two_and_hide_each_other_nowhere(four, width, height, scheme):
    tab = four(viewport={"width": width, "height": height}, color_scheme=scheme)
    assert tab.evaluate(OVERFLOW) <= 0
    places = tab.evaluate(PLACES)
    assert len(places) == 8
    for i, (left, top, right, bottom) in enumerate(places):
        assert 0 <= left < right <= width
        for x, y, x1, y1 in places[:i]:
            assert right <= x or x1 <= left or bottom <= y or y1 <= top
    names = places[:4]
    assert names[0][1] == names[1][1] < names[2][1] == names[3][1]
    assert names[0][0] < names[1][0] and names[2][0] < names[3][0]
    stage = tab.page.locator(".fp-scene").bounding_box()
    assert stage["height"] > 0.35 * min(height, width)


def test_the_rules_screen_shows_four_films_and_what_came_of_them(tab):
    tab.open(classes=3, dimension=3, steps=100)
    before = tab.player("digest")
    tab.page.get_by_role("link", name="Rules").click()
    tab.until("player.dataset.digest !== argument && player.classList.contains('fp-many')", before)
    assert tab.page.locator(".fp-film").all_inner_texts() == [
        f"{x} {name}" for x, name in zip("ABCD", NAMES, strict=True)
    ]
    tab.page.get_by_role("rowheader", name="B Weight decay").wait_for()
    tab.page.get_by_text("Just past collapse").click()
    tab.page.wait_for_url("**/rules?steps=100000&d=squared-error&ratio=15&decay=1.5&bound=1.5")
    tab.page.get_by_text("is past the threshold of weight decay 1.5 and of norm balls 1.5").wait_for()
    expect(tab.page.locator(".fp-film").last).to_contain_text("D Squared error")
    tab.page.go_back()
    tab.page.wait_for_url("**/rules")
    expect(tab.page.locator(".fp-film").last).to_contain_text("D Label smoothing")
