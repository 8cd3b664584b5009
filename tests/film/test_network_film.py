"""The film of a network: the bytes and words of a run's film, from a recording's numbers and from nothing else."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from film.recordings import given, snapshots_from
from networks.small import SMALL
from reference import refused
from scipy.spatial.distance import cdist, pdist

from ulpm_core import Outcome, RunConfig, simulate
from ulpm_core.analysis.curves import CURVES
from ulpm_core.analysis.projection import FEATURE_BYTES, MAX_FRAMES
from ulpm_core.film.film import Film, build_film
from ulpm_core.film.network import network_film, thumbnails
from ulpm_core.networks.analysis import IMAGE_BYTES
from ulpm_core.networks.datasets import load_dataset
from ulpm_core.networks.images import shown_images
from ulpm_core.networks.training import train


@pytest.fixture(scope="module")
def films(recordings):
    return {name: network_film(recording, shown_images(recording)) for name, recording in recordings.items()}


every = pytest.mark.parametrize("name", ["log time", "decayed", "foreign"])


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
