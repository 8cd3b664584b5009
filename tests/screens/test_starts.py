"""Many starts on the landscape screen, through Streamlit's own test driver."""

from __future__ import annotations

import json
import math

import pytest
from landscape_page import SHORT, SQUARE, buttons, components, go, lab_of, opened, shows, words
from pages import claims_in, press, refusals, sound, texts
from starts import few_starts as few_starts
from starts import held as held
from waiting import PATIENCE, until

from app.jobs import ensembles
from app.page.state import PageState
from ulpm_core import RunConfig, simulate
from ulpm_core.analysis import ensemble as ensemble_module
from ulpm_core.analysis.ensemble import ensemble
from ulpm_core.claims.making import claim_of


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
    for least in claims_in(said[0]):
        run = RunConfig.from_json(json.dumps(least.config))
        assert f">{math.floor(1e4 * least.value) / 1e4:.4f}</button>" in said[0]
        assert least.value == pytest.approx(claim_of(simulate(run), "gamma").value, rel=1e-9)
    monkeypatch.setattr(ensemble_module, "ensemble", lambda *a: pytest.fail("known starts were computed again"))
    again = opened(
        **SHORT, initialisation="merged-pairs", dimension="7"
    )  # as many classes and samples: the same starts
    assert "open-start" in buttons(again)
    sound(page.number_input(key="start-seed").set_value(5).run())
    landscape_lab = lab_of(page)
    page = press(page, "open-start")
    config = RunConfig(per_class=2, dimension=3, seed=5, method="gradient-flow", log_time=30.0)
    assert lab_of(page) == PageState(config)
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
    begun, _ = held
    ensembles.start(ensembles.roomy_and_tight(RunConfig(classes=5, per_class=2)), "another")
    until(lambda: begun)
    for K in range(6, 6 + ensembles.WAITING):
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


def test_a_lesson_stays_one_when_a_start_is_opened():
    page = opened(**SHORT, initialisation="square", controls="push", question="Why?")
    page = press(wait_for_starts(press(page, "starts")), "open-start")
    assert (lab_of(page).controls, lab_of(page).question) == (("push",), "Why?")
