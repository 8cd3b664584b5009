"""Training: the rule of SGD, repeatability, cancel and resume bit for bit, divergence in words."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from networks.reference import naive_sgd
from networks.small import SMALL, same
from reference import refused

from ulpm_core import Outcome
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.datasets import Dataset, load_dataset
from ulpm_core.networks.models import build_model
from ulpm_core.networks.run import TrainingRun
from ulpm_core.networks.schedule import learning_rate, recorded_steps
from ulpm_core.networks.training import train


def test_the_same_seed_gives_the_same_run_and_no_global_generator_moves():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = train(SMALL)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(5)
    assert same(first, train(SMALL))
    assert not np.array_equal(first.W, train(SMALL.with_changes(seed=1)).W)


@pytest.mark.parametrize("decay", [0.0, 0.05])
@pytest.mark.parametrize("schedule", ["constant", "cosine", "step"])
def test_sgd_is_the_written_rule_with_decay_on_every_parameter(decay, schedule):
    config = SMALL.with_changes(log_time_steps=0, weight_decay=decay, schedule=schedule, bias="on")
    run, dataset = TrainingRun(config), load_dataset(config)
    network = build_model(config, (1, 8, 8))
    batches, rates = [], []
    for epoch in range(3):
        order = np.random.default_rng([config.seed, epoch]).permutation(120)
        batches += np.array_split(order, 3)
    rates = [learning_rate(config, step / 9) for step in range(9)]
    x, y = torch.tensor(dataset.x).double(), torch.tensor(dataset.y)
    expected = naive_sgd(network, x, y, batches, rates, config.momentum, decay)
    for _ in range(9):
        run.advance()
    assert run.outcome is Outcome.DONE
    for ours, theirs in zip(run.network.parameters(), expected, strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def test_the_recording_says_what_happened_when():
    r = train(SMALL)
    assert r.step[0] == 0
    assert r.step[-1] == 9 + 12
    assert r.epoch[-1] == 3 + 12
    assert r.outcome is Outcome.DONE
    assert len(r) <= 16
    assert r.phase.tolist() == ["sgd" if step <= 9 else "log-time" for step in r.step]
    assert r.hand_over == r.step.tolist().index(9)
    assert r.log_time[0] == -math.inf
    per_step = SMALL.learning_rate / (1 - SMALL.momentum) / 120
    assert r.log_time[r.hand_over] == pytest.approx(math.log(9 * per_step))
    assert (np.diff(r.log_time[1:]) > 0).all()
    assert "t = e^" in r.stop_reason or "t = " in r.stop_reason
    assert (r.counts == 40).all()
    assert r.H.shape == (len(r), 12, 90)
    assert r.log_loss[-1] < r.log_loss[r.hand_over] - 5


def test_metrics_are_those_of_the_function_that_log_time_descends():
    """At a log-time step, the measured log L is the objective itself: batch statistics of the whole training set."""
    from ulpm_core.networks.log_time import log_summed_loss

    run = TrainingRun(SMALL)
    for _ in range(18):
        run.advance()
    run.network.train()
    objective = log_summed_loss(run.network(run.x), run.y).item()
    assert run.recording().log_loss[-1] == pytest.approx(objective, rel=1e-11)


def test_a_last_layer_with_bias_is_measured_with_it():
    run = TrainingRun(SMALL.with_changes(bias="on"))
    for _ in range(20):
        run.advance()
    r = run.recording()
    network, x = run.network, run.x
    Z = network(x).detach()
    assert r.bias.shape == (len(r), 3)
    assert np.abs(r.bias[-1]).max() > 0
    own = Z.gather(1, run.y[:, None])
    gaps = (own - Z).masked_fill(torch.nn.functional.one_hot(run.y, 3).bool(), math.inf)
    assert r.metrics["q_min"][-1] == pytest.approx(gaps.min().item(), rel=1e-10)
    with refused("bias"):
        r.state()


def test_test_images_are_read_with_the_training_sets_statistics():
    run = TrainingRun(SMALL)
    for _ in range(12):
        run.advance()
    r, dataset = run.recording(), run.dataset
    answers = run.network(torch.tensor(dataset.test_x).double()).argmax(dim=1).numpy()
    assert r.test_accuracy[-1] == pytest.approx((answers == dataset.test_y).mean())
    assert r.confusion[-1].sum(axis=1).tolist() == np.bincount(dataset.test_y).tolist()


@pytest.mark.parametrize(("model", "threads"), [("mlp", 1), ("resnet18", 2)])
def test_small_networks_take_one_thread_and_give_the_others_back(model, threads):
    before, seen = torch.get_num_threads(), []
    torch.set_num_threads(2)
    try:
        config = NetworkConfig(
            model=model, width=2, classes="0,1", per_class=2, batch_size=2, epochs=1, log_time_steps=0, snapshots=4
        )
        train(config, lambda _: seen.append(torch.get_num_threads()))
        assert set(seen) == {threads}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_float32_trains_and_log_time_is_float64_all_the_same():
    r = train(SMALL.with_changes(dtype="float32"))
    assert r.outcome is Outcome.DONE
    assert r.log_loss[-1] == pytest.approx(train(SMALL).log_loss[-1], abs=0.1)


def test_looking_in_parts_gives_the_same_without_batch_norm(monkeypatch):
    config = SMALL.with_changes(batch_norm="off", log_time_steps=0, epochs=1)
    whole = train(config)
    monkeypatch.setattr("ulpm_core.networks.measuring.AT_ONCE", 4000)
    parts = train(config)
    assert parts.log_loss == pytest.approx(whole.log_loss, rel=1e-12)
    assert parts.metrics["nc1"] == pytest.approx(whole.metrics["nc1"], rel=1e-9)
    assert np.allclose(parts.H, whole.H, rtol=1e-6)


@pytest.mark.parametrize("batch_norm", ["on", "off"])
def test_divergence_is_a_sentence_and_the_recording_so_far(batch_norm):
    r = train(SMALL.with_changes(learning_rate=1000.0, batch_norm=batch_norm, log_time_steps=0, epochs=20))
    if batch_norm == "off":
        assert r.outcome is Outcome.DIVERGED
        assert "Diverged at epoch" in r.stop_reason
        assert "learning_rate below 1000, for example 100." in r.stop_reason
    assert np.isfinite(r.H).all()
    assert np.isfinite(r.W).all()


def test_steps_recorded_are_log_spaced_and_within_the_budget():
    for config in (NetworkConfig(), NetworkConfig(snapshots=4), SMALL, NetworkConfig(log_time_steps=0, epochs=200)):
        steps = sorted(recorded_steps(config, 23 * config.epochs))
        assert len(steps) <= config.snapshots
        assert {0, 23 * config.epochs, 23 * config.epochs + config.log_time_steps} <= set(steps)
    early, late = (sum(1 for s in steps if low <= s < 10 * low) for low in (10, 100))
    assert abs(early - late) < 10


def test_a_device_that_is_not_here_is_refused(monkeypatch):
    monkeypatch.setattr("ulpm_core.dynamics.engines.choice.devices", lambda: ("cpu",))
    with refused("device", "cuda", "use cpu."):
        train(SMALL.with_changes(device="cuda"))


def test_a_full_batch_beyond_memory_is_refused_with_what_fits(monkeypatch):
    monkeypatch.setattr("ulpm_core.networks.resources.memory", lambda: 1e5)
    with refused("per_class", "log_time_steps 0", "for example"):
        train(SMALL)
    train(SMALL.with_changes(log_time_steps=0, epochs=1))


def test_classes_of_one_size_and_of_one_image(rng):
    """The smallest set there is: a class of one sample, no test images."""
    x = rng.random((5, 1, 8, 8)).astype(np.float32)
    data = Dataset(x, np.array([0, 1, 1, 2, 2]), x[:0], np.zeros(0, dtype=np.int64), ("a", "b", "c"))
    r = train(SMALL.with_changes(batch_size=2), dataset=data)
    assert r.labels.tolist() == [0, 1, 2]
    assert np.isnan(r.test_accuracy).all()
    assert not r.confusion.any()
    assert r.outcome is Outcome.DONE
