"""The screen of real networks with Streamlit's own test driver: its states and its words."""

from __future__ import annotations

from html import escape

import pytest
from hostile import hostile_links
from networks_page import (
    DECAYED,
    KINDS,
    SCRIPT,
    TINY,
    everything,
    film_on,
    keys,
    lab_of,
    networks,
    open_networks,
    trained,
)
from pages import open_page, press, sound, texts
from streamlit.testing.v1 import AppTest

from app.jobs import trainings
from app.jobs.queue import Busy
from app.jobs.visitor import of_networks
from app.page.networks import NETWORKS
from app.page.state import PageState
from app.views.network_presets import NETWORK_PRESETS
from ulpm_core.networks.config import NetworkConfig

pytestmark = pytest.mark.usefixtures("no_process")


def test_nothing_is_trained_that_nobody_asked_for(no_process):
    page = open_networks(TINY.with_changes(seed=9))
    assert no_process == []
    assert "Nothing is trained yet. As things stand it takes about " in texts(page, "lab-empty")[0]
    assert "train" in keys(page)
    assert film_on(page) == ""


def test_every_preset_shows_its_own_film_at_once_and_a_turned_knob_says_whose_film_stays(no_process):
    page = open_networks(NetworkConfig())
    for preset in NETWORK_PRESETS:
        (pills,) = (row for row in page.main.get("button_group") if row.key == "network-preset")
        sound(pills.set_value(preset.name).run())
        assert preset.watch in texts(page, "lab-watch")[0]
        for config in filter(None, (preset.config, preset.pinned)):
            assert config.digest[:16] in film_on(page)
        assert "train" not in keys(page) and "Closest classes" in everything(page)
    sound(page.number_input(key="network-seed").set_value(5).run())
    stays = "On stage is still the film of the settings before: Train makes that of the new ones."
    assert stays in texts(page, "lab-watch")[0]
    assert "train" in keys(page) and no_process == []


def test_train_shows_film_sentences_tables_and_what_can_be_done_next():
    page = trained()
    assert TINY.digest[:16] in film_on(page)
    assert "train" not in keys(page)
    said = " ".join(texts(page, "lab-sentence"))
    assert "Trained without weight decay: 3 epochs of SGD, then 12 steps on log L" in said
    headline = trainings.trained(TINY).film.header["sentences"][0]
    assert escape(headline) in texts(page, "lab-watch")[0] and escape(headline) not in said
    assert "Ji et al., ICLR 2022" in said and "Optimizer Choice Matters" in said
    shown = everything(page)
    assert "Closest classes" in shown and "test images confused" in shown
    assert all(name in shown for name in ("NC1, within / between", "NC4, unlike the nearest mean"))


def test_knobs_show_and_turn_the_training_and_say_what_film_is_on_stage():
    page = trained()
    shown = {w.key.removeprefix("network-") for kind in KINDS for w in page.sidebar.get(kind) if w.key} - {"kept"}
    assert shown == {name for name in NETWORKS.turnable if NETWORKS.knobs[name].matters(TINY)}
    sound(page.number_input(key="network-seed").set_value(5).run())
    assert lab_of(page).config == TINY.with_changes(seed=5)
    assert "5" in page.query_params["seed"]
    assert "film of the settings before" in texts(page, "lab-watch")[0]
    assert "train" in keys(page)


def test_weight_decay_takes_log_time_with_it():
    page = open_networks()
    sound(page.select_slider(key="network-weight_decay").set_value(5e-4).run())
    config = lab_of(page).config
    assert (config.weight_decay, config.log_time_steps) == (5e-4, 0)
    assert not [w for w in page.select_slider if w.key == "network-log_time_steps"]
    assert texts(page, "lab-refusal") == []


def test_knobs_that_clash_are_refused_and_the_last_good_state_stays():
    page = open_networks()
    sound(page.sidebar.get("button_group")[0].set_value([3]).run())
    assert "classes = 3 is not two or more different classes" in texts(page, "lab-refusal")[0]
    assert lab_of(page).config == TINY


def test_each_widget_has_the_words_of_the_table():
    page = open_networks()
    for name in NETWORKS.turnable:
        found = [w for kind in KINDS for w in page.sidebar.get(kind) if w.key == f"network-{name}"]
        knob = NETWORKS.knobs[name]
        if knob.matters(TINY):
            assert found[0].label == knob.parameter.label, name
        assert all(knob.parameter.low <= rung <= knob.parameter.high for rung in knob.ladder), name


def test_with_and_without_weight_decay_play_on_one_clock_and_are_told_apart():
    plain = DECAYED.with_changes(weight_decay=0.0)
    page = open_networks(DECAYED, pin=PageState(DECAYED, pinned=plain).to_link()["pin"])
    page = press(page, "train")
    sound(page.run())
    assert DECAYED.digest[:16] in film_on(page) and plain.digest[:16] in film_on(page)
    said = " ".join(texts(page, "lab-sentence"))
    assert "A pinned: Weight decay 0. B now: Weight decay 0.001." in said
    assert "Toward epoch 3 (the median of the last 5 looks): NC1 " in said
    assert " without and " in said and "Here decay lowered " in said


def test_other_screens_keep_their_runs_and_this_one_its_training():
    page = open_page(AppTest.from_file(str(SCRIPT), default_timeout=180), classes="3", dimension="2", steps="10")
    config = page.session_state["lab"].config
    with_networks = AppTest.from_function(networks, default_timeout=180)
    for name in ("lab", "left", "screen", "knobs", "refusals", "link"):
        with_networks.session_state[name] = page.session_state[name]
    sound(with_networks.run())
    assert with_networks.session_state["left"]["runs"].config == config
    assert with_networks.session_state["screen"] == "networks"
    assert with_networks.session_state["lab"].config == config


def test_a_busy_lab_and_a_failure_are_sentences(monkeypatch):
    def busy(config, visitor):
        raise Busy("The lab is busy.")

    monkeypatch.setattr(trainings, "start", busy)
    page = press(open_networks(), "train")
    assert "The lab is busy." in texts(page, "lab-refusal")[0]


def test_talk_and_lesson_leave_only_what_they_should():
    page = open_networks(talk="1")
    assert keys(page) == {"train", "talk-off"}  # the sidebar is there, and hidden by style
    press(page, "talk-off")
    assert not lab_of(page).talk
    lesson = open_networks(controls="seed", question="Which are close?")
    assert not [w for kind in KINDS for w in lesson.sidebar.get(kind)]  # which is hidden in a lesson
    assert {w.key for kind in KINDS for w in lesson.main.get(kind)} == {"network-seed"}
    sound(lesson.number_input(key="network-seed").set_value(5).run())
    assert lab_of(lesson).config.seed == 5
    assert "Which are close?" in texts(lesson, "lab-question")[0]
    assert not lesson.get("file_uploader")


@pytest.mark.parametrize(
    "link", [*hostile_links(NETWORKS.parameters, {"pin": ["default"], "talk": ["1"]}, 10, seed=3)], ids=range(10)
)
def test_a_hostile_link_opens_and_its_knobs_turn(link):
    page = AppTest.from_function(networks, default_timeout=180)
    page = open_page(page, **link)
    sound(page.number_input(key="network-seed").set_value(5).run())
    assert lab_of(page).config.seed == 5


def test_a_visit_belongs_to_its_session():
    session = {}
    assert of_networks(session) is of_networks(session)
    assert of_networks({}).visitor != of_networks(session).visitor
