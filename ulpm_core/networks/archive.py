"""Named arrays on disk: read without unpickling anything, written whole or not at all."""

from __future__ import annotations

import math
import os
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from ulpm_core.model.parameters import ConfigError, shown, shown_path

MAX_BYTES: Final = 2 * 2**30
"""Most that a file's arrays may claim together: checked in their headers, before anything is allocated."""
NUMBERS_AND_TEXT: Final = "biufU"


def read_npz(source: str | Path | BinaryIO, field: str, example: str, most: int = MAX_BYTES) -> dict[str, np.ndarray]:
    """All arrays of an .npz file, or of an open one such as an upload, if they claim at most so many bytes.

    Raises :class:`ConfigError` for one that is missing, damaged, pickled or huge.
    """
    where = f"{field} = {shown_path(source)}" if isinstance(source, (str, Path)) else field
    try:
        with zipfile.ZipFile(source) as archive:
            claimed = sum(_claimed_bytes(archive, info.filename) for info in archive.infolist())
        if claimed > most:
            raise ValueError(f"it claims {claimed / 2**20:,.0f} MB, {most / 2**20:,.0f} are read")
        if not isinstance(source, (str, Path)):
            source.seek(0)
        with np.load(source, allow_pickle=False) as data:
            return {name: data[name] for name in data.files}
    except FileNotFoundError:
        why = "does not exist"
    except IsADirectoryError:
        why = "is a folder"
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
    if dtype.kind not in NUMBERS_AND_TEXT:
        raise ValueError(f"{name} holds no numbers")
    return math.prod(map(int, shape)) * dtype.itemsize


def write_npz(path: str | Path, arrays: Mapping[str, Any], compress: bool = True) -> None:
    """Writes the arrays to a neighbour of `path`, which then takes its place: a reader sees the old file or the new."""
    path = Path(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.npz")
    try:
        (np.savez_compressed if compress else np.savez)(partial, allow_pickle=False, **arrays)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


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
