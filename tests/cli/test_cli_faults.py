"""What a hostile hand does to the command lines: Ctrl+C, paths that cannot be, options at odds, numbers at the edge."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from cli.lines import QUICK, refusal
from reference import gaussian

from app import __main__ as app_command
from app.command import saved
from ulpm_core import RunConfig, cli, commands, simulate
from ulpm_core.files.run import load_run

# -- Ctrl+C --------------------------------------------------------------------------------------------------------

LONG = {
    "gradient-descent": ["--steps", "10000000"],
    "gradient-flow": ["--method", "gradient-flow", "--log-time", "1e9", "--tolerance", "1e-12"],
}


@pytest.mark.parametrize(("method", "threads"), [("gradient-descent", None), ("gradient-flow", "2")])
def test_ctrl_c_saves_everything_up_to_there(empty, method, threads):
    """And the process runs with one BLAS thread, unless it is told otherwise."""
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    environment |= {"PYTHONPATH": str(Path(cli.__file__).parents[1])} | (
        {"OPENBLAS_NUM_THREADS": threads} if threads else {}
    )
    terminal, other_end = pty.openpty()
    size = ["--classes", "12", "--dimension", "11", "--per-class", "20", "--snapshots", "2000"]
    line = [sys.executable, "-m", "ulpm_core", "run", *size, *LONG[method], "--out", "run.npz"]
    process = subprocess.Popen(line, cwd=empty, env=environment, stdout=subprocess.PIPE, stderr=other_end)
    os.close(other_end)
    try:
        assert b" of " in os.read(terminal, 100)  # the first progress line
        if Path("/proc/self/environ").exists():
            variables = Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
            assert f"OPENBLAS_NUM_THREADS={threads or 1}".encode() in variables
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=180)
    finally:
        process.kill()
    said, run = json.loads(out), load_run(empty / "run.npz")
    assert process.returncode == 3
    assert run.outcome == "cancelled"
    assert said["stop_reason"] == run.stop_reason
    assert run.stop_reason.startswith("Cancelled at")
    assert said["step"] == run.step[-1] > 0
    assert os.read(terminal, 10**6).endswith(b"\n")
    assert [p.name for p in empty.iterdir()] == ["run.npz"]
    os.close(terminal)


def interrupted(monkeypatch, times: int) -> None:
    """Ctrl+C, so many times, at the run's first look at its progress callback."""

    def run(config, start, progress):
        def look(now):
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)
            return progress(now)

        return simulate(config, start, look)

    monkeypatch.setattr(commands, "simulate", run)


def test_ctrl_c_is_heard_where_no_terminal_shows_progress(call, empty, monkeypatch):
    interrupted(monkeypatch, 1)
    before = signal.getsignal(signal.SIGINT)
    code, out, err = call("run", "--out", empty / "r.npz")
    assert (code, err) == (3, "")
    assert 0 < json.loads(out)["step"] == load_run(empty / "r.npz").step[-1] < 10_000
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_ends_at_once_and_leaves_nothing(call, empty, monkeypatch):
    interrupted(monkeypatch, 2)
    before = signal.getsignal(signal.SIGINT)
    assert call("run", "--out", empty / "r.npz") == (130, "", "")
    assert not list(empty.iterdir())
    assert signal.getsignal(signal.SIGINT) is before


# -- where to write ------------------------------------------------------------------------------------------------


@pytest.fixture
def no_work(monkeypatch):
    """No run and no film may be made before the refusal."""
    monkeypatch.setattr(commands, "simulate", lambda *a, **k: pytest.fail("a run was made"))
    monkeypatch.setattr(saved, "build_film", lambda *a, **k: pytest.fail("a film was made"))


@pytest.mark.parametrize(
    ("out", "why"),
    [
        ("x" * 300, "File name too long"),
        ("/proc/x.npz", "cannot be written"),
        ("/dev/null", "not a file in an existing folder"),
        ("a\0b", "cannot be written"),
    ],
    ids=["long", "proc", "device", "zero byte"],
)
def test_a_path_that_cannot_be_is_refused_before_any_work(call, empty, monkeypatch, no_work, out, why):
    monkeypatch.chdir(empty)
    refusal(call("run", *QUICK, "--out", out), "--out: out = ", why, "run.npz")
    refusal(call("film", "good.npz", "--out", out, command=app_command), "--out: out = ", why, "film.html")
    assert not list(empty.iterdir())
    assert not Path("/dev/null").is_file()


def test_what_is_read_is_not_written_over(call, empty, no_work):
    np.savez(empty / "start.npz", W=np.eye(3), H=np.eye(3))
    (empty / "run.json").write_text("{}")
    (empty / "link.npz").symlink_to(empty / "start.npz")
    held = {path: path.read_bytes() for path in empty.iterdir()}
    for out in ("start.npz", "link.npz"):
        line = ["run", "--initial-state", empty / "start.npz", "--out", empty / out]
        refusal(call(*line), "--out: out = ", out, "is what is read", "run.npz")
        line = ["film", empty / "start.npz", "--out", empty / out]
        refusal(call(*line, command=app_command), "--out: out = ", out, "is what is read", "film.html")
    refusal(
        call("run", "--config", empty / "run.json", "--out", empty / "run.json"), "--out: out = ", "is what is read"
    )
    assert {path: path.read_bytes() for path in empty.iterdir()} == held


@pytest.mark.parametrize(
    ("line", "kinds", "works"),
    [
        (["run"], ".npz", "run.npz"),
        (["ensemble"], ".npz", "ensemble.npz"),
        (["sweep", "--grid", "seed=1,2"], ".npz", "sweep.npz"),
        (["train"], ".npz", "net.npz"),
        (["film", "good.npz"], ".html or .mp4 or .webm or .gif", "film.html"),
        (["figure", "good.npz", "--show", "curves"], ".svg or .pdf or .png", "fig.pdf"),
        (["lab"], ".html", "lab.html, or site/ for a folder"),
        (["tour", "lesson.md"], ".html", "lesson.html"),
    ],
    ids=lambda part: part[0] if isinstance(part, list) else "",
)
def test_a_file_is_written_under_an_ending_by_which_it_is_known(call, empty, no_work, line, kinds, works):
    command = app_command if line[0] in ("film", "figure", "lab", "tour") else cli
    for name in ("x.txt", "x"):
        answer = call(*line, "--out", empty / name, command=command)
        refusal(answer, "--out: out = ", f"{name} does not end in {kinds}: use a path such as {works}.")
    assert not list(empty.iterdir())


@pytest.mark.parametrize(
    ("line", "option", "works"),
    [
        (["run", "--out", ""], "--out", "run.npz"),
        (["run", "--out", "r.npz", "--config", ""], "--config", "run.json"),
        (["sweep", "--out", "s.npz", "--grid", ""], "--grid", "learning_rate=0.01:1:log:9"),
        (["sweep", "--out", "s.npz", "--scheduler", ""], "--scheduler", "tcp://10.0.0.1:8786"),
        (["measure", ""], "FILE", "features.npz"),
        (["measure", "f.npz", "--frame", ""], "--frame", "a whole number from 0"),
        (["film", "run.npz", "--out", ""], "--out", "film.html"),
        (["film", "", "--out", "f.html"], "RUN.npz", "run.npz"),
        (["lab", "--out", ""], "--out", "lab.html"),
        (["tour", "lesson.md", "--out", ""], "--out", "lesson.html"),
        (["serve", "--tours", ""], "--tours", "lessons/"),
    ],
    ids=" ".join,
)
def test_what_is_empty_is_called_empty(call, empty, monkeypatch, no_work, line, option, works):
    monkeypatch.chdir(empty)
    command = app_command if line[0] in ("film", "lab", "tour", "serve") else cli
    refusal(call(*line, command=command), f"argument {option}: is empty: use ", works)
    assert not list(empty.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is always full")
def test_figures_that_nobody_can_take_are_said_in_a_line_and_the_file_is_whole(empty):
    line = [sys.executable, "-m", "ulpm_core", "run", "--steps", "5", "--out", str(empty / "run.npz")]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert "run: figures cannot be printed (No space left on device): " in done.stderr
    assert load_run(empty / "run.npz").step[-1] == 5


@pytest.mark.parametrize(
    ("line", "pipes"),
    [("ulpm_core landscape", ["stdout"]), ("app film none.npz --out film.html", ["stdout", "stderr"])],
)
def test_a_pipe_that_nobody_reads_ends_a_command_without_a_word(empty, line, pipes):
    read, write = os.pipe()
    os.close(read)  # as `head -1` does once it has its line
    environment = os.environ | {"PYTHONPATH": str(Path(cli.__file__).parents[1])}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | dict.fromkeys(pipes, write)
    done = subprocess.run([sys.executable, "-m", *line.split()], cwd=empty, env=environment, text=True, **streams)
    os.close(write)
    assert done.returncode == 3
    assert not done.stderr


# -- the words of a refusal ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["run", "--bogus", "--out", "r.npz"],
            "--bogus is not known here: nearest are --out, --push, --loss, for example --out run.npz (see",
        ),
        (
            ["run", "--class", "4", "--out", "r.npz"],
            "--class is not known here: nearest are --classes, --per-class, --loss, for example --classes 4 (see",
        ),
        (
            ["run", "--out=r.npz", "--learn-rate=1"],
            "--learn-rate is not known here: nearest is --learning-rate, for example --learning-rate 0.1 (see",
        ),
        (["measure", "f.npz", "--peer"], "--peer is not known here: nearest is --peers, for example --peers (see"),
        (["run", "--out", "r.npz", "--classes"], "--classes: expected one argument: use 2 to 1000, for example 4"),
        (["run", "--method", "--out", "r.npz"], "--method: expected one argument: use one of gradient-descent, mom"),
        (["run", "--classes", "3"], "--out: use the path of a file, for example run.npz"),
        (["measure"], "FILE: use the path of a file, for example features.npz"),
        (["run", "--out", "r.npz", "stray\x1b[31m\nword"], "stray?[31m?word is not known here: nearest are --"),
        (["measure", "f.npz", "g.npz"], "g.npz is not known here: use FILE alone beside options, for example feat"),
    ],
)
def test_a_malformed_line_is_told_a_value_that_works(call, no_work, arguments, said):
    refusal(call(*arguments), "python -m ulpm_core ", said, "--help")


def test_the_app_s_command_line_says_what_works_too(call, no_work):
    refusal(call("serve", "--port", command=app_command), "--port: expected one", "1 to 65535, for example 8501")
    refusal(
        call("serve", "--prot", 1, command=app_command),
        "--prot is not known",
        "nearest is --port, for example --port 8501",
    )
    refusal(call("serve", "--port", "80x", command=app_command), "port = 80x", "1 to 65535, for example 8501")
    refusal(call("film", "run.npz", command=app_command), "--out: use the path of a file, for example film.html")


@pytest.mark.parametrize("host", ["", "127.0.0.1"])
def test_a_busy_port_is_refused_with_one_that_works(call, monkeypatch, host):
    started = []
    monkeypatch.setattr(app_command, "until_stopped", lambda line, _: started.append(line) or 0)
    with socket.socket() as busy:
        busy.bind((host, 0))
        busy.listen()
        port = busy.getsockname()[1]
        answer = call("serve", "--port", port, command=app_command)
    refusal(answer, "python -m app serve: --port: ", f"port = {port} cannot be used", "use 1 to 65535")
    assert not started
    works = answer[2].rsplit("for example ", 1)[1].removesuffix(".\n")
    assert works != str(port)
    assert call("serve", "--port", works, command=app_command) == (0, "", "")
    assert f"--server.port={works}" in started[0]


# -- a given start -------------------------------------------------------------------------------------------------


@pytest.fixture
def start(tmp_path):
    W, H = gaussian(4, 3, 2)
    np.savez(tmp_path / "start.npz", W=W, H=H)
    return tmp_path / "start.npz"


@pytest.mark.parametrize(("name", "other", "held"), [("classes", 5, 4), ("dimension", 2, 3), ("per_class", 7, 2)])
def test_sizes_at_odds_with_a_given_start_are_refused(call, empty, tmp_path, start, name, other, held):
    said = f"{name} = {other} contradicts initial_state, which holds {name} = {held}: use {held}, or leave it out."
    option, line = "--" + name.replace("_", "-"), ["run", "--steps", 3, "--initial-state", start]
    refusal(call(*line, option, other, "--out", empty / "r.npz"), f"run: {option}: {said}")
    (tmp_path / "run.json").write_text(json.dumps({name: other}))
    refusal(call(*line, "--config", tmp_path / "run.json", "--out", empty / "r.npz"), f"run: --config: {said}")
    assert not list(empty.iterdir())
    (tmp_path / "run.json").write_text(json.dumps({name: str(held)}))
    assert call(*line, "--config", tmp_path / "run.json", "--out", empty / "r.npz")[0] == 0
    assert call(*line, option, f"{held}.0", "--out", empty / "r.npz")[0] == 0


def test_the_sizes_of_a_given_start_are_checked_together(call, empty, tmp_path):
    """999 dimensions and 1,000 classes fit with one sample each, and not with the default 30."""
    np.savez(tmp_path / "wide.npz", W=np.eye(1000, 999), H=np.eye(999, 1000))
    line = ["run", "--classes", 1000, "--dimension", 999, "--steps", 1, "--snapshots", 3]
    assert call(*line, "--initial-state", tmp_path / "wide.npz", "--out", empty / "r.npz")[0] == 0


def test_what_a_given_start_makes_void_is_not_in_the_digest(call, empty, start):
    digests = set()
    for options in ([], ["--seed", 9], ["--initialisation", "small"], ["--initial-scale", 2]):
        code, out, _ = call("run", "--steps", 3, "--initial-state", start, *options, "--out", empty / "r.npz")
        assert code == 0
        digests.add(json.loads(out)["digest"])
    assert len(digests) == 1
    plain, config = RunConfig(), load_run(empty / "r.npz").config
    assert (config.seed, config.initialisation, config.initial_scale) == (
        plain.seed,
        plain.initialisation,
        plain.initial_scale,
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--method", "gradient-flow", "--fast-forward", "690"), "fast_forward = 690 is for runs by steps"),
        (("--steps", "100000", "--fast-forward", "3"), "fast_forward = 3 lies before log t = 9.21"),
        (("--method", "momentum", "--steps", "1000", "--fast-forward", "6.9"), "use 7 to 1e9, for example 1000"),
    ],
)
def test_a_fast_forward_that_would_do_nothing_is_refused(options, said, tmp_path, capsys):
    assert cli.main(["run", *options, "--out", str(tmp_path / "r.npz")]) == 2
    err = capsys.readouterr().err
    assert said in err and "--fast-forward" in err
    assert list(tmp_path.iterdir()) == []


def test_the_page_is_opened_once_it_is_served_and_never_by_streamlit(monkeypatch):
    opened, commands = [], []
    monkeypatch.setattr(app_command.webbrowser, "open", opened.append)
    monkeypatch.setattr(app_command, "until_stopped", lambda command, _: commands.append(command) or 0)
    answers = iter([OSError("not yet"), None])

    def asked(address, timeout):
        assert opened == []
        if (answer := next(answers)) is not None:
            raise answer
        return Path(os.devnull).open("rb")

    monkeypatch.setattr(app_command.urllib.request, "urlopen", asked)
    app_command.open_when_ready("http://localhost:8501", threading.Event())
    assert opened == ["http://localhost:8501"]
    monkeypatch.setattr(app_command, "why_taken", lambda port: "")
    monkeypatch.setattr(app_command, "open_when_ready", lambda address, ended: None)
    monkeypatch.setenv("COLLAPSE_LAB_MEMORY", "")
    assert [app_command.serve(8501, browser, "512") for browser in (True, False)] == [0, 0]
    assert os.environ["COLLAPSE_LAB_MEMORY"] == "512"
    assert all("--server.headless=true" in command for command in commands)


@pytest.mark.parametrize(("signalled", "code"), [("SIGKILL", 137), ("SIGTERM", 0), ("SIGINT", 0)])
def test_a_server_that_was_killed_is_no_success_and_one_that_was_stopped_is(signalled, code, tmp_path, monkeypatch):
    monkeypatch.setattr(app_command.signal, "signal", lambda *_: None)
    dies = f"import os, signal; signal.signal(signal.SIGINT, signal.SIG_DFL); os.kill(os.getpid(), signal.{signalled})"
    assert app_command.until_stopped([sys.executable, "-c", dies], tmp_path) == code
