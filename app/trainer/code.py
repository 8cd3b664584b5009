"""Names the code that trains, so that what other code has trained is not shown as its work."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import ulpm_core

ROOT: Final = Path(ulpm_core.__file__).parents[1]
TRAINS: Final = "ulpm_core.networks.training"
BESIDE: Final = ("numpy", "torch")
"""Packages that may add up in another order with every version."""
SAME: Final = ("d3da355842ed",)
"""Keys of earlier code whose trainings are those of today's: a test trains one of them anew. The key of commit 2c6888d
counted ulpm_core/networks alone, and no version of torch.
"""
IMPORT: Final = re.compile(r"^from (ulpm_core[\w.]*) import (\([^)]*\)|.*)", re.MULTILINE)
"""Imports at the head of a file: those in a function, or for types alone, are indented."""


def sources(root: Path = ROOT) -> dict[str, Path]:
    """Returns the files of ulpm_core that a training process imports to train, by the names of their modules.

    >>> {"ulpm_core.networks.training", "ulpm_core.analysis.collapse"} <= set(sources())
    True
    >>> "ulpm_core.film.network" in sources()
    False
    """
    found: dict[str, Path] = {}
    waiting = [TRAINS]
    while waiting:
        module = waiting.pop()
        path = _file_of(module, root)
        if module in found or path is None:
            continue
        found[module] = path
        waiting += [module.rpartition(".")[0]] * ("." in module)
        for package, names in IMPORT.findall(path.read_text(encoding="utf-8")):
            waiting += [package, *(f"{package}.{name}" for name in re.findall(r"\w+", names))]
    return dict(sorted(found.items()))


def _file_of(module: str, root: Path) -> Path | None:
    """Returns the file of a module, of a package its `__init__.py`; None for the name of something else."""
    place = root.joinpath(*module.split("."))
    return next((path for path in (place / "__init__.py", place.with_suffix(".py")) if path.is_file()), None)


def key(root: Path = ROOT) -> str:
    """Returns a name for the code that trains and measures and the versions of what it adds up with: 12 hexadecimal
    digits.
    """
    found = hashlib.sha256()
    for module, path in sources(root).items():
        found.update(f"{module}\n".encode() + path.read_bytes())
    for package in BESIDE:
        found.update(f"{package} {_version(package)}\n".encode())
    return found.hexdigest()[:12]


@cache
def todays_key() -> str:
    """Returns the key of the code that runs here."""
    return key()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
