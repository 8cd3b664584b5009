"""Leaving a saddle: pushes keep the norm, distances are what was pushed, and runs leave when the laws say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import dense_hessian, gaussian, labels_of, points, random_rotation, refused
from scipy.integrate import solve_ivp
from scipy.linalg import null_space

from ulpm_core import Outcome, RunConfig, State, simulate
from ulpm_core.analysis import escape as escape_module
from ulpm_core.analysis import tetrahedron
from ulpm_core.analysis.escape import (
    ESCAPED,
    add_step,
    arrival,
    distance,
    escape,
    escape_log_time,
    falling,
    log_mean,
)
from ulpm_core.analysis.landscape import landscape
from ulpm_core.analysis.metrics import metrics
from ulpm_core.analysis.tetrahedron import (
    HALFWAY,
    TETRAHEDRON,
    path_log_loss,
    path_margin_ratio,
    path_state,
    square_escape_log_time,
)
from ulpm_core.analysis.verdict import Verdict
from ulpm_core.model.objective import Objective
from ulpm_core.model.perturbation import push, random_direction
from ulpm_core.model.saddles.gallery import SADDLES


def flat(state: State) -> np.ndarray:
    return np.concatenate([state.W.ravel(), state.H.ravel()])


def flow_from(state: State, log_time: float, reduction: str = "sum"):
    config = RunConfig(method="gradient-flow", log_time=log_time, loss_reduction=reduction, snapshots=480)
    return simulate(config, state, separation=False)


def saddle(name: str, K: int, d: int, n: int, margin: float) -> State:
    return SADDLES[name].state(K, d, n, margin)


# -- pushes and distances ----------------------------------------------------------------------------------------------


@given(points(4), st.floats(1e-6, 1.0), st.integers(0, 99))
def test_a_push_keeps_the_norm_and_is_the_distance(point, epsilon, seed):
    W, H, _ = point
    state = State(W, H)
    pushed = push(state, epsilon, random_direction(state, seed))
    assert np.linalg.norm(flat(pushed)) == pytest.approx(np.linalg.norm(flat(state)), rel=1e-12)
    assert distance(pushed.W[None], pushed.H[None], state)[0] == pytest.approx(epsilon, rel=1e-6)
    grown = distance(7.0 * pushed.W[None], 7.0 * pushed.H[None], state)[0]
    assert grown == pytest.approx(epsilon, rel=1e-6)
    cosine = flat(pushed) @ flat(state) / np.linalg.norm(flat(state)) ** 2
    assert math.sqrt(1 / cosine**2 - 1) == pytest.approx(epsilon, rel=1e-4, abs=1e-6)


def test_only_the_part_of_a_direction_along_the_sphere_counts():
    state = State(*gaussian(3, 2, 2))
    X, V = random_direction(state, 1)
    tilted = push(state, 0.2, (5.0 * X + 3.0 * state.W, 5.0 * V + 3.0 * state.H))
    straight = push(state, 0.2, (X, V))
    assert flat(tilted) == pytest.approx(flat(straight), abs=1e-12)
    assert flat(push(state, 0.0, (X, V))) == pytest.approx(flat(state), abs=1e-15)
    assert not np.allclose(random_direction(state, 2)[0], X)
    assert np.array_equal(random_direction(state, 1)[0], X)


def test_a_push_off_the_origin_is_the_direction_itself():
    origin = State(np.zeros((3, 2)), np.zeros((2, 6)))
    pushed = push(origin, 0.25, random_direction(origin, 0))
    assert np.linalg.norm(flat(pushed)) == pytest.approx(0.25, rel=1e-14)
    assert distance(pushed.W[None], pushed.H[None], origin) == pytest.approx([0.25])


def test_pushes_that_go_nowhere_are_refused():
    state = State(*gaussian(3, 2, 2))
    for direction in [(state.W, state.H), (np.zeros((3, 2)), np.zeros((2, 6)))]:
        with refused("direction", "along the sphere", "eigenvector"):
            push(state, 0.1, direction)
    for epsilon in (-0.1, 1.5, math.nan):
        with refused("push", epsilon, "0 to 1"):
            push(state, epsilon, random_direction(state, 0))


def test_beyond_a_right_angle_there_is_no_distance():
    state = State(np.eye(2), np.zeros((2, 2)))
    W = np.array([np.eye(2), -np.eye(2), np.fliplr(np.eye(2))])
    assert distance(W, np.zeros((3, 2, 2)), state).tolist() == pytest.approx([0.0, math.inf, math.inf], abs=1e-15)


@pytest.mark.parametrize(("name", "K", "d", "n", "margin"), [
    ("origin", 3, 2, 2, 1.0), ("square", 4, 3, 2, 1.0), ("square", 4, 5, 1, 1.0), ("merged-pairs", 4, 4, 1, 1.0),
    ("neglected-class", 3, 3, 2, 2.0),
])  # fmt: skip
def test_the_growing_part_is_the_projection_on_torch_s_least_eigenspace(name, K, d, n, margin):
    state = saddle(name, K, d, n, margin)
    theta, at = flat(state), landscape(state)
    Q = null_space(theta[None]) if theta.any() else np.eye(len(theta))
    hessian = dense_hessian(state.W, state.H, n) + at.multiplier * np.eye(len(theta))
    values, vectors = np.linalg.eigh(Q.T @ hessian @ Q)
    least = Q @ vectors[:, values < values[0] + 1e-9]
    pushed = push(state, 0.1, random_direction(state, 3))
    along = flat(pushed) @ theta / np.linalg.norm(theta) if theta.any() else 1.0
    down = Q @ vectors[:, values < -1e-9]
    found = falling(state, pushed.W, pushed.H)
    assert found.steepest == pytest.approx(np.linalg.norm(least.T @ flat(pushed)) / along, rel=1e-9)
    assert found.down == pytest.approx(np.linalg.norm(down.T @ flat(pushed)) / along, rel=1e-9)
    assert 0.001 < found.steepest <= found.down < 0.1
    assert found.curvature == pytest.approx(values[0] / at.gradient_operator_norm, rel=1e-9)


def test_the_growing_part_where_no_dimension_is_free():
    """The simplex reversed: its least eigenspace lies inside, three-dimensional for K = 3."""
    best = saddle("simplex", 3, 2, 1, 0.5)
    state = State(best.W, -best.H)
    found = landscape(state)
    X, V = (block[1] for block in found.eigenvectors)
    assert found.multiplicity == 3
    pushed = push(state, 0.1, (X, V))
    assert falling(state, pushed.W, pushed.H).steepest == pytest.approx(0.1, rel=1e-9)


# -- escape times ------------------------------------------------------------------------------------------------------

LEFT_IN_TIME = [
    ("origin", 4, 3, 5, 1.0), ("neglected-class", 3, 3, 2, 2.0), ("neglected-class", 4, 6, 5, 5.0),
    ("merged-classes", 3, 2, 2, 1.0), ("merged-pairs", 4, 3, 5, 1.0),
]  # fmt: skip


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("push_along", ["eigenvector", "random"])
@pytest.mark.parametrize(("name", "K", "d", "n", "margin"), LEFT_IN_TIME)
def test_what_does_not_separate_is_left_at_the_predicted_time(name, K, d, n, margin, push_along, reduction):
    """t within 7 %, like log(1/epsilon) / nu; predicted from the growing part of the push alone."""
    state = saddle(name, K, d, n, margin)
    at = landscape(state, reduction)
    start = push(state, 1e-3, at.negative_direction if push_along == "eigenvector" else random_direction(state, 1))
    end = math.log(3 * math.log(1e4) / -at.least_tangent_eigenvalue)
    found = escape(flow_from(start, end, reduction), state)
    assert math.exp(found.observed - found.predicted) == pytest.approx(1.0, abs=0.07)
    rate = math.log(ESCAPED / falling(state, start.W, start.H).steepest) / -at.least_tangent_eigenvalue
    assert math.exp(found.predicted) == pytest.approx(rate, rel=0.3)  # the rate at the saddle, which then changes
    if push_along == "eigenvector":
        assert falling(state, start.W, start.H).steepest == pytest.approx(1e-3, rel=1e-6)


def test_from_the_origin_it_takes_log_of_one_over_epsilon_over_root_n():
    for K, d, n, epsilon in [(3, 10, 2, 1e-2), (4, 5, 20, 1e-4)]:
        origin = saddle("origin", K, d, n, 1.0)
        time = math.log(ESCAPED / epsilon) / math.sqrt(n)
        assert escape_log_time(origin, epsilon) == pytest.approx(math.log(time), rel=1e-12)
        assert escape_log_time(origin, epsilon, "mean") == pytest.approx(math.log(time * n * K), rel=1e-12)
        assert escape_log_time(origin, epsilon, level=1.0) > escape_log_time(origin, epsilon)


@pytest.mark.parametrize(
    ("d", "n", "margin", "epsilon"), [(3, 1, 0.001, 0.05), (3, 1, 5.0, 0.05), (8, 5, 1.0, 0.05), (3, 1, 0.5, 0.02)]
)
def test_the_square_is_left_only_in_log_time(d, n, margin, epsilon):
    """log t within a fifth of the law for small epsilon; the exact law of the family as well as snapshots can say."""
    state = saddle("square", 4, d, n, margin)
    exact = square_escape_log_time(epsilon, margin, n, level=ESCAPED)
    run = flow_from(push(state, epsilon, landscape(state).negative_direction), 1.2 * exact)
    observed = arrival(run.log_time, distance(run.W, run.H, state))
    assert escape_log_time(state, epsilon) == pytest.approx(observed, rel=0.2)
    assert exact == pytest.approx(observed, rel=3e-3)
    constant_rate = math.log(math.log(ESCAPED / epsilon) / -landscape(state).least_tangent_eigenvalue)
    assert observed > constant_rate + 1.0


@pytest.mark.parametrize(("epsilon", "margin", "noted"), [(0.1, 0.001, 20.95), (0.1, 1.0, 35.45), (0.1, 5.0, 132.45)])
def test_the_square_s_half_way_times_of_the_notes(epsilon, margin, noted):
    """docs/theory.md 3.7, n = 1, d = 3: the law as noted, and our flow, which agrees with it to four thousandths."""
    state = saddle("square", 4, 3, 1, margin)
    law = square_escape_log_time(epsilon, margin, 1)
    run = flow_from(push(state, epsilon, landscape(state).negative_direction), 1.2 * noted)
    assert law == pytest.approx(arrival(run.log_time, distance(run.W, run.H, state), HALFWAY), rel=4e-3)
    assert law == pytest.approx(noted, abs=0.005)
    assert run.gamma.max() > 7 / 8 > run.gamma[0]


def test_the_square_s_escape_against_scipy():
    """The same two laws, d log epsilon / d log a = tanh(mu (1 - 2 eps^2) / 2) and dt, integrated by DOP853 in log x."""
    n, margin, epsilon = 3, 2.0, 0.15
    start = [math.log(epsilon), -30.0]

    def rhs(log_x, y):
        mu, e2 = math.exp(2 * log_x), math.exp(2 * y[0])
        near, far = math.exp(-mu * (1 + 2 * e2)), math.exp(-2 * mu)
        rate = 2 * math.sqrt(n) * (near + far) / (1 + 2 * near + far)
        return [math.tanh(mu * (0.5 - e2)), math.exp(-y[1]) / rate]

    def there(_, y):
        return y[0] - math.log(0.4)

    there.terminal = True
    x0 = 0.5 * math.log(margin / (1 + epsilon**2))
    answer = solve_ivp(rhs, (x0, x0 + 5), start, method="DOP853", events=there, rtol=1e-10, atol=1e-12)
    assert square_escape_log_time(epsilon, margin, n, level=0.4) == pytest.approx(answer.y_events[0][0][1], rel=1e-3)


def test_what_has_no_way_down_is_never_left():
    assert escape_log_time(saddle("square", 4, 2, 2, 1.0), 0.01) == math.inf
    assert escape_log_time(saddle("simplex", 4, 5, 2, 1.0), 0.01) == math.inf
    assert escape_log_time(saddle("square", 4, 3, 2, 1.0), 0.0) == math.inf
    assert square_escape_log_time(0.0, 1.0, 1) == square_escape_log_time(0.1, 1.0, 1, level=0.75) == math.inf
    assert escape_log_time(saddle("cross-polytope", 12, 8, 1, 50.0), 1e-4) == math.inf  # beyond log t = 10^9
    assert escape_log_time(saddle("square", 4, 3, 2, 1.0), 0.3) == -math.inf  # it has been left


@pytest.mark.parametrize(("name", "K", "d", "margin"), [("square", 4, 3, 1.0), ("polygon", 6, 3, 1.0),
                                                        ("neglected-class", 4, 6, 5.0)])  # fmt: skip
def test_half_the_step_changes_the_prediction_by_less_than_a_thousandth(name, K, d, margin, monkeypatch):
    state = saddle(name, K, d, 2, margin)
    coarse = escape_log_time(state, 0.01)
    monkeypatch.setattr(escape_module, "STEP", escape_module.STEP / 2)
    assert escape_log_time(state, 0.01) == pytest.approx(coarse, rel=1e-3)
    coarse = square_escape_log_time(0.05, 1.0, 2)
    monkeypatch.setattr(tetrahedron, "STEP", tetrahedron.STEP / 2)
    assert square_escape_log_time(0.05, 1.0, 2) == pytest.approx(coarse, rel=1e-4)


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(0.01, 1.0))
def test_logarithmic_means_and_steps_are_integrals_of_exponentials(a, b, share):
    cut = a + share * (b - a)
    mean = math.exp(a) if a == cut else (math.exp(cut) - math.exp(a)) / (cut - a)
    if abs(cut - a) > 1e-3:
        assert log_mean(a, cut) == pytest.approx(math.log(mean), abs=1e-9)
        assert add_step(-math.inf, a, b, 2.0, share) == pytest.approx(math.log(2 * share * mean), abs=1e-9)
    assert min(a, b) - 1e-12 <= log_mean(a, b) <= max(a, b) + 1e-12
    assert log_mean(a, a + 1e-7) == pytest.approx(a + 5e-8, abs=1e-12)
    assert log_mean(a, b) == log_mean(b, a)


def test_arrivals_between_snapshots_at_the_first_and_never():
    log_time = np.array([-np.inf, 0.0, 2.0, 4.0])
    far = np.array([1e-3, 1e-2, 1e-1, np.inf])
    assert arrival(log_time, far, 0.05) == pytest.approx(2 * math.log(5) / math.log(10), rel=1e-12)
    assert arrival(log_time, far, 5e-3) == 0.0  # between the start and the first snapshot: the snapshot
    assert arrival(log_time, far, 1e-4) == -np.inf
    assert arrival(log_time, far, 10.0) == 4.0
    assert math.isnan(arrival(log_time[:3], far[:3], 0.5))


# -- a run seen from its saddle ----------------------------------------------------------------------------------------


def test_a_run_from_the_square_to_the_tetrahedron_seen_whole():
    state = saddle("square", 4, 3, 1, 0.5)
    run = flow_from(push(state, 0.1, landscape(state).negative_direction), 300.0)
    found = escape(run, state)
    assert len(found.looks) == 40
    assert found.looks[[0, -1]].tolist() == [0, len(run) - 1]
    assert found.distance[0] == pytest.approx(0.1, rel=1e-9)
    assert found.distance[-1] == pytest.approx(TETRAHEDRON, rel=1e-3)
    assert (np.diff(found.distance) > -run.config.tolerance).all()
    assert found.above_floor.min() >= -1e-11
    assert found.above_floor[-1] < 1e-3 < found.above_floor[0]
    assert found.share[0] < -0.05
    assert found.share[-1] > -0.01
    looks = [landscape(run_state(run, i)) for i in found.looks]
    assert found.least == pytest.approx([at.least_tangent_eigenvalue for at in looks], abs=1e-12)
    assert found.share == pytest.approx(
        [at.least_tangent_eigenvalue / at.gradient_operator_norm for at in looks], rel=1e-6
    )
    assert ((found.share >= -2.0) & (found.share <= 0.0)).all()


def run_state(run, i: int) -> State:
    return State(run.W[i], run.H[i])


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_gradient_descent_from_a_saddle_is_never_below_the_floor(reduction):
    state = saddle("merged-pairs", 4, 3, 2, 1.0)
    config = RunConfig(learning_rate=0.05, steps=3000, loss_reduction=reduction)
    found = escape(simulate(config, push(state, 0.01, random_direction(state, 0)), separation=False), state)
    assert found.above_floor.min() >= -1e-12
    assert found.observed == pytest.approx(found.predicted, abs=0.2)
    assert len(found.least) == 40


def test_a_run_that_diverged_is_seen_as_far_as_it_can_be():
    state = saddle("neglected-class", 3, 3, 50, 2.0)
    run = simulate(
        RunConfig(learning_rate=0.9, steps=2000), push(state, 0.1, random_direction(state, 0)), separation=False
    )
    assert run.outcome is Outcome.DIVERGED
    found = escape(run, state)
    assert np.isfinite(found.share).all()
    assert (found.share >= -2.0 - 1e-12).all()


# -- the way to the tetrahedron ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize("epsilon", [0.0, 0.1, 0.5, TETRAHEDRON, 0.9])
def test_the_family_s_closed_forms_are_its_states(epsilon, n):
    norm = math.sqrt(40.0)
    state = path_state(epsilon, 4, n, norm)
    assert np.linalg.norm(flat(state)) == pytest.approx(norm, rel=1e-12)
    assert pytest.approx(state.H @ state.H.T, abs=1e-12) == state.W.T @ state.W
    for reduction in ("sum", "mean"):
        loss = Objective(labels_of(4, n), 4, 4, reduction).value(state.W, state.H)
        assert math.exp(float(path_log_loss(np.array(epsilon), n, norm, reduction))) == pytest.approx(loss, rel=1e-12)
    gamma = metrics(state.W, state.H, np.repeat(np.arange(4), n))["gamma"]
    assert float(path_margin_ratio(np.array(epsilon))) == pytest.approx(float(gamma), rel=1e-12)
    wanted = {0.0: Verdict.SADDLE, TETRAHEDRON: Verdict.GLOBAL}.get(epsilon, Verdict.NOT_CRITICAL)
    assert landscape(state).verdict is wanted


def test_golden_values_of_the_path():
    epsilon = np.array([0.0, 0.1, 0.3, 0.5, TETRAHEDRON, 0.9])
    ratios = [0.75, 0.757426, 0.811927, 0.9, 1.0, 0.828729]
    assert path_margin_ratio(epsilon) == pytest.approx(ratios, abs=5e-7)
    losses = [4.0617, 3.9937, 3.5503, 3.0478, 2.8328, 3.0218]
    assert np.exp(path_log_loss(epsilon, 5, math.sqrt(40.0))) == pytest.approx(losses, abs=6e-5)
    assert float(path_margin_ratio(np.array(HALFWAY))) == pytest.approx(7 / 8, rel=1e-14)
    assert path_log_loss(np.full((2, 3), 0.1), 1, 1e6).shape == (2, 3)
    assert np.isfinite(path_log_loss(epsilon, 1, 1e8)).all()


@given(st.floats(0.0, 0.7), st.integers(1, 6), st.floats(0.5, 60.0), st.integers(0, 99))
def test_gradient_flow_stays_in_the_family(epsilon, n, energy, seed):
    """The gradient at U(epsilon) lies in the plane of the family's two patterns, whatever the rotation."""
    state, R = path_state(epsilon, 3, n, math.sqrt(energy)), random_rotation(3, np.random.default_rng(seed))
    g = np.concatenate(
        [block.ravel() for block in Objective(labels_of(4, n), 4, 3).gradient(state.W @ R, R.T @ state.H)]
    )
    square, up = path_state(0.0, 3, n, 1.0), path_state(1e9, 3, n, 1.0)
    patterns = [np.concatenate([(s.W @ R).ravel(), (R.T @ s.H).ravel()]) for s in (square, up)]
    rest = g - sum((g @ p) * p for p in patterns)
    assert np.linalg.norm(rest) <= 1e-7 * np.linalg.norm(g) + 1e-14
