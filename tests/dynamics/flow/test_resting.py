"""The flow of a value with a least one: against SciPy, closed forms, invariants and certificates; how it rests."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from dynamics.flows import same
from reference import gaussian, refused
from scipy.integrate import solve_ivp

from ulpm_core import Outcome, RunConfig, State, Trajectory
from ulpm_core.analysis.laws import NOISE, noise_rate
from ulpm_core.analysis.metrics import metrics
from ulpm_core.dynamics.many import simulate_many
from ulpm_core.dynamics.simulate import simulate
from ulpm_core.film.film import build_film
from ulpm_core.model.initialisation import initial_state
from ulpm_core.model.objective import Objective

SMALL = RunConfig(method="gradient-flow", classes=4, dimension=3, per_class=5)
UNEVEN = RunConfig(method="gradient-flow", class_sizes=(6, 4, 2), dimension=4)
RULES: dict[str, RunConfig] = {
    "decay": SMALL.with_changes(weight_decay=0.01),
    "weak decay of the mean": SMALL.with_changes(weight_decay=1e-4, loss_reduction="mean"),
    "room for noise": SMALL.with_changes(weight_decay=0.005, dimension=6),
    "two decays": SMALL.with_changes(weight_decay=0.003, weight_decay_h=0.03),
    "decay, uneven": UNEVEN.with_changes(weight_decay=0.02),
    "squared error": SMALL.with_changes(loss="squared-error", dimension=4),
    "squared error, decay, mean": SMALL.with_changes(loss="squared-error", weight_decay=0.003, loss_reduction="mean"),
    "squared error, uneven": UNEVEN.with_changes(loss="squared-error", weight_decay=0.05),
    "label smoothing": SMALL.with_changes(loss="label-smoothing", loss_reduction="mean"),
    "label smoothing, decay, uneven": UNEVEN.with_changes(loss="label-smoothing", weight_decay=0.02),
}


def at_times(config: RunConfig, start: State, log_times: list[float]) -> list[np.ndarray]:
    """(W, H) as one vector, by SciPy's LSODA and the objective's own gradient."""
    objective, (K, d, N) = Objective.of(config), (config.classes, config.dimension, config.label_count)

    def field(_: float, theta: np.ndarray) -> np.ndarray:
        slopes = objective.gradient(theta[: K * d].reshape(K, d), theta[K * d :].reshape(d, N))
        return -np.concatenate([slope.ravel() for slope in slopes])

    t = np.exp(log_times)
    theta = np.concatenate([start.W.ravel(), start.H.ravel()])
    return list(solve_ivp(field, (0.0, t[-1]), theta, "LSODA", t, rtol=1e-10, atol=1e-12).y.T)


@pytest.fixture(scope="module")
def rested() -> dict[str, Trajectory]:
    return {name: simulate(config) for name, config in RULES.items()}


@pytest.mark.parametrize("name", ["decay", "two decays", "decay, uneven", "squared error, uneven", "label smoothing"])
def test_it_is_where_scipy_is(name: str) -> None:
    config = RULES[name]
    start = initial_state(config)
    times = [-1.0, 1.5, 3.0, 5.0]
    for log_time, there in zip(times, at_times(config, start, times), strict=True):
        run = simulate(config.with_changes(log_time=log_time))
        assert run.log_time[-1] == log_time
        assert np.abs(np.concatenate([run.W[-1].ravel(), run.H[-1].ravel()]) - there).max() < 1e-6, log_time


@pytest.mark.parametrize("name", RULES)
def test_it_rests_where_the_value_is_least(rested: dict[str, Trajectory], name: str) -> None:
    run = rested[name]
    assert run.outcome is Outcome.DONE and run.log_time[-1] == 1000.0
    assert "It has been at rest since t = " in run.stop_reason
    assert abs(run.certificate[-1]) < 1e-9
    if not math.isnan(run.ideal_value):
        assert run.value[-1] == pytest.approx(run.ideal_value, rel=1e-12)
    if not math.isnan(run.distance_to_ideal[-1]):
        assert run.distance_to_ideal[-1] < 1e-7
    assert run.right_hand_sides < 30_000


@pytest.mark.parametrize("decay", [1e-6, 1e-3, 0.05])
def test_the_margin_at_rest_is_the_closed_form(decay: float) -> None:
    config = SMALL.with_changes(weight_decay=decay, loss_reduction="mean")
    run = simulate(config)
    tau = math.sqrt(config.per_class) * decay
    margin = metrics(run.W[-1:], run.H[-1:], run.labels)["q_min"][0]
    assert margin == pytest.approx(math.log(1.0 / tau - config.classes + 1.0), rel=1e-9)


@pytest.mark.parametrize("name", ["decay", "weak decay of the mean", "room for noise", "decay, uneven"])
def test_what_the_model_conserves_decays_exponentially(rested: dict[str, Trajectory], name: str) -> None:
    """C(t) = C(0) e^(-2 lambda t), and the sum of classifiers like e^(-lambda t)."""
    run, decay = rested[name], RULES[name].weight_decay
    t = np.exp(np.minimum(run.log_time, 700.0))
    C = run.W.swapaxes(1, 2) @ run.W - run.H @ run.H.swapaxes(1, 2)
    size = max(float(np.abs(run.W).max()), float(np.abs(run.H).max())) ** 2
    assert np.abs(C - C[0] * np.exp(-2.0 * decay * t)[:, None, None]).max() < 1e-8 * max(1.0, size)
    sums = run.W.sum(axis=1)
    assert np.abs(sums - sums[0] * np.exp(-decay * t)[:, None]).max() < 1e-8
    assert np.abs(C[0]).max() > 0.1 and np.abs(C[-1]).max() < 1e-12


def test_without_decay_squared_error_conserves_the_imbalance(rested: dict[str, Trajectory]) -> None:
    run = rested["squared error"]
    C = run.W.swapaxes(1, 2) @ run.W - run.H @ run.H.swapaxes(1, 2)
    assert np.abs(C - C[0]).max() < 1e-7 and np.abs(C[0]).max() > 0.1


@pytest.mark.parametrize("name", ["decay", "room for noise", "label smoothing, decay, uneven"])
def test_the_value_never_rises(rested: dict[str, Trajectory], name: str) -> None:
    value = rested[name].value
    assert np.diff(value).max() < 1e-14 * value[0]


@pytest.mark.parametrize("name", ["decay", "squared error, decay, mean"])
@pytest.mark.parametrize("until", [1.0, 4.5, 6.0, 50.0])
def test_it_goes_on_as_one_longer_run(name: str, until: float) -> None:
    config = RULES[name]
    begun = simulate(config.with_changes(log_time=until))
    whole = simulate(config)
    assert same(simulate(config, resume=begun), whole)
    assert begun.log_time[-1] == until


def test_a_million_in_log_time_costs_no_more_and_moves_nothing(rested: dict[str, Trajectory]) -> None:
    short = rested["squared error"]
    run = simulate(RULES["squared error"].with_changes(log_time=1e6))
    assert run.right_hand_sides == short.right_hand_sides
    assert np.array_equal(run.W[-1], short.W[-1]) and run.log_time[-1] == 1e6
    assert (np.diff(run.log_time[1:]) > 0.0).all()


@pytest.mark.parametrize("loss", ["squared-error", "label-smoothing"])
def test_at_the_origin_it_rests_from_the_start(loss: str) -> None:
    config = SMALL.with_changes(loss=loss)
    run = simulate(config, State(np.zeros((4, 3)), np.zeros((3, 20))))
    assert run.stop_reason.endswith("It is at rest from the start: the gradient vanishes there.")
    assert not run.W.any() and run.log_time[-1] == 1000.0 and len(run) > 200


def test_beyond_the_threshold_nothing_is_left() -> None:
    run = simulate(SMALL.with_changes(weight_decay=3.0))
    assert "The optimum is W = 0, H = 0" in run.stop_reason
    assert np.abs(run.W[-1]).max() < 1e-50
    assert build_film(run).to_bytes()


def test_with_one_block_held_down_alone_it_stalls_in_words() -> None:
    """H grows like t^(1/4) and W shrinks: no optimum is attained, and ever steeper walls keep its steps short."""
    run = simulate(SMALL.with_changes(weight_decay=0.01, weight_decay_h=0.0))
    assert run.outcome is Outcome.STALLED
    assert run.log_time[-1] > 10.0
    assert "some ways down are so much steeper" in run.stop_reason and "No optimum is attained" in run.stop_reason


def test_steps_hand_over_to_it() -> None:
    config = SMALL.with_changes(method="gradient-descent", weight_decay=0.01, learning_rate=0.02, steps=500)
    run = simulate(config.with_changes(fast_forward=100.0))
    assert run.hand_over is not None and run.hand_over.error < 1e-2
    assert run.value[-1] == pytest.approx(run.ideal_value, rel=1e-12)
    assert "carried it on to t = e^100. It has been at rest since" in run.stop_reason


@pytest.mark.parametrize("decay", [{"weight_decay": 1e-6}, {"weight_decay": 1e-2, "weight_decay_h": 1e-6}])
def test_the_slowest_modes_are_followed_to_rest_by_stable_steps(decay: dict[str, float]) -> None:
    """Squared error keeps curvatures of order 1 beside those of order lambda."""
    loss = "squared-error" if len(decay) == 1 else "cross-entropy"
    run = simulate(SMALL.with_changes(loss=loss, **decay))
    assert run.outcome is Outcome.DONE and abs(run.certificate[-1]) < 1e-12


@pytest.mark.parametrize(
    ("name", "changes"),
    [("tight", {"dimension": 3, "loss_reduction": "mean"}), ("wide", {"dimension": 6}), ("many", {"dimension": 5})],
)
def test_the_spread_inside_the_classes_decays_at_the_proved_rate(name: str, changes: dict[str, Any]) -> None:
    """Far down the curve, where faster modes are gone."""
    decays = {"weight_decay": 0.005, "weight_decay_h": 0.002 if name == "many" else 0.005}
    run = simulate(SMALL.with_changes(snapshots=1000, log_time=20.0, **decays, **changes))
    curve, t = metrics(run.W, run.H, run.labels)[NOISE], np.exp(run.log_time)
    low = (curve < 1e-8) & (curve > 1e-16)
    rate = -np.polyfit(t[low], np.log(curve[low]), 1)[0]
    assert low.sum() >= 4
    assert rate == pytest.approx(noise_rate(run.config), rel=5e-3)


def test_a_film_marks_the_rest_and_draws_the_exponential() -> None:
    run = simulate(RULES["room for noise"])
    header = build_film(run).header
    (rest,) = [event for event in header["events"] if event["id"] == "at-rest"]
    assert rest["label"] == "at rest: from here on nothing moves"
    (guide,) = header["guides"]
    assert (guide["curve"], guide["label"]) == (NOISE, "e^(−0.01 t)")
    assert "the flow is at rest." in header["sentences"][-1]
    assert header["theory"] is None
    assert not {panel["set"] for panel in header["panels"]} - {"run"}
    assert "1/log t" not in str(header["sentences"])


def test_many_at_once_run_compiled_and_by_torch_are_refused() -> None:
    configs = [RULES["decay"].with_changes(seed=seed, log_time=50.0) for seed in (0, 1)]
    many = simulate_many(configs)
    assert np.array_equal(many.W[1, -1], simulate(configs[1]).W[-1])
    with refused("engine", "batched", "cross-entropy alone"):
        simulate_many([config.with_changes(engine="batched") for config in configs])


@pytest.mark.parametrize(
    "bound", [{"norm_bound_w": 2.0}, {"norm_bound_w": 1.0, "loss": "squared-error"}, {"feature_norm": 2.0}]
)
def test_where_norms_are_held_it_is_refused(bound: dict[str, Any]) -> None:
    with refused("method", "gradient-flow", "leads out of where norms are held", "gradient-descent"):
        SMALL.with_changes(**bound)
    with refused("fast_forward", "300", "leads out of where norms are held", "use 0"):
        RunConfig(fast_forward=300.0, **bound)


def test_from_a_large_start_it_still_comes_to_rest() -> None:
    W, H = gaussian(4, 3, 5, 1, 10.0)
    run = simulate(SMALL.with_changes(weight_decay=1e-3), State(W, H))
    assert run.value[-1] == pytest.approx(run.ideal_value, rel=1e-12)
