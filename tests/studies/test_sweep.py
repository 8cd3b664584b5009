"""Sweeps: the figures of single runs, in their places, wherever and however often they are made."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from ulpm_core import ConfigError, RunConfig, simulate
from ulpm_core.analysis.ensemble import ensemble, starts
from ulpm_core.files.sweep import load_sweep, save_table
from ulpm_core.studies.axes import drawn, parse_axis
from ulpm_core.studies.journal import journal_path
from ulpm_core.sweep import sweep

SMALL = RunConfig(classes=3, dimension=2, per_class=2, steps=30)
GRID = {"learning_rate": [0.05, 0.1, 500.0], "classes": [3, 4]}
COMMAND = [sys.executable, "-m", "ulpm_core", "sweep", "--grid", "learning_rate=0.001:1:log:20"]
COMMAND += ["--grid", "initial_scale=0.01,0.1", "--runs", "2", "--steps", "10000", "--per-class", "10", "--out"]


def same(one: Path, other: Path) -> bool:
    """Whether two files hold the same arrays, bit for bit."""
    with np.load(one) as a, np.load(other) as b:
        return a.files == b.files and all(a[name].tobytes() == b[name].tobytes() for name in a.files)


def test_each_figure_is_that_of_the_single_run_in_its_place():
    found = sweep(SMALL, GRID, runs=2)
    assert found.figures["gamma"].shape == (3, 2, 2) and found.axes["classes"].tolist() == [3, 4]
    for place in np.ndindex(3, 2, 2):
        rate, classes, r = GRID["learning_rate"][place[0]], GRID["classes"][place[1]], place[2]
        run = simulate(SMALL.with_changes(learning_rate=rate, classes=classes, seed=SMALL.seed + r))
        assert found.outcome[place] == str(run.outcome)
        for name in ("gamma", "nc1", "duality_gap"):
            assert np.array_equal(found.figures[name][place], run.metrics[name][-1], equal_nan=True)
        assert np.array_equal(found.figures["certificate"][place], run.certificate[-1], equal_nan=True)
    assert found.outcomes == {"done": 8, "diverged": 4} and found.share("diverged").tolist() == [[0, 0], [0, 0], [1, 1]]


def test_a_cell_is_the_ensemble_of_its_config():
    flows = RunConfig(classes=3, dimension=2, per_class=2, method="gradient-flow", log_time=30.0)
    found = sweep(flows, {"dimension": [2, 3]}, runs=3)
    for i, dimension in enumerate((2, 3)):
        many = ensemble(starts(flows.with_changes(dimension=dimension), 3))
        assert np.array_equal(found.figures["gamma"][i], many.final("gamma"))


def test_means_and_quantiles_leave_out_what_is_not_finite():
    found = sweep(SMALL, {"learning_rate": [0.1, 500.0]}, runs=4)
    gamma = found.figures["gamma"][0]
    assert found.mean("gamma")[0] == pytest.approx(gamma.mean()) and found.quantile("gamma", 0.5)[0] == np.median(gamma)
    assert (
        np.isnan(found.mean("distance_to_ideal")).tolist() == np.isnan(found.quantile("distance_to_ideal", 1)).tolist()
    )


def test_a_cell_that_cannot_be_made_says_why_and_the_others_are_made(tmp_path):
    found = sweep(
        SMALL.with_changes(initialisation="gaussian"),
        {"initialisation": ["gaussian", "etf-perturbed"], "classes": [3, 4]},
    )
    assert found.outcomes == {"done": 3, "failed": 1} and "needs a simplex" in found.troubles[3] and found.whole
    assert np.isnan(found.figures["gamma"][1, 1, 0]) and np.isfinite(found.figures["gamma"].ravel()[:3]).all()


def test_threads_processes_and_one_after_the_other_give_the_same_bits(monkeypatch):
    from ulpm_core.studies import spread

    once = sweep(SMALL, GRID, runs=2, workers=1)
    threads = sweep(SMALL, GRID, runs=2, workers=3)
    monkeypatch.setattr(spread, "PROCESSES_FROM", 0.0)
    processes = sweep(SMALL, GRID, runs=2, workers=2)
    for other in (threads, processes):
        assert once.figures.keys() == other.figures.keys()
        assert all(once.figures[name].tobytes() == other.figures[name].tobytes() for name in once.figures)


def test_what_was_done_before_is_not_made_again(tmp_path, monkeypatch):
    out, seen = tmp_path / "sweep.npz", []
    part = sweep(SMALL, GRID, runs=2, workers=1, out=out, progress=lambda told: len(seen.append(told) or seen) < 3)
    assert not part.whole and part.outcomes[""] > 0 and seen[1].fraction > seen[0].fraction
    whole = sweep(SMALL, GRID, runs=2, workers=1, out=out)
    assert whole.whole and not journal_path(out).exists()
    sweep(SMALL, GRID, runs=2, out=tmp_path / "once.npz")
    assert same(out, tmp_path / "once.npz")
    assert load_sweep(out).outcomes == whole.outcomes
    monkeypatch.setattr("ulpm_core.studies.spread.measured_cells", None)
    assert sweep(SMALL, GRID, runs=2, out=out).outcomes == whole.outcomes


@pytest.mark.parametrize(
    "torn", [b"", b'[1,["done"', b"[99999,[],{},0]\n", b"\xff\xfe\n", b"[]\n", b'[0,["done"],{},""]\n']
)
def test_a_journal_is_believed_as_far_as_it_is_whole(tmp_path, torn):
    out = tmp_path / "sweep.npz"

    def cut(told):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(SMALL, GRID, runs=2, workers=1, out=out, progress=cut)
    with journal_path(out).open("ab") as file:
        file.write(torn)
    assert not out.exists()
    sweep(SMALL, GRID, runs=2, out=out)
    sweep(SMALL, GRID, runs=2, out=tmp_path / "once.npz")
    assert same(out, tmp_path / "once.npz")


def test_a_journal_of_another_sweep_is_left_alone(tmp_path):
    out = tmp_path / "sweep.npz"
    with pytest.raises(KeyboardInterrupt):
        sweep(SMALL, GRID, workers=1, out=out, progress=_cut)
    with pytest.raises(ConfigError, match=r"is unfinished, of another sweep .* delete that file"):
        sweep(SMALL, {"classes": [3]}, out=out)
    assert journal_path(out).exists()


def _cut(told):
    raise KeyboardInterrupt


def test_two_sweeps_do_not_write_one_file(tmp_path):
    out, refused = tmp_path / "sweep.npz", []

    def again(told):
        with pytest.raises(ConfigError, match="is being written by another sweep"):
            sweep(SMALL, GRID, out=out)
        refused.append(True)

    sweep(SMALL, GRID, workers=1, out=out, progress=again)
    assert refused


def test_a_sweep_that_is_killed_goes_on_where_it_was_cut_off(tmp_path):
    out = tmp_path / "killed.npz"
    process = subprocess.Popen([*COMMAND, str(out)], stdout=subprocess.DEVNULL, start_new_session=True)
    while not (journal_path(out).exists() and journal_path(out).read_bytes().count(b"\n") > 3):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = journal_path(out).read_bytes()
    assert not out.exists()
    subprocess.run([*COMMAND, str(out)], check=True, stdout=subprocess.DEVNULL)
    assert kept.count(b"\n") < 41
    subprocess.run([*COMMAND, str(tmp_path / "once.npz"), "--workers", "1"], check=True, stdout=subprocess.DEVNULL)
    assert same(out, tmp_path / "once.npz")


@contextmanager
def cluster(tmp_path):
    """A Dask scheduler's address and its two workers, processes of their own."""
    told = tmp_path / "scheduler.json"
    here = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    dask = [sys.executable, "-m", "distributed.cli.dask_"]
    scheduler = ["--port", "0", "--no-dashboard", "--scheduler-file", str(told)]
    started = [subprocess.Popen([*dask[:2], dask[2] + "scheduler", *scheduler], **here)]
    try:
        while not told.exists():
            time.sleep(0.05)
        address = json.loads(told.read_text())["address"]
        worker = [*dask[:2], dask[2] + "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        started += [subprocess.Popen(worker, **here, env=_found_from_here()) for _ in range(2)]
        yield address, started[1:]
    finally:
        for process in started:
            process.kill()
            process.wait()


def _found_from_here():
    import os

    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


def test_a_cluster_that_loses_a_worker_gives_the_same_bits(tmp_path):
    from distributed import Client

    with cluster(tmp_path) as (address, (first, second)):
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=180)
        out = tmp_path / "cluster.npz"
        process = subprocess.Popen([*COMMAND, str(out), "--scheduler", address], stdout=subprocess.PIPE)
        while not (journal_path(out).exists() and journal_path(out).read_bytes().count(b"\n") > 3):
            assert process.poll() is None
            time.sleep(0.05)
        second.kill()
        said, _ = process.communicate()
        assert process.returncode == 0 and json.loads(said)["outcomes"].keys() <= {"done", "diverged"}
        assert first.poll() is None
    subprocess.run([*COMMAND, str(tmp_path / "once.npz"), "--workers", "1"], check=True, stdout=subprocess.DEVNULL)
    assert same(out, tmp_path / "once.npz")


def test_a_cluster_that_cannot_be_reached_is_refused_in_words():
    with pytest.raises(ConfigError, match=r"scheduler = tcp://127.0.0.1:9 cannot be reached"):
        sweep(SMALL, GRID, scheduler="tcp://127.0.0.1:9")


def test_what_is_no_address_is_refused_in_one_line_and_leaves_no_file(tmp_path):
    command = [*COMMAND, str(tmp_path / "s.npz"), "--scheduler", "nonsense"]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "scheduler = nonsense cannot be reached" in done.stderr
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_has_a_line_for_each_run_to_the_last_digit(tmp_path, suffix):
    config = SMALL.with_changes(initial_scale=0.1)
    found = sweep(config, [parse_axis("learning_rate=0.01,0.1"), drawn(["initial_scale=0.1:1:log"], 3, seed=0)], runs=2)
    path = tmp_path / f"t.{suffix}"
    save_table(found, path)
    if suffix == "csv":
        with path.open(newline="") as file:
            lines = list(csv.DictReader(file))
    else:
        from pyarrow import parquet

        lines = parquet.read_table(path).to_pylist()
    assert len(lines) == 12 and found.figures["gamma"].shape == (2, 3, 2)
    assert [float(line["gamma"]) for line in lines] == found.figures["gamma"].ravel().tolist()
    assert [int(line["seed"]) for line in lines] == [4, 5] * 6
    assert [float(line["initial_scale"]) for line in lines[:6:2]] == found.drawn["initial_scale"].tolist()


def test_hostile_files_are_no_sweeps(tmp_path):
    path = tmp_path / "bad.npz"
    sweep(SMALL, {"classes": [3, 4]}, out=path)
    with np.load(path) as good:
        arrays = dict(good)
    for changes in (
        {"study": "{}"},
        {"study": "[" * 9000},
        {"gamma": np.zeros(3)},
        {"outcome": np.zeros(2)},
        {"troubles": "[]"},
        {"study": str(arrays["study"]).replace('"parameters":{"classes":[3,4]}', '"parameters":{}')},
        {"study": str(arrays["study"]).replace("[3,4]", "[3,1e9]")},
        {"study": json.dumps(json.loads(str(arrays["study"])) | {"runs": 10**12})},
    ):
        np.savez(path, **(arrays | changes))
        with pytest.raises(ConfigError):
            load_sweep(path)
