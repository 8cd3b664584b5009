"""The film of a network: the bytes and words of a run's film, from a recording's numbers and from nothing else."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from networks.small import SMALL
from reference import refused
from scipy.spatial.distance import cdist, pdist

from ulpm_core import Outcome, RunConfig, simulate
from ulpm_core.analysis.curves import CURVES
from ulpm_core.analysis.projection import FEATURE_BYTES, MAX_CLASSES, MAX_FRAMES
from ulpm_core.files.features import snapshots_from
from ulpm_core.film.film import Film, build_film
from ulpm_core.film.network import network_film, thumbnails
from ulpm_core.film.network_words import UNCLASSIFIED
from ulpm_core.networks.analysis import IMAGE_BYTES
from ulpm_core.networks.datasets import load_dataset
from ulpm_core.networks.images import shown_images
from ulpm_core.networks.training import train

DECAYED = SMALL.with_changes(log_time_steps=0, weight_decay=5e-4, dimension=3, last_activation="none")


@pytest.fixture(scope="module")
def recordings():
    log_time = train(SMALL)
    return {"log time": log_time, "decayed": train(DECAYED), "foreign": foreign(log_time)}


@pytest.fixture(scope="module")
def films(recordings):
    return {name: network_film(recording, shown_images(recording)) for name, recording in recordings.items()}


every = pytest.mark.parametrize("name", ["log time", "decayed", "foreign"])


def foreign(recording):
    """The same network as if it had been trained elsewhere."""
    T = len(recording)
    return replace(recording, config=None, log_time=np.full(T, np.nan), phase=np.full(T, "recorded"))


def given(T=3, K=3, d=4, counts=(5, 7, 6), seed=0):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(K), counts)
    return {
        "H": rng.standard_normal((T, d, len(labels))), "W": rng.standard_normal((T, K, d)), "labels": labels,
    }  # fmt: skip


# -- the document --------------------------------------------------------------------------------------------------


@every
def test_a_network_s_film_is_a_film(films, recordings, name):
    film, recording = films[name], recordings[name]
    again, h = Film.from_bytes(film.to_bytes()), film.header
    assert again.header == h
    assert all(np.array_equal(film.arrays[n], again.arrays[n], equal_nan=True) for n in film.arrays)
    assert set(build_film(simulate(RunConfig(steps=5))).header) <= set(h)
    T, K, d = recording.W.shape
    axes, M = min(d, 3), len(h["labels"])
    shapes = {"features": (T, M, axes), "means": (T, K, axes), "classifiers": (T, K, axes), "ideal": (T, K, axes)}
    shapes |= {"scale": (T,), "scale_w": (T,), "cosines": (T, K, K), "cosines_w": (T, K, K)}
    shapes |= {curve["name"]: (T,) for curve in h["curves"]} | ({} if name == "foreign" else {"images": (M, 8, 8)})
    assert {n: a.shape for n, a in film.arrays.items()} == shapes
    assert (h["kind"], h["frames"], h["classes"], h["dimension"], h["fits"]) == ("network", T, K, d, True)
    assert h["names"] == ["0", "1", "2"]
    assert (h["theory"], h["escape"], h["guides"], h["partial"]) == (None, None, [], False)
    assert h["labels"] == np.repeat(np.arange(K), h["shown_per_class"]).tolist()
    for words in (*h["sentences"], h["caption"], h["title"], h["note"]):
        assert not re.search(r"nan|inf\b|None|e[+-]\d|\{|\}|  ", words), words
    assert all(s.endswith(".") and s[0].isupper() for s in h["sentences"])
    assert 2 <= len(h["sentences"]) <= 4


def test_the_digest_is_the_config_s_or_that_of_the_arrays(films, recordings):
    assert films["log time"].digest == SMALL.digest
    assert films["log time"].header["config"] == json.loads(SMALL.to_json())
    other = recordings["foreign"]
    digests = {films["foreign"].digest, network_film(replace(other)).digest}
    assert len(digests) == 1
    moved = replace(other, W=np.nextafter(other.W, np.inf))
    assert len(digests | {network_film(moved).digest, network_film(replace(other, names=("a", "b", "c"))).digest}) == 3
    assert films["foreign"].header["config"] is None


@every
def test_clocks_are_the_recording_s_own(films, recordings, name):
    clock, recording = films[name].header["clock"], recordings[name]
    assert clock["epoch"] == recording.epoch.tolist()
    assert clock["step"] == recording.step.tolist()
    if name == "foreign":
        assert clock["by"] == "step"
        assert clock["log_time"] == clock["time"] == [None] * len(recording)
    else:
        assert clock["by"] == "log_time"
        assert clock["log_time"] == [None, *recording.log_time[1:]]
        assert clock["time"][1:] == pytest.approx(np.exp(recording.log_time[1:]))


def test_time_past_float64_is_none_and_its_logarithm_stays():
    recording = train(SMALL.with_changes(log_time_steps=4))
    far = recording.log_time.copy()
    far[-1] = 1e5
    clock = network_film(replace(recording, log_time=far)).header["clock"]
    assert (clock["time"][-1], clock["log_time"][-1]) == (None, 1e5)


def test_what_happened_is_marked(films, recordings):
    recording = recordings["log time"]
    marks = {event["label"]: event for event in films["log time"].header["events"]}
    over, zero = recording.hand_over, recording.zero_error
    assert marks["log time takes over"]["frame"] == over
    assert marks["log time takes over"]["when"] == "epoch 3"
    assert marks["zero training error"]["frame"] == zero
    assert marks["zero training error"]["kind"] == "separated"
    assert {mark["id"] for mark in marks.values()} == {"hand-over", "zero-training-error"}
    assert films["log time"].header["flow_from"] == over + 1
    assert films["decayed"].header["flow_from"] is None
    running = replace(recordings["log time"], phase=np.full(len(recording), "sgd"), outcome=Outcome.RUNNING)
    film = network_film(running)
    assert film.header["flow_from"] == film.header["frames"]
    assert film.header["partial"]
    diverged = network_film(
        replace(recordings["decayed"], outcome=Outcome.DIVERGED, stop_reason="Diverged at epoch 3.")
    )
    (mark,) = [event for event in diverged.header["events"] if event["kind"] == "diverged"]
    assert mark["id"] == "diverged"
    assert (mark["frame"], mark["when"]) == (diverged.header["frames"] - 1, "epoch 3")
    assert diverged.header["sentences"][0] == "Diverged at epoch 3."


@every
def test_curves_are_what_was_measured_in_the_words_of_a_run(films, recordings, name):
    film, recording = films[name], recordings[name]
    assert np.array_equal(film.arrays["minus_log_loss"], -recording.log_loss)
    assert film.arrays["loss"] == pytest.approx(np.exp(recording.log_loss))
    for accuracy in ("train_accuracy", "test_accuracy"):
        assert np.array_equal(film.arrays[accuracy], getattr(recording, accuracy))
    for curve in film.header["curves"]:
        if curve["name"] in recording.metrics:
            assert np.array_equal(film.arrays[curve["name"]], recording.metrics[curve["name"]])
        if curve["name"] in CURVES:
            assert curve["definition"].startswith(CURVES[curve["name"]].definition.removesuffix("."))
    drawn = [panel["curves"] for panel in film.header["panels"]]
    loss = "minus_log_loss" if name == "log time" else "loss"
    metrics = [
        ["nc1_trace_ratio"],
        ["nc2_angles", "nc2_angles_w"],
        ["nc2_norms", "nc2_norms_w"],
        ["nc3"],
        ["gamma_balanced"],
    ]
    assert drawn == [[loss], ["train_accuracy", "test_accuracy"], *metrics]
    assert {panel["set"] for panel in film.header["panels"]} == {"run"}


# -- the geometry --------------------------------------------------------------------------------------------------


def test_means_are_those_of_the_whole_training_set(films, recordings):
    """Three dimensions are shown exactly: dots lie from each other and from every class mean as they do in R^3."""
    film, r = films["decayed"], recordings["decayed"]
    for t in (0, len(r) // 2, len(r) - 1):
        dots, means = film.arrays["features"][t].astype(float), film.arrays["means"][t].astype(float)
        size = float(np.abs(r.H[t]).max())
        assert pdist(dots) == pytest.approx(pdist(r.H[t].T.astype(float)), abs=1e-5 * size)
        assert cdist(dots, means) == pytest.approx(cdist(r.H[t].T, r.means[t]), abs=1e-5 * size)
        centred = r.means[t] - np.average(r.means[t], axis=0, weights=r.counts)
        unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
        assert film.arrays["cosines"][t] == pytest.approx(unit @ unit.T, abs=1e-5)
        assert film.arrays["scale"][t] == pytest.approx(np.linalg.norm(centred, axis=1).mean(), rel=1e-5)
        assert np.linalg.norm(means.T @ r.counts) < 1e-5 * size * r.counts.sum()  # the mean over samples is the origin


def test_classes_of_other_sizes_weigh_by_their_samples():
    arrays = given(counts=(2, 30, 6))
    film = network_film(snapshots_from(arrays, shown_per_class=2))
    centre = arrays["H"].mean(axis=2)
    means = np.stack([[H[:, arrays["labels"] == k].mean(axis=1) for k in range(3)] for H in arrays["H"]])
    centred = means - centre[:, None]
    assert film.arrays["scale"] == pytest.approx(np.linalg.norm(centred, axis=-1).mean(axis=-1), rel=1e-6)
    assert film.header["note"].startswith("Showing 2 of 2 to 30 training samples per class")


def test_means_that_coincide_have_no_cosines():
    arrays = given(T=1)
    arrays["H"] = np.full_like(arrays["H"], 1 / 3)
    film = network_film(snapshots_from(arrays))
    assert np.isnan(film.arrays["cosines"]).all()
    assert "no length here" in film.header["sentences"][1]
    assert all(np.isfinite(film.arrays[n]).all() for n in ("features", "means", "classifiers", "ideal"))


def test_where_no_simplex_fits_there_is_no_ideal():
    film = network_film(snapshots_from(given(K=5, d=2, counts=(3,) * 5)))
    assert "ideal" not in film.arrays
    assert not film.header["fits"]
    assert film.header["caption"].startswith("No simplex fits: 5 classes would need 4 dimensions")
    assert "No 5 directions in 2 dimensions are a simplex" in " ".join(film.header["sentences"])
    (angles,) = (curve for curve in film.header["curves"] if curve["name"] == "nc2_angles")
    assert angles["definition"].endswith("so it cannot reach 0 here.")


def test_a_film_keeps_to_its_frames_its_samples_and_its_classes():
    long = network_film(snapshots_from(given(T=600)))
    assert long.header["frames"] <= MAX_FRAMES
    assert (long.header["clock"]["step"][0], long.header["clock"]["step"][-1]) == (0, 599)
    crowd = given(T=1, K=MAX_CLASSES + 1, counts=(1,) * (MAX_CLASSES + 1))
    with refused("classes", "classes = 65", "2 to 64"):
        network_film(snapshots_from(crowd))
    recording = snapshots_from(given(T=120, d=3, counts=(1000,) * 3), shown_per_class=1000)
    numbered = np.broadcast_to(np.arange(3000.0)[:, None, None] / 3000, (3000, 28, 28)).astype(np.float32)
    film = network_film(recording, numbered)
    assert film.arrays["features"].nbytes <= FEATURE_BYTES
    assert film.arrays["images"].nbytes <= IMAGE_BYTES
    assert len(film.to_bytes()) < 5 * 2**20
    kept = film.header["shown_per_class"]
    assert film.header["note"].startswith(f"Showing {kept} of 1,000 training samples per class")
    assert film.arrays["features"].shape[1] == film.arrays["images"].shape[0] == 3 * kept < 3000
    dots = (film.arrays["images"][:, 0, 0] * 3000).round().astype(int)  # every dot that is left kept its own image
    assert np.array_equal(recording.labels[dots], film.header["labels"])
    assert pdist(film.arrays["features"][0]) == pytest.approx(pdist(recording.H[0].T[dots]), abs=1e-5)


# -- the images ----------------------------------------------------------------------------------------------------


def test_every_dot_has_the_image_that_was_trained_on(films, recordings):
    x = load_dataset(SMALL).x
    assert np.array_equal(films["log time"].arrays["images"], x[recordings["log time"].samples, 0])
    assert "images" not in films["foreign"].arrays


def test_images_are_made_smaller_by_averaging(rng):
    images = rng.random((2, 32, 28)).astype(np.float32)
    small = thumbnails(images, 2)
    assert small.shape == (2, 16, 14)
    assert small == pytest.approx(images.reshape(2, 16, 2, 14, 2).mean(axis=(2, 4)), abs=1e-6)
    odd = rng.random((1, 33, 33)).astype(np.float32)
    assert thumbnails(odd, 1).shape == (1, 11, 11)
    rest = thumbnails(rng.random((1, 17, 5)).astype(np.float32), 1)
    assert rest.shape == (1, 9, 3)
    assert rest.max() <= 1.0  # the last squares hold fewer pixels
    assert np.array_equal(thumbnails(images[:, :8, :8], 2), images[:, :8, :8])


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((89, 8, 8)), np.zeros((90, 64)), np.zeros((90, 0, 8)), np.full((90, 8, 8), np.nan),
        np.full((90, 8, 8), 1.1), np.full((90, 8, 8), -0.1),
    ],
    ids=["too few", "flat", "empty", "NaN", "too bright", "too dark"],
)  # fmt: skip
def test_images_that_are_none_are_refused(recordings, images):
    with refused("images", "(90, h, w)", "from 0 to 1"):
        network_film(recordings["log time"], images.astype(np.float32))


def test_images_nobody_knows_are_none(recordings, monkeypatch, tmp_path):
    ours = recordings["log time"]
    assert shown_images(ours).shape == (90, 8, 8)
    assert shown_images(recordings["foreign"]) is None
    assert shown_images(replace(ours, samples=ours.samples + 10**6)) is None  # a file may say anything
    assert shown_images(replace(ours, samples=ours.samples[::-1].copy())) is None
    monkeypatch.setenv("COLLAPSE_LAB_DATA", str(tmp_path))
    away = replace(ours, config=SMALL.with_changes(dataset="mnist"))
    assert shown_images(away) is None  # nothing is fetched for a film
    (tmp_path / "mnist.npz").write_bytes(b"damaged")
    assert shown_images(away) is None


# -- the words -----------------------------------------------------------------------------------------------------


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
