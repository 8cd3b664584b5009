"""Weight decay and squared error: autograd, both engines, closed forms, proofs at the optimum and the way there."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from reference import METHODS, Stepper, labels_of, random_rotation, refused

from ulpm_core import Outcome, RunConfig, State, cli, simulate
from ulpm_core.dynamics.engines.batched.run import OneRun
from ulpm_core.dynamics.engines.compiled.run import CompiledRun
from ulpm_core.files.run import load_run, save_run
from ulpm_core.model.ideal import distance_to_ideal
from ulpm_core.model.losses.known import LOSSES
from ulpm_core.model.objective import Objective
from ulpm_core.model.regularisers.weight_decay import WeightDecay

DECAYS = [(0.0, 0.0), (0.02, 0.02), (0.05, 0.004)]
RULES = [*itertools.product(LOSSES, ["sum", "mean"], DECAYS)]


def slow_value(W, H, labels, loss, reduction, decays):
    """What is minimised, as it is defined, in torch."""
    Z, y = (W @ H).T, torch.as_tensor(labels)
    if loss != "squared-error":
        smoothing = RunConfig.smoothing if loss == "label-smoothing" else 0.0
        f = torch.nn.functional.cross_entropy(Z, y, reduction=reduction, label_smoothing=smoothing)
    else:
        f = ((Z - torch.nn.functional.one_hot(y, len(W))) ** 2).sum() / 2
        f = f / len(y) if reduction == "mean" else f
    return f + decays[0] / 2 * (W**2).sum() + decays[1] / 2 * (H**2).sum()


def objective(sizes, d, loss, reduction="sum", decays=(0.0, 0.0)) -> Objective:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    made = LOSSES[loss].of(RunConfig())
    return Objective(labels, len(sizes), d, reduction, made, WeightDecay(*decays) if any(decays) else None)


def point(objective, seed=0, scale=0.7):
    rng = np.random.default_rng(seed)
    K, d, N = objective.classes, objective.dimension, len(objective.labels)
    return scale * rng.standard_normal((K, d)), scale * rng.standard_normal((d, N))


@pytest.mark.parametrize(("loss", "reduction", "decays"), RULES)
@pytest.mark.parametrize(("sizes", "d"), [((3, 3), 1), ((4, 1, 2), 2), ((2, 5, 1, 3, 2), 6)])
def test_value_gradient_and_curvature_are_those_of_autograd(loss, reduction, decays, sizes, d):
    model = objective(sizes, d, loss, reduction, decays)
    (W, H), (X, V) = point(model), point(model, 1)

    def slow(W, H):
        return slow_value(W, H, model.labels, loss, reduction, decays)

    theta = torch.tensor(W, requires_grad=True), torch.tensor(H, requires_grad=True)
    value = slow(*theta)
    exact = [g.numpy() for g in torch.autograd.grad(value, theta)]
    product = torch.autograd.functional.hvp(slow, theta, (torch.tensor(X), torch.tensor(V)))[1]
    assert float(model.value(W, H)) == pytest.approx(value.item(), rel=1e-12)
    for ours, theirs in zip(model.gradient(W, H), exact, strict=True):
        assert np.abs(ours - theirs).max() < 1e-12
    for ours, theirs in zip(model.hessian_vector_product(W, H, X, V), product, strict=True):
        assert np.abs(ours - theirs.numpy()).max() < 1e-12


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("loss", "reduction", "decays"), RULES)
def test_both_engines_take_the_steps_as_written(loss, reduction, decays, method):
    config = RunConfig(
        classes=3, dimension=4, per_class=5, loss=loss, loss_reduction=reduction, method=method,
        weight_decay=decays[0], weight_decay_h=decays[1], learning_rate=0.02, momentum=0.8,
    )  # fmt: skip
    model = Objective.of(config)
    steps = 300 if method in ("gradient-descent", "momentum") else 60  # steps of one length circle the optimum
    W, H = point(model)
    start, stepper, time = State(W, H), Stepper(method, 0.8), 0.0
    for _ in range(steps):
        (step_W, step_H), passed = stepper(model.gradient(W, H), 0.02)
        W, H, time = W - step_W, H - step_H, time + passed
    runs = [make(config, start, 1e6) for make in (CompiledRun, OneRun)]
    for run in runs:
        assert run.advance(steps) == steps
    for run in runs:
        assert np.abs(run.W - W).max() < 1e-10
        assert np.abs(run.H - H).max() < 1e-10
        if np.isnan(config.step_time):
            assert run.log_time == pytest.approx(np.log(time), abs=1e-9)


@pytest.mark.parametrize(("loss", "decays"), [*itertools.product(LOSSES, DECAYS)])
def test_float32_takes_them_to_its_own_accuracy(loss, decays):
    config = RunConfig(classes=4, dimension=3, per_class=9, loss=loss, weight_decay=decays[0], weight_decay_h=decays[1])
    config = config.with_changes(learning_rate=0.02)
    start = State(*point(Objective.of(config)))
    exact = CompiledRun(config, start, 1e6)
    exact.advance(50)
    for make in (CompiledRun, OneRun):
        run = make(config.with_changes(dtype="float32"), start, 1e6)
        run.advance(50)
        assert np.abs(run.W - exact.W).max() < 1e-4


def test_the_optimum_of_cross_entropy_with_decay_is_the_one_of_the_notes():
    """K = 4, n = 5, .005 and .001, mean: margin 5.283204, and the norms of docs/theory.md 6.3."""
    K, n, w, h = 4, 5, 0.005, 0.001
    model = objective((n,) * K, 6, "cross-entropy", "mean", (w, h))
    W, H, tau = model.ideal.W, model.ideal.H, np.sqrt(n * w * h)
    margins = (W @ H)[0, 0] - (W @ H)[1:, 0]
    assert margins == pytest.approx(5.283204, abs=1e-6)
    assert margins == pytest.approx(np.log(1 / tau - K + 1), rel=1e-12)
    assert (W**2).sum(axis=1) == pytest.approx((K - 1) / K * margins[0] * np.sqrt(n * h / w), rel=1e-12)
    assert pytest.approx(np.sqrt(n * h / w) * H[:, ::n].T, abs=1e-12) == W
    exact = np.log1p((K - 1) * np.exp(-margins[0])) + (K - 1) * tau * margins[0]
    assert model.ideal.value == pytest.approx(exact, rel=1e-14)
    assert float(model.value(W, H)) == pytest.approx(exact, rel=1e-13)


def test_the_optimum_of_squared_error_thresholds_the_labels():
    K, n, w, h = 4, 5, 0.02, 0.01
    model = objective((n,) * K, 5, "squared-error", "mean", (w, h))
    Y = np.eye(K)[:, labels_of(K, n)]
    assert pytest.approx((1 - K * np.sqrt(n * w * h)) * Y, abs=1e-12) == model.ideal.W @ model.ideal.H
    uneven = objective((9, 4, 1), 3, "squared-error", "sum", (1.5, 1.5))  # sqrt(n) = 3, 2, 1 less 1.5
    assert np.linalg.svd(uneven.ideal.W @ uneven.ideal.H)[1] == pytest.approx([1.5, 0.5, 0.0], abs=1e-12)
    assert uneven.ideal.value == pytest.approx((1.5**2 + 1.5**2 + 1.0) / 2 + 1.5 * (1.5 + 0.5), rel=1e-14)


OPTIMA = [
    ("cross-entropy", (5, 5, 5), 2, "sum", (0.3, 0.1)),
    ("cross-entropy", (5, 5, 5, 5), 7, "mean", (0.005, 0.001)),
    ("squared-error", (5, 5, 5), 3, "sum", (0.3, 0.1)),
    ("squared-error", (7, 2, 4, 1), 6, "mean", (0.02, 0.05)),
    ("squared-error", (7, 2, 4, 1), 2, "sum", (0.3, 0.1)),
]


@pytest.mark.parametrize(("loss", "sizes", "d", "reduction", "decays"), OPTIMA)
def test_nothing_lies_below_the_ideal_and_its_certificate_says_so(loss, sizes, d, reduction, decays):
    model = objective(sizes, d, loss, reduction, decays)
    W, H = model.ideal.W, model.ideal.H
    value = model.value(W, H)
    assert float(value) == pytest.approx(model.ideal.value, rel=1e-12)
    assert max(np.abs(g).max() for g in model.gradient(W, H)) < 1e-12
    assert abs(model.certificates(W[None], H[None], value[None])[0]) <= 1e-9
    for seed in range(20):
        X, V = point(model, seed, 0.3)
        assert float(model.value(W + X, H + V)) > model.ideal.value


def test_the_dual_proves_the_ideal_without_knowing_it():
    model = objective((5, 5, 5), 2, "cross-entropy", "sum", (0.3, 0.1))
    W, H, known = model.ideal.W, model.ideal.H, model.ideal.value
    model.__dict__["ideal"] = model.ideal._replace(value=np.nan)
    assert float(model.lower_bound(W, H)) == pytest.approx(known, abs=1e-12)


@given(st.sampled_from([*LOSSES]), st.lists(st.integers(1, 6), min_size=2, max_size=5), st.integers(1, 6),
       st.sampled_from(["sum", "mean"]), st.floats(0.0, 2.0), st.floats(0.0, 2.0), st.integers(0, 999))  # fmt: skip
def test_what_a_state_proves_lies_below_every_value(loss, sizes, d, reduction, w, h, seed):
    model = objective(sizes, d, loss, reduction, (w, h))
    bound = float(model.lower_bound(*point(model, seed)))
    for other in range(5):
        value = float(model.value(*point(model, seed + other + 1, 0.1 + 0.4 * other)))
        assert bound <= value + 1e-10 * max(1.0, value)


@pytest.mark.parametrize(("loss", "zero"), [("cross-entropy", np.log(4)), ("squared-error", 0.5)])
def test_zero_is_the_optimum_from_the_threshold_on(loss, zero):
    K, n = 4, 5
    threshold = 1.0 / (K * np.sqrt(n))  # tau = sqrt(n) lambda = 1/K, mean
    below, above = (objective((n,) * K, 5, loss, "mean", (x * threshold,) * 2) for x in (0.98, 1.0 + 1e-12))
    assert below.ideal.value < zero
    assert below.ideal.W.any()
    assert above.ideal.value == pytest.approx(zero, rel=1e-14)
    assert not above.ideal.W.any()
    assert "W = 0, H = 0" in above.note


@pytest.mark.parametrize("loss", LOSSES)
def test_a_run_ends_at_the_ideal(loss):
    config = RunConfig(
        classes=3, dimension=4, per_class=6, loss=loss, weight_decay=0.2, weight_decay_h=0.1, learning_rate=0.05,
        steps=20_000,
    )  # fmt: skip
    run = simulate(config)
    assert run.rule == ("weight-decay" if loss == "cross-entropy" else loss)
    assert run.value[-1] == pytest.approx(run.ideal_value, rel=1e-12)
    assert run.value[-1] > run.loss[-1]
    assert run.certificate[-1] <= 1e-9
    assert run.distance_to_ideal[-1] < 1e-6
    assert run.distance_to_ideal[0] > 0.1


def test_what_gradient_flow_conserves_dies_out_with_decay():
    """sum_k w_k shrinks by 1 - learning_rate lambda at each step: dL/dW sums to 0 over classes."""
    run = simulate(RunConfig(classes=3, dimension=2, per_class=4, weight_decay=0.05, learning_rate=0.02, steps=400))
    assert run.W[-1].sum(axis=0) == pytest.approx((1 - 0.02 * 0.05) ** 400 * run.W[0].sum(axis=0), rel=1e-10)


def test_the_distance_is_that_of_the_best_rotation_and_without_decay_of_the_best_scale():
    rng, decayed = np.random.default_rng(0), objective((4, 4, 4), 5, "cross-entropy", "sum", (0.3, 0.1))
    W, H, R = decayed.ideal.W, decayed.ideal.H, random_rotation(5, rng)
    size = np.hypot(np.linalg.norm(W), np.linalg.norm(H))
    assert distance_to_ideal(decayed.ideal, (W @ R)[None], (R.T @ H)[None])[0] < 1e-14
    assert distance_to_ideal(decayed.ideal, 3.0 * (W @ R)[None], 3.0 * (R.T @ H)[None])[0] == pytest.approx(2.0)
    model = objective((4, 4, 4), 5, "cross-entropy")
    W, H = model.ideal.W, model.ideal.H
    assert distance_to_ideal(model.ideal, 7.0 * (W @ R)[None], 7.0 * (R.T @ H)[None])[0] < 1e-14
    off = 1e-6 * rng.standard_normal(W.shape)
    found = distance_to_ideal(model.ideal, W[None] + off, H[None])[0]
    assert found <= np.linalg.norm(off) / size * 3.0
    assert found > 0.0


@pytest.mark.parametrize("decays", [(0.01, 0.0), (0.0, 0.01)])
def test_one_decay_alone_attains_no_optimum_and_the_run_says_so(decays):
    run = simulate(RunConfig(weight_decay=decays[0], weight_decay_h=decays[1], steps=20))
    assert np.isnan(run.ideal_value)
    assert np.isnan(run.distance_to_ideal).all()
    assert "No optimum is attained" in run.stop_reason


def test_steps_too_long_for_the_decay_diverge_though_every_sample_is_right():
    run = simulate(RunConfig(weight_decay=5.0, learning_rate=0.5, steps=1000))  # W, H times -1.5 at each step
    assert run.outcome is Outcome.DIVERGED
    assert "stability limit" in run.stop_reason


def test_the_command_line_and_the_file_say_what_the_rule_reached(tmp_path, capsys):
    out = tmp_path / "run.npz"
    line = "run --loss squared-error --weight-decay 0.5 --dimension 4 --learning-rate 0.02 --steps 3000 --out"
    assert cli.main([*line.split(), str(out)]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["rule"] == "squared-error"
    assert figures["value"] == pytest.approx(figures["ideal_value"], rel=1e-9)
    assert figures["certificate"] <= 1e-9
    assert figures["distance_to_ideal"] < 1e-4
    saved = np.load(out, allow_pickle=False)
    assert saved["value"][-1] == figures["value"]
    assert (str(saved["rule"]), float(saved["ideal_value"])) == ("squared-error", figures["ideal_value"])
    assert saved["distance_to_ideal"].shape == saved["certificate"].shape == saved["loss"].shape
    again = load_run(out)
    longer = simulate(again.config.with_changes(steps=3500), resume=again)
    assert np.array_equal(longer.W[-1], simulate(again.config.with_changes(steps=3500)).W[-1])


def test_the_model_itself_has_value_loss_ideal_zero_and_the_gap_for_a_certificate(tmp_path):
    run = simulate(RunConfig(method="gradient-flow", log_time=50.0))
    assert run.rule == "ulpm"
    assert np.array_equal(run.value, run.loss)
    assert run.ideal_value == 0.0
    assert run.certificate is run.metrics["duality_gap"]
    save_run(run, tmp_path / "run.npz")
    assert str(np.load(tmp_path / "run.npz")["rule"]) == "ulpm"


@pytest.mark.parametrize("rule", [{"loss": "squared-error"}, {"weight_decay": 0.1}, {"weight_decay_h": 0.1}])
def test_saddles_are_refused_beside_other_rules_and_flows_are_not(rule):
    assert RunConfig(method="gradient-flow", **rule).flows
    assert RunConfig(fast_forward=100.0, **rule).flows
    with refused("initialisation", "square", "gaussian"):
        RunConfig(initialisation="square", **rule)


def test_the_decay_of_H_is_that_of_W_unless_it_is_given():
    assert RunConfig(weight_decay=0.1).decays == (0.1, 0.1)
    assert RunConfig(weight_decay=0.1, weight_decay_h=0.1) == RunConfig(weight_decay=0.1)
    with refused("weight_decay_h", "-0.5", "use 0 to"):
        RunConfig(weight_decay_h=-0.5)
