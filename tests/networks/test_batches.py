"""Whatever the loop reads: its samples are measured, each once, and nothing of the loop's own chance is used up."""

from __future__ import annotations

import random
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from networks.foreign_program import blobs
from reference import refused
from torch import nn
from torch.utils import data as torch_data
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from ulpm_core.networks.recorder import CollapseRecorder


class Items(Dataset):
    """Samples in a form of one's own."""

    def __init__(self, x, y, form):
        self.x, self.y, self.form = x, y, form

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.form(self.x[i], self.y[i], i)


class Counted:
    """Samples by number, of no library's class."""

    def __init__(self, x, y):
        self.x, self.y = x, y

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        if i >= len(self.x):
            raise IndexError
        return {"pixels": self.x[i], "label": int(self.y[i])}


class Stream(IterableDataset):
    def __init__(self, x, y, size=None):
        self.x, self.y, self.size = x, y, size

    def __iter__(self):
        if self.size is None:
            return iter(zip(self.x, self.y.tolist(), strict=True))
        return zip(self.x.split(self.size), self.y.split(self.size), strict=True)


class Own(torch_data.Sampler):
    """A sampler that nobody knows, with chance and a count of its own."""

    def __init__(self, indices, lists=0):
        self.indices, self.lists, self.epochs = list(indices), lists, 0
        self.generator, self.rng = torch.Generator(), np.random.default_rng(0)

    def __iter__(self):
        self.epochs += 1
        self.rng.shuffle(self.indices)
        order = torch.randperm(len(self.indices), generator=self.generator).tolist()
        drawn = [self.indices[i] for i in order]
        yield from (drawn[i : i + self.lists] for i in range(0, len(drawn), self.lists)) if self.lists else drawn

    def __len__(self):
        return len(self.indices)


class Unknowable(torch_data.Sampler):
    def __iter__(self):
        raise RuntimeError("only within the loop")


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 3)).double()


class Named(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = net()

    def forward(self, *, pixels, weight=1.0):
        return {"logits": self.net(pixels * weight)}


def recorded(model, data, **said):
    recorder = CollapseRecorder(model, data, classes=3, shown_per_class=1000, **said)
    recorder.record(0)
    return recorder.recording()


def assert_measured(r, x, y, indices):
    """The recording is that of these samples in order: by plain arrays of all of them."""
    chosen, model = sorted(indices), net()
    with torch.no_grad():
        H, Z = model[:2](x[chosen].double()).numpy(), model(x[chosen].double())
    labels = y[chosen].numpy()
    assert r.counts.tolist() == np.bincount(labels).tolist()
    for k in range(3):
        assert r.means[0, k] == pytest.approx(H[labels == k].mean(axis=0), rel=1e-12)
    assert np.exp(r.log_loss[0]) == pytest.approx(nn.functional.cross_entropy(Z, y[chosen], reduction="sum").item())
    assert pytest.approx(H[r.samples], rel=1e-6) == r.H[0].T


KINDS = {
    "sampler": lambda data, some, size: DataLoader(data, size, sampler=torch_data.SubsetRandomSampler(some)),
    "subset": lambda data, some, size: DataLoader(torch_data.Subset(data, sorted(some)), size, shuffle=True),
    "weights": lambda data, some, size: DataLoader(
        data, size, sampler=torch_data.WeightedRandomSampler([float(i in some) for i in range(len(data))], 500)
    ),
    "batches": lambda data, some, size: DataLoader(data, batch_sampler=torch_data.BatchSampler(some, size, True)),
    "lists": lambda data, some, size: DataLoader(
        Items(data.tensors[0], data.tensors[1], lambda x, y, i: (x, y)), batch_size=None,
        sampler=torch_data.BatchSampler(torch_data.SubsetRandomSampler(some), size, False),
    ),
    "own": lambda data, some, size: DataLoader(data, size, sampler=Own(some), drop_last=True),
    "own batches": lambda data, some, size: DataLoader(data, batch_sampler=Own(some, lists=size)),
}  # fmt: skip


@given(st.sets(st.integers(3, 59), min_size=1), st.integers(1, 70), st.sampled_from(sorted(KINDS)))
def test_the_samples_that_a_loop_may_draw_are_measured_each_once(some, size, kind):
    (x, y), indices = blobs(60), [0, 1, 2, *sorted(some, key=lambda i: (i * 37) % 61)]
    assert_measured(recorded(net(), KINDS[kind](TensorDataset(x, y), indices, size)), x, y, indices)


FORMS = {
    "three": (lambda x, y, i: (x, y, i), lambda batch: (batch[0], batch[1])),
    "dict": (lambda x, y, i: {"img": x, "label": y}, lambda batch: (batch["img"], batch["label"])),
    "nested": (lambda x, y, i: ({"a": x}, {"b": y}), lambda batch: (batch[0]["a"], batch[1]["b"])),
    "one-hot": (lambda x, y, i: (x, nn.functional.one_hot(y, 3)), lambda batch: (batch[0], batch[1].argmax(1))),
    "arrays": (lambda x, y, i: (x, y), lambda batch: (batch[0].numpy(), batch[1].numpy())),
    "a column": (lambda x, y, i: (x, y[None]), None),
    "small labels": (lambda x, y, i: (x, y.to(torch.uint8)), None),
    "wide": (lambda x, y, i: (x.double(), y.int()), None),
    "half": (lambda x, y, i: (x, int(y)), None),
}


READINGS = [(form, how) for form in FORMS for how in ("data set", "loader", "list")]


@pytest.mark.parametrize(("form", "how"), [*READINGS, ("dict", "workers"), ("wide", "workers")])
def test_batches_of_any_form(form, how):
    (x, y), (make, adapter) = blobs(60), FORMS[form]
    items = Items(x, y, make)
    data = {
        "data set": lambda: items,
        "loader": lambda: DataLoader(items, 7, shuffle=True),
        "list": lambda: list(DataLoader(items, 7)),
        "workers": lambda: DataLoader(Items(x, y, make), 7, shuffle=True, num_workers=2),
    }[how]()
    assert_measured(recorded(net(), data, adapter=adapter), x, y, range(60))


def test_inputs_by_name_as_language_models_take_them():
    x, y = blobs(60)
    data = DataLoader(Counted(x, y), 16, shuffle=True)
    for adapter in (
        lambda batch: ({"pixels": batch["pixels"].double(), "weight": torch.ones(1)}, batch["label"]),
        lambda batch: ({"pixels": batch["pixels"], "weight": 1.0}, batch["label"]),
    ):
        assert_measured(recorded(Named(), data, adapter=adapter, test=data), x, y, range(60))
    several = nn.Module()
    several.net = net()
    several.forward = lambda a, b: several.net(a + b)
    two = recorded(several, [((x, 0.0 * x), y)])  # a batch of one pair of inputs
    assert_measured(two, x, y, range(60))
    two = recorded(several, (x, y), adapter=lambda batch: ((batch[0], 0.0 * batch[0]), batch[1]))
    assert_measured(two, x, y, range(60))


@pytest.mark.parametrize("size", [None, 11])
@pytest.mark.parametrize("how", ["raw", "loader", "worker"])
def test_streams_of_samples_and_of_batches(size, how):
    (x, y), stream = blobs(60), Stream(*blobs(60), size)
    if how == "raw" and size:
        with refused("data", "cannot be read", "DataLoader(data, batch_size=None) where each item is a batch"):
            recorded(net(), stream)
        return
    loader = stream if how == "raw" else DataLoader(stream, None if size else 13, num_workers=int(how == "worker"))
    assert_measured(recorded(net(), loader), x, y, range(60))


def test_channels_last_pictures():
    x, y = blobs(60)
    pictures = torch.stack([x, 2 * x, x**2], dim=1)[:, :, None].contiguous(memory_format=torch.channels_last)
    torch.manual_seed(0)
    conv = nn.Sequential(
        nn.Conv2d(3, 6, (1, 3)), nn.BatchNorm2d(6), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3)
    ).to(memory_format=torch.channels_last)
    r = recorded(conv, DataLoader(TensorDataset(pictures, y), 16))
    Z = conv.eval()(pictures).double()
    assert np.exp(r.log_loss[0]) == pytest.approx(nn.functional.cross_entropy(Z, y, reduction="sum").item(), rel=1e-6)
    assert conv[0].weight.is_contiguous(memory_format=torch.channels_last)


def test_nothing_of_the_loops_chance_is_used_up():
    (x, y), sampler = blobs(60), Own(range(60))
    loader = DataLoader(TensorDataset(x, y), 7, sampler=sampler)
    seeded = DataLoader(Stream(x, y), 7, generator=torch.Generator().manual_seed(1))
    before = sampler.generator.get_state(), sampler.rng.bit_generator.state, list(sampler.indices), sampler.epochs
    own, ours = seeded.generator.get_state(), (torch.get_rng_state(), random.getstate(), np.random.get_state()[1])
    recorded(net(), loader, test=seeded)
    recorded(net(), seeded)
    torch.manual_seed(0)
    assert torch.equal(before[0], sampler.generator.get_state())
    assert before[1:] == (sampler.rng.bit_generator.state, sampler.indices, sampler.epochs)
    assert torch.equal(own, seeded.generator.get_state())
    assert ours[1] == random.getstate()
    assert np.array_equal(ours[2], np.random.get_state()[1])


def jitter(x, y, i):
    return x + 0.1 * torch.randn(5) + 0.1 * float(np.random.standard_normal()) + 0.1 * random.gauss(0, 1), y


def test_random_augmentation_is_said_and_draws_alike_at_every_record(monkeypatch):
    (x, y), model = blobs(60), net()
    recorder = CollapseRecorder(model, DataLoader(Items(x, y, jitter), 7, shuffle=True), classes=3)
    with pytest.warns(UserWarning, match="as by random augmentation: every record sees the same draw"):
        recorder.record(0)
    torch.randn(5), np.random.standard_normal(), random.gauss(0, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # said once
        recorder.record(1)
    monkeypatch.setattr("ulpm_core.networks.recorder.REMEMBERED", 1)  # and in both passes
    recorder.record(2)
    H = recorder.recording().H
    assert np.array_equal(H[0], H[1])
    assert np.array_equal(H[0], H[2])
    assert len({recorder.snapshots[i].metrics["nc1"] for i in range(3)}) == 1


def test_augmentation_by_a_chance_of_its_own_is_said_too():
    (x, y), rng = blobs(60), np.random.default_rng(0)
    recorder = CollapseRecorder(net(), Items(x, y, lambda x, y, i: (x + float(rng.normal()), y)), classes=3)
    with pytest.warns(UserWarning, match="two records differ by that, too, and so do the loop's own draws"):
        recorder.record(0)
    recorder.record(1)
    assert recorder.snapshots[0].metrics["nc1"] != recorder.snapshots[1].metrics["nc1"]


class Some(torch_data.Sampler):
    """Draws 40 of 60, by torch's chance and by NumPy's."""

    def __iter__(self):
        return iter(torch.randperm(60)[np.random.permutation(60)[:40]].tolist())


def test_a_sampler_nobody_knows_draws_nothing_of_the_loops_chance_and_what_it_leaves_out_is_said():
    model, loader = net(), DataLoader(TensorDataset(*blobs(60)), 7, sampler=Some())
    torch.manual_seed(0), np.random.seed(0), random.seed(0)
    expected = torch.randn(5).tolist(), np.random.standard_normal(), random.gauss(0, 1)
    torch.manual_seed(0), np.random.seed(0), random.seed(0)
    with pytest.warns(UserWarning, match="data: Some draws other samples in every epoch: 40 that it drew in one"):
        CollapseRecorder(model, loader, classes=3)
    assert (torch.randn(5).tolist(), np.random.standard_normal(), random.gauss(0, 1)) == expected


def test_data_without_chance_are_not_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for data in (blobs(60), TensorDataset(*blobs(60)), DataLoader(TensorDataset(*blobs(60)), 7, shuffle=True)):
            recorded(net(), data)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda x, y, i: (x, y, i), "3 parts, Tensor, Tensor, Tensor"),
        (lambda x, y, i: {"index": i, "img": x, "label": y}, "batch['index'], batch['label']"),
        (lambda x, y, i: {"img": x, "thing": y}, "batch['img'], batch['thing']"),
    ],
)
def test_batches_of_another_form_are_refused_with_the_adapter_they_need(make, words):
    with refused("data", words, "adapter=lambda batch:"):
        recorded(net(), Items(*blobs(60), make))


@pytest.mark.parametrize(
    ("adapter", "field", "words"),
    [
        (lambda batch: batch["x"], "adapter", "TypeError"),
        (lambda batch: batch[0], "data", "of type Tensor"),
        (lambda batch: (batch[0], "names"), "data", "(x, y)"),
        (lambda batch: (batch[0].long(), batch[1]), "data", "cannot be given to the model as they come"),
        (lambda batch: (batch[0][:, :2], batch[1]), "data", "mat1 and mat2 shapes cannot be multiplied"),
        (lambda batch: ({"z": batch[0]}, batch[1]), "data", "unexpected keyword argument"),
    ],
)
def test_adapters_that_do_not_fit_are_refused(adapter, field, words):
    with refused(field, words):
        recorded(net(), blobs(60), adapter=adapter)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (lambda y: nn.functional.one_hot(y, 3), "batch[1].argmax(1)) where they are one-hot"),
        (lambda y: nn.functional.one_hot(y, 3).float(), "batch[1].argmax(1)) where they are one-hot"),
        (lambda y: y.float(), "type float32 do not fit"),
        (lambda y: y.to(torch.bfloat16), "type bfloat16"),
        (lambda y: y + 1, "labels of 1 to 3 do not fit"),
    ],
)  # fmt: skip
def test_labels_of_another_kind_are_refused_with_what_to_do(labels, words):
    x, y = blobs(60)
    with refused("classes", words, "whole numbers from 0 to 2"):
        recorded(net(), (x, labels(y)))


def test_names_and_dicts_are_refused_with_what_to_give():
    x, y = blobs(60)
    names = np.array(["cat", "dog", "cow"])[y]
    for data in ((x, names), (x, names.tolist()), [(x, names)], DataLoader(list(zip(x, names.tolist(), strict=True)))):
        with refused("classes", "labels are text", "numpy.unique(labels, return_inverse=True)[1]"):
            recorded(net(), data)
    with refused("data", "for example (data['x'], data['y'])."):
        recorded(net(), {"x": x, "y": y})


def test_samplers_and_streams_that_cannot_be_read_again_are_refused():
    data = TensorDataset(*blobs(60))
    with refused("data", "Unknowable draws (RuntimeError: only within the loop)", "Subset(dataset, indices)"):
        recorded(net(), DataLoader(data, 7, sampler=Unknowable()))
    with refused("data", "can be read only once", "for example a DataLoader"):
        recorded(net(), iter(DataLoader(data, 7)))
