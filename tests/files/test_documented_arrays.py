"""docs/files.md is what the files hold: each is written, and its arrays compared with their rows."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from ulpm_core import RunConfig, State, simulate
from ulpm_core.analysis.ensemble import ensemble, starts
from ulpm_core.files.ensemble import save_ensemble
from ulpm_core.files.features import NAMES, load_snapshots
from ulpm_core.files.recording import load_recording, save_recording
from ulpm_core.files.run import save_run
from ulpm_core.files.start import START_ARRAYS
from ulpm_core.files.sweep import save_sweep
from ulpm_core.studies.axes import drawn
from ulpm_core.sweep import sweep

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (`[^|]+`) \| (\([^|]*) \| ([a-z0-9]+) \| ")
KINDS = {"float": "f", "float32": "f", "int": "iu", "text": "U", "any": "fiuU"}
PATTERNS = {"axis_NAME": r"axis_\w+", "sample_NAME": r"sample_\w+"}
"""Names in the table that stand for many."""


class Row(NamedTuple):
    """What the table says of an array: the letters of its shapes, of which there may be two, and its kind."""

    shapes: tuple[tuple[str, ...], ...]
    kind: str


@cache
def tables() -> dict[str, dict[str, Row]]:
    """The rows of docs/files.md, by file and array."""
    found: dict[str, dict[str, Row]] = {}
    for line in (ROOT / "docs" / "files.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            rows = found.setdefault(line.removeprefix("## "), {})
        elif row := ROW.match(line):
            shapes = tuple(tuple(re.findall(r"\w+", shape)) for shape in row[2].split(" or "))
            for name in re.findall(r"`(\w+)`", row[1]):
                assert name not in rows, name
                rows[name] = Row(shapes, row[3])
    return found


CONFIG = RunConfig(steps=20, snapshots=8)


def runs():
    rng = np.random.default_rng(0)
    shuffled = State(rng.standard_normal((3, 2)), rng.standard_normal((2, 6)), np.array([2, 0, 1, 0, 2, 1]))
    yield simulate(CONFIG)
    yield simulate(RunConfig(steps=10, snapshots=5), shuffled)
    yield simulate(RunConfig(class_sizes=(5, 5, 2, 2), steps=20, fast_forward=50.0, snapshots=8))
    yield simulate(RunConfig(steps=10, method="adam", learning_rate=0.01, snapshots=5))


def saved(file: str, path: Path):
    """Writes several files of a kind one after another, between them with every array that there can be."""
    if file == "run.npz":
        for run in runs():
            save_run(run, path)
            yield dict(np.load(path))
    elif file == "ensemble.npz":
        for config in (CONFIG, RunConfig(class_sizes=(5, 5, 2, 2), steps=10, snapshots=5)):
            save_ensemble(ensemble(starts(config, 3)), path)
            yield dict(np.load(path))
    elif file == "sweep.npz":
        sizes = {"dimension": [2, 3], "learning_rate": [0.1, 0.2, 0.3]}
        uneven = RunConfig(class_sizes=(5, 5, 2, 2), steps=5)
        for config, axes in ((CONFIG, sizes), (uneven, [drawn(["learning_rate=0.01:1:log"], 4, 0)])):
            save_sweep(sweep(config, axes, runs=2, workers=1), path)
            yield dict(np.load(path))
    elif file == "net.npz":
        recording = load_recording(ROOT / "tests" / "fixtures" / "net.npz")
        held, depth = np.zeros(recording.W.shape[:2]), np.zeros((len(recording), 5))
        inside = {"bias": held, "spread": held, "layers": tuple("abcde"), "depth": depth}
        for more in ({}, inside):
            save_recording(replace(recording, **more), path)
            yield dict(np.load(path))


def _row(rows: dict[str, Row], name: str) -> tuple[str, Row] | None:
    if name in rows:
        return name, rows[name]
    return next(((key, rows[key]) for key, what in PATTERNS.items() if key in rows and re.fullmatch(what, name)), None)


@pytest.mark.parametrize("file", ["run.npz", "ensemble.npz", "sweep.npz", "net.npz"])
def test_every_array_that_is_written_has_its_row_and_every_row_an_array(file, tmp_path):
    rows, seen = tables()[file], set()
    for arrays in saved(file, tmp_path / file):
        sizes: dict[str, int] = {}
        for name, array in arrays.items():
            found = _row(rows, name)
            assert found is not None, f"{file} holds {name} {array.shape}, which docs/files.md does not say"
            key, row = found
            seen.add(key)
            assert array.dtype.kind in KINDS[row.kind], (name, array.dtype)
            assert row.kind != "float32" or array.dtype == np.float32
            if key in PATTERNS:
                assert array.ndim == 1
                continue
            shape = _letters(row, arrays) if file == "sweep.npz" else row.shapes[0]
            assert array.ndim == len(shape), (name, array.shape)
            for letter, size in zip(shape, array.shape, strict=True):
                size_then = int(letter) if letter.isdigit() else sizes.setdefault(letter, size)
                assert size == size_then, (name, letter)
    assert seen == set(rows), sorted(set(rows) - seen)


def _letters(row: Row, arrays) -> tuple[str, ...]:
    """The shape of a figure of a sweep of so many axes: a letter for each, and the runs."""
    axes = len(json.loads(str(arrays["axes"])))
    return (*"ABCDEF"[:axes], "R") if row.shapes[0] and row.shapes[0][-1] == "R" else row.shapes[0]


def test_files_that_people_write_are_read_as_their_rows_say(tmp_path):
    assert set(tables()["start.npz"]) == set(START_ARRAYS)
    assert set(tables()["features.npz"]) == set(NAMES)
    sizes = {"K": 3, "d": 2, "N": 9, "T": 4}
    rng = np.random.default_rng(0)
    for moments in (0, 1):
        arrays = {}
        for name, row in tables()["features.npz"].items():
            shape = [sizes[letter] for letter in row.shapes[min(moments, len(row.shapes) - 1)]]
            arrays[name] = rng.standard_normal(shape)
        arrays |= {
            "labels": np.arange(9) % 3,
            "epoch": np.arange(4.0)[: 4 if moments else 1],
            "names": np.array(["a", "b", "c"]),
        }
        np.savez(tmp_path / "features.npz", **arrays)
        assert load_snapshots(tmp_path / "features.npz").W.shape == (4 if moments else 1, 3, 2)


def test_the_notes_know_all_six_files():
    assert list(tables()) == ["start.npz", "run.npz", "ensemble.npz", "sweep.npz", "net.npz", "features.npz"]
