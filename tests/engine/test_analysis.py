"""The browser's engine measures of a run what Python does, and shows the same stage."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.engine.table import table
from tests.engine.runs import KINDS, MADE, broken, run_of
from tests.engine.trajectories import UNPACKED, packed_run, unpacked
from tests.javascript import run_node
from ulpm_core import Trajectory
from ulpm_core.analysis.analysis import Analysis, analyse
from ulpm_core.analysis.collapse_curves import DIFFERENCES
from ulpm_core.analysis.curves import CURVES
from ulpm_core.analysis.measure import seen
from ulpm_core.analysis.projection import MAX_FRAMES, shown_samples, stage
from ulpm_core.analysis.separation import separation_metrics

MODULES = ("player/engine/config.js", "player/engine/analysis/analysis.js")
STAGE = ("features", "means", "classifiers", "scale", "scale_w", "cosines", "cosines_w")
ANALYSE = (
    UNPACKED
    + """
const mapped = (numbers) => Object.fromEntries(Object.entries(numbers).map(([name, x]) => [name, [x]]));
const record = (arrays) => Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, packed(array)]));
for (const run of given.runs) {
  const { metrics, error, stage, marks, laws, ending } = analyse(trajectoryOf(run), null, given.table.analysis);
  const { frames, samples, axes, hidden, ideal, ...arrays } = stage;
  say({ metrics: record(metrics), error: packed(error), frames: [...frames], samples: [...samples], axes, hidden,
    ideal: ideal && packed(ideal), stage: record(arrays),
    marks: marks.map((mark) => ({ ...mark, logTime: String(mark.logTime) })),
    laws: laws.map(({ frames, values, ...law }) => ({ ...law, frames: [...frames], values: packed(values) })),
    ending: { gap: packed([ending.gap]), nearest: packed(ending.nearest), best: record(mapped(ending.best)) } });
}
"""
)
CERTIFICATES = set(separation_metrics(np.eye(2), np.eye(2), np.arange(2)))
"""What is not measured in the browser."""


@pytest.fixture(scope="module")
def both(tmp_path_factory) -> dict[str, tuple[Trajectory, Analysis, dict[str, Any]]]:
    """Each run with Python's analysis and the engine's."""
    given = [packed_run(run_of(name)) for name in KINDS]
    found = run_node(tmp_path_factory.mktemp("analysis"), ANALYSE, *MODULES, runs=given, table=table())
    with np.errstate(all="ignore"):  # some runs leave the numbers
        ours = [analyse(run_of(name)) for name in KINDS]
    return {name: (run_of(name), a, b) for name, a, b in zip(KINDS, ours, found, strict=True)}


def assert_same(found: np.ndarray, expected: np.ndarray, metric: str, rtol: float = 1e-9) -> None:
    """Numbers of a metric agree, relative to it or up to where it is rounding, and are undefined at the same places."""
    rounding = CURVES[metric].floor if metric in CURVES else DIFFERENCES
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rounding, err_msg=metric)


def near_the_cut(name: str, metric: str) -> bool:
    """Whether a state has a direction only just long enough to count, 3e-8 of the longest: LAPACK knows its length to 8
    digits.
    """
    return name in MADE and metric.startswith("nc1")


@pytest.mark.parametrize("name", KINDS)
def test_metrics_are_python_s(both, name):
    _, ours, found = both[name]
    assert set(found["metrics"]) == set(ours.seen.metrics) - CERTIFICATES
    for metric, values in found["metrics"].items():
        assert_same(unpacked(values), ours.seen.metrics[metric], metric, 1e-8 if near_the_cut(name, metric) else 1e-9)
    assert unpacked(found["error"]).tolist() == ours.seen.error.tolist()


@pytest.mark.parametrize("name", KINDS)
def test_the_stage_is_python_s_from_the_same_side(both, name):
    _, ours, found = both[name]
    assert found["frames"] == ours.stage.frames.tolist()
    assert found["samples"] == ours.stage.samples.tolist()
    view = ours.stage.view
    assert found["axes"] == view.features.shape[-1]
    assert found["hidden"] == pytest.approx(view.hidden, abs=1e-12)
    assert (found["ideal"] is None) == (view.ideal is None)
    arrays = found["stage"] | ({} if view.ideal is None else {"ideal": found["ideal"]})
    assert set(arrays) == set(STAGE) | ({"ideal"} - ({"ideal"} if view.ideal is None else set()))
    for array, packed in arrays.items():
        with np.errstate(over="ignore"):
            expected = getattr(view, array).astype(np.float32).ravel()
        size = np.abs(expected, where=np.isfinite(expected), out=np.zeros_like(expected)).max()
        np.testing.assert_allclose(unpacked(packed), expected, rtol=0, atol=1e-6 * size, err_msg=array)


@pytest.mark.parametrize("name", KINDS)
def test_marks_laws_and_the_end_are_python_s(both, name):
    _, ours, found = both[name]
    marks = [(m["snapshot"], m["name"], float(m["logTime"]), tuple(m["classes"])) for m in found["marks"]]
    np.testing.assert_equal(marks, [tuple(mark) for mark in ours.marks])
    assert [(law["curve"], law["slope"], law["frames"]) for law in found["laws"]] == [
        (law.curve, law.slope, law.frames.tolist()) for law in ours.laws
    ]
    for mine, law in zip(found["laws"], ours.laws, strict=True):
        assert unpacked(mine["values"]) == pytest.approx(law.values, rel=1e-6)
    ending = found["ending"]
    assert unpacked(ending["gap"])[0] == pytest.approx(ours.ending.gap, abs=1e-5, nan_ok=True)
    assert unpacked(ending["nearest"]) == pytest.approx(ours.ending.nearest, abs=1e-5, nan_ok=True)
    best = {name: unpacked(cosine)[0] for name, cosine in ending["best"].items()}
    assert best == pytest.approx(ours.ending.best, abs=1e-12, nan_ok=True)


def test_some_laws_hold_and_some_marks_are_set(both):
    """The runs above would show nothing if none of them had any."""
    kinds = {mark.name for _, ours, _ in both.values() for mark in ours.marks}
    assert kinds == {
        "zero-training-error", "log-2", "hand-over", "billion-steps", "at-rest", "diverged", "merged",
        "vanished",
    }  # fmt: skip
    assert {law.curve for _, ours, _ in both.values() for law in ours.laws} == set(table()["analysis"]["slopes"])
    assert any(ours.ending.best for _, ours, _ in both.values())


@pytest.mark.parametrize("what", [np.inf, np.nan])
def test_states_that_left_the_numbers_are_measured_as_python_does(tmp_path, what):
    run = broken(what)
    (found,) = run_node(tmp_path, ANALYSE, *MODULES, runs=[packed_run(run)], table=table())
    ours = seen(run, separation=False)
    for metric, values in found["metrics"].items():
        assert_same(unpacked(values), ours.metrics[metric], metric, 1e-8 if metric.startswith("nc1") else 1e-9)


GROW = (
    UNPACKED
    + """
const run = trajectoryOf(given.run);
const again = ({ W, H }) => ({ W: W.slice(), H });
const looks = given.ends.map((end) => ({ ...run, states: run.states.slice(0, end).map(again),
  step: run.step.slice(0, end), logTime: run.logTime.slice(0, end), logLoss: run.logLoss.slice(0, end) }));
let past = null, whole = null;
for (const look of looks) {
  whole = analyse(look, past, given.table.analysis);
  say(whole.past.filter((seen) => past?.includes(seen)).length);
  past = whole.past;
}
const anew = analyse(looks.at(-1), null, given.table.analysis);
say(JSON.stringify({ ...whole, past: 0 }) === JSON.stringify({ ...anew, past: 0 }));
const other = { ...run, states: run.states.map(({ W, H }) => ({ W: W.map((x) => 2 * x), H })) };
say(analyse(other, past, given.table.analysis).past.filter((seen) => past.includes(seen)).length);
"""
)


def test_a_run_that_grows_is_measured_once(tmp_path):
    run = run_of("mean")
    given = {"run": packed_run(run), "ends": [5, 12, len(run)], "table": table()}
    first, second, third, same, of_another = run_node(tmp_path, GROW, *MODULES, **given)
    assert (first, second, third) == (0, 5, 12)
    assert same
    assert of_another == 0


def test_shown_samples_and_frames_are_python_s(tmp_path):
    rng = np.random.default_rng(0)
    sizes = [tuple(map(int, rng.integers(1, 200, rng.integers(2, 9)))) for _ in range(200)]
    most = [int(rng.integers(1, sum(of) + 5)) for of in sizes]
    code = "for (const [sizes, most] of given.cases) say(shownSamples(sizes, most));"
    cases = list(zip(sizes, most, strict=True))
    found = run_node(tmp_path, code, "player/engine/analysis/projection.js", cases=cases)
    assert found == [shown_samples(of, count).tolist() for of, count in cases]
    counts = [(int(T), rng.integers(0, T, 3).tolist()) for T in (*range(1, 30), *rng.integers(230, 2000, 60))]
    code = "for (const [snapshots, marked] of given.cases) say(shownFrames(snapshots, marked, given.most));"
    found = run_node(tmp_path, code, "player/engine/analysis/projection.js", cases=counts, most=MAX_FRAMES)
    for (T, marked), frames in zip(counts, found, strict=True):
        states = np.zeros((T, 2, 1))
        ours = stage(states, np.zeros((T, 1, 2)), states, np.zeros((T, 1)), (1, 1), marked).frames
        assert frames == ours.tolist()
