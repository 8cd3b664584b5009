"""Bit for bit the same training with and without the recorder, whatever the model does when it is looked at."""

from __future__ import annotations

import contextlib
import random

import numpy as np
import pytest
import torch
from networks.foreign_heads import LoRA, Net, parametrised
from networks.foreign_program import blobs
from torch import nn
from torch.nn.utils import parametrize
from torch.utils.data import DataLoader, TensorDataset

from ulpm_core.networks.recorder import CollapseRecorder


class Words(nn.Module):
    """A table whose rows are clipped when they are looked up, even by who only looks."""

    def __init__(self):
        super().__init__()
        self.table, self.head = nn.Embedding(3, 7, max_norm=0.5), nn.Linear(7, 3)

    def forward(self, x):
        return self.head(self.table((x.abs() * 10).long() % 3).mean(dim=1))


class Remembering(Net):
    """Keeps what it saw, and counts, in ways of its own."""

    calls = 0

    def forward(self, x):
        self.calls += 1
        self.last = self.features(x)
        if self.calls == 1:
            self.register_buffer("first", self.last.detach())
        return self.head(self.last) * (1.0 + 0.001 * self.calls if self.training else 1.0)


LOOPS = [*parametrised(), "plain", "words", "remembering", "lora", "recurrent", "compiled", "data parallel", "swa"]


def made(name):
    heads = parametrised()
    if name in heads:
        return Net(heads[name])
    return {
        "plain": Net,
        "words": Words,
        "remembering": Remembering,
        "lora": lambda: Net(LoRA(nn.Linear(7, 3))),
        "recurrent": lambda: Net(nn.Sequential(Sequence(), nn.Linear(7, 3))),
        "compiled": lambda: torch.compile(Net(), backend="eager"),
        "data parallel": lambda: nn.DataParallel(Net()),
        "swa": lambda: torch.optim.swa_utils.AveragedModel(Net()),
    }[name]()


class Sequence(nn.Module):
    def __init__(self):
        super().__init__()
        self.memory = nn.LSTM(7, 7, batch_first=True, dropout=0.2, num_layers=2)

    def forward(self, h):
        return self.memory(h[:, None])[0][:, 0]


def loop(name, watch, around=contextlib.nullcontext):
    torch.manual_seed(3)
    np.random.seed(3)
    random.seed(3)
    (x, y), model = blobs(48), made(name)
    own = torch.Generator().manual_seed(4)
    loader = DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True, generator=own)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    recorder = CollapseRecorder(model, loader, classes=3, test=(x, y)) if watch else None
    losses, seen = [], []
    for epoch in range(3):
        for batch, labels in loader:
            with around():
                loss = nn.functional.cross_entropy(model(batch), labels)
                if recorder:  # the graph is there and has not been gone through
                    recorder.record(epoch)
                loss.backward()
                if recorder:
                    recorder.record(epoch)
            gradients = [p.grad.clone() for p in model.parameters() if p.grad is not None]
            optimizer.step()
            if recorder:  # in evaluation mode, as where people validate
                model.eval()
                recorder.record(epoch)
                model.train()
            optimizer.zero_grad()
            losses.append(loss.item())
            seen.append(gradients)
    parts = {f"{path}:{key}": value for path, m in model.named_modules() for key, value in vars(m).items()}
    plain = {key: value for key, value in parts.items() if isinstance(value, (int, float)) and "dynamo" not in key}
    tensors = {key: value for key, value in parts.items() if isinstance(value, torch.Tensor)}
    return losses, model.state_dict(), seen, plain, tensors, own.get_state(), random.random(), np.random.random()


def same(one, other):
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other) and one.requires_grad == other.requires_grad
    if isinstance(one, dict):
        return list(one) == list(other) and all(map(same, one.values(), other.values()))
    return all(map(same, one, other)) and len(one) == len(other) if isinstance(one, list) else one == other


@pytest.mark.parametrize("name", LOOPS)
def test_the_training_is_bit_for_bit_the_same(name):
    without, watched = loop(name, False), loop(name, True)
    for one, other in zip(without, watched, strict=True):
        assert same(one, other)


@pytest.mark.parametrize("name", ["plain", "spectral_norm", "old weight_norm"])
@pytest.mark.parametrize("kind", ["autocast", "cached"])
def test_within_autocast_and_cached_weights_too(name, kind):
    around = {"autocast": lambda: torch.autocast("cpu", torch.bfloat16), "cached": parametrize.cached}[kind]
    without, watched = loop(name, False, around), loop(name, True, around)
    for one, other in zip(without, watched, strict=True):
        assert same(one, other)


def test_nothing_is_compiled_for_the_look():
    compiled = []

    def backend(graph, example):
        compiled.append(graph)
        return graph.forward

    (x, y), model = blobs(48), Net()
    fast = torch.compile(model, backend=backend)
    recorder = CollapseRecorder(fast, (x, y), classes=3)
    for epoch in range(3):
        nn.functional.cross_entropy(fast(x), y).backward()
        recorder.record(epoch)
    assert len(compiled) == 1


def test_a_look_that_fails_leaves_everything_too():
    model, (x, y) = Net(finish=lambda m, h: m.head(h) / 0.1), blobs(48)
    model.body[1].eval()
    before = {name: id(value) for name, value in [*model.named_parameters(), *model.named_buffers()]}
    modes, chance = [m.training for m in model.modules()], torch.get_rng_state()
    with pytest.raises(ValueError, match="is not W h"):
        CollapseRecorder(model, (x, y), classes=3).record(0)
    assert before == {name: id(value) for name, value in [*model.named_parameters(), *model.named_buffers()]}
    assert modes == [m.training for m in model.modules()]
    assert torch.equal(chance, torch.get_rng_state())
    assert not any(m._forward_pre_hooks for m in model.modules())
