"""The words of a film: they say the run's own numbers, and every sentence is finished."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from film.cited import figures_said, says
from film.films import every, separation_step, strict
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reference import slow_metrics

from ulpm_core import RunConfig, State, simulate
from ulpm_core.analysis.angles import angle_gap_degrees
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.film.cited import CLOSES, OPENS, PARTS, cited, parted
from ulpm_core.film.film import Film, build_film
from ulpm_core.film.words import caption, title
from ulpm_core.model.number_words import number

UNMARKED = st.text(max_size=4).filter(lambda text: not {OPENS, PARTS, CLOSES} & set(text))


def test_the_sentences_say_the_run_s_own_numbers(films, runs):
    run, (separation, angles, pace) = runs["default"], films["default"].header["sentences"]
    assert f"{separation_step(run):,}" in separation
    assert "Training error reached zero" in separation
    assert "At step 3,000" in angles
    assert "109.5°" in angles
    gap = slow_metrics(run.W[-1], run.H[-1], run.labels)["nc2_angles"]
    assert number(gap) in angles
    H = run.H[-1]
    means = np.array([H[:, run.labels == k].mean(axis=1) for k in range(4)]) - H.mean(axis=1)
    assert f"{number(angle_gap_degrees(means))}°" in angles
    assert "−1/3" in angles
    assert pace.startswith("Plain gradient descent closes that gap only like 1/log t in the end")


def test_every_sentence_fits_its_run(films, runs):
    normalised = films["roomy"].header["sentences"][2]
    shown = (
        f"{np.exp(runs['roomy'].log_time[-1]):,.0f}"
        if runs["roomy"].log_time[-1] < np.log(1e6)
        else f"e^{runs['roomy'].log_time[-1]:,.0f}"
    )
    assert f"t = {shown}" in normalised
    assert "K = 2 has no angle to close" in films["smallest"].header["sentences"][-1]
    assert "101.5° apart" in films["crowded"].header["sentences"][1]
    assert films["diverged"].header["sentences"][0] == runs["diverged"].stop_reason
    assert "smaller learning rate" in films["diverged"].header["sentences"][1]
    wrong = int((np.argmax(runs["one step"].W[-1] @ runs["one step"].H[-1], axis=0) != runs["one step"].labels).sum())
    assert wrong > 0
    assert f"At step 1 {wrong} of 120 samples" in films["one step"].header["sentences"][0]
    assert "At t = e^400 the angles" in films["flow"].header["sentences"][1]
    pace, apart = films["fast-forward"].header["sentences"][2], number(runs["fast-forward"].hand_over.error)
    assert "took 500 steps; from there gradient flow carried the run on to t = e^100,000." in pace
    assert f"from step 43 to the hand-over, where both ends lay {apart} apart" in pace


@every
def test_figures_in_sentences_are_values_of_the_film_s_curves(films, name):
    film = films[name]
    for words, figure in figures_said(film.header):
        assert figure["value"] == film.arrays[figure["curve"]][figure["frame"]]
        assert says(words, figure["value"])
    found = {figure["curve"] for figure in film.header["figures"]}
    flow = {"nc2_angles", "gamma_gap"} if name == "flow" else {"nc2_angles"}
    assert found == (set() if name in ("smallest", "diverged") else flow)


@given(st.lists(st.lists(st.tuples(UNMARKED, st.booleans())), max_size=4))
def test_marks_part_into_the_sentences_without_them(pieces):
    marked = ["".join(cited("loss", 3, piece) if is_cited else piece for piece, is_cited in each) for each in pieces]
    plain, found = parted(marked)
    assert plain == ["".join(piece for piece, _ in each) for each in pieces]
    told = [piece for each in pieces for piece, is_cited in each if is_cited]
    assert [plain[each.sentence][each.start : each.end] for each in found] == told


@every
def test_words_are_finished(films, name):
    h = films[name].header
    for text in [*h["sentences"], h["caption"], h["stop_reason"], h["title"], h["note"]]:
        assert not re.search(r"nan|inf\b|None|e[+-]\d|\{|\}|  ", text.replace("1e+", "")), text
    assert all(s.endswith(".") and s[0].isupper() for s in h["sentences"])
    assert h["outcome"] == ("diverged" if name == "diverged" else "done")
    assert h["partial"] is False


def test_a_run_at_the_origin_is_told_as_the_critical_point_it_is():
    run = simulate(RunConfig(classes=3, steps=5), State(np.zeros((3, 2)), np.zeros((2, 6))))
    film = build_film(run)
    strict(json.dumps(film.header))
    assert "critical point" in film.header["sentences"][-1]
    assert "6 of 6 samples are still misclassified" in film.header["sentences"][0]
    assert Film.from_bytes(film.to_bytes()).header == film.header


BOUNDS = {"norm_bound_w": 1.0, "norm_bound_h": 1.0}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"weight_decay": 30.0, "learning_rate": 0.01},
            "The value, loss and decay together, is 166. The optimum is W = 0",
        ),
        ({"classes": 2, **BOUNDS}, "The loss is 7.62, and 7.62 is the best there is."),
        ({"method": "normalised-gradient-descent", **BOUNDS}, "The loss is 69.9, and 69.9 is the best there is."),
    ],
)
def test_every_run_with_a_best_value_says_it(given, said):
    """Also where it is W = H = 0, where two classes have no angle to close, and where steps have a fixed length."""
    header = build_film(simulate(RunConfig(**given))).header
    assert header["sentences"][-1].startswith(said)
    assert header["panels"][-1]["title"] == "Norms"  # they need not grow


@pytest.mark.parametrize(("rate", "leaps"), [(0.1, True), (0.05, False)])
def test_steps_that_bounds_keep_from_diverging_are_told_as_too_large(rate, leaps):
    run = simulate(RunConfig(loss="squared-error", learning_rate=rate, **BOUNDS))
    assert run.outcome is Outcome.DONE
    said = build_film(run).header["sentences"][-1]
    assert ("It goes up and down to the end: a smaller learning rate would settle it." in said) is leaps
    assert ("The loss is 15, and 15 is the best there is." in said) is not leaps


@pytest.mark.parametrize(
    ("K", "d", "said"),
    [
        (4, 3, "Exact"),
        (3, 2, "Exact"),
        (5, 3, "No simplex fits: 5 classes would need 4 dimensions and there are 3"),
        (5, 1, "there is 1"),
        (8, 7, "spans 7 dimensions and a screen shows 3"),
    ],
)
def test_the_caption_says_what_cannot_be_shown(K, d, said):
    assert said in caption(K, d, min(d, max(3, K - 1)), 0.0)
    assert title(K, d) == f"{K} classes in {d} dimension" + ("" if d == 1 else "s")


def test_the_caption_says_how_much_is_hidden():
    assert caption(4, 9, 3, 0.125) == (
        "3 of 9 dimensions: those of the ideal tetrahedron; 12.5% of the spread lies outside, and NC1 counts it."
    )
    assert caption(3, 5, 3, 1e-5) == (
        "3 of 5 dimensions: the plane of the ideal triangle, and the one that spreads widest beside it;"
        " nothing visible lies outside."
    )
    assert caption(2, 4, 3, 0.01).startswith("3 of 4 dimensions: the line of the ideal pair, and the two that")


@given(st.floats(1e-290, 1e300) | st.floats(1e-6, 1e10))
@settings(max_examples=300)
@example(999.7)
@example(9.99e-5)
@example(9.96e20)
def test_a_number_is_written_as_people_read_it(value):
    text = number(value)
    assert "e" not in text
    plain = text.replace(",", "").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    mantissa, _, exponent = plain.partition(" × 10")
    assert float(mantissa) * 10.0 ** int(exponent or 0) == pytest.approx(value, rel=0.051)
    if exponent:
        assert 1 <= float(mantissa) < 10


def test_numbers_at_the_ends():
    assert number(0.0) == "0"
    assert number(-1234.0) == "−1,234"
    assert "×" in number(5e-324)


def test_angles_of_known_figures():
    tetrahedron = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    assert angle_gap_degrees(tetrahedron) == pytest.approx(0.0, abs=1e-6)
    square = np.array([[1.0, 0], [0, 1], [-1, 0], [0, -1]])
    ideal = np.degrees(np.arccos(-1 / 3))
    assert angle_gap_degrees(square) == pytest.approx(((ideal - 90) * 2 + (180 - ideal)) / 3, abs=1e-6)
