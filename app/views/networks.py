"""The screen of real networks: its presets, its words and tables. Plain data from plain numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

from app.network_link import NETWORK_PAGE, NetworkLab, network_relevant
from app.views.tables import table
from ulpm_core.film.network_words import DATASET_WORDS
from ulpm_core.film.words import number
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.recording import Recording, closest_classes

NETWORK_WORDS: Final = {
    **DATASET_WORDS,
    "digits": "Digits, 8×8",
    "mlp": "MLP: fully connected",
    "convnet": "Convolutional",
    "resnet18": "ResNet-18",
    "vgg13": "VGG-13",
    "relu": "ReLU: 0 or more",
    "none": "None: any sign",
    "constant": "Constant",
    "cosine": "Cosine",
    "step": "In three steps",
    "cpu": "Processor",
    "cuda": "GPU",
}
"""What a choice is called on screen."""
DECAY: Final = (
    "Without weight decay collapse is a limit (Ji et al., ICLR 2022): the gradient dies with the loss, so plain SGD"
    " freezes half-way, and only log time shows where it was going.",
    "In trainings of usual length the figures shrink mainly where weight decay is part of the gradient, as it is here"
    " (“Optimizer Choice Matters for the Emergence of Neural Collapse”, ICLR 2026).",
)
"""THEORY.md section 4, its last bullets."""
METRICS: Final = {
    "nc1_trace_ratio": ("NC1, within / between", "Tr Σ_W / Tr Σ_B, centred"),
    "nc1": ("NC1, Papyan, Han and Donoho", "Tr(Σ_W Σ_B⁺) / K"),
    "nc2_norms": ("NC2, lengths of class means", "standard deviation / mean, centred"),
    "nc2_norms_w": ("NC2, lengths of classifiers", "standard deviation / mean, centred"),
    "nc2_angles": ("NC2, angles of class means", "mean |cos + 1/(K−1)|, centred"),
    "nc2_angles_w": ("NC2, angles of classifiers", "mean |cos + 1/(K−1)|, centred"),
    "nc3": ("NC3, classifiers against means", "‖W/‖W‖ − M/‖M‖‖, centred"),
    "nc4": ("NC4, unlike the nearest mean", "share of samples"),
    "q_min": ("smallest margin", "own logit less the largest other"),
    "gamma": ("γ, the margin against its bound", "at most 1"),
}
"""Name, and definition in short, of what `python -m ulpm_core measure` prints."""
OF_FEATURES: Final = ("nc1_trace_ratio", "nc1", "nc2_norms", "nc2_angles")
"""Those that need no classifiers."""


@dataclass(frozen=True)
class NetworkPreset:
    """A name, one sentence of what to watch, the training on stage, and perhaps one to compare it with."""

    name: str
    watch: str
    config: NetworkConfig
    pinned: NetworkConfig | None = None


WITHOUT_DECAY: Final = NetworkConfig(epochs=100, log_time_steps=0)
NETWORK_PRESETS: Final = (
    NetworkPreset(
        "Digits, log time",
        "Watch ten classes of handwritten digits come apart in ten epochs of SGD, and fold up in log time; no weight"
        " decay.",
        NetworkConfig(),
    ),
    NetworkPreset(
        "Three in the plane",
        "Watch 0, 1 and 2 with two features each: all that the network knows of an image is a dot in this plane.",
        NetworkConfig(classes="0,1,2", dimension=2, last_activation="none"),
    ),
    NetworkPreset(
        "Convolutional",
        "Watch a small convolutional net do the same: what folds up is its last layer, whatever comes before.",
        NetworkConfig(model="convnet", width=8, epochs=5, log_time_steps=100),
    ),
    NetworkPreset(
        "SGD alone",
        "Watch plain SGD freeze half-way: the loss is all but gone, and with it the gradient that would go on.",
        NetworkConfig(epochs=200, log_time_steps=0),
    ),
    NetworkPreset(
        "With weight decay",
        "Watch the same network without (A) and with (B) weight decay, on one clock: decay keeps the gradient alive.",
        WITHOUT_DECAY.with_changes(weight_decay=5e-4),
        WITHOUT_DECAY,
    ),
    NetworkPreset(
        "No collapse",
        "Watch a network without batch normalisation not collapse, even in log time: its early features are good"
        " enough, and stay.",
        NetworkConfig(batch_norm="off"),
    ),
)


def network_preset_of(lab: NetworkLab) -> NetworkPreset | None:
    """The preset that is on stage, if it is one."""
    return next((p for p in NETWORK_PRESETS if p.config == lab.config and p.pinned == lab.pinned), None)


def about(seconds: float) -> str:
    """A wait as people say it.

    >>> about(0.2), about(14.3), about(80.0), about(130.0)
    ('1 second', '15 seconds', '1 minute', '2 minutes')
    """
    count, unit = (int(seconds) + 1, "second") if seconds < 59 else (max(1, round(seconds / 60)), "minute")
    return f"{count} {unit}{'s' * (count > 1)}"


def training_wait(words: str, seconds: float, waiting: bool) -> str:
    """How far a training is.

    >>> training_wait("epoch 7 of 10", 3.4, False), training_wait("", 14.0, True)
    ('Epoch 7 of 10, about 4 seconds left', 'Another network is being trained; then this one takes about 15 seconds')
    """
    if waiting:
        return f"Another network is being trained; then this one takes about {about(seconds)}"
    return f"{words[:1].upper()}{words[1:] or 'Starting'}, about {about(seconds)} left"


def difference(pinned: NetworkConfig, now: NetworkConfig) -> str:
    """What differs between two trainings.

    >>> difference(NetworkConfig(), NetworkConfig(seed=7))
    'A pinned: Seed 0. B now: Seed 7.'
    """
    names = [name for name in NETWORK_PAGE if getattr(pinned, name) != getattr(now, name)]
    if not names:
        return "A and B are the same training: turn one knob to compare."
    said = [
        ", ".join(f"{NETWORK_PAGE[n].label} {_value(getattr(run, n))}" for n in names if network_relevant(n, run))
        for run in (pinned, now)
    ]
    return f"A pinned: {said[0]}. B now: {said[1]}."


def _value(value: object) -> str:
    return NETWORK_WORDS.get(value, value) if isinstance(value, str) else f"{value:,.10g}"


def decay_sentence(one: Recording, other: Recording) -> str:
    """What weight decay did to two trainings that differ in it alone, or nothing.

    One of them has none; which of them is pinned does not matter.
    """
    if one.config is None or other.config is None or bool(one.config.weight_decay) == bool(other.config.weight_decay):
        return ""
    if one.config.with_changes(weight_decay=0.0) != other.config.with_changes(weight_decay=0.0):
        return ""
    plain, decayed = (other, one) if one.config.weight_decay else (one, other)
    figures = [
        (name, float(plain.metrics[key][-1]), float(decayed.metrics[key][-1])) for name, key in _COMPARED.items()
    ]
    said = "; ".join(f"{name} {number(a)} without and {number(b)} with decay" for name, a, b in figures)
    down = [name for name, a, b in figures if b < 0.9 * a]
    verdict = f"decay sped up {' and '.join(down)}" if down else "decay sped up neither"
    return f"After {number(float(plain.epoch[-1]))} epochs: {said}. Here {verdict}."


_COMPARED: Final = {"NC1": "nc1_trace_ratio", "NC3": "nc3"}


def model_sentence(network: Recording, model: Mapping[str, float], start: int, end: str) -> str:
    """The end of a network beside that of the model that was started from it."""
    here = {key: float(network.metrics[key][-1]) for key in ("nc1_trace_ratio", "nc2_angles", "gamma")}
    tighter = "the network" if here["nc1_trace_ratio"] < model["nc1_trace_ratio"] else "the model"
    return (
        f"Both from epoch {number(float(network.epoch[start]))} on. The network (B) ends with {_figures(here)}. The"
        f" model (A), whose features are free to follow their own gradient flow, ends at t = {end} with"
        f" {_figures(model)}. Of the two {tighter} has the tighter clusters."
    )


def _figures(values: Mapping[str, float]) -> str:
    nc1, angles, gamma = (number(values[key]) for key in ("nc1_trace_ratio", "nc2_angles", "gamma"))
    return f"NC1 {nc1}, NC2 angles {angles}, γ {gamma}"


def closest_table(recording: Recording) -> str:
    """The pairs of classes that a network holds closest together."""
    ideal = f"cosine (ideal {number(-1 / (len(recording.names) - 1))})"
    tested = bool(recording.confusion[-1].sum())
    head = ("classes", ideal, *(["test images confused"] if tested else []))
    rows = [
        (f"{pair.first} and {pair.second}", number(pair.cosine), *([f"{pair.confused}"] if tested else []))
        for pair in closest_classes(recording)
    ]
    return table(head, rows)


def metrics_table(recording: Recording) -> str:
    """What `measure` prints, of the last moment; of features alone without what needs classifiers."""
    rows = []
    for key, (name, definition) in METRICS.items():
        if recording.classified or key in OF_FEATURES:
            value = float(recording.metrics[key][-1])
            rows.append((name, number(value) if math.isfinite(value) else "not defined", definition))
    return table(("figure", "value", "definition"), rows)


def paragraphs(sentences: list[str]) -> str:
    """Sentences as the page shows them."""
    return "".join(f'<p class="lab-sentence">{escape(sentence)}</p>' for sentence in sentences if sentence)
