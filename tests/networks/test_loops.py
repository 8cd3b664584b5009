"""Training loops as people write them work with the recorder's three lines in them, or are refused with what to do."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from networks.loops import LOOPS, REFUSED, Net, X, Y
from reference import refused

from ulpm_core.files.recording import load_recording
from ulpm_core.networks.answers import to_array
from ulpm_core.networks.recorder import CollapseRecorder


@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: loop.__name__)
def test_a_usual_loop_is_recorded(loop, tmp_path):
    torch.manual_seed(5)
    recorder, head, predict = loop()
    recorder.save(tmp_path / "net.npz")
    net = load_recording(tmp_path / "net.npz")
    assert len(net) >= 4
    assert net.train_accuracy[-1] > 0.9
    assert np.isfinite([values[-1] for values in net.metrics.values()]).all()
    assert np.array_equal(net.W[-1], to_array(head.weight))
    assert np.array_equal(net.bias[-1], to_array(head.bias))
    x, y = (torch.cat(parts) for parts in zip(*recorder.batches(), strict=True))
    recorder.model.eval()
    with torch.no_grad():
        right = (predict(x).argmax(1) == y).double().mean().item()
    assert net.train_accuracy[-1] == pytest.approx(right, abs=0.02)  # of bfloat16 two answers may be a tie


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_recorded_is_refused_with_what_to_do(name):
    loop, field, words = REFUSED[name]
    with refused(field, words):
        loop()


def test_a_head_that_is_swapped_on_the_way_is_followed():
    """As where people fine-tune: the new layer is the one whose W h + b the model returns now."""
    model = Net()
    recorder = CollapseRecorder(model, (X, Y), classes=3)
    recorder.record(0)
    model.fc = torch.nn.Linear(8, 3)
    recorder.record(1)
    assert np.array_equal(recorder.recording().W[1], to_array(model.fc.weight))
    named = CollapseRecorder(model, (X, Y), classes=3, layer=model.fc)
    model.fc = torch.nn.Linear(8, 3)
    with refused("layer", "layer = Linear is no linear layer with 3 outputs: use one of fc"):
        named.record(0)


def test_there_are_twenty_and_more():
    assert len(LOOPS) > 20 and len({loop.__name__ for loop in LOOPS}) == len(LOOPS)
