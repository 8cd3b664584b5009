"""What the recorder refuses, and in which words."""

from __future__ import annotations

import pytest
import torch
from networks.foreign_program import blobs, foreign_model
from reference import refused

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
        (torch.zeros(90, 3, dtype=torch.long), "one a sample"), (torch.arange(90) % 2, "none of the data are of class"),
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


def test_batches_in_another_order_are_refused():
    class Shuffled:
        def __init__(self, x, y):
            self.x, self.y, self.turn = x, y, 0

        def __iter__(self):
            self.turn += 1
            yield self.x.roll(self.turn, 0), self.y.roll(self.turn, 0)

    recorder = CollapseRecorder(foreign_model(), Shuffled(*blobs()), classes=3)
    recorder.record(0)
    with refused("data", "another order"):
        recorder.record(1)


def test_moments_are_counted_upwards():
    recorder = CollapseRecorder(foreign_model(), blobs(), classes=3)
    with refused("epoch", "nothing is recorded"):
        recorder.recording()
    recorder.record(2, step=10)
    for epoch, step in ((1, 11), (float("nan"), 11), (3, 10), (3, 11.5), ("a", 11)):
        with refused("epoch", "count upwards"):
            recorder.record(epoch, step)
    recorder.record(2.5)
    assert recorder.recording().step.tolist() == [10, 11]
