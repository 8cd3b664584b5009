"""`start.npz`: the state that a run starts from. Nothing is ever unpickled."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from ulpm_core.files.arrays import fitting_numbers, read_numbers, refuse_without
from ulpm_core.files.npz import unused_named
from ulpm_core.model.state import State

START_ARRAYS: Final = ("W", "H", "labels")


def load_state(path: str | Path) -> State:
    """The start state W (K, d), H (d, N) of a file such as start.npz; with labels (N,), columns are put in the order
    of classes, and stay in their own within a class, as `State.order` says. Without, they are in it already, as many
    of each class.
    """
    with unused_named(path, "initial_state", START_ARRAYS):
        return _start(read_numbers(path, "initial_state", "start.npz", START_ARRAYS))


def _start(arrays: dict[str, np.ndarray]) -> State:
    refuse_without(arrays, ("W", "H"), "initial_state")
    if "labels" not in arrays:
        return State(arrays["W"], arrays["H"])
    labels, N = arrays["labels"], arrays["H"].shape[-1] if arrays["H"].ndim else 0
    labels = fitting_numbers("labels", labels, (N,), f"{N} whole numbers, one a column of H", "iu")
    return State(arrays["W"], arrays["H"], labels)
