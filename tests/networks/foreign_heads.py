"""Last layers as people write them: each a model of inputs (B, 5) with three classes, and what the recorder is told."""

from __future__ import annotations

import warnings
from collections import namedtuple
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize


class Net(nn.Module):
    """A body of 5 numbers to `width`, and a head; `finish` makes of h and the head what is returned."""

    def __init__(self, head=None, finish=None, width=7):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(5, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, width)
        )
        self.head = nn.Linear(width, 3) if head is None else head
        self.finish = finish

    def features(self, x):
        return torch.relu(self.body(x))

    def forward(self, x):
        h = self.features(x)
        return self.head(h) if self.finish is None else self.finish(self, h)


class LoRA(nn.Module):
    def __init__(self, base, rank=2, first=False):
        super().__init__()
        if first:
            self.lora_B = nn.Linear(rank, base.out_features, bias=False)
        self.base_layer = base
        self.lora_A = nn.Linear(base.in_features, rank, bias=False)
        if not first:
            self.lora_B = nn.Linear(rank, base.out_features, bias=False)

    def forward(self, h):
        return self.base_layer(h) + 0.5 * self.lora_B(self.lora_A(h))


class OldLoRA(nn.Linear):
    """A linear layer that adds to itself, as the first library for it has them."""

    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.A, self.B = nn.Parameter(torch.randn(2, sizes[0])), nn.Parameter(torch.randn(sizes[1], 2))

    def forward(self, h):
        return super().forward(h) + h @ self.A.T @ self.B.T


class Scaled(nn.Module):
    def __init__(self, inner, temperature):
        super().__init__()
        self.inner, self.temperature = inner, temperature

    def forward(self, h):
        return self.inner(h) / self.temperature


class Counting(nn.Module):
    """A parametrisation that remembers how often it was asked, in every way that there is, and draws."""

    def __init__(self):
        super().__init__()
        self.calls = 0
        self.register_buffer("seen", torch.zeros(1))
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, weight):
        self.calls += 1
        self.seen += 1
        with torch.no_grad():
            self.scale.mul_(0.99)
        if not self.training:
            return 2.0 * weight
        return weight * self.scale.clone() / self.seen.sqrt() + 0.01 * self.calls * torch.randn_like(weight)


class Renormed(nn.Linear):
    """Clips its rows whenever it is used, as networks for brain waves do."""

    def forward(self, h):
        self.weight.data = torch.renorm(self.weight.data, 2, 0, 0.5)
        return super().forward(h)


class Sketchy(nn.Module):
    """The weight of an odd name, in a module of its own, made by hand."""

    def __init__(self):
        super().__init__()
        self.stuff = nn.ModuleDict({"the.rest".replace(".", "_"): nn.Linear(7, 3, bias=False)})

    def forward(self, h):
        return self.stuff["the_rest"](h)


class Wild(nn.Module):
    """No linear layer at all."""

    def __init__(self):
        super().__init__()
        self.matrix, self.shift = nn.Parameter(torch.randn(7, 3)), nn.Parameter(torch.randn(3))

    def forward(self, h):
        return h @ self.matrix + self.shift


class Picture(nn.Module):
    """Convolutions only: a head of one pixel, before or after the mean over places."""

    def __init__(self, pool_first, kind=nn.Conv2d):
        super().__init__()
        self.pool_first, self.conv, self.head = pool_first, nn.Conv1d(1, 7, 2), nn.Conv1d(7, 3, 1)
        if kind is nn.Conv2d:
            self.head = nn.Conv2d(7, 3, 1)

    def forward(self, x):
        h = torch.relu(self.conv(x[:, None]))  # (B, 7, 4)
        h = h.unflatten(2, (2, 2)) if isinstance(self.head, nn.Conv2d) else h
        places = tuple(range(2, h.ndim))
        if self.pool_first:
            return self.head(h.mean(dim=places, keepdim=True)).flatten(1)
        return self.head(h).mean(dim=places)


@dataclass
class Output:
    features: torch.Tensor
    logits: torch.Tensor


Pair = namedtuple("Pair", ("logits", "aux"))


def cosine(model, h):
    return 4.0 * nn.functional.linear(nn.functional.normalize(h), nn.functional.normalize(model.head.weight))


def quiet(make, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch would rather have the new ones
        return make(*args, **kwargs)


def parametrised():
    """Heads whose weight is made of something else whenever it is asked for."""
    custom = nn.Linear(7, 3)
    parametrize.register_parametrization(custom, "weight", Counting())
    return {
        "weight_norm": parametrizations.weight_norm(nn.Linear(7, 3)),
        "spectral_norm": parametrizations.spectral_norm(nn.Linear(7, 3)),
        "orthogonal exp": parametrizations.orthogonal(nn.Linear(7, 3), orthogonal_map="matrix_exp"),
        "orthogonal cayley": parametrizations.orthogonal(nn.Linear(7, 3), orthogonal_map="cayley"),
        "orthogonal householder": parametrizations.orthogonal(nn.Linear(7, 3), orthogonal_map="householder"),
        "old weight_norm": quiet(nn.utils.weight_norm, nn.Linear(7, 3)),
        "old spectral_norm": quiet(nn.utils.spectral_norm, nn.Linear(7, 3)),
        "custom": custom,
        "renormed": Renormed(7, 3),
    }


def models():
    """name: (model, what the recorder is told besides)."""
    twice = nn.Linear(7, 3)
    named = {name: (Net(head), {}) for name, head in parametrised().items() if name != "custom"}
    given = {"head": lambda model, x: (model.features(x), model.head.weight / 0.1, model.head.bias / 0.1)}
    scripted = quiet(torch.jit.script, nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 3)))
    last = list(scripted.children())
    by_script = {"head": lambda model, x: (last[1](last[0](x)), last[2].weight, last[2].bias)}
    compiled = torch.compile(Net(), backend="eager")
    inside = Net()
    inside.compile(backend="eager")
    return named | {
        "plain": (Net(), {}),
        "no bias": (Net(nn.Linear(7, 3, bias=False)), {}),
        "named": (Net(), {"layer": "head"}),
        "module given": ((net := Net()), {"layer": net.head}),
        "sequential": (Net(nn.Sequential(nn.Dropout(0.5), nn.Sequential(nn.Identity(), nn.Linear(7, 3)))), {}),
        "hidden as wide": (Net(nn.Sequential(nn.Linear(7, 3), nn.ReLU(), nn.Linear(3, 3))), {}),
        "odd": (Net(Sketchy()), {}),
        "wild": (Net(Wild()), {"layer": "head"}),
        "batch norm and linear": (Net(nn.Sequential(nn.BatchNorm1d(7), nn.Linear(7, 3))), {"layer": "head"}),
        "the model itself": (nn.Linear(5, 3), {}),
        "lora": (Net(LoRA(nn.Linear(7, 3))), {}),
        "lora, registered first": (Net(LoRA(nn.Linear(7, 3, bias=False), first=True)), {}),
        "lora of old": (Net(OldLoRA(7, 3)), {}),
        "temperature": (Net(Scaled(nn.Linear(7, 3), 0.1)), {}),
        "temperature said": (Net(finish=lambda m, h: m.head(h) / 0.1), given),
        "cosine said": (
            Net(finish=cosine),
            {
                "head": lambda m, x: (
                    nn.functional.normalize(m.features(x)),
                    4.0 * nn.functional.normalize(m.head.weight),
                )
            },
        ),
        "probabilities said": (
            Net(finish=lambda m, h: m.head(h).softmax(1)),
            {"head": lambda m, x: (m.features(x), m.head.weight, m.head.bias)},
        ),
        "log_softmax": (Net(finish=lambda m, h: m.head(h).log_softmax(1)), {}),
        "dict": (Net(finish=lambda m, h: {"features": h, "scores": m.head(h)}), {}),
        "tuple": (Net(finish=lambda m, h: (h, [m.head(h)])), {}),
        "dataclass": (Net(finish=lambda m, h: Output(h, m.head(h))), {}),
        "auxiliary": (
            Net(nn.ModuleList([nn.Linear(7, 3), nn.Linear(7, 3)]), lambda m, h: Pair(m.head[0](h), m.head[1](h))),
            {},
        ),
        "tied": (
            Net(twice, lambda m, h: nn.functional.linear(nn.functional.relu(h), twice.weight) * 0.0 + twice(h)),
            {},
        ),
        "one pixel, then mean": (Picture(False), {}),
        "one pixel after the mean": (Picture(True), {}),
        "one place": (Picture(False, nn.Conv1d), {}),
        "words": (Net(finish=lambda m, h: m.head(h.unsqueeze(1) * torch.ones(1, 4, 1)).mean(1)), {}),
        "data parallel": (nn.DataParallel(Net()), {"layer": "module.head"}),
        "compiled": (compiled, {"layer": "_orig_mod.head"}),
        "compiled in place": (inside, {}),
        "scripted": (scripted, by_script),
        "bfloat16": (Net().to(torch.bfloat16), {}),
        "float16": (Net().to(torch.float16), {}),
        "float64": (Net().double(), {}),
    }
