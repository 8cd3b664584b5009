"""`python -m ulpm_core landscape`, and runs that start beside a saddle: golden values, dense references, refusals."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from cli.lines import process, refusal, strict
from reference import dense_hessian, labels_of, naive_gradient, torch_loss
from scipy.linalg import null_space
from scipy.optimize import brentq
from scipy.special import softmax
from torch import tensor

from app import __main__ as app_command
from tests.pages_that_carry import Elements, carried
from ulpm_core import RunConfig
from ulpm_core.files.run import load_run
from ulpm_core.film.film import Film
from ulpm_core.model.parameters import PARAMETERS
from ulpm_core.model.saddles.gallery import SADDLES

CONTRACT = ("loss", "lambda", "gradient_operator_norm", "least_tangent_eigenvalue", "verdict")
SADDLE, MINIMUM, GLOBAL = "strict saddle", "minimum on the sphere, not the simplex", "global minimiser direction"
SQUARE = ("run", "--initialisation", "square", "--margin", 2, "--method", "gradient-flow", "--log-time", 50)


# -- what it says --------------------------------------------------------------------------------------------------


def test_the_contract_line_as_a_process_gives_the_golden_values_of_the_theory_sheet(tmp_path):
    words = ("--saddle", "square", "--dimension", "3", "--per-class", "5", "--margin", "2")
    code, out, err = process(tmp_path, "landscape", *words)
    said = strict(out)
    assert (code, err, list(tmp_path.iterdir())) == (0, "", [])
    assert set(CONTRACT) <= set(said)
    assert said["loss"] == pytest.approx(5.077120, abs=1e-6)
    assert said["lambda"] == pytest.approx(0.533092, abs=1e-6)
    assert said["gradient_operator_norm"] == pytest.approx(0.533092 + 0.406000, abs=1e-6)
    assert said["least_tangent_eigenvalue"] == pytest.approx(-0.406000, abs=1e-6)
    assert said["verdict"] == SADDLE
    assert "−0.406" in said["sentence"]


Q1, Q2 = (math.exp(-j * 2.0) / (1.0 + math.exp(-2.0)) ** 2 for j in (1, 2))
GOLDEN = [
    # docs/theory.md 3.5
    ({"saddle": "square", "margin": 0.5, "per_class": 5}, {"least_tangent_eigenvalue": -0.413524}),
    (
        {"saddle": "square", "margin": 5, "per_class": 5},
        {"loss": 0.268614, "lambda": 0.029931, "least_tangent_eigenvalue": -0.029531},
    ),
    (
        {"saddle": "square", "margin": 2, "per_class": 9, "dimension": 6},
        {"lambda": 6 * (Q1 + Q2), "least_tangent_eigenvalue": 6 * (Q2 - Q1), "multiplicity": 4},
    ),
    (
        {"saddle": "simplex", "margin": 3, "per_class": 5},
        {"loss": 2.784126, "lambda": 0.387440, "gradient_operator_norm": 0.387440, "least_tangent_eigenvalue": 0.0},
    ),
    ({"saddle": "simplex", "margin": 6, "per_class": 5}, {"loss": 0.148175, "lambda": 0.022007}),
    (
        {"saddle": "simplex", "classes": 10, "dimension": 12, "margin": 1, "per_class": 7},
        {"lambda": 10 * math.sqrt(7) / (math.e + 9), "least_tangent_eigenvalue": 0.0},
    ),
    (
        {"saddle": "merged-pairs", "margin": 1, "per_class": 5, "dimension": 2},
        {"lambda": 0.533092, "least_tangent_eigenvalue": 0.533092 - math.sqrt(5)},
    ),
    # docs/theory.md 3.4
    (
        {"saddle": "origin", "per_class": 5},
        {
            "loss": 27.725887,
            "lambda": 0.0,
            "gradient_operator_norm": 2.236068,
            "least_tangent_eigenvalue": -2.236068,
            "multiplicity": 9,
        },
    ),
    (
        {"saddle": "origin", "classes": 3, "per_class": 1, "dimension": 2},
        {"loss": 3 * math.log(3), "least_tangent_eigenvalue": -1.0, "multiplicity": 4},
    ),
    (
        {"saddle": "origin", "classes": 3, "per_class": 2, "dimension": 4},
        {"loss": 6.591674, "least_tangent_eigenvalue": -1.414214, "multiplicity": 8},
    ),
    (
        {"saddle": "origin", "classes": 3, "per_class": 2, "dimension": 4, "loss_reduction": "mean"},
        {"loss": math.log(3), "least_tangent_eigenvalue": -1.414214 / 6, "multiplicity": 8},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("options", "golden"), GOLDEN)
def test_golden_values_to_a_millionth(say, options, golden):
    said = say(**options)
    for field, value in golden.items():
        assert said[field] == pytest.approx(value, abs=1e-6), field
    assert said["verdict"] == (GLOBAL if options["saddle"] == "simplex" else SADDLE)


def test_without_options_it_is_the_square_at_the_defaults_of_the_table(say):
    said, table = say(), {name: p.default for name, p in PARAMETERS.items()}
    assert (said["saddle"], said["classes"]) == ("square", 4)
    for name in ("dimension", "per_class", "margin", "loss_reduction"):
        assert said[name] == table[name]
    assert said == say(saddle="square", dimension=3, per_class=30, margin=2, loss_reduction="sum")


@pytest.mark.parametrize(
    ("saddle", "dimension", "classes"),
    [("origin", 2, 4), ("neglected-class", 2, 3), ("merged-classes", 2, 3), ("merged-pairs", 2, 4), ("square", 9, 4),
     ("polygon", 2, 5), ("cross-polytope", 2, 4), ("cross-polytope", 5, 10), ("simplex", 2, 3), ("simplex", 7, 4)],
)  # fmt: skip
def test_without_classes_each_saddle_takes_its_own(say, saddle, dimension, classes):
    said = say(saddle=saddle, dimension=dimension, per_class=2)
    assert (said["saddle"], said["classes"], said["dimension"]) == (saddle, classes, dimension)
    assert said == say(saddle=saddle, dimension=dimension, per_class=2, classes=classes)


# -- against a dense reference at sizes of its own -----------------------------------------------------------------


def on_a_simplex(m: int) -> np.ndarray:
    """m unit vectors with cosine -1/(m-1), in m dimensions less one."""
    Q = np.linalg.qr(np.column_stack([np.ones(m), np.eye(m)[:, : m - 1]]))[0][:, 1:]
    return Q / np.linalg.norm(Q, axis=1, keepdims=True)


def vectors(name: str, K: int) -> np.ndarray:
    """U (K, r) of docs/theory.md 3.5, written down here."""
    turn = 2.0 * math.pi * np.arange(K) / K
    match name:
        case "origin":
            return np.zeros((K, 1))
        case "neglected-class":
            return np.vstack([on_a_simplex(K - 1), np.zeros(K - 2)])
        case "merged-pairs":
            return np.kron(on_a_simplex(K // 2), np.ones((2, 1)))
        case "square" | "polygon":
            return np.column_stack([np.sin(turn), np.cos(turn)])
        case "cross-polytope":
            return np.kron(np.eye(K // 2), [[1.0], [-1.0]])
    return on_a_simplex(K) * math.sqrt(1.0 - 1.0 / K)


def merged(n: int, mu: float) -> tuple[np.ndarray, np.ndarray]:
    """Two merged classes on a line: the third feature where W^T G = -lambda H holds with one lambda."""

    def place(c: float) -> tuple[np.ndarray, np.ndarray]:
        ratio = (n * (2.0 + c * c) / 6.0) ** 0.25
        w, h = np.array([1.0, 1.0, -2.0]), np.repeat([1.0, 1.0, -c], n)
        return math.sqrt(mu) * ratio * w[:, None], math.sqrt(mu) / ratio * h[None]

    def gap(c: float) -> float:
        W, H = place(c)
        pull = naive_gradient(W, H, n)[1] / H
        return float(pull[0, -1] - pull[0, 0])

    return place(brentq(gap, 1.0, 2.0, xtol=1e-14))


def built(name: str, K: int, d: int, n: int, mu: float) -> tuple[np.ndarray, np.ndarray]:
    if name == "merged-classes":
        W, H = merged(n, mu)
    else:
        U = math.sqrt(mu) * vectors(name, K)
        W, H = n**0.25 * U, np.repeat(U / n**0.25, n, axis=0).T
    return np.pad(W, ((0, 0), (0, d - W.shape[1]))), np.pad(H, ((0, d - len(H)), (0, 0)))


def measured(W: np.ndarray, H: np.ndarray, n: int, reduction: str) -> dict[str, float]:
    """The figures from torch's dense Hessian on the tangent space, and from G itself."""
    K = len(W)
    G = softmax(W @ H, axis=0) - np.eye(K)[:, labels_of(K, n)]
    G /= K * n if reduction == "mean" else 1
    theta = np.concatenate([W.ravel(), H.ravel()])
    size = float(theta @ theta)
    multiplier = -2.0 * float((G * (W @ H)).sum()) / size if size else 0.0
    g_W, g_H = naive_gradient(W, H, n, reduction)
    assert np.abs(np.concatenate([(g_W + multiplier * W).ravel(), (g_H + multiplier * H).ravel()])).max() < 1e-11
    Q = null_space(theta[None]) if size else np.eye(len(theta))
    values = np.linalg.eigvalsh(Q.T @ (dense_hessian(W, H, n, reduction) + multiplier * np.eye(len(theta))) @ Q)
    return {
        "norm": math.sqrt(size),
        "loss": float(torch_loss(tensor(W), tensor(H), n, reduction)),
        "lambda": multiplier,
        "gradient_operator_norm": float(np.linalg.norm(G, 2)),
        "least_tangent_eigenvalue": float(values[0]),
        "multiplicity": int((values < values[0] + 1e-9).sum()),
    }


HELD_OUT = [
    ("square", 4, 5, 7, 2.7, "sum", SADDLE),
    ("square", 4, 5, 7, 2.7, "mean", SADDLE),
    ("square", 4, 2, 6, 1.3, "sum", MINIMUM),
    ("polygon", 9, 6, 2, 3.1, "sum", SADDLE),
    ("polygon", 7, 2, 3, 0.8, "sum", MINIMUM),
    ("cross-polytope", 8, 5, 2, 1.7, "sum", SADDLE),
    ("cross-polytope", 8, 4, 2, 1.7, "sum", MINIMUM),
    ("merged-pairs", 8, 4, 3, 0.6, "sum", SADDLE),
    ("merged-pairs", 8, 7, 1, 5.0, "mean", SADDLE),
    ("neglected-class", 6, 5, 2, 2.2, "sum", SADDLE),
    ("neglected-class", 6, 7, 1, 0.3, "mean", SADDLE),
    ("merged-classes", 3, 4, 6, 0.9, "sum", SADDLE),
    ("origin", 6, 3, 4, 2.0, "sum", SADDLE),
    ("simplex", 7, 8, 2, 1.6, "sum", GLOBAL),
    ("simplex", 6, 5, 3, 4.2, "mean", GLOBAL),
]


@pytest.mark.parametrize(("saddle", "K", "d", "n", "margin", "reduction", "verdict"), HELD_OUT)
def test_held_out_sizes_against_the_dense_hessian(say, saddle, K, d, n, margin, reduction, verdict):
    expected = measured(*built(saddle, K, d, n, margin), n, reduction)
    said = say(saddle=saddle, classes=K, dimension=d, per_class=n, margin=margin, loss_reduction=reduction)
    for field, value in expected.items():
        assert said[field] == pytest.approx(value, abs=1e-9), field
        if said.get(field + "_exact") is not None:
            assert said[field + "_exact"] == pytest.approx(value, abs=1e-9), field
    assert said["multiplicity"] == expected["multiplicity"]
    if said["negative_curvature"] is not None:  # lambda - ||G||_op, to rounding
        assert said["negative_curvature"] == pytest.approx(expected["lambda"] - expected["gradient_operator_norm"])
    assert (said["negative_curvature"] is None) == (verdict != SADDLE)
    assert said["verdict"] == verdict


@pytest.mark.parametrize("saddle", SADDLES)
@pytest.mark.parametrize("margin", [1e-6, 50, 1e6])
def test_at_the_ends_of_the_margins_the_line_is_still_strict_and_decided(say, saddle, margin):
    said = say(saddle=saddle, classes=SADDLES[saddle].own(3), dimension=5, per_class=2, margin=margin)
    assert said["verdict"] == (GLOBAL if saddle == "simplex" else SADDLE)
    assert all(math.isfinite(value) for value in said.values() if isinstance(value, float))
    assert said["loss"] == pytest.approx(math.exp(said["log_loss"]), rel=1e-12)


# -- what it refuses -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "option", "value", "allowed"),
    [
        ("--saddle circle", "--saddle", "saddle = circle", "one of origin, neglected-class"),
        ("--saddle gaussian", "--saddle", "saddle = gaussian", "one of origin, neglected-class"),
        ("--saddle square --classes 5", "--classes", "classes = 5", "use 4"),
        ("--saddle merged-classes --classes 4", "--classes", "classes = 4", "use 3"),
        ("--saddle polygon --classes 3", "--classes", "classes = 3", "4 to 1000"),
        ("--saddle merged-pairs --classes 7 --dimension 6", "--classes", "classes = 7", "even numbers from 4 to 1000"),
        ("--classes 1", "--classes", "classes = 1", "2 to 1000"),
        ("--classes four", "--classes", "classes = four", "2 to 1000"),
        ("--dimension 1", "--dimension", "dimension = 1", "2 to 4096"),
        ("--dimension 0", "--dimension", "dimension = 0", "1 to 4096"),
        ("--dimension 2.5", "--dimension", "dimension = 2.5", "1 to 4096"),
        ("--saddle neglected-class --classes 6", "--dimension", "dimension = 3", "5 to 4096"),
        ("--saddle cross-polytope --classes 8", "--dimension", "dimension = 3", "4 to 4096"),
        ("--saddle simplex --classes 9", "--dimension", "dimension = 3", "8 to 4096"),
        ("--margin 0", "--margin", "margin = 0", "1e-06 to 1000000"),
        ("--margin -2", "--margin", "margin = -2", "1e-06 to 1000000"),
        ("--margin nan", "--margin", "margin = nan", "1e-06 to 1000000"),
        ("--margin 1e7", "--margin", "margin = 1e7", "1e-06 to 1000000"),
        ("--per-class 0", "--per-class", "per_class = 0", "1 to 100000"),
        ("--loss-reduction median", "--loss-reduction", "loss_reduction = median", "one of sum, mean"),
    ],
)
def test_a_refusal_names_option_value_range_and_an_example_that_works(call, options, option, value, allowed):
    said = refusal(call("landscape", *options.split()), f"landscape: {option}: {value} ", allowed)
    example = re.search(r"(?:for example|use) (\S+)\.\n$", said)[1]
    code, out, err = call("landscape", *options.split(), option, example)  # the last of two words on an option counts
    assert (code, err) == (0, "")
    assert f"{strict(out)[option[2:].replace('-', '_')]}".removesuffix(".0") == example


def test_what_memory_does_not_hold_is_refused(call):
    line = ("landscape", "--saddle", "simplex", "--classes", 1000, "--dimension", 10, "--per-class", 1000)
    refusal(call(*line), "--classes: dimension = 10 is too small", "use fewer classes, for example 2.")
    assert call(*line, "--classes", 2)[0] == 0
    line = ("landscape", "--per-class", 100_000, "--dimension", 4096)
    refusal(
        call(*line), "--per-class: per_class = 100000 makes 1,638,416,384 numbers", "use 1 to 1219, for example 1219."
    )


@pytest.mark.parametrize(
    "words",
    [
        "--seed 3",
        "--push 0.1",
        "--out r.json",
        "--steps 5",
        "stray",
        "--sad square",
        "--saddle",
        "--margin",
        "-margin 2",
    ],
)
def test_what_the_command_does_not_know_is_refused_in_one_line(call, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    refusal(call("landscape", *words.split()), "python -m ulpm_core landscape: ", words.split()[0], "--help")
    assert list(tmp_path.iterdir()) == []


def test_help_names_every_option_with_its_range_and_its_default(call):
    code, out, err = call("landscape", "--help")
    said = " ".join(out.split())
    assert (code, err) == (0, "")
    for option in ("--saddle", "--classes", "--dimension", "--per-class", "--margin", "--loss-reduction"):
        assert option in said
    assert all(name in said for name in SADDLES)
    assert "default the saddle's own" in said
    assert "--seed" not in said


# -- runs that start beside a saddle -------------------------------------------------------------------------------


def test_a_run_from_beside_the_square_comes_back_and_becomes_an_offline_film(call, empty):
    options = ("--push", 0.05, "--push-along", 0)
    code, out, err = call(*SQUARE, *options, "--out", empty / "run.npz")
    assert (code, err) == (0, "")
    said, run = strict(out), load_run(empty / "run.npz")
    config = RunConfig(
        initialisation="square", margin=2.0, push=0.05, push_along=0, method="gradient-flow", log_time=50.0
    )
    assert (run.config, said["digest"]) == (config, config.digest)
    assert said["log_time"] == run.log_time[-1] == 50.0
    assert said["stop_reason"] == "The flow reached t = e^50."
    assert said["gamma"] == run.gamma[-1] < 1.0
    W, H = built("square", 4, 3, 30, 2.0)
    size = math.sqrt((W**2).sum() + (H**2).sum())
    nearest = np.linalg.svd(
        W.T @ run.W[0] + H @ run.H[0].T, compute_uv=False
    ).sum()  # over all rotations of this square
    assert math.hypot(np.linalg.norm(run.W[0]), np.linalg.norm(run.H[0])) == pytest.approx(size, rel=1e-12)
    assert nearest / size**2 == pytest.approx(1.0 / math.sqrt(1.0 + 0.05**2), rel=1e-3)
    code = app_command.main(["film", str(empty / "run.npz"), "--out", str(empty / "film.html")])
    assert code == 0
    page = (empty / "film.html").read_text(encoding="utf-8")
    film = Film.from_bytes(carried(Elements(page))["film-1"])
    assert film.digest == config.digest
    assert film.header["panels"][0]["set"] == "escape"
    assert film.arrays["saddle_distance"][0] == pytest.approx(0.05, rel=1e-9)
    assert film.header["sentences"][0].startswith(("The run leaves the square", "The run has not left the square"))
    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", page.split("<script", 1)[0])


def test_without_a_push_a_run_stands_on_the_saddle_itself(call, say, empty):
    """By steps too, and of the mean."""
    options = {"classes": 6, "dimension": 4, "per_class": 3, "margin": 1.5, "loss_reduction": "mean"}
    words = [word for name, value in options.items() for word in ("--" + name.replace("_", "-"), value)]
    line = ("run", "--initialisation", "merged-pairs", *words, "--push", 0, "--steps", 40)
    code, out, _ = call(*line, "--out", empty / "r.npz")
    assert code == 0
    said, run, at = strict(out), load_run(empty / "r.npz"), say(saddle="merged-pairs", **options)
    assert run.loss[0] == pytest.approx(at["loss"], rel=1e-12)
    assert math.hypot(np.linalg.norm(run.W[0]), np.linalg.norm(run.H[0])) == pytest.approx(at["norm"], rel=1e-12)
    scale = np.linalg.norm(run.W[-1]) / np.linalg.norm(run.W[0])
    assert run.W[-1] == pytest.approx(scale * run.W[0], abs=1e-12)  # on its ray it stays
    assert said["loss"] < at["loss"]


@pytest.mark.parametrize(
    ("options", "option", "value", "allowed"),
    [
        ("--classes 5 --dimension 6", "--classes", "classes = 5", "use 4"),
        ("--dimension 1", "--dimension", "dimension = 1", "2 to 4096"),
        ("--push 2", "--push", "push = 2", "0 to 1"),
        ("--push -0.1", "--push", "push = -0.1", "0 to 1"),
        ("--push nan", "--push", "push = nan", "0 to 1"),
        ("--push-along -1", "--push-along", "push_along = -1", "0 to 1000"),
        ("--push-along 1.5", "--push-along", "push_along = 1.5", "0 to 1000"),
        ("--margin 0", "--margin", "margin = 0", "1e-06 to 1000000"),
    ],
)
def test_a_start_that_is_none_is_refused_with_one_that_works(call, empty, options, option, value, allowed):
    line = (*SQUARE, "--per-class", 2, *options.split())
    said = refusal(call(*line, "--out", empty / "r.npz"), f"run: {option}: {value} ", allowed)
    assert not list(empty.iterdir())
    example = re.search(r"(?:for example|use) (\S+)\.\n$", said)[1]
    assert call(*line, option, example, "--out", empty / "r.npz")[0] == 0


def test_a_saddle_s_own_classes_are_in_range(say):
    assert say(saddle="cross-polytope", dimension=600, per_class=1)["classes"] == 1000
