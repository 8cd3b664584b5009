"""Arrays of a file as numbers that can be measured and shown, or a refusal that says what to save."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from ulpm_core.files.npz import read_npz
from ulpm_core.model.refusal import shown, unfit
from ulpm_core.model.state import MAX_ENTRY

MEASURABLE: Final = (1 / MAX_ENTRY, MAX_ENTRY)
"""Least and most that the largest entry may be, unless all are 0: sums of squares stay within float64."""
SHOWABLE: Final = (1e-30, 1e30)
"""The same for a run: a film holds float32, which ends at 3e38, and at 1e-38."""
LOG_RANGES: Final = {"log_time": (-np.inf, 1e100), "log_loss": (-1e100, 700.0)}
"""A start is at log_time -inf. e^700 is near the end of float64; entries of 1e30 make losses of about e^140."""


def read_numbers(path: str | Path, field: str, example: str, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Returns those arrays of an .npz file, real numbers as float64, where what lies beyond it is infinity."""
    arrays = read_npz(path, field, example, names=names)
    with np.errstate(over="ignore"):
        return {name: a.astype(np.float64) if a.dtype.kind == "f" else a for name, a in arrays.items()}


def refuse_without(arrays: dict[str, np.ndarray], names: tuple[str, ...], field: str) -> None:
    """Raises :class:`ConfigError` on `field` where one of these arrays is missing."""
    for name in names:
        if name not in arrays:
            raise unfit(
                field,
                f"{field} has no array {name}",
                f"save {', '.join(names[:-1])} and {names[-1]}",
                f"numpy.savez(path, {', '.join(f'{n}={n}' for n in names)})",
            )


def fitting_numbers(
    name: str, array: np.ndarray, shape: tuple[int, ...], wanted: str, kinds: str = "iuf"
) -> np.ndarray:
    """An array of that shape as float64, or as int64 where `kinds` are only whole numbers."""
    if array.shape != shape or array.dtype.kind not in kinds:
        raise unfit(name, f"{name} has shape {shown(array.shape)} and type {shown(array.dtype)}", f"save {wanted}")
    if "f" not in kinds:
        return array.astype(np.int64)  # beyond int64 they become negative, and are refused
    return np.ascontiguousarray(array, dtype=np.float64)


def outside(numbers: np.ndarray, low: float, high: float) -> np.ndarray:
    """The numbers that do not lie between these two, both included; NaN does not.

    >>> outside(np.array([0.0, 2.0, np.nan, 1.0]), 0.0, 1.0)
    array([ 2., nan])
    """
    return numbers[~((low <= numbers) & (numbers <= high))]


def bounded(name: str, numbers: np.ndarray, bounds: tuple[float, float], wanted: str) -> np.ndarray:
    """The numbers, if their largest is 0 or within the bounds; else :class:`ConfigError`."""
    if np.isnan(numbers).any():
        raise unfit(name, f"{name} holds NaN", f"save {wanted}")
    least, most = bounds
    largest = float(np.abs(numbers).max(initial=0.0))
    if largest > most or 0.0 < largest < least:
        held = "infinity" if largest == np.inf else f"{largest:.3g} as its largest entry"
        raise unfit(name, f"{name} holds {held}", f"save {wanted}, the largest between {least:g} and {most:g}", 1)
    return numbers
