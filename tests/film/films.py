"""The runs of which the tests make films, and how these tests read a film's bytes."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from ulpm_core import RunConfig

CONFIGS = {
    "default": RunConfig(steps=3000),
    "smallest": RunConfig(classes=2, dimension=1, per_class=1, steps=50),
    "plane": RunConfig(classes=3, dimension=2, per_class=8, steps=1000, method="momentum"),
    "crowded": RunConfig(classes=6, dimension=3, per_class=4, steps=500, learning_rate=0.3),
    "shadow": RunConfig(classes=7, dimension=9, per_class=5, steps=300, loss_reduction="mean", learning_rate=2.0),
    "roomy": RunConfig(classes=3, dimension=5, per_class=6, steps=400, method="normalised-gradient-descent"),
    "thinned": RunConfig(classes=4, dimension=3, per_class=1500, steps=300, learning_rate=1e-3),
    "diverged": RunConfig(learning_rate=20.0),
    "one step": RunConfig(steps=1),
    "flow": RunConfig(method="gradient-flow", log_time=400.0, per_class=8, dimension=4),
    "fast-forward": RunConfig(steps=500, per_class=8, fast_forward=1e5, snapshots=80),
}


every = pytest.mark.parametrize("name", CONFIGS)


def strict(text: bytes | str):
    """JSON that a browser reads: no NaN, no Infinity."""

    def never(word: str):
        raise AssertionError(f"{word} in the header")

    return json.loads(text, parse_constant=never)


def parts(document: bytes) -> tuple[dict, int]:
    """The header, and where the arrays start."""
    (length,) = struct.unpack("<I", document[8:12])
    return strict(document[12 : 12 + length]), 12 + length


# -- words and marks -----------------------------------------------------------------------------------------------


def separation_step(run) -> int | None:
    """The first recorded step from which every sample is, and stays, on its own side; None if never or always."""
    right = [bool((np.argmax(W @ H, axis=0) == run.labels).all()) for W, H in zip(run.W, run.H, strict=True)]
    if right[-1] is False or all(right):
        return None
    return int(run.step[len(right) - right[::-1].index(False)])
