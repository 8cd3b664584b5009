"""Measures a network, as it is, on all its training and test images."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from ulpm_core.analysis.class_means import class_means
from ulpm_core.model.shapes import Labels, Shaped
from ulpm_core.networks.answers import to_array
from ulpm_core.networks.batch_norm import settle
from ulpm_core.networks.datasets import Dataset
from ulpm_core.networks.models import Network
from ulpm_core.networks.recording import Snapshot
from ulpm_core.networks.streaming import measure

AT_ONCE: Final = 2**28
"""Most numbers that layers compute at once where the whole training set is measured, 2 GB if all were kept: no gradient
is, and the few layers that are alive at a time are a fraction of them."""
LARGEST: Final = 1e60
"""Largest sum of squares that is measured: entries of 1e30, the largest that a film holds."""


def chunk_size(images: int, numbers: int) -> int:
    """Returns how many of the images to hold in memory at once, with `numbers` numbers each: all, or equal parts.

    >>> chunk_size(1437, 1994), chunk_size(60_000, 94_410)
    (1437, 2728)
    """
    return math.ceil(images / math.ceil(images * numbers / AT_ONCE))


@torch.no_grad()
def measured(
    network: Network, x: Tensor, dataset: Dataset, size: int, kept: Shaped[Labels, "M"], **clock: Any
) -> Snapshot | None:
    """The network's snapshot at that epoch, step, log_time and phase; None where its numbers are too large to be
    squared. x (N, C, S, S) are the training images, looked at `size` at a time; `kept` those whose features are shown.

    Batch normalisation takes the statistics of the training images, for both sets: :func:`settle` says why.
    """
    chunks = torch.split(x, size)
    settle(network, chunks)
    features = [network.features(chunk).double().cpu().numpy().T for chunk in chunks]
    labels = np.split(dataset.y, range(size, len(dataset.y), size))
    batches = partial(zip, features, labels, strict=True)
    first = class_means(batches, len(dataset.names), torch.finfo(x.dtype).eps)
    W, bias = to_array(network.classifier.weight), network.classifier.bias
    if not float(first.energy) + float((W**2).sum()) < LARGEST:  # NaN neither
        return None
    b = None if bias is None else to_array(bias)
    return measure(W, b, batches, first, kept, _confusion(network, x, dataset, size), **clock)


def _confusion(network: Network, like: Tensor, dataset: Dataset, size: int) -> Shaped[Labels, "K K"]:
    """Test images of a row's class that the network, as settled, reads as a column's."""
    counts = np.zeros((len(dataset.names),) * 2, dtype=np.int64)
    for start in range(0, len(dataset.test_x), size):
        images = torch.tensor(dataset.test_x[start : start + size]).to(like)
        answers = network(images).argmax(dim=1).cpu().numpy()
        np.add.at(counts, (dataset.test_y[start : start + size], answers), 1)
    return counts
