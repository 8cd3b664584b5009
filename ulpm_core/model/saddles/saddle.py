"""`Saddle`: a state that is stationary on its sphere, constructed exactly, with what is known of it in closed form.

W = a U and H = b U^T, each column n times, with a = sqrt(n) b, so W^T W = H H^T, and mu = a b; U (K, r) holds unit
vectors (for the simplex vectors whose margins are mu). docs/theory.md 3.4, 3.5, 5.4 and 6.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ulpm_core.model.etf import simplex_etf
from ulpm_core.model.limits import MAX_ENTRIES, MOST_DIMENSIONS
from ulpm_core.model.refusal import refuse, span
from ulpm_core.model.shapes import Array, Shaped
from ulpm_core.model.state import State

Place = Callable[[int, int, float], tuple[Shaped[Array, "K r"], Shaped[Array, "K r"]]]
"""From (K, n, mu) to W and one feature a class."""


class Form(NamedTuple):
    """Closed forms at a saddle, of the loss summed over samples: the loss, lambda, ||G||_op, how many singular values
    of G are that large, 0 if none is larger than lambda, and r.

    They follow from the softmax of a few distinct logits, and from G acting on the symmetric patterns of the classes:
    on all of them that are orthogonal to 1 it is -(a singular value).
    """

    loss: float
    multiplier: float
    norm: float
    times: int
    rank: int


@dataclass(frozen=True, kw_only=True)
class Saddle:
    """Everything that is known of one saddle.

    `name` is that of links, files and the command line; `label` stands under its picture, `title` in a menu, `noun` in
    a sentence, and `words` say in a sentence what it is. It exists for the K of `sizes` and d of at least `room(K)`;
    `own(d)` is the K taken where none is asked for. `place(K, n, mu)` gives W and one feature a class, both (K, r), and
    `form(K, n, mu)` what the landscape is like there.

    >>> from ulpm_core.model.saddles.polygon import SQUARE
    >>> SQUARE.state(4, 3, 1, 2.0).W.round(6).tolist()[0]  # sqrt(mu), on the first axis
    [1.414214, 0.0, 0.0]
    """

    name: str
    label: str
    title: str
    noun: str
    words: str
    sizes: range
    room: Callable[[int], int]
    own: Callable[[int], int]
    place: Place
    form: Callable[[int, int, float], Form]

    def state(self, classes: int, dimension: int, per_class: int, margin: float) -> State:
        """The state, in its first dimensions. Raises :class:`ConfigError` for sizes at which there is none."""
        self.check(classes, dimension, per_class)
        W, h = self.place(classes, per_class, margin)
        free = ((0, 0), (0, dimension - W.shape[1]))
        return State(np.pad(W, free), np.repeat(np.pad(h, free), per_class, axis=0).T)

    def check(self, classes: int, dimension: int, per_class: int) -> None:
        """Raises :class:`ConfigError` naming field, value, range and a value that works."""
        low = self.sizes[0]
        if classes not in self.sizes:
            why = f"does not make the saddle {self.name}"
            raise refuse("classes", classes, why, _in_words(self.sizes), low)
        least, most = self.room(classes), MAX_ENTRIES["cpu"] // (classes * (1 + per_class))
        if dimension < least:
            why = f"is too small for the saddle {self.name} of {classes} classes"
            if least > most:  # none would do for so many samples
                refused = refuse("dimension", dimension, f"{why}, and {least} too large", "fewer classes", low)
                raise refused.said_of("classes")
            largest = min(most, MOST_DIMENSIONS)
            raise refuse("dimension", dimension, why, span(least, largest), least)


def _in_words(sizes: range) -> str:
    """The numbers of classes in words, all of them multiples of the range's step.

    >>> _in_words(range(4, 5)), _in_words(range(3, 9)), _in_words(range(4, 9, 2)), _in_words(range(6, 11, 3))
    ('4', '3 to 8', 'even numbers from 4 to 8', 'multiples of 3 from 6 to 9')
    """
    low, high = sizes[0], sizes[-1]
    kinds = {1: "", 2: "even numbers from "}.get(sizes.step, f"multiples of {sizes.step} from ")
    return str(low) if low == high else f"{kinds}{low} to {high}"


def balanced(vectors: Callable[[int], Shaped[Array, "K r"]]) -> Place:
    """The place of W = a U, H = b U^T."""

    def place(classes: int, per_class: int, margin: float) -> tuple[Shaped[Array, "K r"], Shaped[Array, "K r"]]:
        U, scale = math.sqrt(margin) * vectors(classes), per_class**0.25
        return scale * U, U / scale

    return place


def unit_simplex(K: int) -> Shaped[Array, "{K} {K-1}"]:
    """K unit vectors with inner products -1/(K-1)."""
    return simplex_etf(K, K - 1) * math.sqrt(K / (K - 1))
