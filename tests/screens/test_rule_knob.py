"""The knob "Rule" and those of imbalance on the page: they show what the run says, and change nothing but it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pages import link_of, open_page, refusals, sound, texts
from streamlit.testing.v1 import AppTest

from app.page.derived import RULES, rule_of
from tests.screens.test_playground import SCRIPT, lab_of
from ulpm_core import RunConfig

SMALL = {"classes": "4", "per_class": "4", "steps": "50"}


def opened(**link):
    return open_page(AppTest.from_file(str(SCRIPT), default_timeout=180), **SMALL | link)


def widget(page, key):
    found = [w for kind in ("selectbox", "select_slider") for w in page.sidebar.get(kind) if w.key == key]
    return found[0] if found else None


def turn(page, key, value):
    return sound(widget(page, key).set_value(value).run())


def folded(page):
    (advanced,) = (block for block in page.sidebar.expander if block.label == "Advanced")
    return {w.key for kind in ("selectbox", "select_slider") for w in advanced.get(kind)}


def test_the_first_knob_is_the_rule_and_a_chosen_one_shows_its_own_knobs():
    page = opened()
    assert page.sidebar.selectbox[0].key == "rule"
    assert widget(page, "rule").value == "ulpm"
    assert {"weight_decay", "norm_bound_w", "loss"} <= folded(page)
    for rule in RULES[1:]:
        turn(page, "rule", rule.name)
        assert rule_of(lab_of(page).config) == rule.name
        assert rule.sentence in [caption.value for caption in page.sidebar.caption]
        own = {name for name in rule.sets if name != "loss"}
        assert not own & folded(page)
        assert all(widget(page, name) for name in own)
    assert turn(page, "rule", "ulpm")
    assert link_of(page) == {name: text for name, text in SMALL.items() if name != "classes"} | {"dimension": "4"}


def test_a_link_says_the_rule_without_naming_it_and_a_turned_knob_changes_what_is_shown():
    page = opened(norm_bound_w="2", norm_bound_h="5")
    assert widget(page, "rule").value == "norm-bound"
    assert "rule" not in link_of(page)
    turn(page, "rule", "weight-decay")
    turn(page, "weight_decay", 0.0)
    assert widget(page, "rule").value == "ulpm"


def test_a_rule_that_a_flow_does_not_follow_is_taken_by_steps():
    page = opened(method="gradient-flow", log_time="5")
    turn(page, "rule", "norm-bound")
    assert (rule_of(lab_of(page).config), lab_of(page).config.method) == ("norm-bound", "gradient-descent")
    assert refusals(page) == []


def test_imbalance_writes_class_sizes_and_takes_them_back():
    page = opened()
    assert widget(page, "majority") is None
    turn(page, "ratio", 5.0)
    assert lab_of(page).config.class_sizes == (20, 20, 4, 4)
    turn(page, "majority", 1)
    turn(page, "minority_size", 3)
    assert link_of(page)["class_sizes"] == "15,3,3,3"
    assert (widget(page, "majority").value, widget(page, "minority_size").value) == (1, 3)
    turn(page, "ratio", 1000.0)
    assert lab_of(page).config.class_sizes == (1000, 1, 1, 1)
    turn(page, "ratio", 1.0)
    assert lab_of(page).config == RunConfig(classes=4, per_class=1, steps=50)
    assert widget(page, "minority_size") is None


def test_what_would_take_too_long_is_refused_in_words_and_the_knob_goes_back():
    page = opened(dimension="64", classes="10")
    page.session_state["lab"] = replace(lab_of(page), config=lab_of(page).config.with_changes(steps=1_000_000))
    page.session_state["steps"] = 1_000_000
    turn(page, "ratio", 1000.0)
    assert "class_sizes = 1000,1000" in refusals(page)[0]
    assert widget(page, "ratio").value == 1.0


@pytest.mark.parametrize("link", [{"initialisation": "square"}, {"class_sizes": "6,4,2,1"}])
def test_where_sizes_have_no_knob_none_is_drawn(link):
    page = open_page(AppTest.from_file(str(SCRIPT), default_timeout=180), steps="50", **link)
    assert widget(page, "ratio") is None
    assert (widget(page, "rule") is None) == ("initialisation" in link)


def test_what_is_disputed_is_said_where_decay_is_on_stage():
    def said(page):
        return texts(page, "lab-care lab-disputed")

    page = opened()
    assert said(page) == []
    turn(page, "rule", "weight-decay")
    (words,) = said(page)
    assert "In 3,900 trainings Zhao, Cheng, Masarczyk and Lucchi saw it come" in words
    (html,) = (one.proto.body for one in page.get("html") if "lab-disputed" in one.proto.body)
    assert 'href="https://arxiv.org/abs/2602.16642"' in html and 'href="https://arxiv.org/abs/2110.02796"' in html
