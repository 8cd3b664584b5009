"""The sentences on an escape: one for every way in which it can end."""

from __future__ import annotations

import re

import numpy as np
import pytest
from film.cited import figures_said, says
from film.escapes import CONFIGS, every, figure, said_log_t

from ulpm_core import Outcome, RunConfig, simulate
from ulpm_core.film.film import build_film
from ulpm_core.model.saddles.gallery import SADDLES


@pytest.fixture(scope="module")
def runs(escapes):
    return escapes


@pytest.fixture(scope="module")
def films(escape_films):
    return escape_films


@pytest.mark.parametrize("name", ["left", "origin", "neglected", "merged", "steps", "mean", "crowded", "fast-forward"])
def test_a_run_that_leaves_says_when_and_when_it_was_foretold(films, name):
    film, config = films[name], CONFIGS[name]
    said = re.fullmatch(
        r"The run leaves (.+) at t = (\S+), where ε = 0\.2; gradient flow's law of small pushes, from the part of the"
        r" start that grows, ε = (.+), foretells it at t = (\S+)\.",
        film.header["sentences"][0],
    )
    assert said, film.header["sentences"][0]
    saddle, observed, growing, predicted = said.groups()
    found = film.header["escape"]
    assert saddle == SADDLES[config.initialisation].noun
    assert said_log_t(observed) == found["observed"]
    assert said_log_t(predicted) == found["predicted"]
    assert figure(growing) == pytest.approx(found["growing"], rel=5e-3)


def test_a_run_that_has_not_left_yet_says_when_it_should(films):
    said = films["not yet"].header["sentences"][0]
    match = re.fullmatch(
        r"The run has not left the square: at t = e\^20 it is ε = (\S+) away, and the law of small pushes foretells"
        r" ε = 0\.2 at t = (e\^\S+)\.",
        said,
    )
    assert match, said
    assert figure(match[1]) == pytest.approx(films["not yet"].arrays["saddle_distance"][-1], rel=5e-3)
    assert said_log_t(match[2]) == films["not yet"].header["escape"]["predicted"]
    assert 20.0 < films["not yet"].header["escape"]["predicted"] < 1e9


def test_a_run_that_a_push_brings_to_another_simplex_is_not_called_away_from_it(films):
    said = films["simplex"].header["sentences"]
    match = re.fullmatch(
        r"At t = e\^20 the run stands at another simplex, just as good, ε = (\S+) from the one it began beside: which"
        r" one a run comes to, its push decides\.",
        said[0],
    )
    assert match, said[0]
    assert figure(match[1]) == pytest.approx(films["simplex"].arrays["saddle_distance"][-1], rel=5e-3)
    assert "away" not in " ".join(said)


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("no push", "No part of this start lies along a way down, and the run stays at the square: at t = e^20"),
        ("up", "No part of this start lies along a way down, and the run stays at the square: at t = e^20"),
        ("still origin", "No part of this start lies along a way down, and the run stays at the origin: at t = e^20"),
        ("no room", "No direction leads down from the square, and the run does not leave it: at t = e^20 it is"),
        (
            "at home",
            "No direction leads down from the cross-polytope, and the run does not leave it: at t = e^60 it is",
        ),
        ("far", "The run starts ε = 0.5 from the square, too far off for the law of small pushes; at t = e^20 it is"),
        (
            "just far",
            "The run starts ε = 0.2 from the square, too far off for the law of small pushes; at t = e^20 it is",
        ),
    ],
)
def test_a_run_that_stays_or_starts_too_far_off_says_why(films, name, begins):
    said, away = films[name].header["sentences"][0], films[name].arrays["saddle_distance"][-1]
    assert said.startswith(begins)
    found = re.search(r"it is ε = (.+) away\.$", said)
    assert found, said
    assert figure(found[1]) == pytest.approx(away, rel=0.06, abs=1e-300)
    cited = [each for _, each in figures_said(films[name].header) if each["curve"] == "saddle_distance"]
    assert cited[-1]["value"] == away
    assert (away < 1e-9) == (name in ("no push", "up", "still origin"))
    assert films[name].header["escape"]["observed"] is None


@every
def test_every_sentence_is_finished(films, name):
    for words, each in figures_said(films[name].header):
        assert says(words, each["value"]), each
    for said in films[name].header["sentences"]:
        assert said[0].isupper() and said.endswith("."), said
        assert not re.search(r"nan|inf\b|None|e[+-]\d|\{|\}|  ", said), said


def test_a_run_that_diverged_still_tells_of_its_saddle(films, runs):
    assert runs["diverged"].outcome is Outcome.DIVERGED
    header = films["diverged"].header
    assert header["sentences"][0].startswith("The run leaves the neglected class")
    assert header["sentences"][1] == runs["diverged"].stop_reason
    assert np.isinf(films["diverged"].arrays["saddle_distance"][-1])  # it has been thrown to the other side


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"classes": 8, "dimension": 4, "log_time": 60.0, "push": 0.05, "push_along": 2}, "The run leaves the"),
        ({"classes": 8, "dimension": 4, "log_time": -3.0, "push": 0.05, "push_along": 2}, "The run has not left the"),
    ],
)
def test_a_push_along_another_way_down_has_no_time_foretold(changes, words):
    run = simulate(RunConfig(method="gradient-flow", initialisation="polygon", per_class=2, **changes))
    said = build_film(run).header["sentences"][0]
    assert said.startswith(words)
    assert said.endswith("; its push lies along a way down that is not the steepest, so no time is foretold.")


def test_a_saddle_left_later_than_any_run_is_not_called_one_without_a_way_down():
    config = RunConfig(initialisation="cross-polytope", classes=6, dimension=5, per_class=1, margin=20.0, push=1e-3)
    said = build_film(simulate(config.with_changes(method="gradient-flow", log_time=100.0))).header["sentences"][0]
    assert said.endswith("foretells ε = 0.2 later than t = e^1,000,000,000.")
