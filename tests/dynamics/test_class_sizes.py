"""Runs of classes whose sizes differ, in every engine, against autograd's gradient, naive steps and the theory."""

from __future__ import annotations

import numpy as np
import pytest
from reference import METHODS, labels_of, log_time_flow, naive_run, slow_metrics

from ulpm_core import RunConfig, State, simulate
from ulpm_core.analysis.ensemble import ensemble, starts
from ulpm_core.analysis.separation import separation_optimum
from ulpm_core.dynamics.engines.batched.flow import BatchedFlow
from ulpm_core.model.initialisation import initial_state

SIZES = (6, 4, 2)


@pytest.mark.parametrize("engine", ["compiled", "batched"])
@pytest.mark.parametrize("method", METHODS)
def test_steps_are_the_naive_ones(method, engine):
    rate = 0.01 if method == "sign-descent" else 0.1  # longer ones leave gradients that the naive way takes for 0
    for reduction in ("sum", "mean"):
        config = RunConfig(
            class_sizes=SIZES, dimension=3, method=method, engine=engine, steps=40, loss_reduction=reduction,
            learning_rate=rate,
        )  # fmt: skip
        start, run = initial_state(config), simulate(config)
        W, H, time = naive_run(method, start.W, start.H, SIZES, 40, rate, reduction=reduction)
        assert run.labels.tolist() == labels_of(3, SIZES).tolist()
        assert run.class_sizes.tolist() == [6, 4, 2]
        assert run.W[-1] == pytest.approx(W, rel=1e-9, abs=1e-11)
        assert run.H[-1] == pytest.approx(H, rel=1e-9, abs=1e-11)
        assert run.time[-1] == pytest.approx(time, rel=1e-9)


def test_the_flow_is_scipys():
    config = RunConfig(class_sizes=SIZES, dimension=3, method="gradient-flow", log_time=30.0, tolerance=1e-10)
    start, run = initial_state(config), simulate(config)
    [(W, H)] = log_time_flow(start.W, start.H, SIZES, [30.0])
    assert run.W[-1] == pytest.approx(W, abs=1e-7)
    assert run.H[-1] == pytest.approx(H, abs=1e-7)
    many = BatchedFlow(config, start.W[None], start.H[None])
    assert many.advance_to(30.0)
    assert many.H[0] == pytest.approx(H, abs=1e-7)


def test_the_flow_tends_to_the_optimum_of_the_theory():
    """docs/theory.md 6.1: value 7.025981, cosines of minority and majority -.0718 and -.4417."""
    run = simulate(RunConfig(class_sizes=(10, 10, 2, 2), dimension=3, method="gradient-flow", log_time=3000.0))
    best = separation_optimum((10, 10, 2, 2), 3)
    assert best.value == pytest.approx(7.025981, abs=1e-6)
    assert run.objective[-1] == pytest.approx(best.value, rel=5e-4)
    assert run.dual_bound[-1] <= best.value <= run.objective[-1]
    assert run.gamma[-1] == pytest.approx(best.value / run.objective[-1], rel=1e-12)
    Z = run.W[-1] @ run.H[-1] / run.q_min[-1]
    assert np.abs(Z - best.W @ best.H).max() < 2e-3
    predicted = slow_metrics(best.W, best.H, run.labels)
    for name, value in (("minority", -0.0718), ("majority", -0.4417), ("cross", predicted["cross_cosine"])):
        assert predicted[name + "_cosine"] == pytest.approx(value, abs=5e-5)
        assert run.metrics[name + "_cosine"][-1] == pytest.approx(value, abs=5e-4)
    measured = slow_metrics(run.W[-1], run.H[-1], run.labels)
    for name, value in measured.items():
        assert run.metrics[name][-1] == pytest.approx(value, rel=1e-8, abs=1e-11), name


def test_a_start_in_any_order_is_the_same_run(rng):
    config = RunConfig(class_sizes=SIZES, dimension=2, steps=50)
    start, order = initial_state(config), rng.permutation(12)
    given = State(start.W, start.H[:, order], start.labels[order])
    plain, mixed = (simulate(RunConfig(steps=50), initial_state=state) for state in (start, given))
    assert mixed.config.sizes == SIZES
    assert mixed.order is not None
    assert np.array_equal(given.H, start.H[:, order[mixed.order]])
    assert mixed.H[-1] == pytest.approx(plain.H[-1][:, order[mixed.order]], rel=1e-12)
    assert mixed.log_loss[-1] == pytest.approx(plain.log_loss[-1], rel=1e-12)


def test_a_run_goes_on_where_it_ended():
    config = RunConfig(class_sizes=SIZES, dimension=2, steps=20, method="momentum")
    once = simulate(config.with_changes(steps=40))
    twice = simulate(config.with_changes(steps=40), resume=simulate(config))
    assert np.array_equal(once.H[-1], twice.H[-1])
    assert twice.last.sizes == SIZES
    again = simulate(RunConfig(steps=5), initial_state=once.last)
    assert again.config.sizes == SIZES


def test_many_runs_are_single_runs():
    configs = starts(RunConfig(class_sizes=SIZES, dimension=2, steps=30), 3)
    found = ensemble(configs)
    for r, config in enumerate(configs):
        alone = simulate(config)
        for name in ("gamma", "minority_cosine", "majority_cosine", "cross_cosine", "log_loss"):
            value = alone.log_loss[-1] if name == "log_loss" else alone.metrics[name][-1]
            assert found.final(name)[r] == pytest.approx(value, rel=1e-9, nan_ok=True), name
