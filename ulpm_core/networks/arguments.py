"""Reads the arguments of a recorder: numbers of any library, classes by number or name, labels."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ulpm_core.model.refusal import refuse, shown, unfit
from ulpm_core.model.shapes import Labels, Shaped
from ulpm_core.networks.recording import is_plain


def whole(count: Any) -> int | None:
    """A whole number of Python, NumPy or torch; None of anything else."""
    try:
        return operator.index(count)
    except TypeError:
        return None


def number(epoch: Any) -> float:
    """A number of Python, NumPy or torch; NaN of anything else."""
    try:
        return math.nan if isinstance(epoch, (str, bytes)) else float(epoch)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def names_of(classes: Any) -> tuple[str, ...]:
    """The classes' names, as net.npz can hold them."""
    count = whole(classes)
    held = range(count) if count is not None else classes
    if isinstance(held, (str, bytes)) or not isinstance(held, Iterable) or len(names := tuple(map(str, held))) < 2:
        raise refuse("classes", classes, "names no classes", "their number, 2 or more, or their names", 10, do="give")
    for name in names:
        if not is_plain(name):
            raise unfit("classes", f"{shown(name)} is no name", "use printable text", "cat")
    return names


def counted_labels(labels: Any) -> Tensor:
    """Labels as a tensor. Raises :class:`ConfigError` for names."""
    try:
        return torch.as_tensor(labels)
    except (TypeError, ValueError, RuntimeError):
        raise unfit(
            "classes",
            "labels are text, or nothing that is counted",
            "give their numbers from 0 on",
            "numpy.unique(labels, return_inverse=True)[1]",
        ) from None


def labels_of(y: Tensor, classes: int) -> Shaped[Labels, "B"]:
    """Labels (B,) of a batch. Raises :class:`ConfigError` for what are not whole numbers from 0 to K-1.

    >>> labels_of(torch.tensor([[1], [0]]), 2)
    array([1, 0])
    """
    labels = np.asarray(y.detach().cpu() if y.dtype != torch.bfloat16 else y.detach().float().cpu())
    if labels.shape[1:] == (1,):
        labels = labels[:, 0]
    if labels.ndim == 1 and labels.dtype.kind in "iu" and len(labels) and 0 <= labels.min() <= labels.max() < classes:
        return labels.astype(np.int64)
    held = f"shape {shown(tuple(y.shape))} and type {str(y.dtype).removeprefix('torch.')}"
    if labels.ndim == 1 and labels.dtype.kind in "iu" and len(labels):
        held, cure = f"{int(labels.min())} to {int(labels.max())}", "(batch[0], batch[1] - 1) where they count from 1"
    elif labels.ndim == 2 and labels.shape[1] == classes:
        cure = "(batch[0], batch[1].argmax(1)) where they are one-hot"
    else:
        cure = "(batch[0], batch[1].long())"
    raise unfit(
        "classes",
        f"labels of {held} do not fit",
        f"they are to be whole numbers from 0 to {classes - 1}, one a sample",
        f"by adapter=lambda batch: {cure}",
    )
