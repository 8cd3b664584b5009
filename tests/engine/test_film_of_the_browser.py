"""The film that the browser's engine lays out: from the same run and the same analysis it is Python's, text by text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from javascript import run_node

from app.engine.table import table
from ulpm_core import RunConfig, State, simulate
from ulpm_core.analysis.analysis import Analysis, analyse
from ulpm_core.analysis.separation import separation_metrics
from ulpm_core.dynamics.trajectory import Outcome, Trajectory
from ulpm_core.film.film import Film, build_film
from ulpm_core.film.said import SAID
from ulpm_core.model.plain import plain

SMALL: dict[str, Any] = {"classes": 4, "dimension": 3, "per_class": 4, "steps": 300, "snapshots": 40}
FLOW = {**SMALL, "method": "gradient-flow", "log_time": 300.0}
CONFIGS = {
    "default": RunConfig(steps=300, snapshots=40),
    "smallest": RunConfig(classes=2, dimension=1, per_class=1, steps=50),
    "one step": RunConfig(steps=1),
    "crowded": RunConfig(**{**SMALL, "classes": 6, "learning_rate": 0.3}),
    "line": RunConfig(**{**SMALL, "dimension": 1}),
    "shadow": RunConfig(classes=7, dimension=9, per_class=5, steps=200, loss_reduction="mean", learning_rate=2.0),
    "roomy": RunConfig(**{**SMALL, "dimension": 5, "method": "normalised-gradient-descent"}),
    "thinned": RunConfig(classes=4, dimension=3, per_class=1500, steps=20, learning_rate=1e-3),
    "thinned, uneven": RunConfig(class_sizes=(2500, 1500, 1500), dimension=2, steps=5, learning_rate=1e-3),
    "momentum": RunConfig(**{**SMALL, "method": "momentum"}),
    "Adam": RunConfig(**{**SMALL, "method": "adam", "learning_rate": 0.01}),
    "Adam of differing sizes": RunConfig(class_sizes=(6, 6, 2, 2), steps=100, method="adam", learning_rate=0.01),
    "diverged": RunConfig(**{**SMALL, "learning_rate": 20.0}),
    "uneven": RunConfig(class_sizes=(6, 6, 2, 2), steps=200, snapshots=40),
    "merged": RunConfig(class_sizes=(12, 12, 3, 3), weight_decay=2.0, steps=3000),
    "vanished": RunConfig(class_sizes=(6, 6, 2), loss="squared-error", weight_decay=1.5, steps=3000),
    "uneven within bounds": RunConfig(
        class_sizes=(9, 9, 9, 2, 2), dimension=4, norm_bound_w=1, norm_bound_h=2, steps=300
    ),
    "uneven, smoothed": RunConfig(class_sizes=(9, 9, 2, 2), loss="label-smoothing", weight_decay=0.9, steps=300),
    "uneven in a plane": RunConfig(class_sizes=(6, 6, 2, 2), dimension=2, steps=200, snapshots=40),
    "decay": RunConfig(**SMALL, weight_decay=0.01),
    "decay of one": RunConfig(**SMALL, weight_decay=0.01, weight_decay_h=0.0),
    "much decay": RunConfig(**{**SMALL, "weight_decay": 50.0, "learning_rate": 0.01}),
    "squared error": RunConfig(**SMALL, loss="squared-error"),
    "label smoothing": RunConfig(**SMALL, loss="label-smoothing"),
    "bounds": RunConfig(**{**SMALL, "norm_bound_w": 1.0, "norm_bound_h": 1.0, "learning_rate": 0.5}),
    "feature norm": RunConfig(**SMALL, feature_norm=2.5),
    "feature norm of sizes": RunConfig(class_sizes=(6, 6, 2, 2), steps=200, snapshots=40, feature_norm=2.0),
    "one bound": RunConfig(**SMALL, norm_bound_w=0.01),
    "flow": RunConfig(**FLOW),
    "flow of four dimensions": RunConfig(**{**FLOW, "dimension": 4, "log_time": 1000.0}),
    "flow in a plane": RunConfig(**{**FLOW, "dimension": 2, "log_time": 20.0}),
    "fast-forward": RunConfig(**SMALL, fast_forward=1e5),
    "flow to rest": RunConfig(**{**FLOW, "dimension": 4, "weight_decay": 0.01}),
    "flow of squared error": RunConfig(**FLOW, loss="squared-error"),
    "decay, fast-forward": RunConfig(**SMALL, weight_decay=0.01, fast_forward=300.0),
}
ELSEWHERE = {"digest", "made_by", "config", "theory", "panels", "curves", "note", "clock", "figures"}
"""What of a header is the engine's own, lacks what the full lab alone has, or is compared in another way."""
ALLOWED = 1e-12
JAVASCRIPT = """
const mapped = (all, make) => Object.fromEntries(Object.entries(all).map(([name, x]) => [name, make(x)]));
const numbers = (list) => Float64Array.from(list, (x) => x ?? NaN);
const films = given.runs.map(({ fields, run, analysis }) => {
  const config = Config.from(fields, given.table.parameters);
  const states = run.states.map(({ W, H }) => ({ W: numbers(W), H: numbers(H) }));
  const over = run.handOver && { ...run.handOver, error: run.handOver.error ?? NaN };
  const logTime = run.logTime.map((t) => t ?? -Infinity);
  const trajectory = { ...run, config, states, start: states[0], logTime, handOver: over };
  const stage = mapped(analysis.stage, (x) => (Array.isArray(x) ? numbers(x) : x));
  stage.frames = Int32Array.from(stage.frames);
  stage.samples = Int32Array.from(stage.samples);
  const metrics = mapped(analysis.metrics, numbers);
  const marks = analysis.marks.map((mark) => ({ ...mark, logTime: mark.logTime ?? NaN }));
  const target = analysis.target && mapped(analysis.target, (x) => (Array.isArray(x) ? numbers(x) : x));
  const found = { ...analysis, target, error: numbers(analysis.error), stage, metrics, marks };
  const { header, arrays } = parseFilm(buildFilm(trajectory, found, given.table));
  return { header, shapes: mapped(header.arrays, ({ shape }) => shape), arrays: mapped(arrays, (x) => [...x]) };
});
say(films);
"""


def run_as_json(run: Trajectory) -> dict[str, Any]:
    """A trajectory as the engine holds one."""
    over = run.hand_over
    said = run.stop_reason.partition("step ")[2].partition(":")[0].replace(",", "")
    return {
        "labels": run.labels,
        "states": [{"W": W.ravel(), "H": H.ravel()} for W, H in zip(run.W, run.H, strict=True)],
        "step": run.step,
        "logTime": run.log_time,
        "logLoss": run.log_loss,
        "outcome": run.outcome,
        "at": int(said) if run.outcome is Outcome.DIVERGED else run.step[-1],
        "flowing": run.config.flows,
        "rest": run.flow.log_time if run.flow is not None and run.flow.at_rest else None,
        "handOver": over
        and {
            "frame": over.frame,
            "step": over.step,
            "logTime": over.log_time,
            "fromStep": over.from_step,
            "error": over.error,
        },
    }


def analysis_as_json(run: Trajectory, analysis: Analysis) -> dict[str, Any]:
    """An analysis as the engine holds one: without the certificates."""
    stage, certificates = analysis.stage, separation_metrics(run.W[:1], run.H[:1], run.labels)
    view = {name: np.ravel(x) if isinstance(x, np.ndarray) else x for name, x in stage.view._asdict().items()}
    metrics = {name: x for name, x in analysis.seen.metrics.items() if name == "gamma" or name not in certificates}
    axes = {"axes": stage.view.features.shape[-1]}
    return {
        "metrics": metrics,
        "error": analysis.seen.error,
        "stage": {**view, **axes, "frames": stage.frames, "samples": stage.samples},
        "marks": [
            {"snapshot": m.snapshot, "name": m.name, "logTime": m.log_time, "classes": m.classes}
            for m in analysis.marks
        ],
        "laws": analysis.laws,
        "ending": analysis.ending,
        "target": analysis.target
        and {name: np.ravel(x) if isinstance(x, np.ndarray) else x for name, x in analysis.target._asdict().items()},
    }


@pytest.fixture(scope="module")
def pairs(tmp_path_factory) -> dict[str, tuple[Film, dict[str, Any], RunConfig]]:
    """Python's film of each run, and what the browser's engine says and holds of it."""
    runs = {name: simulate(config) for name, config in CONFIGS.items()}
    still = State(np.zeros((3, 2)), np.zeros((2, 6)))
    runs["origin"] = simulate(RunConfig(classes=3, dimension=2, per_class=2, steps=5), still)
    analyses = {name: analyse(run) for name, run in runs.items()}
    given = [
        {
            "fields": {name: text for name, text in run.config.to_link().items() if name != "initial_digest"},
            "run": run_as_json(run),
            "analysis": analysis_as_json(run, analyses[name]),
        }
        for name, run in runs.items()
    ]
    modules = ("film.js", "player/engine/config.js", "player/engine/film/film.js")
    folder = tmp_path_factory.mktemp("films")
    (films,) = run_node(folder, JAVASCRIPT, *modules, table=plain(table()), runs=plain(given))
    return {
        name: (build_film(run, analyses[name]), found, run.config)
        for (name, run), found in zip(runs.items(), films, strict=True)
    }


@pytest.mark.parametrize("name", [*CONFIGS, "origin"])
def test_its_header_is_python_s(pairs, name):
    film, found, config = pairs[name]
    header = found["header"]
    layout = header.pop("arrays")
    assert header.keys() == film.header.keys()
    for figure, wanted in zip(header["figures"], film.header["figures"], strict=True):
        assert figure == wanted | {"value": pytest.approx(wanted["value"], rel=1e-12)}
    for part in film.header.keys() - ELSEWHERE:
        assert header[part] == film.header[part], part
    assert header["config"] == {**film.header["config"], "initial_digest": ""}
    assert_same_clock(header["clock"], film.header["clock"])
    open_end = any("not known in closed form" in sentence for sentence in film.header["sentences"])
    elsewhere = SAID["certificates"] if config.endless else SAID["proof"] if open_end else ""
    assert header["note"] == " ".join(filter(None, (film.header["note"], elsewhere)))
    held = {curve["name"] for curve in header["curves"]}
    assert header["curves"] == [curve for curve in film.header["curves"] if curve["name"] in held]
    panels = [{**panel, "curves": [c for c in panel["curves"] if c in held]} for panel in film.header["panels"]]
    assert header["panels"] == [panel for panel in panels if panel["curves"]]
    missing = {curve["name"] for curve in film.header["curves"]} - held
    certified = {"kkt_stationarity", "kkt_complementarity", "duality_gap", "objective", "dual_bound"}
    assert missing == (certified if config.endless else set())
    assert {name: one["dtype"] for name, one in layout.items()} == {
        name: array.dtype.name for name, array in film.arrays.items() if name not in missing
    }


@pytest.mark.parametrize("name", [*CONFIGS, "origin"])
def test_its_arrays_are_python_s(pairs, name):
    film, found, _ = pairs[name]
    for part, values in found["arrays"].items():
        expected = film.arrays[part]
        assert found["shapes"][part] == list(expected.shape)
        held = _numbers(values)
        np.testing.assert_allclose(held, expected.ravel(), rtol=ALLOWED, atol=0.0, err_msg=part)


def assert_same_clock(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Exponentials may differ in their last bits."""
    assert found["by"] == expected["by"] and found["step"] == expected["step"]
    for track in ("time", "log_time"):
        held, wanted = (_numbers(clock[track]) for clock in (found, expected))
        np.testing.assert_allclose(held, wanted, rtol=ALLOWED, err_msg=track)


def _numbers(values: list[float | None]) -> np.ndarray:
    return np.array([np.nan if x is None else float(x) for x in values])
