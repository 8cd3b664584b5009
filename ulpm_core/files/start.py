"""`start.npz`: the state that a run starts from. Nothing is ever unpickled."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ulpm_core.files.arrays import fitting_numbers, read_numbers, refuse_without
from ulpm_core.files.npz import unused_named
from ulpm_core.model.state import State

START_ARRAYS: Final = ("W", "H", "labels")


def load_state(path: str | Path) -> State:
    """The start state W (K, d), H (d, N) of a file such as start.npz; with labels (N,), columns are put in the order
    of classes, and stay in their own within a class, as `State.order` says. Without, they are in it already, as many
    of each class.

    Raises :class:`ConfigError` for a file that holds no such state.

    >>> import numpy as np
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     np.savez(f"{folder}/start.npz", W=np.eye(2), H=np.eye(2, 4), labels=[1, 0, 0, 1])
    ...     load_state(f"{folder}/start.npz").order.tolist()
    [1, 2, 0, 3]
    """
    with unused_named(path, "initial_state", START_ARRAYS):
        arrays = read_numbers(path, "initial_state", "start.npz", START_ARRAYS)
        refuse_without(arrays, ("W", "H"), "initial_state")
        H, labels = arrays["H"], arrays.get("labels")
        if labels is not None:
            N = H.shape[-1] if H.ndim else 0
            labels = fitting_numbers("labels", labels, (N,), f"{N} whole numbers, one a column of H", "iu")
        return State(arrays["W"], H, labels)
