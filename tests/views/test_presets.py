"""Presets say only what their films show: each claim of each sentence, read against the film."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pytest

from app.views.presets import PRESETS
from ulpm_core import RunConfig, Trajectory, simulate
from ulpm_core.analysis.angles import angle_gap_degrees
from ulpm_core.analysis.minority import Threshold, threshold
from ulpm_core.film.film import Film, build_film
from ulpm_core.model.initialisation import saddle_state
from ulpm_core.model.objective import Objective
from ulpm_core.model.saddles.gallery import SADDLES


@lru_cache
def seen(config: RunConfig) -> tuple[Trajectory, Film]:
    run = simulate(config)
    return run, build_film(run)


def means(config: RunConfig, snapshot: int = -1) -> np.ndarray:
    """Centred class means (K, d)."""
    H = seen(config)[0].H[snapshot]
    found = H.reshape(config.dimension, config.classes, config.per_class).mean(axis=2).T
    return found - found.mean(axis=0)


def spread(config: RunConfig, snapshot: int = -1) -> float:
    """How wide a cloud is beside the distance of class means: the root of Tr Σ_W / Tr Σ_B."""
    return float(np.sqrt(seen(config)[0].nc1_trace_ratio[snapshot]))


def wrong(config: RunConfig) -> np.ndarray:
    """(T,): the share of samples misclassified."""
    run = seen(config)[0]
    return np.array([np.mean(np.argmax(W @ H, axis=0) != config.labels) for W, H in zip(run.W, run.H, strict=True)])


def off(config: RunConfig) -> float:
    """Degrees by which the angles between class means miss the ideal, on average, at the end."""
    return angle_gap_degrees(means(config))


def colour(config: RunConfig, frame: int) -> float:
    """The largest distance of a cosine from the ideal, which the matrix shows as colour; it is blank at 0."""
    cosines = seen(config)[1].arrays["cosines"][frame]
    return float(np.abs(cosines[~np.eye(config.classes, dtype=bool)] + 1 / (config.classes - 1)).max())


def event(config: RunConfig, words: str) -> int:
    return next(e["frame"] for e in seen(config)[1].header["events"] if words in e["label"])


def share_circle(config: RunConfig, _: RunConfig | None) -> bool:
    at = np.sort(np.degrees(np.arctan2(*means(config).T)))
    return bool(np.allclose(np.diff(at, append=at[0] + 360), 360 / config.classes, atol=2.0))


def overshoots(config: RunConfig, _: RunConfig | None) -> bool:
    loss, apart = seen(config)[0].loss, wrong(config)
    return bool(np.all(np.diff(apart[:5]) < 0) and np.all(np.diff(loss[:5]) < 0) and np.all(np.diff(loss[4:]) > 0))


def same_start(one: RunConfig, other: RunConfig) -> bool:
    return bool(np.array_equal(seen(one)[0].H[0], seen(other)[0].H[0]))


def growth(config: RunConfig) -> float:
    """How much ||W, H|| grew over the last tenth of the steps."""
    run = seen(config)[0]
    before = int(np.searchsorted(run.step, 0.9 * run.step[-1]))
    norms = [math.hypot(np.linalg.norm(run.W[t]), np.linalg.norm(run.H[t])) for t in (before, -1)]
    return norms[1] / norms[0]


def threshold_of(config: RunConfig) -> Threshold:
    found = threshold(Objective.of(config))
    assert found is not None
    return found


Claim = Callable[[RunConfig, RunConfig | None], bool]
CLAIMS: dict[str, dict[str, Claim]] = {
    "Tetrahedron": {
        "scattered dots": lambda c, _: spread(c, 0) > 3,
        "sweep into four clusters": lambda c, _: wrong(c)[-1] == 0 and spread(c) < 0.15,
        "on the corners of a tetrahedron": lambda c, _: off(c) < 1.0,
    },
    "Triangle": {
        "three classes in a plane": lambda c, _: (c.classes, c.dimension) == (3, 2),
        "draw together": lambda c, _: spread(c) < 0.1 < 3 < spread(c, 0),
        "120° from the other two": lambda c, _: off(c) < 1.5,
    },
    "Ten classes": {
        "blank where angles are ideal": lambda c, _: c.simplex_fits,
        "nine dimensions": lambda c, _: c.dimension == 9,
        "Steps leave it coloured": lambda c, _: colour(c, event(c, "gradient flow takes over")) > 0.1,
        "fast-forward, to t = e^10,000, empties it": lambda c, _: c.fast_forward == 1e4 and colour(c, -1) < 1e-3,
    },
    "Too few dimensions": {
        "six classes in a plane": lambda c, _: (c.classes, c.dimension) == (6, 2),
        "clusters still tighten": lambda c, _: spread(c) < 0.01 < 1 < spread(c, 0),
        "no simplex fits": lambda c, _: not c.simplex_fits,
        "share the circle": share_circle,
        "The rings are the best that is known, a hexagon": lambda c, _: (
            seen(c)[1].header["target"]["kind"] == "known"
            and np.allclose(
                sorted(seen(c)[1].header["target"]["cosines"][:6]), [-1, -0.5, -0.5, 0.5, 0.5, 1], atol=1e-5
            )
        ),
    },
    "Too large a rate": {
        "overshoot": lambda c, _: str(seen(c)[1].header["outcome"]) == "diverged",
        "for four of them the classes draw apart, then each step raises the loss": overshoots,
    },
    "Small or large start": {
        "on one clock": lambda c, a: np.array_equal(seen(c)[0].step, seen(a)[0].step),
        "the small one (B) folds into points": lambda c, a: c.initial_scale < a.initial_scale and spread(c) < 0.01,
        "the large one (A) is left with wide clouds": lambda _, a: spread(a) > 0.4,
        "14° off the tetrahedron": lambda _, a: round(off(a)) == 14,
    },
    "The limit": {
        "gradient flow passes a billion steps three fifths of the way": lambda c, _: (
            abs(event(c, "a billion steps") / (seen(c)[1].header["frames"] - 1) - 0.6) < 0.05
        ),
        "reaches t = e^1,000": lambda c, _: seen(c)[0].log_time[-1] == 1000.0,
    },
    "Steps of fixed length": {
        "the whole theorem": lambda c, _: seen(c)[0].gamma[-1] > 0.99999,
        "dots, arrows and ideal frame are one": lambda c, _: (
            spread(c) < 1e-3 and seen(c)[0].nc3[-1] < 1e-3 and off(c) < 0.01
        ),
    },
    "With and without decay": {
        "one start twice": lambda c, a: same_start(c, a),
        "without weight decay (A) W and H grow": lambda _, a: a.is_ulpm and growth(a) > 1.001,
        "with it (B) everything comes to rest": lambda c, _: abs(growth(c) - 1.0) < 1e-12,
        "at a tetrahedron to the last digit": lambda c, _: off(c) < 1e-12 and spread(c) < 1e-12,
    },
    "Small classes merge": {
        "classes 3 and 4, a fifth of the size": lambda c, a: c.sizes == a.sizes == (20, 20, 4, 4),
        "at a decay of 1.9 (A) they stay two": lambda _, a: (
            (a.weight_decay, threshold_of(a).past) == (1.9, False) and seen(a)[0].minority_cosine[-1] < 0.8
        ),
        "at 2.1 (B) they become one": lambda c, _: (
            c.weight_decay == 2.1 and "merged: minority classes 3 and 4" in seen(c)[1].header["events"][-1]["label"]
        ),
        "The threshold is √4 = 2": lambda c, a: threshold_of(c).at == threshold_of(a).at == 2.0,
    },
    "Squared error": {
        "each with a little decay": lambda c, a: c.weight_decay == a.weight_decay == 0.1,
        "cross-entropy (A) wins by 5.4": lambda _, a: round(float(seen(a)[0].q_min[-1]), 1) == 5.4,
        "squared error (B) stops at 1": lambda c, _: abs(float(seen(c)[0].q_min[-1]) - 1.0) < 0.03,
        "Less their mean, both are the tetrahedron": lambda c, a: off(c) < 1e-6 and off(a) < 1e-6,
    },
    "Label smoothing": {
        "each margin settles at 3.6": lambda c, _: (
            round(float(seen(c)[0].q_min[-1]), 1) == round(math.log(1 + 4 * 0.9 / 0.1), 1) == 3.6
        ),
        "where the smoothed loss is least": lambda c, _: abs(seen(c)[0].loss[-1] - seen(c)[0].ideal_value) < 1e-9,
        "In eight dimensions wide clouds stay": lambda c, _: c.dimension == 8 and spread(c) > 0.8,
    },
    "Adam": {
        "two optimisers on one start": lambda c, a: same_start(c, a) and (c.method, a.method)[0] == "adam",
        "after as many steps Adam (B) has the smaller loss": lambda c, a: (
            c.steps == a.steps and seen(c)[0].loss[-1] < seen(a)[0].loss[-1] / 5
        ),
        "gradient descent (A) the better tetrahedron": lambda c, a: off(a) < off(c) / 3,
    },
}


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_says_what_its_film_shows(preset):
    for words, holds in CLAIMS[preset.name].items():
        assert words in preset.watch
        assert holds(preset.config, preset.pinned), words


def pair_cosines(name: str, K: int) -> np.ndarray:
    W = saddle_state(RunConfig(initialisation=name, classes=K, dimension=max(2, K), per_class=2)).W
    length = np.linalg.norm(W, axis=1)
    return (W @ W.T / np.outer(length, length).clip(1e-300))[~np.eye(K, dtype=bool)]


def test_the_gallery_says_what_its_saddles_are():
    """Each sentence of the gallery, read against the construction."""
    said = {name: saddle.words for name, saddle in SADDLES.items()}
    state = saddle_state(RunConfig(initialisation="origin"))
    assert "every feature is zero" in said["origin"]
    assert not state.W.any()
    assert not state.H.any()
    W = saddle_state(RunConfig(initialisation="neglected-class", classes=3, dimension=2)).W
    assert "One class sits at zero" in said["neglected-class"]
    assert (np.linalg.norm(W, axis=1) == 0).sum() == 1
    assert np.allclose(W[0], -W[1])
    W = saddle_state(RunConfig(initialisation="merged-classes", classes=3, dimension=2)).W
    assert "Two of three classes share one classifier" in said["merged-classes"]
    assert np.allclose(W[0], W[1])
    assert W[0] @ W[2] < 0
    cosines = np.sort(pair_cosines("merged-pairs", 6)).round(9)
    assert "share a point in pairs, and the pairs form a simplex" in said["merged-pairs"]
    assert (cosines == 1.0).sum() == 6
    assert np.allclose(cosines[cosines < 1], -1 / 2)
    assert "the corners of a square" in said["square"]
    assert np.allclose(np.sort(pair_cosines("square", 4)), [-1] * 4 + [0] * 8)
    assert "a regular polygon, in a plane" in said["polygon"]
    assert np.linalg.matrix_rank(saddle_state(RunConfig(initialisation="polygon", classes=5, dimension=4)).W) == 2
    assert "in opposite pairs on orthogonal axes" in said["cross-polytope"]
    assert np.allclose(np.sort(pair_cosines("cross-polytope", 6)), [-1] * 6 + [0] * 24)
    assert "collapsed simplex itself" in said["simplex"]
    assert np.allclose(pair_cosines("simplex", 5), -1 / 4)


def test_the_square_has_three_quarters_of_the_simplex_margin():
    square, simplex = (
        simulate(RunConfig(initialisation=name, push=0.0, method="gradient-flow", log_time=1.0, per_class=5)).gamma[0]
        for name in ("square", "simplex")
    )
    assert "3/4 of the simplex's normalised margin" in SADDLES["square"].words
    assert square / simplex == pytest.approx(0.75)
