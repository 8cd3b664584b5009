"""The batched engine against autograd, against the compiled engine, and against itself with one run."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from reference import METHODS, SHAPES, example_in, gaussian, isometry, refused, separated_gradient, slow_metrics
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from ulpm_core import ConfigError, RunConfig, State
from ulpm_core.dynamics.engines.batched import run as batched
from ulpm_core.dynamics.engines.batched.run import BatchedRun, OneRun
from ulpm_core.dynamics.engines.batched.step import device_named
from ulpm_core.dynamics.engines.compiled.run import CompiledRun
from ulpm_core.model.etf import minimum_norm_optimum
from ulpm_core.model.rules.known import RULES

torch.set_num_threads(1)  # of two, on a busy machine, each waits for the other at every operation

RATES = {"gradient-descent": 0.05, "momentum": 0.01, "normalised-gradient-descent": 0.003}
RATES |= {"adam": 0.003, "sign-descent": 0.001, "spectral-descent": 0.001}
NEVER = 1e12
"""A limit that no run here passes."""


def norm(*blocks: np.ndarray) -> float:
    return float(np.sqrt(sum((b**2).sum() for b in blocks)))


def config_of(
    K: int, d: int, n: int, method: str = "gradient-descent", learning_rate: float = 0.05, **more
) -> RunConfig:
    return RunConfig(classes=K, dimension=d, per_class=n, method=method, learning_rate=learning_rate, **more)


def batch_of(
    config: RunConfig, starts: list[tuple[np.ndarray, np.ndarray]], limit: float = NEVER, **more
) -> BatchedRun:
    W, H = (np.stack(blocks) for blocks in zip(*starts, strict=True))
    return BatchedRun(config, W, H, np.full(len(starts), limit), **more)


def autograd_run(config: RunConfig, W, H, steps: int, labels: np.ndarray | None = None):
    """The rules as written, on torch's own cross-entropy, differentiated by autograd, in float64."""
    y = torch.from_numpy(config.labels if labels is None else labels)
    blocks = [torch.tensor(block, requires_grad=True) for block in (W, H)]
    velocities = [torch.zeros_like(block) for block in blocks]
    adam = torch.optim.Adam(blocks, config.learning_rate, (config.momentum, config.beta2), config.epsilon)
    for _ in range(steps):
        loss = torch.nn.functional.cross_entropy((blocks[0] @ blocks[1]).T, y, reduction=config.loss_reduction)
        gradients = list(torch.autograd.grad(loss, blocks))
        with torch.no_grad():
            if config.method == "momentum":
                velocities = [config.momentum * v + g for v, g in zip(velocities, gradients, strict=True)]
                gradients = velocities
            if config.method == "normalised-gradient-descent":
                size = torch.sqrt(sum((g**2).sum() for g in gradients))
                gradients = [g / size for g in gradients]
            if config.method == "sign-descent":
                gradients = [g.sign() for g in gradients]
            if config.method == "spectral-descent":
                gradients = [torch.from_numpy(isometry(g.numpy())) for g in gradients]
            for block, g in zip(blocks, gradients, strict=True):
                block.grad = g
                if config.method != "adam":
                    block -= config.learning_rate * g
        if config.method == "adam":
            adam.step()
    return [block.detach().numpy() for block in blocks]


@st.composite
def uneven(draw: st.DrawFn):
    """(W, H, labels): a point of a small problem, simplest K = 2, d = 1 and one sample, with classes of any sizes."""
    K, d = draw(st.integers(2, 5)), draw(st.integers(1, 5))
    sizes = draw(st.lists(st.integers(1, 6), min_size=K, max_size=K))
    rng, scale = np.random.default_rng(draw(st.integers(0, 1000))), draw(st.floats(0.01, 2.0))
    labels = np.repeat(np.arange(K), sizes)
    return scale * rng.standard_normal((K, d)), scale * rng.standard_normal((d, len(labels))), labels


# -- the step rules ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "reduction"), [*((s, "sum") for s in SHAPES), ((4, 3, 30), "mean")], ids=str)
@pytest.mark.parametrize("method", METHODS)
def test_a_thousand_steps_are_those_of_autograd(shape, reduction, method):
    (K, _, n), (W, H) = shape, gaussian(*shape)
    rate = RATES[method] * (K * n if reduction == "mean" and method in ("gradient-descent", "momentum") else 1)
    config = config_of(*shape, method, rate, loss_reduction=reduction)
    run = OneRun(config, State(W, H), NEVER)
    assert run.advance(1000) == 1000
    slow_W, slow_H = autograd_run(config, W, H, 1000)
    assert norm(run.W - slow_W, run.H - slow_H) <= 1e-10 * norm(slow_W, slow_H)
    assert norm(run.W - W, run.H - H) > 0.1 * norm(W, H)  # it did move


@pytest.mark.parametrize("shape", [(2, 1, 1), (4, 3, 30), (10, 16, 5)], ids=str)
@pytest.mark.parametrize("method", METHODS)
def test_a_hundred_steps_in_single_precision_are_those_of_autograd_to_its_digits(shape, method):
    W, H = gaussian(*shape)
    config = config_of(*shape, method, RATES[method], dtype="float32")
    run = OneRun(config, State(W, H), NEVER)
    run.advance(100)
    slow_W, slow_H = autograd_run(config, W, H, 100)
    error = norm(run.W - slow_W, run.H - slow_H)
    assert 1e-9 * norm(slow_W, slow_H) < error <= 1e-4 * norm(slow_W, slow_H)  # not double precision in disguise
    assert run.W.dtype == run.H.dtype == np.float64


@given(uneven(), st.sampled_from(METHODS), st.floats(0.0, 0.95), st.sampled_from(["sum", "mean"]))
def test_classes_of_any_sizes_move_as_by_autograd_and_by_the_compiled_engine(point, method, beta, reduction):
    W, H, labels = point
    sizes = tuple(np.bincount(labels).tolist())
    config = config_of(*W.shape, 1, method, 0.02, momentum=beta, loss_reduction=reduction)
    config, start = config.with_changes(class_sizes=sizes), State(W, H, labels)
    run, compiled = OneRun(config, start, NEVER), CompiledRun(config, start, NEVER)
    assert run.advance(30) == compiled.advance(30) == 30
    slow_W, slow_H = autograd_run(config, W, H, 30, labels)
    assert norm(run.W - slow_W, run.H - slow_H) <= 1e-10 * norm(slow_W, slow_H)
    assert norm(run.W - compiled.W, run.H - compiled.H) <= 1e-12 * norm(slow_W, slow_H)
    assert run.log_time == pytest.approx(compiled.log_time, rel=1e-12)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("method", METHODS)
def test_a_thousand_steps_are_those_of_the_compiled_engine(shape, method):
    config, start = config_of(*shape, method, RATES[method]), State(*gaussian(*shape))
    run, compiled = OneRun(config, start, NEVER), CompiledRun(config, start, NEVER)
    for steps in (1, 299, 700):
        assert run.advance(steps) == compiled.advance(steps) == steps
    assert len(run.memories) == config.step_rule.memories
    for mine, theirs in ((run, compiled), *zip(run.memories, compiled.memories, strict=True)):
        assert norm(mine.W - theirs.W, mine.H - theirs.H) <= 1e-10 * norm(theirs.W, theirs.H)
    assert run.log_time == pytest.approx(compiled.log_time, rel=1e-12)
    assert not run.diverged


def test_labels_may_come_in_any_order(rng):
    K, d, n = 4, 3, 5
    (W, H), labels = gaussian(K, d, n), np.repeat(np.arange(K), n)
    order, config = rng.permutation(K * n), config_of(K, d, n)
    plain, mixed = batch_of(config, [(W, H)]), batch_of(config, [(W, H[:, order])], labels=labels[order])
    plain.advance(50)
    mixed.advance(50)
    assert norm(plain.H[0][:, order] - mixed.H[0], plain.W[0] - mixed.W[0]) <= 1e-13 * norm(plain.W, plain.H)


# -- a batch -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("method", METHODS)
def test_a_batch_is_its_runs_one_by_one(method, dtype):
    K, d, n = shape = 4, 3, 7
    config, rates = config_of(*shape, method, dtype=dtype), RATES[method] * np.array([1.0, 0.1, 3.0, 0.7, 1.0])
    starts = [gaussian(*shape, seed=seed) for seed in range(5)]
    batch = batch_of(config, starts, learning_rate=rates)
    assert batch.advance(120) == 120
    assert batch.taken.tolist() == [120] * 5
    assert (batch.W.shape, batch.H.shape) == ((5, K, d), (5, d, K * n))
    rounding = 1e-12 if dtype == "float64" else 1e-4
    for b, (rate, start) in enumerate(zip(rates, starts, strict=True)):
        alone = OneRun(config.with_changes(learning_rate=float(rate)), State(*start), NEVER)
        alone.advance(120)
        assert norm(batch.W[b] - alone.W, batch.H[b] - alone.H) <= rounding * norm(alone.W, alone.H)
        assert batch.log_time[b] == pytest.approx(alone.log_time, rel=rounding)


@pytest.mark.parametrize("method", METHODS)
def test_a_run_is_continued_from_its_memories_and_clock_bit_for_bit(method):
    config, start = config_of(4, 3, 5, method, RATES[method]), gaussian(4, 3, 5)
    whole, first = batch_of(config, [start] * 2), batch_of(config, [start] * 2)
    whole.advance(90)
    first.advance(40)
    kept = {"memories": first.kept, "log_time": first.log_time, "taken": 40}
    then = BatchedRun(config, first.W, first.H, np.full(2, NEVER), **kept)
    then.advance(50)
    for mine, theirs in ((then.W, whole.W), (then.H, whole.H), (then.log_time, whole.log_time)):
        assert np.array_equal(mine, theirs)


# -- divergence ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["gradient-descent", "momentum"])
def test_a_run_past_its_limit_stands_still_and_the_others_go_on(method):
    config, starts = config_of(4, 3, 10, method), [gaussian(4, 3, 10, seed=seed) for seed in range(3)]
    rates, limits = np.array([0.02, 2.0, 0.02]), np.array([NEVER, 500.0, NEVER])
    W, H = (np.stack(blocks) for blocks in zip(*starts, strict=True))
    batch = BatchedRun(config, W, H, limits, learning_rate=rates)
    assert batch.advance(300) == 300
    assert batch.diverged.tolist() == [False, True, False]
    frozen = batch.W[1], batch.H[1], *(H[1] for _, H in batch.kept)
    batch.advance(50)
    for before, after in zip(frozen, (batch.W[1], batch.H[1], *(H[1] for _, H in batch.kept)), strict=True):
        assert np.array_equal(before, after)
    for b, steps in enumerate((350, 300, 350)):
        alone = CompiledRun(config.with_changes(learning_rate=float(rates[b])), State(*starts[b]), limits[b])
        assert batch.taken[b] == alone.advance(steps)
        assert batch.diverged[b] == alone.diverged
        assert norm(batch.W[b] - alone.W, batch.H[b] - alone.H) <= 1e-10 * norm(alone.W, alone.H)
    assert 0 < batch.taken[1] < 300


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("method", METHODS)
def test_logits_that_overflow_are_divergence_even_under_an_infinite_limit(method, dtype):
    W, H = gaussian(3, 2, 4)
    config = config_of(3, 2, 4, method, dtype=dtype)
    rates = np.array([1e-3, 1e300 if dtype == "float64" else 1e30])
    batch = batch_of(config, [(W, H), (W, H)], limit=np.inf, learning_rate=rates)
    assert batch.advance(5) == 5
    assert batch.taken.tolist() == [5, 1]
    assert batch.diverged.tolist() == [False, True]
    assert np.isfinite(batch.W).all() and np.isfinite(batch.H).all()


@pytest.mark.parametrize(("dtype", "entry"), [("float64", 1e200), ("float32", 1e30)])
def test_an_infinite_violation_is_past_an_infinite_limit(dtype, entry):
    W, H = entry * np.array([[1.0], [-1.0]]), entry * np.array([[-1.0, 1.0]])
    batch = batch_of(config_of(2, 1, 1, dtype=dtype), [(W, H)], limit=np.inf)
    assert batch.advance(1) == 0
    assert batch.diverged.tolist() == [True]


def test_a_start_past_its_limit_takes_no_step():
    run = OneRun(config_of(3, 2, 4), State(*gaussian(3, 2, 4)), 1e-3)
    assert run.advance(10) == 0
    assert run.diverged
    assert np.array_equal(run.W, gaussian(3, 2, 4)[0])


# -- where gradients leave the floating-point range ----------------------------------------------------------------


def separated(margin: float, K: int = 4, d: int = 3, n: int = 3):
    """A point whose smallest margin is `margin`: the simplex, unevenly pulled about by 2 %."""
    best, (dW, dH) = minimum_norm_optimum(K, d, n), gaussian(K, d, n, 1, 0.02)
    W, H = best.W + dW, best.H + dH
    scale = np.sqrt(margin / slow_metrics(W, H, np.repeat(np.arange(K), n))["q_min"])
    return W * scale, H * scale, n


@pytest.mark.parametrize("margin", [10.0, 39.0, 41.0, 740.0, 760.0, 1e6])
def test_the_normalised_rule_keeps_direction_and_clock_where_the_gradient_underflows(margin):
    W, H, n = separated(margin)
    expected_W, expected_H, log_norm = separated_gradient(W, H, n)
    rate = 1e-3 * norm(W, H)
    near = gaussian(4, 3, n)  # beside it, a run with margins of order one
    batch = batch_of(config_of(4, 3, n, "normalised-gradient-descent", rate), [(W, H), near])
    batch.advance(1)
    moved_W, moved_H = (batch.W[0] - W) / -rate, (batch.H[0] - H) / -rate
    assert norm(moved_W - expected_W, moved_H - expected_H) < 1e-10 * max(1.0, margin / 1e3)
    assert batch.log_time[0] == pytest.approx(np.log(rate) - log_norm, abs=1e-9 * margin)
    assert batch.log_time[1] == pytest.approx(np.log(rate) - separated_gradient(*near, n)[2], abs=1e-9)


@pytest.mark.parametrize("margin", [50.0, 500.0, 700.0])
def test_a_tiny_gradient_keeps_size_and_direction(margin):
    """Momentum's first velocity is the gradient: down to e^-700 it is the log-domain one."""
    W, H, n = separated(margin)
    g_W, g_H, log_norm = separated_gradient(W, H, n)
    run = OneRun(config_of(4, 3, n, "momentum", 1.0), State(W, H), NEVER)
    run.advance(1)
    (velocity,) = run.memories
    velocity_W, velocity_H = velocity.W / np.exp(log_norm), velocity.H / np.exp(log_norm)
    assert norm(velocity_W - g_W, velocity_H - g_H) < 1e-10


@pytest.mark.parametrize("method", METHODS)
def test_a_critical_point_is_not_left(method):
    batch = batch_of(config_of(3, 2, 2, method), [(np.zeros((3, 2)), np.zeros((2, 6))), gaussian(3, 2, 2)])
    batch.advance(50)
    assert not batch.W[0].any()
    assert not batch.H[0].any()
    assert batch.log_time[0] == -np.inf
    assert norm(batch.W[1] - gaussian(3, 2, 2)[0]) > 0.1


# -- how it works --------------------------------------------------------------------------------------------------


class NewStorages(TorchDispatchMode):
    """Collects the operations whose results lie in memory that no operation before has seen."""

    def __init__(self):
        super().__init__()
        self.known, self.found = set(), []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        given = tree_leaves((args, kwargs or {}))
        self.known |= {t.untyped_storage().data_ptr() for t in given if isinstance(t, torch.Tensor)}
        result = func(*args, **(kwargs or {}))
        for t in tree_leaves(result):
            if isinstance(t, torch.Tensor) and t.untyped_storage().data_ptr() not in self.known:
                self.found.append(str(func))
        return result


@pytest.mark.parametrize("method", [name for name in METHODS if not RULES[name].decomposes])
def test_a_step_allocates_nothing(method):
    run = batch_of(config_of(4, 3, 5, method), [gaussian(4, 3, 5)] * 3)
    with torch.inference_mode():
        run.step()
        with NewStorages() as watch:
            run.step()
    assert watch.found == []
    with NewStorages() as watch:
        torch.ones(3) + 1.0
    assert watch.found != []  # it would have seen one


def test_replayed_steps_and_single_ones_add_up(monkeypatch):
    """The counting around CUDA graphs, with a graph that takes its steps one by one."""

    class Steps:
        def __init__(self, run: BatchedRun):
            self.run, self.replays = run, 0

        def replay(self) -> None:
            self.replays += 1
            for _ in range(batched.GRAPH_STEPS):
                self.run.step()

    def captured(run: BatchedRun) -> Steps:
        for _ in range(batched.WARM_UP):
            run.step()
        return Steps(run)

    monkeypatch.setattr(BatchedRun, "_worth_a_graph", lambda run: True)
    monkeypatch.setattr(BatchedRun, "_captured", captured)
    run, plain = (batch_of(config_of(4, 3, 5), [gaussian(4, 3, 5)]) for _ in range(2))
    for steps, replays in ((batched.GRAPH_STEPS, None), (150, 4), (10, 4), (32, 5)):
        assert run.advance(steps) == steps
        assert (None if run._graph is None else run._graph.replays) == replays
    monkeypatch.setattr(BatchedRun, "_worth_a_graph", lambda run: False)
    plain.advance(batched.GRAPH_STEPS + 192)
    assert np.array_equal(run.H, plain.H)
    assert run.taken.tolist() == plain.taken.tolist() == [batched.GRAPH_STEPS + 192]


def test_a_missing_device_is_refused_with_one_that_works(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with refused("device", "device = cuda", "not found on this machine", "use cpu"):
        device_named("cuda")
    with pytest.raises(ConfigError) as caught:
        device_named("cuda")
    assert device_named(example_in(caught.value)).type == "cpu"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="No CUDA device was found on this machine.")
@pytest.mark.parametrize("method", [name for name in METHODS if not RULES[name].decomposes])
class TestOnCuda:
    @pytest.mark.parametrize(("dtype", "rounding"), [("float64", 1e-10), ("float32", 1e-4)])
    def test_a_gpu_takes_the_steps_of_a_cpu(self, method, dtype, rounding):
        config, starts = config_of(4, 3, 10, method, RATES[method]), [gaussian(4, 3, 10, seed=s) for s in range(3)]
        steps = 1000 if dtype == "float64" else 100
        cpu, gpu = (batch_of(config.with_changes(device=device, dtype=dtype), starts) for device in ("cpu", "cuda"))
        assert cpu.advance(steps) == gpu.advance(steps) == steps
        assert gpu._graph is not None
        assert norm(cpu.W - gpu.W, cpu.H - gpu.H) <= rounding * norm(cpu.W, cpu.H)
        assert gpu.log_time == pytest.approx(cpu.log_time, rel=rounding)

    def test_a_graph_takes_the_steps_it_was_captured_from(self, method, monkeypatch):
        config, starts = config_of(4, 3, 10, method, RATES[method], device="cuda"), [gaussian(4, 3, 10)] * 2
        graph, eager = batch_of(config, starts), batch_of(config, starts)
        assert [graph.advance(steps) for steps in (20, 300, 77)] == [20, 300, 77]
        monkeypatch.setattr(batched, "GRAPH_BELOW", 0)
        assert eager.advance(397) == 397
        assert graph._graph is not None
        assert eager._graph is None
        assert norm(graph.W - eager.W, graph.H - eager.H) <= 1e-13 * norm(eager.W, eager.H)

    def test_a_run_past_its_limit_stands_still_inside_a_graph(self, method):
        config, starts = config_of(4, 3, 10, method, device="cuda"), [gaussian(4, 3, 10, seed=s) for s in range(2)]
        rates = np.array([1e-3, 1e150])
        batch = batch_of(config, starts, limit=1e4, learning_rate=rates)
        assert batch.advance(200) == 200
        assert batch.diverged.tolist() == [False, True]
        assert batch.taken[1] < 200
