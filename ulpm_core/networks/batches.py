"""Samples and labels of anyone's data, batch by batch, the same at every reading."""

from __future__ import annotations

import copy
import itertools
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor
from torch.utils import data as torch_data
from torch.utils.data import DataLoader, Dataset, IterableDataset

from ulpm_core.model.refusal import ConfigError, shown, unfit
from ulpm_core.networks.answers import refusing
from ulpm_core.networks.arguments import counted_labels
from ulpm_core.networks.foreign import draw_alike, own_chance

BATCH: Final = 512
"""Samples looked at at once where the data bring no batch size of their own."""
PLAIN: Final = (tuple, list, str, bytes, Tensor, np.ndarray, Mapping)
"""Containers that have `len` and `[i]`, as a torch Dataset does, and are none."""
WAY: Final = "give an adapter"
ADAPTER: Final = "adapter=lambda batch: "

LabelledBatches = Iterable[tuple[Any, Tensor]]
Adapter = Callable[[Any], tuple[Any, Any]]


def labelled_batches(data: Any, field: str, adapter: Adapter | None) -> Callable[[], LabelledBatches]:
    """Returns a function that gives (x, y) batches anew at every call, from a pair (x, y), a Dataset, a DataLoader or
    any iterable of batches.

    A DataLoader's samples are those that its sampler may draw, each once, in the order of its data set, by as many
    workers as it has: neither is its shuffling seen nor its generator moved. `adapter` makes (x, y) of a batch that is
    something else. Raises :class:`ConfigError` for anything else.
    """
    read = _batches(data, field)
    return lambda: _pairs(read(), field, adapter)


def _batches(data: Any, field: str) -> Callable[[], Iterable[Any]]:
    if isinstance(data, (tuple, list)) and len(data) == 2 and isinstance(data[0], (Tensor, np.ndarray)):
        x, y = torch.as_tensor(data[0]), counted_labels(data[1])
        if x.shape[:1] != y.shape[:1] or not x.ndim or not len(x):
            raise unfit(
                field,
                f"{field} holds samples of shape {shown(tuple(x.shape))} and labels of {shown(tuple(y.shape))}",
                "give one label a sample",
            )
        return lambda: zip(x.split(BATCH), y.split(BATCH), strict=True)
    if isinstance(data, DataLoader):
        return _of_loader(data, field)
    by_number = hasattr(data, "__len__") and hasattr(data, "__getitem__") and not isinstance(data, PLAIN)
    if isinstance(data, Dataset) or by_number:
        return lambda: DataLoader(data, BATCH)
    if isinstance(data, Iterator):
        raise unfit(
            field,
            f"{field} of type {shown(type(data).__name__)} can be read only once",
            "give what makes it",
            "a DataLoader, or list(data)",
        )
    if isinstance(data, Mapping):
        pair = ", ".join(f"data[{shown(name)!r}]" for name in itertools.islice(data, 2))
        raise unfit(field, f"{field} of {_kind(data)} are no batches", "give samples and labels as a pair", f"({pair})")
    if isinstance(data, Iterable) and not isinstance(data, (str, bytes, Tensor, np.ndarray)):
        return lambda: data
    raise _refuse(data, field)


def _of_loader(loader: DataLoader[Any], field: str) -> Callable[[], Iterable[Any]]:
    """Returns a function that reads the loader's data set by a second loader like it, with a generator of its own."""
    like: dict[str, Any] = {
        name: getattr(loader, name)
        for name in ("collate_fn", "num_workers", "timeout", "worker_init_fn", "multiprocessing_context")
    }
    if loader.num_workers:
        like["prefetch_factor"] = loader.prefetch_factor
    dataset = loader.dataset
    if isinstance(dataset, IterableDataset):
        return lambda: DataLoader(dataset, loader.batch_size, drop_last=False, **like)
    size = loader.batch_size or getattr(loader.batch_sampler, "batch_size", None)
    drawn, by_list = _drawn(loader.sampler if loader.batch_sampler is None else loader.batch_sampler, dataset, field)
    if loader.batch_sampler is not None:
        return lambda: DataLoader(dataset, size or BATCH, sampler=drawn, **like)
    # each item of the data set is a batch, or with sampler=BatchSampler(...) each list of samples
    items = [drawn[i : i + BATCH] for i in range(0, len(drawn), BATCH)] if by_list else drawn
    return lambda: DataLoader(dataset, batch_size=None, sampler=items, **like)


def _drawn(sampler: Any, data: Any, field: str) -> tuple[Sequence[int], bool]:
    """Returns the samples that a sampler may draw, in order, and True if it draws lists of them.

    >>> _drawn(torch_data.SubsetRandomSampler([4, 1]), range(6), "data")
    ([1, 4], False)
    """
    if type(sampler) is torch_data.BatchSampler:
        return _drawn(sampler.sampler, data, field)[0], True
    if type(sampler) in (torch_data.SequentialSampler, torch_data.RandomSampler):
        return range(len(sampler.data_source)), False
    if type(sampler) is torch_data.DistributedSampler:  # the other processes' samples are trained on too
        return range(len(data)), False
    if isinstance(sampler, torch_data.SubsetRandomSampler):
        return sorted(set(map(int, sampler.indices))), False
    if isinstance(sampler, torch_data.WeightedRandomSampler):
        return np.flatnonzero(np.asarray(sampler.weights) > 0).tolist(), False
    name, themselves = shown(type(sampler).__name__), "torch.utils.data.Subset(dataset, indices)"
    with refusing(field, f"nobody knows which samples {name} draws", "give the samples themselves", themselves):
        # one epoch, drawn by its twin: its own numbers stay where they are
        twin = copy.deepcopy(sampler, {id(data): data})
        with own_chance():
            (drawn, by_list), (then, _) = _epoch(twin, 10 * len(data)), _epoch(twin, 10 * len(data))
    if then and then != drawn:  # nothing, of one that can be read only once
        warnings.warn(
            f"{field}: {name} draws other samples in every epoch: {len(drawn):,} that it drew"
            f" in one are measured, of {len(data):,}. Give the samples themselves to measure them all, for example the"
            " data set.",
            stacklevel=2,
        )
    return drawn, by_list


def _epoch(sampler: Any, most: int) -> tuple[list[int], bool]:
    """The samples that a sampler draws in one epoch, of at most so many draws, and whether it draws lists of them."""
    items = list(itertools.islice(iter(sampler), most))
    by_list = any(isinstance(item, (list, tuple)) for item in items)
    return sorted(set(map(int, itertools.chain.from_iterable(items) if by_list else items))), by_list


def _pairs(batches: Iterable[Any], field: str, adapter: Adapter | None) -> LabelledBatches:
    for batch in _read(batches, field):
        pair = batch
        if adapter is not None:
            with refusing("adapter", f"adapter fails on a batch of {_kind(batch)}", "let it return (x, y)"):
                pair = adapter(batch)
        if not (isinstance(pair, (tuple, list)) and len(pair) == 2):
            raise _refuse(pair, field)
        x, y = pair
        if isinstance(y, (list, tuple)) and len(y) and isinstance(y[0], str):
            y = counted_labels(y)
        if not isinstance(y, (Tensor, np.ndarray)) or isinstance(x, (str, bytes)):
            raise _refuse(batch, field)
        yield torch.as_tensor(x) if isinstance(x, np.ndarray) else x, counted_labels(y)


def _read(batches: Iterable[Any], field: str) -> Iterator[Any]:
    """The batches one after the other. Raises :class:`ConfigError` where they cannot be read."""
    loader, example = "give a loader that makes tensors of samples", "DataLoader(data, batch_size=None)"
    with refusing(field, f"{field} cannot be read", loader, f"{example} where each item is a batch"):
        yield from batches


def _kind(batch: Any) -> str:
    """Names the kind of a batch in words, for a refusal."""
    if isinstance(batch, Mapping):
        return f"a dict of {shown(', '.join(map(str, batch)))}"
    if isinstance(batch, (tuple, list)):
        return f"{len(batch)} parts, {shown(', '.join(type(part).__name__ for part in batch))}"
    return f"type {type(batch).__name__}"


def _refuse(batch: Any, field: str) -> ConfigError:
    if isinstance(batch, Mapping) and len(batch) > 1:
        names = [str(name) for name in batch]
        labels = next((name for name in names if name in ("labels", "label", "y", "target")), names[-1])
        x = next(name for name in names if name != labels)
        do, example = WAY, f"{ADAPTER}(batch[{shown(x)!r}], batch[{shown(labels)!r}])"
    elif isinstance(batch, (tuple, list)) and len(batch) > 2:
        do, example = WAY, f"{ADAPTER}(batch[0], batch[1])"
    else:
        do, example = "give a DataLoader, a data set, or a pair of tensors", "(x, y)"
    return unfit(field, f"{field} of {_kind(batch)} give no batches (x, y) of samples and labels", do, example)


def draws(read: Callable[[], LabelledBatches]) -> str:
    """A sentence to warn with where the first batch comes out different each time it is read, else nothing."""

    draw_alike()
    one, other = (next(iter(read()), None) for _ in range(2))
    if same(one, other):
        return ""
    draw_alike()
    how = (
        "every record sees the same draw"
        if same(one, next(iter(read()), None))
        else "two records differ by that, too, and so do the loop's own draws after a record"
    )
    return (
        f"The data come out different each time they are read, as by random augmentation: {how}. Give the samples"
        " without it to measure them as they are."
    )


def same(one: Any, other: Any) -> bool:
    """Returns whether two batches hold the same numbers; NaN equals NaN.

    >>> same((torch.zeros(2), {"y": torch.ones(1)}), (torch.zeros(2), {"y": torch.zeros(1)}))
    False
    """
    if isinstance(one, Tensor):
        return isinstance(other, Tensor) and one.shape == other.shape and bool(((one == other) | (one != one)).all())
    if isinstance(one, Mapping):
        return all(same(part, other[name]) for name, part in one.items())
    return not isinstance(one, (tuple, list)) or all(map(same, one, other))
