"""Films of more classes than a stage holds: blocks of classes, the spectrum of class means, and who is on stage."""

from __future__ import annotations

import numpy as np
import pytest
from film.recordings import given, snapshots_from
from player.films import encoded
from reference import random_rotation
from scipy.spatial.distance import cdist, pdist

from tests.javascript import run_node
from ulpm_core.analysis import projection
from ulpm_core.analysis.crowd import block_cosines, blocks_of, spectrum
from ulpm_core.film.film import Film
from ulpm_core.film.network import network_film
from ulpm_core.model.etf import simplex_etf


def test_cosines_of_blocks_are_means_over_their_pairs(rng):
    vectors, blocks = rng.standard_normal((2, 7, 4)), blocks_of(7, 3)
    found = block_cosines(vectors, blocks)
    for t in range(2):
        unit = [v / np.linalg.norm(v) for v in vectors[t]]
        for a, some in enumerate(blocks):
            for b, others in enumerate(blocks):
                pairs = [unit[j] @ unit[k] for j in some for k in others if j != k]
                assert found[t, a, b] == pytest.approx(np.mean(pairs), rel=1e-12)
    vectors[0, 0] = 0.0
    missing = np.isnan(block_cosines(vectors, blocks))
    assert missing[0, 0].all() and missing[0, :, 0].all() and missing.sum() == 5


@pytest.mark.parametrize(("K", "d"), [(9, 4), (4, 9), (5, 4)])
def test_the_spectrum_is_that_of_the_singular_values(rng, K, d):
    vectors = rng.standard_normal((3, K, d))
    vectors -= vectors.mean(axis=1, keepdims=True)
    for t in range(3):
        S = np.linalg.svd(vectors[t], compute_uv=False)[: min(K - 1, d)]
        assert spectrum(vectors)[t] == pytest.approx(S / np.sqrt((S**2).mean()), abs=1e-7)


def test_a_simplex_has_a_flat_spectrum_and_nothing_has_none(rng):
    M = 7.0 * simplex_etf(6, 8) @ random_rotation(8, rng)
    assert spectrum(M[None]) == pytest.approx(np.ones((1, 5)), abs=1e-12)
    assert np.isnan(spectrum(np.zeros((1, 6, 8)))).all()


@pytest.fixture(scope="module")
def crowd():
    """70 classes of 3 or 4 samples in five dimensions, at two moments."""
    recording = snapshots_from(given(T=2, K=70, d=5, counts=(3, 4) * 35), shown_per_class=2)
    return recording, network_film(recording)


def test_a_crowd_has_one_class_of_each_block_on_stage(crowd):
    film = crowd[1]
    header = film.header
    assert header["classes"] == 64
    assert header["crowd"] == {"classes": 70, "blocks": [2] * 6 + [1] * 58}
    assert header["names"][:7] == ["1", "3", "5", "7", "9", "11", "12"]
    assert header["labels"] == np.repeat(np.arange(64), 2).tolist()
    assert header["shown_per_class"] == 2
    assert {name: film.arrays[name].shape for name in ("means", "classifiers", "cosines", "cosines_w")} == {
        "means": (2, 64, 5), "classifiers": (2, 64, 5), "cosines": (2, 64, 64), "cosines_w": (2, 64, 64),
    }  # fmt: skip
    assert header["title"].endswith("70 classes in 5 dimensions")
    assert "On stage are 64 of 70 classes, one of each block of 1 or 2;" in header["note"]
    assert "Showing 2 of 3 to 4 training samples per class" in header["note"]
    assert Film.from_bytes(film.to_bytes()).header["crowd"] == header["crowd"]
    assert len(film.to_bytes()) < 2**20


def test_dots_and_means_lie_as_those_classes_do(crowd):
    """Five dimensions are shown exactly, from the centre of all samples."""
    recording, film = crowd
    classes = [int(name) for name in film.header["names"]]
    for t in range(2):
        dots, means = film.arrays["features"][t].astype(float), film.arrays["means"][t].astype(float)
        own = np.flatnonzero(np.isin(recording.labels, classes))
        H, M = recording.H[t][:, own].T.astype(float), recording.means[t][classes]
        assert pdist(dots) == pytest.approx(pdist(H), abs=1e-5)
        assert cdist(dots, means) == pytest.approx(cdist(H, M), abs=1e-5)
        centre = recording.counts @ recording.means[t] / recording.counts.sum()
        assert np.linalg.norm(means, axis=1) == pytest.approx(np.linalg.norm(M - centre, axis=1), rel=1e-5)
        wdot = recording.W[t] - recording.W[t].mean(axis=0)  # less the mean of all, not of those on stage
        lengths = np.linalg.norm(film.arrays["classifiers"][t], axis=1)
        assert lengths == pytest.approx(np.linalg.norm(wdot[classes], axis=1), rel=1e-5)
        blocks = block_cosines((recording.means[t] - centre)[None], blocks_of(70, 64))[0]
        assert film.arrays["cosines"][t] == pytest.approx(blocks, abs=1e-6)


def test_the_spectrum_stands_among_the_curves(crowd):
    recording, film = crowd
    (panel,) = [panel for panel in film.header["panels"] if panel["title"] == "Spectrum of class means"]
    assert panel["curves"] == ["spectrum_largest", "spectrum_median", "spectrum_smallest"]
    centred = recording.means - (recording.counts @ recording.means / recording.counts.sum())[:, None]
    for t in range(2):
        S = np.linalg.svd(centred[t], compute_uv=False)
        S = S / np.sqrt((S**2).mean())
        found = [film.arrays[name][t] for name in panel["curves"]]
        assert found == pytest.approx([S[0], S[2], S[4]], rel=1e-6)
    assert np.array_equal(film.arrays["nc1_trace_ratio"], recording.metrics["nc1_trace_ratio"])


def test_the_corners_on_stage_are_those_of_the_simplex_of_all(monkeypatch):
    """Of five classes three are on stage: their corners are at -1/4 to one another, not at -1/2."""
    monkeypatch.setattr(projection, "MAX_CLASSES", 3)
    film = network_film(snapshots_from(given(T=2, K=5, d=4, counts=(3,) * 5)))
    for corners, scale in zip(film.arrays["ideal"].astype(float), film.arrays["scale"].astype(float), strict=True):
        unit = corners / np.linalg.norm(corners, axis=1, keepdims=True)
        assert unit @ unit.T == pytest.approx(1.25 * np.eye(3) - 0.25, abs=1e-5)
        assert np.linalg.norm(corners, axis=1) == pytest.approx(scale, rel=1e-5)


READS = """
const film = parseFilm(bytesOf(given.film));
const { every, classes, inBlocks, simplexCosine, noSimplex } = film;
say({ every, classes, inBlocks, cosine: simplexCosine, none: noSimplex });
"""


def test_the_player_measures_from_the_simplex_of_all(tmp_path, crowd):
    (seen,) = run_node(tmp_path, READS, "film.js", film=encoded(crowd[1])[0])
    assert seen == {"every": 70, "classes": 64, "inBlocks": True, "cosine": -1 / 69, "none": "no simplex fits"}
