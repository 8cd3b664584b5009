"""`python -m app film`: a saved run becomes one offline file, or one line on stderr says why not."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from cli.lines import refusal

from app import __main__ as command
from tests.pages_that_carry import Elements, carried
from ulpm_core import RunConfig, cli, simulate
from ulpm_core.files.run import save_run
from ulpm_core.film.film import Film

ROOT = Path(__file__).parents[2]
CONFIG = RunConfig(classes=3, dimension=2, per_class=2, steps=20)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "run.npz"
    save_run(simulate(CONFIG), path)
    return path


@pytest.fixture
def call(call):
    """Runs a line of `python -m app`."""
    return partial(call, command=command)


def test_a_saved_run_becomes_one_html_file_with_its_film(saved, empty):
    line = [sys.executable, "-m", "app", "film", saved, "--out", empty / "film.html"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [p.name for p in empty.iterdir()] == ["film.html"]
    page = (empty / "film.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "<title>3 classes in 2 dimensions · Collapse Lab</title>" in page
    film = Film.from_bytes(carried(Elements(page))["film"])
    assert film.digest == CONFIG.digest


def test_a_run_that_diverged_becomes_a_film_too(call, empty, tmp_path):
    save_run(simulate(RunConfig(learning_rate=20.0, steps=1000)), tmp_path / "run.npz")
    assert call("film", tmp_path / "run.npz", "--out", empty / "film.html") == (0, "", "")
    assert "stability limit" in (empty / "film.html").read_text(encoding="utf-8")


def test_features_become_a_film_with_and_without_classifiers(call, empty, tmp_path):
    rng, labels = np.random.default_rng(0), np.arange(12) % 3
    H = rng.standard_normal((2, 4, 12)) + 3.0 * np.eye(4)[:, labels]
    for more in ({}, {"W": rng.standard_normal((2, 3, 4))}):
        np.savez(tmp_path / "features.npz", H=H, labels=labels, **more)
        assert call("film", tmp_path / "features.npz", "--out", empty / "film.html") == (0, "", "")
        page = (empty / "film.html").read_text(encoding="utf-8")
        film = Film.from_bytes(carried(Elements(page))["film-1"])
        assert film.header["kind"] == "network" and film.header["classes"] == 3
        assert ("loss" in film.arrays) == bool(more)
        assert ("No W came" in " ".join(film.header["sentences"])) == (not more)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "does not exist"),
        (b"", "cannot be read"),
        (b"not a zip", "cannot be read"),
        (b"<script>\x1b[31m", "cannot be read"),
        ({"W": np.zeros((1, 3, 2))}, "no array H"),
        ({"W": np.array([{}], dtype=object)}, "objects"),
    ],
    ids=["missing", "empty", "no zip", "control characters", "no H", "objects"],
)
def test_what_is_no_run_is_refused_in_one_line_and_nothing_is_left(call, empty, tmp_path, content, said):
    path = tmp_path / "run.npz"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        np.savez(path, **content)
    refusal(call("film", path, "--out", empty / "film.html"), "python -m app film: ", "run", said)
    assert not list(empty.iterdir())


def test_an_out_that_cannot_be_written_is_refused_by_its_option(call, empty, saved):
    refusal(call("film", saved, "--out", empty), "--out: out = ", "not a file in an existing folder", "film.html")
    refusal(call("film", saved, "--out", empty / "no" / "film.html"), "--out: out = ", "existing folder", "film.html")
    assert not list(empty.iterdir())


def test_a_disk_that_is_full_is_said_and_half_a_file_is_not_left(call, empty, saved, monkeypatch):
    whole = Path.write_text

    def half(path, text, **options):
        whole(path, text[:1000], **options)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", half)
    refusal(call("film", saved, "--out", empty / "film.html"), "--out: out = ", "No space left on device", "film.html")
    assert not list(empty.iterdir())


def test_bad_input_leaves_an_older_film_alone(call, empty, tmp_path):
    (empty / "film.html").write_text("precious")
    refusal(call("film", tmp_path / "missing.npz", "--out", empty / "film.html"), "does not exist")
    assert (empty / "film.html").read_text() == "precious"


@pytest.mark.parametrize(
    "arguments",
    [[], ["fly"], ["film"], ["film", "run.npz"], ["film", "run.npz", "--ou", "x"], ["serve", "--port", "eighty"]],
    ids=str,
)
def test_a_malformed_line_is_refused_in_one_line(call, arguments):
    refusal(call(*arguments), "python -m app", "--help")


@pytest.mark.parametrize("port", ["0x50", "-1", "65536", "99999999"])
def test_a_port_that_is_none_is_refused_before_a_server_starts(call, monkeypatch, port):
    monkeypatch.setattr(command, "until_stopped", lambda *_: pytest.fail("a server was started"))
    refusal(call("serve", "--port", port), "--port", port)


def test_serve_starts_streamlit_from_the_folder_of_our_packages(call, monkeypatch):
    started = []
    monkeypatch.setattr(command, "until_stopped", lambda line, folder: started.append((line, folder)) or 0)
    assert call("serve", "--port", "8599", "--no-browser") == (0, "", "")
    ((line, folder),) = started
    assert line[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert Path(line[4]) == ROOT / "app" / "main.py"
    assert {"--server.port=8599", "--server.headless=true"} <= set(line)
    assert folder == ROOT


@pytest.mark.parametrize("given", ["63", "lots", "1e3", "-5"])
def test_a_memory_that_is_none_is_refused_before_a_server_starts(call, monkeypatch, given):
    monkeypatch.setattr(command, "until_stopped", lambda *_: pytest.fail("a server was started"))
    refusal(call("serve", f"--memory={given}"), f"COLLAPSE_LAB_MEMORY = {given}", "use 64 to 1048576, for example 512")
    monkeypatch.setenv("COLLAPSE_LAB_MEMORY", given)
    refusal(call("serve"), f"COLLAPSE_LAB_MEMORY = {given}", "use 64 to 1048576, for example 512")


def test_serve_hands_its_memory_on(call, monkeypatch):
    monkeypatch.setenv("COLLAPSE_LAB_MEMORY", "128")
    kept = []
    monkeypatch.setattr(command, "until_stopped", lambda *_: kept.append(os.environ["COLLAPSE_LAB_MEMORY"]) or 0)
    for asked in ([], ["--memory", "256"]):
        assert call("serve", "--no-browser", *asked) == (0, "", "")
    assert kept == ["128", "256"]


def test_a_server_that_is_told_to_end_takes_streamlit_along():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "-m", "app", "serve", "--port", str(port), "--no-browser"]
    server = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 180.0
    while not command.why_taken(port):
        assert server.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    server.terminate()
    assert server.wait(60) == 0
    assert not command.why_taken(port)


def test_a_sweep_is_told_what_shows_it(call, empty):
    sweep = ROOT / "assets" / "phases" / "room.npz"
    said = [
        "room.npz is a sweep, which keeps only",
        "show it with python -m app figure FILE --show phases, or take one",
    ]
    refusal(call("film", sweep, "--out", empty / "film.html"), *said)
    refusal(call("claim", sweep, "gamma", command=cli), *said)
    assert not list(empty.iterdir())


def test_four_runs_become_one_file_under_their_rules_and_no_more(call, empty, tmp_path):
    changes = ({}, {"weight_decay": 0.01}, {"norm_bound_w": 2.0, "norm_bound_h": 2.0}, {"method": "momentum"})
    paths = [tmp_path / f"run-{i}.npz" for i in range(4)]
    configs = [CONFIG.with_changes(learning_rate=0.02, **each) for each in changes]
    for path, config in zip(paths, configs, strict=True):
        save_run(simulate(config), path)
    assert call("film", *paths, "--out", empty / "film.html") == (0, "", "")
    page = Elements((empty / "film.html").read_text(encoding="utf-8"))
    (root,) = (has for _, has in page.elements if has.get("data-testid") == "film-player")
    assert json.loads(root["data-films"]) == ["ULPM", "weight decay", "norm bound", "momentum (heavy ball)"]
    assert page.titles == ["ULPM · weight decay · norm bound · momentum (heavy ball) · Collapse Lab"]
    films = [Film.from_bytes(carried(page)[f"film-{i}"]).digest for i in (1, 2, 3, 4)]
    assert films == [config.digest for config in configs]
    answer = call("film", *paths, paths[0], "--out", empty / "film.html")
    refusal(answer, "python -m app film: ", "5 files", "1 to 4 files", "run.npz")


def test_runs_of_one_rule_are_called_as_their_files_are(call, empty, tmp_path):
    for name, seed in (("first", 1), ("second", 2)):
        save_run(simulate(CONFIG.with_changes(seed=seed)), tmp_path / f"{name}.npz")
    assert call("film", tmp_path / "first.npz", tmp_path / "second.npz", "--out", empty / "film.html") == (0, "", "")
    page = Elements((empty / "film.html").read_text(encoding="utf-8"))
    (root,) = (has for _, has in page.elements if has.get("data-testid") == "film-player")
    assert json.loads(root["data-films"]) == ["first", "second"]


def test_a_run_of_many_classes_makes_a_film(call, empty, tmp_path):
    config = RunConfig(classes=100, dimension=99, per_class=2, steps=30)
    save_run(simulate(config), tmp_path / "run.npz")
    assert call("film", tmp_path / "run.npz", "--out", empty / "film.html") == (0, "", "")
    page = (empty / "film.html").read_text(encoding="utf-8")
    film = Film.from_bytes(carried(Elements(page))["film-1"])
    assert film.digest == config.digest and film.header["crowd"]["classes"] == 100
    assert film.arrays["cosines"].shape == (film.header["frames"], 64, 64)
    for show in ("stage", "matrix", "curves"):
        line = ["figure", tmp_path / "run.npz", "--show", show, "--out", empty / f"{show}.svg"]
        assert call(*line) == (0, "", "")


def test_a_network_of_many_classes_makes_a_film(call, empty, tmp_path):
    rng, labels = np.random.default_rng(0), np.repeat(np.arange(70), 2)
    np.savez(tmp_path / "f.npz", H=rng.standard_normal((3, 6, 140)), labels=labels)
    assert call("film", tmp_path / "f.npz", "--out", empty / "film.html") == (0, "", "")
    assert (empty / "film.html").stat().st_size < 4e6
