"""What a run minimises, in the browser and in Python: values, optima, distances from them, and limits of steps."""

import math
from typing import Any

import numpy as np
import pytest

from tests.engine.configs import REVIVED, STEPPED, plain
from tests.javascript import run_node
from ulpm_core import RunConfig, State
from ulpm_core.dynamics.stability import divergence_limit, stability_limit
from ulpm_core.model.ideal import distance_to_ideal
from ulpm_core.model.initialisation import initial_state
from ulpm_core.model.objective import Objective

IDEALS = STEPPED | {
    "plane": RunConfig(classes=5, dimension=2),
    "line": RunConfig(classes=2, dimension=1),
    "decay that leaves nothing": RunConfig(weight_decay=10.0, dimension=2),
    "decay without room": RunConfig(classes=5, dimension=2, weight_decay=0.01),
    "decay of sizes": RunConfig(class_sizes=(9, 2, 4), dimension=5, weight_decay=0.01, loss="squared-error"),
    "smoothing of sizes and decay": RunConfig(class_sizes=(9, 2, 4), weight_decay=0.02, loss="label-smoothing"),
    "smoothing of sizes within bounds": RunConfig(
        class_sizes=(9, 2, 4), norm_bound_w=0.5, norm_bound_h=2.0, loss="label-smoothing"
    ),
    "errors of the largest classes": RunConfig(
        class_sizes=(9, 2, 4), dimension=1, weight_decay=0.1, loss="squared-error"
    ),
    "errors within bounds": RunConfig(norm_bound_w=0.1, norm_bound_h=0.2, loss="squared-error"),
    "errors within wide bounds": RunConfig(norm_bound_w=10.0, norm_bound_h=20.0, loss="squared-error"),
    "sizes under decay": RunConfig(class_sizes=(12, 3, 12, 3), dimension=6, weight_decay=0.4, weight_decay_h=1.0),
    "merged under decay": RunConfig(class_sizes=(12, 12, 3, 3), dimension=2, weight_decay=2.0),
    "no room for sizes": RunConfig(class_sizes=(12, 12, 3, 3), dimension=2, weight_decay=0.5),
    "three sizes within bounds": RunConfig(class_sizes=(9, 2, 4, 4), norm_bound_w=1.0, norm_bound_h=1.5),
    "errors of sizes within bounds": RunConfig(
        class_sizes=(9, 2, 4), norm_bound_w=0.4, norm_bound_h=0.6, loss="squared-error"
    ),
    "room for errors of sizes": RunConfig(class_sizes=(9, 2, 4), norm_bound_w=1, norm_bound_h=2, loss="squared-error"),
    "errors of one length": RunConfig(feature_norm=2.0, dimension=6, loss="squared-error"),
    "smoothing of one great length": RunConfig(feature_norm=20.0, loss="label-smoothing"),
    "room to spare": RunConfig(classes=3, dimension=6, norm_bound_w=1.0, norm_bound_h=2.0, loss_reduction="mean"),
}
CODE = (
    REVIVED
    + """for (const { config: fields, start, far } of given.runs) {
  const config = revived(fields), state = stateOf(start), objective = Objective.of(config), { ideal } = objective;
  const gradient = objective.gradient(state), curved = objective.hessianVectorProduct(state, stateOf(far));
  const states = [state, stateOf(far), ...(ideal.state ? [ideal.state] : [])];
  say({ value: objective.value(state), far: objective.logLosses([stateOf(far)])[0], ideal: words(ideal.value),
    direction: ideal.direction, placed: ideal.state !== null, distances: objective.distanceToIdeal(states).map(words),
    at: ideal.state && !ideal.direction ? objective.value(ideal.state) : null,
    gradient: [...gradient.W, ...gradient.H], curved: [...curved.W, ...curved.H],
    limit: objective.divergenceLimit(config, state), rate: words(objective.stabilityLimit(config, state)) });
}"""
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    runs = [{"config": plain(config), "start": of(start(config)), "far": of(far(config))} for config in IDEALS.values()]
    answers = run_node(tmp_path_factory.mktemp("objective"), CODE, "player/engine/objective.js", runs=runs)
    return dict(zip(IDEALS, answers, strict=True))


def of(state: State) -> dict[str, Any]:
    return {"W": state.W.tolist(), "H": state.H.tolist()}


def start(config: RunConfig) -> State:
    return initial_state(config)


def far(config: RunConfig) -> State:
    """Returns a state whose losses are not those of small numbers."""
    drawn = initial_state(
        config.with_changes(
            seed=1, initial_scale=9.0, norm_bound_w=math.inf, norm_bound_h=math.inf, feature_norm=math.inf
        )
    )
    return State.reached(drawn.W, drawn.H)


@pytest.mark.parametrize("name", IDEALS)
def test_values_and_derivatives(found: dict[str, dict[str, Any]], name: str) -> None:
    config, objective = IDEALS[name], Objective.of(IDEALS[name])
    at, along, answer = start(config), far(config), found[name]
    assert answer["value"] == pytest.approx(float(objective.value(at.W, at.H)), rel=1e-12)
    assert answer["far"] == pytest.approx(float(objective.log_loss(along.W, along.H)), rel=1e-12)
    for key, blocks in (
        ("gradient", objective.gradient(at.W, at.H)),
        ("curved", objective.hessian_vector_product(at.W, at.H, along.W, along.H)),
    ):
        expected = np.concatenate([block.ravel() for block in blocks])
        assert answer[key] == pytest.approx(expected, rel=1e-9, abs=1e-11 * np.abs(expected).max())


@pytest.mark.parametrize("name", IDEALS)
def test_the_optimum_and_how_far_it_is(found: dict[str, dict[str, Any]], name: str) -> None:
    config, answer, ideal = IDEALS[name], found[name], Objective.of(IDEALS[name]).ideal
    goal = Objective.of(config).goal
    assert float(answer["ideal"]) == pytest.approx(ideal.value, rel=1e-12, nan_ok=True)
    assert (answer["placed"], answer["direction"]) == (ideal.W is not None, ideal.direction)
    states = [start(config), far(config)]
    expected = [float(distance_to_ideal(goal, s.W[None], s.H[None])[0]) for s in states]
    assert list(map(float, answer["distances"][:2])) == pytest.approx(expected, rel=1e-12, nan_ok=True)
    if goal.W is not None and goal.W.any():
        assert float(answer["distances"][2]) < 1e-13
        assert ideal.direction or answer["at"] == pytest.approx(ideal.value, rel=1e-12)


@pytest.mark.parametrize("name", IDEALS)
def test_limits_of_steps(found: dict[str, dict[str, Any]], name: str) -> None:
    config, answer = IDEALS[name], found[name]
    assert answer["limit"] == pytest.approx(divergence_limit(config, start(config)), rel=1e-12)
    assert float(answer["rate"]) == pytest.approx(stability_limit(config, start(config)), rel=1e-6)
