"""A rule for steps is added by its file and one row: the example of docs/architecture.md, and Adam, whose two memories
and count of steps no rule of today has, in a scratch copy of the packages.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import reference
import torch
from scratch import add_to, copied, example, printed

from app.page.runs import RUNS
from ulpm_core import RunConfig, State
from ulpm_core.dynamics.engines.batched.run import OneRun
from ulpm_core.dynamics.engines.compiled.run import CompiledRun
from ulpm_core.dynamics.stability import largest_curvature
from ulpm_core.model import rules
from ulpm_core.model.initialisation import initial_state
from ulpm_core.model.parameters import METHODS
from ulpm_core.model.rules.known import RULES

ADAM = '''
"""Adam (Kingma, Ba 2015): `momentum` is its beta1, and its clock counts learning rates."""

import math
from typing import NamedTuple

from ulpm_core.model.rules.rule import Rule

BETA2, EPSILON = 0.999, 1e-8


class Adam(NamedTuple("Adam", [("momentum", float)]), Rule):
    name = label = words = definition = "adam"
    memories = 2

    def step_time(self, rate):
        return None

    def stable_rate(self, curvature):
        return math.inf

    @staticmethod
    def compiled(sum_of_squares):
        return _step

    def batched(self, runs):
        import torch

        def step():
            scale, count = runs.log_scale.exp_().unsqueeze(2), (runs.count.unsqueeze(2) + 1).to(runs.log_scale)
            for block, m, v, g in zip(runs.theta, *runs.memories, runs.gradient):
                g.mul_(scale)
                runs.keep(m, self.momentum * m + (1 - self.momentum) * g)
                runs.keep(v, BETA2 * v + (1 - BETA2) * g * g)
                g.copy_(m / (1 - self.momentum**count) / ((v / (1 - BETA2**count)).sqrt() + EPSILON))
            runs.go(runs.gradient, runs.minus_rate)
            runs.pass_time(runs.log_rate.clone())

        return step


def _step(rule, theta, memories, gradient, log_scale, rate, taken):
    beta, scale = rule.momentum, math.exp(log_scale)
    for theta_, m, v, gradient_ in zip(theta, memories[0], memories[1], gradient):
        for r in range(theta_.shape[0]):
            for i in range(theta_.shape[1]):
                g = scale * gradient_[r, i]
                m[r, i] = beta * m[r, i] + (1 - beta) * g
                v[r, i] = BETA2 * v[r, i] + (1 - BETA2) * g * g
                square = v[r, i] / (1 - BETA2 ** (taken + 1))
                theta_[r, i] -= rate * m[r, i] / (1 - beta ** (taken + 1)) / (math.sqrt(square) + EPSILON)
    return math.log(rate)
'''
CHANGES: dict[str, dict[str, Any]] = {
    "plain": {"method": "nesterov"},
    "single": {"method": "nesterov", "dtype": "float32"},
    "decayed": {"method": "nesterov", "loss_reduction": "mean", "weight_decay": 0.05, "learning_rate": 0.5},
    "adam": {"method": "adam"},
}
STEPS = 40
BASE: dict[str, Any] = {"classes": 3, "dimension": 2, "per_class": 3, "momentum": 0.8, "steps": STEPS}
BASE |= {"learning_rate": 0.05, "initial_scale": 0.5}
ASKED = f'''
"""Says in one line of JSON where runs of the new rules end, and what each part of the lab knows of them."""
import json

from app.page.runs import RUNS
from app.views.words import setting
from ulpm_core import ConfigError, RunConfig, simulate
from ulpm_core.dynamics.engines.choice import in_motion
from ulpm_core.dynamics.stability import stability_limit
from ulpm_core.files.run import load_run, save_run
from ulpm_core.film.film import build_film
from ulpm_core.model.initialisation import initial_state

base = RunConfig(**{BASE!r})
runs = {{}}
for name, changes in {CHANGES!r}.items():
    for engine in ("compiled", "batched"):
        config = base.with_changes(engine=engine, **changes)
        part = simulate(config.with_changes(steps=15))
        save_run(part, "part.npz")
        run, whole = simulate(config, resume=load_run("part.npz")), simulate(config)
        runs[f"{{name}} {{engine}}"] = {{
            "W": whole.W[-1].tolist(), "H": whole.H[-1].tolist(), "log_time": float(whole.log_time[-1]),
            "kept": len(whole.memories), "same": (run.H[-1] == whole.H[-1]).all().item(),
        }}
nesterov = base.with_changes(method="nesterov")
try:
    RunConfig(method="nonsense")
except ConfigError as refusal:
    refused = str(refusal)
knob = RUNS.knobs["method"]
print(json.dumps({{
    "runs": runs, "refused": refused, "link": nesterov.to_link()["method"], "menu": knob.words,
    "help": knob.parameter.help, "setting": setting(nesterov),
    "limit": stability_limit(nesterov, initial_state(nesterov)),
    "film": json.dumps(build_film(simulate(nesterov.with_changes(steps=3000))).header),
}}))
'''


def test_every_rule_has_its_file_its_row_and_its_reference():
    assert set(RULES) == set(reference.METHODS) == set(METHODS) - {"gradient-flow"}
    assert list(RUNS.knobs["method"].words) == list(METHODS)
    own = {path.stem for path in Path(rules.__file__).parent.glob("*.py")} - {"__init__", "rule", "known"}
    assert len(own) == len(RULES)


@pytest.mark.parametrize("engine", [CompiledRun, OneRun])
def test_no_two_rules_take_the_same_two_steps(engine):
    rng = np.random.default_rng(0)
    start = State(rng.standard_normal((3, 2)), rng.standard_normal((2, 6)))
    ends = []
    for method in sorted(RULES):
        config = RunConfig(classes=3, dimension=2, per_class=2, method=method, learning_rate=0.1)
        run = engine(config, start, 1e9)
        assert run.advance(2) == 2
        ends.append(run.H)
    for i, end in enumerate(ends):
        assert not np.array_equal(end, start.H)
        assert all(np.abs(end - other).max() > 1e-3 for other in ends[:i])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both packages with two rules more."""
    house = copied(tmp_path_factory.mktemp("house"), "app", "ulpm_core")
    folder = house / "ulpm_core/model/rules"
    (folder / "nesterov.py").write_text(example("Adding a rule for steps"), encoding="utf-8")
    (folder / "adam.py").write_text(ADAM, encoding="utf-8")
    add_to(
        folder / "known.py",
        after_import=(
            "import NormalisedGradientDescent\n",
            "from ulpm_core.model.rules.nesterov import Nesterov\nfrom ulpm_core.model.rules.adam import Adam\n",
        ),
        after_row=(", NormalisedGradientDescent", ", Nesterov, Adam"),
    )
    return house


@pytest.fixture(scope="module")
def said(house: Path) -> Any:
    return json.loads(printed(house, "-c", ASKED, OMP_NUM_THREADS="1"))


def by_recursion(config: RunConfig, adam: bool) -> tuple[np.ndarray, np.ndarray]:
    """The rules as written: Nesterov's in NumPy, Adam by torch.optim."""
    beta, rate = config.momentum, config.learning_rate
    theta = [torch.tensor(block) for block in (initial_state(config).W, initial_state(config).H)]
    velocity, optimiser = [0.0, 0.0], torch.optim.Adam(theta, lr=rate, betas=(beta, 0.999))
    for _ in range(STEPS):
        blocks = [block.numpy() for block in theta]
        gradient = reference.naive_gradient(*blocks, config.per_class, config.loss_reduction)
        slopes = [g + config.weight_decay * block for g, block in zip(gradient, blocks, strict=True)]
        for i, (block, slope) in enumerate(zip(theta, slopes, strict=True)):
            block.grad, velocity[i] = torch.tensor(slope), beta * velocity[i] + slope
            if not adam:
                block -= rate * torch.tensor(slope + beta * velocity[i])
        if adam:
            optimiser.step()
    return theta[0].numpy(), theta[1].numpy()


@pytest.mark.parametrize("engine", ["compiled", "batched"])
@pytest.mark.parametrize("name", CHANGES)
def test_both_engines_take_its_steps_and_go_on_from_a_file(said, name, engine):
    changes = {k: v for k, v in CHANGES[name].items() if k != "method"}
    config, found, adam = RunConfig(**{**BASE, **changes}), said["runs"][f"{name} {engine}"], name == "adam"
    for block, expected in zip("WH", by_recursion(config, adam), strict=True):
        assert np.array(found[block]) == pytest.approx(expected, abs=1e-5 if config.dtype == "float32" else 1e-12)
    assert found["log_time"] == pytest.approx(
        math.log(STEPS * config.learning_rate / (1.0 if adam else 1.0 - config.momentum)), rel=1e-12
    )
    assert (found["kept"], found["same"]) == (2 if adam else 1, True)


def test_page_film_stability_and_refusals_name_it(said):
    assert said["link"] == "nesterov"
    assert list(said["menu"].items())[3] == ("nesterov", "Nesterov's momentum")
    assert "; Nesterov's momentum, a step along g + βv; " in said["help"]
    assert "40 steps with Nesterov's momentum at rate 0.05." in said["setting"]
    assert "Nesterov's momentum closes that gap only like 1/log t" in said["film"]
    config = RunConfig(**BASE)
    curvature = largest_curvature(config, initial_state(config))
    assert said["limit"] == pytest.approx(2.0 * 1.8 / 2.6 / curvature, rel=1e-12)
    assert "momentum, normalised-gradient-descent, nesterov, adam, gradient-flow, for example" in said["refused"]


def test_the_command_line_runs_it(house, said):  # after `said`: what the first has compiled the second loads
    line = ["--method", "nesterov", "--classes", "3", "--dimension", "2", "--steps", "200", "--out", "run.npz"]
    figures = json.loads(printed(house, "-m", "ulpm_core", "run", *line, OMP_NUM_THREADS="1"))
    assert figures["loss"] < 90 * math.log(3)
