"""A rule for steps has more places than its file: this finds the one that was forgotten (docs/architecture.md)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import reference

from app.page.runs import METHODS as MENU
from ulpm_core import RunConfig, State
from ulpm_core.dynamics import rules
from ulpm_core.dynamics.engines.batched.run import OneRun
from ulpm_core.dynamics.engines.compiled.run import RULES, CompiledRun
from ulpm_core.film.words import METHOD_WORDS
from ulpm_core.model.parameters import METHODS

STEPS = set(METHODS) - {"gradient-flow"}


def test_every_rule_has_its_file_its_branch_its_words_and_its_reference():
    assert set(RULES) == set(reference.METHODS) == STEPS
    assert set(METHOD_WORDS) == set(MENU) == set(METHODS)
    own = {path.stem for path in Path(rules.__file__).parent.glob("*.py")} - {"__init__"}
    assert len(own) == len(RULES) == len(set(RULES.values()))


@pytest.mark.parametrize("engine", [CompiledRun, OneRun])
def test_no_two_rules_take_the_same_two_steps(engine):
    rng = np.random.default_rng(0)
    start = State(rng.standard_normal((3, 2)), rng.standard_normal((2, 6)))
    ends = []
    for method in sorted(STEPS):
        config = RunConfig(classes=3, dimension=2, per_class=2, method=method, learning_rate=0.1)
        run = engine(config, start, 1e9)
        assert run.advance(2) == 2
        ends.append(run.H)
    for i, end in enumerate(ends):
        assert not np.array_equal(end, start.H)
        assert all(np.abs(end - other).max() > 1e-3 for other in ends[:i])
