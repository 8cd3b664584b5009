"""The frame that a run tends to where it is no simplex: of films whose class means arrive there, in whatever order."""

import numpy as np
import pytest

from ulpm_core import RunConfig, simulate
from ulpm_core.analysis.analysis import analyse
from ulpm_core.analysis.optimum import best_known
from ulpm_core.analysis.target import target_of, why_none
from ulpm_core.dynamics.trajectory import Trajectory
from ulpm_core.film.film import build_film


def ends(run: Trajectory) -> np.ndarray:
    return analyse(run).seen.centred[-1]


@pytest.mark.parametrize("K, d", [(4, 2), (5, 2), (6, 2), (6, 3), (8, 4), (5, 3)])
def test_the_best_frame_known_has_the_value_that_is_known(K, d):
    run = simulate(RunConfig(classes=K, dimension=d, per_class=1, steps=1))
    found = target_of(run, np.random.default_rng(0).standard_normal((K, d)))
    W, means = found.classifiers, found.means
    if (K, d) == (5, 3):  # the stage centres class means, which moves the middle of both pairs away from 0
        means = means - np.delete(means, np.linalg.norm(W, axis=1).argmin(), axis=0).mean(axis=0)
    H = means.T
    margins = np.diagonal(W @ H)[:, None] - (W @ H).T
    least = margins[~np.eye(K, dtype=bool)].min()
    value = np.linalg.norm(W) * np.linalg.norm(H) / least  # both blocks scaled to one norm
    assert value == pytest.approx(best_known([1] * K, d).value, rel=1e-12)


@pytest.mark.parametrize("K", [5, 6, 7])
def test_a_flow_in_the_plane_ends_at_the_polygon_in_its_own_order(K):
    run = simulate(RunConfig(classes=K, dimension=2, per_class=5, method="gradient-flow", seed=1))
    view = analyse(run).stage.view
    assert np.linalg.norm(view.ideal[-1] - view.means[-1]) < 5e-3 * np.linalg.norm(view.means[-1])


RULES = [
    {},
    {"weight_decay": 1.5},
    {"weight_decay": 2.0, "dimension": 2},
    {"norm_bound_w": 1.0, "norm_bound_h": 1.0},
    {"loss": "squared-error", "weight_decay": 1.0, "dimension": 5},
]


@pytest.mark.parametrize("rule", RULES)
def test_the_frame_of_differing_sizes_is_where_class_means_end(rule):
    flow = {} if rule else {"method": "gradient-flow", "log_time": 1000.0}
    run = simulate(RunConfig(class_sizes=(12, 3, 12, 3), learning_rate=0.05, steps=20_000).with_changes(**rule, **flow))
    view = analyse(run).stage.view
    assert np.linalg.norm(view.ideal[-1] - view.means[-1]) < (1e-3 if flow else 1e-5) * np.linalg.norm(view.means[-1])


@pytest.mark.parametrize("config", [
    RunConfig(steps=5), RunConfig(classes=7, dimension=3, steps=5),
    RunConfig(classes=5, dimension=2, weight_decay=0.1, steps=5),
    RunConfig(class_sizes=(9, 9, 2, 2), dimension=2, steps=5), RunConfig(class_sizes=(9, 3), weight_decay=9.0, steps=5),
])  # fmt: skip
def test_none_is_known_or_the_simplex_is_it(config):
    run = simulate(config)
    assert target_of(run, ends(run)) is None


SIZES = (12, 12, 3, 3)
"""The small classes merge under decay from sqrt(3) on, and within equal balls where the ratio of sizes exceeds 3.38."""
CONVERGED = {
    "decay": RunConfig(per_class=5, weight_decay=0.5, steps=3000),
    "decay, more dimensions": RunConfig(per_class=5, dimension=6, weight_decay=0.5, steps=3000),
    "uneven, apart": RunConfig(class_sizes=SIZES, weight_decay=1.0, steps=20_000),
    "uneven, merged": RunConfig(class_sizes=SIZES, weight_decay=2.0, steps=20_000),
    "balls, uneven": RunConfig(class_sizes=(8, 8, 4, 4), norm_bound_w=1.0, norm_bound_h=1.0, steps=20_000),
    "squared error": RunConfig(per_class=5, dimension=4, loss="squared-error", weight_decay=0.5, steps=3000),
    "squared error, one vanished": RunConfig(
        class_sizes=(12, 12, 2), dimension=3, loss="squared-error", weight_decay=1.6, steps=5000, learning_rate=0.05
    ),
    "label smoothing, uneven": RunConfig(class_sizes=SIZES, loss="label-smoothing", weight_decay=0.9, steps=20_000),
}


@pytest.mark.parametrize("name", CONVERGED)
def test_a_run_that_has_converged_stands_on_its_ideal_frame(name):
    shown = analyse(simulate(CONVERGED[name])).stage.view
    far = np.linalg.norm(shown.means[-1] - shown.ideal[-1], axis=1)
    assert far.max() < 1e-6 * shown.scale[-1]


def test_merged_classes_have_their_rings_on_one_place():
    ideal = build_film(simulate(CONVERGED["uneven, merged"].with_changes(steps=5))).arrays["ideal"]
    size = np.linalg.norm(ideal[-1], axis=1).mean()
    np.testing.assert_allclose(ideal[:, 2], ideal[:, 3], atol=1e-5 * size)
    assert np.linalg.norm(ideal[-1, 1] - ideal[-1, 2]) > 0.1 * size


def test_a_flow_of_differing_sizes_nears_its_ideal_frame_like_1_over_log_t():
    run = simulate(RunConfig(class_sizes=(10, 10, 2, 2), method="gradient-flow", log_time=1e4))
    stage = analyse(run).stage
    far = np.linalg.norm(stage.view.means - stage.view.ideal, axis=-1).max(axis=-1) / stage.view.scale
    log_time = run.log_time[stage.frames]
    late = log_time > 100.0
    assert late.sum() > 5
    assert (far * log_time)[late].max() < 10.0


SIGNS = {"method": "sign-descent", "learning_rate": 0.01}
NOT_ONE = {
    "squared error in K - 1 dimensions": (RunConfig(loss="squared-error", weight_decay=0.5), "frames-many"),
    "squared error, no decay": (RunConfig(loss="squared-error", dimension=5, learning_rate=0.01), "frames-many"),
    "label smoothing, no decay": (RunConfig(loss="label-smoothing"), "frames-many"),
    "Adam": (RunConfig(method="adam", learning_rate=0.01), "frame-of-another-norm"),
    "signs": (RunConfig(**SIGNS), "frame-of-another-norm"),
    "signs of differing sizes": (RunConfig(class_sizes=SIZES, **SIGNS), "frame-of-another-norm"),
    "signs in a plane": (RunConfig(classes=5, dimension=2, **SIGNS), "frame-of-another-norm"),
    "signs on balls": (RunConfig(**SIGNS, norm_bound_w=1.0, norm_bound_h=1.0), "frame-of-another-norm"),
    "spectral": (RunConfig(method="spectral-descent", learning_rate=0.01), "frame-of-another-norm"),
    "one decayed": (RunConfig(weight_decay=0.1, weight_decay_h=0.0), "frame-unknown"),
    "Adam with decay beside": (
        RunConfig(method="adam", learning_rate=0.01, weight_decay=0.5, decay="decoupled"),
        "frame-unknown",
    ),
    "spheres, uneven": (RunConfig(class_sizes=SIZES, feature_norm=2.0), "frame-unknown"),
    "nothing left": (RunConfig(weight_decay=50.0, learning_rate=0.01), "frame-vanished"),
}


@pytest.mark.parametrize("name", NOT_ONE)
def test_no_frame_is_drawn_where_what_is_best_is_not_one_geometry(name):
    config, why = NOT_ONE[name]
    run = simulate(config.with_changes(steps=20))
    film = build_film(run)
    assert why_none(run) == why
    assert "ideal" not in film.arrays and "target" not in film.header
    assert film.header["fits"] is False
    assert "no ideal frame" in film.header["caption"]
    assert not any("from the ideal" in sentence for sentence in film.header["sentences"])


@pytest.mark.parametrize("method", ["adam", "sign-descent"])
def test_steps_of_another_norm_rest_where_decay_has_its_optimum(method):
    run = simulate(RunConfig(method=method, learning_rate=0.01, weight_decay=0.5, steps=20))
    assert why_none(run) == ""
    assert "ideal" in build_film(run).arrays
