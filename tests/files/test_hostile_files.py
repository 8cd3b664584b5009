"""Files that mean harm, or are none: refused by every reader, and never unpickled."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from reference import refused

from ulpm_core import ConfigError
from ulpm_core.files.features import load_features
from ulpm_core.files.run import load_run
from ulpm_core.files.start import load_state

# -- any .npz ------------------------------------------------------------------------------------------------------


MARK = "a-pickle-was-loaded"


class Bomb:
    """What a pickle may do when it is loaded."""

    def __init__(self, mark: Path):
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


def header_only(path: Path, name: str, shape: str, dtype: str = "<f8", body: bytes = b"\0" * 64) -> Path:
    """An .npz whose one member claims a shape that it does not hold."""
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + body)
    return path


def hostile(kind: str, path: Path) -> Path:
    if kind == "objects":
        np.savez(path, W=np.array([[Bomb(path.parent / MARK)]], dtype=object), H=np.eye(2))
    elif kind == "pickle member":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("W.npy", pickle.dumps(Bomb(path.parent / MARK)))
    elif kind == "bare pickle":
        path.write_bytes(pickle.dumps(Bomb(path.parent / MARK)))
    elif kind == "text":
        path.write_text("not a zip")
    elif kind == "empty file":
        path.write_bytes(b"")
    elif kind == "npy":
        np.save(path.with_suffix(".npy"), np.eye(2))
        path = path.with_suffix(".npy")
    elif kind == "5 GB":
        header_only(path, "W", "(25000, 25000)")
    elif kind == "beyond int64":
        header_only(path, "W", "(9999999999, 9999999999, 9999999999)")
    elif kind == "truncated array":
        header_only(path, "W", "(1000, 1000)")
    elif kind == "negative shape":
        header_only(path, "W", "(-1, -5)")
    elif kind == "no tuple":
        header_only(path, "W", "__import__('os')")
    elif kind == "damaged zip":
        np.savez(path, W=np.eye(3), H=np.eye(3))
        data = bytearray(path.read_bytes())
        data[100:160] = b"\xff" * 60
        path.write_bytes(data)
    elif kind == "truncated zip":
        np.savez(path, W=np.eye(3), H=np.eye(3))
        path.write_bytes(path.read_bytes()[:-30])
    elif kind == "escaping name":
        with zipfile.ZipFile(path, "w") as archive:
            for name in ("../../evil.npy", "../W.npy", "../H.npy"):
                archive.writestr(name, "x")
    return path


KINDS = [
    "objects",
    "pickle member",
    "bare pickle",
    "text",
    "empty file",
    "npy",
    "5 GB",
    "beyond int64",
    "truncated array",
    "negative shape",
    "no tuple",
    "damaged zip",
    "truncated zip",
    "escaping name",
]


LOADERS = [(load_state, "initial_state"), (load_features, "features"), (load_run, "run")]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("load", "field"), LOADERS, ids=["state", "features", "run"])
def test_a_hostile_file_is_refused_and_never_unpickled(tmp_path, kind, load, field):
    mark = tmp_path / MARK
    mark.unlink(missing_ok=True)
    path = hostile(kind, tmp_path / "bad.npz")
    with refused(field, "has no array" if kind == "escaping name" else str(path)[-60:]):
        load(path)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("kind", "said"),
    [("5 GB", "claims 4,768 MB, and at most 2,048"), ("objects", "Python objects in"), ("text", "numpy.savez")],
)
def test_a_hostile_file_is_named_for_what_it_is(tmp_path, kind, said):
    with pytest.raises(ConfigError) as caught:
        load_state(hostile(kind, tmp_path / "bad.npz"))
    assert said in str(caught.value)


@pytest.mark.parametrize(("load", "field"), LOADERS, ids=["state", "features", "run"])
def test_a_file_that_is_not_there_or_empty_is_refused(tmp_path, load, field):
    with refused(field, field, "does not exist", ".npz."):
        load(tmp_path / "no.npz")
    with refused(field, field, "is a folder", ".npz."):
        load(tmp_path)
    with zipfile.ZipFile(tmp_path / "empty.npz", "w"):
        pass
    with refused(field, "has no array", "for example numpy.savez"):
        load(tmp_path / "empty.npz")
