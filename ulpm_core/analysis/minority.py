"""Where small classes stop being told apart: under decay or bounds they merge, or with squared error vanish."""

from __future__ import annotations

import math
from typing import Final, Literal, NamedTuple

import numpy as np

from ulpm_core.model.losses.loss import Loss
from ulpm_core.model.losses.squared_error import SquaredError
from ulpm_core.model.objective import Objective
from ulpm_core.model.uneven import log_sum, meet, uneven_spectrum

LARGEST_LOG: Final = 20.0
"""Logarithm of the largest ratio of class sizes at which merging is looked for."""


class Threshold(NamedTuple):
    """Where the smallest classes `merge` or `vanish`: once `here` is at least `at`, both of one `quantity`: the decay
    sqrt(lambda_W lambda_H), or the ratio of the two class sizes.
    """

    fate: Literal["merge", "vanish"]
    quantity: Literal["decay", "ratio"]
    here: float
    at: float

    @property
    def past(self) -> bool:
        """Whether the optimum of the run does not tell these classes apart."""
        return self.here >= self.at


def threshold(objective: Objective) -> Threshold | None:
    """The threshold of what a run minimises, where class sizes differ and its optimum is known (docs/theory.md 6.5).

    Under weight decay the smallest classes, of n samples, merge or vanish once sqrt(lambda_W lambda_H) is at least
    a sqrt(n), over N for the mean, whatever the other sizes are; within norm balls, of two sizes, from a ratio on. A
    single class has none to merge with. a is 1, or what label smoothing leaves of it.

    >>> from ulpm_core import RunConfig
    >>> threshold(Objective.of(RunConfig(class_sizes=(12, 12, 4, 4), weight_decay=1.9)))
    Threshold(fate='merge', quantity='decay', here=1.9, at=2.0)
    """
    sizes = np.bincount(objective.labels, minlength=objective.classes)
    few, many = int(sizes.min()), int(sizes.max())
    minority = int((sizes == few).sum())
    vanish = isinstance(objective.loss, SquaredError)
    if few == many or (minority < 2 and not vanish) or objective.goal.direction or objective.goal.W is None:
        return None
    fate: Literal["merge", "vanish"] = "vanish" if vanish else "merge"
    if objective.regulariser is not None:
        at = objective.weight * pull(objective.loss) * math.sqrt(few)
        return Threshold(fate, "decay", objective.regulariser.threshold, at)
    if objective.constraint is None or len(set(sizes.tolist())) > 2:
        return None
    most = objective.constraint.largest(objective.classes)
    return Threshold(fate, "ratio", many / few, merging_ratio(objective.loss, len(sizes) - minority, minority, most))


def merging_ratio(loss: Loss, majority: int, minority: int, most: float) -> float:
    """R0, the least ratio of class sizes n_A / n_B at which `minority` classes of n_B samples merge beside `majority`
    classes of n_A, for logits of classes C with ||C||_* <= `most`; infinity where they do not up to e^20.

    With n_B = 1 they merge once the multiplier c of the best merged C is a: so R0 is where the sum of singular values
    of the best for c = a is `most`. That sum grows with the ratio. For squared error R0 = 1 / (1 - most / majority).

    >>> from ulpm_core.model.losses.cross_entropy import CrossEntropy
    >>> [round(merging_ratio(CrossEntropy(), K, 10 - K, 10 * 5**0.5), 2) for K in (3, 5, 7)]
    [245.5, 12.19, 4.0]
    """
    if isinstance(loss, SquaredError):
        return 1.0 / (1.0 - most / majority) if most < majority else math.inf

    def exceeds(log_ratio: float) -> float:
        sizes = np.repeat([math.exp(log_ratio), 1.0], [majority, minority])
        best = uneven_spectrum(loss, sizes, pull(loss), 0.0, merged=True)
        return math.nan if best is None else log_sum(best.S) - math.log(most)

    high = 1.0
    while high < LARGEST_LOG and not exceeds(high) >= 0.0:
        high += 1.0
    return math.exp(meet(exceeds, max(high - 1.0, 1e-9), high)) if high < LARGEST_LOG else math.inf


def pull(loss: Loss) -> float:
    """a, by how much more the true class of a sample is pulled up than another one, where their logits are equal.

    >>> from ulpm_core.model.losses.cross_entropy import CrossEntropy
    >>> pull(CrossEntropy())
    1.0
    """
    G = loss.residual(np.zeros((2, 1)), np.array([0]))
    return float(G[1, 0] - G[0, 0])
