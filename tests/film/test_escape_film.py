"""The film of an escape: its panels and curves, its marks on the clock, whole and on the way."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from film.escapes import BY_STEPS, CONFIGS, FLOW, LEFT, every, frames_of, said_log_t, tangent, theta
from reference import dense_hessian
from scipy.linalg import null_space
from scipy.special import softmax

from ulpm_core import Outcome, RunConfig, simulate
from ulpm_core.analysis.escape import escape
from ulpm_core.analysis.measure import measured
from ulpm_core.film.film import Film, build_film
from ulpm_core.model.saddles.gallery import SADDLES


@pytest.fixture(scope="module")
def runs(escapes):
    return escapes


@pytest.fixture(scope="module")
def films(escape_films):
    return escape_films


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


# -- on the way --------------------------------------------------------------------------------------------------


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


def test_crowds_have_no_simplex_and_an_escape_all_the_same(films):
    header = films["crowded"].header
    assert (header["fits"], header["dimension"]) == (False, 3)
    assert "ideal" not in films["crowded"].arrays
    assert header["caption"].startswith("No simplex fits: 8 classes would need 7 dimensions")
    assert films["crowded"].arrays["saddle_distance"][-1] > LEFT


def test_a_few_looks_draw_no_curve_of_curvature():
    config = RunConfig(initialisation="square", dimension=10, per_class=30, method="gradient-flow", log_time=60.0)
    assert "lowest_curvature" not in [curve["name"] for curve in build_film(simulate(config)).header["curves"]]
