"""What several tests of networks share: a run of a second, and when two recordings are the same."""

from __future__ import annotations

import numpy as np

from ulpm_core.files.recording import arrays_of
from ulpm_core.networks.config import NetworkConfig

SMALL = NetworkConfig(
    classes="0,1,2", per_class=40, width=12, depth=2, epochs=3, batch_size=32, log_time_steps=12, snapshots=16
)

LONG = SMALL.with_changes(epochs=100, log_time_steps=50)
LONG_STEPS = 350


def same(a, b) -> bool:
    ours, theirs = arrays_of(a), arrays_of(b)
    return set(ours) == set(theirs) and all(
        np.array_equal(ours[name], theirs[name], equal_nan=np.asarray(ours[name]).dtype.kind == "f") for name in ours
    )
