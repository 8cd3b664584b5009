"""The recorder in a foreign loop: it changes nothing, sees what is there, and stays small."""

from __future__ import annotations

import random
import tracemalloc

import numpy as np
import pytest
import torch
from networks.foreign_program import blobs, foreign_model
from networks.reference import papyan_han_donoho
from reference import refused, slow_metrics
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from ulpm_core.files.recording import load_recording
from ulpm_core.networks import recorder as module
from ulpm_core.networks.recorder import CollapseRecorder


class Jittered(Dataset):
    """Augments with all three random generators, as people do."""

    def __init__(self, x, y):
        self.x, self.y = x, y

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        noise = torch.randn(self.x.shape[1]) + np.random.standard_normal() + random.gauss(0, 1)
        return self.x[i] + 0.01 * noise.float(), self.y[i]


def foreign_loop(watch: bool, epochs: int = 3):
    torch.manual_seed(3)
    np.random.seed(3)
    random.seed(3)
    x, y = blobs()
    model = foreign_model()
    loader = DataLoader(Jittered(x, y), batch_size=16, shuffle=True)
    own = torch.Generator().manual_seed(4)
    seeded = DataLoader(Jittered(x, y), batch_size=16, shuffle=True, generator=own)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    recorder = CollapseRecorder(model, seeded, classes=3, test=loader) if watch else None
    model[3].eval()  # a frozen part, as in fine-tuning: to be found as it was left
    losses = []
    for epoch in range(epochs):
        for batch, labels in loader if epoch % 2 else seeded:
            loss = nn.functional.cross_entropy(model(batch), labels)
            loss.backward()
            if recorder:  # at the worst moment: gradients are there, the step is not taken
                recorder.record(epoch)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
    state = {**model.state_dict(), "torch": torch.get_rng_state(), "own": own.get_state()}
    modes = [m.training for m in model.modules()]
    hooks = [len(m._forward_pre_hooks) + len(m._forward_hooks) for m in model.modules()]
    return losses, state, modes, hooks, random.random(), np.random.random()


@pytest.mark.filterwarnings("ignore:The data come out different")
def test_a_foreign_loop_gives_the_same_bits_with_and_without_it():
    without, watched = foreign_loop(watch=False), foreign_loop(watch=True)
    assert without[0] == watched[0]
    assert all(torch.equal(without[1][name], watched[1][name]) for name in without[1])
    assert without[2:] == watched[2:]
    assert sum(watched[3]) == 0


def test_three_lines_give_the_definitions_of_the_field(tmp_path):
    x, y = blobs()
    torch.manual_seed(0)
    model = foreign_model()
    recorder = CollapseRecorder(model, (x, y), classes=3)
    recorder.record(0)
    recorder.save(tmp_path / "net.npz")
    r = load_recording(tmp_path / "net.npz")
    model.eval()
    with torch.no_grad():
        H = model[:-1](x).double().numpy().T
    W, b = (p.detach().double().numpy() for p in model[-1].parameters())
    ours = {name: values[0] for name, values in r.metrics.items()}
    theirs = papyan_han_donoho(W, b, H, y.numpy())
    assert 3 * ours["nc1"] == pytest.approx(theirs["nc1"], rel=1e-8)
    assert ours["nc2_angles"] == pytest.approx(theirs["equiangular_m"], rel=1e-8)
    assert ours["nc4"] == pytest.approx(theirs["nc4"])
    expected = slow_metrics(W, H, y.numpy())
    for name in ("nc1_trace_ratio", "nc2_norms", "nc3", "nc2_angles_w"):
        assert ours[name] == pytest.approx(expected[name], rel=1e-8)
    Z = torch.from_numpy(W @ H + b[:, None]).T
    assert np.exp(r.log_loss[0]) == pytest.approx(nn.functional.cross_entropy(Z, y, reduction="sum").item(), rel=1e-10)
    assert r.train_accuracy[0] == pytest.approx((Z.argmax(1) == y).double().mean().item())
    assert np.allclose(r.H[0], H[:, r.samples], rtol=1e-6)
    assert (y.numpy()[r.samples] == r.labels).all()
    assert r.phase.tolist() == ["recorded"]
    assert np.isnan(r.log_time).all()
    assert np.isnan(r.test_accuracy).all()


@pytest.mark.parametrize("kind", ["pair", "arrays", "dataset", "loader", "custom batches", "list of batches"])
def test_all_kinds_of_data_say_the_same(kind, monkeypatch):
    x, y = blobs()
    whole = TensorDataset(x, y)
    data = {
        "pair": (x, y),
        "arrays": [x.numpy(), y.numpy()],
        "dataset": whole,
        "loader": DataLoader(whole, batch_size=7, shuffle=True),
        "custom batches": DataLoader(whole, batch_sampler=torch.utils.data.BatchSampler(range(90), 11, False)),
        "list of batches": list(zip(x.split(13), y.split(13), strict=True)),
    }[kind]
    torch.manual_seed(0)
    model = foreign_model()
    results = []
    for remembered in (2**25, 100):  # features kept between the passes, and computed twice
        monkeypatch.setattr(module, "REMEMBERED", remembered)
        recorder = CollapseRecorder(model, data, classes=("a", "b", "c"), test=data)
        recorder.record(0.0)
        recorder.record(0.5)
        results.append(recorder.recording())
    r, again = results
    assert r.names == ("a", "b", "c")
    assert r.test_accuracy[0] == pytest.approx(r.train_accuracy[0])
    for name, values in r.metrics.items():
        assert np.array_equal(values, again.metrics[name]), name
        assert values[0] == values[1]
    reference = CollapseRecorder(model, (x, y), classes=3)
    reference.record(0)
    assert r.metrics["nc1"][0] == pytest.approx(reference.recording().metrics["nc1"][0], rel=1e-6)
    assert np.array_equal(r.samples, reference.recording().samples)


def test_the_stream_is_not_kept_beyond_its_budget(monkeypatch):
    """With room for none, every pass runs the model, and no more than a batch is held."""
    monkeypatch.setattr(module, "REMEMBERED", 10)
    x, y = blobs(300)
    model, calls = foreign_model(), []
    model.register_forward_hook(lambda *_: calls.append(torch.is_grad_enabled()))
    recorder = CollapseRecorder(model, DataLoader(TensorDataset(x, y), batch_size=30), classes=3)
    recorder.record(0)
    assert len(calls) == 2 * 10
    monkeypatch.setattr(module, "REMEMBERED", 2**25)
    recorder.record(1)
    assert len(calls) == 2 * 10 + 10
    assert not any(calls)


@pytest.mark.parametrize("remembered", [100, 2**25])
def test_a_large_set_takes_the_memory_of_a_batch(remembered, monkeypatch):
    """20,000 samples of 64 features are 10 MB, a batch of 512 a quarter of one."""
    monkeypatch.setattr(module, "REMEMBERED", remembered)
    model = nn.Sequential(nn.Linear(5, 64), nn.ReLU(), nn.Linear(64, 3))
    recorder = CollapseRecorder(model, blobs(20_000), classes=3)
    tracemalloc.start()
    recorder.record(0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (peak < 4e6) == (remembered == 100), peak


def test_features_kept_have_a_budget_too(monkeypatch):
    monkeypatch.setattr(module, "SHOWN", 7 * 3 * 4)
    recorder = CollapseRecorder(foreign_model(), blobs(), classes=3)
    recorder.record(0)
    assert recorder.recording().H.shape == (1, 7, 12)


def test_a_named_layer_and_one_that_is_run_twice():
    class Odd(nn.Module):
        """Its classifier is registered first, and another layer has as many outputs."""

        def __init__(self):
            super().__init__()
            self.head = nn.Linear(6, 3)
            self.body = nn.Linear(5, 6)
            self.spare = nn.Linear(6, 3)

        def forward(self, x):
            return self.head(torch.relu(self.body(x)))

    model = Odd()
    named = CollapseRecorder(model, blobs(), classes=3, layer="head")
    named.record(0)
    assert named.recording().W.shape == (1, 3, 6)
    found = CollapseRecorder(model, blobs(), classes=3)
    found.record(0)
    assert found.layer is model.head
    with refused("layer", "spare is not run"):
        CollapseRecorder(model, blobs(), classes=3, layer="spare").record(0)
    assert not any(m._forward_pre_hooks for m in model.modules())
    for wrong in ("body", "tail", ""):
        with refused("layer", f"layer = {wrong}", "head, spare", "for example spare."):
            CollapseRecorder(model, blobs(), classes=3, layer=wrong)
    with refused("layer", "has 4 outputs"):
        CollapseRecorder(model, blobs(), classes=4)


def test_a_model_that_merges_weights_on_eval_is_left_alone():
    class Merging(nn.Sequential):
        def train(self, mode=True):
            raise AssertionError("a mode was set by train() or eval()")

    model = Merging(nn.Linear(5, 4), nn.Linear(4, 3))
    CollapseRecorder(model, blobs(), classes=3).record(0)
    assert model.training


def test_features_are_those_the_layer_was_given_whatever_comes_after():
    class Careless(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.head = torch.nn.Linear(5, 4), torch.nn.Linear(4, 3)

        def forward(self, x):
            features = self.body(x)
            logits = self.head(input=features)  # by name
            features.zero_()
            return logits

    model, (x, y) = Careless(), blobs()
    recorder = CollapseRecorder(model, (x, y), classes=3)
    recorder.record(0)
    recording = recorder.recording()
    assert np.allclose(recording.H[0].T, model.body(x).detach()[recording.samples.copy()].numpy(), rtol=1e-5)
