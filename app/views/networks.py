"""Words and tables of the Real networks screen: plain data from plain numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from app.views.tables import table
from app.views.texts import Figure
from app.views.words import about, ordinal
from ulpm_core.analysis.curves import CURVES
from ulpm_core.claims.making import claim_of
from ulpm_core.model.number_words import number
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.recording import Recording, closest_classes


class Ends(NamedTuple):
    """The model beside a network: the t at which it ends, and the metrics of both ends, on the same samples."""

    time: str
    model: dict[str, float]
    network: dict[str, float]


DECAY: Final = (
    "Without weight decay collapse is a limit (Ji et al., ICLR 2022): the gradient dies with the loss, so plain SGD"
    " freezes half-way, and only log time shows where it was going.",
    "In trainings of usual length the figures shrink mainly where weight decay is part of the gradient, as this lab"
    " adds it (“Optimizer Choice Matters for the Emergence of Neural Collapse”, ICLR 2026).",
)
"""What weight decay does, in sentences: docs/theory.md 8.3."""
MEANINGS: Final = (
    ("Feature h", "What the last layer is given of an image: d numbers, one dot."),
    ("Classifier w", "A row of the last layer's weights, one for each class: the largest w · h is the answer."),
    (
        "Neural collapse",
        "The features of a class meet in one point, these points spread out evenly, and each w points at its own.",
    ),
    ("NC1", "Spread inside the classes over spread between them: 0 when every class is one point."),
    ("NC2", "How unlike the angles, and the lengths, of class means are: 0 when they form a simplex."),
    ("NC3", "How far classifiers and class means are apart: 0 when each w points at its class mean."),
    (
        "γ, balanced",
        "The smallest margin against the largest that W and H could have. Larger features with smaller classifiers give"
        " the same answers, so both are first scaled to one size: at most 1.",
    ),
    ("Zero training error", "From here on every training image is read correctly. Collapse is what comes after."),
    ("Log time", "Steps on log L in place of L. As L falls each stands for more time t, so the limit comes in sight."),
)
GREETING: Final = "Choose a network, press Train, and watch its last layer fold up."
LOOKS: Final = 5
"""Snapshots at the end whose median stands for a figure of SGD, which goes up and down: one snapshot says little."""


def training_wait(words: str, seconds: float, before: int, letter: str = "") -> str:
    """Says how far a training is, and how long it takes to its end. `before` others are trained first, and `letter`
    says which of two on stage it is.

    >>> training_wait("epoch 7 of 10", 3.4, 0), training_wait("", 14.0, 0, "A")
    ('Epoch 7 of 10, about 4 seconds left', 'A: starting, about 15 seconds left')
    >>> training_wait("", 38.0, 1)
    '2nd in line, about 39 seconds left: another network is trained first'
    >>> training_wait("", 118.0, 2)
    '3rd in line, about 2 minutes left: 2 others are trained first'
    """
    said = f"{words or 'starting'}, about {about(seconds)} left"
    if before:
        first = "another network is" if before == 1 else f"{before} others are"
        said = f"{ordinal(before + 1)} in line, about {about(seconds)} left: {first} trained first"
    return f"{letter}: {said}" if letter else said[:1].upper() + said[1:]


def whose(digest: str, now: NetworkConfig, pinned: NetworkConfig | None) -> str:
    """Says whose film is on stage, by its `digest`, where it is not the one asked for; empty where it is.

    >>> whose(NetworkConfig().digest, NetworkConfig(seed=7), NetworkConfig())
    'On stage is A alone, which is trained first.'
    """
    if digest == now.digest:
        return ""
    if pinned is not None and digest == pinned.digest:
        return "On stage is A alone, which is trained first."
    return "On stage is still the film of the settings before: Train makes that of the new ones."


def download_name(config: NetworkConfig) -> str:
    """Returns a name for the file of a training, which no other training has.

    >>> download_name(NetworkConfig(seed=7)), download_name(NetworkConfig(epochs=200))
    ('network-digits-mlp-seed-7-e2827a00', 'network-digits-mlp-seed-0-d41e7fd4')
    """
    return f"network-{config.dataset}-{config.model}-seed-{config.seed}-{config.digest[:8]}"


def decay_sentence(one: Recording, other: Recording) -> str:
    """Says what weight decay did to two trainings that differ in it alone; empty where they do not.

    One of them has none; which of them is pinned does not matter.
    """
    if one.config is None or other.config is None or bool(one.config.weight_decay) == bool(other.config.weight_decay):
        return ""
    if one.config.with_changes(weight_decay=0.0) != other.config.with_changes(weight_decay=0.0):
        return ""
    plain, decayed = (other, one) if one.config.weight_decay else (one, other)
    lately = {
        name: [float(np.median(recording.metrics[key][-LOOKS:])) for recording in (plain, decayed)]
        for name, key in (("NC1", "nc1_trace_ratio"), ("NC3", "nc3"))
    }
    said = "; ".join(f"{name} {number(a)} without and {number(b)} with decay" for name, (a, b) in lately.items())
    down = [name for name, (a, b) in lately.items() if b < 0.9 * a]
    verdict = f"decay lowered {' and '.join(down)}" if down else "decay lowered neither"
    end = number(float(plain.epoch[-1]))
    return f"Toward epoch {end} (the median of the last {LOOKS} looks): {said}. Here {verdict}."


def model_sentence(recording: Recording, found: Ends, start: int) -> str:
    """Compares the end of a network with that of the model that was started from it, both on the samples that are
    shown.
    """
    network, model = found.network, found.model
    tighter = "the network" if network["nc1_trace_ratio"] < model["nc1_trace_ratio"] else "the model"
    shown = len(recording.labels) // len(recording.names)
    return (
        f"Both from epoch {number(float(recording.epoch[start]))} on, and on the {shown} samples of each class that are"
        f" shown. The network (B) ends with {_figures(network)}. The model (A), whose features are free to follow their"
        f" own gradient flow, ends at t = {found.time} with {_figures(model)}. Of the two {tighter} has the tighter"
        " clusters."
    )


def _figures(values: Mapping[str, float]) -> str:
    nc1, angles, gamma = (number(values[key]) for key in ("nc1_trace_ratio", "nc2_angles", "gamma_balanced"))
    return f"NC1 {nc1}, NC2 angles {angles}, balanced γ {gamma}"


def closest_table(recording: Recording, digest: str) -> str:
    """Returns a table of the pairs of classes that a network holds closest together: those closer than the ideal, one
    at least. `digest` is that of its film.
    """
    least = -1 / (len(recording.names) - 1)
    columns = 3 if recording.confusion[-1].any() else 2  # without test images none is confused
    head = ("classes", f"cosine (ideal {number(least)})", "test images confused")

    def cosine(*names: str) -> Figure:
        a, b = map(recording.names.index, names)
        claim = claim_of(recording, f"cosine_{a}_{b}", digest=digest)
        return Figure(number(claim.value), claim)

    rows = [
        (f"{pair.first} and {pair.second}", cosine(pair.first, pair.second), f"{pair.confused}")
        for place, pair in enumerate(closest_classes(recording))
        if place == 0 or pair.cosine > least
    ]
    return table(head[:columns], [row[:columns] for row in rows])


def metrics_table(recording: Recording, digest: str) -> str:
    """Returns a table of what `measure` prints, of the last moment; of features alone without the rows that need
    classifiers. `digest` is that of its film.
    """
    rows: list[tuple[str, str | Figure, str]] = []
    for curve in CURVES.values():
        if curve.figure and (recording.classified or curve.on == "features") and curve.known(recording):
            (name, definition), value = curve.figure, float(recording.metrics[curve.name][-1])
            said = (
                Figure(number(value), claim_of(recording, curve.name, digest=digest))
                if math.isfinite(value)
                else "not defined"
            )
            rows.append((name, said, definition))
    return table(("figure", "value", "definition"), rows)


def meanings_table() -> str:
    """Returns a table of the words of this screen, each with its meaning."""
    return table(("word", "meaning"), MEANINGS)
