"""The data: the split, subsets, and what happens without a network."""

from __future__ import annotations

import sys
from urllib.error import URLError

import numpy as np
import pytest
import sklearn.datasets
from reference import refused
from sklearn.model_selection import train_test_split

from ulpm_core.files.npz import write_npz
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.datasets import load_dataset


@pytest.fixture(scope="module")
def digits():
    return load_dataset(NetworkConfig())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COLLAPSE_LAB_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def test_the_digits_are_split_once_and_for_all(digits):
    assert digits.x.shape == (1437, 1, 8, 8)
    assert digits.test_x.shape == (360, 1, 8, 8)
    again = load_dataset(NetworkConfig(seed=9))
    assert np.array_equal(again.test_x, digits.test_x)


def test_they_are_scikit_learn_s_in_an_order_of_its_own(digits):
    images, labels = sklearn.datasets.load_digits(return_X_y=True)
    parts = train_test_split(images, labels, test_size=360, stratify=labels, random_state=2110_02796)
    for x, y, part_x, part_y in ((digits.x, digits.y, *parts[::2]), (digits.test_x, digits.test_y, *parts[1::2])):
        grouped = np.argsort(part_y, kind="stable")
        assert np.array_equal(x.reshape(len(x), 64), part_x[grouped] / 16) and np.array_equal(y, part_y[grouped])


def test_both_parts_have_the_classes_in_the_same_shares(digits):
    train, test = np.bincount(digits.y), np.bincount(digits.test_y)
    assert np.abs(train / train.sum() - test / test.sum()).max() < 0.003
    assert (np.diff(digits.y) >= 0).all()
    assert (np.diff(digits.test_y) >= 0).all()
    assert 0.0 <= digits.x.min() < digits.x.max() == 1.0


def test_a_subset_holds_its_classes_under_new_numbers(digits):
    some = load_dataset(NetworkConfig(classes="3,0,8"))
    assert some.names == ("0", "3", "8")
    for new, old in enumerate((0, 3, 8)):
        assert np.array_equal(some.x[some.y == new], digits.x[digits.y == old])
        assert np.array_equal(some.test_x[some.test_y == new], digits.test_x[digits.test_y == old])


def test_images_per_class_are_the_first_of_each(digits):
    few = load_dataset(NetworkConfig(per_class=20))
    assert np.bincount(few.y).tolist() == [20] * 10
    assert np.array_equal(few.x[few.y == 7], digits.x[digits.y == 7][:20])
    assert len(few.test_x) == 360


def test_without_a_network_a_sentence_says_so(folder, monkeypatch):
    def no_network(*_, **__):
        raise URLError("Name or service not known")

    monkeypatch.setattr(sklearn.datasets, "fetch_openml", no_network)
    with refused("dataset", "dataset = mnist", "could not be fetched", "Name or service", "or use digits."):
        load_dataset(NetworkConfig(dataset="mnist"))
    assert not list(folder.glob("*"))


def test_what_is_fetched_is_kept(folder, monkeypatch, rng):
    asked = []

    def fetched(name, **options):
        asked.append(name)
        assert options["as_frame"] is False
        return rng.integers(0, 256, (10_050, 784)).astype(float), np.array([str(i % 10) for i in range(10_050)])

    monkeypatch.setattr(sklearn.datasets, "fetch_openml", fetched)
    first, second = (load_dataset(NetworkConfig(dataset="fashion-mnist", classes="0,9")) for _ in range(2))
    assert asked == ["Fashion-MNIST"]
    assert first.x.shape == (10, 1, 28, 28)
    assert len(first.test_x) == 2000
    assert first.names == ("T-shirt", "ankle boot")
    assert np.array_equal(first.x, second.x)


@pytest.mark.parametrize("wrong", ["text", "pickle", "shape"])
def test_a_damaged_cache_is_refused(folder, wrong):
    folder.mkdir()
    path = folder / "kmnist.npz"
    if wrong == "text":
        path.write_text("no archive")
    elif wrong == "pickle":
        np.savez(path, x=np.array([{}], dtype=object), y=np.zeros(1, dtype=np.int64))
    else:
        write_npz(path, {"x": np.zeros((5, 3), dtype=np.uint8), "y": np.zeros(5, dtype=np.int64)})
    with refused("dataset"):
        load_dataset(NetworkConfig(dataset="kmnist"))


def test_the_table_of_parameters_needs_neither_torch_nor_scikit_learn():
    import subprocess

    code = "import sys, ulpm_core.networks.config; print({'torch', 'sklearn'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "set()"
