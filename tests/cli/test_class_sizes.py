"""--class-sizes and start files with labels, from the command line to the line and the file."""

from __future__ import annotations

import json

import numpy as np
import pytest
from cli.lines import strict
from reference import labels_of, slow_metrics

from ulpm_core import RunConfig
from ulpm_core.files.run import load_run

SIZES = ("--class-sizes", "6,4,2", "--dimension", "2", "--steps", "50")


def test_a_run_of_class_sizes_says_them_and_its_cosines(call, empty):
    code, out, err = call("run", *SIZES, "--out", empty / "run.npz")
    assert (code, err) == (0, "")
    said, run = strict(out), load_run(empty / "run.npz")
    assert said["class_sizes"] == [6, 4, 2]
    assert run.config == RunConfig(class_sizes=(6, 4, 2), dimension=2, steps=50)
    for name, value in slow_metrics(run.W[-1], run.H[-1], run.labels).items():
        assert said[name] == (None if np.isnan(value) else pytest.approx(value, rel=1e-9, abs=1e-12)), name
    assert said["minority_cosine"] is said["majority_cosine"] is None  # one class of each
    with np.load(empty / "run.npz") as saved:
        assert saved["class_sizes"].tolist() == [6, 4, 2]
        assert saved["labels"].tolist() == labels_of(3, (6, 4, 2)).tolist()
        assert saved["cross_cosine"][-1] == said["cross_cosine"]
        assert "order" not in saved


def test_equal_sizes_are_the_run_of_classes_and_samples(call, empty):
    lines = []
    for given in (("--class-sizes", "5,5,5"), ("--classes", "3", "--per-class", "5")):
        code, out, _ = call("run", *given, "--steps", 20, "--out", empty / "run.npz")
        assert code == 0
        lines.append({name: value for name, value in strict(out).items() if name != "seconds"})
    assert lines[0] == lines[1]
    assert lines[0]["class_sizes"] == [5, 5, 5]
    assert "cross_cosine" not in lines[0]


@pytest.mark.parametrize(
    ("option", "value", "works"),
    [("--classes", "4", "3"), ("--per-class", "4", "2"), ("--initialisation", "square", "initialisation gaussian")],
)
def test_what_contradicts_the_sizes_exits_2_and_leaves_nothing(call, empty, option, value, works):
    code, out, err = call("run", *SIZES, option, value, "--out", empty / "run.npz")
    assert (code, out) == (2, "")
    assert f"use {works}" in err
    assert "class_sizes = 6,4,2" in err
    assert not list(empty.iterdir())


def test_a_json_file_gives_way_to_what_is_typed(call, empty, tmp_path):
    file = tmp_path / "run.json"
    file.write_text(json.dumps({"classes": 4, "per_class": 9, "steps": 10}), encoding="utf-8")
    code, out, _ = call("run", "--config", file, "--class-sizes", "3,2", "--out", empty / "a.npz")
    assert (code, strict(out)["class_sizes"]) == (0, [3, 2])
    file.write_text(json.dumps({"class_sizes": [6, 4, 2], "steps": 10}), encoding="utf-8")
    code, out, _ = call("run", "--config", file, "--out", empty / "a.npz")
    assert (code, strict(out)["class_sizes"]) == (0, [6, 4, 2])
    code, out, _ = call("run", "--config", file, "--classes", "2", "--per-class", "3", "--out", empty / "a.npz")
    assert (code, strict(out)["class_sizes"]) == (0, [3, 3])
    file.write_text(RunConfig(class_sizes=(5, 5), steps=10).to_json(), encoding="utf-8")
    code, out, _ = call("run", "--config", file, "--out", empty / "a.npz")
    assert (code, strict(out)["class_sizes"]) == (0, [5, 5])


def test_a_start_with_labels_of_any_order_runs_and_says_the_order(call, empty, tmp_path, rng):
    W, H = rng.standard_normal((3, 2)), rng.standard_normal((2, 12))
    labels = rng.permutation(labels_of(3, (6, 4, 2)))
    start = tmp_path / "start.npz"
    np.savez(start, W=W, H=H, labels=labels)
    code, out, err = call("run", "--initial-state", start, "--steps", 30, "--out", empty / "run.npz")
    assert (code, err) == (0, "")
    assert strict(out)["class_sizes"] == [6, 4, 2]
    run = load_run(empty / "run.npz")
    with np.load(empty / "run.npz") as saved:
        order = saved["order"]
    assert run.order.tolist() == order.tolist() == np.argsort(labels, kind="stable").tolist()
    assert np.array_equal(run.H[0], H[:, order])
    assert run.labels.tolist() == labels[order].tolist()
    for given, code in ((("--class-sizes", "6,4,2"), 0), (("--class-sizes", "4,4,4"), 2), (("--per-class", "4"), 2)):
        found, _, err = call("run", "--initial-state", start, *given, "--steps", 1, "--out", empty / "other.npz")
        assert found == code
        assert not code or "contradicts initial_state" in err
    code, out, _ = call("run", "--initial-state", start, "--method", "gradient-flow", "--out", empty / "flow.npz")
    assert code == 0
    assert strict(out)["gamma"] > 0.99


def test_an_order_that_is_none_is_refused(call, empty, tmp_path, rng):
    start = tmp_path / "start.npz"
    np.savez(start, W=np.eye(2), H=rng.standard_normal((2, 4)), labels=np.array([1, 0, 1, 0]))
    assert call("run", "--initial-state", start, "--steps", 3, "--out", empty / "run.npz")[0] == 0
    with np.load(empty / "run.npz") as saved:
        np.savez(empty / "bad.npz", **dict(saved) | {"order": np.array([0, 0, 1, 2])})
    with pytest.raises(ValueError, match="order is no order of 4 columns"):
        load_run(empty / "bad.npz")


def test_an_ensemble_of_class_sizes_has_quantiles_of_its_cosines(call, empty):
    sizes = ("--class-sizes", "4,4,2,2", "--dimension", "3")
    code, out, _ = call("ensemble", *sizes, "--runs", 2, "--log-time", 30, "--out", empty / "many.npz")
    said = strict(out)
    assert code == 0
    for name in ("minority_cosine", "majority_cosine", "cross_cosine"):
        assert -1.0 <= said[name]["0"] <= said[name]["1"] <= 1.0
