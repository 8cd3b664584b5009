"""The cross-polytope: classes in opposite pairs on orthogonal axes."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ulpm_core.model.limits import MOST_CLASSES
from ulpm_core.model.saddles.saddle import Form, Saddle, balanced


def cross_form(K: int, n: int, mu: float) -> Form:
    """e^-mu on the K-2 orthogonal classes, e^-2mu on the opposite one; sums over opposite pairs are the top pairs."""
    near, far = math.exp(-mu), math.exp(-2.0 * mu)
    S = (K - 2) * near + far
    multiplier = math.sqrt(n) * (2.0 * far + (K - 2) * near) / (1.0 + S)
    return Form(n * K * math.log1p(S), multiplier, math.sqrt(n) * K * near / (1.0 + S), K // 2 - 1, K // 2)


CROSS_POLYTOPE: Final = Saddle(
    name="cross-polytope",
    label="Cross",
    title="A cross-polytope",
    noun="the cross-polytope",
    words="Classes in opposite pairs on orthogonal axes, K = 2d where they fill the space.",
    sizes=range(4, MOST_CLASSES + 1, 2),
    room=lambda K: K // 2,
    own=lambda d: max(4, min(2 * d, MOST_CLASSES)),
    place=balanced(lambda K: np.concatenate([np.eye(K // 2), -np.eye(K // 2)])),
    form=cross_form,
)
