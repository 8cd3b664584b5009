"""The networks, written plainly: features, then one linear layer. `classifier(features(x))` is all they do."""

from __future__ import annotations

import math
from contextlib import ExitStack
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from ulpm_core.model.shapes import Shaped
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.cost import SIDE


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
            body = nn.Sequential(*list(body)[:-1])  # of an mlp or a convnet, which end with a ReLU
        network = Network(body, dimension, config.class_count, config.bias == "on").to(torch.float64)
    empty = {name: torch.empty(like.shape, dtype=like.dtype) for name, like in network.state_dict().items()}
    network.load_state_dict(empty, assign=True)  # what `to_empty` does, which first loads SymPy
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


def _pooled(config: NetworkConfig, channels: int, side: int, least: int) -> tuple[list[nn.Module], int, int]:
    """The stages of convolutions, after each of which images of at least so many pixels a side are halved; and the
    channels and the side that they end with.
    """
    layers: list[nn.Module] = []
    for stage in config.stages:
        for wider in stage:
            layers += [*_convolution(channels, wider, config.batch_norm == "on"), nn.ReLU()]
            channels = wider
        if side >= least:
            layers.append(nn.MaxPool2d(2))
            side //= 2
    return layers, channels, side


def _convnet(config: NetworkConfig, shape: tuple[int, ...]) -> tuple[nn.Sequential, int]:
    """`depth` blocks that double the channels and, down to 2x2, halve the image; then a dense layer of features."""
    layers, channels, side = _pooled(config, shape[0], shape[1], least=2 * 2)
    dimension = config.dimension or channels
    dense = _dense(channels * side**2, dimension, config.batch_norm == "on")
    return nn.Sequential(*layers, nn.Flatten(), *dense, nn.ReLU()), dimension


def _resnet18(config: NetworkConfig, shape: tuple[int, ...]) -> tuple[nn.Sequential, int]:
    """He et al. 2016 for 32x32 images: a 3x3 convolution first, two blocks a stage, and no pooling before them."""
    batch_norm, channels = config.batch_norm == "on", config.layer_width
    layers: list[nn.Module] = [Stretch(), *_convolution(shape[0], channels, batch_norm), nn.ReLU()]
    for stage, (*_, wider) in enumerate(config.stages):
        layers += [Block(channels, wider, 2 if stage else 1, batch_norm), Block(wider, wider, 1, batch_norm)]
        channels = wider
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()), channels


def _vgg13(config: NetworkConfig, shape: tuple[int, ...]) -> tuple[nn.Sequential, int]:
    """Simonyan and Zisserman 2015, configuration B, for 32x32 images: one linear layer where they had three."""
    layers, channels, _ = _pooled(config, shape[0], SIDE, least=2)
    return nn.Sequential(Stretch(), *layers, nn.Flatten()), channels


def numbers_per_image(network: Network, shape: tuple[int, ...]) -> int:
    """Returns how many numbers the layers of a network compute for one image; a gradient must keep them all.

    >>> numbers_per_image(build_model(NetworkConfig(), (1, 8, 8)), (1, 8, 8))  # 64 inputs, 5 layers of 3 x 128, 10
    1994
    """
    counts: list[int] = []
    with torch.no_grad(), ExitStack() as after:
        after.callback(network.train, network.training)
        for layer in network.modules():
            if not list(layer.children()):
                after.enter_context(layer.register_forward_hook(lambda _, __, out: counts.append(out.numel())))
        network.eval()(torch.zeros(1, *shape, dtype=network.classifier.weight.dtype))
    return sum(counts)
