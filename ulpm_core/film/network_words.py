"""Writes sentences about a network from its own numbers, which never claim more than these show."""

from __future__ import annotations

from typing import Final

import numpy as np

from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.film.cited import cited
from ulpm_core.film.words import dimensions
from ulpm_core.model.number_words import number, power_of_e
from ulpm_core.model.shapes import Labels, Shaped
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.recording import Recording

MODEL_WORDS: Final = {"mlp": "MLP", "convnet": "convolutional net", "resnet18": "ResNet-18", "vgg13": "VGG-13"}
DATASET_WORDS: Final = {
    "digits": "Digits",
    "mnist": "MNIST",
    "fashion-mnist": "Fashion-MNIST",
    "kmnist": "KMNIST",
    "cifar-10": "CIFAR-10",
}
UNCLASSIFIED: Final = (
    "No W came with these features: loss, accuracy, NC3, NC4 and γ, which need classifiers, are left out."
)
NC1, ANGLES, NC3 = "nc1_trace_ratio", "nc2_angles", "nc3"
"""The curves that are told."""
FELL: Final = 1.1
"""A figure has fallen once it is 1.1 times smaller: networks that do not collapse move by less (docs/theory.md 7)."""


def subject(config: NetworkConfig | None) -> str:
    """Returns the name of what is trained, for example: Digits, MLP."""
    return f"{DATASET_WORDS[config.dataset]}, {MODEL_WORDS[config.model]}" if config else "A network of your own"


def when(recording: Recording, snapshot: int) -> str:
    """Names the moment of a snapshot; a step of log time counts as an epoch."""
    return f"epoch {number(float(recording.epoch[snapshot]))}"


def note(kept: int, counts: Shaped[Labels, "K"]) -> str:
    """Says how many of the training samples are shown as dots; empty where all are."""
    least, most = int(counts.min()), int(counts.max())
    if kept == most:
        return ""
    every = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    return f"Showing {kept} of {every} training samples per class; means and curves are of all."


def sentences(recording: Recording) -> list[str]:
    """Two to five sentences from the recording's own numbers, in which values of curves are marked
    (:mod:`ulpm_core.film.cited`).
    """
    if recording.outcome is Outcome.DIVERGED:
        return [recording.stop_reason, "The film shows the training up to there."]
    room, caution = _room(*recording.W.shape[1:]), [recording.caution] * bool(recording.caution)
    if not recording.classified:
        return [*_collapse(recording, 0, "at first"), *room, UNCLASSIFIED, *caution]
    said = [_error(recording), *_collapse(recording, recording.zero_error, "at zero error"), *room]
    if recording.outcome is Outcome.CANCELLED:
        return [recording.stop_reason, *said, *caution]
    trained = [] if recording.config is None else [_training(recording, recording.config)]
    return [*said, *trained, *caution]


def _room(classes: int, dimension: int) -> list[str]:
    """Why the angles cannot become ideal, where they cannot.

    >>> _room(10, 9), _room(6, 2)
    ([], ['No 6 directions in 2 dimensions are a simplex: NC2 measures from an ideal that cannot be reached here.'])
    """
    if dimension >= classes - 1:
        return []
    where = dimensions(dimension)
    return [
        f"No {classes} directions in {where} are a simplex: NC2 measures from an ideal that cannot be reached here."
    ]


def _error(recording: Recording) -> str:
    """Says since when the training error is zero, and how many test samples are read correctly now."""
    N, since = int(recording.counts.sum()), recording.zero_error
    if since is None:
        wrong = max(1, round((1.0 - float(recording.train_accuracy[-1])) * N))
        said = f"{wrong:,} of {N:,} training samples {'is' if wrong == 1 else 'are'} "
        if len(recording) == 1:
            said += "misclassified"
        else:
            again = (recording.train_accuracy == 1.0).any()
            said = f"At {when(recording, -1)}, {said}" + ("misclassified again" if again else "still misclassified")
    elif len(recording) == 1:
        said = f"Every one of {N:,} training samples is read correctly"
    elif since == 0:
        said = "Training error is zero from the first look on"
    else:
        said = f"Training error is zero from {when(recording, since)} on"
    tested = int(recording.confusion[-1].sum())
    if not tested:
        return said + "."
    right = int(np.trace(recording.confusion[-1]))
    return f"{said}; of {tested:,} test samples {right:,} are read correctly at {when(recording, -1)}."


def _collapse(recording: Recording, since: int | None, then: str) -> list[str]:
    """Says how far NC1, angles and NC3 have come since a snapshot, called `then`; their values where there is none."""
    nc1, angles, nc3 = (recording.metrics[name] for name in (NC1, ANGLES, NC3))
    K, last = len(recording.counts), len(recording) - 1
    if not np.isfinite([nc1[-1], angles[-1]]).all():
        return ["The class means have no length here, so NC1 and angles are not defined."]
    figures = {"NC1": NC1} | ({f"the mean |cos + 1/{K - 1}| of class means": ANGLES} if K > 2 else {})
    if since is None or since == last or not np.isfinite([nc1[since], angles[since]]).all():
        now = [f"{name} is {_value(recording, curve, last)}" for name, curve in figures.items()]
        at = f"At {when(recording, -1)} " if last else ""  # of one moment nobody asks which
        also = f", NC3 {_value(recording, NC3, last)}" if np.isfinite(nc3[-1]) else ""
        return [f"{at}{' and '.join(now)}{also}."]
    began = {curve: float(recording.metrics[curve][since]) for curve in figures.values()}
    fell = {curve for curve, then in began.items() if then > 0 and then >= FELL * recording.metrics[curve][-1]}
    if not fell:
        stayed = [f"{name} {_then_and_now(recording, curve, since, then)}" for name, curve in figures.items()]
        return [f"Nothing collapsed further: {'; '.join(stayed)}.", *_nc3(recording, since, then)]
    went = [_went(recording, name, curve, since, curve in fell, then) for name, curve in figures.items()]
    start = "there" if recording.classified else when(recording, since)
    return [f"From {start} to {when(recording, -1)} {' and '.join(went)}.", *_nc3(recording, since, then)]


def _went(recording: Recording, name: str, curve: str, since: int, fell: bool, then: str) -> str:
    before, after = (float(recording.metrics[curve][t]) for t in (since, -1))
    if not fell:
        how = "rose" if after > FELL * before else "hardly changed"
        return f"{name} {how} ({_then_and_now(recording, curve, since, then)})"
    times = f"{number(before / after)}-fold, " if after > 0 else ""
    last = len(recording) - 1
    return f"{name} fell {times}from {_value(recording, curve, since)} to {_value(recording, curve, last)}"


def _then_and_now(recording: Recording, curve: str, since: int, then: str) -> str:
    last = len(recording) - 1
    return f"{_value(recording, curve, since)} {then}, {_value(recording, curve, last)} at the end"


def _value(recording: Recording, curve: str, snapshot: int) -> str:
    """Returns the value of a curve at a snapshot, marked as that."""
    return cited(curve, snapshot, number(float(recording.metrics[curve][snapshot])))


def _nc3(recording: Recording, since: int, then: str) -> list[str]:
    """The distance left between classifiers and class means. Part of it stays (docs/theory.md 7): never called 0."""
    if not np.isfinite(recording.metrics[NC3][[since, -1]]).all():
        return []
    stands = _then_and_now(recording, NC3, since, then)
    return [f"NC3, how far classifiers and class means are apart, is {stands}."]


def _training(recording: Recording, config: NetworkConfig) -> str:
    over = -1 if recording.hand_over is None else recording.hand_over
    decay = f"with weight decay {config.weight_decay:g}" if config.weight_decay else "without weight decay"
    said = f"Trained {decay}: {_counted(float(recording.epoch[over]), 'epoch')} of SGD"
    if recording.hand_over is None:
        return said + "."
    steps, end = int(recording.step[-1] - recording.step[over]), power_of_e(float(recording.log_time[-1]))
    return f"{said}, then {_counted(steps, 'step')} on log L, of one epoch each, to t = {end}."


def _counted(count: float, noun: str) -> str:
    return f"{number(count)} {noun}{'s' * (count != 1)}"
