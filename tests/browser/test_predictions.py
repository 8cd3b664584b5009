"""Sketching a curve and placing class means, in the offline file of a tour: by mouse, finger and keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from app.tour_player.data import tour_data
from app.tour_player.offline import tour_html
from app.tours.document import read_tour
from app.tours.made import FilmMaker

pytestmark = pytest.mark.browser

TOUR = """\
---
title: Before the run
minutes: 2
---
# Sketch
```film
classes=3&dimension=2&per_class=4&steps=60&seed=3
until: step=10
show: loss
```

```question draw loss
How does the loss go on?
Because it falls.
```

# Place
```film
classes=3&dimension=2&per_class=4&steps=60&seed=3
until: step=10
```

```question place
Where do the class means end?
Because they push each other away.
```
"""
ANSWERS = "JSON.parse(Object.entries(localStorage).find(([, value]) => value.includes('answers'))[1]).answers"


@pytest.fixture
def tour(tab_of, tmp_path):
    """Opens the tour from a file, in a tab of its own whose films go at once to where they wait."""
    path = tmp_path / "tour.html"
    path.write_text(tour_html(tour_data(read_tour(TOUR.encode(), "tour.md"), FilmMaker().take)), encoding="utf-8")

    def open_tour(**options: object) -> Page:
        tab = tab_of(**options)
        tab.server = "file://"
        tab.page.goto(path.as_uri())
        return tab.page

    return open_tour


def drag(page: Page, *points: tuple[float, float]) -> None:
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=8)
    page.mouse.up()


def length(page: Page, line: str) -> float:
    """The width in pixels of what a line has drawn."""
    return page.locator(f".tp-board {line}").evaluate("(path) => path.getBBox().width")


def test_a_curve_is_sketched_by_mouse_and_keys_and_the_run_draws_over_it(tour):
    page = tour()
    pad, answer = (
        page.get_by_role("slider", name="Sketch of Loss"),
        page.get_by_role("button", name="Answer", exact=True),
    )
    anew = page.get_by_role("button", name="Begin anew")
    expect(pad).to_have_attribute("aria-valuetext", re.compile(r"^step \d+ · t [\d.]+: nothing sketched$"))
    expect(answer).to_be_disabled()
    box = pad.bounding_box()
    at = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in ((0.02, 0.5), (1.2, 0.7), (0.5, 0.1))]
    drag(page, *at)
    expect(answer).to_be_enabled()
    anew.click()
    expect(answer).to_be_disabled()
    drag(page, *at)
    before = pad.get_attribute("aria-valuetext")
    pad.press("End")
    pad.press("Shift+ArrowDown")
    assert "nothing" not in pad.get_attribute("aria-valuetext") != before
    so_far = length(page, ".tp-run")
    answer.click()
    said = page.locator(".tp-said")
    expect(said).to_have_text(
        re.compile(r"^Across the picture your sketch is on average .* At the end the run is at [\d.]+, your")
    )
    assert length(page, ".tp-run") > 1.2 * so_far and length(page, ".tp-own") > 0.95 * box["width"]
    expect(pad).to_be_hidden()
    points = page.evaluate(f"{ANSWERS}['0.0'].answer")
    frames = [frame for frame, _ in points]
    assert len(points) <= 256 and frames == sorted(set(frames)) and frames[0] > 0
    words = said.inner_text()
    page.reload()
    expect(said).to_have_text(words)


def test_class_means_are_placed_by_mouse_and_keys_and_the_run_moves_to_its_own(tour):
    page = tour()
    page.get_by_role("button", name="Scene 2: Place").click()
    marks = page.get_by_role("slider", name="Class mean")
    expect(marks).to_have_count(3)
    one, board = marks.nth(0).bounding_box(), page.locator(".tp-board svg").bounding_box()
    drag(page, (one["x"] + 22, one["y"] + 22), (board["x"] + board["width"] - 60, board["y"] + board["height"] / 2))
    expect(marks.nth(0)).to_have_attribute("aria-valuetext", re.compile("^−?0° from the right, "))
    marks.nth(1).press("ArrowUp")
    up = float(marks.nth(1).get_attribute("aria-valuetext").split()[4])
    marks.nth(1).press("Shift+ArrowDown")
    assert float(marks.nth(1).get_attribute("aria-valuetext").split()[4]) != up
    before = page.locator(".tp-board").screenshot()
    page.get_by_role("button", name="Answer", exact=True).click()
    said = page.locator(".tp-said")
    expect(said).to_have_text(
        re.compile(r"^The angles between your class means are \d+(\.\d)?° off on average, and at most ")
    )
    assert "only angles and lengths count" in said.inner_text()
    assert page.locator(".tp-board").screenshot() != before and page.locator(".tp-own-means path").count() == 3
    assert len(page.evaluate(f"{ANSWERS}['1.0'].answer")) == 3


def test_a_finger_draws_and_drags_and_does_not_scroll_the_page(tour):
    page = tour(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    hand = page.context.new_cdp_session(page)

    def swipe(box, start, end):
        at = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in (start, end)]
        for i in range(11):
            x, y = (a + (b - a) * i / 10 for a, b in zip(*at, strict=True))
            kind = "touchMove" if i else "touchStart"
            hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    answer = page.get_by_role("button", name="Answer", exact=True)
    pad = page.get_by_role("slider", name="Sketch of Loss")
    pad.evaluate("(pad) => pad.scrollIntoView({ block: 'center' })")
    place = page.evaluate("scrollY")
    expect(page.locator(".tp-board")).to_have_css("touch-action", "pan-y pinch-zoom")  # else a slow stroke goes back
    swipe(pad.bounding_box(), (0.05, 0.9), (0.95, 0.1))
    expect(answer).to_be_enabled()
    assert page.evaluate("scrollY") == place and length(page, ".tp-own") > 0.9 * pad.bounding_box()["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Show me").click()
    tops = [page.locator(part).bounding_box()["y"] for part in (".tour-title", ".tour-stage", ".tour-question")]
    assert tops == sorted(tops) and tops[1] < 0  # words, film, question; the film went on out of sight
    page.get_by_role("button", name="See the film").click()
    expect(page.locator(".tour-stage .fp-scene").first).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.get_by_role("heading", name="Place")).to_be_in_viewport()
    expect(page.get_by_role("button", name="See the film")).to_have_count(0)
    mark = page.get_by_role("slider", name="Class mean 2")
    mark.evaluate("(mark) => mark.scrollIntoView({ block: 'center' })")
    place, before = page.evaluate("scrollY"), mark.bounding_box()
    swipe(before, (0.5, 0.5), (0.5, 3.0))
    expect(answer).to_be_enabled()
    assert page.evaluate("scrollY") == place and mark.bounding_box()["y"] > before["y"] + 20
