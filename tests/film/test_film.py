"""The film: its bytes, its geometry, its curves and its marks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from film.films import CONFIGS, every, parts, separation_step
from reference import slow_metrics
from scipy.spatial.distance import pdist

from ulpm_core import Outcome, RunConfig, simulate
from ulpm_core.analysis.panels import FLOW_SETS
from ulpm_core.analysis.projection import FEATURE_BYTES, MAX_FRAMES
from ulpm_core.analysis.rates import PREDICTED
from ulpm_core.film.film import Film, build_film

FLOWS = ("flow", "fast-forward")


# -- the document --------------------------------------------------------------------------------------------------


@every
def test_bytes_give_the_film_back(films, name):
    film = films[name]
    again = Film.from_bytes(film.to_bytes())
    assert again.header == film.header
    assert again.digest == CONFIGS[name].digest
    assert list(again.arrays) == list(film.arrays)
    for key, array in film.arrays.items():
        assert array.dtype == again.arrays[key].dtype
        assert np.array_equal(array, again.arrays[key], equal_nan=True)
    assert again.to_bytes() == film.to_bytes()


@every
def test_everything_is_aligned_and_inside(films, name):
    document = films[name].to_bytes()
    header, start = parts(document)
    assert document[:8] == b"ULPMFILM"
    assert start % 8 == 0
    ends = [0]
    for layout in header["arrays"].values():
        assert layout["offset"] % 8 == 0
        assert layout["offset"] >= ends[-1]
        ends.append(layout["offset"] + np.dtype(layout["dtype"]).itemsize * math.prod(layout["shape"]))
    assert start + ends[-1] <= len(document) < start + ends[-1] + 8


@every
def test_the_shapes_are_those_the_header_promises(films, runs, name):
    film, config = films[name], CONFIGS[name]
    h, K = film.header, config.classes
    F, A, kept = h["frames"], h["axes"], h["shown_per_class"]
    assert F <= MAX_FRAMES
    assert (h["classes"], h["dimension"], h["per_class"]) == (K, config.dimension, config.per_class)
    expected = {
        "features": (F, K * kept, A),
        "means": (F, K, A),
        "classifiers": (F, K, A),
        "scale": (F,),
        "scale_w": (F,),
        "cosines": (F, K, K),
        "cosines_w": (F, K, K),
    }
    if config.dimension >= K - 1 or "target" in h:
        expected["ideal"] = (F, K, A)
    expected |= {curve["name"]: (F,) for curve in h["curves"]}
    assert {key: array.shape for key, array in film.arrays.items()} == expected
    assert all(film.arrays[key].dtype == np.float32 for key in ("features", "means", "classifiers", "cosines"))
    assert all(film.arrays[c["name"]].dtype == np.float64 for c in h["curves"])
    assert h["labels"] == [k for k in range(K) for _ in range(kept)]
    assert len(h["clock"]["step"]) == len(h["clock"]["time"]) == len(h["clock"]["log_time"]) == F
    assert h["clock"]["step"][0] == 0
    assert h["clock"]["step"][-1] == runs[name].step[-1]
    assert h["clock"]["log_time"][0] is None
    assert [c["name"] for c in h["curves"]] == list(
        dict.fromkeys((*(c for panel in h["panels"] for c in panel["curves"]), "loss", "minus_log_loss"))
    )
    assert {panel["set"] for panel in h["panels"]} == ({"run", *FLOW_SETS} if name in FLOWS else {"run"})
    assert h["clock"]["by"] == ("log_time" if name in FLOWS else "step")
    assert (h["theory"] is None) == (name not in FLOWS)
    assert RunConfig.from_mapping({k: v for k, v in h["config"].items() if k != "kind"}) == config
    assert h["fits"] == (config.dimension >= K - 1)


def test_a_film_has_at_most_240_frames_and_keeps_both_ends():
    run = simulate(RunConfig(classes=2, dimension=1, per_class=2, steps=5000, snapshots=2000))
    film = build_film(run)
    assert len(run) > MAX_FRAMES >= film.header["frames"] >= MAX_FRAMES - 4  # marked snapshots are frames in any case
    steps = film.header["clock"]["step"]
    assert steps[0] == 0
    assert steps[-1] == 5000
    assert set(steps) <= set(run.step.tolist())
    assert np.array_equal(
        film.arrays["nc1_trace_ratio"], run.nc1_trace_ratio[np.searchsorted(run.step, steps)], equal_nan=True
    )


@every
def test_features_stay_in_their_budget_and_thinning_is_said(films, name):
    film, n = films[name], CONFIGS[name].per_class
    kept = film.header["shown_per_class"]
    assert film.arrays["features"].nbytes <= FEATURE_BYTES
    assert film.header["note"] == ("" if kept == n else f"Showing {kept} of {n} samples per class.")
    assert (kept < n) == (name == "thinned")
    assert len(film.to_bytes()) <= 4.5 * 2**20


def test_thinned_samples_are_spread_evenly_and_are_real_samples(films, runs):
    film, run = films["thinned"], runs["thinned"]
    kept = film.header["shown_per_class"]
    assert film.arrays["features"].nbytes > 0.9 * FEATURE_BYTES
    picked = np.unique(np.linspace(0, 1499, kept).round().astype(int))
    shown = np.concatenate([k * 1500 + picked for k in range(4)])
    centred = run.H[-1] - run.H[-1].mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(centred[:, shown], axis=0)
    assert np.linalg.norm(film.arrays["features"][-1], axis=1) == pytest.approx(lengths, rel=1e-5)


@pytest.mark.parametrize("K", [20, 64])
def test_a_film_of_many_classes_stays_small_too(K):
    run = simulate(RunConfig(classes=K, dimension=K, per_class=2, steps=10_000, learning_rate=1e-3, snapshots=300))
    assert len(build_film(run).to_bytes()) <= 16 * 2**20


# -- the geometry --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["default", "smallest", "plane", "crowded", "one step", "diverged"])
def test_up_to_three_dimensions_the_stage_is_exact(films, runs, name):
    film, run = films[name], runs[name]
    frames = np.searchsorted(run.step, film.header["clock"]["step"])
    for frame in {0, len(frames) // 2, len(frames) - 1}:
        H, W = run.H[frames[frame]], run.W[frames[frame]]
        true, seen = pdist(H.T), pdist(film.arrays["features"][frame].astype(float))
        assert np.abs(seen - true).max() <= 1e-6 * true.max()
        true, seen = pdist(W), pdist(film.arrays["classifiers"][frame].astype(float))
        assert np.abs(seen - true).max() <= 1e-6 * true.max()


@pytest.mark.parametrize("name", ["default", "smallest", "plane", "shadow", "roomy", "thinned"])
def test_the_ideal_is_a_simplex_at_the_scale_of_the_means(films, name):
    film, K = films[name], CONFIGS[name].classes
    E, scale = film.arrays["ideal"][-1].astype(float), float(film.arrays["scale"][-1])
    assert E @ E.T / scale**2 == pytest.approx((np.eye(K) - 1 / K) * K / (K - 1), abs=1e-5)
    assert np.linalg.norm(film.arrays["means"][-1], axis=1).mean() == pytest.approx(scale, rel=1e-2)


def test_the_end_of_a_collapsed_run_lies_on_its_ideal():
    run = simulate(RunConfig(initialisation="etf-perturbed", initial_scale=0.0, steps=2000))
    film = build_film(run)
    for frame in (0, -1):
        gap = film.arrays["means"][frame] - film.arrays["ideal"][frame]
        assert np.abs(gap).max() < 1e-5 * film.arrays["scale"][frame]


@every
def test_the_cosine_matrices_are_those_of_the_run(films, runs, name):
    run, film = runs[name], films[name]
    H, labels = run.H[-1], run.labels
    means = np.array([H[:, labels == k].mean(axis=1) for k in range(CONFIGS[name].classes)]) - H.mean(axis=1)
    for rows, key in ((means, "cosines"), (run.W[-1] - run.W[-1].mean(axis=0), "cosines_w")):
        unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        assert film.arrays[key][-1] == pytest.approx(unit @ unit.T, abs=1e-5)


@every
def test_the_curves_are_the_metrics(films, runs, name):
    run, film = runs[name], films[name]
    expected = slow_metrics(run.W[-1], run.H[-1], run.labels) if name != "thinned" else {}
    expected |= {
        "norm_w": np.sqrt((run.W[-1] ** 2).sum()),
        "norm_h": np.sqrt((run.H[-1] ** 2).sum()),
        "loss": run.loss[-1],
    }
    for name in set(expected) & {curve["name"] for curve in film.header["curves"]}:
        assert film.arrays[name][-1] == pytest.approx(expected[name], rel=1e-8, abs=1e-12), name


IDS = {
    "zero training error": "zero-training-error",
    "loss below log 2: the theorem applies": "log-2",
    "gradient flow takes over": "hand-over",
    "diverged": "diverged",
}
"""Links name events by these for ever (`at=log-2`)."""


@every
def test_events_mark_the_right_frames(films, runs, name):
    film, run = films[name], runs[name]
    steps = film.header["clock"]["step"]
    events = {e["label"]: e for e in film.header["events"]}
    for event in events.values():
        assert event["step"] == steps[event["frame"]]
        assert event["id"] == IDS.get(event["label"], "billion-steps")
    separated = events.get("zero training error")
    assert (separated and separated["step"]) == separation_step(run)
    whole = run.config.label_count if run.config.loss_reduction == "mean" else 1.0
    below = np.flatnonzero(whole * run.loss < np.log(2))  # the theorem is about the sum
    crossed = len(below) > 0 and below[0] > 0
    mark = events.get("loss below log 2: the theorem applies")
    assert (mark is not None) == crossed
    if crossed:
        assert mark["step"] == run.step[below[0]]
    assert ("diverged" in events) == (name == "diverged")
    if name == "diverged":
        assert events["diverged"]["frame"] == film.header["frames"] - 1


def test_marks_stay_right_when_frames_are_left_out():
    run = simulate(RunConfig(classes=3, dimension=2, per_class=20, steps=20_000, snapshots=2000, learning_rate=0.01))
    film = build_film(run)
    assert len(run) > 240
    (event,) = [e for e in film.header["events"] if e["kind"] == "separated"]
    steps, first = film.header["clock"]["step"], separation_step(run)
    assert steps[event["frame"] - 1] < first <= steps[event["frame"]] == event["step"]


def test_the_guide_passes_through_the_end_and_falls_like_one_over_log_t(films, runs):
    (guide,) = films["default"].header["guides"]
    log_t = np.array(films["default"].header["clock"]["log_time"][1:], dtype=float)
    x = np.array(guide["x_frames"]) - 1
    assert guide["curve"] == "nc2_angles"
    assert guide["y"][-1] == pytest.approx(runs["default"].nc2_angles[-1])
    assert np.array(guide["y"]) * log_t[x] == pytest.approx(np.full(len(x), guide["y"][-1] * log_t[-1]))
    assert films["crowded"].header["guides"] == []
    assert films["diverged"].header["guides"] == []


def test_a_partial_run_makes_a_film_that_says_so():
    from ulpm_core.analysis.measure import measured

    shots = []
    simulate(RunConfig(steps=2000), progress=lambda p: shots.append(p.so_far()))
    film = build_film(measured(shots[len(shots) // 2]))
    assert film.header["partial"] is True
    assert film.header["outcome"] == str(Outcome.RUNNING) == "running"
    assert film.header["guides"] == []


# -- flows ---------------------------------------------------------------------------------------------------------


def test_a_flow_s_guides_have_the_predicted_slopes_and_pass_through_the_ends(films, runs):
    header, log_t = films["flow"].header, runs["flow"].log_time
    guides = {guide["curve"]: guide for guide in header["guides"]}
    assert set(guides) == {name for name in PREDICTED if name in films["flow"].arrays}
    for name, guide in guides.items():
        x, y = np.array([header["clock"]["log_time"][i] for i in guide["x_frames"]]), np.array(guide["y"])
        assert y[-1] == pytest.approx(films["flow"].arrays[name][-1])
        assert np.log(y[0] / y[-1]) / np.log(x[0] / x[-1]) == pytest.approx(PREDICTED[name])
        assert x[-1] == log_t[-1] == 400.0
        assert guide["label"] == f"slope {PREDICTED[name]:g}".replace("-", "−")


def test_a_law_is_drawn_only_where_its_curve_follows_it(films):
    held = RunConfig(classes=10, dimension=9, per_class=5, method="gradient-flow", log_time=1000.0)
    slow = build_film(simulate(held))
    assert slow.arrays["nc2_angles"][-1] > 0.01  # a saddle holds it: nothing falls like 1/log t
    for film in (films["default"], films["flow"], slow):
        times = film.header["clock"]["log_time"]
        for guide in film.header["guides"]:
            curve = film.arrays[guide["curve"]][guide["x_frames"]]
            assert np.abs(curve / np.array(guide["y"]) - 1.0).max() <= 0.1001, guide["curve"]
            assert times[guide["x_frames"][-1]] / times[guide["x_frames"][0]] >= 1.6
    assert len(films["flow"].header["guides"]) > 5 > len(slow.header["guides"])


def test_the_hand_over_and_the_billionth_step_are_marked(films, runs):
    film, run = films["fast-forward"], runs["fast-forward"]
    (mark,) = [e for e in film.header["events"] if e["id"] == "hand-over"]
    assert mark["label"] == "gradient flow takes over"
    assert mark["when"] == "step 500"
    assert film.header["clock"]["log_time"][mark["frame"]] == pytest.approx(run.hand_over.log_time)
    assert film.header["flow_from"] == mark["frame"] + 1
    (mark,) = [e for e in films["flow"].header["events"] if "a billion steps" in e["label"]]
    assert mark["when"] == "t = e^18.4"
    times = films["flow"].header["clock"]["log_time"]
    assert times[mark["frame"] - 1] < np.log(0.1 * 1e9) <= times[mark["frame"]]
    assert films["flow"].header["flow_from"] == 0
    for header in (films[name].header for name in FLOWS):
        assert [e["frame"] for e in header["events"]] == sorted(e["frame"] for e in header["events"])


def test_the_theory_of_a_flow_is_that_of_its_end_state(films, runs):
    for name in FLOWS:
        theory, run = films[name].header["theory"], runs[name]
        at = theory["theorem"]
        assert at["gamma"] == run.gamma[-1]
        assert at["objective"] / theory["optimum"]["value"] == pytest.approx(1.0 / run.gamma[-1])
        assert theory["optimum"]["value"] == pytest.approx(3 * np.sqrt(8))
        assert at["dual_bound"] <= theory["optimum"]["value"] * (1 + 1e-12) <= at["objective"] * (1 + 2e-12)
        assert at["kkt_feasibility"] == at["kkt_signs"] == at["smoothed_margin_decrease"] == 0.0
        assert 0.0 <= theory["drift"] < 1e-8
    slopes = {rate["name"]: rate["slope"] for rate in films["flow"].header["theory"]["rates"]}
    assert slopes["nc2_angles"] == pytest.approx(-1.0, abs=0.05)


def test_the_separation_problem_can_be_left_out_and_is_then_not_in_the_film():
    config = RunConfig(classes=3, dimension=2, per_class=3, steps=50)
    whole, light = simulate(config), simulate(config, separation=False)
    assert set(whole.metrics) - set(light.metrics) >= {"duality_gap", "kkt_stationarity", "smoothed_margin"}
    assert build_film(whole).to_bytes() == build_film(light).to_bytes()


def test_the_loss_of_a_flow_is_drawn_by_its_logarithm(films, runs):
    assert films["flow"].arrays["minus_log_loss"][-1] == -runs["flow"].log_loss[-1]
    assert ["minus_log_loss"] in [panel["curves"] for panel in films["flow"].header["panels"]]
    assert ["loss"] not in [panel["curves"] for panel in films["flow"].header["panels"]]
    assert films["fast-forward"].header["clock"]["time"][-1] is None  # e^100,000 is beyond float64
    assert films["fast-forward"].header["clock"]["log_time"][-1] == 1e5
