"""A saved run, some of whose arrays a test replaces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ulpm_core.files.run import save_run


@pytest.fixture
def saved(run, tmp_path):
    """Saves the module's `run` with some arrays replaced (None: left out) and gives the path."""
    save_run(run, tmp_path / "good.npz")
    with np.load(tmp_path / "good.npz") as data:
        good = dict(data)

    def save(**changes) -> Path:
        arrays = {name: array for name, array in (good | changes).items() if array is not None}
        np.savez(tmp_path / "changed.npz", **arrays)
        return tmp_path / "changed.npz"

    return save
