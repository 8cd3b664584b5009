"""Recordings: their files, hostile ones, and what is read from them."""

from __future__ import annotations

import math
from io import BytesIO

import numpy as np
import pytest
from networks.small import SMALL, same
from reference import refused

from ulpm_core.files.npz import write_npz
from ulpm_core.files.recording import arrays_of, load_recording, save_recording
from ulpm_core.networks.recording import closest_classes, evenly
from ulpm_core.networks.training import train


@pytest.fixture(scope="module")
def recorded():
    return {bias: train(SMALL.with_changes(bias=bias)) for bias in ("on", "off")}


@pytest.mark.parametrize("bias", ["on", "off"])
def test_a_recording_survives_its_file_and_its_snapshots(bias, recorded, tmp_path):
    r, path = recorded[bias], tmp_path / "net.npz"
    save_recording(r, path)
    back = load_recording(path)
    assert same(back, r)
    assert back.config == r.config
    rest = {
        name: getattr(r, name) for name in ("config", "names", "counts", "labels", "samples", "outcome", "stop_reason")
    }
    assert same(type(r).of(r.snapshots(), **rest), r)
    with pytest.raises(ValueError, match="read-only"):
        back.W[0] = 0


@pytest.mark.parametrize("bias", ["on", "off"])
def test_a_recording_from_before_the_balanced_gamma_opens_with_it(bias, recorded, tmp_path):
    r, path = recorded[bias], tmp_path / "net.npz"
    older = {name: array for name, array in arrays_of(r).items() if name != "gamma_balanced"}
    write_npz(path, older)
    back = load_recording(path)
    assert back.metrics["gamma_balanced"] == pytest.approx(r.metrics["gamma_balanced"], rel=1e-9)
    assert arrays_of(back).keys() == arrays_of(r).keys()
    write_npz(path, older | {"gamma": np.full(len(r), np.nan)})
    assert np.isnan(load_recording(path).metrics["gamma_balanced"]).all()
    write_npz(path, older | {"W": np.zeros_like(r.W)})
    assert np.isnan(load_recording(path).metrics["gamma_balanced"]).all()


def test_the_models_own_run_can_start_from_a_snapshot(recorded):
    from ulpm_core import RunConfig, simulate

    r = recorded["off"]
    start = r.state(r.hand_over)
    assert start.shape == (3, 12, 30)
    assert np.array_equal(start.W, r.W[r.hand_over])
    run = simulate(RunConfig(method="gradient-flow", log_time=5.0, snapshots=10), start)
    assert np.isfinite(run.log_loss).all()


def test_figures_are_strict_json_and_say_how_far_the_collapse_went(recorded):
    import json

    r = recorded["off"]
    figures = r.figures()
    json.dumps(figures, allow_nan=False)
    assert figures["train_accuracy"] == 1.0
    assert figures["test_accuracy"] == r.test_accuracy[-1]
    since = r.zero_error
    assert r.train_accuracy[since:].min() == 1.0
    assert since == 0 or r.train_accuracy[since - 1] < 1.0
    assert figures["zero_error_epoch"] == r.epoch[since]
    ratio = r.metrics["nc1_trace_ratio"]
    assert figures["nc1_trace_ratio_drop"] == pytest.approx(ratio[since] / ratio[-1])


def test_shown_samples_are_as_many_of_each_class_and_evenly_spread():
    labels = np.array([0] * 10 + [1] * 4 + [2] * 100)
    some = evenly(labels, 3, 30)
    assert labels[some].tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert some.tolist() == [0, 3, 6, 9, 10, 11, 12, 13, 14, 47, 80, 113]


def test_the_closest_classes_come_first_with_their_mistakes(recorded):
    from dataclasses import replace

    r = recorded["off"]
    means = np.array([[1.0, 0, 0], [0.9, 0.5, 0], [-2, 0, 1.0], [-1, 2, 1]])
    confusion, counts, always = np.arange(16).reshape(4, 4), np.array([1, 2, 3, 4]), np.ones((len(r), 1, 1))
    shapes = {"W": always * means, "H": r.H[:, :3], "counts": counts, "names": tuple("abcd")}
    four = replace(r, means=always * means, confusion=(always * confusion).astype(int), **shapes)
    centred = means - (np.array([1, 2, 3, 4]) @ means) / 10
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    pairs = closest_classes(four, count=6)
    assert (pairs[0].first, pairs[0].second) == ("a", "b")
    assert pairs[0].cosine == pytest.approx(unit[0] @ unit[1])
    assert pairs[0].confused == confusion[0, 1] + confusion[1, 0]
    cosines = sorted((unit[a] @ unit[b] for a in range(4) for b in range(a)), reverse=True)
    assert [p.cosine for p in pairs] == pytest.approx(cosines)


def hostile(arrays: dict) -> dict:
    T, K = arrays["W"].shape[:2]
    nan = arrays["H"].copy()
    nan[0, 0, 0] = np.nan
    return {
        "objects": {"W": np.array([{}], dtype=object)},
        "no W": {"W": None},
        "a metric of another T": {"nc1": arrays["log_loss"][1:]},
        "W of two axes": {"W": arrays["W"][0]},
        "no snapshots": {"W": arrays["W"][:0]},
        "another T": {"log_loss": arrays["log_loss"][1:]},
        "H transposed": {"H": arrays["H"].swapaxes(1, 2)},
        "complex": {"W": arrays["W"].astype(complex)},
        "text for numbers": {"W": arrays["W"].astype(str)},
        "NaN": {"H": nan},
        "infinity": {"means": np.full_like(arrays["means"], np.inf)},
        "too large": {"W": 1e31 * np.ones_like(arrays["W"])},
        "an empty class": {"counts": np.array([0, 60, 60])},
        "labels not grouped": {"labels": arrays["labels"][::-1]},
        "labels of another class": {"labels": arrays["labels"] + 1},
        "steps that stand": {"step": np.zeros(T, dtype=np.int64)},
        "a step before the start": {"step": np.arange(T) - 1},
        "accuracy above 1": {"train_accuracy": np.full(T, 1.5)},
        "accuracy unknown": {"train_accuracy": np.full(T, np.nan)},
        "a loss beyond float64": {"log_loss": np.full(T, 1e4)},
        "time at infinity": {"log_time": np.full(T, math.inf)},
        "a phase of its own": {"phase": np.full(T, "warp")},
        "control characters": {"names": np.array(["a\x1b[2J", "b", "c"])},
        "a novel": {"stop_reason": np.array("x" * 10_000)},
        "an outcome of its own": {"outcome": np.array("won")},
        "a config that is none": {"config": np.array('{"epochs": 0}')},
        "the config of more classes": {"config": np.array('{"epochs": 3}')},
        "counts beyond int64": {"counts": np.full(K, 2**64 - 1, dtype=np.uint64)},
        "an infinite metric": {"nc1": np.full(T, np.inf)},
        "mistakes below 0": {"confusion": np.full((T, K, K), -1)},
    }


@pytest.mark.parametrize(
    "attack", hostile({name: np.zeros((2, 3, 4)) for name in ("W", "H", "means", "labels", "log_loss")})
)
def test_a_hostile_file_is_a_sentence(attack, recorded, tmp_path):
    arrays = {name: np.asarray(value) for name, value in arrays_of(recorded["off"]).items()}
    changed = {name: value for name, value in (arrays | hostile(arrays)[attack]).items() if value is not None}
    np.savez(tmp_path / "net.npz", **changed)
    with pytest.raises(Exception) as caught:
        load_recording(tmp_path / "net.npz")
    assert type(caught.value).__name__ == "ConfigError", caught.value
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


def test_a_header_of_five_gigabytes_is_refused_before_it_is_believed(tmp_path):
    import zipfile

    path = tmp_path / "net.npz"
    with zipfile.ZipFile(path, "w") as archive, archive.open("W.npy", "w") as member:
        np.lib.format.write_array_header_1_0(
            member, {"descr": "<f8", "fortran_order": False, "shape": (640, 2**10, 2**10)}
        )
    with refused("net", "5,120 MB"):
        load_recording(path)


def test_an_upload_is_read_from_memory_up_to_its_limit(recorded, tmp_path):
    save_recording(recorded["off"], tmp_path / "net.npz")
    upload = (tmp_path / "net.npz").read_bytes()
    assert same(load_recording(BytesIO(upload)), recorded["off"])
    with refused("net", "0 are read"):
        load_recording(BytesIO(upload), most=1000)
    with refused("net", "cannot be read"):
        load_recording(BytesIO(upload[:-30]))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x93NUMPY", b"hello" * 100])
def test_bytes_that_are_no_archive(content, tmp_path):
    path = tmp_path / "net.npz"
    path.write_bytes(content)
    with refused("net", "cannot be read"):
        load_recording(path)
    with refused("net", "does not exist"):
        load_recording(tmp_path / "other.npz")
    with refused("net", "is a folder"):
        load_recording(tmp_path)


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "net.npz"
    write_npz(path, {"a": np.arange(3)})

    def torn(file, **_):
        file.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez_compressed", torn)
    with pytest.raises(KeyboardInterrupt):
        write_npz(path, {"a": np.arange(4)})
    assert np.load(path)["a"].tolist() == [0, 1, 2]
    assert list(tmp_path.iterdir()) == [path]


def test_whoever_reads_while_it_is_written_reads_the_old_file_to_its_end(tmp_path):
    path = tmp_path / "net.npz"
    write_npz(path, {"a": np.arange(1000)})
    before = path.read_bytes()
    with path.open("rb") as reader:
        start = reader.read(100)
        write_npz(path, {"a": np.arange(5)})
        assert start + reader.read() == before
    assert np.load(path)["a"].tolist() == [0, 1, 2, 3, 4]
