"""The film of a run whose class sizes differ: its points, and no simplex where none is the best geometry."""

from __future__ import annotations

import numpy as np
import pytest

from ulpm_core import RunConfig, simulate
from ulpm_core.analysis.projection import shown_samples
from ulpm_core.analysis.rates import rates, short_window_trap, wide_slope
from ulpm_core.film.film import Film, build_film

SIZES = (10, 10, 2, 2)


@pytest.fixture(scope="module")
def flow():
    return simulate(RunConfig(class_sizes=SIZES, dimension=3, method="gradient-flow", log_time=1000.0))


@pytest.fixture(scope="module")
def film(flow):
    return Film.from_bytes(build_film(flow).to_bytes())


def test_every_class_has_its_own_points(film):
    assert np.bincount(film.header["labels"]).tolist() == list(SIZES)
    assert film.header["class_sizes"] == list(SIZES)
    assert film.header["note"] == ""
    assert film.header["title"] == "4 classes of 2 to 10 samples in 3 dimensions"
    assert film.arrays["features"].shape == (film.header["frames"], 24, 3)


def test_the_frame_drawn_is_the_best_for_these_sizes_and_the_film_says_so(film):
    ideal, means = film.arrays["ideal"][-1], film.arrays["means"][-1]
    assert np.linalg.norm(ideal - means) < 1e-3 * np.linalg.norm(means)
    assert film.header["fits"] is False
    assert film.header["caption"].startswith("Class sizes differ, so the best geometry is no simplex: the frame drawn")
    assert film.header["guides"] == []
    blank = np.reshape(film.header["target"]["cosines_w"], (4, 4))
    assert blank[[0, 2], [1, 3]] == pytest.approx([-0.4417, -0.0718], abs=5e-5)


def test_no_frame_is_drawn_where_none_is_known():
    film = build_film(simulate(RunConfig(class_sizes=SIZES, dimension=2, steps=50)))
    assert "ideal" not in film.arrays and "target" not in film.header
    assert "so there is no ideal frame" in film.header["caption"]


def test_cosines_stand_beside_those_of_the_optimum(film, flow):
    (_, sizes, _) = film.header["sentences"]
    assert "−0.0714 (best −0.0718) between those of the smallest classes" in sizes
    assert "−0.442 (best −0.442) between those of the largest classes" in sizes
    (panel,) = [panel for panel in film.header["panels"] if panel["title"] == "Cosines of classifiers"]
    assert panel["curves"] == ["minority_cosine", "majority_cosine"]
    assert film.arrays["minority_cosine"][-1] == flow.minority_cosine[-1]
    known = film.header["theory"]["optimum"]
    assert known["value"] == pytest.approx(7.025981, abs=1e-6)
    assert known["certified"] is True
    (gamma,) = [curve for curve in film.header["curves"] if curve["name"] == "gamma"]
    assert "‖ΠY‖∗" in gamma["definition"]


def test_no_law_is_claimed(flow):
    assert all(rate.predicted is None and np.isnan(rate.slope) for rate in rates(flow))
    assert {rate.why for rate in rates(flow)} == {"No law is known where class sizes differ."}
    assert np.isnan(wide_slope(flow, "nc2_angles"))
    assert short_window_trap(flow) == ""


def test_a_film_of_equal_sizes_says_nothing_of_sizes():
    film = build_film(simulate(RunConfig(steps=10)))
    assert "class_sizes" not in film.header
    assert "ideal" in film.arrays
    assert not any(panel["title"] == "Cosines of classifiers" for panel in film.header["panels"])


def test_where_too_few_dimensions_are_left_no_best_is_claimed():
    film = build_film(simulate(RunConfig(class_sizes=(6, 4, 2, 2), dimension=2, method="gradient-flow", log_time=30.0)))
    assert film.header["theory"]["optimum"]["value"] is None
    assert film.header["sentences"][1].endswith("In so few dimensions the best ones are not known.")


@pytest.mark.parametrize(
    ("sizes", "most", "kept"),
    [((6, 4, 2), 100, [6, 4, 2]), ((6, 4, 2), 6, [3, 2, 1]), ((1000, 3), 20, [19, 1]), ((30,) * 4, 50, [12] * 4)],
)
def test_many_samples_are_thinned_by_the_same_share(sizes, most, kept):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    shown = shown_samples(sizes, most)
    assert np.bincount(labels[shown]).tolist() == kept
    assert (np.diff(shown) > 0).all()


DECAYED = RunConfig(class_sizes=(12, 12, 3, 3), weight_decay=2.0, steps=1000)


@pytest.mark.parametrize(("config", "words"), [
    (DECAYED, "smallest classes merge once √(λ_W λ_H) is 1.73 or more; here it is 2."),
    (DECAYED.with_changes(loss="squared-error", dimension=4), "smallest classes vanish once √(λ_W λ_H) is 1.73"),
    (DECAYED.with_changes(weight_decay=0.0, norm_bound_w=1.0, norm_bound_h=1.0),
     "the small classes merge once the others are 3.38 times as large; here they are 4 times."),
])  # fmt: skip
def test_the_film_says_from_where_on_small_classes_are_one(config, words):
    said = build_film(simulate(config)).header["sentences"]
    assert any(words in sentence for sentence in said)
    assert "(best " in " ".join(said)


@pytest.mark.parametrize("config", [DECAYED.with_changes(weight_decay=0.0), RunConfig(class_sizes=(9, 4), steps=50)])
def test_nothing_is_said_of_merging_where_nothing_merges(config):
    assert "merge" not in " ".join(build_film(simulate(config)).header["sentences"])


def test_what_is_best_in_few_dimensions_is_known_where_classes_merge():
    said = " ".join(build_film(simulate(DECAYED.with_changes(dimension=2))).header["sentences"])
    assert "In so few dimensions the best ones are not known" not in said
    assert "1 (best 1) between those of the smallest classes" in said
