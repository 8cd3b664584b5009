"""A thousand files that no program wrote, at every command that reads one: an answer or one line, and nothing left."""

from __future__ import annotations

import io
import os
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from app import __main__ as app_command
from ulpm_core import ConfigError, RunConfig, State, cli, simulate
from ulpm_core.files.run import RUN_ARRAYS, save_run

HOSTILE_TYPES = ["f2", "f4", "f8", ">f8", "g", "i1", "u8", "?", "c16", "U3", "S3", "m8[s]", "M8[D]", "O", "V8", "i4,f8"]
HOSTILE_NUMBERS = [np.nan, np.inf, -np.inf, 1e300, -1e300, 1e-300, 5e-324, 0.0, 1e31, 2.0**63]
HOSTILE_NAMES = ["", "W", "../W", "/etc/W", "W\x00", "ö", "a\nb", "\u202eW", "W.npy", "x" * 500, "config", "epoch"]


@pytest.fixture(scope="module")
def wrote() -> list[dict[str, np.ndarray]]:
    """What programs do write: a run, features with all that may come with them, a start."""
    rng = np.random.default_rng(0)
    run = simulate(RunConfig(classes=3, dimension=2, per_class=2, steps=5, method="momentum"))
    held: dict[str, np.ndarray] = {name: getattr(run, name) for name in RUN_ARRAYS}
    held |= {"config": np.array(run.config.to_json()), "velocity_W": run.velocity.W, "velocity_H": run.velocity.H}
    W, H, labels = rng.standard_normal((3, 2)), rng.standard_normal((2, 6)), np.arange(6) % 3
    features = {
        "W": W,
        "H": H,
        "labels": labels,
        "bias": np.zeros(3),
        "epoch": np.zeros(1),
        "names": np.array(list("abc")),
    }
    return [held, features, {"W": W, "H": H, "labels": labels}]


def mutated(rng: np.random.Generator, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays with one to three things wrong."""
    arrays = dict(arrays)
    for _ in range(rng.integers(1, 4)):
        name = str(rng.choice(list(arrays)))
        array = arrays[name]
        match rng.integers(8):
            case 0:
                del arrays[name]
                arrays["H"] = arrays.get("H", np.zeros(0))
            case 1:
                with np.errstate(all="ignore"), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    kind = str(rng.choice(HOSTILE_TYPES))
                    arrays[name] = np.zeros(array.shape, kind) if array.dtype.kind in "US" else cast(array, kind)
            case 2 if array.dtype.kind == "f" and array.size:
                array = array.copy()
                with np.errstate(over="ignore"):
                    array.flat[rng.integers(array.size)] = rng.choice(HOSTILE_NUMBERS)
                arrays[name] = array
            case 3:
                arrays[name] = array[..., :-1] if array.ndim else array[None]
            case 4:
                arrays[name] = array[None] if rng.random() < 0.5 else array.reshape(-1)
            case 5:
                arrays[name] = np.zeros((0, *array.shape[1:]), array.dtype)
            case 6:
                arrays[str(rng.choice(HOSTILE_NAMES))] = array
            case 7 if array.dtype.kind == "f":
                with np.errstate(all="ignore"):
                    arrays[name] = array * 10.0 ** rng.integers(-300, 300)
    return arrays


def cast(array: np.ndarray, kind: str) -> np.ndarray:
    try:
        return array.astype(kind)
    except (TypeError, ValueError):
        return np.zeros(array.shape, kind)


def packed(arrays: dict[str, np.ndarray]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=True)
            archive.writestr(name + ".npy", member.getvalue())
    return buffer.getvalue()


def damaged(rng: np.random.Generator, data: bytes) -> bytes:
    """Bytes flipped, cut off, doubled, or followed by something."""
    match rng.integers(4):
        case 0:
            changed = bytearray(data)
            for where in rng.integers(len(data), size=rng.integers(1, 9)):
                changed[where] = rng.integers(256)
            return bytes(changed)
        case 1:
            return data[: rng.integers(len(data))]
        case 2:
            return data[rng.integers(len(data)) :] + data
    return data + rng.bytes(50)


def bomb(rng: np.random.Generator) -> bytes:
    """A header that claims what is not there, or is itself gigabytes long, in a few kilobytes."""
    shape = rng.choice(["(2000000000, 2)", "(99999999999, 99999999999)", "(-1,)", "(3, 2", "None", "(True, 2)"])
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    version, length = (b"\x02\x00", 2**32 - 1) if rng.random() < 0.3 else (b"\x01\x00", len(text))
    header = b"\x93NUMPY" + version + length.to_bytes(4 if version[0] == 2 else 2, "little") + text
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("W", "H", "labels"):
            archive.writestr(name + ".npy", header + bytes(2**20))
    return buffer.getvalue()


def commands(path: Path, folder: Path) -> list[tuple[object, list[str]]]:
    return [
        (cli.main, ["measure", str(path)]),
        (cli.main, ["run", "--initial-state", str(path), "--steps", "2", "--out", str(folder / "run.npz")]),
        (cli.main, ["run", "--config", str(path), "--steps", "2", "--out", str(folder / "run.npz")]),
        (app_command.main, ["film", str(path), "--out", str(folder / "film.html")]),
    ]


@pytest.mark.parametrize("part", range(10))
def test_a_thousand_hostile_files(wrote, empty, tmp_path, capsys, part):
    rng, path = np.random.default_rng(part), tmp_path / "hostile.npz"
    for i in range(100):
        arrays = wrote[rng.integers(3)]
        match rng.integers(5):
            case 0:
                data = packed(mutated(rng, arrays))
            case 1 | 2:
                data = packed(mutated(rng, mutated(rng, arrays)))
            case 3:
                data = damaged(rng, packed(arrays))
            case 4:
                data = bomb(rng)
        path.write_bytes(data)
        command, line = commands(path, empty)[int(rng.integers(4))]
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            code = command(line)
        said = capsys.readouterr()
        assert code in (0, 2, 3), (part, i, said)
        lines = said.err.splitlines()
        assert len(lines) <= 2, (part, i, said)
        assert all(text.isprintable() and text.startswith("python -m ") for text in lines), (part, i, said)
        if code == 2:
            assert lines and said.out == "", (part, i, said)
            assert list(empty.iterdir()) == [], (part, i)
        for left in empty.iterdir():
            assert left.name in ("run.npz", "film.html")
            left.unlink()


@pytest.mark.parametrize(
    "name", ["line\nbreak.npz", "\u202egnp.npz", "ö ä.npz", "-rf.npz", "x" * 200 + ".npz", "quote'\".npz"]
)
def test_a_file_of_any_name_is_read_or_refused_in_one_line(tmp_path, capsys, name):
    path = tmp_path / name
    path.write_bytes(b"no zip")
    assert cli.main(["measure", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said[:-1].isprintable()


@pytest.mark.parametrize("way", ["missing", "itself", "folder/", "null byte", "far too long"])
def test_paths_that_lead_nowhere(tmp_path, capsys, way):
    path = {"missing": "no", "folder/": "", "null byte": "a\x00b", "far too long": "x" * 5000}.get(way, "loop")
    if way == "itself":
        os.symlink(tmp_path / "loop", tmp_path / "loop")  # noqa: PTH211 - to itself
    for command, line in commands(tmp_path / path, tmp_path):
        assert command(line) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert said[:-1].isprintable()
        assert "--out" not in said
    assert not list(tmp_path.glob("*.*"))


LARGE_STARTS = [(1e29, 1.0), (1.0, 1e29), (1e29, 1e29), (1e99, 1e99), (1e99, 1e-100), (1e-100, 1e-100), (1e5, 1e5)]


@pytest.mark.parametrize(("w", "h"), LARGE_STARTS)
@pytest.mark.parametrize(
    "way",
    [
        {},
        {"method": "momentum"},
        {"method": "normalised-gradient-descent"},
        {"engine": "batched", "dtype": "float32"},
        {"dtype": "float32"},
    ],
    ids=str,
)
def test_a_start_of_any_size_runs_or_is_refused_without_a_warning(tmp_path, rng, w, h, way):
    """What diverges past the end of float64, or of float32, ends at its last state of numbers, and says when."""
    start = State(w * rng.standard_normal((4, 3)), h * rng.standard_normal((3, 8)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            run = simulate(RunConfig(steps=20, snapshots=5, **way), start)
        except ConfigError as refusal:
            assert "float32" in str(refusal)
            return
    assert np.isfinite(run.W).all()
    assert np.isfinite(run.H).all()
    assert run.outcome in ("done", "diverged")
    if run.outcome == "diverged":
        assert run.stop_reason.startswith("Diverged at step ")
    save_run(run, tmp_path / "run.npz")
    assert not list(tmp_path.glob(".*"))
