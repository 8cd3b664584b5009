"""Other authors' definitions: against their formulas written anew, at the ideal, by both centres, and in the notes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from analysis import peers_reference
from reference import labels_of

from ulpm_core.analysis.metrics import summed
from ulpm_core.analysis.peer_metrics import class_distance_variance
from ulpm_core.analysis.peers import PEERS, peers
from ulpm_core.model.etf import minimum_norm_optimum, simplex_etf

NOTES = (Path(__file__).parents[2] / "docs" / "theory.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("with_bias", [True, False])
@pytest.mark.parametrize("sizes", [(6, 6, 6, 6), (9, 5, 2, 7), (2, 3)])
@pytest.mark.parametrize("d", [3, 8])
def test_the_formulas_written_anew_give_the_same(rng, sizes, d, with_bias):
    K, labels = len(sizes), labels_of(len(sizes), sizes)
    H, W = rng.standard_normal((d, len(labels))) + 0.5, rng.standard_normal((K, d)) + 0.2
    H += 2.0 * rng.standard_normal((d, K))[:, labels]
    bias = rng.standard_normal(K) if with_bias else None
    found = peers(summed(W, H, labels, bias=bias))
    expected = peers_reference.peers(H.T, labels, W, bias, len(set(sizes)) > 1)
    assert set(found) == set(expected)
    for name, value in expected.items():
        assert float(found[name]) == pytest.approx(value, rel=1e-9, abs=1e-12), name


def test_features_alone_have_what_needs_no_classifiers(rng):
    labels = labels_of(3, (4, 2, 3))
    H = rng.standard_normal((5, 9))
    found, expected = peers(summed(None, H, labels)), peers_reference.peers(H.T, labels, None, None, True)
    assert set(found) == set(expected)
    for name, value in expected.items():
        assert float(found[name]) == pytest.approx(value, rel=1e-9), name


def test_a_collapsed_simplex_is_the_ideal_of_all():
    best = minimum_norm_optimum(4, 5, 6)
    found = peers(summed(best.W, best.H, labels_of(4, 6)))
    assert all(abs(float(value)) < 1e-9 for value in found.values()), found


def test_names_say_whose_and_only_what_differs_is_said_twice(rng):
    even = peers(summed(rng.standard_normal((3, 2)), rng.standard_normal((2, 6)), labels_of(3, 2)))
    assert list(even) == [peer.name for peer in PEERS]
    uneven = peers(summed(rng.standard_normal((3, 2)), rng.standard_normal((2, 6)), labels_of(3, (1, 2, 3))))
    twice = {name for name in uneven if name.endswith(("_sample_centred", "_class_centred"))}
    assert {name.rsplit("_", 2)[0] for name in twice} == {peer.name for peer in PEERS if peer.centre is not None}


def test_what_is_0_over_0_is_no_number():
    W, H, labels = np.zeros((2, 3)), np.ones((3, 4)), labels_of(2, 2)
    found = peers(summed(W, H, labels))
    assert float(found.pop("nc0")) == float(found.pop("bias_zhu")) == float(found.pop("nc3_uniform_wu")) == 0.0
    assert not [name for name, value in found.items() if np.isfinite(value)]


@pytest.mark.parametrize("scale", [1e100, 1e-100])
def test_scales_at_the_ends_of_what_is_measured_change_nothing(rng, scale):
    labels, W, H = labels_of(3, (3, 4, 5)), rng.standard_normal((3, 4)), rng.standard_normal((4, 12))
    small, large = peers(summed(W, H, labels)), peers(summed(scale * W, scale * H, labels))
    for name, value in small.items():
        if not name.startswith(("nc0", "bias_zhu", "nc3_uniform")):
            assert float(large[name]) == pytest.approx(float(value), rel=1e-9), name


def test_moments_are_measured_at_once_as_one_by_one(rng):
    labels = labels_of(3, (2, 3, 2))
    W, H = rng.standard_normal((4, 3, 2)), rng.standard_normal((4, 2, 7))
    at_once = peers(summed(W, H, labels))
    for t in range(4):
        for name, value in peers(summed(W[t], H[t], labels)).items():
            assert float(at_once[name][t]) == pytest.approx(float(value), rel=1e-12), name


def test_the_variance_of_a_class_counts_as_often_as_its_pairs():
    """A simplex whose classes have variances v_k: each pair is sqrt(2) apart, so CDNV is the mean of v_k over 2."""
    variances = np.array([1.0, 2.0, 6.0])
    assert float(class_distance_variance(simplex_etf(3, 2), 5.0 * variances, np.full(3, 5))) == pytest.approx(1.5)


def test_the_table_of_the_notes_has_every_name_with_its_definition_and_code():
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| ([^|]*?) ?\| (\S+/\S+) \|$", NOTES, re.MULTILINE)
    centres = {None: "", "": "the mean over samples", "_class_centred": "the mean of class means"}
    assert [(name, words.replace("\\|", "|"), centre, code) for name, words, centre, code in rows] == [
        (peer.name, peer.definition, centres[peer.centre], peer.source.split()[0]) for peer in PEERS
    ]
