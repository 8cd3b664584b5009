"""Named arrays on disk: read without unpickling anything, written whole or not at all."""

from __future__ import annotations

import math
import os
import threading
import zipfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from ulpm_core.model.parameters import ConfigError, shown, shown_path

MAX_BYTES: Final = 2 * 2**30
"""Most that a file's arrays may claim together: checked in their headers, before anything is allocated."""
MOST_ARRAYS: Final = 2000


class _Refused(Exception):  # noqa: N818 - it becomes a sentence
    """Why a file is not read, in our own words."""


def read_npz(
    source: str | Path | BinaryIO,
    field: str,
    example: str,
    most: int = MAX_BYTES,
    names: Collection[str] | None = None,
) -> dict[str, np.ndarray]:
    """The arrays of an .npz file, or of an open one such as an upload, if they claim at most so many bytes.

    `names` are those that are read if they are there, and no others; None reads all. Raises :class:`ConfigError` for a
    file that is missing, damaged, pickled or huge.
    """
    where = f"{field} = {shown_path(source)}" if isinstance(source, (str, Path)) else field
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.namelist()
            if len(members) > MOST_ARRAYS:
                raise _Refused(f"holds {len(members):,} arrays, and at most {MOST_ARRAYS:,} are read")
            wanted = [m for m in members if names is None or m.removesuffix(".npy") in names]
            claimed = sum(_claimed_bytes(archive, member) for member in wanted)
        if claimed > most:
            raise _Refused(f"claims {claimed / 2**20:,.0f} MB, and at most {most / 2**20:,.0f} are read")
        if not isinstance(source, (str, Path)):
            source.seek(0)
        with np.load(source, allow_pickle=False) as data:
            return {name: data[name] for name in data.files if names is None or name in names}
    except FileNotFoundError:
        why = "does not exist"
    except IsADirectoryError:
        why = "is a folder"
    except _Refused as hostile:
        why = str(hostile)
    except MemoryError:
        why = "needs more memory than this machine has"
    except Exception as error:  # noqa: BLE001 - a hostile file may fail anywhere inside zipfile or NumPy
        why = f"cannot be read ({shown(error)})"
    raise ConfigError(field, f"{where} {why}: give a file of numbers that numpy.savez wrote, for example {example}.")


def held_names(path: str | Path) -> set[str]:
    """The names of a file's arrays, none of which is read; nothing of a file that is no .npz."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {name.removesuffix(".npy") for name in archive.namelist()}
    except Exception:  # noqa: BLE001 - a hostile file may fail anywhere inside zipfile; who reads it says why
        return set()


def _claimed_bytes(archive: zipfile.ZipFile, name: str) -> int:
    with archive.open(name) as member:
        version = np.lib.format.read_magic(member)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(member)
    if dtype.hasobject:
        raise _Refused(f"holds Python objects in {shown(name)}")
    return math.prod(map(int, shape)) * dtype.itemsize


def write_npz(path: str | Path, arrays: Mapping[str, Any], compress: bool = True) -> None:
    """Writes the arrays whole or not at all."""
    with whole_file(Path(path), ".npz") as partial:
        (np.savez_compressed if compress else np.savez)(partial, allow_pickle=False, **arrays)


@contextmanager
def whole_file(path: Path, suffix: str) -> Iterator[Path]:
    """A neighbour of `path` to write to, which takes its place if all goes well: a reader sees the old file or the new.

    If not, nothing is left of it.
    """
    partial = _neighbour(path, suffix)
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def probe(path: Path) -> None:
    """Raises OSError where :func:`whole_file` could not write: a run of an hour should not find out at its end."""
    partial = _neighbour(path, ".probe")
    partial.touch()
    partial.unlink()


def _neighbour(path: Path, suffix: str) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}{suffix}")


def fitting(arrays: Mapping[str, np.ndarray], name: str, shape: tuple[int, ...], kinds: str, field: str) -> np.ndarray:
    """The array of that name, if it has that shape and one of the dtype kinds; else :class:`ConfigError`.

    >>> fitting({"step": np.arange(3)}, "step", (3,), "iu", "net")
    array([0, 1, 2])
    """
    wanted = f"save {name} with shape {shape}, for example numpy.savez(path, {name}={name})."
    if name not in arrays:
        raise ConfigError(field, f"{field} has no array {name}: {wanted}")
    array = arrays[name]
    if array.shape != shape or array.dtype.kind not in kinds:
        held = f"shape {shown(array.shape)} and type {shown(array.dtype)}"
        raise ConfigError(field, f"{field} holds {name} of {held}: {wanted}")
    return array
