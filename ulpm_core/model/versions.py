"""The versions of what computes: this package, NumPy and Python."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

import numpy as np

PACKAGE: Final = "collapse-lab"


@cache
def versions() -> dict[str, str]:
    """Returns the version of each by its name; of a copy that is run without being installed, "not installed".

    >>> list(versions())
    ['collapse-lab', 'numpy', 'python']
    """
    try:
        own = version(PACKAGE)
    except PackageNotFoundError:
        own = "not installed"
    return {PACKAGE: own, "numpy": np.__version__, "python": platform.python_version()}
