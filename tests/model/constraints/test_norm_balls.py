"""Norm balls: projections against a solver, both engines against steps as written, closed forms, proofs, refusals."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import METHODS, Stepper, labels_of, random_rotation, refused
from scipy.optimize import brentq, minimize

from ulpm_core import RunConfig, State, cli, simulate
from ulpm_core.analysis.analysis import analyse
from ulpm_core.dynamics.engines.batched.run import BatchedRun, OneRun
from ulpm_core.dynamics.engines.compiled.run import CompiledRun
from ulpm_core.dynamics.many import simulate_many
from ulpm_core.dynamics.stability import largest_curvature
from ulpm_core.film.words import sentences
from ulpm_core.model.constraints.norm_balls import NormBalls
from ulpm_core.model.ideal import distance_to_ideal
from ulpm_core.model.losses.known import LOSSES
from ulpm_core.model.objective import Objective
from ulpm_core.model.uneven import MOST_SIZES

SIZES = [(5, 5, 5), (6, 1, 9, 2)]


def squares(W, H, sizes):
    """The two means that are bounded, as they are defined."""
    of_class = [np.mean([h @ h for h in H[:, labels_of(len(sizes), tuple(sizes)) == k].T]) for k in range(len(sizes))]
    return np.mean([w @ w for w in W]), np.mean(of_class)


def slow_projection(W, H, sizes, bounds):
    """The nearest W and H within: by one factor, and by a bracketed root instead of Newton's iterations."""
    n = np.repeat(sizes, sizes)
    inside_W = W * min(1.0, math.sqrt(bounds[0] / max(squares(W, H, sizes)[0], 1e-300)))
    over = lambda mu: squares(W, H / (1.0 + mu / n), sizes)[1] - bounds[1]  # noqa: E731
    if over(0.0) <= 0.0:
        return inside_W, H
    high = 1.0
    while over(high) > 0.0:
        high *= 4.0
    return inside_W, H / (1.0 + brentq(over, 0.0, high, xtol=1e-15, rtol=1e-15) / n)


def point(sizes, d, seed=0, scale=0.7):
    rng = np.random.default_rng(seed)
    return scale * rng.standard_normal((len(sizes), d)), scale * rng.standard_normal((d, sum(sizes)))


def bounded(sizes, d, bounds, loss="cross-entropy", reduction="sum"):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    return Objective(labels, len(sizes), d, reduction, LOSSES[loss].of(RunConfig()), None, NormBalls(*bounds))


@given(st.lists(st.integers(1, 40), min_size=2, max_size=5), st.integers(1, 4), st.integers(0, 999),
       st.floats(1e-3, 1e3), st.floats(1e-2, 1e2), st.floats(1e-2, 1e2))  # fmt: skip
def test_the_projection_is_that_of_a_solver_in_numpy_and_in_both_engines(sizes, d, seed, scale, w, h):
    (W, H), labels = point(sizes, d, seed, scale), labels_of(len(sizes), tuple(sizes))
    exact = slow_projection(W, H, sizes, (w, h))
    found = [NormBalls(w, h).project(W, H, labels)]
    still = RunConfig(class_sizes=tuple(sizes), dimension=d, norm_bound_w=w, norm_bound_h=h, learning_rate=1e-9)
    for make in (CompiledRun, OneRun):
        run = make(still, State(W, H, labels), math.inf)
        run.advance(1)
        found.append((run.W, run.H))
    for reached in found:
        for ours, theirs, before in zip(reached, exact, (W, H), strict=True):
            assert np.abs(ours - theirs).max() <= 1e-10 * np.abs(before).max() + 1e-8 * max(sizes) * math.sqrt(w + h)
    for ours, bound in zip(squares(*found[0], sizes), (w, h), strict=True):
        assert ours <= bound * (1 + 1e-12)


def test_the_projection_is_the_nearest_point_that_a_generic_solver_finds():
    sizes, bounds = (3, 1, 2), (0.4, 0.2)
    W, H = point(sizes, 2, 3)
    found = NormBalls(*bounds).project(W, H, labels_of(3, sizes))

    def room(block, x):
        return bounds[block] - squares(*((x.reshape(3, 2), H) if block == 0 else (W, x.reshape(2, 6))), sizes)[block]

    for block, given_block in enumerate((W, H)):
        best = minimize(
            lambda x, to=given_block: ((x - to.ravel()) ** 2).sum(),
            0.1 * given_block.ravel(),
            constraints={"type": "ineq", "fun": lambda x, which=block: room(which, x)},
            options={"ftol": 1e-14, "maxiter": 500},
        )
        assert np.abs(best.x - found[block].ravel()).max() < 1e-5


@pytest.mark.parametrize(("ratio", "far"), [(1, 1e12), (1e5, 1e12), (1e5, 1.5), (1e3, 1e150)])
def test_the_projection_is_exact_where_sizes_and_lengths_differ_by_much(ratio, far):
    sizes, rng = np.array([int(ratio), 1, 1]), np.random.default_rng(1)
    H = rng.standard_normal((1, sizes.sum())) * np.repeat([0.01, 1.0, 3.0], sizes)
    bound = squares(np.zeros((3, 1)), H, sizes)[1]
    H = H * math.sqrt(far)
    inside = NormBalls(math.inf, bound).project(np.zeros((3, 1)), H, labels_of(3, tuple(sizes.tolist())))[1]
    assert squares(np.zeros((3, 1)), inside, sizes)[1] == pytest.approx(bound, rel=1e-12)


BOUNDS = [(0.5, 0.3), (0.5, math.inf), (math.inf, 0.3)]
STEPS = [*((method, "cross-entropy", "float64") for method in METHODS), (METHODS[0], "squared-error", "float64"),
         (METHODS[0], "cross-entropy", "float32")]  # fmt: skip
"""Each is compiled for itself, which takes seconds."""


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(("method", "loss", "dtype"), STEPS)
@pytest.mark.parametrize(("reduction", "bounds"), [*itertools.product(["sum", "mean"], BOUNDS)])
def test_both_engines_take_the_steps_as_written(reduction, bounds, method, loss, dtype, sizes):
    config = RunConfig(
        class_sizes=sizes, dimension=2, loss=loss, loss_reduction=reduction, method=method, norm_bound_w=bounds[0],
        norm_bound_h=bounds[1], learning_rate=0.02, momentum=0.8,
    )  # fmt: skip
    model, steps = Objective.of(config), 30
    W, H = point(sizes, 2)
    start, stepper = State(W, H, config.labels), Stepper(method, 0.8)
    for _ in range(steps):
        (step_W, step_H), _ = stepper(model.gradient(W, H), 0.02)
        W, H = slow_projection(W - step_W, H - step_H, sizes, bounds)
    for make in (CompiledRun, OneRun):
        run = make(config.with_changes(dtype=dtype), start, 1e6)
        assert run.advance(steps) == steps
        for ours, theirs in zip((run.W, run.H), (W, H), strict=True):
            assert np.abs(ours - theirs).max() < (1e-10 if dtype == "float64" else 1e-4)


def test_many_runs_at_once_project_each_alone_and_a_run_that_stands_still_is_not_moved():
    config = RunConfig(class_sizes=(4, 1, 2), dimension=2, norm_bound_w=0.5, norm_bound_h=0.3, steps=40, snapshots=5)
    configs = [config.with_changes(seed=seed) for seed in range(3)]
    batched = simulate_many([c.with_changes(engine="batched") for c in configs])
    for r, one in enumerate(simulate(c) for c in configs):
        assert np.abs(batched.H[r, -1] - one.H[-1]).max() < 1e-10
    outside = [np.stack([block, block]) for block in point(config.sizes, 2, 0, 3.0)]
    both = BatchedRun(config, *outside, np.array([1e6, 0.0]))  # the second has diverged before its first step
    both.advance(3)
    assert np.array_equal(both.H[1], outside[1][1])
    assert squares(both.W[0], both.H[0], config.sizes) <= (0.5 * (1 + 1e-12), 0.3 * (1 + 1e-12))


@pytest.mark.parametrize(("K", "d", "n", "bounds", "reduction"), [
    (4, 3, 5, (1.0, 1.5), "sum"), (4, 7, 5, (0.2, 3.0), "mean"), (2, 1, 3, (1.0, 1.0), "sum"),
])  # fmt: skip
def test_cross_entropy_ends_at_the_simplex_of_the_bounds(K, d, n, bounds, reduction):
    config = RunConfig(
        classes=K, dimension=d, per_class=n, loss_reduction=reduction, norm_bound_w=bounds[0], norm_bound_h=bounds[1],
        learning_rate=0.05 if reduction == "sum" else 1.0, steps=4000,
    )  # fmt: skip
    run = simulate(config)
    margin = math.sqrt(bounds[0] * bounds[1]) * K / (K - 1)
    exact = np.log1p((K - 1) * np.exp(-margin)) * (K * n if reduction == "sum" else 1)
    assert run.rule == "norm-bound"
    assert run.ideal_value == pytest.approx(exact, rel=1e-13)
    assert run.value[-1] == pytest.approx(exact, abs=1e-9)
    assert np.array_equal(run.value, run.loss)
    assert run.certificate[-1] <= 1e-9
    assert run.certificate.min() >= -1e-13
    assert run.distance_to_ideal[-1] < 1e-6
    for W, H in zip(run.W, run.H, strict=True):
        assert squares(W, H, config.sizes) <= (bounds[0] * (1 + 1e-12), bounds[1] * (1 + 1e-12))
    Z = run.W[-1] @ run.H[-1]
    assert Z[0, 0] - Z[1:, 0] == pytest.approx(margin, abs=1e-6)


def test_the_golden_value_of_the_notes():
    assert bounded((5,) * 10, 10, (1.0, 5.0), reduction="mean").ideal.value == pytest.approx(0.559782, abs=5e-7)


@pytest.mark.parametrize(("d", "bounds"), [(3, (0.3, 0.5)), (5, (0.3, 0.5)), (2, (0.3, 0.5)), (4, (2.0, 3.0))])
def test_squared_error_ends_at_the_thresholded_labels_or_inside_where_the_bounds_have_room(d, bounds):
    K, n = 4, 5
    config = RunConfig(
        classes=K, dimension=d, per_class=n, loss="squared-error", norm_bound_w=bounds[0], norm_bound_h=bounds[1],
        learning_rate=0.05, steps=6000,
    )  # fmt: skip
    run = simulate(config)
    each = min(1.0, K * math.sqrt(bounds[0] * bounds[1]) / min(d, K))  # singular values over sqrt(n): equal, of sum B
    exact = n / 2 * (min(d, K) * (1 - each) ** 2 + max(K - d, 0))
    assert run.rule == "squared-error"
    assert run.ideal_value == pytest.approx(exact, rel=1e-12, abs=1e-12)
    assert run.value[-1] == pytest.approx(exact, abs=1e-6)
    assert -1e-13 <= run.certificate[-1] <= 1e-9
    assert (run.minimised.ideal.W is None) == (d < K or each == 1.0)


def test_the_dual_proves_the_optimum_of_classes_of_more_sizes_than_one_is_found_for():
    sizes = tuple(range(3, 4 + MOST_SIZES))
    config = RunConfig(class_sizes=sizes, dimension=11, norm_bound_w=1.0, norm_bound_h=1.5, steps=20_000)
    run = simulate(config)
    assert math.isnan(run.ideal_value)
    assert np.isnan(run.distance_to_ideal).all()
    assert run.certificate[-1] <= 1e-9
    assert run.certificate.min() >= -1e-13
    assert "prove that this is it" in sentences(run, analyse(run))[-1]


@settings(max_examples=12)
@given(st.sampled_from([*LOSSES]), st.lists(st.integers(1, 6), min_size=2, max_size=5), st.integers(1, 6),
       st.sampled_from(["sum", "mean"]), st.floats(0.05, 3.0), st.floats(0.05, 3.0), st.integers(0, 999))  # fmt: skip
def test_what_a_state_proves_lies_below_every_value_within(loss, sizes, d, reduction, w, h, seed):
    model = bounded(sizes, d, (w, h), loss, reduction)
    bound = float(model.lower_bound(*point(sizes, d, seed)))
    for other in range(5):
        inside = NormBalls(w, h).project(*point(sizes, d, seed + other + 1, 0.1 + 0.6 * other), model.labels)
        value = float(model.value(*inside))
        assert bound <= value + 1e-10 * max(1.0, value)


@pytest.mark.parametrize(("loss", "d", "bounds"), [("cross-entropy", 5, (0.7, 2.0)), ("squared-error", 4, (0.2, 0.4))])
def test_the_ideal_needs_no_rotation_and_its_certificate_does_not_rest_on_it(loss, d, bounds):
    model = bounded((3,) * 4, d, bounds, loss)
    W, H, value = model.ideal.W, model.ideal.H, model.ideal.value
    R = random_rotation(d, np.random.default_rng(0))
    assert squares(W, H, (3,) * 4) == pytest.approx(bounds, rel=1e-13)
    assert distance_to_ideal(model.ideal, (W @ R)[None], (R.T @ H)[None])[0] < 1e-13
    model.__dict__["ideal"] = model.ideal._replace(value=math.nan)
    assert float(model.lower_bound(W, H)) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(("large", "cosine"), [(24, 0.940363), (25, 1.0)])
def test_small_classes_merge_past_the_threshold_of_the_notes(large, cosine):
    """5 large and 5 small classes, E_H = 5, E_W = 1: from R0 = 12.19 on the small classifiers are one."""
    run = simulate(RunConfig(
        class_sizes=(large,) * 5 + (2,) * 5, dimension=10, norm_bound_w=1.0, norm_bound_h=5.0, method="momentum",
        learning_rate=1.0, steps=20_000, snapshots=20,
    ))  # fmt: skip
    assert run.certificate[-1] < 1e-5
    assert run.minority_cosine[-1] == pytest.approx(cosine, abs=1e-6)


@pytest.mark.parametrize("bounds", [(0.5, math.inf), (math.inf, 0.5)])
def test_one_bound_alone_attains_no_optimum_and_the_run_says_so(bounds):
    run = simulate(RunConfig(norm_bound_w=bounds[0], norm_bound_h=bounds[1], steps=50))
    assert math.isnan(run.ideal_value)
    assert "No optimum is attained" in run.stop_reason
    assert run.certificate[-1] == pytest.approx(run.value[-1] / max(1.0, run.value[-1]))  # above 0, no more is proved
    squared = bounded((3, 3), 2, bounds, "squared-error")
    assert (squared.note, squared.ideal.value) == ("", 0.0)


def test_a_start_outside_is_brought_within_and_the_film_says_so(tmp_path):
    config = RunConfig(classes=3, dimension=2, per_class=4, norm_bound_w=0.01, norm_bound_h=0.02, steps=30)
    drawn, given_start = simulate(config), State(*point((4, 4, 4), 2), np.array([2, 1, 0] * 4))
    run = simulate(config, given_start)
    assert squares(drawn.W[0], drawn.H[0], (4, 4, 4)) == pytest.approx((0.01, 0.02), rel=1e-12)
    assert run.config.initial_digest == given_start.digest
    assert run.order.tolist() == given_start.order.tolist()
    assert pytest.approx(given_start.W * run.W[0, 0, 0] / given_start.W[0, 0]) == run.W[0]
    assert "It begins on its bounds" in sentences(run, analyse(run))[-1]
    roomy = simulate(config.with_changes(norm_bound_w=100.0, norm_bound_h=100.0))
    assert "It begins on its bounds" not in sentences(roomy, analyse(roomy))[-1]


@pytest.mark.parametrize("engine", ["compiled", "batched"])
def test_a_run_goes_on_bit_for_bit(engine):
    config = RunConfig(class_sizes=(6, 4, 2), norm_bound_w=0.1, norm_bound_h=0.2, steps=40, engine=engine)
    longer = config.with_changes(steps=90)
    assert np.array_equal(simulate(longer, resume=simulate(config)).H[-1], simulate(longer).H[-1])


@pytest.mark.parametrize("rate", [1.0, 1e3, 1e6])
@pytest.mark.parametrize("engine", ["compiled", "batched"])
@pytest.mark.parametrize(("loss", "dtype"), [("cross-entropy", "float32"), *((loss, "float64") for loss in LOSSES)])
def test_steps_of_any_length_stay_within_and_finite(rate, dtype, engine, loss):
    run = simulate(RunConfig(
        class_sizes=(6, 4, 2), loss=loss, norm_bound_w=2.0, norm_bound_h=3.0, learning_rate=rate, steps=20, dtype=dtype,
        engine=engine,
    ))  # fmt: skip
    assert np.isfinite(run.value).all()
    for W, H in zip(run.W, run.H, strict=True):
        assert np.all(np.array(squares(W, H, (6, 4, 2))) <= np.array([2.0, 3.0]) * (1 + 1e-5))
    assert run.value[-1] > 0.0


def test_the_curvature_is_that_of_the_way_within():
    start = State(*NormBalls(0.01, 0.01).project(*point((5, 5, 5), 2), labels_of(3, 5)))
    free = RunConfig(classes=3, dimension=2, per_class=5)
    held = free.with_changes(norm_bound_w=0.01, norm_bound_h=0.01)
    assert largest_curvature(held, start) < largest_curvature(free, start)
    model = Objective.of(held)
    H_at_zero = math.sqrt(5)  # near 0 the largest eigenvalue is ||Pi Y||_op: docs/theory.md 3.4
    assert largest_curvature(held, start) == pytest.approx(H_at_zero, rel=0.1)
    assert model.constraint == NormBalls(0.01, 0.01)


def test_the_command_line_and_the_file_say_what_the_rule_reached(tmp_path, capsys):
    out = tmp_path / "run.npz"
    line = "run --norm-bound-w 1 --norm-bound-h 2.5 --per-class 5 --learning-rate 0.05 --steps 4000 --out"
    assert cli.main([*line.split(), str(out)]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["rule"] == "norm-bound"
    assert figures["value"] == pytest.approx(20 * math.log1p(3 * math.exp(-math.sqrt(2.5) * 4 / 3)), abs=1e-9)
    assert figures["ideal_value"] == pytest.approx(figures["value"], abs=1e-9)
    assert figures["certificate"] <= 1e-9
    assert figures["distance_to_ideal"] < 1e-6
    saved = np.load(out, allow_pickle=False)
    assert str(saved["rule"]) == "norm-bound"
    config = json.loads(str(saved["config"]))
    assert (config["norm_bound_w"], config["norm_bound_h"]) == (1.0, 2.5)


@pytest.mark.parametrize("value", ["0", "-1", "1e7", "inf", "nan", "1e-7", "None", "", "1" * 50])
def test_what_is_no_bound_is_refused_in_words(value, capsys, tmp_path):
    assert cli.main(["run", "--norm-bound-h", value, "--out", str(tmp_path / "run.npz")]) == 2
    said = capsys.readouterr().err
    assert "--norm-bound-h: norm_bound_h = " in said
    assert "use 1e-06 to 1000000, or none, for example 1." in said
    assert value != "inf" or "norm_bound_h = inf is neither a number nor none, for no bound: use " in said
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["norm_bound_w", "norm_bound_h"])
def test_what_does_not_go_with_a_bound_is_refused(name):
    with refused(name, "weight decay", "use none."):
        RunConfig(**{name: 2.0}, weight_decay=0.1)
    with refused(name, "weight decay", "use none."):
        RunConfig(**{name: 2.0}, weight_decay_h=0.1)
    with refused("method", "gradient-flow", "with norm bounds use steps, for example gradient-descent"):
        RunConfig(**{name: 2.0}, method="gradient-flow")
    with refused("fast_forward", "100", "leave it out, or use 0."):
        RunConfig(**{name: 2.0}, fast_forward=100.0)
    with refused("initialisation", "square", "gaussian"):
        RunConfig(**{name: 2.0}, initialisation="square")


def test_no_bounds_are_infinite_written_none_and_left_out():
    assert RunConfig(norm_bound_w=math.inf) == RunConfig.from_mapping({"norm_bound_w": "none"}) == RunConfig()
    assert "norm_bound" not in RunConfig().to_json()
    assert RunConfig(norm_bound_h=2.0).to_link() == {"norm_bound_h": "2"}
    held = RunConfig(norm_bound_w=1.0)
    assert RunConfig.from_json(held.to_json()) == held != RunConfig()
