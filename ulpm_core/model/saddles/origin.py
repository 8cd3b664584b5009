"""The origin: W = 0 and H = 0."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ulpm_core.model.limits import MOST_CLASSES
from ulpm_core.model.saddles.saddle import Form, Saddle


def origin_form(K: int, n: int, mu: float) -> Form:
    """G = (11^T/K - I) Y: all its singular values are sqrt(n)."""
    return Form(n * K * math.log(K), 0.0, math.sqrt(n), K - 1, 0)


ORIGIN: Final = Saddle(
    name="origin",
    label="Origin",
    title="The origin",
    noun="the origin",
    words="Every classifier and every feature is zero, so all classes look alike.",
    sizes=range(2, MOST_CLASSES + 1),
    room=lambda K: 1,
    own=lambda d: 4,
    place=lambda K, n, mu: (np.zeros((K, 1)), np.zeros((K, 1))),
    form=origin_form,
)
