"""What people give a recorder: numbers of any library, classes by number or name."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from typing import Any

from ulpm_core.model.parameters import ConfigError, shown
from ulpm_core.networks.files import is_plain


def whole(count: Any) -> int | None:
    """A whole number of Python, NumPy or torch; None of anything else."""
    try:
        return operator.index(count)
    except TypeError:
        return None


def number(epoch: Any) -> float:
    """A number of Python, NumPy or torch; NaN of anything else."""
    try:
        return math.nan if isinstance(epoch, (str, bytes)) else float(epoch)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def names_of(classes: Any) -> tuple[str, ...]:
    """The classes' names, as net.npz can hold them."""
    count = whole(classes)
    held = range(count) if count is not None else classes
    if isinstance(held, (str, bytes)) or not isinstance(held, Iterable) or len(names := tuple(map(str, held))) < 2:
        raise ConfigError(
            "classes", f"classes = {shown(classes)}: give their number, 2 or more, or their names, for example 10."
        )
    for name in names:
        if not is_plain(name):
            raise ConfigError("classes", f"classes: {shown(name)} is no name: use printable text, for example cat.")
    return names
