"""Two merged classes: two of three share one classifier and one feature."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ulpm_core.model.saddles.saddle import Form, Saddle
from ulpm_core.model.shapes import Array, Shaped


def merged_ratio(mu: float) -> float:
    """c of w = a(1, 1, -2), h = b(1, 1, -c) with ab = mu: between 1 and 2, unique, since the right-hand side falls in
    log c = log 2 - 3 (c - 1) mu + log(2 + e^(-3 mu)) - log(1 + 2 e^(-3 c mu)), which is W^T G = -lambda H.

    >>> round(merged_ratio(1e-6), 4), round(merged_ratio(1e6), 4)
    (2.0, 1.0)
    """
    from scipy.optimize import brentq  # imported late: a first page must not wait for SciPy

    def gap(c: float) -> float:
        far = math.log(2.0 + math.exp(-3.0 * mu)) - math.log1p(2.0 * math.exp(-3.0 * c * mu))
        return math.log(2.0) - 3.0 * (c - 1.0) * mu + far - math.log(c)

    return float(brentq(gap, 1.0, 2.0, xtol=1e-15, rtol=1e-15))


def merged_place(K: int, n: int, mu: float) -> tuple[Shaped[Array, "K r"], Shaped[Array, "K r"]]:
    """W = a (1, 1, -2) and H = b (1, 1, -c), with W^T W = H H^T: 6 a^2 = n (2 + c^2) b^2."""
    c = merged_ratio(mu)
    ratio, size = (n * (2.0 + c**2) / 6.0) ** 0.25, math.sqrt(mu)
    return size * ratio * np.array([[1.0], [1.0], [-2.0]]), size / ratio * np.array([[1.0], [1.0], [-c]])


def merged_form(K: int, n: int, mu: float) -> Form:
    """The merged two are told apart by nobody: G is +-1/2 on them, and e^-3mu or e^-3cmu weighs the other side."""
    c = merged_ratio(mu)
    near, far = math.exp(-3.0 * mu), math.exp(-3.0 * c * mu)
    multiplier = 3.0 * math.sqrt(n * (2.0 + c**2) / 6.0) * near / (2.0 + near)
    return Form(2 * n * math.log(2.0 + near) + n * math.log1p(2.0 * far), multiplier, math.sqrt(n), 1, 1)


MERGED_CLASSES: Final = Saddle(
    name="merged-classes",
    label="Merged",
    title="Two merged classes",
    noun="the merged classes",
    words="Two of three classes share one classifier and one feature; the third lies opposite.",
    sizes=range(3, 4),
    room=lambda K: 2,
    own=lambda d: 3,
    place=merged_place,
    form=merged_form,
)
