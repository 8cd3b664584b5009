"""Derived knobs: what they read off a run, and that what they write is read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.derived import DERIVED, LARGEST_SIZE, RULES, Imbalance, rule_of, with_rule
from app.page.runs import RUNS
from ulpm_core import RunConfig, simulate
from ulpm_core.model.constraints.known import CONSTRAINTS
from ulpm_core.model.losses.known import LOSSES
from ulpm_core.model.objective import ULPM
from ulpm_core.model.regularisers.known import REGULARISERS

KNOBS = {knob.name: knob for knob in DERIVED}
CONFIGS = (
    RunConfig(),
    RunConfig(classes=6, dimension=2),
    RunConfig(weight_decay=0.3, weight_decay_h=0.1, learning_rate=0.01),
    RunConfig(norm_bound_w=2.0),
    RunConfig(loss="label-smoothing", smoothing=0.3, class_sizes=(9, 9, 2)),
    RunConfig(method="gradient-flow"),
    RunConfig(initialisation="square"),
)


def test_every_rule_that_the_core_knows_can_be_chosen():
    known = {ULPM, *LOSSES, "weight-decay", "norm-bound", "feature-norm"} - {"cross-entropy"}
    assert (len(REGULARISERS), len(CONSTRAINTS)) == (1, 2), "name the new one above"
    assert {rule.name for rule in RULES} == known


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: str(config.to_link()))
@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_a_chosen_rule_is_the_run_s_own_and_its_page_takes_it(config, rule):
    turned = RUNS.turned(config, with_rule(config, rule))
    if config.saddle is None and config.method != "gradient-flow":
        assert rule_of(turned) == rule
        assert (turned.seed, turned.classes, turned.sizes) == (config.seed, config.classes, config.sizes)


@pytest.mark.parametrize("rule", [rule.name for rule in RULES if rule.name != ULPM])
def test_a_chosen_rule_goes_to_its_best(rule):
    run = simulate(RUNS.turned(RunConfig(), with_rule(RunConfig(), rule)))
    assert run.outcome == "done"
    assert run.value[-1] == pytest.approx(run.ideal_value, rel=1e-9)
    assert run.certificate[-1] <= 1e-9


@given(st.integers(2, 20), st.integers(1, 200), st.data())
def test_sizes_are_read_as_they_were_written(classes, few, data):
    majority, ratio = data.draw(st.integers(1, classes - 1)), data.draw(st.integers(2, 1000))
    run = RunConfig(classes=classes, per_class=few)
    for name, value in (("ratio", float(ratio)), ("majority", majority), ("minority_size", few)):
        run = RunConfig(**KNOBS[name].write(run, value))
    held = Imbalance.of(run)
    assert held.majority == majority
    assert max(run.sizes) <= LARGEST_SIZE
    assert held.few == min(few, LARGEST_SIZE // ratio)
    assert held.ratio == ratio
    even = RunConfig(**KNOBS["ratio"].write(run, 1.0))
    assert (even.class_sizes, even.classes, even.per_class) == ((), classes, held.few)


def test_sizes_that_no_knob_shows_are_said():
    two, many = RunConfig(class_sizes=(9, 9, 2)), RunConfig(class_sizes=(9, 4, 2))
    assert (RUNS.note(two), RUNS.note(many)) == ("", "Class sizes 9, 4, 2, from the link")
    assert [KNOBS["ratio"].matters(run) for run in (two, many, RunConfig())] == [True, False, True]
    assert not KNOBS["ratio"].matters(RunConfig(class_sizes=(2, 9, 9)))
    assert not KNOBS["rule"].matters(RunConfig(initialisation="square"))
