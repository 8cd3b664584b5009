"""The optimum for classes whose sizes differ: against a convex solver, its own certificate, closed forms and runs."""

import math

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ulpm_core import RunConfig, simulate
from ulpm_core.model.losses.cross_entropy import CrossEntropy
from ulpm_core.model.losses.known import LOSSES
from ulpm_core.model.losses.squared_error import SquaredError
from ulpm_core.model.objective import Objective
from ulpm_core.model.uneven import MOST_SIZES, meet, uneven_spectrum, uneven_within

KINDS = st.lists(
    st.tuples(st.integers(1, 40), st.integers(1, 4)), min_size=2, max_size=4, unique_by=lambda kind: kind[0]
)


def spread(kinds):
    return [size for size, often in kinds for _ in range(often)]


def logits(best, sizes, power):
    """C (K, K), a column for each class."""
    return best.U * best.S @ best.V.T / np.asarray(sizes, dtype=float) ** power


def solved(sizes, c=None, most=None):
    """The least of f + c ||C D^(1/2)||_*, or of f within ||C||_* <= most, of a convex solver."""
    K, n = len(sizes), np.asarray(sizes, dtype=float)
    C = cp.Variable((K, K))
    f = n @ cp.hstack([cp.log_sum_exp(C[:, k] - C[k, k]) for k in range(K)])
    if most is None:
        problem = cp.Problem(cp.Minimize(f + c * cp.normNuc(C @ np.diag(np.sqrt(n)))))
    else:
        problem = cp.Problem(cp.Minimize(f), [cp.normNuc(C) <= most])
    problem.solve(solver=cp.SCS, eps=1e-9, max_iters=50_000)
    return problem.value


@pytest.mark.parametrize(("sizes", "c"), [((12, 12, 3, 3), 2.0), ((12, 3, 12, 3), 1.5), ((6, 4, 2), 0.1)])
def test_a_convex_solver_finds_the_same_under_decay(sizes, c):
    best = uneven_spectrum(CrossEntropy(), sizes, c)
    assert best.value + c * best.S.sum() == pytest.approx(solved(sizes, c=c), rel=1e-6)


@pytest.mark.parametrize(("sizes", "most"), [((10, 10, 2, 2), 4 * 1.5**0.5), ((9, 2, 4), 3.0)])
def test_a_convex_solver_finds_the_same_within_bounds(sizes, most):
    best = uneven_within(CrossEntropy(), sizes, most)
    assert best.S.sum() == pytest.approx(most, rel=1e-11)
    assert best.value == pytest.approx(solved(sizes, most=most), rel=1e-6)


@given(
    KINDS,
    st.floats(1e-7, 8.0),
    st.sampled_from([loss.of(RunConfig()) for loss in LOSSES.values()]),
    st.sampled_from([0.0, 0.5]),
)
def test_no_slope_exceeds_the_threshold_at_the_best_and_some_meet_it(kinds, c, loss, power):
    sizes = spread(kinds)
    n, K = np.array(sizes, dtype=float), len(sizes)
    best = uneven_spectrum(loss, sizes, c, power)
    C = logits(best, sizes, power)
    G = loss.residual(C, np.arange(K)) * n ** (1.0 - power)
    assert best.value == pytest.approx(n @ np.exp(loss.log_samples(C, np.arange(K))), rel=1e-12)
    assert np.linalg.norm(G, 2) <= c * (1.0 + 1e-6)
    assert -(G * (C * n**power)).sum() == pytest.approx(c * best.S.sum(), rel=1e-6, abs=1e-9)
    assert pytest.approx(np.eye(len(best.S)), abs=1e-12) == best.U.T @ best.U
    assert pytest.approx(np.eye(len(best.S)), abs=1e-12) == best.V.T @ best.V


@given(KINDS, st.floats(1e-3, 5.0))
def test_squared_error_has_a_closed_form(kinds, c):
    sizes = spread(kinds)
    best = uneven_spectrum(SquaredError(), sizes, c)
    exact = np.diag(np.maximum(1.0 - c / np.sqrt(sizes), 0.0))
    assert logits(best, sizes, 0.5) == pytest.approx(exact, abs=1e-6)
    assert best.value + c * best.S.sum() == pytest.approx(
        float(np.minimum(sizes, c**2).sum()) / 2 + c * np.maximum(np.sqrt(sizes) - c, 0.0).sum(), rel=1e-12
    )


def test_classes_of_one_size_are_no_special_case():
    even = CrossEntropy().spectrum(np.array([5] * 4), 3, 0.4)
    best = uneven_spectrum(CrossEntropy(), [5] * 4, 0.4)
    assert pytest.approx(even.S, rel=1e-9) == best.S
    assert best.value == pytest.approx(even.value, rel=1e-9)


def test_a_long_tail_of_ten_sizes_has_a_known_optimum():
    sizes = tuple(round(200 * 50.0 ** (-k / 9)) for k in range(10))  # a head of 200, a tail of 4
    model = Objective.of(RunConfig(class_sizes=sizes, dimension=9, weight_decay=3.0))
    W, H, value = model.ideal.W, model.ideal.H, model.ideal.value
    assert np.linalg.matrix_rank(W) == 7  # the smallest classes have merged
    model.__dict__["ideal"] = model.ideal._replace(value=math.nan)
    assert abs(model.certificates(W[None], H[None], np.array([value]))[0]) <= 1e-9


def test_too_many_sizes_have_no_known_optimum():
    sizes = tuple(range(1, MOST_SIZES + 2))
    assert uneven_spectrum(CrossEntropy(), sizes, 0.1) is None
    assert uneven_within(CrossEntropy(), sizes, 3.0) is None
    assert math.isnan(Objective.of(RunConfig(class_sizes=sizes, dimension=12, weight_decay=0.1)).ideal.value)


RULES = [
    {"weight_decay": 0.4, "weight_decay_h": 1.0},
    {"weight_decay": 0.01, "weight_decay_h": 0.3, "loss_reduction": "mean", "learning_rate": 1.0},
    {"weight_decay": 2.0, "dimension": 2},
    {"norm_bound_w": 1.0, "norm_bound_h": 1.5},
    {"norm_bound_w": 0.1, "norm_bound_h": 0.2, "loss": "squared-error", "dimension": 5},
    {"norm_bound_w": 0.7, "norm_bound_h": 0.7, "class_sizes": (9, 2, 4, 4), "dimension": 6},
]


@pytest.mark.parametrize("rule", RULES)
def test_runs_end_at_the_ideal_which_proves_itself(rule):
    config = RunConfig(**{"class_sizes": (12, 12, 3, 3), "learning_rate": 0.05, "steps": 30_000} | rule)
    run, model = simulate(config), Objective.of(config)
    W, H, value = model.ideal.W, model.ideal.H, model.ideal.value
    assert run.value[-1] == pytest.approx(run.ideal_value, rel=1e-12)
    assert run.distance_to_ideal[-1] < 1e-6 < 0.1 < run.distance_to_ideal[0]
    model.__dict__["ideal"] = model.ideal._replace(value=math.nan)
    assert abs(model.certificates(W[None], H[None], np.array([value]))[0]) <= 1e-9


def test_too_few_dimensions_for_the_best_rank():
    assert math.isnan(Objective.of(RunConfig(class_sizes=(12, 12, 3, 3), dimension=2, weight_decay=0.5)).ideal.value)
    assert not math.isnan(
        Objective.of(RunConfig(class_sizes=(12, 12, 3, 3), dimension=2, weight_decay=2.0)).ideal.value
    )


def test_a_function_without_numbers_has_no_root():
    assert math.isnan(meet(lambda x: math.nan, 0.0, 1.0))
