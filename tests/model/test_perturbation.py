"""Directions taken apart by Krylov spaces against dense eigenspaces, and starts beside a saddle."""

from __future__ import annotations

import numpy as np
import pytest
from reference import dense_hessian, gaussian, refused
from scipy.linalg import null_space

from ulpm_core import RunConfig, State
from ulpm_core.analysis.landscape import landscape
from ulpm_core.model.curvature import Curvature
from ulpm_core.model.initialisation import initial_state, saddle_state
from ulpm_core.model.perturbation import eigendirection, parts, random_direction
from ulpm_core.model.saddles.gallery import SADDLES

CASES = [
    ("origin", 4, 3, 1.0),
    ("neglected-class", 3, 3, 2.0),
    ("neglected-class", 5, 6, 8.0),
    ("merged-classes", 3, 2, 0.5),
    ("merged-pairs", 4, 3, 2.0),
    ("merged-pairs", 6, 4, 1e-3),
    ("square", 4, 2, 2.0),
    ("square", 4, 3, 8.0),
    ("polygon", 7, 4, 2.0),
    ("cross-polytope", 6, 4, 2.0),
    ("simplex", 5, 4, 2.0),
]


def flat(X: np.ndarray, V: np.ndarray) -> np.ndarray:
    return np.concatenate([X.ravel(), V.ravel()])


@pytest.mark.parametrize(("name", "K", "d", "margin"), CASES)
def test_parts_are_the_projections_on_torch_s_eigenspaces(name, K, d, margin):
    n = 3
    state = SADDLES[name].state(K, d, n, margin)
    at, theta = landscape(state), flat(state.W, state.H)
    direction = random_direction(state, 5)
    found = parts(Curvature.at(state), direction)
    Q = null_space(theta[None]) if theta.any() else np.eye(len(theta))
    hessian = dense_hessian(state.W, state.H, n) + at.multiplier * np.eye(len(theta))
    values, vectors = np.linalg.eigh(Q.T @ hessian @ Q)
    scale = np.abs(values).max()
    assert len(found.values) == (np.diff(values, prepend=-np.inf) > 1e-9 * scale).sum()
    whole = np.zeros(len(theta))
    for j, value in enumerate(found.values):
        X, V = found.part(j)
        space = Q @ vectors[:, np.abs(values - at.loss * value) < 1e-9 * scale]
        assert flat(X, V) == pytest.approx(space @ (space.T @ flat(*direction)), abs=1e-7)
        whole += flat(X, V)
    assert whole == pytest.approx(flat(*direction), abs=1e-7)


def test_a_direction_without_length_has_no_parts():
    state = State(*gaussian(3, 2, 2))
    nothing = parts(Curvature.at(state), (np.zeros((3, 2)), np.zeros((2, 6))))
    assert nothing.values.shape == (0,)


def test_parts_hold_at_any_state():
    """Not only at symmetric ones: a random state's curvatures are all different."""
    state = State(*gaussian(3, 2, 2))
    form = Curvature.at(state)
    found = parts(form, random_direction(state, 0))
    assert len(found.values) == form.size - 1
    for j, value in enumerate(found.values):
        assert form.quotient(*found.part(j)) == pytest.approx(value, abs=1e-7 * np.abs(found.values).max())


@pytest.mark.parametrize(("name", "K", "d", "margin"), CASES)
def test_a_start_along_an_eigenvector_has_its_curvature(name, K, d, margin):
    config = RunConfig(initialisation=name, classes=K, dimension=d, per_class=2, margin=margin, push=0.01)
    saddle = saddle_state(config)
    found = landscape(saddle)
    size = found.norm or 1.0
    for which in range(1, len(found.eigenvalues) + 3):
        start = initial_state(config.with_changes(push_along=which))
        back = np.sqrt(1.0 + 0.01**2) if found.norm else 1.0
        X, V = start.W * back - saddle.W, start.H * back - saddle.H
        assert np.linalg.norm(flat(X, V)) == pytest.approx(0.01 * size, rel=1e-9)
        wanted = found.eigenvalues[min(which, len(found.eigenvalues)) - 1]
        curvature = found.loss * Curvature.at(saddle).quotient(X, V)
        assert curvature == pytest.approx(wanted, abs=1e-7 * np.abs(found.eigenvalues).max())


def test_starts_beside_a_saddle_follow_the_config():
    config = RunConfig(initialisation="square", per_class=3, push_along=0)
    saddle = saddle_state(config)
    assert np.array_equal(initial_state(config.with_changes(push=0.0)).W, saddle.W)
    random, other = initial_state(config), initial_state(config.with_changes(seed=5))
    assert not np.allclose(random.W, other.W)
    assert np.array_equal(initial_state(config).H, random.H)
    X, V = random_direction(saddle, config.seed)
    size = np.linalg.norm(flat(saddle.W, saddle.H))
    assert random.W * np.sqrt(1.01) == pytest.approx(saddle.W + 0.1 * size * X, abs=1e-12)
    assert random.H * np.sqrt(1.01) == pytest.approx(saddle.H + 0.1 * size * V, abs=1e-12)


def test_the_eigendirection_depends_on_the_seed_only_inside_a_repeated_eigenspace():
    square = SADDLES["square"].state(4, 3, 2, 2.0)
    one, two = flat(*eigendirection(square, 1, 0)), flat(*eigendirection(square, 1, 1))
    cosine = one @ two / np.linalg.norm(one) / np.linalg.norm(two)
    assert abs(cosine) == pytest.approx(1.0, abs=1e-9)  # one way out of the plane in three dimensions
    roomy = SADDLES["square"].state(4, 6, 2, 2.0)
    one, two = flat(*eigendirection(roomy, 1, 0)), flat(*eigendirection(roomy, 1, 1))
    assert abs(one @ two / np.linalg.norm(one) / np.linalg.norm(two)) < 0.99


@pytest.mark.parametrize(
    ("changes", "field", "parts_of"),
    [
        ({"initialisation": "square", "classes": 5, "dimension": 6}, "classes", ("classes = 5", "use 4.")),
        ({"initialisation": "square", "dimension": 1}, "dimension", ("dimension = 1", "for example 2")),
        ({"initialisation": "simplex", "classes": 9}, "dimension", ("dimension = 3", "for example 8")),
        ({"initialisation": "square", "margin": 0.0}, "margin", ("margin = 0", "for example 2")),
        ({"initialisation": "square", "push": 1.5}, "push", ("push = 1.5", "0 to 1")),
        ({"initialisation": "square", "push_along": -1}, "push_along", ("push_along = -1", "0 to 1000")),
    ],
)
def test_configs_without_their_saddle_are_refused(changes, field, parts_of):
    with refused(field, *parts_of):
        RunConfig(**changes)
