"""`njit`: Numba's, with compiled code kept on disk wherever that can be done.

Numba keeps it beside the source or in the user's cache, and takes a function that it can keep nowhere for an error: a
checkout and a home that nobody may write to would end every run.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from functools import cache
from inspect import unwrap
from pathlib import Path
from typing import Any, Final

import numba

ROOM: Final = 64 * 2**20
"""Bytes that a disk must have left: compiled code takes some ten million."""
CORE: Final = Path(__file__).parents[1]
COUNTED: Final[dict[str, Any]] = {"_nrt": True}
UNCOUNTED: Final[dict[str, Any]] = {"_nrt": False}
"""Whether compiled code counts references to arrays, which it must where it makes any. It inherits this from what calls
it. To count takes instructions that wait for every store before them: 4 % of a step at (K, d, n) = (4, 3, 30).
"""
log = logging.getLogger(__name__)


def njit(**options: Any) -> Callable[[Any], Any]:
    """`numba.njit`, whose `cache` is turned off where there is no place to keep anything.

    It compiles the function itself, also where tests have put a check of shapes around it. What was kept counts only
    while all `sources` are as they were: Numba looks at the function's own file, and kernels are made of many.
    """
    keeps = bool(options.get("cache")) and can_keep()
    compiled = numba.njit(**options | {"cache": keeps})

    def compiled_later(function: Any) -> Any:
        dispatcher = compiled(unwrap(function))
        if keeps:
            dispatcher._cache._cache_file._source_stamp = sources()
        return dispatcher

    return compiled_later


@cache
def sources() -> str:
    """The SHA-256 of all files that kernels are made of: those of dynamics, and of losses, rules and the like."""
    files = sorted({*(CORE / "dynamics").rglob("*.py"), *(CORE / "model").glob("*/*.py")})
    parts = (part for path in files for part in (str(path.relative_to(CORE)).encode(), path.read_bytes()))
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


@cache
def can_keep() -> bool:
    """Returns whether Numba can keep what it compiles. Where it has no place of its own it is given a folder of ours
    among the temporary files; a warning then says so, once.
    """
    if _has_place():
        return True
    given, folder = os.environ.get("NUMBA_CACHE_DIR", ""), private_folder()
    if folder is not None:
        _keep_in(str(folder))
        if _has_place():
            log.warning("Nothing can be written beside the code or at home: compiled code is kept in %s.", folder)
            return True
        _keep_in(given)
    log.warning("There is no place to keep compiled code: every start takes some 20 seconds more. Set NUMBA_CACHE_DIR.")
    return False


def _keep_in(folder: str) -> None:
    os.environ["NUMBA_CACHE_DIR"] = folder  # for the processes to come
    vars(numba.config)["CACHE_DIR"] = folder


def _has_place() -> bool:
    try:
        place = numba.njit(cache=True)(_nothing).stats.cache_path
    except RuntimeError:  # Numba's word for no place
        return False
    return place is not None and shutil.disk_usage(place).free > ROOM


def _nothing() -> None:
    pass


def private_folder() -> Path | None:
    """A folder among the temporary files that nobody else can write to, the same one each time if it can be had: what
    lies in it is run. None where there can be none.
    """
    user = os.getuid() if hasattr(os, "getuid") else "user"
    try:
        folder = Path(tempfile.gettempdir()) / f"collapse-lab-{user}"
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        mine = os.name != "posix" or (found.st_uid == user and not found.st_mode & (stat.S_IRWXG | stat.S_IRWXO))
        return folder if stat.S_ISDIR(found.st_mode) and mine else Path(tempfile.mkdtemp(prefix="collapse-lab-"))
    except FileExistsError:  # a file of that name
        return Path(tempfile.mkdtemp(prefix="collapse-lab-"))
    except OSError:
        return None
