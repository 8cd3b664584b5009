"""Figures as JSON can hold them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Returns a value as strict JSON holds it: a named tuple by its fields, arrays and other tuples as lists, and None
    for a number that is infinite or not defined.

    >>> plain({"norms": np.array([1.0, np.inf]), "window": (2, math.nan)})
    {'norms': [1.0, None], 'window': [2, None]}
    """
    if isinstance(value, str):
        return str(value)  # of an enumeration its value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, np.ndarray):
        finite = value.dtype.kind != "f" or np.isfinite(value).all()
        return value.tolist() if finite else plain(value.tolist())
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, Mapping):
        return {name: plain(part) for name, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, (list, tuple)) else value
