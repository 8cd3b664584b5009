"""Files whose arrays are in another order, or are not used: nothing that is given is ignored without a word."""

from __future__ import annotations

import json
import os
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from reference import gaussian, refused

from app import __main__ as app_command
from ulpm_core import RunConfig, cli, simulate
from ulpm_core.files.features import load_features, load_snapshots
from ulpm_core.files.npz import read_npz
from ulpm_core.files.recording import load_recording, save_recording
from ulpm_core.files.run import load_run, save_run
from ulpm_core.files.start import load_state
from ulpm_core.model.refusal import UnusedWarning

LABELS = np.arange(12) % 4


@pytest.fixture
def arrays():
    W, H = gaussian(4, 3, 3)
    return {"W": W, "H": H, "labels": LABELS}


def npz(path: Path, **arrays) -> Path:
    np.savez(path, **arrays)
    return path


def unused(load, path, *names: str) -> object:
    with pytest.warns(UnusedWarning) as caught:
        found = load(path)
    (warning,) = caught
    for name in names:
        assert name in str(warning.message)
    assert str(warning.message).isprintable()
    return found


@pytest.fixture
def silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_a_start_is_sorted_by_its_labels(arrays, tmp_path, silent):
    state = load_state(npz(tmp_path / "start.npz", **arrays))
    order = [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]
    assert np.array_equal(state.H, arrays["H"][:, order])
    assert np.array_equal(state.W, arrays["W"])


def test_unsorted_labels_run_as_they_are_measured(arrays, tmp_path, capsys):
    start, run = npz(tmp_path / "start.npz", **arrays), tmp_path / "run.npz"
    assert cli.main(["run", "--initial-state", str(start), "--steps", "1", "--out", str(run)]) == 0
    assert cli.main(["measure", str(start)]) == 0
    measured = json.loads(capsys.readouterr().out.splitlines()[1])
    with np.load(run) as saved:
        assert saved["nc1"][0] == pytest.approx(measured["nc1"], rel=1e-12)
        assert saved["labels"].tolist() == np.repeat(np.arange(4), 3).tolist()


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (np.repeat([0, 2], 6), "labels leave class 1 empty"),
        (np.repeat([0, 1, 3], 4), "labels hold the classes [0 1 3]: use 0 to 2"),
        (np.repeat([-1, 0, 1], 4), "labels hold the classes [-1  0  1]: use 0 to 2"),
        (np.arange(12.0) % 3, "type float64: save 12 whole numbers"),
        (np.arange(6) % 3, "labels has shape (6,)"),
    ],
    ids=["empty", "missing", "negative", "float", "count"],
)
def test_labels_that_no_run_takes_are_refused(arrays, tmp_path, labels, said):
    start = npz(tmp_path / "start.npz", W=arrays["W"][:3], H=arrays["H"], labels=labels)
    with refused("labels", said):
        load_state(start)


def test_unknown_arrays_are_named(arrays, tmp_path):
    path = npz(tmp_path / "some.npz", **arrays, b=np.zeros(4), **{"odd\nname": np.zeros(1)})
    for load in (load_state, load_features, load_snapshots):
        unused(load, path, "holds b, odd?name, not used here: ")


def test_a_bias_without_classifiers_is_named(arrays, tmp_path):
    path = npz(tmp_path / "some.npz", H=arrays["H"], labels=LABELS, bias=np.zeros(4))
    for load in (load_features, load_snapshots):
        unused(load, path, "holds bias, not used here")


def test_known_arrays_are_not(arrays, tmp_path, silent):
    load_features(npz(tmp_path / "some.npz", **arrays, bias=np.zeros(4)))
    names = np.array(list("abcd"))
    load_snapshots(npz(tmp_path / "some.npz", **arrays, bias=np.zeros(4), epoch=np.zeros(1), names=names))


def test_a_run_and_a_recording_come_back_without_a_word_or_with_one(arrays, tmp_path, silent):
    path = tmp_path / "saved.npz"
    save_run(simulate(RunConfig(steps=10, method="momentum")), path)
    recording = load_snapshots(npz(tmp_path / "some.npz", **arrays))
    for save, load in ((None, load_run), (lambda: save_recording(recording, path), load_recording)):
        if save is not None:
            save()
        load(path)
        with np.load(path) as held:
            changed = npz(tmp_path / "changed.npz", **held, velocty_W=np.zeros(3))
        unused(load, changed, "holds velocty_W, not used here: those that python -m ulpm_core")


def test_a_command_says_it_in_one_line(arrays, tmp_path, capsys):
    path = npz(tmp_path / "some.npz", **arrays, b=np.zeros(4))
    assert cli.main(["measure", str(path)]) == 0
    line = f"python -m ulpm_core measure: features = {path} holds b, not used here: H, labels, W, bias are.\n"
    assert capsys.readouterr().err == line
    assert app_command.main(["film", str(path), "--out", str(tmp_path / "film.html")]) == 0
    assert "python -m app film: features = " in capsys.readouterr().err


def test_of_two_values_of_a_name_none_is_taken(tmp_path):
    with refused("config", "not JSON (steps stands there twice)"):
        RunConfig.from_json('{"steps": 5, "steps": 6}')
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = npz(tmp_path / "twice.npz", W=np.eye(2))
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("W.npy", archive.read("W.npy"))
    with refused("field", "2 arrays of the name W"):
        read_npz(path, "field", "example.npz", names=("H",))


@pytest.mark.parametrize("kind", ["pipe", "device", "kernel", "folder", "link"])
def test_only_regular_files_are_read(tmp_path, capsys, kind):
    """A pipe would be waited for and a device never end, whichever command is given it."""
    places = {"device": "/dev/zero", "kernel": "/proc/kmsg", "folder": str(tmp_path)}
    path = places.get(kind, str(tmp_path / "odd"))
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        Path(path).symlink_to("/dev/zero")
    if not Path(path).exists():
        pytest.skip(f"{path} is not there")
    said = {"kernel": "", "folder": "is a folder"}.get(kind, "is a pipe or a device, no file")
    out = tmp_path / "out.npz"
    for line in (["measure", path], ["run", "--initial-state", path], ["run", "--config", path]):
        assert cli.main(line + ["--out", str(out)] * (line[0] == "run")) == 2
        assert said in capsys.readouterr().err
    assert app_command.main(["film", path, "--out", str(tmp_path / "out.html")]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.glob("out*"))


def test_a_config_of_many_megabytes_is_no_config(tmp_path, capsys):
    path = tmp_path / "config.json"
    path.write_bytes(b" " * (2**20 + 1))
    assert cli.main(["run", "--config", str(path), "--out", str(tmp_path / "run.npz")]) == 2
    assert "1,048,577 bytes" in capsys.readouterr().err


@pytest.mark.parametrize("command", [("measure",), ("run", "--steps", "1", "--out", "run.npz", "--initial-state")])
@pytest.mark.parametrize(
    ("wrong", "named"), [({"H": None, "Hh": LABELS}, "Hh"), ({"W": np.zeros((3, 2, 4)), "b": LABELS}, "b")]
)
def test_a_refusal_names_them_in_its_one_line(arrays, tmp_path, monkeypatch, capsys, command, wrong, named):
    monkeypatch.chdir(tmp_path)
    path = npz(
        tmp_path / "some.npz", **{name: array for name, array in {**arrays, **wrong}.items() if array is not None}
    )
    assert cli.main([*command, str(path)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f". It holds {named}, not used here: " in said
    assert not (tmp_path / "run.npz").exists()


def test_runs_and_ensembles_are_told_from_what_is_measured_or_shown(tmp_path, capsys):
    run, many = str(tmp_path / "run.npz"), str(tmp_path / "many.npz")
    assert cli.main(["run", "--steps", "5", "--out", run]) == 0
    assert cli.main(["ensemble", "--runs", "2", "--steps", "5", "--out", many]) == 0
    capsys.readouterr()
    assert cli.main(["measure", run]) == 0
    assert capsys.readouterr().err == ""  # nothing of a run is unused
    assert [cli.main(["measure", many]), app_command.main(["film", many, "--out", str(tmp_path / "film.html")])] == [
        2,
        2,
    ]
    measured, filmed = capsys.readouterr().err.splitlines()
    assert f"python -m ulpm_core measure: features = {many} is an ensemble, whose figures it holds itself: " in measured
    assert f"python -m app film: run = {many} is an ensemble, which keeps only where its runs end: " in filmed
