"""The regular polygon of K classes in a plane, and that of four, the square."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ulpm_core.model.limits import MOST_CLASSES
from ulpm_core.model.saddles.saddle import Form, Saddle, balanced
from ulpm_core.model.shapes import Array, Shaped


def corners(K: int) -> Shaped[Array, "{K} 2"]:
    """The corners, on the unit circle."""
    angle = 2.0 * np.pi * np.arange(K) / K
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def polygon_form(K: int, n: int, mu: float) -> Form:
    """G is circulant: singular values sqrt(n) sum_j p_j (1 - cos(2 pi j m / K)), twice each but once for m = K/2.

    U is m = 1. They grow with m up to K/2: the sums of p_j cos are Bessel functions I_m(mu), wrapped around K.
    """
    angle = 2.0 * np.pi * np.arange(1, K) / K
    weights = np.exp(mu * (np.cos(angle) - 1.0))
    S = float(weights.sum())
    own, top = (math.sqrt(n) * float((1.0 - np.cos(m * angle)) @ weights) / (1.0 + S) for m in (1, K // 2))
    return Form(n * K * math.log1p(S), own, top, 1 + K % 2, 2)


SQUARE: Final = Saddle(
    name="square",
    label="Square",
    title="The square",
    noun="the square",
    words=("Four classes on the corners of a square: all are told apart, with 3/4 of the simplex's normalised margin."),
    sizes=range(4, 5),
    room=lambda K: 2,
    own=lambda d: 4,
    place=balanced(corners),
    form=polygon_form,
)
POLYGON: Final = Saddle(
    name="polygon",
    label="Polygon",
    title="A regular polygon",
    noun="the polygon",
    words="Classes on the corners of a regular polygon, in a plane.",
    sizes=range(4, MOST_CLASSES + 1),
    room=lambda K: 2,
    own=lambda d: 5,
    place=balanced(corners),
    form=polygon_form,
)
