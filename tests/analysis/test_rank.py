"""NC1 of class means that lie in a smaller subspace, stored in any precision, near the origin and far from it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ulpm_core import RunConfig, cli, simulate
from ulpm_core.analysis.collapse import CENTRED, nc1
from ulpm_core.analysis.metrics import means_of, metrics, summed
from ulpm_core.analysis.rounding import rounding_of
from ulpm_core.files.features import load_snapshots


def deficient(rng, K: int, d: int, rank: int, offset: float, n: int = 20):
    """Features (d, N), labels, W; the class means, shifted by `offset`, span `rank` dimensions; and NC1 over those."""
    means = rng.standard_normal((K, rank)) @ rng.standard_normal((rank, d))
    noise = 0.01 * rng.standard_normal((K, n, d))
    noise -= noise.mean(axis=1, keepdims=True)
    H = (means[:, None] + noise + offset).reshape(K * n, d).T
    _, S, Vt = np.linalg.svd(means - means.mean(axis=0), full_matrices=False)
    right = ((Vt[:rank] @ noise.reshape(-1, d).T) ** 2).sum(axis=1) / (n * K) / (S[:rank] ** 2 / K)
    return H, np.repeat(np.arange(K), n), rng.standard_normal((K, d)), right.sum() / K


@pytest.mark.parametrize(
    ("stored", "offset", "within"),
    [
        ("f2", 0.0, 0.02),  # of a half, two decimal places are sure
        ("f4", 0.0, 1e-4),
        ("f4", 100.0, 1e-2),
        ("f8", 0.0, 1e-9),
        ("f8", 100.0, 1e-9),
        ("f8", 1e6, 1e-4),
    ],
)
@pytest.mark.parametrize(("K", "d", "rank"), [(10, 512, 4), (10, 20, 4), (10, 512, 9), (4, 8, 2)])
def test_nc1_is_that_of_the_subspace_of_the_means(tmp_path, rng, capsys, K, d, rank, stored, offset, within):
    H, labels, W, right = deficient(rng, K, d, rank, offset)
    np.savez(tmp_path / "f.npz", H=H.astype(stored), labels=labels, W=W.astype(stored))
    assert cli.main(["measure", str(tmp_path / "f.npz")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["rank"] == rank
    assert said["nc1"] == pytest.approx(right, rel=within)
    assert load_snapshots(tmp_path / "f.npz").metrics["nc1"][0] == pytest.approx(said["nc1"], rel=1e-6)


def test_the_rank_is_said_without_classifiers_and_with_a_bias(tmp_path, rng, capsys):
    H, labels, W, _ = deficient(rng, 5, 6, 2, 0.0)
    for more in ({}, {"W": W, "bias": np.zeros(5)}):
        np.savez(tmp_path / "f.npz", H=H.astype("f4"), labels=labels, **more)
        assert cli.main(["measure", str(tmp_path / "f.npz")]) == 0
        assert json.loads(capsys.readouterr().out)["rank"] == 2


def test_means_that_differ_by_rounding_alone_are_one_point(tmp_path, rng, capsys):
    H = 100.0 + 1e-6 * rng.standard_normal((8, 20))
    np.savez(tmp_path / "f.npz", H=H.astype("f4"), labels=np.arange(20) % 4)
    assert cli.main(["measure", str(tmp_path / "f.npz")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["rank"], said["nc1"], said["nc2_angles"]) == (0, None, None)


def test_the_weakest_direction_counts_while_it_is_longer_than_rounding():
    H, labels = np.array([[1.0, -1.0, 0.0], [0.0, 0.0, 1.0]]), np.arange(3)
    for weakest, single, double in ((1e-4, 2, 2), (1e-8, 1, 1), (1e-6, 2, 2), (1e-7, 1, 2)):
        stretched = H * np.array([[1.0], [weakest]])
        found = [int(means_of(stretched, labels, p).rank) for p in (2.0**-23, 2.0**-52)]
        assert found == [single, double], weakest


def test_a_run_in_float32_is_measured_as_such(rng):
    run = simulate(RunConfig(classes=3, dimension=4, per_class=2, steps=20, dtype="float32"))
    again = metrics(run.W, run.H, run.labels, rounding_of(np.dtype("f4")))
    assert all(np.array_equal(again[name], run.metrics[name], equal_nan=True) for name in again)
    H = np.concatenate([run.H[-1:], run.H[-1:] + 1e4])  # where the run had been so far away, nothing would be known
    sums = summed(None, H, run.labels, rounding_of(np.dtype("f4")))
    assert (nc1(sums, CENTRED)[0] > 0) and sums.of.rank.tolist() == [2, 2]
