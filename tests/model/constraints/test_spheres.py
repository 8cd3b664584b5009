"""Spheres: steps as written, closed forms, proofs for all sizes against a convex solver, zero vectors, refusals."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import METHODS, Stepper, labels_of, random_rotation, refused

from ulpm_core import RunConfig, State, cli, simulate
from ulpm_core.analysis.analysis import analyse
from ulpm_core.dynamics.engines.batched.run import OneRun
from ulpm_core.dynamics.engines.compiled.run import CompiledRun
from ulpm_core.dynamics.many import simulate_many
from ulpm_core.film.words import sentences
from ulpm_core.model.constraints.spheres import Spheres
from ulpm_core.model.ideal import distance_to_ideal
from ulpm_core.model.losses.known import LOSSES
from ulpm_core.model.objective import Objective

SIZES = st.lists(st.integers(1, 6), min_size=2, max_size=5)


def lengths(W, H):
    return np.sqrt((W**2).sum(axis=1)), np.sqrt((H**2).sum(axis=0))


def point(sizes, d, seed=0, scale=0.7):
    rng = np.random.default_rng(seed)
    return scale * rng.standard_normal((len(sizes), d)), scale * rng.standard_normal((d, sum(sizes)))


def on_spheres(sizes, d, radius, seed):
    return Spheres(radius).project(*point(sizes, d, seed), labels_of(len(sizes), tuple(sizes)))


def made(sizes, d, radius, loss="cross-entropy", reduction="sum"):
    labels = labels_of(len(sizes), tuple(sizes))
    return Objective(labels, len(sizes), d, reduction, LOSSES[loss].of(RunConfig()), None, Spheres(radius))


def proved(run):
    """The certificate of the last state, by the dual alone."""
    run.minimised.__dict__["ideal"] = run.minimised.ideal._replace(value=math.nan)
    return float(run.minimised.certificates(run.W[-1:], run.H[-1:], run.value[-1:])[0])


@pytest.mark.parametrize("sizes", [(5, 5, 5), (6, 1, 9, 2), (20, 17)])
@pytest.mark.parametrize(
    ("method", "loss", "dtype"),
    [
        *((method, "cross-entropy", "float64") for method in METHODS),
        (METHODS[1], "label-smoothing", "float64"),
        (METHODS[0], "cross-entropy", "float32"),
    ],
)
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_both_engines_take_the_steps_as_written(reduction, method, loss, dtype, sizes):
    radius, config = 1.7, RunConfig(
        class_sizes=sizes, dimension=3, feature_norm=1.7, loss=loss, loss_reduction=reduction, method=method,
        learning_rate=0.02, momentum=0.8, dtype=dtype,
    )  # fmt: skip
    model, (W, H) = Objective.of(config), on_spheres(sizes, 3, radius, 1)
    start, stepper = State(W, H, config.labels), Stepper(method, 0.8)
    for _ in range(40):
        (step_W, step_H), _ = stepper(model.gradient(W, H), 0.02)
        W, H = W - step_W, H - step_H
        W, H = W / lengths(W, H)[0][:, None], radius * H / lengths(W, H)[1]
    for make in (CompiledRun, OneRun):
        run = make(config, start, 1e6)
        assert run.advance(40) == 40
        for ours, theirs in zip((run.W, run.H), (W, H), strict=True):
            assert np.abs(ours - theirs).max() < (1e-10 if dtype == "float64" else 1e-4)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize(("K", "d", "n", "radius"), [(4, 3, 5, 2.0), (4, 6, 5, 0.5), (3, 2, 1, 3.0), (6, 5, 3, 1.0)])
def test_a_run_ends_at_the_simplex_and_proves_it(K, d, n, radius, reduction):
    run = simulate(RunConfig(
        classes=K, dimension=d, per_class=n, feature_norm=radius, loss_reduction=reduction, steps=20_000, seed=1,
        learning_rate=0.3 if reduction == "sum" else 0.3 * K * n,
    ))  # fmt: skip
    weight = K * n if reduction == "sum" else 1
    exact = weight * math.log1p((K - 1) * math.exp(-radius * K / (K - 1)))
    assert run.rule == "feature-norm"
    assert run.ideal_value == pytest.approx(exact, rel=1e-13)
    assert run.value[-1] == pytest.approx(exact, rel=1e-12)
    assert run.q_min[-1] == pytest.approx(radius * K / (K - 1), abs=1e-8)
    assert run.distance_to_ideal[-1] < 1e-6
    assert proved(run) <= 1e-9
    for ours, length in zip(lengths(run.W[-1], run.H[-1]), (1.0, radius), strict=True):
        assert ours == pytest.approx(length, rel=1e-13)


@pytest.mark.parametrize("sizes", [(9, 4, 2), (40, 2, 2), (7, 7, 1, 1)])
@pytest.mark.parametrize("loss", ["cross-entropy", "label-smoothing"])
def test_sizes_that_differ_are_proved_and_a_convex_solver_finds_no_less(sizes, loss):
    """Over all inner products of unit vectors: a positive semidefinite matrix with ones on its diagonal."""
    cvxpy = pytest.importorskip("cvxpy")
    radius, K = 2.0 if loss == "cross-entropy" else 1.0, len(sizes)
    run = simulate(RunConfig(
        class_sizes=sizes, dimension=2 * K, feature_norm=radius, loss=loss, learning_rate=0.5 / max(sizes),
        steps=20_000, seed=1,
    ))  # fmt: skip
    G, share = cvxpy.Variable((2 * K, 2 * K), PSD=True), RunConfig.smoothing / K if loss == "label-smoothing" else 0.0
    Z = radius * G[:K, K:]
    cost = sum(
        n * (cvxpy.log_sum_exp(Z[:, k]) - (1.0 - share * K) * Z[k, k] - share * cvxpy.sum(Z[:, k]))
        for k, n in enumerate(sizes)
    )
    problem = cvxpy.Problem(cvxpy.Minimize(cost), [cvxpy.diag(G) == 1.0])
    problem.solve()
    assert math.isnan(run.ideal_value)
    assert run.value[-1] == pytest.approx(problem.value, rel=1e-5)
    assert run.certificate[-1] <= 1e-9
    assert run.certificate.min() >= -1e-13
    assert "prove that this is it" in sentences(run, analyse(run))[-1]


@settings(max_examples=12)
@given(st.sampled_from([*LOSSES]), SIZES, st.integers(1, 6), st.sampled_from(["sum", "mean"]), st.floats(0.05, 5.0),
       st.integers(0, 999))  # fmt: skip
def test_what_a_state_proves_lies_below_every_value_on_the_spheres(loss, sizes, d, reduction, radius, seed):
    model = made(sizes, d, radius, loss, reduction)
    for state in (on_spheres(sizes, d, radius, seed), point(sizes, d, seed)):
        bound = float(model.lower_bound(*state))
        for other in range(5):
            value = float(model.value(*on_spheres(sizes, d, radius, seed + other + 1)))
            assert bound <= value + 1e-10 * max(1.0, value)


@pytest.mark.parametrize("loss", LOSSES)
def test_pulls_far_below_rounding_leave_the_certificate_finite(loss):
    """At R = 1000 separated samples pull by e^-1000; one that is not holds the value far from its least."""
    run = simulate(RunConfig(feature_norm=1000, loss=loss, loss_reduction="mean", per_class=2, steps=100))
    assert np.isfinite(run.certificate).all()
    assert (run.certificate >= -1e-9).all()


@pytest.mark.parametrize(("loss", "d", "radius"), [("cross-entropy", 5, 3.0), ("squared-error", 4, 0.6)])
def test_the_ideal_needs_no_rotation_and_its_certificate_does_not_rest_on_it(loss, d, radius):
    model = made((3,) * 4, d, radius, loss)
    W, H, value = model.ideal.W, model.ideal.H, model.ideal.value
    R = random_rotation(d, np.random.default_rng(0))
    for ours, length in zip(lengths(W, H), (1.0, radius), strict=True):
        assert ours == pytest.approx(length, rel=1e-13)
    assert distance_to_ideal(model.ideal, (W @ R)[None], (R.T @ H)[None])[0] < 1e-13
    model.__dict__["ideal"] = model.ideal._replace(value=math.nan)
    assert float(model.lower_bound(W, H)) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("loss", "d", "radius"),
    [
        ("squared-error", 6, 2.0),  # the labels fit within the norms, and need not be on the spheres
        ("squared-error", 3, 0.6),  # the largest classes alone would be kept
        ("label-smoothing", 3, 20.0),  # its own margin is smaller
        ("cross-entropy", 2, 1.0),  # no simplex
    ],
)
def test_what_is_best_within_the_norms_and_not_on_the_spheres_is_no_ideal(loss, d, radius):
    model = made((3,) * 4, d, radius, loss)
    assert math.isnan(model.ideal.value)
    assert model.note == ""


def test_smoothed_labels_end_at_the_simplex_while_its_margin_is_below_their_own():
    short = RunConfig(loss="label-smoothing", per_class=5, feature_norm=2.5, dimension=5, steps=10_000)
    run = simulate(short)  # 2.5 x 4/3 = 3.33 < log 37 = 3.61
    assert run.q_min[-1] == pytest.approx(2.5 * 4 / 3, abs=1e-8)
    assert run.value[-1] == pytest.approx(run.ideal_value, rel=1e-12)
    long = simulate(short.with_changes(feature_norm=4.0, steps=40_000, learning_rate=0.05))
    assert proved(long) < 1e-4  # with room for what exceeds it, the least loss is reached


@pytest.mark.parametrize("engine", ["compiled", "batched"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_vector_that_is_zero_stays_finite_and_moves_once_a_step_gives_it_a_direction(engine, dtype):
    W, H = point((3, 3, 3), 2, 5)
    W[1], H[:, 4] = 0.0, 0.0
    config = RunConfig(
        classes=3, dimension=2, per_class=3, feature_norm=2.0, steps=1, engine=engine, dtype=dtype, learning_rate=0.01
    )
    first = simulate(config, State(W, H, labels_of(3, 3)))
    assert (lengths(first.W[0], first.H[0])[0][1], lengths(first.W[0], first.H[0])[1][4]) == (0.0, 0.0)
    for ours, length in zip(lengths(first.W[-1], first.H[-1]), (1.0, 2.0), strict=True):
        assert ours == pytest.approx(length, rel=1e-6)
    nothing = simulate(config.with_changes(initial_scale=0.0))
    assert not nothing.W.any()
    assert not nothing.H.any()
    assert nothing.value[-1] == pytest.approx(9 * math.log(3))


@pytest.mark.parametrize("rate", [1.0, 1e3, 1e6])
@pytest.mark.parametrize("engine", ["compiled", "batched"])
@pytest.mark.parametrize(("loss", "dtype"), [("cross-entropy", "float32"), *((loss, "float64") for loss in LOSSES)])
def test_steps_of_any_length_stay_on_the_spheres(rate, dtype, engine, loss):
    run = simulate(RunConfig(
        class_sizes=(6, 4, 2), loss=loss, feature_norm=3.0, learning_rate=rate, steps=20, dtype=dtype, engine=engine
    ))  # fmt: skip
    for W, H in zip(run.W, run.H, strict=True):
        for ours, length in zip(lengths(W, H), (1.0, 3.0), strict=True):
            assert ours == pytest.approx(length, rel=1e-6)
    assert run.outcome == "done"


def test_a_start_is_brought_onto_the_spheres_and_the_film_says_so():
    config, given_start = RunConfig(classes=3, dimension=2, per_class=4, feature_norm=2.0), State(*point((4, 4, 4), 2))
    run = simulate(config.with_changes(steps=30), given_start)
    assert run.W[0] == pytest.approx(given_start.W / lengths(given_start.W, given_start.H)[0][:, None], rel=1e-14)
    assert run.config.initial_digest == given_start.digest
    assert "‖w‖ = 1, ‖h‖ = 2." in sentences(run, analyse(run))[-1]


def test_many_runs_at_once_are_each_as_alone_and_a_run_goes_on_bit_for_bit():
    config = RunConfig(class_sizes=(4, 1, 2), dimension=2, feature_norm=2.0, steps=40, snapshots=5)
    configs = [config.with_changes(seed=seed) for seed in range(3)]
    batched = simulate_many([c.with_changes(engine="batched") for c in configs])
    for r, one in enumerate(simulate(c) for c in configs):
        assert np.abs(batched.H[r, -1] - one.H[-1]).max() < 1e-10
    longer = config.with_changes(steps=90)
    assert np.array_equal(simulate(longer, resume=simulate(config)).H[-1], simulate(longer).H[-1])


def test_the_command_line_and_the_file_say_what_the_rule_reached(tmp_path, capsys):
    out = tmp_path / "run.npz"
    assert cli.main(["run", "--feature-norm", "2", "--per-class", "5", "--steps", "4000", "--out", str(out)]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["rule"] == "feature-norm"
    assert figures["ideal_value"] == pytest.approx(20 * math.log1p(3 * math.exp(-8 / 3)), rel=1e-12)
    assert figures["certificate"] <= 1e-9
    assert json.loads(str(np.load(out)["config"]))["feature_norm"] == 2.0


def test_what_does_not_go_with_a_feature_norm_is_refused_in_words():
    for beside, said in (({"weight_decay": 0.1}, "weight decay"), ({"weight_decay_h": 0.1}, "weight decay"),
                         ({"norm_bound_w": 2.0}, "norm bounds"), ({"norm_bound_h": 2.0}, "norm bounds")):  # fmt: skip
        with refused("feature_norm", f"does not go with {said}", "use none."):
            RunConfig(feature_norm=2.0, **beside)
    with refused("method", "gradient-flow", "with a feature norm use steps, for example gradient-descent"):
        RunConfig(feature_norm=2.0, method="gradient-flow")
    with refused("fast_forward", "100", "leave it out, or use 0."):
        RunConfig(feature_norm=2.0, fast_forward=100.0)
    with refused("initialisation", "square", "gaussian"):
        RunConfig(feature_norm=2.0, initialisation="square")
    for value in (0.0, -1.0, 1e4, math.nan):
        with refused("feature_norm", "use 0.001 to 1000, or none, for example 1."):
            RunConfig(feature_norm=value)
    assert "feature_norm" not in RunConfig().to_json()
    assert RunConfig(feature_norm=2.0).to_link() == {"feature_norm": "2"}
