"""The gallery: states that are stationary on their sphere, constructed exactly.

W = a U and H = b U^T, each column n times, with a = sqrt(n) b, so W^T W = H H^T, and mu = a b; U (K, r) holds unit
vectors (for the simplex vectors whose margins are mu). docs/theory.md 3.4, 3.5, 5.4 and 6.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ulpm_core.model.etf import simplex_etf
from ulpm_core.model.losses import Array
from ulpm_core.model.parameters import MAX_ENTRIES, PARAMETERS
from ulpm_core.model.refusal import ConfigError
from ulpm_core.model.state import State

Place = Callable[[int, int, float], tuple[Array, Array]]
"""From (K, n, mu) to W and one feature a class, both (K, r)."""


def _balanced(vectors: Callable[[int], Array]) -> Place:
    """The place of W = a U, H = b U^T for U (K, r)."""

    def place(classes: int, per_class: int, margin: float) -> tuple[Array, Array]:
        U, scale = math.sqrt(margin) * vectors(classes), per_class**0.25
        return scale * U, U / scale

    return place


def _unit_simplex(K: int) -> Array:
    return simplex_etf(K, K - 1) * math.sqrt(K / (K - 1))


def _polygon(K: int) -> Array:
    angle = 2.0 * np.pi * np.arange(K) / K
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _cross_polytope(K: int) -> Array:
    return np.concatenate([np.eye(K // 2), -np.eye(K // 2)])


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


def _merged(K: int, n: int, mu: float) -> tuple[Array, Array]:
    c = merged_ratio(mu)
    ratio = (n * (2.0 + c**2) / 6.0) ** 0.25  # W^T W = H H^T: 6 a^2 = n (2 + c^2) b^2
    return math.sqrt(mu) * ratio * np.array([[1.0], [1.0], [-2.0]]), math.sqrt(mu) / ratio * np.array(
        [[1.0], [1.0], [-c]]
    )


@dataclass(frozen=True)
class Saddle:
    """A construction: what it is in a sentence, for which K and d it exists, and its state.

    K is one of `sizes` and d at least `room(K)`; `own(d)` is the K taken where none is asked for.
    `place(K, n, mu)` gives W and one feature a class, both (K, r).

    >>> SADDLES["square"].state(4, 3, 1, 2.0).W.round(6).tolist()[0]  # sqrt(mu), on the first axis
    [1.414214, 0.0, 0.0]
    """

    name: str
    words: str
    sizes: range
    room: Callable[[int], int]
    own: Callable[[int], int]
    place: Place

    def state(self, classes: int, dimension: int, per_class: int, margin: float) -> State:
        """The state, in its first dimensions. Raises :class:`ConfigError` for sizes at which there is none."""
        self.check(classes, dimension, per_class)
        W, h = self.place(classes, per_class, margin)
        free = ((0, 0), (0, dimension - W.shape[1]))
        return State(np.pad(W, free), np.repeat(np.pad(h, free), per_class, axis=0).T)

    def check(self, classes: int, dimension: int, per_class: int) -> None:
        """Raises :class:`ConfigError` naming field, value, range and a value that works."""
        low, high, step = self.sizes[0], self.sizes[-1], self.sizes.step
        if classes not in self.sizes:
            allowed = str(low) if low == high else ("even numbers from " if step == 2 else "") + f"{low} to {high}"
            why = f"classes = {classes} does not make the saddle {self.name}"
            raise ConfigError("classes", f"{why}: use {allowed}, for example {low}.")
        least, most = self.room(classes), MAX_ENTRIES["cpu"] // (classes * (1 + per_class))
        if dimension < least:
            why = f"dimension = {dimension} is too small for the saddle {self.name} of {classes} classes"
            if least > most:  # none would do for so many samples
                raise ConfigError("classes", f"{why}, and {least} too large: use fewer classes, for example {low}.")
            largest = min(most, int(PARAMETERS["dimension"].high))
            raise ConfigError("dimension", f"{why}: use {least} to {largest}, for example {least}.")


MOST: Final = int(PARAMETERS["classes"].high)

SADDLES: Final[dict[str, Saddle]] = {
    saddle.name: saddle
    for saddle in (
        Saddle(
            "origin",
            "Every classifier and every feature is zero, so all classes look alike.",
            range(2, MOST + 1),
            lambda K: 1,
            lambda d: 4,
            lambda K, n, mu: (np.zeros((K, 1)), np.zeros((K, 1))),
        ),
        Saddle(
            "neglected-class",
            "One class sits at zero while the others already form a simplex of their own.",
            range(3, MOST + 1),
            lambda K: K - 1,
            lambda d: 3,
            _balanced(lambda K: np.concatenate([_unit_simplex(K - 1), np.zeros((1, K - 2))])),
        ),
        Saddle(
            "merged-classes",
            "Two of three classes share one classifier and one feature; the third lies opposite.",
            range(3, 4),
            lambda K: 2,
            lambda d: 3,
            _merged,
        ),
        Saddle(
            "merged-pairs",
            "Classes share a point in pairs, and the pairs form a simplex.",
            range(4, MOST + 1, 2),
            lambda K: K // 2,
            lambda d: 4,
            _balanced(lambda K: np.repeat(_unit_simplex(K // 2), 2, axis=0)),
        ),
        Saddle(
            "square",
            "Four classes on the corners of a square: all are told apart, with 3/4 of the simplex's normalised margin.",
            range(4, 5),
            lambda K: 2,
            lambda d: 4,
            _balanced(_polygon),
        ),
        Saddle(
            "polygon",
            "Classes on the corners of a regular polygon, in a plane.",
            range(4, MOST + 1),
            lambda K: 2,
            lambda d: 5,
            _balanced(_polygon),
        ),
        Saddle(
            "cross-polytope",
            "Classes in opposite pairs on orthogonal axes, K = 2d where they fill the space.",
            range(4, MOST + 1, 2),
            lambda K: K // 2,
            lambda d: max(4, min(2 * d, MOST)),
            _balanced(_cross_polytope),
        ),
        Saddle(
            "simplex",
            "The collapsed simplex itself: no state of its norm has a lower loss.",
            range(2, MOST + 1),
            lambda K: K - 1,
            lambda d: min(4, d + 1),
            _balanced(lambda K: simplex_etf(K, K - 1)),
        ),
    )
}
