"""`measure`: its figures against plain loops and closed forms, at the edge of its range, and what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest
from cli.lines import refusal, strict
from reference import gaussian, labels_of, refused, slow_metrics

from ulpm_core.analysis.metrics import metrics
from ulpm_core.analysis.separation import separation_metrics, separation_optimum
from ulpm_core.files.features import load_snapshots
from ulpm_core.files.run import load_run
from ulpm_core.model.etf import minimum_norm_optimum


@pytest.mark.parametrize("with_W", [True, False])
def test_measure_agrees_with_the_double_loops(call, tmp_path, rng, with_W):
    W, H = gaussian(4, 3, 5)
    labels = rng.permutation(labels_of(4, 5))
    np.savez(tmp_path / "f.npz", H=H, labels=labels, **({"W": W} if with_W else {}))
    code, out, err = call("measure", tmp_path / "f.npz")
    said, expected = strict(out), slow_metrics(W if with_W else None, H, labels)
    assert (code, err) == (0, "")
    assert (said.pop("classes"), said.pop("dimension"), said.pop("samples")) == (4, 3, 20)
    assert said.pop("rank") == 3
    separation = set(said) - set(expected)
    more = {*separation_metrics(W, H, labels_of(4, 5)), "optimum", "gamma_balanced"}
    assert separation == (more if with_W else set())
    for name, value in expected.items():
        assert said[name] == pytest.approx(value, rel=1e-9, abs=1e-12), name


def test_measure_takes_unbalanced_labels(call, tmp_path, rng):
    labels = np.array([0, 0, 0, 0, 1, 2, 2, 1, 2, 2], dtype=np.int32)
    W, H = rng.standard_normal((3, 4)), rng.standard_normal((4, 10))
    np.savez(tmp_path / "f.npz", W=W, H=H, labels=labels)
    code, out, _ = call("measure", tmp_path / "f.npz")
    said, expected = strict(out), slow_metrics(W, H, labels)
    assert code == 0
    norms = float(np.linalg.norm(W) * np.linalg.norm(H))
    assert said["gamma_balanced"] == pytest.approx(label_norm([4, 2, 4]) * said["q_min"] / norms, rel=1e-9)
    for name, value in expected.items():
        assert said[name] == (None if np.isnan(value) else pytest.approx(value, rel=1e-9, abs=1e-12)), name


def label_norm(sizes):
    """||Pi Y||_* from the matrix itself: one-hot labels, each less its mean over classes."""
    Y = np.repeat(np.eye(len(sizes)), sizes, axis=1)
    return np.linalg.svd(Y - Y.mean(axis=0), compute_uv=False).sum()


def test_measure_says_null_where_nothing_is_defined(call, tmp_path):
    np.savez(tmp_path / "f.npz", H=np.ones((3, 4)), labels=np.array([0, 0, 1, 1]))
    code, out, err = call("measure", tmp_path / "f.npz")
    assert (code, err) == (0, "")
    assert strict(out)["nc1"] is None


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"H": np.eye(2)}, "no array labels"),
        ({"H": np.eye(2), "labels": np.array([1, 2])}, "use 0 to K-1"),
        ({"H": np.eye(2) * np.nan, "labels": np.array([0, 1])}, "H with NaN: save finite numbers with shape (2, 2)"),
        ({"H": np.eye(2), "labels": np.array([0, 1]), "W": np.eye(3)}, "shape (2, 2)"),
    ],
    ids=["no labels", "labels", "NaN", "W"],
)
def test_measure_refuses_bad_features(call, tmp_path, arrays, said):
    np.savez(tmp_path / "f.npz", **arrays)
    refusal(call("measure", tmp_path / "f.npz"), "python -m ulpm_core measure: ", said)


def test_measure_takes_the_bias_as_the_page_does(call, tmp_path):
    rng, labels = np.random.default_rng(0), np.arange(24) % 4
    arrays = {"H": rng.standard_normal((5, 24)), "labels": labels, "W": rng.standard_normal((4, 5))}
    np.savez(tmp_path / "f.npz", **arrays, bias=np.array([100.0, 0, 0, 0]))
    found = strict(call("measure", tmp_path / "f.npz")[1])
    page = load_snapshots(tmp_path / "f.npz").metrics
    for name in page:
        assert found[name] == pytest.approx(page[name][0], rel=1e-9), name
    assert "objective" not in found and "kkt_stationarity" not in found
    np.savez(tmp_path / "f.npz", **arrays, bias=np.array([np.nan, 0, 0, 0]))
    refusal(call("measure", tmp_path / "f.npz"), "bias", "(4,)")


def test_measure_refuses_a_missing_file(call, tmp_path):
    refusal(call("measure", tmp_path / "no.npz"), "measure: features = ", "does not exist", "for example features.npz.")


SEPARATION = {
    "kkt_stationarity", "kkt_feasibility", "kkt_complementarity", "kkt_signs", "objective", "dual_bound", "duality_gap",
    "smoothed_margin", "optimum",
}  # fmt: skip


@pytest.fixture
def measure(call, tmp_path):
    """The figures that measure prints of arrays."""

    def figures(**arrays) -> dict:
        np.savez(tmp_path / "f.npz", **arrays)
        code, out, err = call("measure", tmp_path / "f.npz")
        assert (code, err) == (0, "")
        return json.loads(out, parse_constant=pytest.fail)

    return figures


@pytest.mark.parametrize("sizes", [(5, 5, 5, 5), (10, 10, 2, 2), (1, 2, 3, 4)])
def test_measure_says_how_far_the_direction_is_from_optimal(measure, rng, sizes):
    best, labels = separation_optimum(sizes, 5), np.repeat(np.arange(4), sizes)
    W, H = (3 * part + 0.1 * rng.standard_normal(part.shape) for part in (best.W, best.H))
    said, expected = measure(W=W, H=H, labels=labels), separation_metrics(W, H, labels, fitted=len(set(sizes)) > 1)
    for name, value in expected.items():
        assert said[name] == pytest.approx(float(value), rel=1e-12), name
    assert said["optimum"] == pytest.approx(best.value, rel=1e-12)
    assert said["dual_bound"] <= said["optimum"] <= said["objective"]
    sizes_told = {"classes", "dimension", "samples", "rank"}
    assert set(said) - SEPARATION - sizes_told - {"gamma_balanced"} == set(metrics(W, H, labels))
    assert said["gamma_balanced"] <= 1.0


def test_measure_leaves_undefined_what_separation_would_define(measure):
    labels = labels_of(3, 4)
    W, H = gaussian(3, 2, 4, scale=1e30)  # exponents of such margins, if they were formed, would overflow
    assert not SEPARATION & set(measure(H=H, labels=labels))
    said = measure(W=W, H=H, labels=labels)
    assert said["q_min"] < 0
    assert {said[name] for name in SEPARATION - {"optimum"}} == {None}
    assert said["optimum"] == pytest.approx(4.0)
    assert measure(W=W[:, :1], H=H[:1], labels=labels)["optimum"] is None  # three classes on a line
    assert measure(W=W[:, :1], H=H[:1, 1:], labels=labels[1:])["optimum"] is None


@pytest.mark.parametrize("scale", [1e100, 1e-99])
def test_measure_is_exact_at_the_ends_of_its_range(measure, scale):
    best, (W, H), labels = minimum_norm_optimum(4, 3, 5), gaussian(4, 3, 5), labels_of(4, 5)
    W, H = best.W + 0.1 * W, best.H + 0.1 * H
    H, W = H / np.abs(H).max(), W / np.abs(W).max()
    said, expected = measure(W=scale * W, H=scale * H, labels=labels), slow_metrics(W, H, labels)
    for name, value in expected.items():
        wanted = value * scale * scale if name == "q_min" else value
        assert said[name] == pytest.approx(wanted, rel=1e-9, abs=1e-12 * (scale * scale if name == "q_min" else 1)), (
            name
        )
    assert said["optimum"] <= said["objective"]


@pytest.mark.parametrize("name", ["W", "H"])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda A: A * 1e160, "between 1e-100 and 1e+100, for example 1"),
        (lambda A: A * 1e-200, "between 1e-100 and 1e+100, for example 1"),
        (lambda A: A.astype(np.longdouble) * np.longdouble("1e4000"), "with infinity"),
        (lambda A: np.where(A.max() == A, np.nan, A), "with NaN"),
        (lambda A: np.where(A.max() == A, -np.inf, A), "with infinity"),
        (lambda A: A.astype("m8[s]"), "type timedelta64[s]"),
    ],
    ids=["1e160", "1e-200", "long double", "NaN", "infinity", "time"],
)
def test_measure_names_what_it_cannot_measure(call, tmp_path, name, change, said):
    arrays = dict(zip(("W", "H"), gaussian(3, 2, 2), strict=True))
    np.savez(tmp_path / "f.npz", labels=labels_of(3, 2), **arrays | {name: change(arrays[name])})
    refusal(call("measure", tmp_path / "f.npz"), f"measure: features holds {name} ", said, "with shape (")


CENTRED = ("nc1", "nc1_trace_ratio", "nc2_norms", "nc2_angles")


@pytest.mark.parametrize("value", [1.0, 0.1, 1 / 3, -1e77, 1e-80])
@pytest.mark.parametrize(("K", "n"), [(4, 25), (3, 7), (10, 1000), (7, 1)])
def test_rounding_is_not_taken_for_geometry(measure, value, K, n):
    """All features alike, and all classifiers: between equal means there is nothing to measure."""
    H, labels, W = np.full((3, K * n), value), labels_of(K, n), np.full((K, 3), value)
    said = measure(W=W, H=H, labels=labels)
    for name in (*CENTRED, "nc3", "nc2_norms_w", "nc2_angles_w"):
        assert said[name] is None, name
    assert said["nc1_trace_ratio_uncentred"] == pytest.approx(0.0, abs=1e-20)


def test_means_that_agree_up_to_rounding_define_nothing(measure, rng):
    """Every class has the same samples in another order: the means differ in the last digits of their sums."""
    samples = rng.standard_normal((3, 50)) + 0.3
    H = np.hstack([samples[:, rng.permutation(50)] for _ in range(4)])
    assert {measure(H=H, labels=labels_of(4, 50))[name] for name in CENTRED} == {None}


def test_one_class_at_the_centre_has_no_angle(measure):
    H = np.array([[0.1, 0.2, 0.3], [0.7, 0.7, 0.7]])  # the mean of 0.1, 0.2, 0.3 is not 0.2 but for rounding
    said = measure(H=H, labels=np.arange(3))
    assert said["nc2_angles"] is None
    assert said["nc2_norms"] == pytest.approx(np.sqrt(0.5))


@pytest.mark.parametrize("spread", [2.0**-20, 2.0**-33])
def test_a_small_real_spread_is_measured_exactly(measure, rng, spread):
    """A millionth of the means and less. Whole numbers times a power of two: H itself holds them without rounding."""
    H, labels, shift = (
        rng.integers(-32, 33, (3, 4 * 16)).astype(float),
        labels_of(4, 16),
        np.array([[1.0], [-2], [0.5]]),
    )
    said, expected = measure(H=shift + spread * H, labels=labels), slow_metrics(None, H, labels)
    for name in CENTRED:
        assert said[name] == pytest.approx(expected[name], rel=1e-9), name


def test_refusals_of_arrays_that_lack_show_every_array(tmp_path):
    np.savez(tmp_path / "empty.npz", X=1)
    with refused("run", "numpy.savez(path, W=W, H=H, labels=labels, step=step, log_time=log_time, log_loss=log_loss"):
        load_run(tmp_path / "empty.npz")
