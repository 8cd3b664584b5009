"""`Recording`: what a network did on its training set, as frozen arrays; from a run here or from anyone's own loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ulpm_core.analysis.collapse import cosines
from ulpm_core.analysis.metrics import metric_names
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.model.plain import plain
from ulpm_core.model.refusal import refuse
from ulpm_core.model.shapes import Array, Labels, Shaped
from ulpm_core.model.shown import Shown, Table
from ulpm_core.model.state import State
from ulpm_core.networks.config import NetworkConfig

LARGEST: Final = 1e30
"""Largest entry of what is shown: a film holds float32, which ends at 3e38."""
LONGEST_TEXT: Final = 1000
PHASES: Final = ("sgd", "log-time", "recorded")


def is_plain(text: str) -> bool:
    """Returns whether text can stand in a file, and on a page, as it is."""
    return len(text) <= LONGEST_TEXT and text.isprintable()


class Snapshot(NamedTuple):
    """One moment: the fields of a :class:`Recording` without their first axis."""

    W: Shaped[Array, "K d"]
    bias: Shaped[Array, "K"] | None
    spread: Shaped[Array, "K"] | None
    H: Shaped[NDArray[np.float32], "d M"]
    means: Shaped[Array, "K d"]
    epoch: float
    step: int
    log_time: float
    phase: str
    log_loss: float
    train_accuracy: float
    test_accuracy: float
    confusion: Shaped[Labels, "K K"]
    metrics: Mapping[str, float]
    depth: Shaped[Array, "L"] | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays, in memory and, but for what packs well, in a file."""
        return sum(part.nbytes for part in self if isinstance(part, np.ndarray))


def evenly(labels: Shaped[Labels, "N"], classes: int, per_class: int) -> Shaped[Labels, "M"]:
    """The samples whose features are kept, by their places in the training set, all of class 0 first: as many of each
    class, evenly spread over its samples; fewer where the smallest class has fewer.

    >>> evenly(np.array([1, 0, 0, 0, 1, 0]), 2, 2).tolist()
    [1, 5, 0, 4]
    """
    of_class = [np.flatnonzero(labels == k) for k in range(classes)]
    n = min(per_class, *map(len, of_class))
    return np.concatenate([where[np.linspace(0, len(where) - 1, n).round().astype(int)] for where in of_class])


@dataclass(frozen=True, eq=False, repr=False)
class Recording(Shown):
    """Snapshots of a network; the last one is its end state.

    W are the classifiers, all 0 where nobody gave them, and bias that of the last layer, or None; H the features of the
    samples shown, in float32, with their labels and `samples`, their places in the training set; means of classes,
    their sizes `counts` and names; spread the sums over each class of ||h - hbar_k||^2, None in a file from before it.
    phase is one of PHASES. log_time is that of gradient flow on the summed loss: a step of SGD counts learning_rate /
    (1 - momentum) / N; NaN where nobody knows. log_loss is of the sum; test_accuracy NaN where no test set was given;
    confusion counts test images of a row's class that were read as a column's. `metrics` holds each metric's values by
    its name; those of `unmeasured` are younger than the file, and NaN. Means, loss, accuracies and metrics are those of
    the WHOLE training set, not of the samples shown. `caution` is a sentence on what the end's numbers cannot tell, for
    whoever shows them; no file holds it. `layers` are names of layers inside the network, and depth is Tr Sigma_W /
    Tr Sigma_B of what they give, None where none were asked for.

    >>> from io import BytesIO
    >>> from ulpm_core.files.features import load_snapshots
    >>> np.savez(file := BytesIO(), H=np.eye(2), W=np.eye(2), labels=[0, 1])
    >>> recording = load_snapshots(file)
    >>> recording.W.shape, recording.counts.tolist(), float(recording.metrics["gamma"][-1])
    ((1, 2, 2), [1, 1], 0.5)
    """

    config: NetworkConfig | None
    names: tuple[str, ...]
    counts: Shaped[Labels, "K"]
    labels: Shaped[Labels, "M"]
    samples: Shaped[Labels, "M"]
    W: Shaped[Array, "T K d"]
    bias: Shaped[Array, "T K"] | None
    spread: Shaped[Array, "T K"] | None
    H: Shaped[NDArray[np.float32], "T d M"]
    means: Shaped[Array, "T K d"]
    epoch: Shaped[Array, "T"]
    step: Shaped[Labels, "T"]
    log_time: Shaped[Array, "T"]
    phase: Shaped[NDArray[np.str_], "T"]
    log_loss: Shaped[Array, "T"]
    train_accuracy: Shaped[Array, "T"]
    test_accuracy: Shaped[Array, "T"]
    confusion: Shaped[Labels, "T K K"]
    metrics: Mapping[str, Shaped[Array, "T"]]
    outcome: Outcome
    stop_reason: str
    unmeasured: tuple[str, ...] = ()
    caution: str = ""
    layers: tuple[str, ...] = ()
    depth: Shaped[Array, "T L"] | None = None

    def __post_init__(self) -> None:
        for value in (*vars(self).values(), *self.metrics.values()):
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    @classmethod
    def of(cls, snapshots: Sequence[Snapshot], **rest: Any) -> Recording:
        """The recording of these snapshots; `rest` are the fields that a snapshot has not."""
        stacked: dict[str, Any] = {name: np.stack([getattr(s, name) for s in snapshots]) for name in STACKED}
        without = np.zeros(len(snapshots[0].W))
        any_bias = any(s.bias is not None for s in snapshots)
        bias = np.stack([without if s.bias is None else s.bias for s in snapshots]) if any_bias else None
        spreads = [s.spread for s in snapshots if s.spread is not None]
        spread = np.stack(spreads) if len(spreads) == len(snapshots) else None
        metrics = {name: np.array([s.metrics.get(name, np.nan) for s in snapshots]) for name in metric_names()}
        depths = [s.depth for s in snapshots if s.depth is not None]
        depth = np.stack(depths) if len(depths) == len(snapshots) else None
        return cls(bias=bias, spread=spread, depth=depth, metrics=metrics, **stacked, **rest)

    def snapshots(self) -> list[Snapshot]:
        """The moments one by one: the inverse of :meth:`of`."""
        return [
            Snapshot(
                **{name: getattr(self, name)[t] for name in STACKED},
                bias=None if self.bias is None else self.bias[t],
                spread=None if self.spread is None else self.spread[t],
                depth=None if self.depth is None else self.depth[t],
                metrics={name: values[t].item() for name, values in self.metrics.items()},
            )
            for t in range(len(self))
        ]

    def __len__(self) -> int:
        return len(self.step)

    def __repr__(self) -> str:
        of = f"W {self.W.shape}, H {self.H.shape} of {int(self.counts.sum()):,} samples"
        return f"Recording({of}, {self.outcome} at epoch {self.epoch[-1]:g})"

    def table(self) -> Table:
        """The figures of the last snapshot, by the names that the command line prints."""
        K, d = self.W.shape[1:]
        title = f"{K} classes in {d} dimension{'s' if d > 1 else ''}, {int(self.counts.sum()):,} samples."
        sentences = [self.stop_reason, *([self.caution] if self.caution else [])]
        return Table(title, sentences, ["figure", "at the end"], list(self.figures().items()))

    @property
    def classified(self) -> bool:
        """True if there are classifiers: without any (W = 0), only the figures of the features mean anything."""
        return bool(self.W.any())

    @property
    def zero_error(self) -> int | None:
        """The first snapshot from which on every training sample is read correctly; None where the last is not."""
        wrong = np.flatnonzero(self.train_accuracy < 1.0)
        first = int(wrong[-1]) + 1 if len(wrong) else 0
        return first if first < len(self) else None

    @property
    def hand_over(self) -> int | None:
        """The last snapshot by SGD, from which log time takes over; None where there is none or no log time."""
        by_sgd = np.flatnonzero(self.phase == "sgd")
        return int(by_sgd[-1]) if len(by_sgd) and by_sgd[-1] < len(self) - 1 else None

    def state(self, snapshot: int = -1) -> State:
        """(W, H) of the samples shown, as the model's own start: the ULPM can go on from here.

        Raises :class:`ConfigError` where the last layer has a bias, which the model does not know.
        """
        if self.bias is not None:
            raise refuse("bias", "on", "is not in the model, which has W and H only", "off")
        return State(self.W[snapshot], self.H[snapshot].astype(np.float64))

    def measured(self, frame: int = -1) -> dict[str, Any]:
        """Returns the answer of `python -m ulpm_core measure net.npz`: sizes, and the figures of one snapshot, by
        default of the last.
        """
        K, d = self.W.shape[1:]
        return {"classes": K, "dimension": d, "samples": int(self.counts.sum()), **self.figures(frame)}

    def figures(self, frame: int = -1) -> dict[str, Any]:
        """The figures of one snapshot for the command line's JSON line; what is not defined is null."""
        values: dict[str, Any] = {name: getattr(self, name)[frame] for name in STACKED_NUMBERS}
        values |= {name: series[frame] for name, series in self.metrics.items()}
        since = self.zero_error
        then_on = since if since is not None and since <= range(len(self))[frame] else None
        values["zero_error_epoch"] = np.nan if since is None else self.epoch[since]
        for name in ("nc1_trace_ratio", "nc2_angles"):  # how many times smaller than at zero training error
            then, now = (np.nan, np.nan) if then_on is None else self.metrics[name][[then_on, frame]].tolist()
            values[name + "_drop"] = then / now if now else np.nan
        if self.depth is not None:
            values["nc1_by_depth"] = dict(zip(self.layers, self.depth[frame].tolist(), strict=True))
        figures: dict[str, Any] = plain(values)
        return figures


STACKED_NUMBERS: Final = ("epoch", "step", "log_time", "log_loss", "train_accuracy", "test_accuracy")
STACKED: Final = (*STACKED_NUMBERS, "W", "H", "means", "phase", "confusion")


class Pair(NamedTuple):
    """Two classes, the cosine between their centred means, and test images of either that were read as the other."""

    first: str
    second: str
    cosine: float
    confused: int


def closest_classes(recording: Recording, snapshot: int = -1, count: int = 3) -> list[Pair]:
    """The pairs of classes whose centred means make the smallest angles, closest first.

    A simplex has every cosine at -1/(K-1); what lies above it is where a network confuses two classes.

    >>> from io import BytesIO
    >>> from ulpm_core.files.features import load_snapshots
    >>> H = np.array([[1.0, 1.0, -1.0], [0.5, -0.5, 0.0]])
    >>> np.savez(file := BytesIO(), H=H, labels=[0, 1, 2], names=["cat", "dog", "car"])
    >>> closest_classes(load_snapshots(file), count=1)[0][:2]
    ('cat', 'dog')
    """
    means, sizes = recording.means[snapshot], recording.counts
    cosine = cosines(means - sizes @ means / sizes.sum())
    rows, columns = np.triu_indices(len(sizes), 1)
    closest = np.argsort(-cosine[rows, columns], kind="stable")[:count]
    mistakes = recording.confusion[snapshot] + recording.confusion[snapshot].T
    return [
        Pair(recording.names[a], recording.names[b], float(cosine[a, b]), int(mistakes[a, b]))
        for a, b in zip(rows[closest], columns[closest], strict=True)
    ]
