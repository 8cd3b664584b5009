"""The page's script with Streamlit's own test driver: links, presets, buttons, refusals; films come from tiny runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pages import link_of, mounted, open_page, press, refusals, sound, texts
from streamlit.testing.v1 import AppTest

from app.blocks.presets import preset_of
from app.jobs import runs
from app.jobs.queue import Busy
from app.page import run_widgets, session
from app.page.runs import RUNS
from app.page.state import PageState
from app.views.opening import ASKED_OF_ANY
from app.views.presets import PRESETS
from app.views.words import setting
from ulpm_core import RunConfig
from ulpm_core.model.parameters import RANDOM_STARTS

SCRIPT = Path(__file__).parents[2] / "app" / "lab.py"
TINY = {"classes": "3", "dimension": "2", "per_class": "2", "steps": "10"}
KNOBS = RUNS.turnable
WIDGETS = ("slider", "select_slider", "selectbox", "number_input")


def opened(**link):
    """The page as a link opens it, run once."""
    return open_page(AppTest.from_file(str(SCRIPT), default_timeout=180), **link)


def lab_of(page) -> PageState:
    return page.session_state["lab"]


def knobs(page):
    """The keys of the widgets of the page: those of a lesson stand under its film, all others in the sidebar."""
    beside, all_of_them = (
        {w.key for kind in WIDGETS for w in part.get(kind)} & set(KNOBS) for part in (page.sidebar, page)
    )
    assert beside == (all_of_them if lab_of(page).controls is None else set())
    return all_of_them


def films(page):
    """What the player was given: the addresses of films, the pinned one first."""
    (player,) = mounted(page, "film_player")
    return player


def test_a_browser_that_misses_the_first_run_begins_with_the_same_knobs():
    """It draws widgets from the second run then, which must say where they begin, and not leave them at the least."""
    page = opened(**TINY)
    begun = {one.key: str(one.proto.default) for kind in WIDGETS for one in page.get(kind)}
    sound(page.run())
    assert {one.key: str(one.proto.default) for kind in WIDGETS for one in page.get(kind)} == begun
    assert begun["classes"] == str([float(TINY["classes"])]) and len(begun) > 8


def test_the_default_page_is_whole():
    page = opened()
    assert lab_of(page) == PageState(RunConfig())
    assert link_of(page) == {}
    assert knobs(page) == {name for name in KNOBS if RUNS.knobs[name].matters(RunConfig())}
    assert refusals(page) == []
    assert PRESETS[0].watch in texts(page, "lab-watch")[0]
    assert "Training error reached zero" in texts(page, "lab-sentence")[0]
    assert RunConfig().digest[:16] in str(films(page))


BY_FLOW = {"fast_forward": "5", "tolerance": "1e-05"}
DECAYED = {"loss": "squared-error", "weight_decay": "0.01"}
BOUNDED = {"loss": "squared-error", "norm_bound_w": "0.5", "norm_bound_h": "1.5"}
SMOOTHED = {"loss": "label-smoothing", "smoothing": "0.2", "weight_decay": "0.01"}
NORMED = {"loss": "squared-error", "feature_norm": "2"}
BY_ADAM = {"method": "adam", "beta2": "0.99", "epsilon": "1e-06", "weight_decay": "0.01", "decay": "decoupled"}


@pytest.mark.parametrize("own", [BY_FLOW, DECAYED, BOUNDED, SMOOTHED, NORMED, BY_ADAM])
def test_a_link_sets_every_widget(own):
    link = {
        **TINY,
        "learning_rate": "0.37",
        "method": "momentum",
        "initialisation": "small",
        "initial_scale": "0.7",
        "seed": "7",
        "momentum": "0.5",
        "loss_reduction": "mean",
        "snapshots": "20",
        **own,
    }
    elsewhere = {"log_time", "margin", "push", "push_along"}
    of_rules = set(BY_FLOW) | set(DECAYED) | set(BOUNDED) | set(SMOOTHED) | set(NORMED) | set(BY_ADAM)
    assert set(link) | of_rules == set(KNOBS) - elsewhere
    page = opened(**link)
    config = RunConfig.from_mapping(link)
    assert lab_of(page).config == config
    assert {w.key: w.value for kind in WIDGETS for w in page.sidebar.get(kind) if w.key in KNOBS} == {
        name: getattr(config, name) for name in KNOBS if RUNS.knobs[name].matters(config)
    }
    assert link_of(page) == link
    assert config.digest[:16] in str(films(page))


@pytest.mark.parametrize("name", KNOBS)
def test_each_widget_has_the_range_and_the_help_of_the_table(name):
    rule = {"momentum": {"method": "momentum"}, "smoothing": {"loss": "label-smoothing"}}.get(
        name, BY_ADAM if name in BY_ADAM else {}
    )
    matters = RUNS.knobs[name].matters(RunConfig.from_mapping(rule))
    flow = {} if matters else {"method": "gradient-flow", "log_time": "5"}
    saddle = {"initialisation": "merged-classes"} if name in ("margin", "push", "push_along") else {}
    page = opened(**TINY, **rule, **flow, **saddle)
    (widget,) = (w for kind in WIDGETS for w in page.sidebar.get(kind) if w.key == name)
    knob = RUNS.knobs[name]
    p = knob.parameter
    assert (widget.label, widget.help) == (p.label, p.help)
    if name == "initialisation":
        assert widget.options == [knob.words[choice] for choice in RANDOM_STARTS]
    elif name == "push_along":
        assert widget.options[0] == "Random"
        assert widget.options[1].startswith("1: curves down, −")
        assert widget.options[-1].startswith(f"{len(widget.options) - 1}: curves up, ")
    elif p.choices:
        assert widget.options == [knob.words[choice] for choice in p.choices]
    elif knob.ladder:
        assert all(p.check(rung) == rung for rung in knob.ladder)
    elif name in ("seed", "momentum", "beta2", "epsilon", "snapshots"):
        sound(widget.set_value(p.kind(p.high + 1)).run())
        (said,) = refusals(page)
        assert f"{name} = " in said
        assert f"is out of range: use {p.allowed()}, for example" in said
        assert lab_of(page).config == RunConfig.from_mapping({**TINY, **rule})
    else:
        assert (widget.min, widget.max) == (p.low, p.high)


def test_a_bad_link_is_refused_in_sentences_and_the_rest_of_it_is_kept():
    page = opened(**TINY, seed="nan", learning_rate="<script>alert(1)</script>", classez="4")
    said = refusals(page)
    assert len(said) == 3
    assert any("seed = nan is not a whole number: use 0 to 4294967295, for example 4." in line for line in said)
    assert any("learning_rate = &lt;script&gt;alert(1)" in line for line in said)
    assert any("classez = 4 is not a key of a link" in line for line in said)
    assert lab_of(page).config == RunConfig.from_mapping(TINY)
    assert link_of(page) == TINY


def test_refusals_go_with_the_next_knob_that_is_turned():
    page = opened(**TINY, seed="nan")
    assert len(refusals(page)) == 1
    sound(page.number_input(key="seed").set_value(5).run())
    assert lab_of(page).config.seed == 5
    assert refusals(page) == []


def test_turning_a_knob_changes_run_film_and_link():
    page = opened(**TINY)
    sound(page.slider(key="classes").set_value(4).run())
    config = RunConfig.from_mapping({**TINY, "classes": 4})
    assert lab_of(page).config == config
    assert config.digest[:16] in str(films(page))
    assert link_of(page) == config.to_link()


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_each_preset_sets_its_run_and_says_what_to_watch(preset):
    page = opened(**TINY)
    sound(page.get("button_group")[0].set_value(preset.name).run())
    lab = lab_of(page)
    assert (lab.config, lab.pinned) == (preset.config, preset.pinned)
    assert preset_of(PRESETS, lab) is preset
    assert preset.watch.replace("'", "&#x27;") in texts(page, "lab-watch")[0]
    assert link_of(page) == lab.to_link()
    controls_now = {w.key: w.value for kind in WIDGETS for w in page.sidebar.get(kind) if w.key in KNOBS}
    assert controls_now == {
        name: getattr(preset.config, name) for name in KNOBS if RUNS.knobs[name].matters(preset.config)
    }


def test_continue_takes_ten_times_the_steps_up_to_the_most_a_page_shows():
    page = opened(**{**TINY, "steps": "1000"})
    for steps in (10_000, 100_000, 1_000_000):
        press(page, "continue")
        sound(page.run())
        assert lab_of(page).config.steps == steps
        assert page.select_slider(key="steps").value == steps
    (button,) = (button for button in page.button if button.key == "continue")
    assert button.disabled
    assert lab_of(opened(**{**TINY, "steps": "300000"})).config.steps == 300_000


def test_continue_stops_at_the_most_and_keeps_the_rest():
    page = opened(**{**TINY, "steps": "300000", "learning_rate": "0.01"})
    press(page, "continue")
    sound(page.run())
    assert lab_of(page).config == RunConfig.from_mapping({**TINY, "steps": 1_000_000, "learning_rate": 0.01})


def test_the_dice_give_another_seed(monkeypatch):
    monkeypatch.setattr(run_widgets.secrets, "randbelow", lambda below: below - 1)
    page = press(opened(**TINY), "dice")
    assert lab_of(page).config.seed == run_widgets.LARGEST_SEED - 1 == page.number_input(key="seed").value
    assert link_of(page)["seed"] == str(run_widgets.LARGEST_SEED - 1)


def test_pin_turn_a_knob_and_unpin():
    page = press(opened(**TINY), "pin")
    sound(page.run())
    pinned = RunConfig.from_mapping(TINY)
    assert lab_of(page).pinned == pinned
    assert "A and B are the same run" in texts(page, "lab-sentence")[0]
    sound(page.slider(key="classes").set_value(4).run())
    assert lab_of(page) == PageState(pinned.with_changes(classes=4), pinned)
    assert "A pinned: Classes K 3. B now: Classes K 4." in texts(page, "lab-sentence")[0]
    assert all(config.digest[:16] in str(films(page)) for config in (pinned, lab_of(page).config))
    assert link_of(page)["pin"] == "classes:3,dimension:2,per_class:2,steps:10"
    press(page, "unpin")
    sound(page.run())
    assert lab_of(page).pinned is None
    assert "pin" not in link_of(page)
    assert pinned.digest[:16] not in str(films(page))


def test_values_that_clash_are_refused_and_the_last_good_film_stays():
    page = opened(**TINY, initialisation="etf-perturbed")
    good = lab_of(page).config
    sound(page.slider(key="classes").set_value(6).run())
    (said,) = refusals(page)
    assert "6 classes do not fit one in dimension = 2: use dimension 5 or more" in said
    assert lab_of(page).config == good
    assert good.digest[:16] in str(films(page))
    sound(page.slider(key="dimension").set_value(5).run())
    assert refusals(page) == []
    assert lab_of(page).config == good.with_changes(classes=6, dimension=5)


@pytest.mark.parametrize(("controls_kept", "kept"), [("classes,seed", {"classes", "seed"}), ("none", set())])
def test_a_lesson_hides_the_other_knobs_the_presets_and_the_sharing(controls_kept, kept):
    page = opened(**TINY, controls=controls_kept, question="What <i>happens</i>?")
    assert knobs(page) == kept
    assert page.get("button_group") == []
    assert not any(e.label == "Share" for e in page.get("expander"))
    assert "What &lt;i&gt;happens&lt;/i&gt;?" in texts(page, "lab-question")[0]
    assert link_of(page) == {**TINY, "controls": controls_kept, "question": "What <i>happens</i>?"}


def test_a_hidden_knob_keeps_the_value_of_the_link():
    page = opened(**TINY, controls="seed")
    sound(page.number_input(key="seed").set_value(5).run())
    assert lab_of(page).config == RunConfig.from_mapping({**TINY, "seed": 5})


def test_talk_mode_says_one_line_and_can_be_left():
    page = opened(**TINY, talk="1", question="Why?")
    assert texts(page, "lab-talking") != []
    assert texts(page, "lab-sentence") == []
    assert page.get("button_group") == []
    press(page, "talk-off")
    sound(page.run())
    assert not lab_of(page).talk
    assert texts(page, "lab-sentence") != []
    assert link_of(page) == {**TINY, "question": "Why?"}


def test_sharing_offers_the_link_of_this_run_and_of_a_lesson():
    page = opened(**TINY)
    assert mounted(page, "copyable") == []
    page.session_state["share"] = True
    sound(page.run())
    page.sidebar.get("multiselect")[0].set_value(["classes"])
    sound(page.text_input(key="question").set_value("Why a triangle?").run())
    this, lesson = (json.loads(shown.json)["text"] for shown in mounted(page, "copyable"))
    assert this.endswith("?classes=3&dimension=2&per_class=2&steps=10")
    asks = "?classes=3&dimension=2&per_class=2&steps=10&controls=classes&question=Why+a+triangle%3F"
    assert lesson.endswith(asks)
    page.session_state["share"] = False
    sound(page.run())
    assert json.loads(mounted(page, "copyable")[1].json)["text"].endswith(asks)


def test_a_rate_beyond_the_stability_limit_is_named_under_the_ladder():
    captions = [c.value for c in opened(**TINY, learning_rate="100").sidebar.get("caption")]
    assert any(c.startswith("**100 is beyond it.** Largest stable: **") for c in captions)
    captions = [c.value for c in opened(**TINY, method="normalised-gradient-descent").sidebar.get("caption")]
    assert any("Largest stable: **100** (a step has a fixed length)" in c for c in captions)


def test_above_the_sure_limit_a_rate_is_tried_out(monkeypatch):
    runs.warm_up()
    captions = [c.value for c in opened(classes="6", dimension="2", per_class="20", seed="1").sidebar.get("caption")]
    assert any(c.startswith("Largest stable: **0.1**") for c in captions)


def test_a_hand_turned_knob_says_what_its_setting_shows():
    page = opened(**{**TINY, "classes": "6"})
    assert setting(lab_of(page).config) in texts(page, "lab-watch")[0]
    assert "Six classes in two dimensions: no simplex fits" in texts(page, "lab-watch")[0]


def test_a_preset_keeps_what_a_person_pinned_and_takes_its_own_pin_with_it():
    page = press(opened(**TINY), "pin")
    pinned = RunConfig.from_mapping(TINY)
    for name, beside in (("Triangle", pinned), ("Small or large start", PRESETS[5].pinned), ("Tetrahedron", None)):
        sound(page.get("button_group")[0].set_value(name).run())
        assert lab_of(page).pinned == beside, name
        assert preset_of(PRESETS, lab_of(page)).name == name


def test_a_button_that_asks_too_much_says_so_and_the_state_stays(monkeypatch):
    def busy(*_):
        raise Busy("Busy.")

    monkeypatch.setattr(runs, "start", busy)
    page = opened(classes="20", dimension="64", per_class="200", steps="100000")
    before = lab_of(page)
    press(page, "continue")
    assert lab_of(page) == before
    assert "steps = 1000000 would take about" in refusals(page)[0]


def test_knobs_of_the_state_before_that_arrive_late_bring_it_not_back(monkeypatch):
    """While a run grows, the page itself asks how far it is, perhaps with the knobs from before the Back button."""
    page = opened(**TINY)
    sound(page.slider(key="classes").set_value(4).run())
    page.query_params["classes"] = "3"  # Back
    sound(page.run())
    assert lab_of(page).config.classes == page.slider(key="classes").value == 3
    sound(page.slider(key="classes").set_value(4).run())  # too late
    assert lab_of(page).config.classes == page.slider(key="classes").value == 3
    at = session.time.monotonic()
    monkeypatch.setattr(session.time, "monotonic", lambda: at + 2 * session.UNDER_WAY_SECONDS)
    sound(page.slider(key="classes").set_value(4).run())  # by a person
    assert lab_of(page).config.classes == page.slider(key="classes").value == 4


def test_single_precision_stays_while_knobs_turn_and_gives_way_to_the_flow():
    page = opened(**TINY, dtype="float32")
    sound(page.slider(key="classes").set_value(4).run())
    assert lab_of(page).config.dtype == "float32"
    assert lab_of(press(page, "fast-forward")).config.dtype == "float64"
    assert refusals(page) == []


def test_the_look_of_a_link_goes_to_the_player_and_back_into_the_link():
    link = {**TINY, "view": "polygon", "camera": "0.4,1.2,1.6", "at": "step:7", "speed": "2"}
    page = opened(**link)
    assert link_of(page) == link
    (player,) = mounted(page, "film_player")
    data = json.loads(player.json)
    assert data["look"] == {"view": "polygon", "camera": [0.4, 1.2, 1.6], "at": {"step": 7.0}, "speed": 2.0}
    assert data["link"] == "classes=3&dimension=2&per_class=2&steps=10"
    page.query_params["view"] = "tour"  # as the player writes it
    sound(page.slider(key="classes").set_value(5).run())
    assert link_of(page) == {**link, "classes": "5", "view": "tour"}


def test_a_question_too_long_for_a_link_is_said():
    page = opened(**TINY)
    page.session_state["share"] = True
    sound(page.run())
    sound(page.text_input(key="question").set_value("?" * 301).run())
    assert "The question has 301 letters, and a link holds 300" in refusals(page)[0]
    assert len(mounted(page, "copyable")) == 1


def test_fast_forward_adds_the_flow_and_steps_only_takes_it_back():
    page = press(opened(**TINY), "fast-forward")
    assert lab_of(page).config == RunConfig.from_mapping({**TINY, "fast_forward": "1000"})
    assert "gradient flow carried the run on to t = e^1,000" in "".join(texts(page, "lab-sentence"))
    assert lab_of(press(page, "steps-only")).config == RunConfig.from_mapping(TINY)


@pytest.mark.parametrize("given", [{"norm_bound_w": "1"}, {"feature_norm": "2"}])
def test_what_is_held_does_not_go_on_by_the_flow(given):
    """The flow would show another run, without the bounds that were chosen."""
    page = opened(**TINY, **given)
    assert [b.disabled for b in page.button if b.key == "fast-forward"] == [True]
    assert "fast_forward" not in knobs(page)


def test_a_flow_continues_in_log_time():
    page = press(opened(**{**TINY, "method": "gradient-flow", "log_time": "30"}), "continue")
    assert lab_of(page).config.log_time == 300.0
    assert not {b.key for b in page.button} & {"fast-forward", "steps-only"}


def test_a_lesson_offers_nothing_that_its_teacher_hid():
    hidden = {b.key for b in opened(**TINY, controls="classes").button}
    assert not hidden & {"continue", "fast-forward", "dice"}
    assert "continue" in {b.key for b in opened(**TINY, controls="steps").button}
    assert ASKED_OF_ANY in texts(opened(**TINY, controls="none"), "lab-watch")[0]


def test_a_key_that_stands_twice_in_the_link_is_named():
    page = AppTest.from_file(str(SCRIPT), default_timeout=180)
    for name, value in TINY.items():
        page.query_params[name] = value
    page.query_params["seed"] = ["1", "2"]
    sound(page.run())
    assert "seed stands 2 times in the link" in refusals(page)[0]
