"""A rule for steps is added by its file and one row: the example of docs/architecture.md in a scratch copy."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import reference
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

CHANGES: dict[str, dict[str, Any]] = {
    "plain": {"method": "nesterov"},
    "single": {"method": "nesterov", "dtype": "float32"},
    "decayed": {"method": "nesterov", "loss_reduction": "mean", "weight_decay": 0.05, "learning_rate": 0.5},
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
    """Both packages with a rule more."""
    house = copied(tmp_path_factory.mktemp("house"), "app", "ulpm_core")
    folder = house / "ulpm_core/model/rules"
    (folder / "nesterov.py").write_text(example("Adding a rule for steps"), encoding="utf-8")
    add_to(
        folder / "known.py",
        after_import=(
            "import NormalisedGradientDescent\n",
            "from ulpm_core.model.rules.nesterov import Nesterov\n",
        ),
        after_row=(", NormalisedGradientDescent", ", Nesterov"),
    )
    return house


@pytest.fixture(scope="module")
def said(house: Path) -> Any:
    return json.loads(printed(house, "-c", ASKED, OMP_NUM_THREADS="1"))


def by_recursion(config: RunConfig) -> tuple[np.ndarray, np.ndarray]:
    """The rule as written, in NumPy."""
    beta, rate = config.momentum, config.learning_rate
    start = initial_state(config)
    theta, velocity = [start.W, start.H], [0.0, 0.0]
    for _ in range(STEPS):
        gradient = reference.naive_gradient(*theta, config.per_class, config.loss_reduction)
        slopes = [g + config.weight_decay * block for g, block in zip(gradient, theta, strict=True)]
        velocity = [beta * v + slope for v, slope in zip(velocity, slopes, strict=True)]
        theta = [x - rate * (g + beta * v) for x, g, v in zip(theta, slopes, velocity, strict=True)]
    return theta[0], theta[1]


@pytest.mark.parametrize("engine", ["compiled", "batched"])
@pytest.mark.parametrize("name", CHANGES)
def test_both_engines_take_its_steps_and_go_on_from_a_file(said, name, engine):
    changes = {k: v for k, v in CHANGES[name].items() if k != "method"}
    config, found = RunConfig(**{**BASE, **changes}), said["runs"][f"{name} {engine}"]
    for block, expected in zip("WH", by_recursion(config), strict=True):
        assert np.array(found[block]) == pytest.approx(expected, abs=1e-5 if config.dtype == "float32" else 1e-12)
    passed = STEPS * config.learning_rate / (1.0 - config.momentum)
    assert found["log_time"] == pytest.approx(math.log(passed), rel=1e-12)
    assert (found["kept"], found["same"]) == (1, True)


def test_page_film_stability_and_refusals_name_it(said):
    assert said["link"] == "nesterov"
    assert list(said["menu"].items())[3] == ("nesterov", "Nesterov's momentum")
    assert "; Nesterov's momentum, a step along g + βv; " in said["help"]
    assert "40 steps with Nesterov's momentum at rate 0.05." in said["setting"]
    assert "Nesterov's momentum closes that gap only like 1/log t" in said["film"]
    config = RunConfig(**BASE)
    curvature = largest_curvature(config, initial_state(config))
    assert said["limit"] == pytest.approx(2.0 * 1.8 / 2.6 / curvature, rel=1e-12)
    assert ", nesterov, adam, sign-descent, spectral-descent, gradient-flow, for example" in said["refused"]


def test_the_command_line_runs_it(house, said):  # after `said`: what the first has compiled the second loads
    line = ["--method", "nesterov", "--classes", "3", "--dimension", "2", "--steps", "200", "--out", "run.npz"]
    figures = json.loads(printed(house, "-m", "ulpm_core", "run", *line, OMP_NUM_THREADS="1"))
    assert figures["loss"] < 90 * math.log(3)
