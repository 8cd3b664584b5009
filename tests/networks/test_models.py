"""The networks: shapes, weights that depend on the seed alone, batch statistics that are the training set's."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from ulpm_core.networks.batch_norm import settle
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.models import build_model, numbers_per_image


def images(count: int, shape=(1, 8, 8)) -> torch.Tensor:
    return torch.rand(count, *shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.mark.parametrize(
    ("config", "shape", "dimension"),
    [
        (NetworkConfig(), (1, 8, 8), 128),
        (NetworkConfig(width=20, depth=1, dimension=7, batch_norm="off", bias="on"), (3, 32, 32), 7),
        (NetworkConfig(depth=3, dimension=2, last_activation="none", classes="0,3,8"), (1, 8, 8), 2),
        (NetworkConfig(model="convnet", width=4), (1, 28, 28), 16),
        (NetworkConfig(model="convnet", width=4, depth=5, dimension=3, batch_norm="off"), (1, 8, 8), 3),
        (NetworkConfig(model="resnet18", width=4, batch_norm="off"), (3, 32, 32), 32),
        (NetworkConfig(model="resnet18", width=4), (1, 8, 8), 32),
        (NetworkConfig(model="vgg13", width=4), (1, 28, 28), 32),
    ],
    ids=str,
)
def test_every_network_is_features_and_one_linear_layer(config, shape, dimension):
    network, x = build_model(config, shape), images(5, shape)
    network.eval()
    features = network.features(x)
    W, b = network.classifier.weight, network.classifier.bias
    assert features.shape == (5, dimension)
    assert W.shape == (config.class_count, dimension)
    assert (b is not None) == (config.bias == "on")
    assert torch.equal(network(x), features @ W.T + (0.0 if b is None else b)) or torch.allclose(
        network(x), features @ W.T + (0.0 if b is None else b), rtol=1e-12
    )
    assert any(isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)) for m in network.modules()) == (
        config.batch_norm == "on"
    )
    assert bool((features < 0).any()) == (config.last_activation == "none")


def test_the_papers_networks_have_their_known_sizes():
    """ResNet-18 for CIFAR-10 has 11,173,962 parameters with a bias of 10, the convolutions of VGG-13 9,404,992."""
    resnet = build_model(NetworkConfig(model="resnet18", bias="on"), (3, 32, 32))
    assert sum(p.numel() for p in resnet.parameters()) == 11_173_962
    vgg = build_model(NetworkConfig(model="vgg13", batch_norm="off"), (3, 32, 32))
    assert sum(1 for m in vgg.modules() if isinstance(m, (nn.Conv2d, nn.Linear))) + 2 == 13
    assert sum(p.numel() for m in vgg.modules() if isinstance(m, nn.Conv2d) for p in m.parameters()) == 9_404_992


def test_initial_weights_depend_on_the_seed_alone_and_no_global_generator_moves():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first = build_model(NetworkConfig(seed=1), (1, 8, 8)).state_dict()
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(3)
    second = build_model(NetworkConfig(seed=1), (1, 8, 8)).state_dict()
    other = build_model(NetworkConfig(seed=2), (1, 8, 8)).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["classifier.weight"], other["classifier.weight"])


def test_initial_weights_are_uniform_with_torchs_own_bound():
    weight = build_model(NetworkConfig(), (1, 8, 8)).body[4].weight
    assert weight.abs().max() <= 128**-0.5
    assert weight.std().item() == pytest.approx(128**-0.5 / 3**0.5, rel=0.02)


@pytest.mark.parametrize("model", ["mlp", "convnet"])
def test_settled_the_network_is_what_training_mode_gives_for_the_whole_set(model):
    network, x = build_model(NetworkConfig(model=model, width=8), (1, 8, 8)), images(37)
    network.train()
    expected = network(x)
    settle(network, [x])
    assert torch.allclose(network(x), expected, rtol=1e-12, atol=1e-13)
    assert torch.allclose(network(x[:1]), expected[:1], rtol=1e-12, atol=1e-13)


def test_settling_in_parts_averages_their_statistics():
    network, x = build_model(NetworkConfig(depth=1, width=4), (1, 8, 8)), images(30)
    parts = x.split(10)
    settle(network, parts)
    before = [network.body[1](network.body[0](part)) for part in parts]
    layer = network.body[2]
    assert torch.allclose(layer.running_mean, torch.stack([z.mean(0) for z in before]).mean(0))
    assert torch.allclose(layer.running_var, torch.stack([z.var(0, correction=0) for z in before]).mean(0))


def test_numbers_per_image_of_a_convnet_by_hand():
    """One block of 2 channels on 8x8: convolution, norm, relu of 128 each, pooled 32, flat 32, dense 3 x 2, 10."""
    config = NetworkConfig(model="convnet", width=2, depth=1)
    network = build_model(config, (1, 8, 8))
    assert numbers_per_image(network, (1, 8, 8)) == 3 * 128 + 32 + 32 + 3 * 2 + 10
    assert network.training
