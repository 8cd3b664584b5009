"""Where small classes merge or vanish: the values of the notes, and runs on both sides, 2 % away."""

import math

import numpy as np
import pytest

from ulpm_core import RunConfig, simulate
from ulpm_core.analysis.minority import merging_ratio, threshold
from ulpm_core.model.losses.cross_entropy import CrossEntropy
from ulpm_core.model.losses.squared_error import SquaredError
from ulpm_core.model.objective import Objective


def of(**config):
    return threshold(Objective.of(RunConfig(**config)))


@pytest.mark.parametrize(("majority", "ratio"), [(5, 12.19), (3, 245.5), (7, 4.00)])
def test_the_ratios_of_the_notes(majority, ratio):
    assert merging_ratio(CrossEntropy(), majority, 10 - majority, 10 * math.sqrt(5)) == pytest.approx(ratio, rel=5e-4)


UNEVEN = {"class_sizes": (12, 12, 3, 3), "method": "momentum", "learning_rate": 0.02, "steps": 20_000}


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("share", [0.98, 1.02])
def test_small_classes_merge_under_decay_from_the_threshold_on(share, reduction):
    scale = 1.0 if reduction == "sum" else 1.0 / 30
    config = UNEVEN | {
        "loss_reduction": reduction,
        "learning_rate": 0.02 / scale,
        "weight_decay": 2.0 * share * 3**0.5 * scale,
    }
    config["weight_decay_h"] = config["weight_decay"] / 4
    found, run = of(**config), simulate(RunConfig(**config))
    assert (found.fate, found.quantity, found.past) == ("merge", "decay", share > 1.0)
    assert (found.here / found.at, found.at) == pytest.approx((share, 3**0.5 * scale), rel=1e-12)
    assert run.certificate[-1] < 1e-9
    apart = np.linalg.norm(run.W[-1, 2] - run.W[-1, 3]) / np.linalg.norm(run.W[-1, 2])
    assert apart < 1e-6 if share > 1.0 else apart > 0.1
    assert run.minority_cosine[-1] == pytest.approx(1.0, abs=1e-12) if share > 1.0 else run.minority_cosine[-1] < 0.99


@pytest.mark.parametrize("share", [0.98, 1.02])
def test_small_classes_merge_within_bounds_from_the_ratio_on(share):
    ratio = merging_ratio(CrossEntropy(), 2, 2, 4.0)
    sizes = (round(50 * ratio * share),) * 2 + (50,) * 2
    config = {
        "class_sizes": sizes,
        "norm_bound_w": 1.0,
        "norm_bound_h": 1.0,
        "method": "momentum",
        "learning_rate": 0.05,
    }
    found, run = of(**config), simulate(RunConfig(**config, steps=20_000))
    assert (found.fate, found.quantity, found.past) == ("merge", "ratio", share > 1.0)
    assert (found.here, found.at) == pytest.approx((ratio * share, ratio), rel=3e-3)
    assert run.distance_to_ideal[-1] < 1e-5
    apart = np.linalg.norm(run.W[-1, 2] - run.W[-1, 3]) / np.linalg.norm(run.W[-1, 2])
    assert apart < 1e-5 if share > 1.0 else apart > 0.05


@pytest.mark.parametrize("share", [0.98, 1.02])
def test_small_classes_vanish_with_squared_error(share):
    decayed = UNEVEN | {"loss": "squared-error", "weight_decay": share * 3**0.5}
    sizes = (round(50 / (1 - 1.5 / 2) * share),) * 2 + (50,) * 2
    bounded = {"class_sizes": sizes, "loss": "squared-error", "norm_bound_w": 0.375, "norm_bound_h": 0.375}
    bounded |= {"method": "momentum", "learning_rate": 0.01, "steps": 20_000}
    for config in (decayed, bounded):
        config["dimension"] = 4
        found, run = of(**config), simulate(RunConfig(**config))
        assert (found.fate, found.past) == ("vanish", share > 1.0)
        assert found.here / found.at == pytest.approx(share, rel=3e-3)
        assert run.distance_to_ideal[-1] < 1e-5
        length = np.linalg.norm(run.W[-1], axis=1)
        assert length[2:] == pytest.approx(0.0, abs=1e-5) if share > 1.0 else length[2:].min() > 0.05
    assert merging_ratio(SquaredError(), 2, 2, 2.0) == math.inf


def test_where_no_threshold_is_known():
    assert of() is None
    assert of(class_sizes=(6, 6, 2, 2)) is None  # without decay they never merge
    assert of(class_sizes=(6, 6, 2), weight_decay=0.1) is None  # one class alone has none to merge with
    assert of(class_sizes=(6, 4, 2), weight_decay=0.1, loss="squared-error").fate == "vanish"
    assert of(class_sizes=(6, 6, 2, 2), weight_decay=0.1, weight_decay_h=0.0) is None
    assert of(class_sizes=(6, 6, 2, 2), norm_bound_w=1.0) is None
    assert of(class_sizes=(6, 4, 2, 2), norm_bound_w=1.0, norm_bound_h=1.0) is None
    assert of(class_sizes=(12, 12, 3, 3), dimension=2, weight_decay=0.5) is None
    assert merging_ratio(CrossEntropy(), 2, 2, 60.0) == math.inf


def test_classifiers_that_have_vanished_have_no_cosine():
    sizes, decay = (12, 12, 1, 1), 0.06  # above sqrt(1) / N = 0.0385, below sqrt(12) / N
    run = simulate(
        RunConfig(
            class_sizes=sizes,
            dimension=4,
            loss="squared-error",
            weight_decay=decay,
            loss_reduction="mean",
            learning_rate=1.0,
            steps=5000,
        )
    )
    assert np.isnan(run.minority_cosine[-1]) and np.isnan(run.cross_cosine[-1])
    assert np.isfinite(run.minority_cosine[0]) and np.isfinite(run.majority_cosine[-1])
