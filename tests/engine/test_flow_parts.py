"""The parts of the browser's flow against Python's: coefficients, field, clock, projection and spectrum."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.engine.flows import READ, fields_of, plain
from tests.javascript import run_node
from ulpm_core import RunConfig, State
from ulpm_core.dynamics.flow import chebyshev, dormand_prince, flow_time, limits, stabilised
from ulpm_core.dynamics.flow.log_field import Work, log_field, packed, unpacked
from ulpm_core.model.initialisation import initial_state
from ulpm_core.model.shapes import Array

FLOW = "player/engine/flow/"
SIZES = RunConfig(classes=4, dimension=3, class_sizes=(5, 2, 1, 4))
EVEN = RunConfig(classes=3, dimension=8, per_class=3)
MANY = RunConfig(classes=20, dimension=6, per_class=3)


def filled(rows: list[list[float]], width: int) -> Array:
    return np.array([row + [0.0] * (width - len(row)) for row in rows])


def python_field(config: RunConfig, state: State) -> tuple[float, State]:
    work, theta = Work.of(config.labels, config.classes), packed(state.W, state.H)
    out = np.empty_like(theta)
    log_loss = log_field(theta, config.dimension, work, out)
    return log_loss, State.reached(*unpacked(out, config.classes, config.dimension, config.label_count))


def test_the_coefficients_are_pythons(tmp_path: Path) -> None:
    code = (
        "say([DOP_STAGES, DOP_STEP, DOP_CLOCKS, DOP_EXTRA, DOP_DENSE]);"
        "say([LATE_STAGES, LATE_STEP, [NODES, NODE_WEIGHTS], LATE_ORDER, STABLE, mostRightHandSides(3, 1),"
        " mostRightHandSides(3, 2), [0, 1, 99, 1e6].map(stagesFor)]);"
    )
    files = ("dormand_prince_weights.js", "stabilised.js", "flow_time.js", "limits.js", "chebyshev.js")
    early, late = run_node(tmp_path, code, *(FLOW + name for name in files))
    stages, step, (clocks, extra_clocks), extra, dense = early
    p = dormand_prince
    assert np.array_equal(filled(stages, p.STAGES), p.A)
    assert np.array_equal(filled(step, p.STAGES + 1), [[*p.B, 0.0], p.E5, p.E3])
    assert np.array_equal(clocks, p.C)
    assert np.array_equal(extra_clocks, p.C_EXTRA)
    assert np.array_equal(filled(extra, p.ROWS), np.pad(p.A_EXTRA, ((0, 0), (0, p.ROWS - p.A_EXTRA.shape[1]))))
    assert np.array_equal(filled(dense, p.ROWS), p.DENSE)
    stages, step, nodes, *numbers, counts = late
    assert np.array_equal(filled(stages, stabilised.STAGES), stabilised.A)
    assert np.array_equal(step, [stabilised.B, stabilised.E])
    assert np.array_equal(nodes, [flow_time.NODES, flow_time.WEIGHTS])
    assert numbers == [
        *(stabilised.ORDER, stabilised.STABLE),
        *(limits.most_right_hand_sides(3, 1), limits.most_right_hand_sides(3, 2)),
    ]
    assert counts == [chebyshev.stages_for(stiffness) for stiffness in (0.0, 1.0, 99.0, 1e6)]


@pytest.mark.parametrize("config", [SIZES, EVEN, MANY], ids=["sizes", "even", "many"])
def test_the_field_is_pythons_at_any_margin(tmp_path: Path, config: RunConfig) -> None:
    """From margins of 1e-8 to some of 1e9, right and wrong, and back: the shift is of the state alone."""
    code = (
        READ
        + """
    const { sizes, dimension } = given.fields;
    const field = new LogField(sizes, dimension, 0, 2), [theta, out] = field.vectors;
    for (const state of given.states) {
      field.write(theta, typed(state));
      const logLoss = field.at(theta, out);
      say({ logLoss, ...plain(field.read(out)) });
    }
    """
    )
    drawn = initial_state(config)
    rows = np.linalg.qr(np.random.default_rng(0).standard_normal((config.dimension, config.dimension)))[0]
    sides = np.eye(config.classes, config.dimension) @ rows + 0.1 * drawn.W
    apart = State.reached(sides, sides[config.labels].T)
    states = [
        State.reached(scale * state.W, scale * state.H)
        for state in (drawn, apart)
        for scale in (1.0, 30.0, 3e4, 0.0, 1e-4, 17.0, 15.9, 16.1, 22.7)
    ]
    found = run_node(tmp_path, code, FLOW + "log_field.js", fields=fields_of(config), states=list(map(plain, states)))
    for state, ours in zip(states, found, strict=True):
        log_loss, field = python_field(config, state)
        assert ours["logLoss"] == pytest.approx(log_loss, rel=1e-13, abs=1e-13)
        scale = max(np.abs(field.W).max(), np.abs(field.H).max())
        near = {"rel": 1e-9, "abs": 1e-13 * scale * max(1.0, abs(log_loss))}
        assert ours["W"] == pytest.approx(field.W.ravel(), **near)
        assert ours["H"] == pytest.approx(field.H.ravel(), **near)


def test_time_passes_as_in_python(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    cases = [
        [*rng.uniform([0.01, -5.0, 0.0, -1.0, 1e-3], [3.0, 1e6 if i % 2 else 30.0, 40.0, 40.0, 40.0])]
        for i in range(20)
    ]
    given = [[h, y0, slope0, y0 + rise, slope1] for h, y0, slope0, rise, slope1 in cases]
    (found,) = run_node(
        tmp_path, "say(given.cases.map((c) => logTimePassed(...c)));", FLOW + "flow_time.js", cases=given
    )
    assert found == pytest.approx([flow_time.log_time_passed(*case) for case in given], rel=1e-14, abs=1e-12)


@pytest.mark.parametrize("config", [SIZES, EVEN, MANY], ids=["sizes", "even", "many"])
def test_the_invariant_is_put_back_and_the_spectrum_seen_as_in_python(tmp_path: Path, config: RunConfig) -> None:
    """Also where d exceeds what W and H span."""
    code = (
        READ
        + """
    const { sizes, dimension } = given.fields;
    const field = new LogField(sizes, dimension, 0, 5), [start, theta, f, trial, direction] = field.vectors;
    [start, theta, f].forEach((vector, i) => field.write(vector, typed([given.start, given.moved, given.field][i])));
    const radius = finished(new Chebyshev(field).spectralRadius({ theta, f, trial, stages: [direction] }));
    new Invariant(field, imbalanceOf(field, start)).restore(theta, f, trial);
    say({ radius, theta: plain(field.read(theta)), f: plain(field.read(f)) });
    """
    )
    start, rng = initial_state(config), np.random.default_rng(1)
    moved = State.reached(*(block + 1e-4 * rng.standard_normal(block.shape) for block in (start.W, start.H)))
    field = python_field(config, moved)[1]
    theta, f = packed(moved.W, moved.H), packed(field.W, field.H)
    radius = chebyshev.spectral_radius(theta, f, config.dimension, Work.of(config.labels, config.classes))
    flow_time.restore(theta, f, config.dimension, config.classes, start.W.T @ start.W - start.H @ start.H.T)
    given = {"start": plain(start), "moved": plain(moved), "field": plain(field)}
    files = ("log_field.js", "flow_time.js", "chebyshev.js", "../pauses.js")
    (found,) = run_node(tmp_path, code, *(FLOW + name for name in files), fields=fields_of(config), **given)
    shapes = (config.classes, config.dimension, config.label_count)
    for ours, theirs in ((found["theta"], theta), (found["f"], f)):
        for name, block in zip("WH", unpacked(theirs, *shapes), strict=True):
            assert ours[name] == pytest.approx(block.ravel(), rel=1e-10, abs=1e-12)
    assert found["radius"] == pytest.approx(radius, rel=1e-3)  # Python's first direction is longer: it is padded
