"""The landscape screen through Streamlit's own test driver, and the many starts that all visitors share."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from pages import mounted, open_page, sound
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from app.jobs import ensembles, landscapes, visitor
from app.jobs.cache import Cache, Memory
from app.page.fitting import at_a_saddle
from app.page.link import KNOBS, PLANES, Lab, relevant
from app.views import landscape as views
from app.views.words import WORDS
from ulpm_core import Outcome, RunConfig
from ulpm_core.analysis import ensemble as ensemble_module
from ulpm_core.analysis.ensemble import ensemble, starts
from ulpm_core.analysis.landscape import landscape
from ulpm_core.model.initialisation import saddle_state
from ulpm_core.model.parameters import RANDOM_STARTS
from ulpm_core.model.saddles import SADDLES

SCRIPT = Path(__file__).parents[2] / "app" / "lab.py"
WIDGETS = ("slider", "select_slider", "selectbox", "number_input")
PATIENCE = 60.0
SQUARE = at_a_saddle(RunConfig())
SHORT = {"per_class": "2", "method": "gradient-flow", "log_time": "20"}
NAMES = {
    "origin": "Origin", "neglected-class": "Neglected", "merged-classes": "Merged", "merged-pairs": "Pairs",
    "square": "Square", "polygon": "Polygon", "cross-polytope": "Cross", "simplex": "Simplex",
}  # fmt: skip


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    monkeypatch.setattr(visitor, "AT_ONCE", 60.0)


@pytest.fixture(autouse=True)
def few_starts(monkeypatch):
    """Four quick starts of each kind, on a server that has just started; whatever still runs at the end is left."""
    monkeypatch.setattr(ensembles, "RUNS", 4)
    monkeypatch.setattr(ensembles, "LOG_END", 30.0)
    monkeypatch.setattr(ensembles, "_groups", Cache(Memory(2**24)))
    jobs: dict[str, ensembles.Starts] = {}
    monkeypatch.setattr(ensembles, "_under_way", jobs)
    yield
    for job in list(jobs.values()):
        for one in list(job._watchers):
            job.leave(one)
        assert job.done.wait(PATIENCE)


def go(page, screen: str):
    """As a click on the screen's name in the sidebar."""
    page._page_hash = calc_hash("" if screen == "playground" else screen)
    sound(page.run())
    page._page_hash = ""  # from here on wherever the page itself goes
    return page


def opened(**link):
    """The screen as a link opens it, run once."""
    page = AppTest.from_file(str(SCRIPT), default_timeout=60)
    page._page_hash = calc_hash("landscape")
    open_page(page, **link)
    page._page_hash = ""
    return page


def lab_of(page) -> Lab:
    return page.session_state["lab"]


def link_of(page) -> dict[str, str]:
    return {name: value if isinstance(value, str) else value[0] for name, value in page.query_params.items()}


def knobs(page) -> set[str]:
    """The keys of the widgets, in the sidebar or, of a lesson, under the film."""
    return {widget.key for kind in WIDGETS for widget in page.get(kind)} & set(KNOBS)


def press(page, key):
    (button,) = (button for button in page.button if button.key == key)
    return sound(button.click().run())


def texts(page, mark: str) -> list[str]:
    """The paragraphs of one style class."""
    return [element.proto.body for element in page.get("html") if f'class="{mark}"' in element.proto.body]


def refusals(page) -> list[str]:
    return [said for body in texts(page, "lab-refusal") for said in body.split("<p ")[1:]]


def words(page) -> str:
    return "".join(element.proto.body for element in page.get("html"))


def components(page) -> tuple[dict, list[dict]]:
    """What the player was given, and the figures."""
    (player,), figures = ([json.loads(e.json) for e in mounted(page, name)] for name in ("film_player", "figure"))
    return player, [json.loads(figure["figure"]) | {"label": figure["label"]} for figure in figures]


def shows(page, config) -> bool:
    return components(page)[0]["film"].startswith(f"lab/film/{config.digest[:16]}-")


def buttons(page) -> dict[str, object]:
    return {button.key: button for button in page.button}


def until(condition):
    """Waits for something another thread does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.005)


# -- where it stands -----------------------------------------------------------------------------------------------


def test_without_a_link_it_stands_at_the_square():
    page = opened()
    assert lab_of(page) == Lab(SQUARE)
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
        assert views.step(step) in words(page)
        assert step[1].startswith("Do not ")
    assert knobs(page) == {name for name in KNOBS if relevant(name, SQUARE)} - {"initialisation"}


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


LABS = [
    Lab(RunConfig(**SHORT_TYPED, initialisation="polygon", classes=7, dimension=6, push_along=2), plane="curvatures")
    for SHORT_TYPED in [{"per_class": 2, "method": "gradient-flow", "log_time": 20.0}]
] + [
    Lab(replace(SQUARE, push=0.0, margin=0.5, log_time=30.0)),
    Lab(replace(SQUARE, dimension=2, loss_reduction="mean", log_time=30.0), question="Why does it stay?"),
    Lab(replace(SQUARE, method="momentum", steps=300, push_along=0, seed=9, momentum=0.5), controls=("margin", "push")),
    Lab(replace(SQUARE, initialisation="merged-classes", classes=3, log_time=10.0), talk=True, plane="curvatures"),
    Lab(replace(SQUARE, initialisation="origin", classes=6, push=1e-4, push_along=0, log_time=10.0)),
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
            "classes = 5 does not make the saddle square: use 4, for example 4.",
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
    assert lab == Lab(RunConfig.from_mapping(wanted))
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
    assert lab_of(page) == Lab(SQUARE.with_changes(seed=7, **there))
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


# -- two screens ---------------------------------------------------------------------------------------------------


def test_the_playground_and_the_landscape_each_keep_their_own_run():
    page = AppTest.from_file(str(SCRIPT), default_timeout=60)
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
    assert lab_of(page) == Lab()
    go(page, "theory")
    assert lab_of(page).config == RunConfig()
    go(page, "landscape")
    assert lab_of(page).config == saddle


def test_what_was_pinned_stays_on_the_playground():
    page = AppTest.from_file(str(SCRIPT), default_timeout=60)
    open_page(page, classes="3", dimension="2", per_class="2", steps="10", pin="steps:20")
    pinned = lab_of(page).pinned
    assert components(go(page, "landscape"))[0]["pinned"] is None
    go(page, "playground")
    assert lab_of(page).pinned == pinned == RunConfig(steps=20)


def test_the_playground_offers_no_saddle_unless_its_link_brought_one():
    def choices(**link):
        page = open_page(AppTest.from_file(str(SCRIPT), default_timeout=60), **link)
        return page.selectbox(key="initialisation").options

    assert choices(steps="10") == [WORDS[name] for name in RANDOM_STARTS]
    brought = choices(steps="10", initialisation="merged-pairs", per_class="2")
    assert brought == [WORDS[name] for name in (*RANDOM_STARTS, "merged-pairs")]


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
    assert lab_of(page) == Lab(config)
    assert shows(page, config)
    first = components(page)[1][1]["layout"]["scene"]  # the way to the simplex is the way down: the steepest one up
    assert first["yaxis"]["title"]["text"].startswith("curves up, ")
    assert first["xaxis"]["title"]["text"].startswith("curves down, −")
    sound(page.radio(key="plane").set_value("curvatures").run())
    assert lab_of(page) == Lab(config, plane="curvatures")
    assert link_of(page)["plane"] == "curvatures"
    assert components(page)[1][1]["layout"]["scene"]["yaxis"]["title"]["text"] == "flat"
    assert shows(page, config)
    assert page.radio(key="plane").options == [
        "Down, and to the simplex", "Down, and the next curvature"
    ]  # fmt: skip
    assert len(PLANES) == 2


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


# -- many starts on the page ---------------------------------------------------------------------------------------


def wait_for_starts(page):
    configs = ensembles.roomy_and_tight(lab_of(page).config)
    until(lambda: ensembles.starts_of(configs) is not None)
    return sound(page.run())


def test_many_starts_run_are_shown_and_one_of_them_opens_its_film_in_the_playground(monkeypatch):
    page = opened(**SHORT, initialisation="square")
    assert buttons(page)["starts"].label == "Follow 4 starts in d = 8 and 4 in d = 3"
    page = wait_for_starts(press(page, "starts"))
    assert "starts" not in buttons(page)
    figure = components(page)[1][-1]
    assert {seed for trace in figure["data"] for seed in trace.get("customdata") or [] if seed is not None} == {
        *range(8)
    }
    said = [line for line in texts(page, "lab-sentence") if "starts end with γ above 0.9" in line]
    assert len(said) == 1
    assert said[0].count("<p ") == 2
    assert "d = 8: 4 of 4 starts" in said[0]
    assert figure["label"].startswith("The margin of every start against log time. d = 8: 4 of 4 starts")
    monkeypatch.setattr(ensemble_module, "ensemble", lambda *a: pytest.fail("known starts were computed again"))
    again = opened(
        **SHORT, initialisation="merged-pairs", dimension="7"
    )  # as many classes and samples: the same starts
    assert "open-start" in buttons(again)
    sound(page.number_input(key="start-seed").set_value(5).run())
    landscape_lab = lab_of(page)
    page = press(page, "open-start")
    config = RunConfig(per_class=2, dimension=3, seed=5, method="gradient-flow", log_time=30.0)
    assert lab_of(page) == Lab(config)
    assert page.session_state["screen"] == "playground"
    assert shows(page, config)
    assert components(page)[0]["panels"] == "run"
    assert page.selectbox(key="initialisation").value == "gaussian"
    assert lab_of(go(page, "landscape")) == landscape_lab


def test_the_seeds_of_both_kinds_are_told_apart():
    page = wait_for_starts(press(opened(**SHORT, initialisation="square"), "starts"))
    field = page.number_input(key="start-seed")
    assert (field.min, field.max, field.value) == (0, 7, 4)
    assert field.help == "0 to 3 are the starts of d = 8, 4 to 7 of d = 3."
    sound(field.set_value(3).run())
    page = press(page, "open-start")
    assert (lab_of(page).config.dimension, lab_of(page).config.seed) == (8, 3)


@pytest.fixture
def held(monkeypatch):
    """Starts begin and wait until they are let go, or cancelled; the list says what has begun."""
    begun, go_on = [], threading.Event()

    def slowly(configs, done):
        begun.append(configs[0])
        while not go_on.is_set():
            if not done(0.25):
                return SimpleNamespace(many=SimpleNamespace(outcomes=(Outcome.DONE, Outcome.CANCELLED)))
            time.sleep(0.005)
        return ensemble(configs, done)

    monkeypatch.setattr(ensemble_module, "ensemble", slowly)
    yield begun, go_on
    go_on.set()


def test_progress_is_shown_and_cancel_takes_it_back(held):
    begun, _ = held
    page = press(opened(**SHORT, initialisation="square"), "starts")
    until(lambda: begun)
    job = page.session_state["starts-job"]
    until(lambda: job.fraction > 0)
    sound(page.run())
    assert "starts" not in buttons(page)
    (progress,) = page.get("progress")
    assert progress.proto.value == 12  # a quarter of the first of two groups
    assert progress.proto.text == "8 flows to t = e^30"
    page = press(page, "cancel-starts")
    assert job.done.wait(PATIENCE)
    assert len(begun) == 1
    sound(page.run())
    assert len(page.get("progress")) == 0
    assert "starts" in buttons(page)
    assert refusals(page) == []
    assert ensembles.starts_of(job.configs) is None


def test_a_lab_that_is_busy_says_so_and_the_button_stays(held):
    for K in range(5, 5 + ensembles.WAITING):
        ensembles.start(ensembles.roomy_and_tight(RunConfig(classes=K, per_class=2)), "another")
    page = press(opened(**SHORT, initialisation="square"), "starts")
    assert "Other visitors&#x27; starts wait already: try again in a minute." in "".join(refusals(page))
    assert "starts" in buttons(page)
    sound(page.run())
    assert refusals(page) == []


def test_a_failure_is_said_in_words_and_the_page_stands(monkeypatch, caplog):
    def broken(configs, done):
        raise RuntimeError("out of luck")

    monkeypatch.setattr(ensemble_module, "ensemble", broken)
    page = press(opened(**SHORT, initialisation="square"), "starts")
    until(lambda: page.session_state["starts-job"].done.is_set())
    sound(page.run())
    assert "These starts failed on our side. Try other values." in "".join(refusals(page))
    assert "out of luck" not in words(page)
    assert "out of luck" in caplog.text
    assert "starts" in buttons(page)
    monkeypatch.setattr(ensemble_module, "ensemble", ensemble)
    assert "open-start" in buttons(wait_for_starts(press(page, "starts")))


def test_what_would_take_too_long_is_not_offered(monkeypatch):
    page = opened(**SHORT, initialisation="square")
    assert not buttons(page)["starts"].disabled
    assert not any("too much for a page" in caption.value for caption in page.caption)
    monkeypatch.setattr(ensembles, "RUNS", 256)
    monkeypatch.setattr(ensembles, "LOG_END", 300.0)
    largest = RunConfig(classes=20, dimension=3, per_class=200)
    assert ensembles.seconds_of(ensembles.roomy_and_tight(largest)) > 60
    assert ensembles.seconds_of(ensembles.roomy_and_tight(SQUARE)) < 30
    monkeypatch.setattr(ensembles, "seconds_of", lambda configs: 1e3)
    page = opened(**SHORT, initialisation="square")
    assert buttons(page)["starts"].disabled
    assert any("take fewer classes, or fewer samples per class" in caption.value for caption in page.caption)


# -- many starts behind the page -----------------------------------------------------------------------------------

PAIR = (
    RunConfig(classes=3, dimension=6, per_class=2, method="gradient-flow", log_time=30.0, snapshots=10, seed=0),
    RunConfig(classes=3, dimension=2, per_class=2, method="gradient-flow", log_time=30.0, snapshots=10, seed=4),
)


def test_the_groups_are_the_starts_of_the_command_line():
    configs = ensembles.roomy_and_tight(RunConfig(classes=5, per_class=3, seed=9, learning_rate=0.7))
    assert [(c.classes, c.per_class, c.dimension, c.seed) for c in configs] == [(5, 3, 10, 0), (5, 3, 4, 4)]
    assert {(c.method, c.log_time, c.initialisation) for c in configs} == {("gradient-flow", 30.0, "gaussian")}
    job = ensembles.start(PAIR, "me")
    assert job.done.wait(PATIENCE)
    assert (job.failure, job.fraction) == ("", 1.0)
    for group, config in zip(ensembles.starts_of(PAIR), PAIR, strict=True):
        found = ensemble(starts(config, 4))
        assert group.name == f"d = {config.dimension}"
        assert group.seeds.tolist() == list(range(config.seed, config.seed + 4))
        assert np.array_equal(group.gamma, found.metrics["gamma"], equal_nan=True)
        assert np.array_equal(group.log_time, found.many.log_time)
    run = ensembles.run_of(PAIR, 5)
    assert run == PAIR[1].with_changes(seed=5, snapshots=240)


def test_all_who_ask_share_one_computation(held):
    begun, go_on = held
    jobs = []
    asking = [
        threading.Thread(target=lambda i=i: jobs.append(ensembles.start(PAIR, f"visitor {i}"))) for i in range(10)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    until(lambda: begun)
    assert len({id(job) for job in jobs}) == 1
    assert ensembles.under_way(PAIR, "visitor 3") is jobs[0]
    assert ensembles.under_way(PAIR, "somebody else") is None
    go_on.set()
    assert jobs[0].done.wait(PATIENCE)
    assert [config.dimension for config in begun] == [6, 2]
    assert ensembles.under_way(PAIR, "visitor 3") is None
    assert ensembles.starts_of(PAIR) is not None


def test_what_the_last_visitor_leaves_stops_in_the_middle_and_is_not_kept(monkeypatch):
    """Eighty runs of seconds each, and none of them is waited for."""
    monkeypatch.setattr(ensembles, "RUNS", 40)
    long = tuple(config.with_changes(log_time=1e8, snapshots=40) for config in PAIR)
    job = ensembles.start(long, "one")
    ensembles.start(long, "two")
    until(lambda: job.fraction > 0)
    job.leave("one")
    at = job.fraction
    until(lambda: job.fraction > at)
    assert not job.done.is_set()
    job.leave("two")
    assert job.done.wait(PATIENCE)
    assert (job.failure, ensembles.starts_of(long)) == ("", None)
    assert 0 < job.fraction < 1
    assert ensembles._under_way == {}


def test_what_no_page_asks_about_any_more_stops(held, monkeypatch):
    """A closed tab says nothing."""
    begun, _ = held
    job = ensembles.start(PAIR, "me")
    until(lambda: begun)
    assert ensembles.under_way(PAIR, "me") is job
    monkeypatch.setattr(job, "UNWATCHED_SECONDS", 0.05)
    assert job.done.wait(PATIENCE)
    assert ensembles.starts_of(PAIR) is None


def test_after_a_failure_others_can_still_start(monkeypatch, caplog):
    def broken(configs, done):
        raise MemoryError("too much")

    monkeypatch.setattr(ensemble_module, "ensemble", broken)
    job = ensembles.start(PAIR, "me")
    assert job.done.wait(PATIENCE)
    assert job.failure == "These starts failed on our side. Try other values."
    assert "too much" in caplog.text
    assert (ensembles._under_way, ensembles.starts_of(PAIR)) == ({}, None)
    monkeypatch.setattr(ensemble_module, "ensemble", ensemble)
    again = ensembles.start(PAIR, "me")
    assert again is not job
    assert again.done.wait(PATIENCE)
    assert ensembles.starts_of(PAIR) is not None


def test_more_than_may_wait_are_refused_and_a_shared_one_is_not(held):
    waiting = [
        ensembles.start(tuple(config.with_changes(per_class=n) for config in PAIR), "me")
        for n in range(1, 1 + ensembles.WAITING)
    ]
    with pytest.raises(ensembles.Busy, match="starts wait already: try again in a minute"):
        ensembles.start(tuple(config.with_changes(per_class=9) for config in PAIR), "me")
    assert ensembles.start(waiting[-1].configs, "another") is waiting[-1]


def test_what_is_known_of_a_saddle_is_computed_once_for_all_its_runs(monkeypatch):
    memory = Memory(2**24)
    monkeypatch.setattr(landscapes, "_landscapes", Cache(memory))
    monkeypatch.setattr(landscapes, "_slices", Cache(memory))
    one, other = replace(SQUARE, push=0.3, seed=1, log_time=5.0), replace(SQUARE, method="momentum", steps=7)
    assert landscapes.landscape_of(one) is landscapes.landscape_of(other)
    assert landscapes.landscape_of(replace(one, margin=3.0)) is not landscapes.landscape_of(one)
    assert landscapes.slice_of(one, True) is landscapes.slice_of(replace(one, push=0.7), True)
    assert landscapes.slice_of(one, True) is not landscapes.slice_of(one, False)
    assert landscapes.slice_of(one, True) is not landscapes.slice_of(replace(one, seed=2), True)


def test_a_slice_has_as_many_points_as_a_page_can_wait_for():
    small, large = (
        landscapes.slice_of(RunConfig(initialisation="polygon", classes=K, dimension=2, per_class=n), True)[0]
        for K, n in ((4, 1), (20, 60))
    )
    assert len(small.axis) == landscapes.MOST_POINTS
    assert len(large.axis) == landscapes.FEWEST_POINTS
    assert small.axis[len(small.axis) // 2] == large.axis[len(large.axis) // 2] == 0.0


def test_a_choice_that_another_saddle_does_not_have_comes_back_as_words():
    """As Streamlit does when the browser still shows an option that is gone."""
    page = go(AppTest.from_file(str(SCRIPT), default_timeout=60).run(), "landscape")
    page.session_state["push_along"] = "9: curves up, 2.94"
    sound(page.run())
    assert lab_of(page).config.push_along == 9
    page.session_state["push_along"] = "Random"
    sound(page.run())
    assert lab_of(page).config.push_along == 0


@pytest.mark.parametrize(("name", "turns"), [("square", False), ("merged-classes", False), ("polygon", True)])
def test_a_saddle_of_one_size_has_no_knob_for_classes(name, turns):
    config = RunConfig(initialisation=name, classes=SADDLES[name].own(3), dimension=4)
    assert relevant("classes", config) is turns


def test_a_push_along_past_the_last_curvature_stays_what_it_is():
    page = opened(**SHORT, initialisation="square", push_along="100")
    first = lab_of(page)
    assert page.selectbox(key="push_along").options[-1] == "100: as the highest"
    sound(page.run())
    assert lab_of(page) == first


def test_a_lesson_stays_one_when_a_start_is_opened():
    page = opened(**SHORT, initialisation="square", controls="push", question="Why?")
    page = press(wait_for_starts(press(page, "starts")), "open-start")
    assert (lab_of(page).controls, lab_of(page).question) == (("push",), "Why?")


def test_starts_asked_for_again_while_they_are_being_cancelled_come(monkeypatch):
    stopping, go_on = threading.Event(), threading.Event()

    def slowly(configs, done):
        while done(0.25):
            time.sleep(0.005)
        stopping.set()
        assert go_on.wait(60)
        return SimpleNamespace(many=SimpleNamespace(outcomes=(Outcome.CANCELLED,)))

    monkeypatch.setattr(ensemble_module, "ensemble", slowly)
    job = ensembles.start(PAIR, "me")
    until(lambda: job.fraction > 0)
    job.leave("me")
    assert stopping.wait(60)
    monkeypatch.setattr(ensemble_module, "ensemble", ensemble)
    again = ensembles.start(PAIR, "another")
    go_on.set()
    assert again.done.wait(60)
    assert ensembles.starts_of(PAIR) is not None


def test_a_link_without_a_saddle_keeps_its_sizes():
    config = lab_of(opened(classes="6", dimension="5", per_class="4")).config
    assert (config.initialisation, config.classes, config.dimension, config.per_class) == ("polygon", 6, 5, 4)
