"""The knob "Rule" in Chromium: on the page, and in the lab in one file, where its own knobs come to stand under it."""

from __future__ import annotations

import pytest

from app.page.derived import RULES
from tests.browser.test_lab_file import alone, file, knob, shown  # noqa: F401
from ulpm_core import RunConfig

pytestmark = pytest.mark.browser

LABELS = {rule.name: rule.label for rule in RULES}


def test_a_chosen_rule_shows_its_film_and_its_knob_and_back_leads_out_again(tab):
    tab.open(steps=300).shows(RunConfig(steps=300).digest)
    rule = tab.page.get_by_role("combobox", name="Rule")
    rule.click()
    tab.page.get_by_role("option", name=LABELS["weight-decay"], exact=True).click()
    tab.shows(RunConfig(steps=300, weight_decay=0.1).digest)
    tab.page.get_by_role("slider", name="Weight decay λ").wait_for()
    tab.page.get_by_text("A price on the lengths of W and H").wait_for()
    tab.page.get_by_role("slider", name="Imbalance R").press("ArrowRight")
    sizes = RunConfig(steps=300, weight_decay=0.1, class_sizes=(60, 60, 30, 30))
    tab.shows(sizes.digest)
    tab.page.go_back()
    tab.shows(RunConfig(steps=300, weight_decay=0.1).digest)
    tab.page.go_back()
    tab.shows(RunConfig(steps=300).digest)
    tab.page.get_by_text(RULES[0].sentence).first.wait_for()


def test_the_lab_in_one_file_has_the_same_knobs(alone):  # noqa: F811
    tab = alone()
    assert tab.page.locator(".lab-knob").first.get_attribute("data-knob") == "rule"
    assert not knob(tab, "norm_bound_w").is_visible()
    disputed = tab.page.locator(".lab-disputed")
    assert not disputed.is_visible()
    knob(tab, "rule").select_option("norm-bound")
    shown(tab, norm_bound_h=3, norm_bound_w=3)
    assert knob(tab, "norm_bound_w").is_visible() and knob(tab, "norm_bound_h").is_visible()
    knob(tab, "rule").select_option("squared-error")
    shown(tab, dimension=4, loss="squared-error", weight_decay=0.1)
    assert disputed.is_visible()
    assert knob(tab, "weight_decay").is_visible() and not knob(tab, "norm_bound_w").is_visible()
    knob(tab, "ratio").focus()
    for _ in range(3):
        tab.page.keyboard.press("ArrowRight")
    shown(tab, class_sizes=[150, 150, 30, 30], dimension=4, loss="squared-error", weight_decay=0.1)
    assert knob(tab, "majority").input_value() == "1"  # the second rung: two large classes
    assert not knob(tab, "per_class").is_visible()
    knob(tab, "rule").select_option("ulpm")
    assert "weight_decay" not in tab.evaluate("location.hash")
