"""features.npz: several moments of anyone's last layer, and files that are none."""

from __future__ import annotations

import tracemalloc
from io import BytesIO

import numpy as np
import pytest
from reference import refused, slow_metrics

from ulpm_core.files.features import load_snapshots
from ulpm_core.files.recording import load_recording, save_recording
from ulpm_core.film.network import network_film


def given(T: int | None = 3, K: int = 4, d: int = 6, N: int = 30, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.concatenate([np.arange(K), rng.integers(0, K, N - K)]))
    lead = () if T is None else (T,)
    return {"H": rng.standard_normal((*lead, d, N)), "W": rng.standard_normal((*lead, K, d)), "labels": labels}


def upload(arrays: dict, **changes) -> BytesIO:
    file = BytesIO()
    np.savez(file, **{name: a for name, a in (arrays | changes).items() if a is not None})
    file.seek(0)
    return file


@pytest.mark.parametrize("T", [None, 1, 3])
def test_every_moment_is_measured_by_the_definitions(T, tmp_path):
    arrays = given(T)
    r = load_snapshots(upload(arrays))
    assert len(r) == (T or 1)
    for t in range(len(r)):
        W, H = (arrays["W"], arrays["H"]) if T is None else (arrays["W"][t], arrays["H"][t])
        expected = slow_metrics(W, H, arrays["labels"])
        for name in set(r.metrics) - {"gamma", "gamma_balanced"}:
            assert r.metrics[name][t] == pytest.approx(expected[name], rel=1e-8, abs=1e-12), name
        assert np.allclose(r.H[t], H[:, r.samples], rtol=1e-6)
    save_recording(r, tmp_path / "net.npz")
    assert np.array_equal(load_recording(tmp_path / "net.npz").metrics["nc1"], r.metrics["nc1"])


def test_features_may_come_without_classifiers():
    arrays = given(2)
    r, whole = load_snapshots(upload(arrays, W=None)), load_snapshots(upload(arrays))
    assert whole.classified and not r.classified and not r.W.any() and r.bias is None
    for name in ("nc1_trace_ratio", "nc1", "nc2_angles", "nc2_norms"):
        assert np.array_equal(r.metrics[name], whole.metrics[name])


def test_bias_epochs_and_names_are_taken_if_given():
    arrays, b = given(2), np.array([[0.0, 0, 0, 0], [100.0, 0, 0, 0]])
    r = load_snapshots(upload(arrays, bias=b, epoch=np.array([1, 5]), names=np.array(list("abcd"))))
    assert r.epoch.tolist() == [1.0, 5.0]
    assert r.names == ("a", "b", "c", "d")
    assert r.train_accuracy[1] == (arrays["labels"] == 0).mean()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"H": None}, "has no array H"), ({"labels": None}, "no array labels"),
        ({"H": np.zeros(5)}, "H of shape"), ({"H": np.zeros((3, 0, 30))}, "H of shape"),
        ({"H": np.full((3, 6, 30), np.nan)}, "NaN"), ({"W": np.full((3, 4, 6), 1e40)}, "1e+40"),
        ({"H": np.full((3, 6, 30), 1e-200)}, "1e-200"), ({"W": np.zeros((4, 6))}, "(3, 4, 6)"),
        ({"W": np.array([[{}]], dtype=object)}, "Python objects"), ({"H": np.zeros((3, 6, 30), complex)}, "complex"),
        ({"labels": np.zeros(30, int)}, "K >= 2"), ({"labels": np.arange(30) % 4 * 2}, "each at least once"),
        ({"labels": np.arange(30) % 4 - 1}, "each at least once"), ({"labels": np.arange(30.0) % 4}, "labels of shape"),
        ({"labels": np.full(30, 2**64 - 1, np.uint64)}, "K >= 2"), ({"epoch": np.array([0, 2, 1])}, "does not grow"),
        ({"epoch": np.array([0, 1, np.nan])}, "NaN"), ({"names": np.array(["a"])}, "names of shape"),
    ],
)  # fmt: skip
def test_a_hostile_upload_is_a_sentence(changes, words):
    with refused("features", words):
        load_snapshots(upload(given(), **changes))


def test_an_upload_beyond_the_pages_limit_is_not_loaded():
    with refused("features", "1 are read"):
        load_snapshots(upload(given(N=20_000)), most=2**20)


def test_too_many_classes_are_refused_before_they_are_measured():
    crowd = {"H": np.ones((1, 5000)), "labels": np.arange(5000)}
    with refused("features", "5,000 classes", "use 2 to 1,000"):
        load_snapshots(upload(crowd))


def test_features_are_measured_a_part_at_a_time(monkeypatch):
    arrays = given(2, K=5, d=7, N=200)
    whole = load_snapshots(upload(arrays))
    monkeypatch.setattr("ulpm_core.files.features.AT_ONCE", 70)
    parts = load_snapshots(upload(arrays))
    assert np.array_equal(parts.H, whole.H)
    for name, values in whole.metrics.items():
        assert parts.metrics[name] == pytest.approx(values, rel=1e-12), name


def test_names_that_several_classes_bear_are_told_apart_by_their_labels():
    """The labels stand first: pictures show no more than the first letters of a name."""
    names = np.array(["cat", "a name of more than forty letters, and so cut off", "cat", "dog"])
    r = load_snapshots(upload(given(), names=names))
    assert r.names == ("0: cat", "a name of more than forty letters, an...", "2: cat", "dog")


def corner(offset: float, dtype: str) -> BytesIO:
    """Four classes on one point each, the corners of a tetrahedron, moved away from the origin together."""
    labels = np.repeat(np.arange(4), 5)
    return upload({"H": (np.eye(4)[:, labels] + offset).astype(dtype), "labels": labels})


@pytest.mark.parametrize(
    ("offset", "dtype", "hidden"),
    [(0.0, "float16", False), (100.0, "float16", False), (1024.0, "float16", True), (1024.0, "float32", False),
     (2.0**23, "float32", True), (2.0**23, "float64", False)],
)  # fmt: skip
def test_directions_that_rounding_may_have_made_are_said_to_be_left_out(offset, dtype, hidden):
    """At 1,024 a float16 is a whole number, so each entry may be half of one off: as far as the corners are apart."""
    recording = load_snapshots(corner(offset, dtype))
    said = (
        f"Class means count in 0 of the 3 directions in which they seem to differ: in {dtype}, differences up to"
        " 2 may be rounding. Take the mean off the features before they are rounded."
    )
    assert recording.caution == (said if hidden else "")
    assert (said in network_film(recording).header["sentences"]) == hidden
    assert np.isnan(recording.metrics["nc1"][-1]) == hidden


def test_small_types_stay_small():
    """Two million samples of one byte: 16 MB in float64, and 640 MB as one-hot labels of 40 classes."""
    N = 2_000_000
    file = upload({"H": np.ones((1, N), dtype=np.int8), "labels": (np.arange(N) % 40).astype(np.int8)})
    tracemalloc.start()
    r = load_snapshots(file)
    assert tracemalloc.get_traced_memory()[1] < 120e6
    tracemalloc.stop()
    assert r.counts.sum() == N


def test_features_the_other_way_round_are_told_so():
    arrays = given(None)
    with refused("features", "a column for each sample", "H=H.T"):
        load_snapshots(upload(arrays, H=arrays["H"].T))
    with refused("features", "H with NaN:"):
        load_snapshots(upload(arrays, H=np.full_like(arrays["H"], np.nan)))


@pytest.mark.parametrize(
    ("name", "array", "said"),
    [
        ("labels", [0.0, 1.0, 2.0], "with shape (3,) and type int64, for example numpy.savez(path, labels=labels.asty"),
        ("H", np.eye(3) * 1j, "save H with shape (3, 3) and type float64, for example numpy.savez(path, H=H.astype("),
        ("W", np.eye(3, dtype="U1"), "save W with shape (3, 3) and type float64"),
        ("names", [1, 2, 3], "save names with shape (3,) and type str, for example numpy.savez(path, names=names.ast"),
    ],
)
def test_an_array_of_another_type_is_told_one_that_fits(name, array, said):
    with refused("features", said):
        load_snapshots(upload({"H": np.eye(3), "labels": [0, 1, 2]}, **{name: array}))
