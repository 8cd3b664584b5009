"""Which engine takes a run, what it is foretold to cost, and that both of them, in both precisions, go the same way."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import METHODS, autograd_gradient, example_in

from ulpm_core import ConfigError, Outcome, RunConfig, State
from ulpm_core.dynamics.engines import choice, cost
from ulpm_core.dynamics.engines.cost import (
    engine_of,
    predicted_bytes,
    predicted_seconds,
    refuse_beyond,
    refuse_too_large,
)
from ulpm_core.dynamics.simulate import simulate

RATES = {"gradient-descent": 0.05, "momentum": 0.01, "normalised-gradient-descent": 0.003}
RATES |= {"adam": 0.003, "sign-descent": 0.001, "spectral-descent": 0.001}


@given(
    st.tuples(st.integers(2, 6), st.integers(1, 6), st.integers(1, 12)),
    st.sampled_from(METHODS),
    st.sampled_from(["sum", "mean"]),
    st.integers(0, 2**32 - 1),
)
def test_both_engines_take_the_same_steps(shape, method, reduction, seed):
    K, d, n = shape
    config = RunConfig(classes=K, dimension=d, per_class=n, method=method, learning_rate=RATES[method], steps=50)
    config = replace(config, seed=seed, loss_reduction=reduction, snapshots=5)
    ours, theirs = (simulate(replace(config, engine=engine)) for engine in ("compiled", "batched"))
    assert np.array_equal(ours.step, theirs.step)
    for name in ("W", "H", "log_time", "log_loss"):
        assert np.abs(getattr(ours, name)[1:] - getattr(theirs, name)[1:]).max() <= 1e-10


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(2, 1, 1), (3, 2, 10), (4, 3, 30), (7, 9, 3)], ids=str)
def test_a_thousand_steps_agree_to_ten_digits(shape, method):
    K, d, n = shape
    config = RunConfig(classes=K, dimension=d, per_class=n, method=method, learning_rate=RATES[method], steps=1000)
    ours, theirs = (simulate(replace(config, engine=engine, snapshots=3)) for engine in ("compiled", "batched"))
    assert np.abs(ours.last.W - theirs.last.W).max() <= 1e-10
    assert np.abs(ours.last.H - theirs.last.H).max() <= 1e-10


@pytest.mark.parametrize("engine", ["compiled", "batched"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(2, 1, 1), (4, 3, 30), (5, 20, 7)], ids=str)
def test_a_hundred_steps_in_float32_are_near_those_of_float64(shape, method, engine):
    K, d, n = shape
    config = RunConfig(classes=K, dimension=d, per_class=n, method=method, learning_rate=RATES[method], steps=100)
    exact, coarse = (simulate(replace(config, dtype=dtype, engine=engine)) for dtype in ("float64", "float32"))
    assert np.abs(exact.last.W - coarse.last.W).max() <= 1e-4
    assert np.abs(exact.last.H - coarse.last.H).max() <= 1e-4
    assert not np.array_equal(exact.last.W, coarse.last.W)  # it was another precision


def test_each_is_the_recursion_by_autograd():
    config = RunConfig(classes=3, dimension=4, per_class=5, learning_rate=0.1, steps=200, snapshots=3)
    for engine in ("compiled", "batched"):
        run = simulate(replace(config, engine=engine))
        W, H = run.W[0].copy(), run.H[0].copy()
        for _ in range(200):
            g_W, g_H = autograd_gradient(W, H, 5, "sum")
            W, H = W - 0.1 * g_W, H - 0.1 * g_H
        assert np.abs(run.last.W - W).max() <= 1e-10
        assert np.abs(run.last.H - H).max() <= 1e-10


@pytest.mark.parametrize("engine", ["compiled", "batched"])
def test_divergence_is_seen_at_the_same_step(engine):
    run = simulate(RunConfig(learning_rate=50.0, steps=1000, engine=engine))
    assert run.outcome is Outcome.DIVERGED
    assert run.step[-1] == simulate(RunConfig(learning_rate=50.0, steps=1000)).step[-1]


@pytest.mark.parametrize("method", METHODS)
def test_a_batched_run_is_continued_as_if_it_had_never_stopped(method):
    config = RunConfig(engine="batched", method=method, learning_rate=RATES[method], steps=300)
    whole = simulate(config)
    resumed = simulate(config, resume=simulate(replace(config, steps=100)))
    assert np.array_equal(whole.step, resumed.step)
    assert np.abs(whole.W - resumed.W).max() <= 1e-12


def test_a_flow_is_compiled_and_a_gpu_or_torch_asked_for_it_is_refused():
    assert simulate(RunConfig(method="gradient-flow", log_time=5.0, engine="compiled")).outcome is Outcome.DONE
    with pytest.raises(ConfigError, match="engine auto and device cpu") as refusal:
        simulate(RunConfig(method="gradient-flow", log_time=5.0, engine="batched"))
    assert refusal.value.field == "engine"


@pytest.mark.parametrize(
    ("change", "field"),
    [({"engine": "compiled", "device": "cuda"}, "engine"), ({"dtype": "float32", "fast_forward": 10.0}, "dtype")],
)
def test_what_no_engine_can_do_is_no_config(change, field):
    with pytest.raises(ConfigError) as refusal:
        RunConfig(**change)
    assert refusal.value.field == field


def test_a_missing_device_is_refused_before_anything_runs(monkeypatch):
    monkeypatch.setattr(choice, "devices", lambda: ("cpu",))
    with pytest.raises(ConfigError, match="use cpu") as refusal:
        simulate(RunConfig(device="cuda"))
    assert refusal.value.field == "device"


def test_without_torch_the_compiled_engine_does_all_and_the_other_is_refused(monkeypatch):
    monkeypatch.setattr(choice, "find_spec", lambda name: None)
    choice.devices.cache_clear()
    assert choice.devices() == ("cpu",)
    assert simulate(RunConfig(steps=10)).outcome is Outcome.DONE
    with pytest.raises(ConfigError, match="needs torch"):
        simulate(RunConfig(steps=10, engine="batched"))
    choice.devices.cache_clear()


def test_small_runs_do_not_import_torch():
    import subprocess

    code = "import sys; from ulpm_core import *; simulate(RunConfig(steps=10)); print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


# -- the cost model ------------------------------------------------------------------------------------------------


@given(st.integers(2, 100), st.integers(1, 600), st.integers(1, 300))
def test_auto_takes_the_engine_that_is_foretold_to_be_faster(K, d, n):
    config = RunConfig(classes=K, dimension=d, per_class=n)
    seconds = {engine: cost.step_seconds(config, engine) for engine in ("compiled", "batched")}
    assert seconds[engine_of(config)] == min(seconds.values())


def test_more_of_anything_is_foretold_to_take_longer():
    small = RunConfig()
    for change in ({"classes": 5}, {"dimension": 9}, {"per_class": 40}, {"steps": 20_000}, {"fast_forward": 100.0}):
        assert predicted_seconds(replace(small, **change)) > predicted_seconds(small)
    assert predicted_seconds(replace(small, dtype="float32")) < predicted_seconds(small)


@given(st.integers(2, 20), st.integers(1, 64), st.integers(1, 200), st.floats(0.01, 100.0))
def test_what_is_refused_for_its_time_names_a_setting_that_fits(K, d, n, seconds):
    for config in (
        RunConfig(classes=K, dimension=d, per_class=n, steps=10_000_000),
        RunConfig(classes=K, dimension=d, per_class=n, method="gradient-flow", log_time=1e8),
    ):
        try:
            refuse_beyond(config, seconds)
            assert predicted_seconds(config) <= seconds
        except ConfigError as refusal:
            assert predicted_seconds(config) > seconds
            nearest = float(example_in(refusal))
            fits = replace(config, **{refusal.field: nearest})
            if refusal.field == "per_class":
                assert nearest == 1 or predicted_seconds(replace(config, per_class=int(nearest))) <= seconds
            else:
                assert 0.85 * seconds < predicted_seconds(fits) <= seconds * (1 + 1e-9)


def test_a_flow_beside_a_saddle_is_foretold_to_take_long():
    """(20, 64, 200) took a minute where a second was foretold, (20, 64, 20) over 17,430 right-hand sides."""
    beside = RunConfig(method="gradient-flow", initialisation="polygon", classes=20, dimension=64, per_class=200)
    assert 30.0 < predicted_seconds(beside) < 300.0
    assert cost.flow_evaluations(beside) > 30_674
    assert predicted_seconds(replace(beside, initialisation="gaussian")) < 15.0
    assert cost.flow_evaluations(RunConfig()) == 0.0


def test_what_this_memory_cannot_hold_is_refused_with_what_it_can(monkeypatch):
    config = RunConfig(classes=10, dimension=100, per_class=1000)
    monkeypatch.setattr(cost.os, "sysconf", lambda name: 4096 if name == "SC_PAGE_SIZE" else 20_000)
    with pytest.raises(ConfigError, match="GB of memory") as refusal:
        refuse_too_large(config)
    fits = int(str(refusal.value).rsplit("example ", 1)[1].rstrip("."))
    assert refusal.value.field == "per_class"
    assert predicted_bytes(replace(config, per_class=fits)) <= 0.8 * 4096 * 20_000
    assert predicted_bytes(replace(config, per_class=fits + 1)) > 0.8 * 4096 * 20_000
    monkeypatch.undo()
    refuse_too_large(RunConfig())


def test_start_states_go_through_either_engine():
    start = State(np.eye(3), np.repeat(np.eye(3), 2, axis=1))
    runs = [simulate(RunConfig(steps=20, engine=engine), start) for engine in ("compiled", "batched")]
    assert np.abs(runs[0].last.H - runs[1].last.H).max() < 1e-13


def test_what_takes_too_long_is_named_the_fast_forward_too():
    config = RunConfig(classes=20, dimension=64, per_class=200, steps=10, initialisation="polygon", fast_forward=1e8)
    with pytest.raises(ConfigError, match="fast_forward = 100000000 would take") as refusal:
        refuse_beyond(config, 300.0)
    assert refusal.value.field == "fast_forward"
    fits = float(str(refusal.value).removesuffix(".").rsplit(" ", 1)[1])
    assert 0.0 < fits < 1e8
    refuse_beyond(replace(config, fast_forward=fits), 300.0)
