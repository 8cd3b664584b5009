"""`ensemble.npz`: many runs on disk, with the end states only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ulpm_core.files.npz import write_npz
from ulpm_core.model.config import VARIES

if TYPE_CHECKING:  # Numba takes a second that the command line's refusals must not
    from ulpm_core.analysis.ensemble import Ensemble

MANY_ARRAYS: Final = ("step", "log_time", "reached", "right_hand_sides")


def save_ensemble(found: Ensemble, path: Path) -> None:
    """Writes ensemble.npz whole or not at all: metrics, step and log_time (R, T), end states, what differs (R,).

    >>> from tempfile import TemporaryDirectory
    >>> from ulpm_core import RunConfig
    >>> from ulpm_core.analysis.ensemble import ensemble, starts
    >>> found = ensemble(starts(RunConfig(classes=3, dimension=2, per_class=2, steps=5), 4))
    >>> with TemporaryDirectory() as folder:
    ...     save_ensemble(found, Path(folder) / "ensemble.npz")
    ...     with np.load(f"{folder}/ensemble.npz") as held:
    ...         held["gamma"].shape, held["W"].shape
    ((4, 6), (4, 3, 2))
    """
    many = found.many
    arrays: dict[str, Any] = {name: np.array([getattr(c, name) for c in many.configs]) for name in VARIES}
    arrays |= {**found.metrics, **{name: getattr(many, name) for name in MANY_ARRAYS}}
    arrays |= {"W": many.W[:, -1], "H": many.H[:, -1], "labels": many.configs[0].labels}
    arrays |= {"config": many.configs[0].to_json(), "stop_reason": np.array(many.stop_reasons)}
    arrays["outcome"] = np.array([str(outcome) for outcome in many.outcomes])
    write_npz(path, arrays)
