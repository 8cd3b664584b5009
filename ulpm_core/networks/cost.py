"""Predicts how long a training takes, by a model fitted on the README's machine; needs no torch."""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import pairwise
from typing import Final

from ulpm_core.dynamics.engines.cost import long_wait
from ulpm_core.model.refusal import refuse, span
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.datasets import SOURCES
from ulpm_core.networks.parameters import ALL_CLASSES

SIDE: Final = 32
"""resnet18 and vgg13 stretch images to it."""
DEEP: Final = 20
"""About how many layers those two have."""
BEGIN_SECONDS: Final = 1.5
"""Seconds to start a process and load torch."""
STEP_SECONDS: Final = 0.3e-3
"""Seconds of a step for each layer, whatever its size."""
SNAPSHOT_SECONDS: Final = 0.008
DENSE: Final = 2.0e-10
CONVOLUTION: Final = 1.1e-9
RESIDUAL: Final = 2.7e-9
"""Seconds of one multiplication, forwards and back, on one core in float64: dense, convolutional, in a resnet18."""
MEASURED: Final = {"mlp": 0.25}
"""Time of measuring a network over that of a training step on the same images; measuring reads them twice."""
MEASURED_CONVOLUTIONS: Final = 0.6
NARROW: Final = 8
"""The narrowest network that is advised."""
CUDA: Final = 0.02
"""Time on a GPU over that on a CPU: a guess, not measured."""


def predicted_seconds(config: NetworkConfig) -> float:
    """Seconds that the training of a config takes: measured on the README's machine to a factor of 1.6, on digits.

    >>> 10 < predicted_seconds(NetworkConfig()) < 25
    True
    """
    return BEGIN_SECONDS + sum(phase_seconds(config))


def phase_seconds(config: NetworkConfig) -> tuple[float, float]:
    """Seconds by SGD and in log time, once the process has begun; snapshots are shared out evenly between the two.

    >>> phase_seconds(NetworkConfig(log_time_steps=0))[1]
    0.0
    """
    images, layers = images_of(config), config.layers or DEEP
    image = _seconds_per_image(config) * (CUDA if config.device == "cuda" else 1.0)
    batches = config.epochs * max(1, images // config.batch_size)
    by_sgd = batches * layers * STEP_SECONDS + config.epochs * images * image
    in_log_time = config.log_time_steps * (layers * STEP_SECONDS + images * image)
    look = SNAPSHOT_SECONDS + MEASURED.get(config.model, MEASURED_CONVOLUTIONS) * images * image
    looks = look * min(config.snapshots, batches + config.log_time_steps)
    if not config.log_time_steps:
        return by_sgd + looks, 0.0
    return by_sgd + looks / 2, in_log_time + looks / 2


def refuse_beyond(config: NetworkConfig, seconds: float) -> None:
    """Raises :class:`ConfigError`, with the nearest setting that fits, for a training that takes longer.

    >>> refuse_beyond(NetworkConfig(epochs=9000, log_time_steps=0), 300.0)
    Traceback (most recent call last):
        ...
    ulpm_core.model.refusal.ConfigError: epochs = 9000 would take about 8 minutes here: use 1 to 5441, for example
    5441.
    """
    needed = predicted_seconds(config)
    if needed <= seconds:
        return
    why = f"would take {long_wait(needed)} here"
    most = {"per_class": config.per_class or images_of(config) // config.class_count, "width": config.layer_width}
    for name, least in (("log_time_steps", 0), ("epochs", 1), ("per_class", 1), ("width", NARROW)):

        def beyond(value: int, name: str = name) -> bool:
            return predicted_seconds(config.with_changes(**{name: value})) > seconds

        smaller = range(least, most.get(name, getattr(config, name)))
        if fits := bisect_left(smaller, True, key=beyond):
            raise refuse(name, getattr(config, name), why, span(least, smaller[fits - 1]), smaller[fits - 1])
    raise refuse("model", config.model, why, "mlp")


def images_of(config: NetworkConfig) -> int:
    """About how many training images take part."""
    each = SOURCES[config.dataset].training / ALL_CLASSES
    return round(config.class_count * min(each, config.per_class or math.inf))


def _seconds_per_image(config: NetworkConfig) -> float:
    channels, side, _ = SOURCES[config.dataset].shape
    width, K = config.layer_width, config.class_count
    if config.model == "mlp":
        sizes = (channels * side**2, *[width] * (config.layers - 1), config.dimension or width, K)
        return DENSE * sum(a * b for a, b in pairwise(sizes))
    products, side = 0, side if config.model == "convnet" else SIDE
    for stage in config.stages:
        for wider in stage:
            products += 9 * channels * wider * side**2
            channels = wider
        side = side // 2 if side >= 4 else side
    if config.model == "convnet":
        return CONVOLUTION * products + DENSE * channels * side**2 * (config.dimension or channels)
    return (RESIDUAL if config.model == "resnet18" else CONVOLUTION) * products
