"""What `python -m ulpm_core train` promises at its defaults, for one seed."""

from __future__ import annotations

import pytest

from ulpm_core import Outcome
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.training import train


@pytest.fixture(scope="module")
def network():
    return train(NetworkConfig(snapshots=40))


def test_the_default_network_collapses_without_weight_decay(network):
    figures = network.figures()
    assert network.config.weight_decay == 0.0
    assert network.outcome is Outcome.DONE
    assert figures["train_accuracy"] == 1.0
    assert figures["test_accuracy"] >= 0.97
    assert figures["nc1_trace_ratio_drop"] >= 20
    assert figures["nc2_angles_drop"] >= 3
    assert figures["nc4"] == 0.0
    assert network.log_time[-1] > 100


def test_sgd_alone_does_not(network):
    alone = train(NetworkConfig(snapshots=40, epochs=70, schedule="cosine", log_time_steps=0))
    figures = alone.figures()
    assert figures["train_accuracy"] == 1.0
    assert figures["nc1_trace_ratio_drop"] < 3
    assert figures["nc2_angles_drop"] < 3
    assert network.metrics["nc1_trace_ratio"][-1] < figures["nc1_trace_ratio"] / 20


def test_a_plain_relu_network_does_not_collapse_even_in_log_time():
    plain = train(NetworkConfig(batch_norm="off", width=64, depth=3, epochs=30, log_time_steps=150, snapshots=40))
    figures = plain.figures()
    assert figures["train_accuracy"] == 1.0
    assert figures["nc1_trace_ratio_drop"] < 3
    assert figures["nc2_angles_drop"] < 2


def test_three_classes_in_the_plane_become_a_triangle():
    plane = NetworkConfig(classes="0,3,8", dimension=2, last_activation="none", log_time_steps=150, snapshots=40)
    r = train(plane)
    assert r.H.shape[1] == 2
    assert r.train_accuracy[-1] == 1.0
    assert r.figures()["nc1_trace_ratio_drop"] > 20
    assert r.metrics["nc2_angles"][-1] < 0.08


def test_a_small_convolutional_network_collapses_more_slowly():
    r = train(NetworkConfig(model="convnet", width=8, per_class=60, epochs=6, log_time_steps=80, snapshots=30))
    assert r.train_accuracy[-1] == 1.0
    assert r.test_accuracy[-1] > 0.95
    assert 2 < r.figures()["nc1_trace_ratio_drop"] < 10
