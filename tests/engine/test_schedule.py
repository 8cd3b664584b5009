"""The browser's schedule of snapshots records the steps and the lines that Python's does."""

from pathlib import Path

import numpy as np
import pytest

from tests.engine.configs import REVIVED, plain
from tests.javascript import run_node
from ulpm_core import RunConfig
from ulpm_core.dynamics import schedule

STEPPED = [
    RunConfig(steps=1),
    RunConfig(steps=10_000),
    RunConfig(steps=1_000_000, snapshots=3),
    RunConfig(steps=123_456, snapshots=2000),
    RunConfig(classes=20, dimension=64, per_class=200, steps=300_000),
    RunConfig(class_sizes=(200, 1, 7), dimension=5, steps=777),
]
FLOWS = [
    RunConfig(method="gradient-flow", log_time=690.0),
    RunConfig(method="gradient-flow", log_time=1000.0),
    RunConfig(method="gradient-flow", log_time=1e8, snapshots=61),
    RunConfig(method="gradient-flow", log_time=-3.0),
]


def test_the_same_steps_are_recorded(tmp_path: Path) -> None:
    configs = [plain(config) for config in STEPPED]
    code = (
        REVIVED
        + "for (const config of given.configs.map(revived)) say([snapshotsThatFit(config), recordedSteps(config)]);"
    )
    found = run_node(tmp_path, code, "player/engine/schedule.js", configs=configs)
    assert found == [[schedule.snapshots_that_fit(c), schedule.recorded_steps(c)] for c in STEPPED]


def test_the_largest_problems_of_the_page_keep_within_memory(tmp_path: Path) -> None:
    config = RunConfig(classes=20, dimension=64, per_class=200, steps=1_000_000, snapshots=2000)
    code = REVIVED + "say(recordedSteps(revived(given.configs[0])).length);"
    (count,) = run_node(tmp_path, code, "player/engine/schedule.js", configs=[plain(config)])
    assert 3 < count * config.entries * 8 <= schedule.SNAPSHOT_BYTES + 2 * config.entries * 8


def test_the_same_lines_of_a_flow(tmp_path: Path) -> None:
    configs = [plain(config) for config in FLOWS]
    times = [config.log_time for config in FLOWS]
    ends = np.logaddexp(0.0, times).tolist()
    code = (
        REVIVED
        + """given.configs.map(revived).forEach((config, i) => say([
      linesBetween(config, 0, given.ends[i]), linesBetween(config, 3.7, 4.1),
      lineOf(config, given.times[i]), lineOf(config, -20)]));"""
    )
    found = run_node(tmp_path, code, "player/engine/schedule.js", configs=configs, ends=ends, times=times)
    for config, end, (lines, few, last, first) in zip(FLOWS, ends, found, strict=True):
        assert lines == pytest.approx(schedule.lines_between(config, 0.0, end), rel=1e-13)
        assert few == pytest.approx(schedule.lines_between(config, 3.7, 4.1), rel=1e-13)
        assert (last, first) == (schedule.line_of(config, config.log_time), schedule.line_of(config, -20.0))


def test_log_times(tmp_path: Path) -> None:
    code = (
        REVIVED
        + """const [steps, normalised] = given.configs.map(revived);
    say([logTimeAfter(steps, 2, 1), logTimeAfter(normalised, 2, 1.5), logExpm1(Math.log(2)), logExpm1(1e9)]);
    say([logAddExp(0, 1000), logAddExp(-3, -4), logAddExp(-Infinity, 2)]);
    say([logTimeAfter(steps, 0, 1), logExpm1(0), logAddExp(-Infinity, -Infinity)].map(String));"""
    )
    configs = [plain(RunConfig(learning_rate=0.5)), plain(RunConfig(method="normalised-gradient-descent"))]
    times, sums, words = run_node(tmp_path, code, "player/engine/schedule.js", configs=configs)
    assert times == pytest.approx([0.0, 1.5, 0.0, 1e9], abs=1e-15, rel=1e-15)
    assert sums == pytest.approx([1000.0, np.logaddexp(-3.0, -4.0), 2.0], rel=1e-15)
    assert words == ["-Infinity"] * 3
