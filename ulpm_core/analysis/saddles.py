"""The gallery: states that are stationary on their sphere, constructed exactly, with closed forms for what they are.

W = a U and H = b U^T, each column n times, with a = sqrt(n) b, so W^T W = H H^T, and mu = a b; U (K, r) holds unit
vectors (for the simplex vectors whose margins are mu). G has the symmetries of U, which therefore lies in one singular
space of G. The least tangent eigenvalue is lambda - ||G||_op wherever d > r: once for each free dimension and each top
singular pair. THEORY.md 2, 3.2, 3.3, 3.4, 6.4, 7.5.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.analysis.landscape import landscape
from ulpm_core.analysis.saddle_forms import (
    Form,
    Place,
    balanced,
    cross_form,
    cross_polytope,
    merged_form,
    merged_place,
    neglected_form,
    origin_form,
    pairs_form,
    polygon,
    polygon_form,
    simplex_form,
    unit_simplex,
)
from ulpm_core.model.config import MAX_ENTRIES, RunConfig
from ulpm_core.model.etf import simplex_etf
from ulpm_core.model.parameters import PARAMETERS, ConfigError, Parameter
from ulpm_core.model.state import State

MARGIN: Final = Parameter(
    "margin", "Margin μ", "μ = ab for W = aU and H = bU^T: how far along its ray the saddle is taken.", 2.0, 1e-6, 1e6
)


class Exact(NamedTuple):
    """Closed forms for the loss summed over samples; None where no proof is known."""

    loss: float
    multiplier: float
    gradient_operator_norm: float
    least_tangent_eigenvalue: float | None
    multiplicity: int | None


@dataclass(frozen=True)
class Saddle:
    """A construction: what it is in a sentence, for which K and d it exists, its state and its closed forms.

    K is one of `sizes` and d at least `room(K)`; `own(d)` is the K taken where none is asked for.
    `place(K, n, mu)` gives W and one feature a class, both (K, r); `form(K, n, mu)` the closed forms.

    >>> SADDLES["square"].state(4, 3, 5, 2.0).shape
    (4, 3, 5)
    >>> round(SADDLES["square"].exact(4, 3, 5, 2.0).least_tangent_eigenvalue, 6)  # 2 sqrt(n) (q2 - q1)
    -0.406
    """

    name: str
    words: str
    sizes: range
    room: Callable[[int], int]
    own: Callable[[int], int]
    place: Place
    form: Callable[[int, int, float], Form]

    def state(self, classes: int, dimension: int, per_class: int, margin: float) -> State:
        """The state, in its first dimensions. Raises :class:`ConfigError` for sizes at which there is none."""
        self.check(classes, dimension, per_class, margin)
        W, h = self.place(classes, per_class, margin)
        free = ((0, 0), (0, dimension - W.shape[1]))
        return State(np.pad(W, free), np.repeat(np.pad(h, free), per_class, axis=0).T)

    def exact(self, classes: int, dimension: int, per_class: int, margin: float) -> Exact:
        """What its landscape is. Without a free dimension the least eigenvalue is known only for the simplex, where
        nothing lies below the rotations; two classes on a line have none, and lambda is least, along W = 11^T.
        """
        loss, multiplier, norm, times, r = self.form(classes, per_class, margin)
        least, multiplicity = (multiplier - norm, (dimension - r) * times) if dimension > r else (None, None)
        if not times:
            rotations = r * (r - 1) // 2 + r * (dimension - r)
            least, multiplicity = (0.0, rotations) if rotations else (multiplier, 1)
        return Exact(loss, multiplier, norm, least, multiplicity)

    def check(self, classes: int, dimension: int, per_class: int, margin: float) -> None:
        """Raises :class:`ConfigError` naming field, value, range and a value that works."""
        RunConfig(classes=classes, dimension=dimension, per_class=per_class)
        MARGIN.check(margin)
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
            origin_form,
        ),
        Saddle(
            "neglected-class",
            "One class sits at zero while the others already form a simplex of their own.",
            range(3, MOST + 1),
            lambda K: K - 1,
            lambda d: 3,
            balanced(lambda K: np.concatenate([unit_simplex(K - 1), np.zeros((1, K - 2))])),
            neglected_form,
        ),
        Saddle(
            "merged-classes",
            "Two of three classes share one classifier and one feature; the third lies opposite.",
            range(3, 4),
            lambda K: 2,
            lambda d: 3,
            merged_place,
            merged_form,
        ),
        Saddle(
            "merged-pairs",
            "Classes share a point in pairs, and the pairs form a simplex.",
            range(4, MOST + 1, 2),
            lambda K: K // 2,
            lambda d: 4,
            balanced(lambda K: np.repeat(unit_simplex(K // 2), 2, axis=0)),
            pairs_form,
        ),
        Saddle(
            "square",
            "Four classes on the corners of a square: all are told apart, with 3/4 of the simplex's normalised margin.",
            range(4, 5),
            lambda K: 2,
            lambda d: 4,
            balanced(polygon),
            polygon_form,
        ),
        Saddle(
            "polygon",
            "Classes on the corners of a regular polygon, in a plane.",
            range(4, MOST + 1),
            lambda K: 2,
            lambda d: 5,
            balanced(polygon),
            polygon_form,
        ),
        Saddle(
            "cross-polytope",
            "Classes in opposite pairs on orthogonal axes, K = 2d where they fill the space.",
            range(4, MOST + 1, 2),
            lambda K: K // 2,
            lambda d: max(4, 2 * d),
            balanced(cross_polytope),
            cross_form,
        ),
        Saddle(
            "simplex",
            "The collapsed simplex itself: no state of its norm has a lower loss.",
            range(2, MOST + 1),
            lambda K: K - 1,
            lambda d: min(4, d + 1),
            balanced(lambda K: simplex_etf(K, K - 1)),
            simplex_form,
        ),
    )
}
SADDLE: Final = Parameter(
    "saddle", "Saddle", "A state that is stationary on its sphere.", "square", choices=tuple(SADDLES)
)


def report(
    name: str, classes: int | None, dimension: int, per_class: int, margin: float, reduction: str = "sum"
) -> dict[str, float | int | str | None]:
    """The landscape at a saddle of the gallery beside its closed forms, each `_exact`; None where one is not known.

    Where the loss underflows, `log_loss` and `curvature_ratio`, the least tangent eigenvalue over lambda, remain.
    `classes` None takes the saddle's own. Raises :class:`ConfigError` for sizes at which there is no such saddle.

    >>> found = report("square", None, 3, 5, 2.0)
    >>> found["verdict"], round(found["lambda"], 6), round(found["least_tangent_eigenvalue"], 6)
    ('strict saddle', 0.533092, -0.406)
    """
    saddle = SADDLES[str(SADDLE.check(name))]
    K = saddle.own(dimension) if classes is None else classes
    state = saddle.state(K, dimension, per_class, margin)
    found = landscape(state, reduction, pairs=0)
    exact = saddle.exact(K, dimension, per_class, margin)
    per, least = K * per_class if reduction == "mean" else 1, exact.least_tangent_eigenvalue
    return {
        "saddle": saddle.name,
        "classes": K,
        "dimension": dimension,
        "per_class": per_class,
        "margin": margin if found.norm else 0.0,
        "loss_reduction": reduction,
        "norm": found.norm,
        "loss": found.loss,
        "loss_exact": exact.loss / per,
        "log_loss": found.log_loss,
        "loss_floor": found.loss_floor,
        "lambda": found.multiplier,
        "lambda_exact": exact.multiplier / per,
        "gradient_operator_norm": found.gradient_operator_norm,
        "gradient_operator_norm_exact": exact.gradient_operator_norm / per,
        "tangent_gradient_norm": found.tangent_gradient_norm,
        "least_tangent_eigenvalue": _known(found.least_tangent_eigenvalue),
        "least_tangent_eigenvalue_exact": None if least is None else least / per,
        "curvature_ratio": _known(found.curvature_ratio),
        "multiplicity": found.multiplicity,
        "multiplicity_exact": exact.multiplicity,
        "negative_curvature": found.negative_curvature,
        "verdict": str(found.verdict),
        "sentence": found.sentence,
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
