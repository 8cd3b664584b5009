"""The axes of a sweep: what a text says, and what is refused in words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import refused

from ulpm_core import RunConfig
from ulpm_core.model.refusal import ConfigError, UnusedWarning
from ulpm_core.studies.axes import axis, drawn, parse_axis
from ulpm_core.studies.study import Study


@given(
    st.floats(1e-9, 1e6).flatmap(lambda low: st.tuples(st.just(low), st.floats(low, 1e6))),
    st.sampled_from(["linear", "log"]),
    st.integers(2, 40),
)
@pytest.mark.filterwarnings("ignore::ulpm_core.model.refusal.UnusedWarning")
def test_a_range_begins_and_ends_where_it_says_and_rises_evenly(ends, spacing, count):
    low, high = ends
    values = np.array(parse_axis(f"learning_rate={low!r}:{high!r}:{spacing}:{count}").parameters["learning_rate"])
    assert values[0] == pytest.approx(low, rel=1e-14) and low <= values.min() and values.max() <= high
    assert np.all(np.diff(values) > 0.0)  # each once, also where the ends are neighbours
    if len(values) == count:
        assert values[-1] == pytest.approx(high, rel=1e-14)
        apart = np.diff(np.log(values) if spacing == "log" else values)
        assert np.allclose(apart, apart.mean(), rtol=1e-6, atol=1e-13 * (20 if spacing == "log" else high))


def test_lists_are_read_as_the_command_line_reads_one_value():
    assert parse_axis("method=momentum,gradient-descent").parameters == {"method": ("momentum", "gradient-descent")}
    assert parse_axis("class_sizes=10.10.2.2,5.5").parameters == {"class_sizes": ((10, 10, 2, 2), (5, 5))}
    assert parse_axis("norm-bound-w=1,none").parameters == {"norm_bound_w": (1.0, float("inf"))}
    assert axis("classes", np.array([3, 4])).parameters == {"classes": (3, 4)}


def test_whole_numbers_of_a_range_are_taken_once_each():
    with pytest.warns(
        UnusedWarning, match="makes 100 values, 4 of them different: each is taken once, as of classes=2,3,"
    ):
        assert parse_axis("classes=2:5:linear:100").parameters == {"classes": (2, 3, 4, 5)}
    with pytest.warns(UnusedWarning, match="makes 3 values, 1 of them different: each is taken once, as of push=0.5"):
        assert parse_axis("push=0.5:0.5:linear:3").parameters == {"push": (0.5,)}
    assert parse_axis("classes=3:3:linear:1").parameters == {"classes": (3,)}
    assert parse_axis("steps=1:1000:log:4").parameters == {"steps": (1, 10, 100, 1000)}


def test_draws_lie_in_their_ranges_evenly_and_stay_where_more_are_drawn():
    draws = drawn(["learning_rate=0.01:1:log", "dimension=2:5:linear", "classes=3,5"], 4000, seed=1)
    places = np.log(draws.parameters["learning_rate"]) / np.log(100.0) + 1.0
    assert places.min() >= 0.0 and places.max() <= 1.0 and abs(places.mean() - 0.5) < 0.02
    assert set(draws.parameters["dimension"]) == {2, 3, 4, 5} and set(draws.parameters["classes"]) == {3, 5}
    assert drawn(["classes=3,5"], 10, seed=1).parameters["classes"] == draws.parameters["classes"][:10]
    assert drawn(["classes=3,5"], 40, seed=2).parameters["classes"] != draws.parameters["classes"][:40]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "learning_rate",
            "learning_rate=",
            "=1,2",
            "speed=1,2",
            "learning_rate=0:1:log:3",
            "learning_rate=1:0.1:log:3",
            "learning_rate=0.1:1:log:1",
        ),
        *("learning_rate=0.1:1:cubic:3", "learning_rate=0.1:1:log:0", "learning_rate=0.1:1:log:1e9", "classes=3,3"),
        *("learning_rate=0.1:1:log", "method=a:b:log:3", "classes=two,3", "classes=1:5:linear:3", "classes=,"),
        *("class_sizes=1:5:linear:3", "learning_rate=nan,1", "learning_rate=0.1:1:log:" + "9" * 5000),
        "\x00=1" * 1000,
    ],
)
def test_what_is_no_axis_is_refused_with_an_example_that_works(text):
    with pytest.raises(ConfigError) as refusal:
        parse_axis(text)
    said = str(refusal.value)
    assert len(said) < 900 and said.isprintable() and ("for example" in said or ": use " in said)


@pytest.mark.parametrize("values", ["0:1:linear:3", "0,1", "0.1:1e9:log:2", "nan,1"])
def test_a_bad_value_on_an_axis_is_said_of_the_axis(values):
    with refused("grid", "learning_rate = ", "use 1e-09 to 1000000, for example 0.1"):
        parse_axis(f"learning_rate={values}")
    with refused("sample", "learning_rate = 0 is out of range: use 1e-09 to 1000000, for example 0.1"):
        drawn(["learning_rate=0:1:linear"], 3, seed=0)


def test_one_parameter_stands_on_one_axis():
    with pytest.raises(ConfigError, match="classes stands on two axes"):
        Study(RunConfig(), (parse_axis("classes=3,4"), drawn(["classes=3,5"], 4, seed=0)))
    with pytest.raises(ConfigError, match="stands on two axes"):
        drawn(["classes=3,5", "classes=4,5"], 4, seed=0)


def test_a_study_counts_row_by_row_and_fixes_the_engine():
    study = Study(RunConfig(seed=7), (parse_axis("classes=3,4,5"), parse_axis("steps=10,20")), runs=2)
    assert [study.place(cell) for cell in range(study.cells)] == list(np.ndindex(3, 2))
    config = study.config_of(3)
    assert (config.classes, config.steps, config.seed, config.engine) == (4, 20, 7, "compiled")
    assert study.digest != Study(RunConfig(seed=8), study.axes, runs=2).digest
    with pytest.raises(ConfigError, match="makes 60,000,000 runs"):
        Study(RunConfig(), study.axes, runs=10_000_000)
