"""Phase pictures on their screen, through Streamlit's own test driver."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from landscape_page import SCRIPT, lab_of
from pages import claims_in, open_page, press, sound, texts
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash
from waiting import PATIENCE, until

from app.jobs import phases
from app.jobs.cache import Cache, Memory
from app.views import phase_pictures, phase_words
from app.views.phase_pictures import ENDS, PICTURES, ratio_of, thresholds
from app.views.phases import phase_figure
from app.views.texts import Figure
from ulpm_core import RunConfig, simulate
from ulpm_core.claims.making import claim_of
from ulpm_core.dynamics.progress import Progress
from ulpm_core.model.number_words import number
from ulpm_core.studies.axes import axis
from ulpm_core.studies.cell import measured_cells
from ulpm_core.studies.study import Study
from ulpm_core.studies.sweep import gathered, swept
from ulpm_core.sweep import sweep


@pytest.fixture
def few(monkeypatch):
    """A picture of six quick cells, on a server that has just started."""

    def study(config):
        run = RunConfig(classes=3, dimension=2, per_class=2, steps=30, seed=config.seed)
        return Study(run, (axis("learning_rate", [0.1, 1.0, 900.0]), axis("initial_scale", [0.1, 1.0])))

    monkeypatch.setitem(PICTURES, "rates", replace(PICTURES["rates"], study=study))
    monkeypatch.setattr(phases, "_cells", Cache(Memory(2**24)))
    return study


def opened(picture, **link):
    """The screen as a link opens it, run once."""
    page = AppTest.from_file(str(SCRIPT), default_timeout=180)
    page._page_hash = calc_hash("phases")
    open_page(page, picture=picture, **link)
    page._page_hash = ""
    return page


def test_a_picture_that_comes_with_the_lab_is_there_at_once_and_a_cell_opens_its_film():
    page = opened("rates")
    assert "phases" not in {button.key for button in page.button}
    assert any("273 runs: " in said for said in texts(page, "lab-sentence"))
    assert page.segmented_control[0].options == [picture.label for picture in PICTURES.values()]
    assert {slider.key for slider in page.slider} == {"classes", "dimension", "per_class"}
    assert not {"rule", "ratio"} & {knob.key for knob in [*page.selectbox, *page.select_slider]}
    sound(page.selectbox(key="phases-rates-learning_rate").set_value(10).run())
    sound(page.selectbox(key="phases-rates-initial_scale").set_value(3).run())
    page = press(page, "open-phase")
    study = PICTURES["rates"].study(RunConfig())
    config = lab_of(page).config
    assert page.session_state["screen"] == "playground" and config == phases.run_of(study, 10 * 13 + 3)
    assert (config.learning_rate, config.steps, config.engine, config.snapshots) == (0.1, 1000, "auto", 240)


def test_the_figures_of_a_cell_are_claims_of_its_run(few):
    page = opened("rates", seed="9")
    assert any(said.endswith("start scale 0.1: not made yet.</p>") for said in texts(page, "lab-sentence"))
    page = press(page, "phases")
    until(lambda: phases.so_far(few(RunConfig(seed=9))).whole)
    sound(page.run())
    sound(page.selectbox(key="phases-rates-learning_rate").set_value(1).run())
    (body,) = (e.proto.body for e in page.get("html") if "data-claim=" in e.proto.body)
    claims = claims_in(body)
    run = phases.run_of(few(RunConfig(seed=9)), 2)
    assert [claim.name for claim in claims] == ["gamma", "q_min"]
    for claim in claims:
        made = claim_of(simulate(run), claim.name)
        assert claim.value == pytest.approx(made.value, rel=1e-9)
        assert claim.at == {"step": 30}
        assert replace(claim, value=made.value, at=made.at, interval=made.interval) == made
    sound(page.selectbox(key="phases-rates-learning_rate").set_value(2).run())
    assert any("learning rate 900, start scale 0.1: diverged" in said for said in texts(page, "lab-sentence"))


def test_least_and_largest_margins_in_the_sentence_are_claims_of_their_runs():
    study = PICTURES["room"].study(RunConfig())
    said = phase_words.said("room", phases.so_far(study), {}, partial(phases.run_of, study))
    figures = [part for part in said if isinstance(part, Figure)]
    assert len(figures) == 2
    for words, claim in figures:
        run = RunConfig.from_json(json.dumps(claim.config))
        assert words == number(claim.value)
        assert claim.value == pytest.approx(claim_of(simulate(run), "gamma").value, rel=1e-6)
    assert [claim.config["dimension"] >= claim.config["classes"] - 1 for _, claim in figures] == [True, False]


def test_another_picture_is_made_on_request_and_shown_as_it_grows(few):
    page = opened("rates", seed="9")
    button = next(button for button in page.button if button.key == "phases")
    assert button.label.startswith("Make this picture: 6 runs, about 1 s")
    page = press(page, "phases")
    until(lambda: phases.so_far(few(RunConfig(seed=9))).whole)
    sound(page.run())
    assert "phases" not in {button.key for button in page.button}
    assert any("Of 6 runs: 2 diverged" in said for said in texts(page, "lab-sentence"))


def test_a_picture_that_is_cancelled_keeps_its_cells_and_is_taken_up_again(few, monkeypatch):
    asked, go_on = [], threading.Event()

    def slowly(study, done, keep, **more):
        asked.append(set(done))
        for cell in range(3):
            keep(measured_cells([(cell, study.config_of(cell))], 1)[0])
        while not go_on.is_set() and more["progress"](Progress(0.5, "3 of 6 cells", lambda: None)):
            time.sleep(0.005)

    monkeypatch.setattr(phases, "swept", slowly)
    page = press(opened("rates", seed="9"), "phases")
    job = page.session_state["phases-job"]
    until(lambda: len(job.cells) == 3)
    sound(page.run())
    (progress,) = page.get("progress")
    assert progress.proto.text == "3 of 6 cells"
    page = press(page, "cancel-phases")
    assert job.done.wait(PATIENCE)
    sound(page.run())
    assert phases.so_far(few(RunConfig(seed=9))).outcomes[""] == 3
    monkeypatch.setattr(phases, "swept", swept)
    press(page, "phases")
    until(lambda: phases.so_far(few(RunConfig(seed=9))).whole)
    assert asked == [set()]


def test_the_pictures_of_the_default_run_come_with_the_lab():
    for name in phases.SHIPPED:
        found = phases.so_far(PICTURES[name].study(RunConfig()))
        assert found.whole and not found.troubles
    assert not phases.so_far(PICTURES["tolerance"].study(RunConfig())).whole


@pytest.mark.parametrize("name", phases.SHIPPED)
def test_what_comes_with_the_lab_is_what_the_lab_computes(name):
    study = PICTURES[name].study(RunConfig())
    found = phases.so_far(study)
    for cell in (0, study.cells // 2, study.cells - 1):
        place, run = study.place(cell), simulate(study.config_of(cell))
        assert found.outcome[place][0] == str(run.outcome)
        for figure, values in found.figures.items():
            if figure in run.metrics and run.outcome == "done":
                assert values[place][0] == pytest.approx(run.metrics[figure][-1], rel=1e-3, abs=1e-3)


def test_both_thresholds_are_those_of_closed_forms():
    study = PICTURES["rare"].study(RunConfig(classes=10))
    at = thresholds(study)
    assert at["norm balls 1 and 5"] == pytest.approx(12.19, abs=0.005)
    decay = at[f"weight decay {phase_pictures.DECAY:g}"]
    few = phase_pictures.RARE
    assert np.sqrt(few) / (few * (5 * decay + 5)) == pytest.approx(phase_pictures.DECAY)
    assert ratio_of(RunConfig(class_sizes=(9, 9, 9, 3)), 0.1) == pytest.approx((1 / (3**0.5 * 0.1) - 1) / 3)
    shown = PICTURES["rare"].shown(phases.so_far(PICTURES["rare"].study(RunConfig())))
    at = thresholds(PICTURES["rare"].study(RunConfig()))
    ratios = [float(text) for text in phase_words.labels(PICTURES["rare"].study(RunConfig()).axes[0])]
    for rule, name in ((1, f"weight decay {phase_pictures.DECAY:g}"), (2, "norm balls 1 and 5")):
        merged = (shown[:, rule] > 1.0 - 1e-6) | np.isnan(shown[:, rule])  # far beyond, nothing is left of them
        assert merged.tolist() == [ratio >= at[name] for ratio in ratios]
    assert (shown[:, 0] < 0.6).all()


def test_ends_are_told_apart(few):
    study = few(RunConfig())
    found = sweep(study.config, study.axes)
    levels = PICTURES["rates"].shown(found)
    assert levels[2].tolist() == [0.0, 0.0] and set(levels[0]) <= {1.0, 2.0, 3.0}
    words = phase_words.said("rates", found, {}, found.study.config_of)
    assert sum(int(word) for word in words.split() if word.isdigit()) == 12
    assert all(end in words for end in ENDS)


@pytest.mark.parametrize("name", phases.SHIPPED)
def test_every_square_is_a_cell_and_json_takes_the_figure(name):
    study = PICTURES[name].study(RunConfig())
    figure = phase_figure(name, phases.so_far(study), phases.foretold(name, study))
    json.dumps(figure, allow_nan=False)
    data = figure["data"]
    cells = sorted(np.concatenate([np.ravel(trace["customdata"]) for trace in data]).tolist())
    assert cells == list(range(study.cells))
    json.dumps(phase_figure(name, gathered(study, {}), {}), allow_nan=False)


OTHER = RunConfig(classes=5, dimension=6, per_class=7, seed=9, loss_reduction="mean", learning_rate=0.2, steps=50)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_has_the_knobs_that_change_it_and_says_what_else_is_fixed(name):
    picture, usual = PICTURES[name], PICTURES[name].study(RunConfig())
    changing = {
        knob
        for knob in ("classes", "dimension", "per_class", "seed", "loss_reduction", "learning_rate", "steps")
        if picture.study(RunConfig(**{knob: getattr(OTHER, knob)})).digest != usual.digest
    }
    assert set(picture.takes) == changing
    words = phase_words.fixed_words(name, picture.study(OTHER))
    assert "seed 9" in words and ("mean of the loss" in words) and ("5 classes" in words) == ("classes" in changing)


def test_the_picture_of_rare_classes_has_no_knob_for_what_it_fixes():
    page = opened("rare")
    assert {slider.key for slider in page.slider} == {"classes"}
    assert any("2 samples in each small class" in said for said in texts(page, "lab-sentence"))
