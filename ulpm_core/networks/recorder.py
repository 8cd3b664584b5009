"""`CollapseRecorder`: three lines in anyone's PyTorch loop."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from torch import Tensor, nn

from ulpm_core.analysis.class_means import ClassMeans, class_means
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.files.npz import MAX_BYTES, probe
from ulpm_core.files.recording import save_recording
from ulpm_core.model.refusal import refuse, shown, unfit
from ulpm_core.model.shapes import Array, Labels, Shaped
from ulpm_core.networks.answers import placed, precision_of, to_array
from ulpm_core.networks.arguments import labels_of, names_of, number, whole
from ulpm_core.networks.batches import Adapter, draws, labelled_batches
from ulpm_core.networks.foreign import draw_alike, refuse_what_cannot_be_run, untouched, unwrapped
from ulpm_core.networks.heads import Given, Head, candidates, given_head, present_head
from ulpm_core.networks.layers import Layers, layer_names
from ulpm_core.networks.recording import LARGEST, Recording, Snapshot, evenly
from ulpm_core.networks.streaming import measure

REMEMBERED: Final = 2**25
"""Most numbers of features kept between the two passes, 256 MB at most; beyond that the model is run twice."""
SHOWN: Final = 2**18
"""Most numbers of features kept of a snapshot, 1 MB."""
MAX_SNAPSHOTS: Final = 2000
USUAL: Final = 500
"""Where fewer records fit into a file that is read again, the first one says so."""
OTHERS: Final = ("data come in another order than before, or are others", "give a data set, or a pair", "(x, y)")


class CollapseRecorder:
    """Watches the last layer of a model that someone else trains.

    `data` are the training samples: a pair (x, y), a Dataset, or the loop's DataLoader, of which the samples that its
    sampler may draw are read in order; `test`, if given, likewise. A batch that is not (x, y) becomes so by
    `adapter`, for example lambda batch: (batch["image"], batch["label"]); x may be a dict of named inputs. `classes` is
    K, or their names; labels are whole numbers from 0 to K-1.

    `layer` is the last linear layer or its name, by default the one whose W h + b the model returns. Where the logits
    are made in another way, `head`, a function of model and x, says how: it returns features (B, d), W (K, d) and, if
    there is one, bias (K,), for example lambda model, x: (model.body(x), model.fc.weight / 0.1, model.fc.bias / 0.1).

    `layers` are names of layers inside the model, as model.named_modules() has them, of which NC1 is recorded, too.

    Every :meth:`record` runs a copy of the model on all of `data`, in evaluation mode and without gradients, and leaves
    modes, gradients, buffers and random numbers as they were. Random augmentation draws alike every time, and a
    warning says so. Memory stays bounded: sums over the stream, and features of `shown_per_class` samples a class, at
    most 1 MB a time.

    Raises :class:`ConfigError` for a layer that is not there, for logits that are not W h + b, and for labels that do
    not fit.

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
        classes: int | Iterable[str],
        layer: str | nn.Module | None = None,
        head: Given | None = None,
        adapter: Adapter | None = None,
        test: Any = None,
        shown_per_class: int = 30,
        layers: Iterable[str] = (),
    ):
        self.names = names_of(classes)
        per_class = whole(shown_per_class)
        if per_class is None or per_class < 1:
            raise refuse("shown_per_class", shown_per_class, "is no number of samples to show", "1 or more", 30)
        if head is not None and layer is not None:
            raise unfit("layer", "it is not used beside head, which says how logits are made", "give one of the two")
        self.model, self.per_class = unwrapped(model), per_class
        self.layers = layer_names(self.model, layers)
        self.find = partial(present_head, layer) if head is None else partial(given_head, head)
        among = candidates(self.model, len(self.names), layer) if head is None else []
        self.layer = among[0] if len(among) == 1 else None
        self.batches = labelled_batches(data, "data", adapter)
        self.test = None if test is None else labelled_batches(test, "test", adapter)
        self.labels: Labels = np.zeros(0, dtype=np.int64)
        self.samples = self.labels
        self.snapshots: list[Snapshot] = []

    def record(self, epoch: float, step: int | None = None) -> None:
        """Measures the model as it is. `epoch` must not fall; `step` counts updates, by default calls of this."""
        before, was = (self.snapshots[-1].epoch, self.snapshots[-1].step) if self.snapshots else (0.0, -1)
        moment, count = number(epoch), was + 1 if step is None else whole(step)
        if count is None or not (before <= moment < math.inf and was < count):
            raise unfit(
                "epoch",
                f"epoch = {shown(epoch)}, step {shown(was + 1 if step is None else step)} cannot follow",
                f"count upwards from epoch {before:g} and step {was + 1}, steps in whole numbers",
                f"record({before:g})",
            )
        if len(self.snapshots) == self._most():
            raise refuse(
                "epoch", epoch, "is one too many", f"at most {self._most():,} times", "every second epoch", do="record"
            )
        refuse_what_cannot_be_run(self.model)
        before_this = len(self.snapshots)
        with untouched(self.model):
            said = "" if before_this else draws(self.batches)
            self.snapshots.append(self._look(moment, count))
        if said:
            warnings.warn(said, stacklevel=2)
        if not before_this and self._most() < USUAL:
            warnings.warn(
                f"A record of {len(self.names):,} classes takes {self.snapshots[0].nbytes / 1e6:.0f} MB: at most"
                f" {self._most():,} fit into a file that is read again.",
                stacklevel=2,
            )

    def recording(self) -> Recording:
        """Returns the recording so far. Raises :class:`ConfigError` before the first record."""
        if not self.snapshots:
            raise unfit("epoch", "nothing is recorded yet", "call record(epoch)", "record(0)")
        return Recording.of(
            self.snapshots,
            config=None,
            names=self.names,
            layers=self.layers,
            counts=np.bincount(self.labels),
            labels=self.labels[self.samples],
            samples=self.samples,
            outcome=Outcome.DONE,
            stop_reason=f"Recorded {len(self.snapshots):,} times.",
        )

    def save(self, path: str | Path) -> None:
        """Writes net.npz. Raises OSError where nothing can be written."""
        probe(Path(path))
        save_recording(self.recording(), path)

    def _most(self) -> int:
        """Returns how many records a net.npz may hold so that it can be read again."""
        return min([MAX_SNAPSHOTS, *(MAX_BYTES // snapshot.nbytes for snapshot in self.snapshots[:1])])

    def _look(self, epoch: float, step: int) -> Snapshot:
        precision = precision_of(self.model)
        stream = _Stream(self, Layers(self.model, self.layers, len(self.names), precision))
        first = class_means(stream, len(self.names), precision)
        self._check(first)
        W, bias = stream.head.W, stream.head.bias
        clock = {"epoch": epoch, "step": step, "log_time": math.nan, "phase": "recorded"}
        depth = stream.layers.trace_ratios() if self.layers else None
        return measure(W, bias, stream, first, self.samples, self._confusion(stream.head), depth=depth, **clock)

    def _check(self, first: ClassMeans) -> None:
        """The stream gives what it gave the first time, of every class; the first time, chooses what is shown."""
        if not first.energy < LARGEST**2:  # NaN neither
            raise unfit("data", f"features hold NaN, or entries beyond {LARGEST:g}", "record before the loop diverges")
        d = first.means.shape[1]
        if not len(self.samples):
            if not first.counts.all():
                empty = self.names[int(np.argmin(first.counts))]
                raise unfit(
                    "classes",
                    f"none of the data are of class {shown(empty)}",
                    f"give samples of each of the {len(self.names)} classes",
                    "the whole training set",
                )
            self.labels = first.labels
            per_class = max(1, min(self.per_class, SHOWN // (d * len(self.names))))
            self.samples = evenly(first.labels, len(self.names), per_class)
        elif not np.array_equal(first.labels, self.labels):
            raise unfit("data", *OTHERS)
        elif self.snapshots and d != self.snapshots[0].W.shape[1]:
            raise unfit(
                "layer", f"{d} features where {self.snapshots[0].W.shape[1]} were recorded", "make another recorder"
            )

    def _confusion(self, head: Head) -> Shaped[Labels, "K K"]:
        """(K, K): test samples of a row's class that the model reads as a column's."""
        counts = np.zeros((len(self.names),) * 2, dtype=np.int64)
        draw_alike()
        for x, y in self.test() if self.test else ():
            labels = labels_of(y, len(self.names))
            H = to_array(head.features(self.model, placed(x, self.model), len(labels))).T
            answers = (head.W @ H if head.bias is None else head.W @ H + head.bias[:, None]).argmax(axis=0)
            np.add.at(counts, (labels, answers), 1)
        return counts


class _Stream:
    """Features and labels of all data, batch by batch: computed once and remembered if they are few, else each time.

    `head` is the last layer, found at the first batch.
    """

    def __init__(self, recorder: CollapseRecorder, layers: Layers):
        self.recorder, self.layers = recorder, layers
        self.head: Any = None
        self.remembered: list[tuple[np.ndarray, Labels]] = []
        self.complete = False

    def __call__(self) -> Iterator[tuple[Array, Labels]]:
        if self.complete:
            yield from ((H.T.astype(np.float64), labels) for H, labels in self.remembered)
            return
        recorder, numbers, seen, again = self.recorder, 0, 0, self.head is not None
        draw_alike()
        for x, y in recorder.batches():
            labels, x = labels_of(y, len(recorder.names)), placed(x, recorder.model)
            seen += len(labels)
            if again and not np.array_equal(labels, recorder.labels[seen - len(labels) : seen]):
                raise unfit("data", *OTHERS)
            H = self._features(x, len(labels)) if again else self._features_and_layers(x, labels)
            numbers += H.numel()
            if numbers <= REMEMBERED:
                self.remembered.append(((H.float() if H.element_size() < 4 else H).cpu().numpy().copy(), labels))
            else:
                self.remembered.clear()
            yield to_array(H).T, labels
        if again and seen != len(recorder.labels):
            raise unfit("data", *OTHERS)
        if not numbers:
            raise unfit("data", "data hold no samples", "give at least one of each class", "(x, y)")
        self.complete = numbers <= REMEMBERED

    def _features(self, x: Any, samples: int) -> Shaped[Tensor, "{samples} d"]:
        if self.head is not None:
            return self.head.features(self.recorder.model, x, samples)
        self.head, H = self.recorder.find(self.recorder.model, x, samples, len(self.recorder.names))
        self.recorder.layer = self.head.module
        return H

    def _features_and_layers(self, x: Any, labels: Labels) -> Shaped[Tensor, "{len(labels)} d"]:
        with self.layers.watched():
            H = self._features(x, len(labels))
        self.layers.add(labels)
        return H
