"""Slices: every grid point is a state of the norm it claims, paths lie where they are, and nothing overflows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import gaussian, labels_of, points, random_rotation, refused

from ulpm_core import RunConfig, State, simulate
from ulpm_core.analysis import slices
from ulpm_core.analysis.landscape import landscape, log_loss_floor
from ulpm_core.analysis.slices import path_on, plane, simplex_beside
from ulpm_core.analysis.tetrahedron import TETRAHEDRON, path_log_loss
from ulpm_core.model.curvature import Curvature
from ulpm_core.model.etf import minimum_norm_optimum
from ulpm_core.model.losses.cross_entropy import log_cross_entropy
from ulpm_core.model.perturbation import push, random_direction
from ulpm_core.model.saddles.gallery import SADDLES


def size_of(W, H) -> float:
    return math.hypot(np.linalg.norm(W), np.linalg.norm(H))


@given(points(4), st.integers(0, 99), st.sampled_from(["sum", "mean"]))
def test_every_point_of_the_grid_is_the_loss_of_its_state(point, seed, reduction):
    W, H, n = point
    state, size = State(W, H), size_of(W, H)
    first, second = gaussian(*W.shape, n, seed + 10**7, 1.0), gaussian(*W.shape, n, seed + 2 * 10**7, 1.0)
    found = plane(state, first, second, 0.7, 5, reduction)
    (X, V), (Y, U) = found.directions
    frame = [np.concatenate([a.ravel() / s, b.ravel() / s]) for a, b, s in ((W, H, size), (X, V, 1.0), (Y, U, 1.0))]
    assert np.array(frame) @ np.array(frame).T == pytest.approx(np.eye(3), abs=1e-10)
    assert found.axis == pytest.approx([-0.7, -0.35, 0.0, 0.35, 0.7])
    for i, t in enumerate(found.axis):
        for j, s in enumerate(found.axis):
            A, B = W / size + s * X + t * Y, H / size + s * V + t * U
            scale = size / size_of(A, B)
            wanted = float(log_cross_entropy(scale**2 * (A @ B), labels_of(len(W), n), reduction))
            assert found.log_loss[i, j] == pytest.approx(wanted, abs=1e-10 * max(1.0, np.abs(A @ B).max() * scale**2))


def test_the_first_direction_is_kept_up_to_its_part_along_the_state():
    state = State(*gaussian(4, 3, 2, 5))
    X, V = random_direction(state, 0)
    found = plane(state, (X + 2 * state.W, V + 2 * state.H), random_direction(state, 1), 1.0, 3)
    assert found.directions[0][0] == pytest.approx(X, abs=1e-12)
    assert found.directions[0][1] == pytest.approx(V, abs=1e-12)


def test_the_square_s_slice_holds_the_way_to_the_tetrahedron():
    """Along its negative direction the slice is the path of docs/theory.md 3.6, s = epsilon, down to the floor."""
    state = SADDLES["square"].state(4, 3, 5, 2.0)
    at = landscape(state)
    found = plane(state, at.negative_direction, random_direction(state, 0), TETRAHEDRON, 41)
    middle = found.log_loss[20]
    assert middle == pytest.approx(path_log_loss(np.abs(found.axis), 5, found.norm), abs=1e-12)
    assert middle[[0, -1]] == pytest.approx(float(log_loss_floor(np.array(found.norm), 4, 5)), abs=1e-12)
    assert found.log_loss.min() >= float(log_loss_floor(np.array(found.norm), 4, 5)) - 1e-12
    step = plane(state, at.negative_direction, random_direction(state, 0), 1e-4, 3)
    second = np.exp(step.log_loss[1]) @ [1.0, -2.0, 1.0] / (1e-4 * found.norm) ** 2
    assert second == pytest.approx(at.least_tangent_eigenvalue, rel=1e-4)  # the curvature on the sphere, felt


@given(points(4), st.integers(0, 99))
def test_curvature_across_a_slice_is_the_form_on_the_sphere(point, seed):
    """d^2 L / ds^2 = ||theta||^2 <dir, (Hess L + lambda) dir>, at any state, with its own multiplier."""
    W, H, _ = point
    state = State(W, H)
    direction = random_direction(state, seed)
    h = 1e-4
    found = plane(state, direction, random_direction(state, seed + 100), h, 3)
    loss = np.exp(found.log_loss[1])
    form = Curvature.at(state).quotient(*direction) * loss[1] * found.norm**2
    assert loss @ [1.0, -2.0, 1.0] / h**2 == pytest.approx(form, abs=1e-4 * max(1.0, found.norm**4))


def test_at_the_origin_the_slice_is_flat_space():
    origin = State(np.zeros((3, 2)), np.zeros((2, 6)))
    found = plane(origin, random_direction(origin, 0), random_direction(origin, 1), 2.0, 5)
    (X, V), (Y, U) = found.directions
    assert found.norm == 0.0
    assert found.log_loss[2, 2] == pytest.approx(math.log(6 * math.log(3)), rel=1e-14)
    A, B = found.axis[4] * X + found.axis[1] * Y, found.axis[4] * V + found.axis[1] * U
    assert found.log_loss[1, 4] == pytest.approx(float(log_cross_entropy(A @ B, labels_of(3, 2))), rel=1e-12)
    path = path_on(found, A[None], B[None])
    assert (path.first[0], path.second[0]) == pytest.approx((found.axis[4], found.axis[1]), abs=1e-12)
    assert path.off[0] == pytest.approx(0.0, abs=1e-12)
    assert path.log_loss[0] == pytest.approx(found.log_loss[1, 4], rel=1e-12)
    start = path_on(found, np.zeros((1, 3, 2)), np.zeros((1, 2, 6)))
    assert (start.first[0], start.second[0], start.off[0]) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("margin", [1e-6, 1e3, 1e6])
def test_nothing_under_or_overflows(margin):
    state = SADDLES["square"].state(4, 3, 2, margin)
    found = plane(state, random_direction(state, 0), random_direction(state, 1), 3.0, 9)
    assert np.isfinite(found.log_loss).all()
    assert np.ptp(found.log_loss) > 0.0


def test_a_grid_in_pieces_is_the_grid_at_once(monkeypatch):
    state = State(*gaussian(3, 4, 5))
    given = random_direction(state, 0), random_direction(state, 1)
    whole = plane(state, *given, 1.0, 11)
    monkeypatch.setattr(slices, "LOGITS", 100)
    # not bit for bit: BLAS multiplies matrices of other shapes in another order, on some processors
    assert plane(state, *given, 1.0, 11).log_loss == pytest.approx(whole.log_loss, rel=1e-14)


# -- a run on a slice --------------------------------------------------------------------------------------------------


@given(st.floats(-2.0, 2.0), st.floats(-2.0, 2.0), st.floats(0.1, 50.0), st.integers(0, 99))
def test_a_state_in_the_slice_is_seen_at_its_place_whatever_its_norm(s, t, scale, seed):
    state = State(*gaussian(4, 3, 2, 7))
    found = plane(state, random_direction(state, seed), random_direction(state, seed + 100), 2.0, 3)
    (W, H), (X, V), (Y, U) = found.centre, *found.directions
    A, B = scale * (W + s * X + t * Y), scale * (H + s * V + t * U)
    path = path_on(found, np.array([A, -A]), np.array([B, -B]))
    assert (path.first[0], path.second[0]) == pytest.approx((s, t), abs=1e-9)
    assert path.off == pytest.approx([0.0, 0.0], abs=1e-9)
    assert np.isnan(path.first[1])  # on the far side of the sphere
    scale = found.norm / size_of(A, B)
    assert path.log_loss[0] == pytest.approx(float(log_cross_entropy(scale**2 * (A @ B), labels_of(4, 2))), abs=1e-9)


def test_a_run_from_the_square_goes_along_its_valley():
    state = SADDLES["square"].state(4, 3, 1, 0.5)
    down = landscape(state).negative_direction
    config = RunConfig(method="gradient-flow", log_time=400.0)
    run = simulate(config, push(state, 0.1, down), separation=False)
    path = path_on(plane(state, down, random_direction(state, 0), 1.0, 5), run.W, run.H)
    assert path.first[[0, -1]] == pytest.approx([0.1, TETRAHEDRON], abs=2e-3)
    assert np.abs(path.second).max() < 1e-6
    assert path.off.max() < 1e-9
    assert path.log_loss == pytest.approx(path_log_loss(path.first, 1, size_of(state.W, state.H)), abs=1e-9)
    off = path_on(plane(state, *(random_direction(state, seed) for seed in (0, 1)), 1.0, 5), run.W, run.H).off
    assert 0.2 < off[-1] <= 1 / 3  # 1/3 of the tetrahedron's squared norm is across the square


def test_the_simplex_beside_a_saddle_is_a_simplex_of_its_norm_and_as_near_as_can_be():
    for name, K, d, cosine in [("square", 4, 5, math.sqrt(2 / 3)), ("neglected-class", 3, 2, math.sqrt(1 / 2)),
                               ("merged-pairs", 4, 3, math.sqrt(1 / 3)), ("simplex", 4, 3, 1.0)]:  # fmt: skip
        state = SADDLES[name].state(K, d, 3, 2.0)
        best = simplex_beside(state)
        norm = size_of(state.W, state.H)
        assert size_of(best.W, best.H) == pytest.approx(norm, rel=1e-12)
        assert landscape(best).loss == pytest.approx(landscape(best).loss_floor, rel=1e-12)
        overlap = float((best.W * state.W).sum() + (best.H * state.H).sum())
        assert overlap / norm**2 == pytest.approx(cosine, rel=1e-12)  # sqrt(r / (K - 1))
        for seed in range(5):
            R = random_rotation(d, np.random.default_rng(seed))
            assert float(((best.W @ R) * state.W).sum() + ((R.T @ best.H) * state.H).sum()) <= overlap + 1e-9
    there, best = simplex_beside(SADDLES["origin"].state(4, 3, 1, 1.0)), minimum_norm_optimum(4, 3, 1)
    assert size_of(there.W, there.H) == pytest.approx(size_of(best.W, best.H), rel=1e-12)
    with refused("dimension", "dimension = 2", 3):
        simplex_beside(SADDLES["square"].state(4, 2, 1, 1.0))


def test_directions_that_span_no_plane_are_refused():
    state = State(*gaussian(3, 2, 2))
    X, V = random_direction(state, 0)
    for first, second, field in [
        ((state.W, state.H), (X, V), "first"),
        ((X, V), (2 * X, 2 * V), "second"),
        ((X, V), (state.W - X, state.H - V), "second"),
        ((0 * X, 0 * V), (X, V), "first"),
    ]:
        with refused(field, "another", "eigenvector"):
            plane(state, first, second)
    for radius in (0.0, -1.0, math.inf):
        with refused("radius", "1e-06 to 1000"):
            plane(state, (X, V), random_direction(state, 1), radius)
    for points_asked in (1, 1.5, 502):
        with refused("points", points_asked, "2 to 501"):
            plane(state, (X, V), random_direction(state, 1), 1.0, points_asked)
