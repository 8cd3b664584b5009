"""The landscape screen through Streamlit's own test driver."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

import pytest
from landscape_page import (
    NAMES,
    PATIENCE,
    SCRIPT,
    SHORT,
    SQUARE,
    buttons,
    components,
    go,
    knobs,
    lab_of,
    opened,
    shows,
    words,
)
from pages import link_of, mounted, open_page, press, refusals, sound, texts, without_terms
from starts import few_starts as few_starts
from streamlit.testing.v1 import AppTest

from app.jobs import landscapes, question, runs
from app.jobs.cache import Cache, Memory
from app.page.runs import RUNS
from app.page.state import PageState
from app.views import landscape as views
from ulpm_core import RunConfig
from ulpm_core.analysis.landscape import landscape
from ulpm_core.model.initialisation import saddle_state
from ulpm_core.model.parameters import RANDOM_STARTS
from ulpm_core.model.saddles.gallery import SADDLES

# -- where it stands -----------------------------------------------------------------------------------------------


def test_without_a_link_it_stands_at_the_square():
    page = opened()
    assert lab_of(page) == PageState(SQUARE)
    assert (SQUARE.initialisation, SQUARE.classes, SQUARE.dimension, SQUARE.method) == ("square", 4, 3, "gradient-flow")
    assert link_of(page) == SQUARE.to_link()
    assert refusals(page) == []
    assert shows(page, SQUARE)
    player, figures = components(page)
    assert player["panels"] == "escape"
    assert [figure["label"].split(" ")[0] for figure in figures] == ["Curvatures", "The", "Loss"]
    assert SADDLES["square"].words.replace("'", "&#x27;") in texts(page, "lab-watch")[0]
    for heading in ("The ground here", "A slice", "From the square to the tetrahedron", "Many starts"):
        assert f"<h2>{heading}</h2>" in words(page)
    assert "<b>Square: a strict saddle.</b>" in words(page)
    assert "The run leaves the square at t = " in words(page)
    for step in (views.STAND, views.GROUND, views.SLICE, views.TETRAHEDRON, views.MANY):
        assert without_terms(views.step(step)) in words(page)
        assert step[1].startswith("Do not ")
    assert knobs(page) == {name for name in RUNS.turnable if RUNS.knobs[name].matters(SQUARE)} - {"initialisation"}


@pytest.mark.parametrize("name", SADDLES)
def test_every_picture_of_the_gallery_is_a_button_to_its_saddle(name):
    start = {**SHORT, "initialisation": "merged-pairs" if name == "square" else "square", "margin": "1.5", "seed": "7"}
    page = press(opened(**start), name)
    classes = SADDLES[name].own(3)
    config = RunConfig.from_mapping(
        {**start, "initialisation": name, "classes": classes, "dimension": max(classes - 1, 1)}
    )
    assert lab_of(page).config == config
    assert link_of(page) == config.to_link()
    assert shows(page, config)
    assert refusals(page) == []
    what = "the least on its sphere" if name == "simplex" else "a strict saddle"
    assert f"<b>{NAMES[name]}: {what}.</b>" in words(page)
    assert words(page).count('<img class="lab-saddle"') == len(SADDLES)
    styles = "".join(element.proto.body for element in page._tree.get("html"))  # a style stands in no column
    assert re.findall(r"<style>.stApp .st-key-([a-z-]+) button", styles) == [name]
    assert [buttons(page)[key].label for key in SADDLES] == [NAMES[key] for key in SADDLES]
    assert ("From the square to the tetrahedron" in words(page)) == (name == "square")
    assert len(components(page)[1]) == (3 if name == "square" else 2)


CURVATURES = {"plane": "curvatures"}
LABS = [
    PageState(
        RunConfig(**SHORT_TYPED, initialisation="polygon", classes=7, dimension=6, push_along=2), choices=CURVATURES
    )
    for SHORT_TYPED in [{"per_class": 2, "method": "gradient-flow", "log_time": 20.0}]
] + [
    PageState(replace(SQUARE, push=0.0, margin=0.5, log_time=30.0)),
    PageState(replace(SQUARE, dimension=2, loss_reduction="mean", log_time=30.0), question="Why does it stay?"),
    PageState(
        replace(SQUARE, method="momentum", steps=300, push_along=0, seed=9, momentum=0.5), controls=("margin", "push")
    ),
    PageState(
        replace(SQUARE, initialisation="merged-classes", classes=3, log_time=10.0), talk=True, choices=CURVATURES
    ),
    PageState(replace(SQUARE, initialisation="origin", classes=6, push=1e-4, push_along=0, log_time=10.0)),
]  # fmt: skip


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: "&".join(lab.to_link()))
def test_the_link_of_any_state_opens_that_state(lab):
    page = opened(**lab.to_link())
    assert lab_of(page) == lab
    assert link_of(page) == lab.to_link()
    assert refusals(page) == []
    assert shows(page, lab.config)
    sound(page.run())
    assert lab_of(page) == lab


@pytest.mark.parametrize(
    ("link", "said", "kept"),
    [
        (
            {"initialisation": "square", "classes": "5"},
            "classes = 5 does not make the saddle square: use 4.",
            {"initialisation": "square"},
        ),
        ({"plane": "x"}, "plane = x is not a known choice: use one of simplex, curvatures, for example", {}),
        ({"margin": "nan"}, "margin = nan is not a number: use 0.01 to 50, for example 2.", {}),
        ({"margin": "51"}, "margin = 51 is out of range: use 0.01 to 50, for example 2.", {}),
        ({"push": "2"}, "push = 2 is out of range: use 0 to 1, for example 0.1.", {}),
        ({"push_along": "-1"}, "push_along = -1 is out of range: use 0 to 100, for example 1.", {}),
        (
            {"initialisation": "polygon", "classes": "7", "dimension": "1"},
            "dimension = 1 is too small for the saddle polygon of 7 classes: use 2 to 4096, for example 2.",
            {"classes": "7", "dimension": "3", "initialisation": "polygon"},
        ),
        ({"<script>": "1"}, "&lt;script&gt; = 1 is not a key of a link", {}),
    ],
    ids=lambda value: "&".join(value) if isinstance(value, dict) else None,
)
def test_a_bad_link_is_refused_in_sentences_and_the_page_stands(link, said, kept):
    page = opened(**{"initialisation": "square", **link}, seed="7", log_time="20", method="gradient-flow")
    assert [said in line for line in refusals(page)] == [True], refusals(page)
    lab = lab_of(page)
    wanted = {"initialisation": "square", "seed": "7", "log_time": "20", "method": "gradient-flow", **kept}
    assert lab == PageState(RunConfig.from_mapping(wanted))
    assert shows(page, lab.config)
    assert link_of(page) == lab.to_link()


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"margin": "nan"}, "margin = nan is not a number"),
        ({"plane": "<b>"}, "plane = &lt;b&gt; is not a known choice"),
        ({"initialisation": "circle"}, "initialisation = circle is not a known choice"),
        ({"initialisation": "simplex", "classes": "6"}, "dimension = 3 is too small for the saddle simplex"),
    ],
)
def test_a_bad_link_that_names_no_saddle_is_refused_too_and_stands_at_one(link, said):
    page = opened(**link, seed="7")
    assert [said in line for line in refusals(page)] == [True], refusals(page)
    there = {"initialisation": "polygon", "classes": 6} if "classes" in link else {}
    assert lab_of(page) == PageState(SQUARE.with_changes(seed=7, **there))
    assert shows(page, lab_of(page).config)


def test_values_that_clash_are_refused_and_the_saddle_before_stays():
    page = opened(**SHORT, initialisation="cross-polytope", classes="6", dimension="5")
    before = lab_of(page).config
    sound(page.slider(key="classes").set_value(7).run())
    (said,) = refusals(page)
    assert "classes = 7 does not make the saddle cross-polytope: use even numbers" in said
    assert lab_of(page).config == before
    assert shows(page, before)
    press(page, "polygon")
    sound(page.run())
    assert refusals(page) == []
    assert lab_of(page).config.classes == page.slider(key="classes").value == 5


def test_a_landscape_that_takes_long_holds_up_no_knob_and_comes_when_it_is_there(monkeypatch):
    go, found = threading.Event(), landscapes.landscape
    monkeypatch.setattr(landscapes, "landscape", lambda *asked: go.wait(PATIENCE) and found(*asked))
    monkeypatch.setattr(landscapes, "_landscapes", Cache(Memory(2**24)))
    monkeypatch.setattr(question, "AT_ONCE", 0.05)
    link = {**SHORT, "initialisation": "polygon", "classes": "6", "dimension": "4", "margin": "1.25"}
    page = opened(**link)
    assert {"margin", "push", "push_along", "seed"} <= knobs(page)
    assert page.selectbox(key="push_along").options == ["Random", "1: being measured"]
    assert "The curvatures here are being measured." in words(page) and "a strict saddle" not in words(page)
    sound(page.select_slider(key="push").set_value(0.01).run())
    assert lab_of(page).config.push == 0.01
    go.set()
    monkeypatch.setattr(question, "AT_ONCE", PATIENCE)
    sound(page.run())
    assert page.selectbox(key="push_along").options[1].startswith("1: curves down, −")
    assert "<b>Polygon: a strict saddle.</b>" in words(page) and "being measured" not in words(page)


def test_a_saddle_whose_film_and_landscape_are_both_late_keeps_the_film_before(monkeypatch):
    page = opened(**SHORT | {"log_time": "21"}, initialisation="square")  # a length whose films no other test has kept
    before = lab_of(page).config
    go, found = threading.Event(), landscapes.landscape
    monkeypatch.setattr(landscapes, "landscape", lambda *asked: go.wait(PATIENCE) and found(*asked))
    monkeypatch.setattr(landscapes, "_landscapes", Cache(Memory(2**24)))
    monkeypatch.setattr(runs.Run, "work", lambda run: go.wait(PATIENCE) and None)
    monkeypatch.setattr(question, "AT_ONCE", 0.05)
    press(page, "polygon")
    assert lab_of(page).config.initialisation == "polygon" and shows(page, before)
    assert "The curvatures here are being measured." in words(page)
    go.set()


# -- two screens ---------------------------------------------------------------------------------------------------


def test_the_playground_and_the_landscape_each_keep_their_own_run():
    page = AppTest.from_file(str(SCRIPT), default_timeout=180)
    own = {"classes": "3", "dimension": "2", "per_class": "2", "steps": "10"}
    open_page(page, **own)
    go(page, "landscape")
    there = lab_of(page).config
    assert (there.initialisation, there.classes, there.dimension) == ("square", 4, 3)
    press(page, "neglected-class")
    neglected = lab_of(page).config
    assert (neglected.initialisation, neglected.classes) == ("neglected-class", 3)
    go(page, "playground")
    assert lab_of(page).config == RunConfig.from_mapping(own)
    assert link_of(page) == own
    assert page.selectbox(key="initialisation").value == "gaussian"
    sound(page.slider(key="per_class").set_value(3).run())
    go(page, "landscape")
    assert lab_of(page).config == neglected
    assert link_of(page) == neglected.to_link()
    go(page, "playground")
    assert lab_of(page).config == RunConfig.from_mapping({**own, "per_class": 3})
    go(page, "theory")
    assert lab_of(page).config.classes == 3


def test_from_a_saddle_first_the_playground_starts_at_its_default():
    page = opened(**SHORT, initialisation="polygon", classes="5")
    saddle = lab_of(page).config
    go(page, "playground")
    assert lab_of(page) == PageState(RunConfig())
    go(page, "theory")
    assert lab_of(page).config == RunConfig()
    go(page, "landscape")
    assert lab_of(page).config == saddle


def test_what_was_pinned_stays_on_the_playground():
    page = AppTest.from_file(str(SCRIPT), default_timeout=180)
    open_page(page, classes="3", dimension="2", per_class="2", steps="10", pin="steps:20")
    pinned = lab_of(page).pinned
    assert len(components(go(page, "landscape"))[0]["films"]) == 1
    go(page, "playground")
    assert lab_of(page).pinned == pinned == RunConfig(steps=20)


def test_the_playground_offers_no_saddle_unless_its_link_brought_one():
    def choices(**link):
        page = open_page(AppTest.from_file(str(SCRIPT), default_timeout=180), **link)
        return page.selectbox(key="initialisation").options

    assert choices(steps="10") == [RUNS.knobs["initialisation"].words[name] for name in RANDOM_STARTS]
    brought = choices(steps="10", initialisation="merged-pairs", per_class="2")
    assert brought == [RUNS.knobs["initialisation"].words[name] for name in (*RANDOM_STARTS, "merged-pairs")]


# -- knobs ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "classes"), [("square", 4), ("polygon", 7), ("origin", 4), ("merged-classes", 3)])
def test_a_push_may_go_along_each_curvature_of_the_saddle(name, classes):
    page = opened(**SHORT, initialisation=name, classes=str(classes), dimension="6")
    options = page.selectbox(key="push_along").options
    found = landscape(saddle_state(lab_of(page).config))
    assert options[0] == "Random"
    assert [option.split(": ")[0] for option in options[1:]] == [str(j + 1) for j in range(len(found.eigenvalues))]
    for option, value in zip(options[1:], found.eigenvalues, strict=True):
        kind = "flat" if abs(value) < 1e-9 else "curves down, −" if value < 0 else "curves up, "
        assert option.split(": ")[1].startswith(kind)
    sound(page.selectbox(key="push_along").set_value(0).run())
    assert lab_of(page).config.push_along == 0
    assert link_of(page)["push_along"] == "0"


def test_the_choices_of_a_push_follow_the_saddle():
    page = opened(**SHORT, initialisation="polygon", classes="8", dimension="7")
    many = len(page.selectbox(key="push_along").options)
    sound(page.selectbox(key="push_along").set_value(many - 1).run())
    assert lab_of(page).config.push_along == many - 1
    press(page, "origin")
    sound(page.run())
    assert page.selectbox(key="push_along").options == [
        "Random",
        "1: curves down, −1.41",
        "2: flat",
        "3: curves up, 1.41",
    ]
    assert lab_of(page).config.push_along == page.selectbox(key="push_along").value == 1


@pytest.mark.parametrize(
    ("link", "hidden", "shown"),
    [
        ({}, {"initial_scale", "steps", "learning_rate", "momentum", "fast_forward"}, {"log_time", "margin", "seed"}),
        ({"push": "0"}, {"push_along", "seed"}, {"push", "margin"}),
        ({"initialisation": "origin"}, {"margin"}, {"push", "push_along", "seed"}),
        ({"method": "momentum", "steps": "30"}, {"log_time"}, {"steps", "learning_rate", "momentum", "margin", "push"}),
    ],
)
def test_knobs_that_do_nothing_are_hidden(link, hidden, shown):
    page = opened(**{**SHORT, "initialisation": "square", **link})
    assert not knobs(page) & (hidden | {"initialisation"})
    assert shown <= knobs(page)


def test_turning_the_margin_or_the_push_brings_another_film_and_the_other_plane_does_not():
    page = opened(**SHORT, initialisation="square")
    sound(page.select_slider(key="margin").set_value(5.0).run())
    sound(page.select_slider(key="push").set_value(0.01).run())
    config = RunConfig.from_mapping({**SHORT, "initialisation": "square", "margin": 5.0, "push": 0.01})
    assert lab_of(page) == PageState(config)
    assert shows(page, config)
    first = components(page)[1][1]["layout"]["scene"]  # the way to the simplex is the way down: the steepest one up
    assert first["yaxis"]["title"]["text"].startswith("curves up, ")
    assert first["xaxis"]["title"]["text"].startswith("curves down, −")
    sound(page.radio(key="plane").set_value("curvatures").run())
    assert lab_of(page) == PageState(config, choices=CURVATURES)
    assert link_of(page)["plane"] == "curvatures"
    assert components(page)[1][1]["layout"]["scene"]["yaxis"]["title"]["text"] == "flat"
    assert shows(page, config)
    assert page.radio(key="plane").options == [
        "Down, and to the simplex", "Down, and the next curvature"
    ]  # fmt: skip
    assert len(RUNS.choices["plane"]) == 2


# -- lessons and talks ---------------------------------------------------------------------------------------------


def test_talk_mode_shows_the_stage_and_one_line_and_can_be_left():
    page = opened(**SHORT, initialisation="polygon", classes="5", talk="1")
    assert SADDLES["polygon"].words in texts(page, "lab-talking")[0]
    assert texts(page, "lab-sentence") == []
    assert "<h2>" not in words(page)
    assert set(buttons(page)) <= {"talk-off", "talk-on", "dice"}
    assert mounted(page, "figure") == []
    assert components(page)[0]["talk"] is True
    page = press(page, "talk-off")
    assert lab_of(page).talk is False
    assert "<h2>The ground here</h2>" in words(page)
    assert "talk" not in link_of(page)


def test_a_lesson_keeps_its_controls_and_hides_gallery_and_sharing():
    page = opened(**SHORT, initialisation="square", controls="margin,push", question="When is <b>it</b> left?")
    assert knobs(page) == {"margin", "push"}
    assert not set(buttons(page)) & {*SADDLES, "dice", "talk-on"}
    assert "When is &lt;b&gt;it&lt;/b&gt; left?" in texts(page, "lab-question")[0]
    assert not any(e.label == "Share" for e in page.get("expander"))
    sound(page.select_slider(key="push").set_value(0.01).run())
    lab = lab_of(page)
    assert (lab.config.push, lab.controls, lab.question) == (0.01, ("margin", "push"), "When is <b>it</b> left?")
    assert link_of(page)["controls"] == "margin,push"


def test_a_choice_that_another_saddle_does_not_have_comes_back_as_words():
    """As Streamlit does when the browser still shows an option that is gone."""
    page = go(AppTest.from_file(str(SCRIPT), default_timeout=180).run(), "landscape")
    page.session_state["push_along"] = "9: curves up, 2.94"
    sound(page.run())
    assert lab_of(page).config.push_along == 9
    page.session_state["push_along"] = "Random"
    sound(page.run())
    assert lab_of(page).config.push_along == 0


@pytest.mark.parametrize(("name", "turns"), [("square", False), ("merged-classes", False), ("polygon", True)])
def test_a_saddle_of_one_size_has_no_knob_for_classes(name, turns):
    config = RunConfig(initialisation=name, classes=SADDLES[name].own(3), dimension=4)
    assert RUNS.knobs["classes"].matters(config) is turns


def test_a_push_along_past_the_last_curvature_stays_what_it_is():
    page = opened(**SHORT, initialisation="square", push_along="100")
    first = lab_of(page)
    assert page.selectbox(key="push_along").options[-1] == "100: as the highest"
    sound(page.run())
    assert lab_of(page) == first


def test_a_link_without_a_saddle_keeps_its_sizes():
    config = lab_of(opened(classes="6", dimension="5", per_class="4")).config
    assert (config.initialisation, config.classes, config.dimension, config.per_class) == ("polygon", 6, 5, 4)
