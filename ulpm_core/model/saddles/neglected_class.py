"""A neglected class: at zero, while the K-1 others form a simplex."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ulpm_core.model.limits import MOST_CLASSES
from ulpm_core.model.saddles.saddle import Form, Saddle, balanced, unit_simplex


def neglected_form(K: int, n: int, mu: float) -> Form:
    """Samples of the K-1 others: p on the neglected class, q on each of the K-2 wrong ones."""
    p, q = math.exp(-mu), math.exp(-mu * (K - 1) / (K - 2))
    S = 1.0 + p + (K - 2) * q
    loss = n * (K - 1) * math.log1p(S - 1.0) + n * math.log(K)
    norm = math.sqrt(n * (K * (p / S) ** 2 + (K - 1) / K))
    return Form(loss, math.sqrt(n) * (p + (K - 1) * q) / S, norm, 1, K - 2)


NEGLECTED_CLASS: Final = Saddle(
    name="neglected-class",
    label="Neglected",
    title="A neglected class",
    noun="the neglected class",
    words="One class sits at zero while the others already form a simplex of their own.",
    sizes=range(3, MOST_CLASSES + 1),
    room=lambda K: K - 1,
    own=lambda d: 3,
    place=balanced(lambda K: np.concatenate([unit_simplex(K - 1), np.zeros((1, K - 2))])),
    form=neglected_form,
)
