"""Recordings of networks of which tests make films."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from unittest.mock import patch

import numpy as np
from networks.small import SMALL

from ulpm_core.files.features import load_snapshots

DECAYED = SMALL.with_changes(log_time_steps=0, weight_decay=5e-4, dimension=3, last_activation="none")


def foreign(recording):
    """The same network as if it had been trained elsewhere."""
    T = len(recording)
    return replace(recording, config=None, log_time=np.full(T, np.nan), phase=np.full(T, "recorded"))


def given(T=3, K=3, d=4, counts=(5, 7, 6), seed=0):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(K), counts)
    return {
        "H": rng.standard_normal((T, d, len(labels))), "W": rng.standard_normal((T, K, d)), "labels": labels,
    }  # fmt: skip


def snapshots_from(arrays, shown_per_class=30):
    """The recording of a file that holds these arrays."""
    file = BytesIO()
    np.savez(file, **arrays)
    with patch("ulpm_core.files.features.SHOWN_PER_CLASS", shown_per_class):
        return load_snapshots(file)
