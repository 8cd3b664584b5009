"""The gallery: stationary to rounding, with the loss, lambda and least eigenvalue that theory says, at many sizes."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from reference import autograd_gradient, dense_hessian, example_in, labels_of, naive_gradient, refused
from scipy.linalg import null_space
from scipy.optimize import brentq

from ulpm_core import ConfigError, RunConfig
from ulpm_core.analysis.landscape import landscape
from ulpm_core.analysis.saddles import exact, report
from ulpm_core.analysis.separation import direction_kkt
from ulpm_core.analysis.verdict import Verdict
from ulpm_core.model.losses.cross_entropy import log_cross_entropy
from ulpm_core.model.parameters import PARAMETERS
from ulpm_core.model.saddles.gallery import SADDLES
from ulpm_core.model.saddles.merged_classes import merged_ratio

SIZES = [
    ("origin", 2, 1), ("origin", 5, 3),
    ("neglected-class", 3, 2), ("neglected-class", 3, 4), ("neglected-class", 4, 3), ("neglected-class", 7, 9),
    ("merged-classes", 3, 2), ("merged-classes", 3, 5),
    ("merged-pairs", 4, 2), ("merged-pairs", 4, 3), ("merged-pairs", 6, 4), ("merged-pairs", 10, 6),
    ("square", 4, 2), ("square", 4, 3), ("square", 4, 6),
    ("polygon", 4, 3), ("polygon", 5, 2), ("polygon", 5, 4), ("polygon", 6, 3), ("polygon", 9, 5),
    ("cross-polytope", 4, 3), ("cross-polytope", 6, 3), ("cross-polytope", 6, 5), ("cross-polytope", 10, 7),
    ("simplex", 2, 1), ("simplex", 2, 3), ("simplex", 3, 2), ("simplex", 4, 5), ("simplex", 8, 7),
]  # fmt: skip
IN_THEIR_SPACE = [case for case in SIZES if case in [("square", 4, 2), ("polygon", 5, 2), ("cross-polytope", 6, 3)]]


def at(name: str, K: int | None, d: int, n: int, margin: float, reduction: str = "sum") -> RunConfig:
    K = SADDLES[name].own(d) if K is None else K
    return RunConfig(initialisation=name, classes=K, dimension=d, per_class=n, margin=margin, loss_reduction=reduction)


def balanced(name: str, K: int, d: int, n: int, margin: float):
    """W = a U, h = b U with a = sqrt(n) b, ab = margin, from vectors written down here."""
    third = np.array([[1.0, 0.0], [-0.5, math.sqrt(0.75)], [-0.5, -math.sqrt(0.75)]])
    U = {
        "square": [[1, 0], [0, 1], [-1, 0], [0, -1]],
        "merged-pairs": [[1], [1], [-1], [-1]],
        "neglected-class": [[1], [-1], [0]] if K == 3 else np.concatenate([third, np.zeros((1, 2))]),
        "cross-polytope": np.concatenate([np.eye(3), -np.eye(3)]),
    }[name]
    U = np.pad(np.asarray(U, float), ((0, 0), (0, d - len(U[0]))))
    b = math.sqrt(margin) / n**0.25
    return math.sqrt(n) * b * U, np.repeat(b * U, n, axis=0).T


@pytest.mark.parametrize("margin", [0.01, 0.5, 2.0, 8.0])
@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize(("name", "K", "d"), SIZES)
def test_every_entry_is_stationary_balanced_and_what_its_closed_forms_say(name, K, d, n, margin):
    state = SADDLES[name].state(K, d, n, margin)
    found, known = landscape(state, pairs=0), exact(at(name, K, d, n, margin))
    unit = found.gradient_operator_norm
    g_W, g_H = autograd_gradient(state.W, state.H, n)
    left = np.concatenate([(g_W + found.multiplier * state.W).ravel(), (g_H + found.multiplier * state.H).ravel()])
    assert np.linalg.norm(left) <= (1e-13 * unit + 1e-15) * max(1.0, found.norm)  # 1e-15: softmax minus one-hot
    assert found.tangent_gradient_norm <= 1e-13 * unit * max(1.0, found.norm)
    assert pytest.approx(state.H @ state.H.T, abs=1e-12 * max(1.0, margin)) == state.W.T @ state.W
    assert found.loss == pytest.approx(known.loss, rel=1e-13)
    assert found.multiplier == pytest.approx(known.multiplier, abs=1e-13 * unit)
    assert unit == pytest.approx(known.gradient_operator_norm, rel=1e-12)
    if known.least_tangent_eigenvalue is None:
        assert (name, K, d) in IN_THEIR_SPACE
        assert known.multiplicity is None
    else:
        assert found.least_tangent_eigenvalue == pytest.approx(known.least_tangent_eigenvalue, abs=1e-12 * unit)
        assert found.multiplicity == known.multiplicity
    global_one = Verdict.GLOBAL if name == "simplex" else Verdict.SADDLE
    assert found.verdict is (Verdict.MINIMUM if (name, K, d) in IN_THEIR_SPACE else global_one), found.sentence


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize(("name", "K", "d"), [("square", 4, 3), ("merged-classes", 3, 2), ("neglected-class", 4, 3)])
def test_the_least_tangent_eigenvalue_is_that_of_torch(name, K, d, reduction):
    state, n = SADDLES[name].state(K, d, 2, 1.3), 2
    theta = np.concatenate([state.W.ravel(), state.H.ravel()])
    found = report(at(name, K, d, n, 1.3, reduction))
    Q = null_space(theta[None])
    hessian = dense_hessian(state.W, state.H, n, reduction) + found["lambda"] * np.eye(len(theta))
    values = np.linalg.eigvalsh(Q.T @ hessian @ Q)
    for given in ("least_tangent_eigenvalue", "least_tangent_eigenvalue_exact", "negative_curvature"):
        assert found[given] == pytest.approx(values[0], abs=1e-12)
    assert found["multiplicity"] == (values < values[0] + 1e-9).sum()


@pytest.mark.parametrize("margin", [0.3, 4.0])
@pytest.mark.parametrize(
    ("name", "K", "d"), [("square", 4, 3), ("merged-pairs", 4, 2), ("neglected-class", 3, 2), ("neglected-class", 4, 3),
                         ("cross-polytope", 6, 4)]
)  # fmt: skip
def test_the_constructions_are_those_of_the_theory_sheet(name, K, d, margin):
    """The same logits and row lengths, and stationary with the same lambda."""
    n = 3
    W, H = balanced(name, K, d, n, margin)
    state = SADDLES[name].state(K, d, n, margin)
    assert np.sort((W @ H).ravel()) == pytest.approx(np.sort((state.W @ state.H).ravel()), abs=1e-12)
    assert np.linalg.norm(W, axis=1) == pytest.approx(np.linalg.norm(state.W, axis=1), abs=1e-12)
    g_W, g_H = naive_gradient(W, H, n)
    multiplier = landscape(state).multiplier
    assert np.abs(g_W + multiplier * W).max() < 1e-12
    assert np.abs(g_H + multiplier * H).max() < 1e-12


# -- golden values of docs/theory.md 3.5 ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "d", "n", "margin", "golden"),
    [
        ("square", 3, 5, 0.5, {"least_tangent_eigenvalue": -0.413524}),
        ("square", 3, 5, 2.0, {"loss": 5.077120, "lambda": 0.533092, "least_tangent_eigenvalue": -0.406000}),
        ("square", 3, 5, 5.0, {"loss": 0.268614, "lambda": 0.029931, "least_tangent_eigenvalue": -0.029531}),
        ("simplex", 3, 5, 3.0, {"loss": 2.784126, "lambda": 0.387440, "gradient_operator_norm": 0.387440}),
        ("simplex", 3, 5, 6.0, {"loss": 0.148175, "lambda": 0.022007, "least_tangent_eigenvalue": 0.0}),
        ("origin", 3, 5, 2.0, {"loss": 27.725887, "least_tangent_eigenvalue": -math.sqrt(5), "multiplicity": 9}),
        ("merged-pairs", 2, 5, 1.0, {"lambda": 0.533092, "least_tangent_eigenvalue": 0.533092 - math.sqrt(5)}),
    ],
)
def test_golden_values(name, d, n, margin, golden):
    found = report(at(name, None, d, n, margin))
    for field, value in golden.items():
        assert found[field] == pytest.approx(value, abs=1e-6), field
        assert found[field + "_exact" if field + "_exact" in found else field] == pytest.approx(value, abs=1e-6), field


def test_golden_values_to_fewer_digits():
    assert report(at("neglected-class", 3, 2, 2, 8.0))["least_tangent_eigenvalue"] == pytest.approx(-1.1542, abs=5e-5)
    assert report(at("merged-pairs", 4, 2, 5, 1.0))["least_tangent_eigenvalue"] == pytest.approx(-1.703, abs=5e-4)
    assert report(at("merged-pairs", 4, 2, 5, 4.0))["least_tangent_eigenvalue"] == pytest.approx(-2.2346, abs=5e-5)


@pytest.mark.parametrize(("energy", "ratio"), [(2, 1.9307), (8, 1.5433), (20, 1.2530)])
def test_the_merged_ratio_at_the_norms_of_the_theory_sheet(energy, ratio):
    def excess(margin: float) -> float:
        return landscape(SADDLES["merged-classes"].state(3, 2, 2, margin)).norm ** 2 - energy

    margin = brentq(excess, 1e-2, 10.0, xtol=1e-12)
    assert merged_ratio(margin) == pytest.approx(ratio, abs=5e-5)
    state = SADDLES["merged-classes"].state(3, 2, 2, margin)
    assert -state.H[0, 4] / state.H[0, 0] == pytest.approx(ratio, abs=5e-5)


def test_where_the_saddles_lead():
    """Far out the first three keep a loss above log 2 and a curvature of order one; the square separates its data."""
    n, far = 3, 60.0
    for name, K, loss, least in [
        ("neglected-class", 3, n * math.log(3), -math.sqrt(2 * n / 3)),
        ("neglected-class", 6, n * math.log(6), -math.sqrt(5 * n / 6)),
        ("merged-classes", 3, 2 * n * math.log(2), -math.sqrt(n)),
        ("merged-pairs", 4, 4 * n * math.log(2), -math.sqrt(n)),
    ]:
        found = report(at(name, K, 6, n, far))
        assert found["loss"] == pytest.approx(loss, rel=1e-6), name
        assert found["least_tangent_eigenvalue"] == pytest.approx(least, rel=1e-6), name
        assert found["lambda"] < 1e-6
    square = SADDLES["square"].state(4, 3, n, far)
    assert float(log_cross_entropy(square.W @ square.H, labels_of(4, n))) == pytest.approx(
        math.log(8 * n) - far, rel=1e-12
    )


@pytest.mark.parametrize(
    ("name", "K", "value"),
    [("square", 4, 4.0), ("polygon", 5, 7.236068), ("polygon", 6, 12.0), ("polygon", 10, 52.360680),
     ("cross-polytope", 8, 8.0), ("simplex", 6, 5.0)],
)  # fmt: skip
def test_those_that_separate_are_kkt_points_with_the_objective_known(name, K, value):
    """At q_min = 1 (||W||^2 + ||H||^2)/2 is K sqrt(n)/(1 - cos 2 pi/K) and its like (docs/theory.md 3.5 and 6.2)."""
    n = 2
    state = SADDLES[name].state(K, K, n, 300.0)
    labels = labels_of(K, n)
    Z = state.W @ state.H
    gaps = Z[labels, np.arange(K * n)] - Z
    gaps[labels, np.arange(K * n)] = np.inf
    objective = ((state.W**2).sum() + (state.H**2).sum()) / 2 / gaps.min()
    assert objective == pytest.approx(value * math.sqrt(n), rel=1e-6)
    assert direction_kkt(state.W, state.H, labels).stationarity < 1e-10


# -- the report and its refusals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("name", SADDLES)
def test_a_report_is_strict_json_with_every_figure_and_its_own_classes(name, reduction):
    found = json.loads(json.dumps(report(at(name, None, 4, 3, 1.5, reduction)), allow_nan=False))
    K, N = found["classes"], 3 * found["classes"]
    whole = report(at(name, K, 4, 3, 1.5))
    assert found["saddle"] == name
    assert (found["dimension"], found["per_class"], found["loss_reduction"]) == (4, 3, reduction)
    assert found["margin"] == (0.0 if name == "origin" else 1.5)
    for field in ("loss", "lambda", "gradient_operator_norm", "least_tangent_eigenvalue", "loss_floor"):
        per = N if reduction == "mean" else 1
        assert found[field] * per == pytest.approx(whole[field], rel=1e-12, abs=1e-14), field
        if (exact := found.get(field + "_exact")) is not None:
            assert exact == pytest.approx(found[field], abs=1e-12), field
    assert found["verdict"] in list(Verdict)
    assert found["sentence"].endswith(".")
    assert SADDLES[name].words.endswith(".")
    assert SADDLES[name].name == name


def test_own_classes_follow_the_dimension_where_they_must():
    own = {name: [saddle.own(d) for d in (1, 2, 3, 8)] for name, saddle in SADDLES.items()}
    assert own["cross-polytope"] == [4, 4, 6, 16]
    assert own["simplex"] == [2, 3, 4, 4]
    assert own["square"] == own["merged-pairs"] == [4] * 4
    for saddle in SADDLES.values():
        for d in (2, 3, 8):
            saddle.check(saddle.own(d), d, 1)


@pytest.mark.parametrize(
    ("name", "K", "d", "n", "margin", "field", "parts"),
    [
        ("square", 5, 3, 5, 2.0, "classes", ("classes = 5", "use 4")),
        ("merged-classes", 4, 3, 5, 2.0, "classes", ("classes = 4", "use 3")),
        ("merged-pairs", 7, 6, 5, 2.0, "classes", ("classes = 7", "even numbers from 4 to 1000")),
        ("cross-polytope", 2, 6, 5, 2.0, "classes", ("classes = 2", "even numbers")),
        ("polygon", 3, 2, 5, 2.0, "classes", ("classes = 3", "4 to 1000")),
        ("square", None, 1, 5, 2.0, "dimension", ("dimension = 1", "2 to 4096")),
        ("neglected-class", 5, 3, 5, 2.0, "dimension", ("dimension = 3", "4 to")),
        ("simplex", 6, 4, 5, 2.0, "dimension", ("dimension = 4", "5 to")),
        ("simplex", 1000, 10, 1000, 2.0, "classes", ("dimension = 10", "fewer classes")),
        ("square", None, 3, 5, -1.0, "margin", ("margin = -1", "1e-06 to 1000000")),
        ("square", None, 3, 5, math.nan, "margin", ("margin = nan", "is not a number")),
        ("square", None, 3, 0, 2.0, "per_class", ("per_class = 0", "1 to 100000")),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(name, K, d, n, margin, field, parts):
    with refused(field, *parts):
        report(at(name, K, d, n, margin))
    try:
        report(at(name, K, d, n, margin))
    except ConfigError as refusal:
        works = example_in(refusal)
        given = {"classes": K, "dimension": d, "per_class": n, "margin": margin}
        given[field] = PARAMETERS[field].kind(works)
        report(at(name, given["classes"], given["dimension"], given["per_class"], given["margin"]))


def test_the_parameters_name_what_there_is():
    assert PARAMETERS["initialisation"].choices == ("gaussian", "small", "collapsed", "etf-perturbed", *SADDLES)
    assert list(SADDLES) == [
        "origin", "neglected-class", "merged-classes", "merged-pairs", "square", "polygon", "cross-polytope", "simplex",
    ]  # fmt: skip


@pytest.mark.parametrize("margin", [1e-6, 1e-3, 100.0, 1e4, 1e6])
@pytest.mark.parametrize("name", SADDLES)
def test_extreme_margins_keep_their_verdict(name, margin):
    found = report(at(name, 8 if name == "cross-polytope" else None, 5, 2, margin))
    wanted = "global minimiser direction" if name == "simplex" else "strict saddle"
    assert found["verdict"] == wanted, found["sentence"]
    if name == "square":  # -tanh(mu/2), log(8n) - mu: also where the loss is 0
        assert found["curvature_ratio"] == pytest.approx(-math.tanh(margin / 2), rel=1e-8)
        assert margin < 100 or found["log_loss"] == pytest.approx(math.log(16) - margin, rel=1e-12)
    assert math.isfinite(found["loss"])


def test_large_saddles_are_reported_whole():
    """d = 500 and n = 1,000: all of it reduces to one sample a class in the dimensions that are filled."""
    found = report(at("square", None, 500, 1000, 2.0))
    assert found["least_tangent_eigenvalue"] == pytest.approx(found["least_tangent_eigenvalue_exact"], rel=1e-12)
    assert found["multiplicity"] == found["multiplicity_exact"] == 498
