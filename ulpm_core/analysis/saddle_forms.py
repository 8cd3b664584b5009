"""Closed forms of the gallery: K classes, n samples each, mu = ab, loss summed over samples.

Each `..._form` follows from the softmax of a few distinct logits, and from G acting on the symmetric patterns of the
classes: on all of them that are orthogonal to 1 it is -(a singular value).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.model.saddles import merged_ratio


class Form(NamedTuple):
    """Loss, lambda, ||G||_op, how many singular values of G are that large, 0 if none is larger than lambda, and r."""

    loss: float
    multiplier: float
    norm: float
    times: int
    rank: int


def origin_form(K: int, n: int, mu: float) -> Form:
    return Form(n * K * math.log(K), 0.0, math.sqrt(n), K - 1, 0)


def neglected_form(K: int, n: int, mu: float) -> Form:
    """Samples of the K-1 others: p on the neglected class, q on each of the K-2 wrong ones."""
    p, q = math.exp(-mu), math.exp(-mu * (K - 1) / (K - 2))
    S = 1.0 + p + (K - 2) * q
    loss = n * (K - 1) * math.log1p(S - 1.0) + n * math.log(K)
    norm = math.sqrt(n * (K * (p / S) ** 2 + (K - 1) / K))
    return Form(loss, math.sqrt(n) * (p + (K - 1) * q) / S, norm, 1, K - 2)


def merged_form(K: int, n: int, mu: float) -> Form:
    c = merged_ratio(mu)
    near, far = math.exp(-3.0 * mu), math.exp(-3.0 * c * mu)
    multiplier = 3.0 * math.sqrt(n * (2.0 + c**2) / 6.0) * near / (2.0 + near)
    return Form(2 * n * math.log(2.0 + near) + n * math.log1p(2.0 * far), multiplier, math.sqrt(n), 1, 1)


def pairs_form(K: int, n: int, mu: float) -> Form:
    """m = K/2 pairs, each other class at weight e^(-mu m / (m-1)); inside a pair G is +-1/2."""
    m = K // 2
    E = math.exp(-mu * m / (m - 1))
    loss = n * K * (math.log(2.0) + math.log1p((m - 1) * E))
    return Form(loss, math.sqrt(n) * m * E / (1.0 + (m - 1) * E), math.sqrt(n), m, m - 1)


def polygon_form(K: int, n: int, mu: float) -> Form:
    """G is circulant: singular values sqrt(n) sum_j p_j (1 - cos(2 pi j m / K)), twice each but once for m = K/2.

    U is m = 1. They grow with m up to K/2: the sums of p_j cos are Bessel functions I_m(mu), wrapped around K.
    """
    angle = 2.0 * np.pi * np.arange(1, K) / K
    weights = np.exp(mu * (np.cos(angle) - 1.0))
    S = float(weights.sum())
    own, top = (math.sqrt(n) * float((1.0 - np.cos(m * angle)) @ weights) / (1.0 + S) for m in (1, K // 2))
    return Form(n * K * math.log1p(S), own, top, 1 + K % 2, 2)


def cross_form(K: int, n: int, mu: float) -> Form:
    """e^-mu on the K-2 orthogonal classes, e^-2mu on the opposite one; sums over opposite pairs are the top pairs."""
    near, far = math.exp(-mu), math.exp(-2.0 * mu)
    S = (K - 2) * near + far
    multiplier = math.sqrt(n) * (2.0 * far + (K - 2) * near) / (1.0 + S)
    return Form(n * K * math.log1p(S), multiplier, math.sqrt(n) * K * near / (1.0 + S), K // 2 - 1, K // 2)


def simplex_form(K: int, n: int, mu: float) -> Form:
    E = math.exp(-mu)
    multiplier = math.sqrt(n) * K * E / (1.0 + (K - 1) * E)
    return Form(n * K * math.log1p((K - 1) * E), multiplier, multiplier, 0, K - 1)


FORMS: Final[dict[str, Callable[[int, int, float], Form]]] = {
    "origin": origin_form,
    "neglected-class": neglected_form,
    "merged-classes": merged_form,
    "merged-pairs": pairs_form,
    "square": polygon_form,
    "polygon": polygon_form,
    "cross-polytope": cross_form,
    "simplex": simplex_form,
}
"""From (K, n, mu)."""
