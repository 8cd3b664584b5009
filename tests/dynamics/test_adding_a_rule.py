"""A rule is added by its file and one row: what each of the rules there are says of itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import reference

from app.page.runs import METHODS as MENU
from ulpm_core import RunConfig, State
from ulpm_core.dynamics.engines.batched.run import OneRun
from ulpm_core.dynamics.engines.compiled.run import CompiledRun
from ulpm_core.model import rules
from ulpm_core.model.parameters import METHODS
from ulpm_core.model.rules.known import RULES


def test_every_rule_has_its_file_its_row_and_its_reference():
    assert set(RULES) == set(reference.METHODS) == set(METHODS) - {"gradient-flow"}
    assert list(MENU) == list(METHODS)
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
