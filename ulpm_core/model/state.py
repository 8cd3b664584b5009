"""`State`: one point (W, H) of the model, frozen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from ulpm_core.model.brief import Brief
from ulpm_core.model.losses import Array
from ulpm_core.model.refusal import ConfigError

MAX_ENTRY: Final = 1e100
"""Logits of such entries, and the step after them, are still finite in float64."""


@dataclass(frozen=True, eq=False, repr=False)
class State(Brief):
    """Classifiers W (K, d) and features H (d, N), columns grouped by class: all of class 0 first.

    The arrays are float64 copies that cannot be written to. Raises :class:`ConfigError` for wrong shapes,
    N not a multiple of K, or entries that are not finite.

    >>> State(np.eye(2), np.eye(2)).shape
    (2, 2, 1)
    """

    W: Array
    H: Array

    def __post_init__(self) -> None:
        for name in ("W", "H"):
            try:
                given = np.asarray(getattr(self, name))
                if np.iscomplexobj(given):
                    raise TypeError
                array = np.array(given, dtype=np.float64, order="C")
            except (TypeError, ValueError):
                raise ConfigError(name, f"{name} does not hold numbers: save it as a float64 array.") from None
            if array.ndim != 2:
                want = "(K, d)" if name == "W" else "(d, N)"
                last = f", for example {name}[-1]" if array.ndim == 3 else ""
                raise ConfigError(name, f"{name} has shape {array.shape}: save it with shape {want}{last}.")
            if not np.isfinite(array).all():
                raise ConfigError(name, f"{name} holds NaN or infinity: every entry must be a finite number.")
            if array.size and np.abs(array).max() > MAX_ENTRY:
                raise ConfigError(
                    name, f"{name} holds {np.abs(array).max():.3g}: use entries from -1e100 to 1e100, for example 1."
                )
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        (K, d), (rows, N) = self.W.shape, self.H.shape
        if rows != d:
            raise ConfigError("H", f"H has {rows} rows but W has {d} columns: both are the dimension d.")
        if K < 2:
            rows_of = "1 row" if K == 1 else f"{K} rows"
            raise ConfigError("W", f"W has {rows_of}: there must be 2 to 1000 classes, for example 4.")
        if N == 0 or N % K:
            fits = max(1, N // K) * K
            raise ConfigError("H", f"H has {N} columns for {K} classes: use n for each class, for example {fits}.")

    @classmethod
    def reached(cls, W: Array, H: Array) -> State:
        """A state that a run reached: the first one past divergence may be larger than a start may be."""
        state = object.__new__(cls)
        for name, block in (("W", W), ("H", H)):
            array = np.array(block, dtype=np.float64, order="C")
            array.setflags(write=False)
            object.__setattr__(state, name, array)
        return state

    @property
    def shape(self) -> tuple[int, int, int]:
        """(K, d, n)."""
        K, d = self.W.shape
        return K, d, self.H.shape[1] // K

    @property
    def digest(self) -> str:
        """SHA-256 of shapes and entries."""
        sha = hashlib.sha256(repr((self.W.shape, self.H.shape)).encode())
        for array in (self.W, self.H):
            sha.update(array.tobytes())
        return sha.hexdigest()
