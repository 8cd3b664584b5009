"""Fitted slopes against the laws, on flows integrated to t = e^1000 by a reference of docs/theory.md 5.3."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import labels_of

from ulpm_core import RunConfig
from ulpm_core.analysis.measure import measured
from ulpm_core.analysis.rates import PREDICTED, fit_slope, honest_from, predicted_slope, rates, short_window_trap
from ulpm_core.dynamics.trajectory import Outcome, Trajectory

AGREE = 0.05
UNDER_THE_SLOPE = ("nc1", "nc1_trace_ratio")


def flow(K: int, d: int, n: int, end: float, seed: int = 0, scale: float = 0.3, c: float = 0.5) -> Trajectory:
    """Gradient flow of the summed loss in time s, ds = L dt: theta' = -grad log L by RK4, log t by quadrature."""
    rng = np.random.default_rng(seed)
    W, H = scale * rng.standard_normal((K, d)), scale * rng.standard_normal((d, K * n))
    labels, samples = labels_of(K, n), np.arange(K * n)

    def field(W, H):
        E = W @ H
        E -= E[labels, samples]
        E[labels, samples] = -np.inf
        top = E.max(axis=0)
        log_S = top + np.log(np.exp(E - top).sum(axis=0))
        log1p_S = np.logaddexp(0.0, log_S)
        log_l = np.where(log_S < -30, log_S, np.log(np.maximum(log1p_S, 1e-300)))
        log_L = log_l.max() + np.log(np.exp(log_l - log_l.max()).sum())
        g = np.exp(E - log1p_S - log_L)
        g[labels, samples] = -g.sum(axis=0)
        return -g @ H.T, -W.T @ g, log_L

    log_t, due, kept = -np.inf, 0.5, []
    while log_t < end:
        a1, b1, l1 = field(W, H)
        ds = min(c, c / ((a1**2).sum() + (b1**2).sum()))
        a2, b2, l2 = field(W + ds / 2 * a1, H + ds / 2 * b1)
        a3, b3, l3 = field(W + ds / 2 * a2, H + ds / 2 * b2)
        a4, b4, l4 = field(W + ds * a3, H + ds * b3)
        W, H = W + ds / 6 * (a1 + 2 * a2 + 2 * a3 + a4), H + ds / 6 * (b1 + 2 * b2 + 2 * b3 + b4)
        stages = np.array([-l1, np.log(2) - l2, np.log(2) - l3, -l4])
        log_t = np.logaddexp(log_t, np.log(ds / 6) + stages.max() + np.log(np.exp(stages - stages.max()).sum()))
        if log_t >= due:
            kept.append((W, H, log_t, field(W, H)[2]))
            due = 1.025 * log_t
    Ws, Hs, log_times, log_losses = map(np.array, zip(*kept, strict=True))
    config = RunConfig(classes=K, dimension=d, per_class=n, seed=seed, initial_scale=scale)
    steps = np.arange(len(kept))
    return measured(Trajectory(config, Ws, Hs, labels, steps, log_times, log_losses, Outcome.DONE, "Reached its end."))


def until(run: Trajectory, end: float) -> Trajectory:
    kept = run.log_time <= end
    return replace(
        run,
        **{name: getattr(run, name)[kept] for name in ("W", "H", "step", "log_time", "log_loss")},
        metrics={name: values[kept] for name, values in run.metrics.items()},
    )


def made_up(log_time: np.ndarray, values: np.ndarray, K: int = 3, d: int = 3) -> Trajectory:
    """A trajectory whose every metric is `values`, and gamma = 1 - values."""
    T = len(log_time)
    metrics = {name: values for name in PREDICTED if name != "gamma_gap"} | {"gamma": 1 - values}
    blank = np.zeros((T, K, d)), np.zeros((T, d, K)), labels_of(K, 1), np.arange(T), log_time, -log_time
    return Trajectory(RunConfig(classes=K, dimension=d, per_class=1), *blank, Outcome.DONE, "", None, metrics)


@pytest.fixture(scope="module")
def far() -> dict[int, Trajectory]:
    """K = 3, n = 2 in dimension 2, 3 and 5, to t = e^1000."""
    return {d: flow(3, d, 2, 1000.0) for d in (2, 3, 5)}


@pytest.fixture(scope="module")
def two() -> dict[int, Trajectory]:
    return {d: flow(2, d, 3, 300.0) for d in (1, 3)}


# -- the laws --------------------------------------------------------------------------------------------------------


def test_the_reference_flow_has_the_golden_values():
    """gamma of one run at six times, noted from a second program, and mu(t) of docs/theory.md 5.4 at the end."""
    run = flow(4, 20, 5, 1000.0)
    times = [math.log(110), 9.37, math.log(1e10), math.log(1.5e30), math.log(1e100), 998.0]
    golden = [0.751, 0.837, 0.92, 0.97, 0.99, 0.9976]
    assert np.interp(times, run.log_time, run.gamma) == pytest.approx(golden, abs=6e-4)
    mu = run.q_min[-1]
    assert mu == pytest.approx(math.log(8 * math.sqrt(5)) + run.log_time[-1] + math.log(mu), abs=0.01)


@pytest.mark.parametrize("d", [3, 5])
def test_every_slope_is_its_law_with_room_for_noise(far, d):
    found = rates(far[d])
    assert [rate.name for rate in found] == list(PREDICTED)
    for rate in found:
        assert rate.predicted == PREDICTED[rate.name]
        assert rate.slope == pytest.approx(rate.predicted, abs=AGREE), rate
        assert rate.window[1] == pytest.approx(math.e * rate.window[0])
        assert re.fullmatch(r"Fitted over t = e\^36\d to e\^(9[89]\d|1,0\d\d)\.", rate.why), rate


def test_four_classes_too():
    for rate in rates(flow(4, 4, 2, 1000.0)):
        assert rate.slope == pytest.approx(PREDICTED[rate.name], abs=AGREE), rate


def test_without_room_for_noise_nc1_has_no_slope(far):
    for rate in rates(far[2]):
        if rate.name in UNDER_THE_SLOPE:
            assert (rate.predicted, rate.window) == (None, None)
            assert math.isnan(rate.slope)
            assert "t^(−1/3)" in rate.why
        else:
            assert rate.slope == pytest.approx(rate.predicted, abs=AGREE), rate


def test_two_classes_close_only_what_is_open(two):
    """Uncentred angles are second order: -1. On a line even that is closed, and NC1 falls like 1/t, not t^-1/2."""
    found = {d: {rate.name: rate for rate in rates(two[d])} for d in (1, 3)}
    for name, rate in found[3].items():
        closed = name in ("nc2_norms", "nc2_norms_w", "nc2_angles", "nc2_angles_w")
        wanted = -1.0 if name == "nc2_angles_w_uncentred" else PREDICTED[name]
        assert rate.predicted == (None if closed else wanted)
        if closed:
            assert two[3].metrics[name].max() < 1e-14
        else:
            assert rate.slope == pytest.approx(wanted, abs=2 * AGREE), rate  # log t = 300 only
    for name in ("nc3", "nc2_angles_w_uncentred"):
        assert found[1][name].predicted is None
        assert two[1].metrics[name][-1] < 1e-14
    assert "t^(−1)" in found[1]["nc1"].why
    assert found[1]["nc3_uncentred"].slope == pytest.approx(-0.5, abs=AGREE)


@pytest.mark.parametrize(("K", "power"), [(2, -1.0), (3, -1 / 3)])
def test_nc1_is_a_power_of_t_where_noise_has_no_room(K, power):
    run = flow(K, K - 1, 4, 60.0, seed=1, scale=0.5)
    late = (run.log_time > 15) & (run.nc1 > 1e-28)
    found = np.polyfit(run.q_min[late], np.log(run.nc1[late]), 1)[0]  # the exact variable is the margin
    assert found == pytest.approx(power, abs=0.04)


def test_a_law_needs_a_simplex():
    assert all(predicted_slope(name, 5, 3) is None for name in PREDICTED)
    log_time = np.linspace(1.0, 3000.0, 100)
    for rate in rates(made_up(log_time, 1 / log_time, K=5, d=3)):
        assert (math.isnan(rate.slope), rate.window) == (True, None)
        assert rate.why == "No law is known where 5 classes share 3 dimensions."


# -- where a slope may be read ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("K", [2, 3, 4, 10, 50])
def test_the_window_opens_when_the_slowest_transient_has_died(K):
    """Exponents of docs/theory.md 5.5: class-level pair, and 1/(2K) within classes, which two classes do not have."""
    exponents = [(1 - math.sqrt(1 - 2 / K)) / 2] + ([1 / (2 * K)] if K > 2 else [])
    assert math.exp(-min(exponents) * honest_from(K)) == pytest.approx(1e-6)


def test_too_short_a_run_is_undecided_and_says_how_far_to_go(far):
    needed = math.ceil(math.e * honest_from(3))
    for rate in rates(until(far[3], needed - 1.0)):
        assert math.isnan(rate.slope)
        assert rate.window is None
        assert rate.predicted == PREDICTED[rate.name]
        assert rate.why == f"Undecided: power-law transients last to t = e^83; run to t = e^{needed}."
    log_time = np.linspace(1.0, needed, 400)
    for rate in rates(made_up(log_time, 0.5 / log_time)):
        assert rate.slope == pytest.approx(-1.0)
        assert rate.window[0] >= honest_from(3)


def test_a_run_that_has_only_begun_is_undecided():
    for rate in rates(made_up(np.array([-np.inf]), np.array([0.5]))):
        assert "Undecided" in rate.why


def test_what_is_below_rounding_is_not_fitted(far):
    log_time = np.linspace(1.0, 1000.0, 400)
    for rate in rates(made_up(log_time, 1e-14 / log_time)):
        if rate.name in UNDER_THE_SLOPE:  # squares: their rounding is squared
            assert rate.slope == pytest.approx(-1.0)
        else:
            assert math.isnan(rate.slope)
            assert rate.window is None
            assert rate.why == "Undecided: fewer than 8 values recorded above rounding."


@given(st.floats(-4, 1), st.floats(-5, 5), st.integers(8, 40))
def test_a_power_of_log_t_is_fitted_exactly(slope, log_C, points):
    log_time = np.geomspace(50.0, 500.0, points)
    values = np.exp(log_C) * (log_time / 50) ** slope
    assert fit_slope(log_time, values, (50.0, 501.0)) == pytest.approx(slope, abs=1e-9)


def test_only_finite_values_in_the_window_and_above_the_floor_are_fitted():
    log_time = np.concatenate([[-np.inf, -1.0, 0.0], np.linspace(10.0, 200.0, 20)])
    values = np.concatenate([[9.0, 9.0, 9.0], 3.0 / np.linspace(10.0, 200.0, 20) ** 2])
    values[[5, 6, 7]] = np.nan, np.inf, 1e-14
    values[log_time > 150] = 7.0
    assert fit_slope(log_time, values, (0.0, 150.0)) == pytest.approx(-2.0)
    assert math.isnan(fit_slope(log_time[:13], values[:13], (0.0, 150.0)))  # seven points
    assert fit_slope(log_time[:14], values[:14], (0.0, 150.0)) == pytest.approx(-2.0)  # eight


# -- the trap --------------------------------------------------------------------------------------------------------


def test_a_human_window_reads_another_slope(far):
    words = short_window_trap(far[5])
    found = re.fullmatch(
        r"Over t = 10² to 10⁸ alone .* would read (−?\d\.\d\d), not −1: there transients set the slope.*\.", words
    )
    assert found, words
    window = (far[5].log_time >= math.log(1e2)) & (far[5].log_time <= math.log(1e8))
    expected = np.polyfit(np.log(far[5].log_time[window]), np.log(far[5].nc2_angles[window]), 1)[0]
    assert float(found[1].replace("−", "-")) == pytest.approx(expected, abs=0.005)
    assert abs(expected + 1) > 0.3


def test_no_trap_where_there_is_none(far, two):
    assert short_window_trap(until(far[5], 18.0)) == ""  # not yet 10^8
    assert short_window_trap(two[3]) == ""  # two classes: no law to miss
    log_time = np.linspace(0.5, 20.0, 60)
    assert short_window_trap(made_up(log_time, 0.4 / log_time)) == ""  # the law itself
    assert "would read −2.00" in short_window_trap(made_up(log_time, 0.1 / log_time**2))
    assert short_window_trap(made_up(log_time[::8], 0.1 / log_time[::8] ** 2)) == ""  # too few points
