"""What the film of a network says: a sentence for every way in which a training can go."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from film.cited import figures_said, says
from film.recordings import given, snapshots_from

from ulpm_core import Outcome
from ulpm_core.film.film import Film
from ulpm_core.film.network import network_film
from ulpm_core.film.network_words import UNCLASSIFIED
from ulpm_core.networks.images import shown_images


@pytest.fixture(scope="module")
def films(recordings):
    return {name: network_film(recording, shown_images(recording)) for name, recording in recordings.items()}


def told(recording, *, accuracy=(0.5, 1.0, 1.0), nc1=(1, 1, 1), angles=(1, 1, 1), nc3=(1, 1, 1), **changes):
    """The sentences of three snapshots of a recording, with those figures."""
    figures = {"nc1_trace_ratio": nc1, "nc2_angles": angles, "nc3": nc3}
    metrics = {name: values[[0, -2, -1]] for name, values in recording.metrics.items()}
    metrics |= {name: np.array(values, dtype=float) for name, values in figures.items()}
    held = {
        name: value[[0, -2, -1]]
        for name, value in vars(recording).items()
        if isinstance(value, np.ndarray) and len(value) == len(recording)
    }
    held |= {"train_accuracy": np.array(accuracy), "metrics": metrics} | changes
    return network_film(replace(recording, **held)).header["sentences"]


def test_figures_then_and_now_are_values_of_the_film_s_curves(films):
    for film in films.values():
        for words, figure in figures_said(film.header):
            assert figure["value"] == film.arrays[figure["curve"]][figure["frame"]]
            assert says(words, figure["value"])
    then_and_now = dict.fromkeys(("nc1_trace_ratio", "nc2_angles", "nc3"), 2)
    assert Counter(each["curve"] for each in films["log time"].header["figures"]) == then_and_now


def test_a_collapse_is_told_by_its_factors(recordings):
    error, fall, nc3, trained = told(
        recordings["log time"],
        nc1=(3, 0.08, 0.001),
        angles=(0.4, 0.07, 0.014),
        nc3=(1, 0.5, 0.2),
        epoch=np.array([0.0, 3.0, 15.0]),
        phase=np.array(["sgd", "sgd", "log-time"]),
    )
    assert error.startswith("Training error is zero from epoch 3 on; of ")
    assert fall == (
        "From there to epoch 15 NC1 fell 80-fold, from 0.08 to 0.001 and the mean |cos + 1/2| of class means fell"
        " 5-fold, from 0.07 to 0.014."
    )
    assert nc3 == "NC3, how far classifiers and class means are apart, is 0.5 at zero error, 0.2 at the end."
    assert trained.startswith("Trained without weight decay: 3 epochs of SGD, then ")
    assert "of one epoch each, to t = " in trained


def test_what_did_not_collapse_is_told_so(recordings):
    said = told(recordings["log time"], nc1=(1, 0.142, 0.143), angles=(1, 0.27, 0.29), nc3=(1, 0.46, 0.4))
    assert said[1] == (
        "Nothing collapsed further: NC1 0.142 at zero error, 0.143 at the end; the mean |cos + 1/2| of class means"
        " 0.27 at zero error, 0.29 at the end."
    )
    assert not any("fell" in s for s in said)
    half = told(recordings["log time"], nc1=(1, 0.06, 0.02), angles=(1, 0.07, 0.08))[1]
    assert "NC1 fell 3-fold, from 0.06 to 0.02" in half
    assert "rose (0.07 at zero error, 0.08 at the end)" in half
    still = told(recordings["log time"], nc1=(1, 0.06, 0.02), angles=(1, 0.07, 0.068))[1]
    assert "hardly changed (0.07 at zero error, 0.068 at the end)" in still
    little = told(recordings["log time"], nc1=(1, 0.06, 0.0559), angles=(1, 0.07, 0.07))[1]
    assert little.startswith("Nothing collapsed further")


def test_nothing_is_said_of_a_time_after_zero_error_where_there_is_none(recordings):
    N = int(recordings["log time"].counts.sum())
    said = told(recordings["log time"], accuracy=(0.5, 1.0, 1 - 1 / N), nc1=(1, 0.5, 0.25), angles=(1, 0.1, 0.01))
    assert re.match(rf"At epoch 15, 1 of {N} training samples is misclassified again; of ", said[0])
    assert said[1] == "At epoch 15 NC1 is 0.25 and the mean |cos + 1/2| of class means is 0.01, NC3 1."
    assert not any("zero" in s for s in said)
    just = told(recordings["log time"], accuracy=(0.5, 0.9, 1.0))
    assert just[0].startswith("Training error is zero from epoch 15 on")
    assert just[1].startswith("At epoch 15 NC1 is ")
    almost = told(recordings["log time"], accuracy=(0.5, 0.9, 1 - 1e-12))  # a file's own figures
    assert " 1 of " in almost[0] and "still misclassified" in almost[0]


def test_a_recording_that_begins_without_error_says_so(recordings):
    assert told(recordings["foreign"], accuracy=(1, 1, 1))[0].startswith(
        "Training error is zero from the first look on"
    )
    arrays = given(T=1, d=3, counts=(6, 6, 6))
    arrays["H"] = np.diag([3.0, 4.0, 4.0])[arrays["labels"]].T
    arrays["W"] = np.eye(3)
    one = network_film(snapshots_from(arrays)).header["sentences"]
    assert one == [
        "Every one of 18 training samples is read correctly.",
        "NC1 is 0 and the mean |cos + 1/2| of class means is 0.0813, NC3 0.128.",
    ]


def test_test_samples_are_counted_and_never_rounded_up(recordings):
    confusion = np.zeros((3, 3, 3), dtype=np.int64)
    confusion[-1] = np.diag([3000, 3000, 3999])
    confusion[-1, 0, 1] = 1
    assert (
        "; of 10,000 test samples 9,999 are read correctly at epoch 15."
        in told(recordings["log time"], confusion=confusion)[0]
    )
    assert "test" not in told(recordings["log time"], confusion=np.zeros((3, 3, 3), dtype=np.int64))[0]


def test_weight_decay_is_named_and_a_foreign_training_is_not_known(films):
    assert films["decayed"].header["sentences"][-1] == "Trained with weight decay 0.0005: 3 epochs of SGD."
    assert not any("Trained" in s for s in films["foreign"].header["sentences"])
    assert films["foreign"].header["title"] == "A network of your own · 3 classes in 12 dimensions"
    assert films["log time"].header["title"] == "Digits, MLP · 3 classes in 12 dimensions"


def test_a_cancelled_training_says_so_first(recordings):
    said = told(recordings["log time"], outcome=Outcome.CANCELLED, stop_reason="Cancelled at epoch 3.")
    assert said[0] == "Cancelled at epoch 3."
    assert len(said) <= 4


def test_two_classes_have_no_angle_to_close():
    said = network_film(snapshots_from(given(K=2, counts=(5, 6)))).header["sentences"]
    assert not any("cos" in s for s in said)
    assert "NC1" in said[1]


def test_features_without_classifiers_say_only_what_needs_none():
    rng, labels = np.random.default_rng(0), np.arange(60) % 3
    noise = rng.standard_normal((4, 60))
    H = np.stack([3.0 * np.eye(4)[:, labels] + spread * noise for spread in (1.0, 0.1)])
    film = network_film(snapshots_from({"H": H, "labels": labels}))
    of_features = {"nc1_trace_ratio", "nc2_angles", "nc2_norms"}
    assert {name for panel in film.header["panels"] for name in panel["curves"]} == of_features
    assert {curve["name"] for curve in film.header["curves"]} == of_features
    fell, left_out = film.header["sentences"]
    assert re.match(r"From epoch 0 to epoch 1 NC1 fell \d+(\.\d+)?-fold, from \S+ to \S+ and the mean", fell)
    assert left_out == UNCLASSIFIED
    (now, _) = network_film(snapshots_from({"H": H[:1], "labels": labels})).header["sentences"]
    assert now.startswith("NC1 is ") and "NC3" not in now
    Film.from_bytes(film.to_bytes())
