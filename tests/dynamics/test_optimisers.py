"""Adam, sign and spectral descent, and decay beside the step: against torch.optim and NumPy, in both engines."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from reference import METHODS, Stepper, gaussian, isometry, naive_gradient, points, refused, separated_gradient

from ulpm_core import Outcome, RunConfig, State
from ulpm_core.dynamics.engines.batched.run import BatchedRun, OneRun
from ulpm_core.dynamics.engines.compiled.isometry import partial_isometry
from ulpm_core.dynamics.engines.compiled.run import CompiledRun
from ulpm_core.dynamics.simulate import simulate
from ulpm_core.dynamics.stability import stability_limit
from ulpm_core.files.run import load_run, save_run
from ulpm_core.model.etf import minimum_norm_optimum
from ulpm_core.model.objective import Objective

ENGINES = [CompiledRun, OneRun]
OTHERS = ("adam", "sign-descent", "spectral-descent")
NEVER = 1e12
SHAPE = (4, 3, 6)


def far(run: Any, W: np.ndarray, H: np.ndarray) -> float:
    """How far a run is from (W, H), relative to its norm."""
    return math.hypot(np.linalg.norm(run.W - W), np.linalg.norm(run.H - H)) / math.hypot(
        np.linalg.norm(W), np.linalg.norm(H)
    )


def config_of(method: str, rate: float = 0.01, shape: tuple[int, int, int] = SHAPE, **more: Any) -> RunConfig:
    K, d, n = shape
    return RunConfig(classes=K, dimension=d, per_class=n, method=method, learning_rate=rate, **more)


# -- Adam and AdamW as torch has them ------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize(
    ("betas", "epsilon", "decays", "decay"),
    [
        ((0.9, 0.999), 1e-8, (0.0, 0.0), "coupled"),
        ((0.0, 0.5), 1e-3, (0.0, 0.0), "coupled"),
        ((0.8, 0.99), 1e-6, (0.1, 0.02), "coupled"),
        ((0.8, 0.99), 1e-6, (0.1, 0.02), "decoupled"),
        ((0.9, 0.5), 1e-8, (0.3, 0.3), "decoupled"),
    ],
)
def test_every_step_is_that_of_torchs_adam_and_adamw(engine, reduction, betas, epsilon, decays, decay):
    W, H = gaussian(*SHAPE, seed=2)
    config = config_of(
        "adam", 0.02, momentum=betas[0], beta2=betas[1], epsilon=epsilon, weight_decay=decays[0],
        weight_decay_h=decays[1], decay=decay, loss_reduction=reduction,
    )  # fmt: skip
    run = engine(config, State(W, H), NEVER)
    theta = [torch.tensor(block) for block in (W, H)]
    groups = [{"params": [block], "weight_decay": factor} for block, factor in zip(theta, decays, strict=True)]
    made = torch.optim.AdamW if decay == "decoupled" else torch.optim.Adam
    optimiser = made(groups, lr=0.02, betas=betas, eps=epsilon)
    for _ in range(60):
        gradient = naive_gradient(*(block.numpy() for block in theta), SHAPE[2], reduction)
        for block, g in zip(theta, gradient, strict=True):
            block.grad = torch.tensor(g)
        optimiser.step()
        assert run.advance(1) == 1
        assert far(run, *(block.numpy() for block in theta)) <= 1e-12
    for found, name in zip(run.memories, ("exp_avg", "exp_avg_sq"), strict=True):
        for block, kept in zip(theta, (found.W, found.H), strict=True):
            assert kept == pytest.approx(optimiser.state[block][name].numpy(), rel=1e-9, abs=1e-18)


# -- decay beside the step -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("method", [name for name in METHODS if name != "gradient-descent"])
def test_decoupled_decay_is_taken_off_before_the_step_of_the_old_gradient(method, dtype, engine):
    (W, H), stepper = gaussian(*SHAPE, seed=3), Stepper(method, 0.8)
    config = config_of(
        method, momentum=0.8, weight_decay=0.4, weight_decay_h=0.1, decay="decoupled", dtype=dtype,
        loss_reduction="mean",
    )  # fmt: skip
    run = engine(config, State(W, H), NEVER)
    run.advance(40)
    for _ in range(40):
        (step_W, step_H), _ = stepper(naive_gradient(W, H, SHAPE[2], "mean"), 0.01)
        W, H = (1 - 0.01 * 0.4) * W - step_W, (1 - 0.01 * 0.1) * H - step_H
    assert far(run, W, H) <= (1e-12 if dtype == "float64" else 1e-4)


def test_of_gradient_descent_both_decays_are_one_and_so_are_their_digests():
    coupled = config_of("gradient-descent", weight_decay=0.1)
    assert coupled.with_changes(decay="decoupled") == coupled
    assert config_of("adam", decay="decoupled") == config_of("adam")  # there is no decay
    assert config_of("momentum", beta2=0.5, epsilon=0.1) == config_of("momentum")
    apart = config_of("adam", weight_decay=0.1, decay="decoupled")
    assert apart.digest != apart.with_changes(decay="coupled").digest
    assert RunConfig.from_json(apart.to_json()) == apart
    assert apart.to_link()["decay"] == "decoupled"


def test_momentum_beside_decoupled_decay_rests_where_a_share_of_that_decay_is_optimal():
    """v = g / (1 - beta) and decay theta = -v: decoupled decay of 0.5 is that of 0.1 in the gradient."""
    run = simulate(
        config_of("momentum", 0.02, momentum=0.8, weight_decay=0.5, decay="decoupled", steps=4000, snapshots=20)
    )
    coupled = Objective.of(config_of("momentum", weight_decay=0.1))
    assert run.ideal_value == pytest.approx(coupled.ideal.value, rel=1e-12)
    assert run.value[-1] == pytest.approx(coupled.ideal.value, rel=1e-10)
    assert run.certificate[-1] < 1e-9
    assert run.distance_to_ideal[-1] < 1e-5
    assert run.minimised.note == ""


@pytest.mark.parametrize(
    ("method", "norm"),
    [
        ("normalised-gradient-descent", lambda W, H: math.hypot(np.linalg.norm(W), np.linalg.norm(H))),
        ("sign-descent", lambda W, H: max(np.abs(W).max(), np.abs(H).max())),
        ("adam", lambda W, H: max(np.abs(W).max(), np.abs(H).max())),
        ("spectral-descent", lambda W, H: max(np.linalg.norm(W, 2), np.linalg.norm(H, 2))),
    ],
)
def test_decoupled_decay_holds_steps_of_a_set_size_within_a_ball_and_the_run_says_so(method, norm):
    more = {"beta2": 0.9} if method == "adam" else {}  # with 0.999 it takes ten times as long
    config = config_of(method, 0.01, weight_decay=0.5, decay="decoupled", steps=3000, snapshots=30, **more)
    run = simulate(config)
    assert norm(run.W[-1], run.H[-1]) == pytest.approx(2.0, rel=0.02)  # 1 / decay
    assert math.isnan(run.ideal_value)
    assert np.isnan(run.distance_to_ideal).all()
    assert "ball of radius 1/λ" in run.minimised.note
    best = Objective.of(config.with_changes(decay="coupled")).ideal.value
    assert run.value[-1] > best + 0.5  # it is not that of F
    bound = run.value - run.certificate * np.maximum(1.0, run.value)
    assert (bound <= best + 1e-9).all()  # and the certificate is a true bound of F


def test_a_fast_forward_of_decoupled_decay_is_refused_and_so_are_numbers_out_of_range():
    with refused("fast_forward", "decoupled decay"):
        config_of("adam", weight_decay=0.1, decay="decoupled", fast_forward=10.0)
    with refused("epsilon", "epsilon = 0", "1e-12"):
        config_of("adam", epsilon=0.0)
    with refused("beta2", "beta2 = 1"):
        config_of("adam", beta2=1.0)
    with refused("decay", "coupled, decoupled"):
        config_of("adam", decay="none")


def test_decay_that_overshoots_diverges_and_its_limit_is_said():
    config = config_of("sign-descent", 1.0, weight_decay=3.0, decay="decoupled", steps=500)
    run = simulate(config)
    assert run.outcome is Outcome.DIVERGED
    assert stability_limit(config, State(run.W[0], run.H[0])) == pytest.approx(2.0 / 3.0)
    assert "0.67" in run.stop_reason


@pytest.mark.parametrize(("beta", "decay"), [(0.0, 0.5), (0.8, 2.0)])
def test_the_limit_of_momentum_beside_decoupled_decay_is_that_of_a_quadratic(beta, decay):
    """theta' = (1 - rate decay) theta - rate v', v' = beta v + kappa theta has eigenvalues below 1 up to the limit."""
    config = config_of("momentum", momentum=beta, weight_decay=decay, decay="decoupled")
    start = State(*gaussian(*SHAPE))
    kappa = 2.0 * (1.0 + beta) / stability_limit(config.with_changes(weight_decay=0.0, decay="coupled"), start)
    limit = stability_limit(config, start)
    for share, stable in ((0.999, True), (1.001, False)):
        rate = share * limit
        step = np.array([[1 - rate * decay - rate * kappa, -rate * beta], [kappa, beta]])
        assert (np.abs(np.linalg.eigvals(step)).max() < 1.0) == stable


# -- signs and isometries ------------------------------------------------------------------------------------------


@st.composite
def matrices(draw: st.DrawFn):
    """A matrix with singular values from 1 down to 1e-6, and of any rank."""
    rows, columns, rng = (
        draw(st.integers(1, 9)),
        draw(st.integers(1, 20)),
        np.random.default_rng(draw(st.integers(0, 99))),
    )
    rank = draw(st.integers(1, min(rows, columns)))
    left, right = (np.linalg.qr(rng.standard_normal((side, rank)))[0] for side in (rows, columns))
    return (
        left @ np.diag(10.0 ** -(6.0 * rng.random(rank))) @ right.T,
        rank,
        draw(st.sampled_from([1e-300, 1.0, 1e300])),
    )


@given(matrices())
def test_an_isometry_is_that_of_numpys_decomposition_and_knows_the_rank(drawn):
    block, rank, scale = drawn
    found = scale * block
    assert partial_isometry(found, 1.5e-8) == rank
    assert found == pytest.approx(isometry(block), abs=1e-8)
    assert np.linalg.svd(found, compute_uv=False)[:rank] == pytest.approx(np.ones(rank), abs=1e-8)


def test_singular_values_below_the_cut_are_0_and_a_block_of_0_stays():
    left, right = (np.linalg.qr(np.random.default_rng(1).standard_normal((side, 3)))[0] for side in (5, 8))
    block = left @ np.diag([1.0, 1e-7, 1e-9]) @ right.T
    assert partial_isometry(block, 1.5e-8) == 2
    assert block == pytest.approx(left[:, :2] @ right[:, :2].T, abs=1e-7)
    nothing = np.zeros((3, 8))
    assert partial_isometry(nothing, 1.5e-8) == 0
    assert not nothing.any()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("shape", "ranks"), [((4, 3, 6), (3, 3)), ((3, 5, 4), (2, 2)), ((5, 8, 1), (4, 4))])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_spectral_step_has_the_ranks_that_the_model_allows(engine, shape, ranks, dtype):
    W, H = gaussian(*shape)
    run = engine(config_of("spectral-descent", 0.5, shape, dtype=dtype), State(W, H), NEVER)
    run.advance(1)
    for before, after, rank in ((W, run.W, ranks[0]), (H, run.H, ranks[1])):
        S = np.linalg.svd((before - after) / 0.5, compute_uv=False)
        expected = np.where(np.arange(len(S)) < rank, 1.0, 0.0)
        assert np.abs(S - expected).max() < (1e-10 if dtype == "float64" else 1e-4)


# -- what all of them must do --------------------------------------------------------------------------------------


@given(points(), st.sampled_from(OTHERS), st.floats(0.0, 0.95), st.sampled_from(["sum", "mean"]))
def test_both_engines_agree_on_any_small_problem(point, method, beta, reduction):
    W, H, n = point
    config = config_of(method, 0.01, (*W.shape, n), momentum=beta, loss_reduction=reduction)
    compiled, batched = (engine(config, State(W, H), NEVER) for engine in ENGINES)
    assert compiled.advance(10) == batched.advance(10) == 10
    assert far(compiled, batched.W, batched.H) <= 1e-9
    assert compiled.log_time == pytest.approx(batched.log_time, rel=1e-9)


@pytest.mark.parametrize(
    ("method", "engine", "decay"),
    [*itertools.product(OTHERS, ("compiled", "batched"), ("coupled", "decoupled"))],
)
def test_a_run_goes_on_from_a_file_bit_for_bit(method, engine, decay, tmp_path):
    config = config_of(method, engine=engine, steps=300, weight_decay=0.1, decay=decay, snapshots=20)
    whole, part = simulate(config), simulate(config.with_changes(steps=110))
    save_run(part, tmp_path / "part.npz")
    names = set(np.load(tmp_path / "part.npz").files)
    assert ({"velocity2_W", "velocity2_H"} <= names) == (method == "adam")
    run = simulate(config, resume=load_run(tmp_path / "part.npz"))
    for name in ("W", "H", "step", "log_time", "log_loss"):
        assert np.array_equal(getattr(run, name), getattr(whole, name)), name
    for mine, theirs in zip(run.memories, whole.memories, strict=True):
        assert np.array_equal(mine.W, theirs.W) and np.array_equal(mine.H, theirs.H)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("method", OTHERS)
def test_padding_stays_0(method, dtype):
    run = CompiledRun(config_of(method, shape=(3, 2, 7), dtype=dtype), State(*gaussian(3, 2, 7)), NEVER)
    run.advance(50)
    assert run._H.shape[1] > 21
    for block in (run._H, *(H for _, H in run._memories)):
        assert not block[:, 21:].any()
        assert block[:, :21].any()


@pytest.mark.parametrize("margin", [150.0, 400.0, 760.0, 1e5])
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("method", ["sign-descent", "spectral-descent"])
def test_rules_without_a_scale_keep_direction_and_clock_where_the_gradient_underflows(method, engine, margin):
    K, d, n = 4, 3, 3
    best, (dW, dH) = minimum_norm_optimum(K, d, n), gaussian(K, d, n, 1, 1e-3 / margin)
    W, H = math.sqrt(margin) * (best.W + dW), math.sqrt(margin) * (best.H + dH)
    g_W, g_H, log_norm = separated_gradient(W, H, n)
    (step_W, step_H), passed = Stepper(method)((g_W, g_H), 1e-3)
    run = engine(config_of(method, 1e-3, (K, d, n)), State(W, H), NEVER)
    run.advance(1)
    assert np.abs(W - run.W - step_W).max() <= 1e-13 * margin
    assert np.abs(H - run.H - step_H).max() <= 1e-13 * margin
    assert run.log_time == pytest.approx(math.log(passed) - log_norm, rel=1e-9)


def test_adam_obeys_its_epsilon_where_the_gradient_is_far_below_it():
    """At margin 40 g is some e^-40: the first step is learning_rate g / epsilon, and not learning_rate."""
    best = minimum_norm_optimum(4, 3, 3)
    W, H = math.sqrt(40.0) * best.W, math.sqrt(40.0) * best.H
    g_W, _, log_norm = separated_gradient(W, H, 3)
    step = 1e14 * math.exp(log_norm) * g_W
    for engine in ENGINES:
        run = engine(config_of("adam", 1e6, (4, 3, 3)), State(W, H), NEVER)
        run.advance(1)
        assert np.abs(W - run.W - step).max() < 1e-6 * np.abs(step).max()


@pytest.mark.parametrize("method", OTHERS)
def test_a_run_that_has_diverged_stands_still_beside_one_that_goes_on(method):
    starts = [gaussian(*SHAPE, seed=seed) for seed in range(2)]
    W, H = (np.stack(blocks) for blocks in zip(*starts, strict=True))
    batch = BatchedRun(config_of(method), W, H, np.array([NEVER, 1e-3]))
    batch.advance(20)
    assert batch.diverged.tolist() == [False, True]
    assert np.array_equal(batch.H[1], H[1])
    assert np.abs(batch.H[0] - H[0]).max() > 0.05
