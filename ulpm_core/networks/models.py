"""The networks, written plainly: features, then one linear layer. `classifier(features(x))` is all they do."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from ulpm_core.model.shapes import Shaped
from ulpm_core.networks.config import NetworkConfig

SIDE: Final = 32
"""resnet18 and vgg13 are built for images of this size; others are stretched to it."""
VGG13: Final = ((1, 1), (2, 2), (4, 4), (8, 8), (8, 8))
"""Channels of each convolution in multiples of the width; a pooling after each group."""
RESNET18: Final = (1, 2, 4, 8)
"""Channels of each stage of two blocks, in multiples of the width; every stage but the first halves the image."""


class Network(nn.Module):
    """x (B, C, S, S) -> features (B, d) -> logits (B, K) = features W^T (+ b), with W = `classifier.weight` (K, d)."""

    def __init__(self, body: nn.Module, dimension: int, classes: int, bias: bool):
        super().__init__()
        self.body = body
        self.classifier = nn.Linear(dimension, classes, bias=bias)

    def features(self, x: Shaped[Tensor, "B C S S"]) -> Shaped[Tensor, "B d"]:
        return self.body(x)

    def forward(self, x: Shaped[Tensor, "B C S S"]) -> Shaped[Tensor, "B K"]:
        return self.classifier(self.features(x))


class Stretch(nn.Module):
    """Images (B, C, S, S) to the size that resnet18 and vgg13 are built for."""

    def forward(self, x: Tensor) -> Tensor:
        return x if x.shape[-1] == SIDE else functional.interpolate(x, size=SIDE, mode="bilinear", align_corners=False)


class Block(nn.Module):
    """The basic block of He et al. 2016: relu(x + two convolutions of x); where shapes change, x goes through one."""

    def __init__(self, before: int, channels: int, stride: int, batch_norm: bool):
        super().__init__()
        first = _convolution(before, channels, batch_norm, stride)
        self.way = nn.Sequential(*first, nn.ReLU(), *_convolution(channels, channels, batch_norm))
        same = before == channels and stride == 1
        self.shortcut = nn.Sequential(*([] if same else _convolution(before, channels, batch_norm, stride, size=1)))

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.shortcut(x) + self.way(x))


def _convolution(before: int, channels: int, batch_norm: bool, stride: int = 1, size: int = 3) -> list[nn.Module]:
    """Batch normalisation has a shift of its own, so what precedes it needs no bias."""
    layer = nn.Conv2d(before, channels, size, stride, padding=size // 2, bias=not batch_norm)
    return [layer, *([nn.BatchNorm2d(channels)] if batch_norm else [])]


def _dense(before: int, units: int, batch_norm: bool) -> list[nn.Module]:
    return [nn.Linear(before, units, bias=not batch_norm), *([nn.BatchNorm1d(units)] if batch_norm else [])]


def build_model(config: NetworkConfig, shape: tuple[int, ...]) -> Network:
    """The network of a config for images of `shape` (C, S, S), in float64 on the CPU, with its initial weights.

    Weights and biases are uniform on +-1/sqrt(fan-in), torch's own start, drawn from the config's seed by a generator
    of this run alone: torch's global one is neither read nor set, and all devices start from the same numbers.

    >>> network = build_model(NetworkConfig(), (1, 8, 8))
    >>> network.features(torch.zeros(2, 1, 8, 8).double()).shape, network.classifier
    (torch.Size([2, 128]), Linear(in_features=128, out_features=10, bias=False))
    """
    build = {"mlp": _mlp, "convnet": _convnet, "resnet18": _resnet18, "vgg13": _vgg13}[config.model]
    with torch.device("meta"):  # no memory, no random numbers
        body, dimension = build(config, shape)
        if config.last_activation == "none":
            body = _without_last_relu(body)
        network = Network(body, dimension, config.class_count, config.bias == "on").to(torch.float64)
    network.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(config.seed)
    for layer in network.modules():
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            bound = 1.0 / math.sqrt(layer.weight[0].numel())
            for parameter in layer.parameters():
                nn.init.uniform_(parameter, -bound, bound, generator=generator)
        elif isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            layer.reset_parameters()
    return network


def _mlp(config: NetworkConfig, shape: tuple[int, ...]) -> tuple[nn.Sequential, int]:
    dimension = config.dimension or config.layer_width
    sizes = [math.prod(shape), *[config.layer_width] * (config.layers - 1), dimension]
    layers: list[nn.Module] = [nn.Flatten()]
    for before, units in pairwise(sizes):
        layers += [*_dense(before, units, config.batch_norm == "on"), nn.ReLU()]
    return nn.Sequential(*layers), dimension


def _convnet(config: NetworkConfig, shape: tuple[int, ...]) -> tuple[nn.Sequential, int]:
    """`depth` blocks that double the channels and, down to 2x2, halve the image; then a dense layer of features."""
    batch_norm, (channels, side, _) = config.batch_norm == "on", shape
    layers: list[nn.Module] = []
    for block in range(config.layers):
        wider = config.layer_width * 2**block
        layers += [*_convolution(channels, wider, batch_norm), nn.ReLU()]
        channels = wider
        if side >= 2 * 2:
            layers.append(nn.MaxPool2d(2))
            side //= 2
    dimension = config.dimension or channels
    return nn.Sequential(
        *layers, nn.Flatten(), *_dense(channels * side**2, dimension, batch_norm), nn.ReLU()
    ), dimension


def _resnet18(config: NetworkConfig, shape: tuple[int, ...]) -> tuple[nn.Sequential, int]:
    """He et al. 2016 for 32x32 images: a 3x3 convolution first, and no pooling before the stages."""
    batch_norm, width = config.batch_norm == "on", config.layer_width
    layers: list[nn.Module] = [Stretch(), *_convolution(shape[0], width, batch_norm), nn.ReLU()]
    channels = width
    for stage, times in enumerate(RESNET18):
        layers.append(Block(channels, times * width, 2 if stage else 1, batch_norm))
        layers.append(Block(times * width, times * width, 1, batch_norm))
        channels = times * width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()), channels


def _vgg13(config: NetworkConfig, shape: tuple[int, ...]) -> tuple[nn.Sequential, int]:
    """Simonyan and Zisserman 2015, configuration B, for 32x32 images: one linear layer where they had three."""
    layers: list[nn.Module] = [Stretch()]
    channels = shape[0]
    for group in VGG13:
        for times in group:
            layers += [*_convolution(channels, times * config.layer_width, config.batch_norm == "on"), nn.ReLU()]
            channels = times * config.layer_width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten()), channels


def _without_last_relu(body: nn.Sequential) -> nn.Sequential:
    layers = list(body)
    last = max(i for i, layer in enumerate(layers) if isinstance(layer, nn.ReLU))
    return nn.Sequential(*layers[:last], *layers[last + 1 :])


def numbers_per_image(network: Network, shape: tuple[int, ...]) -> int:
    """Returns how many numbers the layers of a network compute for one image; a gradient must keep them all.

    >>> numbers_per_image(build_model(NetworkConfig(), (1, 8, 8)), (1, 8, 8))  # 64 inputs, 5 layers of 3 x 128, 10
    1994
    """
    counts: list[int] = []
    layers = [layer for layer in network.modules() if not list(layer.children())]
    hooks = [layer.register_forward_hook(lambda _, __, out: counts.append(out.numel())) for layer in layers]
    training = network.training
    try:
        with torch.no_grad():
            network.eval()(torch.zeros(1, *shape, dtype=network.classifier.weight.dtype))
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()
    return sum(counts)
