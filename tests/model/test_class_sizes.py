"""Class sizes: the one source of labels and N, what contradicts them, and starts whose columns come in any order."""

from __future__ import annotations

import json

import numpy as np
import pytest
from reference import autograd_gradient, gaussian, labels_of, naive_gradient, refused

from ulpm_core import RunConfig, State
from ulpm_core.analysis.collapse import least_norm_product, margins
from ulpm_core.model.initialisation import initial_state
from ulpm_core.model.parameters import PARAMETERS

SIZES = (6, 4, 2)
EQUAL = RunConfig(classes=3, per_class=5)


def test_sizes_set_the_number_of_classes_and_the_labels():
    config = RunConfig(class_sizes=SIZES)
    assert (config.classes, config.per_class, config.label_count, config.sizes) == (3, 2, 12, SIZES)
    assert config.labels.tolist() == [0] * 6 + [1] * 4 + [2] * 2
    assert RunConfig().labels.tolist() == labels_of(4, 30).tolist()
    assert json.loads(config.to_json())["class_sizes"] == [6, 4, 2]


@pytest.mark.parametrize("given", [{"class_sizes": [5, 5, 5]}, {"class_sizes": "5,5,5", "classes": 3, "per_class": 5}])
def test_equal_sizes_are_the_same_run_as_classes_and_samples(given):
    config = RunConfig.from_mapping(given)
    assert config == EQUAL
    assert config.digest == EQUAL.digest == "a5c22434d40cb2f71ab2d11d05cf3f12bfeadb965ced9159e19819f357ad951e"
    assert "class_sizes" not in config.to_json()


def test_sizes_that_differ_have_digests_of_their_own_and_come_back():
    config = RunConfig(class_sizes=SIZES, seed=7)
    assert config.to_link() == {"class_sizes": "6,4,2", "seed": "7"}
    for again in (RunConfig.from_json(config.to_json()), RunConfig.from_mapping(config.to_link())):
        assert again == config
        assert again.digest == config.digest
    assert len({RunConfig(class_sizes=sizes).digest for sizes in (SIZES, (6, 2, 4), (4, 4, 4), (6, 4, 3))}) == 4
    assert RunConfig.from_mapping({"class_sizes": "6.4.2"}) == RunConfig(class_sizes=SIZES)


@pytest.mark.parametrize(
    ("given", "field", "held"),
    [
        ({"classes": 4}, "classes", 3),
        ({"per_class": 4}, "per_class", 2),
        ({"classes": 2, "per_class": 2}, "classes", 3),
    ],
)
def test_what_contradicts_the_sizes_is_refused(given, field, held):
    wanted = f"contradicts class_sizes = 6,4,2: leave it out, or use {held}."
    with refused(field, f"{field} = {given[field]} {wanted}"):
        RunConfig(class_sizes=SIZES, **given)
    with refused(field, wanted):
        RunConfig.from_mapping({name: str(value) for name, value in given.items()} | {"class_sizes": "6,4,2"})
    with refused(field, wanted):
        RunConfig(class_sizes=SIZES).with_changes(**given)
    assert RunConfig(class_sizes=SIZES, classes=3, per_class=2) == RunConfig(class_sizes=SIZES)


def test_new_sizes_replace_the_old_ones():
    assert RunConfig(seed=1).with_changes(class_sizes=SIZES) == RunConfig(class_sizes=SIZES, seed=1)
    assert RunConfig(class_sizes=SIZES).with_changes(class_sizes=(5, 5)) == RunConfig(classes=2, per_class=5)
    assert RunConfig(class_sizes=SIZES).with_changes(seed=1).sizes == SIZES


@pytest.mark.parametrize(
    "value",
    [
        5,
        "5",
        "5,",
        ",5",
        "5;5",
        "5,0",
        "-1,2",
        "1,2.5.",
        "1.5,2",
        "a,b",
        [1.0, 2],
        [True, 1],
        [1],
        ["1", 2],
        {"a": 1},
        1j,
    ],
)
def test_what_is_no_list_of_sizes_is_refused(value):
    with refused("class_sizes", "class_sizes = ", "2 to 1000 numbers of 1 to 100000", "for example 10,10,2,2."):
        RunConfig.from_mapping({"class_sizes": value})


def test_sizes_are_read_as_people_write_them():
    assert PARAMETERS["class_sizes"].parse(" 10, 10 ,2,2") == (10, 10, 2, 2)
    assert RunConfig(class_sizes=np.array([6, 4, 2])).sizes == SIZES


def test_a_saddle_wants_one_size():
    with refused("class_sizes", "class_sizes = 9,5,5,5 differ", "the saddle square", "for example 5,5,5,5."):
        RunConfig(class_sizes=(9, 5, 5, 5), initialisation="square")
    assert RunConfig(class_sizes=(5, 5, 5, 5), initialisation="square").sizes == (5, 5, 5, 5)


def test_too_many_samples_are_refused_with_what_fits():
    with refused("class_sizes", "numbers with classes = 2", "use up to 2440 of each class, for example 2440,10."):
        RunConfig(class_sizes=(99_000, 10), dimension=4096)


def test_every_random_start_has_the_sizes():
    for name in ("gaussian", "small", "collapsed", "etf-perturbed"):
        config = RunConfig(class_sizes=SIZES, dimension=2, initialisation=name, initial_scale=0.1)
        start = initial_state(config)
        assert start.sizes == SIZES
        if name == "collapsed":
            assert len(np.unique(start.H, axis=1).T) == 3
    exact = initial_state(config.with_changes(initial_scale=0.0))
    assert margins(exact.W, exact.H, exact.labels) == pytest.approx(1.0, abs=1e-12)
    energy = (exact.W**2).sum() + (exact.H**2).sum()
    assert energy / 2 == pytest.approx(least_norm_product(np.array(SIZES)), rel=1e-12)


# -- starts ----------------------------------------------------------------------------------------------------------


def test_columns_in_any_order_are_grouped_and_the_order_is_said(rng):
    W, H = rng.standard_normal((3, 2)), rng.standard_normal((2, 12))
    labels = rng.permutation(labels_of(3, SIZES))
    state = State(W, H, labels)
    assert state.sizes == SIZES
    assert state.labels.tolist() == labels[state.order].tolist() == labels_of(3, SIZES).tolist()
    assert np.array_equal(state.H, H[:, state.order])
    assert all((np.diff(state.order[state.labels == k]) > 0).all() for k in range(3))
    assert State(W, state.H, state.labels).order is None
    assert State(W, state.H, state.labels).digest == state.digest
    assert State(W, state.H).digest != state.digest  # four of each class are another start


def test_equal_sizes_are_the_same_start_with_labels_and_without(rng):
    W, H = rng.standard_normal((3, 2)), rng.standard_normal((2, 6))
    plain, labelled = State(W, H), State(W, H, labels_of(3, 2))
    assert plain.digest == labelled.digest
    assert plain.shape == labelled.shape == (3, 2, 2)
    with refused("class_sizes", "class_sizes = 3,2,1 differ", "for example 1,1,1."):
        _ = State(W, H, labels_of(3, (3, 2, 1))).shape


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (np.repeat([0, 1, 3], 2), "labels hold the classes [0 1 3]: use 0 to 2"),
        (np.repeat([0, 2], 3), "labels leave class 1 empty"),
        (np.arange(5) % 3, "6 whole numbers"),
        (np.arange(6.0) % 3, "6 whole numbers"),
    ],
)
def test_labels_that_are_none_are_refused(labels, said, rng):
    with refused("labels", said):
        State(rng.standard_normal((3, 2)), rng.standard_normal((2, 6)), labels)


def test_the_naive_gradient_is_autograds_for_any_sizes():
    W, _ = gaussian(3, 2, 1)
    H = np.random.default_rng(1).standard_normal((2, 12))
    for reduction in ("sum", "mean"):
        blocks = naive_gradient(W, H, SIZES, reduction), autograd_gradient(W, H, SIZES, reduction)
        for ours, theirs in zip(*blocks, strict=True):
            assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-14)
