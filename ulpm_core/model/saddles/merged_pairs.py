"""Merged pairs: classes share a point two by two, and the pairs form a simplex."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ulpm_core.model.limits import MOST_CLASSES
from ulpm_core.model.saddles.saddle import Form, Saddle, balanced, unit_simplex


def pairs_form(K: int, n: int, mu: float) -> Form:
    """m = K/2 pairs, each other class at weight e^(-mu m / (m-1)); inside a pair G is +-1/2."""
    m = K // 2
    E = math.exp(-mu * m / (m - 1))
    loss = n * K * (math.log(2.0) + math.log1p((m - 1) * E))
    return Form(loss, math.sqrt(n) * m * E / (1.0 + (m - 1) * E), math.sqrt(n), m, m - 1)


MERGED_PAIRS: Final = Saddle(
    name="merged-pairs",
    label="Pairs",
    title="Merged pairs",
    noun="the merged pairs",
    words="Classes share a point in pairs, and the pairs form a simplex.",
    sizes=range(4, MOST_CLASSES + 1, 2),
    room=lambda K: K // 2,
    own=lambda d: 4,
    place=balanced(lambda K: np.repeat(unit_simplex(K // 2), 2, axis=0)),
    form=pairs_form,
)
