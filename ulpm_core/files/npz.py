"""Named arrays on disk: read without unpickling anything, written whole or not at all."""

from __future__ import annotations

import math
import os
import stat
import threading
import warnings
import zipfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from ulpm_core.model.refusal import ConfigError, UnusedWarning, shown, shown_path, unfit

MAX_BYTES: Final = 2 * 2**30
"""Most that a file's arrays may claim together: checked in their headers, before anything is allocated."""
MOST_ARRAYS: Final = 2000
MOST_NAMED: Final = 5
"""Arrays that a warning names; it counts the rest."""
TYPES: Final = {"iu": "int64", "f": "float64", "iuf": "float64", "U": "str"}
"""A dtype that fits, by the kinds that do."""
LONGEST_HEADER: Final = 10_000
"""Most that NumPy itself believes of an array's header; it would first read up to 4 GB of one."""


class _Refused(Exception):  # noqa: N818 - it becomes a sentence
    """The reason for which a file is not read, in our own words."""


def refuse_other_than_files(path: str | Path, most: int | None = None) -> int:
    """Returns the size of a file in bytes. Raises OSError, which says why, for what is no regular file (a pipe would
    be waited for, a device never ends) and for one of more than `most` bytes.
    """
    found = Path(path).stat()
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(21, "is a folder")
    if not stat.S_ISREG(found.st_mode):
        raise OSError(22, "is a pipe or a device, no file")
    if most is not None and found.st_size > most:
        raise OSError(27, f"holds {found.st_size:,} bytes, and at most {most:,} are read")
    return found.st_size


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
        if isinstance(source, (str, Path)):
            _refuse_unreadable(source)
        with zipfile.ZipFile(source) as archive:
            members = archive.namelist()
            if len(members) > MOST_ARRAYS:
                raise _Refused(f"holds {len(members):,} arrays, and at most {MOST_ARRAYS:,} are read")
            twice, times = Counter(m.removesuffix(".npy") for m in members).most_common(1)[0] if members else ("", 0)
            if times > 1:
                raise _Refused(f"holds {times} arrays of the name {shown(twice)}")
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
    except _Refused as hostile:
        why = str(hostile)
    except MemoryError:
        why = "needs more memory than this machine has"
    except Exception as error:  # noqa: BLE001 - a hostile file may fail anywhere inside zipfile or NumPy
        why = f"cannot be read ({shown(error)})"
    raise unfit(field, f"{where} {why}", "give a file of numbers that numpy.savez wrote", example)


def _refuse_unreadable(path: str | Path) -> None:
    try:
        size = refuse_other_than_files(path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _Refused(str(error.strerror)) from None
    if not size:  # what the kernel makes up as it is read says so, too, and may wait
        raise _Refused("cannot be read (it is empty)")


@contextmanager
def unused_named(source: str | Path | BinaryIO, field: str, used: Collection[str], example: str = "") -> Iterator[None]:
    """:func:`warn_of_unused` once a file is read; where it is refused, the refusal itself names what nobody uses, since
    that may be what is missing, for want of a letter.
    """
    try:
        yield
    except ConfigError as refusal:
        words = words_for_unused(source, used, example)
        raise refusal.said_of(refusal.field, f"{refusal} It {words}" if words else None) from None
    warn_of_unused(source, field, used, example, frames=5)


def warn_of_unused(
    source: str | Path | BinaryIO, field: str, used: Collection[str], example: str = "", frames: int = 3
) -> None:
    """Warns by :class:`UnusedWarning` of a file's arrays that are none of those used; `example` is what to say
    of those, if not all; `frames` further out stands who reads the file.
    """
    if words := words_for_unused(source, used, example):
        where = f"{field} = {shown_path(source)}" if isinstance(source, (str, Path)) else field
        warnings.warn(f"{where} {words}", UnusedWarning, stacklevel=frames)


def words_for_unused(source: str | Path | BinaryIO, used: Collection[str], example: str = "") -> str:
    """Names the arrays of a file that nobody uses, as the end of a sentence; empty where everything is used."""
    unused = sorted(name for name in held_names(source) if name not in used)
    return f"holds {listed(unused)}, not used here: {example or ', '.join(used)} are." if unused else ""


def listed(names: Sequence[str]) -> str:
    """The names as they may be repeated in a message, the first few of them.

    >>> listed(["b", "c"]), listed(list("abcdefg"))
    ('b, c', 'a, b, c, d, e and 2 more')
    """
    more = len(names) - MOST_NAMED
    return ", ".join(map(shown, names[:MOST_NAMED])) + (f" and {more} more" if more > 0 else "")


def held_names(source: str | Path | BinaryIO) -> set[str]:
    """The names of a file's arrays, none of which is read; nothing of a file that is no .npz."""
    try:
        if isinstance(source, (str, Path)):
            refuse_other_than_files(source)
        else:
            source.seek(0)
        with zipfile.ZipFile(source) as archive:
            return {name.removesuffix(".npy") for name in archive.namelist()}
    except Exception:  # noqa: BLE001 - a hostile file may fail anywhere inside zipfile; who reads it says why
        return set()


def _claimed_bytes(archive: zipfile.ZipFile, name: str) -> int:
    with archive.open(name) as member:
        version = np.lib.format.read_magic(member)
        size = 2 if version == (1, 0) else 4
        if int.from_bytes(member.read(size), "little") > LONGEST_HEADER:
            raise _Refused(f"holds {shown(name)} with a header of over {LONGEST_HEADER:,} bytes")
        member.seek(np.lib.format.MAGIC_LEN)
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
    """Gives a neighbour of `path` to write to, which takes its place if all goes well: a reader sees the old file or
    the new.

    If not, nothing is left of it. A link is followed. Raises OSError for a folder, a pipe or a device.
    """
    target = _replaceable(path)
    partial = _neighbour(target, suffix)
    try:
        yield partial
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def probe(path: Path) -> None:
    """Raises OSError where :func:`whole_file` could not write: a run of an hour should not find out at its end."""
    partial = _neighbour(_replaceable(path), ".probe")
    try:
        partial.touch()
    except OSError as error:
        error.filename = str(path)  # nobody asked for the neighbour
        raise
    partial.unlink()


def _replaceable(path: Path) -> Path:
    """The file behind any links, there or not: whoever may write to /dev could put a file in the place of a device."""
    target = Path(os.path.realpath(path))
    try:
        refuse_other_than_files(target)
    except FileNotFoundError:
        pass
    except OSError as error:
        error.filename = str(path)
        raise
    return target


def _neighbour(path: Path, suffix: str) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}{suffix}")


def fitting(arrays: Mapping[str, np.ndarray], name: str, shape: tuple[int, ...], kinds: str, field: str) -> np.ndarray:
    """The array of that name, if it has that shape and one of the dtype kinds; else :class:`ConfigError`.

    >>> fitting({"step": np.arange(3)}, "step", (3,), "iu", "net")
    array([0, 1, 2])
    """
    do, example = f"save {name} with shape {shape}", f"numpy.savez(path, {name}={name})"
    if name not in arrays:
        raise unfit(field, f"{field} has no array {name}", do, example)
    array = arrays[name]
    if array.shape != shape or array.dtype.kind not in kinds:
        held = f"shape {shown(array.shape)} and type {shown(array.dtype)}"
        if array.dtype.kind not in kinds:
            do, example = f"{do} and type {TYPES[kinds]}", f"numpy.savez(path, {name}={name}.astype('{TYPES[kinds]}'))"
        raise unfit(field, f"{field} holds {name} of {held}", do, example)
    return array
