"""`CollapseRecorder`: three lines in anyone's PyTorch loop."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.model.archive import probe
from ulpm_core.model.losses import Array, Labels
from ulpm_core.model.parameters import ConfigError, shown
from ulpm_core.networks.files import LARGEST, is_plain, save_recording
from ulpm_core.networks.foreign import features_before, labelled_batches, last_layer, untouched
from ulpm_core.networks.recording import Recording, Shown, Snapshot
from ulpm_core.networks.streaming import FirstPass, first_pass, measure

REMEMBERED: Final = 2**25
"""Most numbers of features kept between the two passes, 256 MB; beyond that the model is run twice."""
SHOWN: Final = 2**18
"""Most numbers of features kept of a snapshot, 1 MB."""
MAX_SNAPSHOTS: Final = 2000


class CollapseRecorder:
    """Watches the last layer of a model that someone else trains.

    `data` are the training samples: a pair (x, y), a Dataset, or the loop's DataLoader, whose data set is read in
    order; `test`, if given, likewise. `classes` is K, or their names; labels are 0 to K-1. `layer` names the last
    linear layer, by default the last one with K outputs. Every :meth:`record` runs the model on all of `data`, in
    evaluation mode and without gradients, and leaves modes, gradients, buffers and random numbers as they were.
    Memory stays bounded: sums over the stream, and features of `shown_per_class` samples a class, at most 1 MB a time.

    Raises :class:`ConfigError` for a layer that is not there and for labels that do not fit.

    >>> import torch
    >>> model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
    >>> x, y = torch.eye(2).repeat(5, 1), torch.tensor([0, 1] * 5)
    >>> recorder = CollapseRecorder(model, (x, y), classes=2)
    >>> recorder.record(epoch=0)
    >>> recorder.recording().H.shape, float(recorder.recording().metrics["nc1_trace_ratio"][0])
    ((1, 8, 10), 0.0)
    """

    def __init__(
        self,
        model: nn.Module,
        data: Any,
        *,
        classes: int | Sequence[str],
        layer: str | None = None,
        test: Any = None,
        shown_per_class: int = 30,
    ):
        self.names = _names(classes)
        if not isinstance(shown_per_class, int) or shown_per_class < 1:
            raise ConfigError(
                "shown_per_class", f"shown_per_class = {shown(shown_per_class)}: use 1 or more, for example 30."
            )
        self.model, self.layer = model, last_layer(model, len(self.names), layer)
        self.batches = labelled_batches(data)
        self.test = None if test is None else labelled_batches(test, "test")
        self.per_class = max(1, min(shown_per_class, SHOWN // (self.layer.in_features * len(self.names))))
        self.labels: Labels | None = None
        self.shown: Shown | None = None
        self.snapshots: list[Snapshot] = []

    def record(self, epoch: float, step: int | None = None) -> None:
        """Measures the model as it is. `epoch` must not fall; `step` counts updates, by default calls of this."""
        before, was = (self.snapshots[-1].epoch, self.snapshots[-1].step) if self.snapshots else (0.0, -1)
        step = was + 1 if step is None else step
        counted = isinstance(epoch, (int, float)) and isinstance(step, int)
        if not counted or not (before <= epoch < math.inf and was < step):
            raise ConfigError(
                "epoch",
                f"epoch = {shown(epoch)}, step {shown(step)} cannot follow: count upwards from epoch {before:g} and"
                f" step {was + 1}, steps in whole numbers, for example record({before:g}).",
            )
        if len(self.snapshots) == MAX_SNAPSHOTS:
            raise ConfigError(
                "epoch", f"epoch = {shown(epoch)} is one too many: record at most {MAX_SNAPSHOTS:,} times."
            )
        with untouched(self.model, self.layer.weight.device.type):
            self.snapshots.append(self._look(float(epoch), step))

    def recording(self) -> Recording:
        """What has been recorded so far."""
        if self.shown is None or self.labels is None or not self.snapshots:
            raise ConfigError("epoch", "epoch: nothing is recorded yet: call record(epoch), for example record(0).")
        return Recording.of(
            self.snapshots,
            self.shown,
            config=None,
            names=self.names,
            counts=np.bincount(self.labels),
            outcome=Outcome.DONE,
            stop_reason=f"Recorded {len(self.snapshots):,} times.",
        )

    def save(self, path: str | Path) -> None:
        """Writes net.npz. Raises OSError where nothing can be written."""
        probe(Path(path))
        save_recording(self.recording(), path)

    def _look(self, epoch: float, step: int) -> Snapshot:
        stream = _Stream(self)
        first = first_pass(stream, len(self.names), torch.finfo(self.layer.weight.dtype).eps)
        self._check(first)
        W, b = _array(self.layer.weight), self.layer.bias
        bias = None if b is None else _array(b)
        if not all(np.abs(block).max() <= LARGEST for block in (W, bias) if block is not None):  # NaN neither
            raise ConfigError(
                "layer",
                f"layer: its weights hold NaN, or entries beyond {LARGEST:g}: record before the loop diverges.",
            )
        found = measure(W, bias, stream, first, self.shown.samples if self.shown else None)
        clock = {"epoch": epoch, "step": step, "log_time": math.nan, "phase": "recorded"}
        return Snapshot.seen(W, bias, first, found, self._confusion(W, bias), **clock)

    def _check(self, first: FirstPass) -> None:
        """The stream gives what it gave the first time, of every class; the first time, chooses what is shown."""
        if not first.energy < LARGEST**2:  # NaN neither
            raise ConfigError(
                "data", f"data: features hold NaN, or entries beyond {LARGEST:g}: record before the loop diverges."
            )
        if self.labels is None:
            if not first.counts.all():
                empty = self.names[int(np.argmin(first.counts))]
                raise ConfigError("classes", f"classes: none of the data are of class {shown(empty)}: leave it out.")
            self.labels = first.labels
            self.shown = Shown.evenly(first.labels, len(self.names), self.per_class)
        elif not np.array_equal(first.labels, self.labels):
            raise ConfigError(
                "data", "data come in another order than before: give a data set, or a pair (x, y), for example (x, y)."
            )

    def _confusion(self, W: Array, bias: Array | None) -> Labels:
        """(K, K): test samples of a row's class that the model reads as a column's."""
        counts = np.zeros((len(self.names),) * 2, dtype=np.int64)
        for x, y in self.test() if self.test else ():
            H, labels = self._features(x, y)
            answers = (W @ H if bias is None else W @ H + bias[:, None]).argmax(axis=0)
            np.add.at(counts, (labels, answers), 1)
        return counts

    def _features(self, x: Tensor, y: Tensor) -> tuple[Array, Labels]:
        """Features (d, B) and labels (B,) of a batch."""
        weight = self.layer.weight
        H = features_before(self.model, self.layer, x.to(weight.device))
        labels = np.asarray(y.cpu())
        K = len(self.names)
        if labels.dtype.kind not in "iu" or labels.shape != (len(x),) or labels.min() < 0 or labels.max() >= K:
            raise ConfigError("classes", f"classes: labels are to be whole numbers from 0 to {K - 1}, one a sample.")
        return _array(H).T, labels.astype(np.int64)


def _names(classes: Any) -> tuple[str, ...]:
    """The classes' names, as net.npz can hold them."""
    held = range(classes) if isinstance(classes, int) else classes
    if isinstance(held, (str, bytes)) or not isinstance(held, Sequence) or len(held) < 2:
        raise ConfigError(
            "classes", f"classes = {shown(classes)}: give their number, 2 or more, or their names, for example 10."
        )
    names = tuple(map(str, held))
    for name in names:
        if not is_plain(name):
            raise ConfigError("classes", f"classes: {shown(name)} is no name: use printable text, for example cat.")
    return names


class _Stream:
    """Features and labels of all data, batch by batch: computed once and remembered if they are few, else each time."""

    def __init__(self, recorder: CollapseRecorder):
        self.recorder = recorder
        self.remembered: list[tuple[Array, Labels]] = []
        self.complete = False

    def __call__(self) -> Iterator[tuple[Array, Labels]]:
        if self.complete:
            yield from self.remembered
            return
        numbers = 0
        for x, y in self.recorder.batches():
            batch = self.recorder._features(x, y)
            numbers += batch[0].size
            if numbers <= REMEMBERED:
                self.remembered.append(batch)
            else:
                self.remembered.clear()
            yield batch
        if not numbers:
            raise ConfigError("data", "data hold no samples: give at least one of each class, for example (x, y).")
        self.complete = numbers <= REMEMBERED


def _array(tensor: Tensor) -> Array:
    return tensor.detach().double().cpu().numpy().copy()
