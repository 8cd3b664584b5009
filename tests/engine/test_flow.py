"""Gradient flow in the browser's engine: where Python's is, with its order, its invariants and its ends."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.engine.flows import FLOW, READ, fields_of, flowed, plain
from tests.engine.golden import CASES, assert_met, golden
from tests.javascript import run_node
from ulpm_core import Outcome, RunConfig, State, Trajectory
from ulpm_core.analysis.metrics import metrics
from ulpm_core.dynamics.simulate import simulate
from ulpm_core.model.initialisation import initial_state

HAND_OVER = ("player/engine/hand_over.js", "player/engine/pauses.js")
PAPER = RunConfig(method="gradient-flow", log_time=690.0)  # (4, 3, 30), seed 4
SMALL = PAPER.with_changes(classes=3, dimension=2, per_class=4)
SIDES = {
    "paper": PAPER,
    "plane": SMALL.with_changes(per_class=10),
    "mean": PAPER.with_changes(per_class=5, loss_reduction="mean", tolerance=1e-7),
    "too few dimensions": PAPER.with_changes(dimension=2, per_class=5, log_time=100.0),
    "five in the plane": PAPER.with_changes(classes=5, dimension=2, per_class=2),
    "class sizes": PAPER.with_changes(class_sizes=(9, 5, 2, 1)),
    "many": PAPER.with_changes(classes=20, dimension=64, per_class=2, log_time=300.0),
    "more than the simplex": PAPER.with_changes(classes=3, dimension=8, per_class=3, seed=2),
    "two on a line": PAPER.with_changes(classes=2, dimension=1, per_class=3, seed=1),
    "small start": SMALL.with_changes(initial_scale=0.01),
    "large start": SMALL.with_changes(initial_scale=5.0, log_time=60.0),
    "early end": PAPER.with_changes(log_time=3.0),
    "far": PAPER.with_changes(log_time=1e6),
}


def size(W: np.ndarray, H: np.ndarray) -> float:
    return float(np.hypot(np.linalg.norm(W), np.linalg.norm(H)))


def scaled(scale: float) -> State:
    """A state whose largest feature is of that size."""
    drawn = initial_state(SMALL)
    unit = np.abs(drawn.H).max()
    return State(drawn.W / unit * scale, drawn.H / unit * scale)


def apart(run: Trajectory, W: np.ndarray, H: np.ndarray) -> float:
    """||theta - theta of the run's end|| / ||theta||."""
    return size(run.W[-1] - W, run.H[-1] - H) / size(run.W[-1], run.H[-1])


@pytest.mark.parametrize("name", list(SIDES))
def test_it_ends_where_python_ends(tmp_path: Path, name: str) -> None:
    """At the limit of stability rounding alone decides whether a step is rejected: two runs of Python's from starts an
    ulp apart differ in their right-hand sides, by a tenth at (2, 1, 3), and are of one end.
    """
    config = SIDES[name]
    run = simulate(config)
    (found,) = flowed(tmp_path, (config, initial_state(config)))
    assert (found.done, found.stalled, found.once) == (True, False, True)
    assert found.log_time[-1] == config.flow_end
    assert np.all(np.diff(found.log_time) > 0)
    assert abs(len(found.log_time) - len(run) + 1) <= 0.05 * len(run)
    assert found.right_hand_sides == pytest.approx(run.right_hand_sides, rel=0.3)
    assert apart(run, found.W[-1], found.H[-1]) < config.tolerance
    theirs = metrics(run.W[-1:], run.H[-1:], run.labels)
    for metric, value in metrics(found.W[-1:], found.H[-1:], run.labels).items():
        assert value == pytest.approx(theirs[metric], rel=1e-5, abs=config.tolerance, nan_ok=True), metric
    early = 20  # states, all from dense output on lines that are the same in both
    assert found.log_time[:early] == pytest.approx(run.log_time[1 : early + 1], rel=1e-12, abs=1e-12)
    assert found.H[:early] == pytest.approx(run.H[1 : early + 1], rel=1e-9, abs=1e-11)


@pytest.mark.parametrize(("log_time", "power"), [(10.0, 1.0), (690.0, 2 / 3)])
def test_the_error_falls_with_the_tolerance_as_pythons_does(tmp_path: Path, log_time: float, power: float) -> None:
    """At least in proportion while DOP853 is at work; the quadrature of time, then RKC2, lower the power."""
    config = PAPER.with_changes(per_class=5, seed=1, log_time=log_time, snapshots=3)
    best = simulate(config.with_changes(tolerance=1e-12))
    tolerances = (1e-4, 1e-6, 1e-8, 1e-10)
    runs = flowed(tmp_path, *((config.with_changes(tolerance=t), initial_state(config)) for t in tolerances))
    errors = [apart(best, run.W[-1], run.H[-1]) for run in runs]
    for tolerance, error in zip(tolerances, errors, strict=True):
        assert error < 100 * tolerance**power, errors
    assert errors[0] / errors[-1] > 10 ** (6 * power - 0.5), errors
    assert errors[0] > 1e-8  # there was something to fall


@pytest.mark.parametrize("name", ["paper", "class sizes", "more than the simplex", "mean", "large start"])
def test_what_the_flow_conserves_is_conserved(tmp_path: Path, name: str) -> None:
    """W^T W - H H^T and the sum of classifiers: to the tolerance of dense output early, then to rounding."""
    config = SIDES[name]
    start = initial_state(config)
    run, (found,) = simulate(config), flowed(tmp_path, (config, start))

    def drift(W: np.ndarray, H: np.ndarray) -> np.ndarray:
        C = W.swapaxes(1, 2) @ W - H @ H.swapaxes(1, 2)
        conserved = start.W.T @ start.W - start.H @ start.H.T
        return np.linalg.norm(C - conserved, axis=(1, 2)) / np.linalg.norm(conserved)

    late = found.log_time > 20.0
    assert drift(found.W, found.H)[late].max() < 1e-11
    assert drift(found.W, found.H).max() < max(1e-8, 1.01 * drift(run.W, run.H).max())
    sums = start.W.sum(axis=0)
    assert np.linalg.norm(found.W.sum(axis=1) - sums, axis=1).max() < 1e-11 * max(1.0, np.linalg.norm(sums))


@pytest.mark.parametrize("end", [-20.0, -3.0, 0.0, 5.5, 21.0, 1e3])
def test_it_ends_exactly_at_its_log_time(tmp_path: Path, end: float) -> None:
    config = SMALL.with_changes(log_time=end, loss_reduction="mean")
    (found,) = flowed(tmp_path, (config, initial_state(config)))
    assert found.log_time[-1] == end
    assert apart(simulate(config), found.W[-1], found.H[-1]) < 1e-9


def test_three_classes_on_a_line_stall_as_in_python(tmp_path: Path) -> None:
    config = SMALL.with_changes(dimension=1, per_class=2)
    run = simulate(config)
    (found,) = flowed(tmp_path, (config, initial_state(config)))
    assert run.outcome is Outcome.STALLED
    assert (found.done, found.stalled) == (False, True)
    assert 50_000 < found.right_hand_sides < 51_000
    assert np.isfinite(found.H).all()
    assert found.log_time[-1] == pytest.approx(run.log_time[-1], rel=0.02)


@pytest.mark.parametrize(("scale", "end"), [(0.0, 690.0), (1e-200, 50.0), (1e-12, 100.0), (300.0, -10.0)])
def test_from_any_size_it_ends_where_python_ends(tmp_path: Path, scale: float, end: float) -> None:
    config = SMALL.with_changes(log_time=end)
    start = scaled(scale)
    run = simulate(config, start)
    (found,) = flowed(tmp_path, (config, start))
    assert found.done == (run.outcome is Outcome.DONE)
    assert np.abs(found.H[-1] - run.H[-1]).max() <= 1e-7 * np.abs(run.H[-1]).max()


@pytest.mark.parametrize("scale", [1e3, 1e10, 1e100])
def test_no_start_leads_to_what_is_no_number(tmp_path: Path, scale: float) -> None:
    """From margins of 10^200 as much as from those of 10^6; such starts stall late, so a few steps are looked at."""
    code = (
        READ
        + """
    const run = new FlowRun(read(given.fields), typed(given.start), -Infinity), flow = run.follow(10);
    for (let step = 0; step < 300 && !run.stalled; step += 1) flow.next();
    const { field, theta, f, logLoss, clock, h, rightHandSides } = run.memory;
    const [at, slope] = [theta, f].map((vector) => Object.values(field.read(vector)).flatMap((block) => [...block]));
    say([rightHandSides > 300, [...at, ...slope, logLoss, clock, h].every(Number.isFinite)]);
    """
    )
    (found,) = run_node(tmp_path, code, FLOW, fields=fields_of(SMALL), start=plain(scaled(scale)))
    assert found == [True, True]


@pytest.mark.parametrize("method", ["gradient-descent", "momentum", "normalised-gradient-descent"])
def test_the_hand_over_is_measured_as_in_python(tmp_path: Path, method: str) -> None:
    config = RunConfig(classes=3, dimension=2, per_class=5, steps=300, learning_rate=0.05, fast_forward=200.0)
    run = simulate(config.with_changes(method=method))
    kept = [
        {"step": int(run.step[i]), "state": plain(State.reached(run.W[i], run.H[i])), "logTime": float(run.log_time[i])}
        for i in range(run.hand_over.frame + 1)
    ]
    kept[0]["logTime"] = None  # -inf is no JSON
    code = READ + (
        "const kept = given.kept.map((at) => ({ ...at, state: typed(at.state), logTime: at.logTime ?? -Infinity }));"
        "say(finished(measureHandOver(read(given.fields), kept)));"
    )
    (found,) = run_node(tmp_path, code, *HAND_OVER, fields=fields_of(config), kept=kept)
    assert found["error"] == pytest.approx(run.hand_over.error, rel=1e-6)
    names = {"frame": "frame", "step": "step", "logTime": "log_time", "fromStep": "from_step"}
    assert {ours: found[ours] for ours in names} == {ours: getattr(run.hand_over, name) for ours, name in names.items()}


@pytest.mark.parametrize("name", [name for name, fields in CASES.items() if fields.get("method") == "gradient-flow"])
def test_it_meets_the_golden_case(tmp_path: Path, name: str) -> None:
    case = next(case for case in golden() if case["name"] == name)
    config = RunConfig.from_mapping(case["config"])
    W = np.reshape(case["start"]["W"], (config.classes, config.dimension))
    H = np.reshape(case["start"]["H"], (config.dimension, config.label_count))
    (found,) = flowed(tmp_path, (config, State.reached(W, H, config.labels)))
    values = metrics(found.W[-1:], found.H[-1:], config.labels)
    end = {"W": found.W[-1].ravel().tolist(), "H": found.H[-1].ravel().tolist(), "outcome": "done"}
    assert found.done
    assert_met(case, end | {"metrics": {metric: float(value[0]) for metric, value in values.items()}})
