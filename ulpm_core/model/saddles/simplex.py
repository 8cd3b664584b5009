"""The simplex, which is no saddle: the least on its sphere."""

from __future__ import annotations

import math
from typing import Final

from ulpm_core.model.etf import simplex_etf
from ulpm_core.model.limits import MOST_CLASSES
from ulpm_core.model.saddles.saddle import Form, Saddle, balanced


def simplex_form(K: int, n: int, mu: float) -> Form:
    """All wrong classes weigh e^-mu, and no singular value of G is larger than lambda."""
    E = math.exp(-mu)
    multiplier = math.sqrt(n) * K * E / (1.0 + (K - 1) * E)
    return Form(n * K * math.log1p((K - 1) * E), multiplier, multiplier, 0, K - 1)


SIMPLEX: Final = Saddle(
    name="simplex",
    label="Simplex",
    title="The simplex itself",
    noun="the simplex",
    words="The collapsed simplex itself: no state of its norm has a lower loss.",
    sizes=range(2, MOST_CLASSES + 1),
    room=lambda K: K - 1,
    own=lambda d: min(4, d + 1),
    place=balanced(lambda K: simplex_etf(K, K - 1)),
    form=simplex_form,
)
