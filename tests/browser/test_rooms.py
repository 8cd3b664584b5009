"""A class in Chromium: a teacher and two students in three contexts, and a server that is killed in the middle."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from rooms.clients import Lab

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def lab(tmp_path):
    lab = Lab(tmp_path).start()
    yield lab
    lab.stop()


@pytest.fixture
def page_of(contexts):
    """Opens a page as a visitor of its own, under our policy, which may not be broken."""
    errors = []

    def make(address, **options):
        page = contexts(bypass_csp=False, **options).new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
        page.goto(address)
        return page

    yield make
    assert errors == []


def choose(student, place):
    student.locator(".tour-option").nth(place).click()
    student.get_by_role("button", name="Answer", exact=True).first.click()
    expect(student.locator(".room-line")).to_have_attribute("data-line", "sent")


def test_a_class_goes_on_through_the_death_of_its_server(lab, page_of):
    code, secret = lab.open()
    base = f"http://localhost:{lab.port}"
    teacher = page_of(f"{base}/teach/{code}#{secret}")
    assert secret not in teacher.url  # a class sees the address bar
    expect(teacher.locator(".teach-letters")).to_have_text(code)
    expect(teacher.locator(".teach-qr")).to_have_js_property("complete", True)
    assert teacher.locator(".teach-qr").evaluate("qr => qr.naturalWidth") > 0
    one, other = page_of(f"{base}/room/{code}", **PHONE), page_of(f"{base}/room/{code}", **PHONE)
    expect(teacher.locator(".teach-here")).to_have_text("2 here")
    teacher.get_by_role("button", name="Begin").click()
    choose(one, 2)
    choose(other, 0)
    teacher.get_by_role("button", name="Show answers").first.click()
    chart = teacher.locator(".teach-picture svg").first
    expect(chart).to_have_attribute("aria-label", "2 answers.")
    seats = {page.locator(".room-seat").inner_text() for page in (one, other)}
    assert seats == {"No. 1", "No. 2"}

    lab.kill()
    for page in (one, other):
        expect(page.locator(".room-line")).to_have_attribute("data-line", "lost")
    lab.start()
    for page in (one, other):
        expect(page.locator(".room-line")).to_have_attribute("data-line", "open")
    expect(teacher.locator(".teach-here")).to_have_text("2 here")
    assert lab.results(code, secret)["scenes"][0]["questions"][0]["counts"] == [1, 0, 1]

    teacher.get_by_role("button", name="Reveal").first.click()
    expect(one.locator(".tour-verdict").first).to_have_attribute("data-right", "true")
    expect(other.locator(".tour-verdict").first).to_have_attribute("data-right", "false")
    assert lab.answer(code, "a-late-student", answer=1) == 409
    other.reload()
    expect(other.locator(".tour-verdict").first).to_have_attribute("data-right", "false")
    assert {page.locator(".room-seat").inner_text() for page in (one, other)} == seats

    lab.move(code, secret, starts=True)
    expect(teacher.locator(".room-start")).to_have_count(2)
    number = one.locator(".room-seat").inner_text().removeprefix("No. ")
    expect(one.locator(".room-start-own")).to_have_attribute("data-seed", number)
    film = one.get_by_test_id("film-player")
    scenes = film.get_attribute("data-digest")
    one.get_by_role("button", name="Play your start").click()
    expect(film).to_have_attribute("data-digest", re.compile(f'"seed":{number}\\b'))
    one.get_by_role("button", name="Back to the scene").click()
    expect(film).to_have_attribute("data-digest", scenes)

    lab.move(code, secret, scene=1)  # as another device of the teacher's does
    for page in (teacher, one, other):
        expect(page.locator(".room-tour")).to_have_attribute("data-scene", "1")
    expect(one.locator(".tour-bar")).to_be_hidden()
    teacher.get_by_role("button", name="Let them roam").click()
    expect(one.locator(".tour-bar")).to_be_visible()
    one.get_by_role("button", name="Back").click()
    expect(one.locator(".room-tour")).to_have_attribute("data-scene", "0")
    expect(other.locator(".room-tour")).to_have_attribute("data-scene", "1")
    assert all(secret not in page.content() for page in (one, other))
    lab.move(code, secret, ended=True)
    expect(one.locator(".room-line")).to_contain_text("The class is over")
    one.goto(f"{base}/room/{code}")
    expect(one.get_by_label("The five letters")).to_be_visible()
    teacher.reload()
    teacher.get_by_role("button", name="Show answers").first.click()
    expect(chart).to_have_attribute("aria-label", "2 answers.")


def test_a_rehearsal_fills_the_screen_and_a_secret_is_needed(lab, page_of):
    base = f"http://localhost:{lab.port}"
    opening = page_of(f"{base}/teach")
    opening.locator("article", has_text="The collapse").first.get_by_role("button", name="Rehearse").click()
    expect(opening.locator(".teach-rehearsal")).to_be_visible()
    expect(opening.locator(".teach-count").first).to_have_text("30 of 30 answered")
    stranger = page_of(opening.url)
    expect(stranger.locator(".teach-trouble")).to_contain_text("Only the browser that opened this room")
