"""What the recorder refuses, and in which words."""

from __future__ import annotations

import fractions
import json

import numpy as np
import pytest
import torch
from networks.foreign_program import blobs, foreign_model
from reference import refused
from torch import nn

from ulpm_core import cli
from ulpm_core.networks.recorder import CollapseRecorder


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ("text", "data"), (7, "data"), (torch.zeros(5, 5), "data"), ((torch.zeros(3, 5), torch.zeros(2)), "data"),
        ([(torch.zeros(3, 5),)], "data"), (iter([]), "data"), ((torch.zeros(0, 5), torch.zeros(0)), "data"),
    ],
    ids=lambda given: type(given).__name__,
)  # fmt: skip
def test_data_that_cannot_be_read_twice_are_refused(data, field):
    with refused(field, "give"):
        CollapseRecorder(foreign_model(), data, classes=3).record(0)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (torch.arange(90) % 4, "0 to 2"), (torch.arange(90) % 3 - 1, "0 to 2"), (torch.rand(90), "whole numbers"),
        (torch.zeros(90, 3, dtype=torch.long), "one a sample"),
        (torch.arange(90) % 2, "none of the data are of class 2: give samples of each of the 3 classes"),
    ],
)  # fmt: skip
def test_labels_that_do_not_fit_are_refused(labels, words):
    with refused("classes", words):
        CollapseRecorder(foreign_model(), (blobs()[0], labels), classes=3).record(0)


def test_a_model_that_has_diverged_is_refused_and_what_was_recorded_stays():
    model = foreign_model()
    recorder = CollapseRecorder(model, blobs(), classes=3)
    recorder.record(0)
    for value in (float("nan"), 1e38):
        with torch.no_grad():
            model[4].weight.fill_(value)
        with refused("data", "before the loop diverges"):
            recorder.record(1)
    assert len(recorder.recording()) == 1
    assert model.training


@pytest.mark.parametrize("name", ["weight", "bias"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e35])
def test_a_last_layer_that_has_diverged_alone_is_refused_too(name, value):
    model = foreign_model()
    recorder = CollapseRecorder(model, blobs(), classes=3)
    with torch.no_grad():
        getattr(recorder.layer, name).view(-1)[0] = value
    with refused("layer", "before the loop diverges"):
        recorder.record(0)


@pytest.mark.parametrize("classes", [1, 3.0, None, "abc", ["a\n", "b", "c"], ["a", "b", "c" * 1001]], ids=range(6))
def test_classes_that_no_file_could_hold_are_refused_at_once(classes):
    with refused("classes"):
        CollapseRecorder(foreign_model(), blobs(), classes=classes)


@pytest.mark.parametrize("count", [0, 2.5, "3"])
def test_samples_to_show_are_a_whole_number(count):
    with refused("shown_per_class", "for example 30"):
        CollapseRecorder(foreign_model(), blobs(), classes=3, shown_per_class=count)


def test_data_without_samples_and_a_layer_without_a_size_are_refused():
    with refused("data", "no samples"):
        CollapseRecorder(foreign_model(), [], classes=3).record(0)
    with refused("layer"):
        CollapseRecorder(torch.nn.LazyLinear(3), blobs(), classes=3)


@pytest.mark.filterwarnings("ignore:The data come out different")
def test_a_layer_that_head_makes_useless_is_refused():
    model = nn.Linear(2, 2)
    data = (torch.eye(2), torch.tensor([0, 1]))
    with refused("layer", "not used beside head, which says how logits are made: give one of the two"):
        CollapseRecorder(model, data, classes=2, layer="0", head=lambda model, x: (x, model.weight))


@pytest.mark.parametrize("remembered", [2**25, 1])  # found out at the next record, or in the second pass
def test_batches_in_another_order_are_refused(remembered, monkeypatch):
    monkeypatch.setattr("ulpm_core.networks.recorder.REMEMBERED", remembered)

    class Shuffled:
        def __init__(self, x, y):
            self.x, self.y, self.turn = x, y, 0

        def __iter__(self):
            self.turn += 1
            yield self.x.roll(self.turn, 0), self.y.roll(self.turn, 0)

    recorder = CollapseRecorder(foreign_model(), Shuffled(*blobs()), classes=3)
    with refused("data", "another order"):
        recorder.record(0)
        recorder.record(1)
    assert len(recorder.snapshots) == (remembered > 1)


def test_a_stream_that_runs_dry_is_refused():
    class Once:
        def __init__(self, batches):
            self.batches = batches

        def __iter__(self):
            left, self.batches = self.batches, self.batches[:-1]
            return iter(left)

    x, y = blobs()
    recorder = CollapseRecorder(foreign_model(), Once([(x, y)] * 5), classes=3)
    with refused("data", "another order"):
        recorder.record(0)
        recorder.record(1)


def test_moments_are_counted_upwards():
    recorder = CollapseRecorder(foreign_model(), blobs(), classes=3)
    with refused("epoch", "nothing is recorded"):
        recorder.recording()
    recorder.record(2, step=10)
    for epoch, step in ((1, 11), (float("nan"), 11), (3, 10), (3, 11.5), ("a", 11), ("3", 11), (None, 11), ([3], 11)):
        with refused("epoch", "count upwards from epoch 2 and step 11"):
            recorder.record(epoch, step)
    recorder.record(2.5)
    recorder.record(np.int64(3), np.int32(12))
    recorder.record(np.float32(3.5), step=np.uint8(13))
    recorder.record(torch.tensor(4), step=torch.tensor(14))
    recorder.record(fractions.Fraction(9, 2))
    assert recorder.recording().step.tolist() == [10, 11, 12, 13, 14, 15]
    assert recorder.recording().epoch.tolist() == [2, 2.5, 3, 3.5, 4, 4.5]


@pytest.mark.parametrize("classes", [np.int64(3), torch.tensor(3), np.array(["a", "b", "c"]), dict.fromkeys("abc")])
def test_classes_by_any_number_or_names(classes):
    recorder = CollapseRecorder(foreign_model(), blobs(), classes=classes, shown_per_class=np.int64(2))
    recorder.record(0)
    assert recorder.recording().H.shape == (1, 7, 6)
    assert recorder.names in (("0", "1", "2"), ("a", "b", "c"))


def test_how_many_records_fit_is_said_at_the_first(monkeypatch):
    """W and means (3, 7), bias and spread (3,), confusions (3, 3) in 8 bytes, features (7, 90) in 4: 2,976 a record."""
    monkeypatch.setattr("ulpm_core.networks.recorder.MAX_BYTES", 3 * 2976 + 1)
    recorder = CollapseRecorder(foreign_model(), blobs(), classes=3)
    with pytest.warns(UserWarning, match="A record of 3 classes takes 0 MB: at most 3 fit into a file"):
        recorder.record(0)
    recorder.record(1)
    recorder.record(2)
    with refused("epoch", "epoch = 3 is one too many: record at most 3 times"):
        recorder.record(3)


def test_more_classes_than_a_stage_holds_are_measured_all_the_same(tmp_path, capsys):
    x, y = blobs(200, K=100)
    recorder = CollapseRecorder(foreign_model(K=100), (x, y), classes=100)
    recorder.record(0)
    recorder.save(tmp_path / "net.npz")
    assert cli.main(["measure", str(tmp_path / "net.npz")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["classes"], said["dimension"]) == (100, 7)
    assert said["nc1"] == recorder.recording().metrics["nc1"][0]
