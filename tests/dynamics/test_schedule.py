"""Which steps are recorded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ulpm_core import RunConfig
from ulpm_core.dynamics.schedule import SNAPSHOT_BYTES, recorded_steps
from ulpm_core.model.parameters import PARAMETERS

LEAST = int(PARAMETERS["snapshots"].low)
snapshots = st.integers(LEAST, 2000)


@given(snapshots, st.integers(1, 10_000_000))
def test_starts_at_zero_grows_and_ends_at_the_last_step(count, steps):
    recorded = recorded_steps(RunConfig(snapshots=count, steps=steps))
    assert recorded[0] == 0
    assert recorded[1] == 1
    assert recorded[-1] == steps
    assert np.all(np.diff(recorded) > 0)
    assert all(type(step) is int for step in recorded)


@given(snapshots, st.integers(1, 1_000_000))
def test_at_most_the_asked_snapshots_on_the_way_to_a_million(count, steps):
    assert len(recorded_steps(RunConfig(snapshots=count, steps=steps))) <= count


@pytest.mark.parametrize("count", [LEAST, 3, 4, 10, 240, 2000])
def test_as_many_as_asked_for_at_a_million(count):
    found = len(recorded_steps(RunConfig(snapshots=count, steps=1_000_000)))
    assert 0.9 * count - 2 <= found <= count


@given(snapshots, st.integers(1, 1_000_000), st.integers(1, 1_000_000))
def test_a_longer_run_records_the_same_and_more(count, one, other):
    short, long = sorted((one, other))
    first = recorded_steps(RunConfig(snapshots=count, steps=short))
    second = recorded_steps(RunConfig(snapshots=count, steps=long))
    assert second[: len(first) - 1] == first[:-1]


@given(st.integers(30, 2000))
@settings(max_examples=20)
def test_the_first_steps_are_all_there_and_later_ones_log_spaced(count):
    recorded = np.array(recorded_steps(RunConfig(snapshots=count, steps=1_000_000)))
    assert list(recorded[:4]) == [0, 1, 2, 3]
    gaps = np.diff(recorded[1:-1])
    assert np.all(np.diff(gaps) >= -1)  # the spacing never shrinks, but for rounding down
    late = recorded[1:-1][recorded[1:-1] > 10_000]
    if len(late) > 3:
        ratios = late[1:] / late[:-1]
        assert ratios.max() / ratios.min() < 1.01


def test_large_states_are_recorded_less_often():
    config = RunConfig(classes=100, dimension=100, per_class=500, steps=1_000_000)
    recorded = recorded_steps(config)
    one = 8 * config.dimension * (config.classes + config.label_count)
    assert len(recorded) * one <= SNAPSHOT_BYTES
    assert len(recorded) < len(recorded_steps(RunConfig(steps=1_000_000)))


def test_the_default_run():
    recorded = recorded_steps(RunConfig())
    assert recorded[:6] == [0, 1, 2, 3, 4, 5]
    assert recorded[-1] == 10_000
