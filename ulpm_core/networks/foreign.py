"""What a recorder borrows from someone else's program: a look at the model and the data that leaves no trace."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from ulpm_core.model.parameters import ConfigError, shown

BATCH: Final = 512
"""Samples looked at at once where the data bring no batch size of their own."""

LabelledBatches = Iterable[tuple[Tensor, Tensor]]


def labelled_batches(data: Any, field: str = "data") -> Callable[[], LabelledBatches]:
    """What gives (x, y) batches, the same at every call: of a pair (x, y), a Dataset, a DataLoader or any iterable.

    A DataLoader's data set is read in its own order, here: neither is its shuffling seen nor its generator moved.
    Raises :class:`ConfigError` for anything else.
    """
    if isinstance(data, (tuple, list)) and len(data) == 2 and all(isinstance(p, (Tensor, np.ndarray)) for p in data):
        x, y = (torch.as_tensor(part) for part in data)
        if len(x) != len(y) or not len(x):
            raise ConfigError(field, f"{field} holds {len(x)} samples and {len(y)} labels: give one label a sample.")
        return lambda: zip(x.split(BATCH), y.split(BATCH), strict=True)
    if isinstance(data, DataLoader) and _has_length(data.dataset):
        size = data.batch_size or getattr(data.batch_sampler, "batch_size", BATCH)
        return lambda: _pairs(DataLoader(data.dataset, size, collate_fn=data.collate_fn), field)
    if isinstance(data, Dataset) and _has_length(data):
        return lambda: _pairs(DataLoader(data, BATCH), field)
    if isinstance(data, Iterable) and not isinstance(data, (Iterator, str, bytes, Tensor, np.ndarray)):
        return lambda: _pairs(data, field)
    raise _refuse(data, field)


def _pairs(batches: Iterable[Any], field: str) -> LabelledBatches:
    for batch in batches:
        if not (isinstance(batch, (tuple, list)) and len(batch) == 2 and all(isinstance(p, Tensor) for p in batch)):
            raise _refuse(batch, field)
        yield batch[0], batch[1]


def _refuse(data: Any, field: str) -> ConfigError:
    return ConfigError(
        field,
        f"{field} of type {shown(type(data).__name__)} gives no batches of samples and labels, again and again: give a"
        " DataLoader, a data set, or a pair of tensors, for example (x, y).",
    )


def _has_length(data: Any) -> bool:
    return hasattr(data, "__len__") and hasattr(data, "__getitem__")


def last_layer(model: nn.Module, classes: int, name: str | None) -> nn.Linear:
    """The linear layer of that name, or the last one that gives a number to each class.

    >>> last_layer(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)), 2, None)
    Linear(in_features=3, out_features=2, bias=True)
    """
    linear = {path: layer for path, layer in model.named_modules() if isinstance(layer, nn.Linear)}
    linear = {path: layer for path, layer in linear.items() if not isinstance(layer, nn.LazyLinear)}  # no size yet
    fits = [path for path, layer in linear.items() if layer.out_features == classes]
    example = f"use one of {', '.join(fits)}, for example {fits[-1]}" if fits else "give the number of classes it has"
    if name is None:
        if not fits:
            raise ConfigError("layer", f"layer: no linear layer of the model has {classes} outputs: {example}.")
        return linear[fits[-1]]
    if name not in linear or linear[name].out_features != classes:
        raise ConfigError("layer", f"layer = {shown(name)} is no linear layer with {classes} outputs: {example}.")
    return linear[name]


@contextmanager
def untouched(model: nn.Module, device: str) -> Iterator[None]:
    """Evaluation mode without gradients, and afterwards everything as it was: the mode of every module, and the random
    numbers of torch on all devices, of NumPy and of Python.
    """
    modes = [(module, module.training) for module in model.modules()]
    numpy_state, python_state = np.random.get_state(), random.getstate()
    gpus = range(torch.cuda.device_count())
    try:
        # autocast would keep copies of weights made without gradients, and hand them to the loop
        with torch.random.fork_rng(gpus), torch.no_grad(), torch.autocast(device, enabled=False):
            for module, _ in modes:
                module.training = False  # not eval(), which some models take as a sign to merge their weights
            yield
    finally:
        for module, training in modes:
            module.training = training
        np.random.set_state(numpy_state)
        random.setstate(python_state)


def features_before(model: nn.Module, layer: nn.Linear, x: Tensor) -> Tensor:
    """What the layer is given, (B, d), when the model is given x. The hook is gone afterwards.

    Raises :class:`ConfigError` where the layer is not run once, on one row for each sample.
    """
    given: list[Tensor] = []

    def keep(_: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any]) -> None:
        given.append((inputs or (*named.values(),))[0].clone())  # what follows may change it in place

    hook = layer.register_forward_pre_hook(keep, with_kwargs=True)
    try:
        model(x)
    finally:
        hook.remove()
    if len(given) != 1 or given[0].shape != (len(x), layer.in_features):
        held = shown([tuple(h.shape) for h in given])
        raise ConfigError(
            "layer", f"layer is given {held} for {len(x)} samples: name a layer that is run once, on one row a sample."
        )
    return given[0]
