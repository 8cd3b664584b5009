"""The batched flow against the one-run flow, against SciPy and autograd, and against what a flow conserves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import gaussian, log_time_flow, points, random_rotation, refused
from scipy.integrate import solve_ivp

from ulpm_core import RunConfig, State
from ulpm_core.dynamics.engines.batched.flow import BatchedFlow
from ulpm_core.dynamics.flow import limits
from ulpm_core.dynamics.simulate import simulate

torch.set_num_threads(1)  # of two, on a busy machine, each waits for the other at every operation


def norm(*blocks: np.ndarray) -> float:
    return float(np.sqrt(sum((b**2).sum() for b in blocks)))


def config_of(K: int, d: int, n: int, tolerance: float = 1e-8, **more) -> RunConfig:
    return RunConfig(classes=K, dimension=d, per_class=n, method="gradient-flow", tolerance=tolerance, **more)


def flow_from(config: RunConfig, starts: list[tuple[np.ndarray, np.ndarray]], **more) -> BatchedFlow:
    W, H = (np.stack(blocks) for blocks in zip(*starts, strict=True))
    return BatchedFlow(config, W, H, **more)


# -- it is the flow ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize(
    ("shape", "log_time"), [((2, 1, 1), 1000.0), ((3, 2, 10), 300.0), ((4, 3, 30), 690.0), ((4, 6, 3), 5.0)], ids=str
)
def test_every_run_ends_where_the_flow_of_one_run_ends(shape, log_time, reduction):
    config = config_of(*shape, log_time=log_time, loss_reduction=reduction, snapshots=3)
    starts = [gaussian(*shape, seed=seed, scale=scale) for seed, scale in enumerate((0.3, 0.01, 1.0))]
    flow = flow_from(config, starts)
    flow.advance_to(log_time)
    assert flow.log_time == pytest.approx(log_time, rel=1e-13)
    for b, start in enumerate(starts):
        run = simulate(config.with_changes(tolerance=1e-11), State(*start))
        assert norm(flow.W[b] - run.last.W, flow.H[b] - run.last.H) <= 2e-7 * norm(run.last.W, run.last.H)


@settings(max_examples=15)
@given(points(low_scale=0.1, high_scale=1.0), st.sampled_from(["sum", "mean"]), st.floats(-3.0, 2.0))
def test_any_small_problem_flows_as_by_scipy(point, reduction, log_time):
    W, H, n = point
    flow = flow_from(config_of(*W.shape, n, 1e-10, loss_reduction=reduction), [(W, H)])
    flow.advance_to(log_time)
    [(slow_W, slow_H)] = log_time_flow(W, H, n, [log_time], reduction)
    assert norm(flow.W[0] - slow_W, flow.H[0] - slow_H) <= 1e-8 * norm(slow_W, slow_H)


def test_classes_of_any_sizes_flow_down_the_gradient_of_autograd():
    K, d, sizes, time = 3, 2, (1, 6, 3), 4.0
    labels = np.repeat(np.arange(K), sizes)
    rng = np.random.default_rng(5)
    start = rng.standard_normal(K * d + d * len(labels))

    def rhs(_: float, theta: np.ndarray) -> np.ndarray:
        at = torch.tensor(theta, requires_grad=True)
        logits = at[: K * d].view(K, d) @ at[K * d :].view(d, -1)
        torch.nn.functional.cross_entropy(logits.T, torch.from_numpy(labels), reduction="sum").backward()
        return -at.grad.numpy()

    expected = solve_ivp(rhs, (0.0, time), start, method="DOP853", rtol=1e-11, atol=1e-12).y[:, -1]
    block = start[: K * d].reshape(1, K, d), start[K * d :].reshape(1, d, -1)
    flow = BatchedFlow(config_of(K, d, 1, 1e-10).with_changes(class_sizes=sizes), *block)
    flow.advance_to(np.log(time))
    assert norm(flow.W[0].ravel() - expected[: K * d], flow.H[0].ravel() - expected[K * d :]) <= 1e-8 * norm(expected)


def test_the_error_follows_the_tolerance():
    starts, errors = [gaussian(4, 3, 5, seed=seed) for seed in range(4)], []
    exact = flow_from(config_of(4, 3, 5, 1e-12), starts)
    exact.advance_to(30.0)
    for tolerance in (1e-5, 1e-7, 1e-9):
        flow = flow_from(config_of(4, 3, 5, tolerance), starts)
        flow.advance_to(30.0)
        errors.append(norm(flow.W - exact.W, flow.H - exact.H) / norm(exact.W, exact.H))
        assert errors[-1] < 20 * tolerance
    assert errors[0] > 10 * errors[1] > 100 * errors[2] > 0.0


@pytest.mark.parametrize("tolerance", [1e-6, 1e-8, 1e-10])
@pytest.mark.parametrize("shape", [(2, 1, 1), (4, 3, 5)], ids=str)
def test_early_steps_are_as_long_as_those_of_the_flow_of_one_run(shape, tolerance):
    config, start = config_of(*shape, tolerance, log_time=2.0, snapshots=3), gaussian(*shape)
    flow = flow_from(config, [start])
    flow.advance_to(2.0)
    alone = simulate(config, State(*start)).right_hand_sides - 3  # it interpolates to the end, at three more
    assert abs(flow.right_hand_sides[0] - alone) <= 12  # a step


def test_what_the_flow_conserves_is_conserved_out_to_e_to_the_690():
    flow = flow_from(config_of(4, 3, 30), [gaussian(4, 3, 30, seed, 0.3) for seed in range(6)])
    W, H = flow.W, flow.H
    flow.advance_to(690.0)
    drift = (flow.W.mT @ flow.W - flow.H @ flow.H.mT) - (W.mT @ W - H @ H.mT)
    size = np.linalg.norm(flow.H @ flow.H.mT, axis=(1, 2))
    assert np.all(np.linalg.norm(drift, axis=(1, 2)) <= 1e-8 * size)
    assert np.abs(flow.W.sum(axis=1) - W.sum(axis=1)).max() <= 1e-11
    assert np.all(flow.right_hand_sides < 5000)


@settings(max_examples=10)
@given(points(low_scale=0.1, high_scale=1.0), st.integers(0, 99))
def test_a_rotation_of_feature_space_rotates_the_flow(point, seed):
    W, H, n = point
    R = random_rotation(W.shape[1], np.random.default_rng(seed))
    flow = flow_from(config_of(*W.shape, n, 1e-10), [(W, H), (W @ R, R.T @ H)])
    flow.advance_to(2.0)
    assert norm(flow.W[0] @ R - flow.W[1], R.T @ flow.H[0] - flow.H[1]) <= 1e-8 * norm(flow.W[0], flow.H[0])


# -- in which nothing over- or underflows --------------------------------------------------------------------------


def test_far_margins_wait_for_their_time_and_then_move():
    """Where L = e^-m nothing moves before t = e^m; at the end margins are about log t, however they began."""
    W, H = 30.0 * np.eye(3), np.repeat(30.0 * np.eye(3), 4, axis=1)
    flow = flow_from(config_of(3, 3, 4), [(W, H), (W / 20, H / 20)])
    flow.advance_to(850.0)
    assert norm(flow.W[0] - W) < 1e-15
    assert norm(flow.W[1]) > 1.5 * norm(W / 20)
    flow.advance_to(2000.0)
    logits = flow.W @ flow.H
    margins = np.array([[z[0, 0] - z[1, 0], z[1, 4] - z[2, 4]] for z in logits])
    assert np.all(np.abs(margins - 2000.0) < 15.0)


def test_a_huge_wrong_logit_is_no_overflow():
    W, H = np.array([[40.0], [-40.0]]), np.array([[-40.0, 40.0]])  # both samples wrong by 3,200
    flow = flow_from(config_of(2, 1, 1), [(W, H), gaussian(2, 1, 1)])
    flow.advance_to(-6.0)
    [(slow_W, slow_H)] = log_time_flow(W, H, 1, [-6.0])
    assert norm(flow.W[0] - slow_W, flow.H[0] - slow_H) <= 1e-7 * norm(slow_W, slow_H)
    assert norm(flow.W[0] - W) > 0.05


def test_a_saddle_is_not_left_and_stops_nobody():
    flow = flow_from(config_of(3, 2, 2), [(np.zeros((3, 2)), np.zeros((2, 6))), gaussian(3, 2, 2)])
    flow.advance_to(100.0)
    assert not flow.W[0].any()
    assert not flow.H[0].any()
    assert not flow.stalled.any()
    assert norm(flow.W[1]) > 2 * norm(gaussian(3, 2, 2)[0])


# -- every run at its own pace -------------------------------------------------------------------------------------


def test_a_batch_is_its_runs_one_by_one():
    starts = [gaussian(4, 3, 5, seed=seed, scale=scale) for seed, scale in enumerate((1e-3, 0.5, 3.0))]
    config = config_of(4, 3, 5)
    batch = flow_from(config, starts)
    batch.advance_to(40.0)
    assert len(set(batch.right_hand_sides.tolist())) == 3  # they did take steps of their own
    for b, start in enumerate(starts):
        alone = flow_from(config, [start])
        alone.advance_to(40.0)
        assert norm(batch.W[b] - alone.W[0], batch.H[b] - alone.H[0]) <= 1e-8 * norm(alone.W, alone.H)
        assert abs(batch.right_hand_sides[b] - alone.right_hand_sides[0]) <= 24


def test_stops_on_the_way_lie_on_the_same_flow():
    starts, config = [gaussian(3, 2, 5, seed=seed) for seed in range(3)], config_of(3, 2, 5)
    whole, stopped = flow_from(config, starts), flow_from(config, starts)
    whole.advance_to(50.0)
    for log_time in (-20.0, -1.0, 0.0, 3.0, 49.0, 50.0):
        stopped.advance_to(log_time)
        assert stopped.log_time == pytest.approx(log_time, rel=1e-12, abs=1e-14)
    assert norm(whole.W - stopped.W, whole.H - stopped.H) <= 1e-7 * norm(whole.W, whole.H)
    assert np.all(stopped.right_hand_sides < whole.right_hand_sides + 6 * 12 * 2)  # a landing costs no small steps
    before = stopped.W
    stopped.advance_to(10.0)  # is past already
    assert np.array_equal(stopped.W, before)


def test_runs_may_begin_at_times_of_their_own():
    config, starts = config_of(3, 2, 5), [gaussian(3, 2, 5, seed=seed) for seed in range(2)]
    first = flow_from(config, starts)
    first.advance_to(2.0)
    later = BatchedFlow(
        config,
        np.stack([starts[0][0], first.W[1]]),
        np.stack([starts[0][1], first.H[1]]),
        log_time=np.array([-np.inf, 2.0]),
    )
    first.advance_to(20.0)
    later.advance_to(20.0)
    assert norm(first.W - later.W, first.H - later.H) <= 1e-7 * norm(first.W, first.H)


def test_a_run_that_needs_too_many_right_hand_sides_stalls_alone(monkeypatch):
    start, config = gaussian(4, 3, 5), config_of(4, 3, 5)
    late = flow_from(config, [start])
    late.advance_to(99.0)
    monkeypatch.setattr(limits, "MOST_RIGHT_HAND_SIDES", 200)
    flow = flow_from(config, [start, (late.W[0], late.H[0])], log_time=np.array([-np.inf, 99.0]))
    flow.advance_to(100.0)
    assert flow.stalled.tolist() == [True, False]
    assert 200 < flow.right_hand_sides[0] <= 212
    assert flow.log_time[0] < 90.0
    assert flow.log_time[1] == pytest.approx(100.0, rel=1e-13)
    frozen = flow.H[0]
    flow.advance_to(101.0)
    assert np.array_equal(flow.H[0], frozen)
    assert flow.log_time[1] == pytest.approx(101.0, rel=1e-13)


def test_three_classes_on_a_line_stall_early(monkeypatch):
    monkeypatch.setattr(limits, "MOST_ON_A_LINE", 100)
    flow, plane = (flow_from(config_of(3, d, 2), [gaussian(3, d, 2)]) for d in (1, 2))
    flow.advance_to(1e6)
    plane.advance_to(20.0)
    assert flow.stalled.all()
    assert not plane.stalled.any()
    assert plane.right_hand_sides[0] > 100


def test_a_missing_device_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with refused("device", "device = cuda", "use cpu"):
        flow_from(config_of(2, 1, 1, device="cuda"), [gaussian(2, 1, 1)])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="No CUDA device was found on this machine.")
class TestOnCuda:
    def test_a_gpu_follows_the_flow_of_a_cpu(self):
        starts = [gaussian(4, 3, 10, seed=seed) for seed in range(3)]
        cpu, gpu = (flow_from(config_of(4, 3, 10, device=device), starts) for device in ("cpu", "cuda"))
        cpu.advance_to(100.0)
        gpu.advance_to(100.0)
        assert norm(cpu.W - gpu.W, cpu.H - gpu.H) <= 1e-7 * norm(cpu.W, cpu.H)
