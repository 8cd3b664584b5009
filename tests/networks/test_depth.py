"""NC1 of layers inside a model: against the layers' own outputs, in files and films, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from networks.foreign_heads import Net
from networks.foreign_program import blobs
from reference import labels_of, refused
from torch import nn

from ulpm_core import cli
from ulpm_core.analysis.depth import OnePass
from ulpm_core.analysis.metrics import metrics
from ulpm_core.claims.making import claim_of
from ulpm_core.files.recording import load_recording
from ulpm_core.film.film import Film
from ulpm_core.film.network import network_film
from ulpm_core.networks.recorder import CollapseRecorder


@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_one_pass_in_any_batches_is_the_definition(rng, shift):
    labels = rng.permutation(labels_of(4, (9, 2, 5, 7)))
    H = shift + rng.standard_normal((6, 4))[:, labels] + 0.1 * rng.standard_normal((6, 23))
    expected = metrics(None, H, labels, of="features")["nc1_trace_ratio"]
    for size in (1, 5, 23):
        layer = OnePass(4)
        for i in range(0, 23, size):
            layer.add(H.T[i : i + size], labels[i : i + size])
        assert float(layer.trace_ratio()) == pytest.approx(float(expected), rel=1e-9 if shift == 0 else 1e-6)
    same = OnePass(2)
    same.add(np.full((4, 3), 0.1), np.array([0, 1, 0, 1]))
    assert np.isnan(same.trace_ratio())


class Deep(nn.Module):
    """A picture, then rows, then a sentence, before the head."""

    def __init__(self):
        super().__init__()
        self.conv, self.flat = nn.Conv2d(1, 4, 2), nn.Linear(4 * 3, 8)
        self.words, self.head = nn.Linear(8, 6), nn.Linear(6, 3)

    def embed(self, x):
        h = torch.relu(self.conv(x.reshape(len(x), 1, 1, 5).expand(-1, -1, 2, -1)))
        h = torch.relu(self.flat(h[..., :3].flatten(1)))
        return self.words(h[:, None] * torch.tensor([1.0, 0.5])[:, None]).mean(1)

    def forward(self, x):
        return self.head(self.embed(x))


def outputs(model, x, name):
    held = []
    hook = dict(model.named_modules())[name].register_forward_hook(
        lambda _m, _i, out: held.append(out.double().numpy())
    )
    model.eval()
    with torch.no_grad():
        model(x)
    hook.remove()
    return held[0]


@pytest.mark.parametrize("how", ["plain", "compiled", "head"])
def test_layers_are_measured_as_they_give(how, tmp_path, capsys):
    torch.manual_seed(1)
    (x, y), model = blobs(90), Deep()
    more = {"head": lambda m, x: (m.embed(x), m.head.weight, m.head.bias)} if how == "head" else {}
    seen = torch.compile(model, backend="eager") if how == "compiled" else model
    loader = [(x[i : i + 20], y[i : i + 20]) for i in range(0, 90, 20)]
    recorder = CollapseRecorder(seen, loader, classes=3, layers=["conv", "flat", "words"], **more)
    model.train()
    for epoch in range(2):
        recorder.record(epoch)
        with torch.no_grad():
            model.flat.weight.mul_(1.5).add_(0.1)
    assert not any(m._forward_hooks for m in model.modules())
    recorder.save(tmp_path / "net.npz")
    net = load_recording(tmp_path / "net.npz")
    assert net.layers == ("conv", "flat", "words") and net.depth.shape == (2, 3)
    with torch.no_grad():
        model.flat.weight.sub_(0.1).div_(1.5)
    for i, (name, places) in enumerate((("conv", (2, 3)), ("flat", ()), ("words", (1,)))):
        rows = outputs(model, x, name)
        rows = rows.mean(axis=places) if places else rows
        assert net.depth[1, i] == pytest.approx(
            float(metrics(None, rows.T, y.numpy(), of="features")["nc1_trace_ratio"]), rel=1e-4
        )
    assert cli.main(["measure", str(tmp_path / "net.npz"), "--frame", "0"]) == 0
    said = json.loads(capsys.readouterr().out)["nc1_by_depth"]
    assert said == dict(zip(net.layers, net.depth[0].tolist(), strict=True))


def test_the_film_has_one_more_panel():
    (x, y), model = blobs(60), Net()
    recorder = CollapseRecorder(model, (x, y), classes=3, layers=["body.0", "body.2"])
    for epoch in range(3):
        recorder.record(epoch)
    film = Film.from_bytes(network_film(recorder.recording()).to_bytes())
    (panel,) = [panel for panel in film.header["panels"] if panel["title"] == "NC1 by depth"]
    assert panel["curves"] == ["depth_0", "depth_1", "depth_last"]
    labels = {curve["name"]: curve["label"] for curve in film.header["curves"]}
    assert [labels[name] for name in panel["curves"]] == ["body.0", "body.2", "last"]
    assert np.array_equal(film.arrays["depth_1"], recorder.recording().depth[:, 1])
    assert np.array_equal(film.arrays["depth_last"], film.arrays["nc1_trace_ratio"])
    claim = claim_of(recorder.recording(), "body.2", 1)  # a layer goes by its own name there, too
    assert (claim.name, claim.value) == ("depth_1", recorder.recording().depth[1, 1])
    assert "the layer body.2" in claim.definition
    plain = CollapseRecorder(model, (x, y), classes=3)
    plain.record(0)
    assert "NC1 by depth" not in {panel["title"] for panel in network_film(plain.recording()).header["panels"]}


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        (["bodi"], "bodi is no layer of the model: name some of body, body.0"),
        (["body", "body"], "body is named twice"),
        ("fc", "fc is no layer"),
        ([f"body.{i % 5}" for i in range(13)], "is named twice"),
    ],
)
def test_layers_that_are_not_there_are_refused(layers, words):
    with refused("layers", words):
        CollapseRecorder(Net(), blobs(), classes=3, layers=layers)


def test_layers_that_give_no_rows_are_refused():
    model = Net(finish=lambda m, h: m.head(h))
    model.idle = nn.Linear(2, 2)
    recorder = CollapseRecorder(model, blobs(), classes=3, layers=["idle"])
    with refused("layers", "idle is not run on a batch: name one that gives a row"):
        recorder.record(0)
    assert not recorder.snapshots and not model.idle._forward_hooks


@pytest.mark.parametrize("value", [-1.0, np.inf])
def test_a_file_with_other_than_ratios_is_refused(tmp_path, value):
    recorder = CollapseRecorder(Net(), blobs(), classes=3, layers=["body"])
    recorder.record(0)
    recorder.save(tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz") as file:
        arrays = dict(file)
    arrays["depth"][0, 0] = value
    np.savez(tmp_path / "bad.npz", **arrays)
    with refused("net", "holds depth that is no ratio of squares"):
        load_recording(tmp_path / "bad.npz")
    del arrays["depth"]
    np.savez(tmp_path / "half.npz", **arrays)
    with refused("net", "depth"):
        load_recording(tmp_path / "half.npz")
