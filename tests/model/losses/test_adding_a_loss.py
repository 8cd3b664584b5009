"""A loss is added by its file and one row: the example of docs/architecture.md, in a scratch copy of the packages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from scratch import add_to, copied, example, printed

IMPORT = "from ulpm_core.model.losses.squared_hinge import SquaredHinge\n"
ASKED = '''
"""Says in one line of JSON what each part of the lab knows of the loss, and how far it is from autograd."""
import json

import numpy as np
import torch

from app.page.runs import RUNS
from ulpm_core import RunConfig, State, simulate
from ulpm_core.dynamics.engines.batched.run import OneRun
from ulpm_core.dynamics.engines.compiled.run import CompiledRun
from ulpm_core.film.film import build_film
from ulpm_core.model.objective import Objective

RATE, STEPS = 0.02, 40
config = RunConfig(loss="squared-hinge", class_sizes=(4, 1, 5), dimension=2, learning_rate=RATE)


def slow(model, decays):
    """F as it is defined, of torch's W and H."""
    sign = 2.0 * torch.nn.functional.one_hot(torch.as_tensor(model.labels), model.classes).T - 1.0
    share = model.weight / 2.0
    return lambda W, H: (share * torch.relu(1.0 - sign * (W @ H)).square().sum()
                         + decays[0] / 2 * W.square().sum() + decays[1] / 2 * H.square().sum())


def off(ours, theirs):
    return max(float(np.abs(np.asarray(a) - b.detach().numpy()).max()) for a, b in zip(ours, theirs, strict=True))


core, engines, bounds = [], [], []
for reduction, decays in (("sum", (0.0, 0.0)), ("mean", (0.05, 0.004))):
    given = config.with_changes(loss_reduction=reduction, weight_decay=decays[0], weight_decay_h=decays[1])
    model, rng = Objective.of(given), np.random.default_rng(1)
    start, along = ((rng.standard_normal((3, 2)), rng.standard_normal((2, 10))) for _ in range(2))
    F = slow(model, decays)
    theta = [torch.tensor(block, requires_grad=True) for block in start]
    core.append(abs(float(model.value(*start)) - F(*theta).item()))
    core.append(off(model.gradient(*start), torch.autograd.grad(F(*theta), theta)))
    product = torch.autograd.functional.hvp(F, tuple(theta), tuple(map(torch.tensor, along)))[1]
    core.append(off(model.hessian_vector_product(*start, *along), product))
    bounds.append(float(model.lower_bound(*start)))
    for _ in range(STEPS):
        slope = torch.autograd.grad(F(*theta), theta)
        theta = [(block - RATE * g).detach().requires_grad_() for block, g in zip(theta, slope, strict=True)]
    bounds.append(F(*theta).item())
    for engine in (CompiledRun, OneRun):
        run = engine(given, State(*start, given.labels), 1e6)
        assert run.advance(STEPS) == STEPS
        engines.append(off((run.W, run.H), theta))
flow = simulate(config.with_changes(method="gradient-flow", weight_decay=0.01, dimension=3))
run = simulate(config.with_changes(steps=1000))
header = build_film(run).header
knob = RUNS.knobs["loss"]
print(json.dumps({
    "core": max(core), "engines": max(engines), "bounds": bounds,
    "rests": [flow.stop_reason, float(flow.certificate[-1])],
    "origin": [model.at_origin, float(Objective.of(config).value(np.zeros((3, 2)), np.zeros((2, 10))))],
    "link": config.to_link()["loss"], "menu": knob.words["squared-hinge"], "help": knob.help,
    "film": next(curve["definition"] for curve in header["curves"] if curve["name"] == "loss"),
    "said": json.dumps(header), "certificate": float(run.certificate[-1]),
}))
'''


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both packages with one loss more."""
    house = copied(tmp_path_factory.mktemp("house"), "app", "ulpm_core")
    losses = house / "ulpm_core/model/losses"
    (losses / "squared_hinge.py").write_text(example("Adding a loss"), encoding="utf-8")
    add_to(
        losses / "known.py",
        after_import=("import SquaredError\n", IMPORT),
        after_row=("CrossEntropy, SquaredError", ", SquaredHinge"),
    )
    return house


def asked(house: Path, *arguments: str) -> Any:
    """What Python prints of these arguments in that house: a line of JSON."""
    return json.loads(printed(house, *arguments, OMP_NUM_THREADS="1"))


@pytest.fixture(scope="module")
def said(house: Path) -> Any:
    return asked(house, "-c", ASKED)


def test_core_and_both_engines_agree_with_autograd(said):
    assert said["core"] < 1e-12
    assert said["engines"] < 1e-12
    assert said["origin"] == pytest.approx(
        [3 / 2, 10 * 3 / 2], rel=1e-12
    )  # K/2 a sample: their mean, and the sum of ten
    proved, reached, proved_decayed, reached_decayed = said["bounds"]
    assert proved == 0.0 < reached  # without decay the dual proves the trivial bound
    assert 0.0 < proved_decayed < reached_decayed


def test_its_flow_comes_to_rest_where_its_dual_proves_the_least_value(said):
    words, certificate = said["rests"]
    assert "It has been at rest since t = " in words
    assert abs(certificate) < 1e-9


def test_page_and_film_name_it(said):
    assert said["link"] == "squared-hinge"
    assert said["menu"] == "Squared hinge"
    assert "Squared hinge: half the squares" in said["help"]
    assert said["film"].startswith("Squared hinge L:")
    assert "the best one is not known in closed form here" in said["said"]


def test_the_command_line_runs_it(house, said):  # after `said`: what the first has compiled the second loads
    line = ["--loss", "squared-hinge", "--class-sizes", "4,1,5", "--dimension", "2", "--out", "run.npz"]
    figures = asked(house, "-m", "ulpm_core", "run", *line, "--steps", "200", "--learning-rate", "0.02")
    assert figures["rule"] == "squared-hinge"
    assert figures["value"] == figures["loss"]
    assert (figures["ideal_value"], figures["distance_to_ideal"]) == (None, None)
    assert 0.0 < figures["loss"] < 10 * 3 / 2
