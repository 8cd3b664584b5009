"""The moments where small classes merge or vanish: on the side of the threshold where they do, and then to the end."""

import math

import numpy as np
import pytest

from ulpm_core import RunConfig, simulate
from ulpm_core.analysis.analysis import analyse
from ulpm_core.film.film import build_film

DECAYED = RunConfig(class_sizes=(12, 3, 12, 3), steps=2000)


def fates(config):
    run = simulate(config)
    analysis = analyse(run)
    events = {event["id"]: event for event in build_film(run, analysis).header["events"]}
    return run, {name: (mark, events[name]) for mark in analysis.marks if (name := mark.name) in ("merged", "vanished")}


def test_small_classes_merge_past_the_threshold_and_the_clock_says_which():
    run, found = fates(DECAYED.with_changes(weight_decay=2.0))
    mark, event = found.pop("merged")
    assert not found
    assert mark.classes == (1, 3)
    assert event["label"] == "merged: minority classes 2 and 4"
    cosine = run.minority_cosine
    assert cosine[mark.snapshot :] == pytest.approx(1.0, abs=1e-5)
    assert 0 < mark.snapshot < len(run) - 1
    assert cosine[mark.snapshot // 2] < 0.99


@pytest.mark.parametrize(
    "config",
    [
        DECAYED,
        DECAYED.with_changes(weight_decay=1.5),
        RunConfig(classes=4, per_class=3, steps=2000, weight_decay=1.0),
        RunConfig(class_sizes=(12, 12, 3), weight_decay=1.8, steps=2000),
    ],
    ids=["no decay", "little decay", "one size", "one small class"],
)
def test_nothing_merges_elsewhere(config):
    assert fates(config)[1] == {}


@pytest.mark.parametrize(("sizes", "words"), [((6, 6, 2, 2), "classes 3 and 4"), ((2, 6, 6), "class 1")])
def test_small_classes_vanish_with_squared_error(sizes, words):
    run, found = fates(RunConfig(class_sizes=sizes, loss="squared-error", weight_decay=1.6, dimension=4, steps=3000))
    mark, event = found["vanished"]
    assert (event["label"], event["id"], list(found)) == (f"vanished: {words}", "vanished", ["vanished"])
    lengths = np.linalg.norm(run.W[mark.snapshot], axis=1)
    assert lengths[list(mark.classes)].max() < 1e-3 * lengths.max()
    assert np.linalg.norm(run.W[mark.snapshot - 1], axis=1)[list(mark.classes)].max() > 1e-4 * lengths.max()


@pytest.mark.parametrize("method", ["adam", "sign-descent", "spectral-descent"])
def test_the_theorem_is_not_said_to_apply_to_steps_of_another_norm(method):
    run = simulate(RunConfig(classes=3, dimension=2, per_class=2, method=method, learning_rate=0.05, steps=300))
    assert run.log_loss[-1] < math.log(math.log(2.0))
    assert "log-2" not in {mark.name for mark in analyse(run).marks}
