"""The film of an escape: its panels and curves, its marks on the clock, and a sentence for every way it can end."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest
from reference import dense_hessian
from scipy.linalg import null_space
from scipy.special import softmax

from ulpm_core import Outcome, RunConfig, simulate
from ulpm_core.analysis.escape import escape
from ulpm_core.analysis.measure import measured
from ulpm_core.film.film import Film, build_film
from ulpm_core.model.saddles.gallery import SADDLES

LEFT = 0.2
FLOW = {"method": "gradient-flow", "per_class": 2}
CONFIGS = {
    "left": RunConfig(initialisation="square", log_time=60.0, **FLOW),
    "not yet": RunConfig(initialisation="square", log_time=20.0, push=0.01, **FLOW),
    "no push": RunConfig(initialisation="square", log_time=20.0, push=0.0, **FLOW),
    "up": RunConfig(initialisation="square", log_time=20.0, push_along=1000, **FLOW),
    "no room": RunConfig(initialisation="square", dimension=2, log_time=20.0, push=0.05, **FLOW),
    "simplex": RunConfig(initialisation="simplex", log_time=20.0, push=0.05, push_along=0, **FLOW),
    "far": RunConfig(initialisation="square", log_time=20.0, push=0.5, **FLOW),
    "just far": RunConfig(initialisation="square", log_time=20.0, push=LEFT, **FLOW),
    "origin": RunConfig(initialisation="origin", log_time=20.0, push=0.01, push_along=0, **FLOW),
    "still origin": RunConfig(initialisation="origin", log_time=20.0, push=0.0, **FLOW),
    "neglected": RunConfig(initialisation="neglected-class", classes=3, log_time=20.0, push=0.01, **FLOW),
    "merged": RunConfig(initialisation="merged-classes", classes=3, log_time=20.0, push=0.01, push_along=0, **FLOW),
    "steps": RunConfig(initialisation="merged-pairs", per_class=2, learning_rate=0.05, steps=2000, push=0.01),
    "mean": RunConfig(
        initialisation="merged-pairs", loss_reduction="mean", per_class=2, learning_rate=0.2, steps=3000, push=0.01
    ),
    "fast-forward": RunConfig(initialisation="merged-pairs", per_class=2, steps=100, push=0.03, fast_forward=100.0),
    "crowded": RunConfig(initialisation="polygon", classes=8, log_time=60.0, push=0.05, **FLOW),
    "at home": RunConfig(initialisation="cross-polytope", classes=6, log_time=60.0, **FLOW),
    "large": RunConfig(initialisation="square", dimension=20, per_class=30, method="gradient-flow", log_time=20.0),
    "diverged": RunConfig(
        initialisation="neglected-class", classes=3, per_class=50, learning_rate=0.9, steps=2000, push_along=0
    ),
}
BY_STEPS = ("steps", "mean", "diverged")
every = pytest.mark.parametrize("name", CONFIGS)


@pytest.fixture(scope="module")
def runs():
    return {name: simulate(config) for name, config in CONFIGS.items()}


@pytest.fixture(scope="module")
def films(runs):
    return {name: build_film(run) for name, run in runs.items()}


def frames_of(film, run) -> np.ndarray:
    """The snapshots that are frames; no two have the same time."""
    clock = np.array([-np.inf if t is None else t for t in film.header["clock"]["log_time"]])
    return np.searchsorted(run.log_time, clock)


def theta(W: np.ndarray, H: np.ndarray) -> np.ndarray:
    return np.concatenate([W.ravel(), H.ravel()])


def tangent(run, config) -> np.ndarray:
    """The tangent of the angle to the saddle, inf from a right angle on; off the origin, the norm."""
    still = simulate(config.with_changes(push=0.0, steps=1, log_time=-20.0, fast_forward=0.0), separation=False)
    saddle = theta(still.W[0], still.H[0])
    states = [theta(W, H) for W, H in zip(run.W, run.H, strict=True)]
    if not saddle.any():
        return np.array([np.linalg.norm(state) for state in states])
    unit = saddle / np.linalg.norm(saddle)
    return np.array(
        [
            np.linalg.norm(state - (unit @ state) * unit) / (unit @ state) if unit @ state > 0.0 else math.inf
            for state in states
        ]
    )


def log_t(words: str) -> float:
    """log t as a sentence has it: "e^868", "149", "0.0498"."""
    words = words.replace(",", "")
    return float(words[2:]) if words.startswith("e^") else math.log(float(words))


def figure(words: str) -> float:
    mantissa, _, exponent = words.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")).partition(" × 10")
    return float(mantissa) * 10.0 ** int(exponent or 0)


def said_log_t(words: str) -> object:
    """What a sentence's time must be: three digits of t, or of log t where t is a power of e."""
    value = log_t(words)
    return pytest.approx(value, abs=0.006 if not words.startswith("e^") else max(0.51, 5e-3 * value))


# -- panels, curves, document --------------------------------------------------------------------------------------


@every
def test_an_escape_has_its_panels_first_and_the_film_is_whole(films, name):
    film = films[name]
    again = Film.from_bytes(film.to_bytes())

    def never(word: str):
        raise AssertionError(f"{word} in the header")

    assert json.loads(json.dumps(again.header), parse_constant=never) == film.header
    own = [panel for panel in film.header["panels"] if panel["set"] == "escape"]
    curves = ["saddle_distance", "lowest_curvature", "above_floor", "gamma"]
    if name == "large":
        curves.remove("lowest_curvature")
    assert [panel["curves"] for panel in own] == [[curve] for curve in curves]
    assert film.header["panels"][: len(own)] == own
    assert {panel["set"] for panel in film.header["panels"]} >= {"escape", "run" if name in BY_STEPS else "theorem"}
    drawn = {curve["name"]: curve for curve in film.header["curves"]}
    for curve in curves:
        assert drawn[curve]["name"] == curve
        holes = (curve, name) in [("gamma", "still origin"), ("saddle_distance", "diverged")]
        assert np.isfinite(again.arrays[curve]).all() or holes
    assert set(film.header["escape"]) == {"predicted", "observed", "growing", "escaped"}
    assert film.header["escape"]["escaped"] == LEFT
    assert "ε = 0.2" in json.dumps(drawn["saddle_distance"], ensure_ascii=False)
    assert ("lowest_curvature" in drawn) == (name != "large")


def test_a_run_that_starts_elsewhere_has_none_of_this():
    header = build_film(simulate(RunConfig(steps=50))).header
    assert header["escape"] is None
    assert "escape" not in {panel["set"] for panel in header["panels"]}
    assert not {curve["name"] for curve in header["curves"]} & {"saddle_distance", "above_floor", "lowest_curvature"}


@every
def test_the_distance_is_the_tangent_of_the_angle_to_the_saddle(films, runs, name):
    film, run = films[name], runs[name]
    expected = tangent(run, CONFIGS[name])
    assert film.arrays["saddle_distance"] == pytest.approx(expected[frames_of(film, run)], rel=1e-9, abs=1e-12)
    assert film.arrays["saddle_distance"][0] == pytest.approx(CONFIGS[name].push, rel=1e-9, abs=1e-14)


@every
def test_the_loss_above_its_floor_is_what_the_norm_leaves_free(films, runs, name):
    film, run, K, n = films[name], runs[name], CONFIGS[name].classes, CONFIGS[name].per_class
    samples = 1 if CONFIGS[name].loss_reduction == "mean" else K * n
    at = frames_of(film, run)
    mu = np.array([theta(run.W[i], run.H[i]) @ theta(run.W[i], run.H[i]) for i in at]) / (2 * (K - 1) * math.sqrt(n))
    tail = math.log(K - 1) - mu
    floor = np.where(tail > -30.0, np.log(np.log1p(np.exp(np.maximum(tail, -30.0)))), tail) + math.log(samples)
    assert film.arrays["above_floor"] == pytest.approx(run.log_loss[at] - floor, rel=1e-9, abs=1e-10)
    assert film.arrays["above_floor"].min() >= 0.0


@pytest.mark.parametrize("name", ["left", "no room", "neglected", "origin", "steps", "mean", "crowded"])
def test_the_lowest_curvature_is_torch_s_along_the_run(films, runs, name):
    film, run, config = films[name], runs[name], CONFIGS[name]
    looks = np.linspace(0, len(run) - 1, 40).round().astype(int)
    early = [i for i in looks if run.log_loss[i] > -6.0][::6]
    assert len(early) >= 3
    for i in early:
        W, H = run.W[i].copy(), run.H[i].copy()
        K, n = config.classes, config.per_class
        G = (softmax(W @ H, axis=0) - np.repeat(np.eye(K), n, axis=1)) / (
            K * n if config.loss_reduction == "mean" else 1
        )
        at = theta(W, H)
        multiplier = -2.0 * (G * (W @ H)).sum() / (at @ at)
        Q = null_space(at[None])
        hessian = Q.T @ dense_hessian(W, H, n, config.loss_reduction) @ Q + multiplier * np.eye(len(at) - 1)
        least = np.linalg.eigvalsh(hessian)[0] / np.linalg.norm(G, 2)
        (frame,) = np.flatnonzero(frames_of(film, run) == i)
        assert film.arrays["lowest_curvature"][frame] == pytest.approx(least, abs=1e-9)


def test_what_is_too_large_for_spectra_goes_without_them(runs):
    assert len(escape(runs["large"], simulate_saddle(CONFIGS["large"])).looks) == 0
    assert len(escape(runs["left"], simulate_saddle(CONFIGS["left"])).looks) == 40


def simulate_saddle(config):
    return SADDLES[config.initialisation].state(config.classes, config.dimension, config.per_class, config.margin)


# -- marks and figures ---------------------------------------------------------------------------------------------


@every
def test_the_saddle_is_left_where_the_distance_says(films, runs, name):
    film, run = films[name], runs[name]
    clock, far = film.header["clock"]["log_time"], film.arrays["saddle_distance"]
    marks = {event["label"]: event for event in film.header["events"]}
    observed = film.header["escape"]["observed"]
    leaves = bool((far >= LEFT).any()) and far[0] < LEFT
    assert ("the saddle is left" in marks) == leaves
    if leaves:
        at = marks["the saddle is left"]["frame"]
        assert marks["the saddle is left"]["id"] == "left"
        assert far[at - 1] < LEFT <= far[at]
        assert (clock[at - 1] if clock[at - 1] is not None else -math.inf) < observed <= clock[at]
        assert said_log_t(marks["the saddle is left"]["when"].removeprefix("t = ")) == observed
    else:
        assert observed is None
    predicted = film.header["escape"]["predicted"]
    foretold = marks.get("foretold: left by here")
    assert (foretold is not None) == (predicted is not None and predicted <= run.log_time[-1])
    if foretold:
        at = foretold["frame"]
        assert (clock[at - 1] if clock[at - 1] is not None else -math.inf) < predicted <= clock[at]
        assert said_log_t(foretold["when"].removeprefix("t = ")) == predicted


@every
def test_the_part_that_grows_is_never_more_than_the_push(films, name):
    growing, config = films[name].header["escape"]["growing"], CONFIGS[name]
    assert 0.0 <= growing <= config.push * (1 + 1e-9)
    if config.push_along == 1:
        assert growing == pytest.approx(config.push)
    elif config.push_along == 0:
        assert 0.02 * config.push < growing < config.push
    else:
        assert growing == 0.0


WITHOUT = [("origin", 4, 3), ("neglected-class", 3, 2), ("neglected-class", 4, 6), ("merged-classes", 3, 4),
           ("merged-pairs", 4, 3), ("merged-pairs", 6, 5)]  # fmt: skip


@pytest.mark.parametrize("push_along", [0, 1])
@pytest.mark.parametrize("method", ["gradient-flow", "gradient-descent"])
@pytest.mark.parametrize(("saddle", "K", "d"), WITHOUT)
def test_what_does_not_separate_is_left_when_foretold_to_a_tenth_of_t(saddle, K, d, method, push_along):
    config = RunConfig(
        initialisation=saddle, classes=K, dimension=d, per_class=3, margin=1.0, push=0.01, push_along=push_along,
        method=method, log_time=4.0, learning_rate=0.01, steps=2000, snapshots=240,
    )  # fmt: skip
    found = build_film(simulate(config, separation=config.flows)).header["escape"]
    assert math.exp(found["observed"] - found["predicted"]) == pytest.approx(1.0, abs=0.1)


def test_under_the_mean_every_escape_takes_as_many_times_longer_as_there_are_samples(films):
    summed, mean = (films[name].header["escape"] for name in ("steps", "mean"))
    assert mean["predicted"] == pytest.approx(summed["predicted"] + math.log(8), rel=1e-9)
    assert mean["observed"] == pytest.approx(summed["observed"] + math.log(8), abs=0.1)


@pytest.mark.parametrize(
    ("saddle", "K", "d", "push", "push_along"),
    [("square", 4, 3, 0.1, 1), ("square", 4, 8, 0.05, 1), ("square", 4, 4, 0.15, 0), ("polygon", 5, 4, 0.05, 1),
     ("polygon", 6, 3, 0.02, 1)],
)  # fmt: skip
def test_what_separates_is_left_when_foretold_to_a_fifth_of_log_t(saddle, K, d, push, push_along):
    config = RunConfig(
        initialisation=saddle, classes=K, dimension=d, push=push, push_along=push_along, log_time=150.0, **FLOW
    )
    found = build_film(simulate(config)).header["escape"]
    assert found["observed"] > 1.0
    assert found["predicted"] == pytest.approx(found["observed"], rel=0.2)


# -- sentences -----------------------------------------------------------------------------------------------------


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
    assert (away < 1e-9) == (name in ("no push", "up", "still origin"))
    assert films[name].header["escape"]["observed"] is None


@every
def test_every_sentence_is_finished(films, name):
    for said in films[name].header["sentences"]:
        assert said[0].isupper() and said.endswith("."), said
        assert not re.search(r"nan|inf\b|None|e[+-]\d|\{|\}|  ", said), said


# -- on the way ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["gradient-descent", "gradient-flow"])
def test_a_growing_film_shows_the_escape_so_far(method):
    """By steps in chunks, by flow from one record to the next: the part is the whole's beginning."""
    config = RunConfig(
        initialisation="merged-pairs", per_class=3, learning_rate=1e-4, steps=300_000, push=0.001, method=method,
        log_time=3.0,
    )  # fmt: skip
    parts = []
    whole = simulate(config, progress=lambda p: parts.append(p.so_far()) or True)
    assert len(parts) >= 2
    seen = [build_film(measured(part, config.flows)) for part in (parts[0], parts[len(parts) // 2])]
    ended = build_film(whole)
    for part, film in zip((parts[0], parts[len(parts) // 2]), seen, strict=True):
        assert part.outcome is Outcome.RUNNING
        assert film.header["partial"] is True
        assert Film.from_bytes(film.to_bytes()).header == film.header
        assert film.header["escape"]["predicted"] == ended.header["escape"]["predicted"]
        expected = tangent(part, config)
        assert film.arrays["saddle_distance"] == pytest.approx(expected[frames_of(film, part)], rel=1e-9)
        assert film.header["sentences"][0].startswith(("The run has not left", "The run leaves"))
    assert ended.header["partial"] is False
    assert ended.header["sentences"][0].startswith("The run leaves the merged pairs")


def test_a_run_that_diverged_still_tells_of_its_saddle(films, runs):
    assert runs["diverged"].outcome is Outcome.DIVERGED
    header = films["diverged"].header
    assert header["sentences"][0].startswith("The run leaves the neglected class")
    assert header["sentences"][1] == runs["diverged"].stop_reason
    assert np.isinf(films["diverged"].arrays["saddle_distance"][-1])  # it has been thrown to the other side


def test_crowds_have_no_simplex_and_an_escape_all_the_same(films):
    header = films["crowded"].header
    assert (header["fits"], header["dimension"]) == (False, 3)
    assert "ideal" not in films["crowded"].arrays
    assert header["caption"].startswith("No simplex fits: 8 classes would need 7 dimensions")
    assert films["crowded"].arrays["saddle_distance"][-1] > LEFT


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


def test_a_few_looks_draw_no_curve_of_curvature():
    config = RunConfig(initialisation="square", dimension=10, per_class=30, method="gradient-flow", log_time=60.0)
    assert "lowest_curvature" not in [curve["name"] for curve in build_film(simulate(config)).header["curves"]]
