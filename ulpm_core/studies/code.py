"""Names the code of the core, so that one table never holds the figures of two versions."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

CORE: Final = Path(__file__).parents[1]
BESIDE: Final = ("numpy", "numba", "scipy")
"""Packages that may add up in another order with every version."""


@cache
def code_of_the_core() -> str:
    """Returns a name for the files of ulpm_core and the versions of what it computes with: 16 hexadecimal digits."""
    found = hashlib.sha256()
    for path in sorted(CORE.rglob("*.py")):
        found.update(str(path.relative_to(CORE)).encode() + b"\0" + path.read_bytes())
    for package in BESIDE:
        found.update(f"{package} {version(package)}\n".encode())
    return found.hexdigest()[:16]
