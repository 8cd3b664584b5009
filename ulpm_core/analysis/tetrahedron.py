"""From the square to the tetrahedron, in closed form: K = 4, and why the way takes so long.

U(epsilon) has the rows (+-1, 0, epsilon), (0, +-1, -epsilon), so that epsilon = 0 is the square and 1/sqrt(2) the
tetrahedron; W = x n^(1/4) U and H = x n^(-1/4) U^T, each column n times, ||theta||^2 = 8 sqrt(n) x^2 (1 + epsilon^2).
Margins: 2 x^2 to the opposite class, x^2 (1 + 2 epsilon^2) to both neighbours. Gradient flow never leaves this family.
docs/theory.md 3.6 and 3.7.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ulpm_core.analysis.escape import FAR, add_step
from ulpm_core.analysis.landscape import log_equal_losses
from ulpm_core.model.shapes import Array, Shaped
from ulpm_core.model.state import State

TETRAHEDRON: Final = math.sqrt(0.5)
HALFWAY: Final = math.sqrt(0.2)
"""epsilon at which the margin ratio is 7/8, half-way from the square's 3/4 to 1."""
STEP: Final = 0.01
"""Step of log x; at half of it escape times change by less than 1e-4."""


def path_state(epsilon: float, dimension: int, per_class: int, norm: float) -> State:
    """The state of the family at this epsilon and ||theta||, in the first three of `dimension` >= 3 dimensions.

    >>> path_state(0.0, 3, 1, 2.0 * math.sqrt(2.0)).W.tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, -0.0], [-1.0, 0.0, 0.0], [0.0, -1.0, -0.0]]
    """
    U = np.zeros((4, dimension))
    U[[0, 2], 0], U[[1, 3], 1], U[:, 2] = (1.0, -1.0), (1.0, -1.0), (epsilon, -epsilon, epsilon, -epsilon)
    x = norm / math.sqrt(8.0 * math.sqrt(per_class) * (1.0 + epsilon**2))
    return State(x * per_class**0.25 * U, np.repeat(x * per_class**-0.25 * U, per_class, axis=0).T)


def path_margin_ratio(epsilon: Shaped[Array, "*T"]) -> Shaped[Array, "*T"]:
    """Normalised margin over the best there is: (3/4) min(1 + 2 epsilon^2, 2) / (1 + epsilon^2).

    >>> path_margin_ratio(np.array([0.0, TETRAHEDRON])).round(12)
    array([0.75, 1.  ])
    """
    return 0.75 * np.minimum(1.0 + 2.0 * epsilon**2, 2.0) / (1.0 + epsilon**2)


def path_log_loss(
    epsilon: Shaped[Array, "*T"], per_class: int, norm: float, reduction: str = "sum"
) -> Shaped[Array, "*T"]:
    """log L along the path at fixed ||theta||.

    L = 4n log(1 + 2 e^(-x^2 (1 + 2 epsilon^2)) + e^(-2 x^2)): it falls at first order in epsilon^2 at every norm.

    >>> np.exp(path_log_loss(np.array([0.0, 0.3, TETRAHEDRON]), 5, math.sqrt(40.0))).round(4)
    array([4.0617, 3.5503, 2.8328])
    """
    margin = norm**2 / (8.0 * math.sqrt(per_class) * (1.0 + epsilon**2))
    side, far = -margin * (1.0 + 2.0 * epsilon**2), -2.0 * margin
    return log_equal_losses(np.logaddexp(side + math.log(2.0), far), 4 * per_class, reduction)


def square_escape_log_time(
    epsilon: float, margin: float, per_class: int, reduction: str = "sum", level: float = HALFWAY
) -> float:
    """log t at which gradient flow from U(epsilon), at the norm of the square with mu = `margin`, reaches U(level).

    Exact but for quadrature: -G acts on the two patterns of U with sqrt(n) (2 p_1 + 2 p_2) and sqrt(n) 4 p_1, where p_1
    and p_2 are the probabilities of a neighbour and of the opposite class, so with mu = x^2

        d log epsilon / d log x = tanh(mu (1 - 2 epsilon^2) / 2),   dt = d log x / (2 sqrt(n) (p_1 + p_2)).

    mu grows like log t, epsilon at most like sqrt(mu): log t is about mu / epsilon^2. inf for an end that is never
    reached, the tetrahedron itself among them, and beyond log t = 10^9.

    >>> round(square_escape_log_time(0.1, 1.0, 1), 1)  # docs/theory.md 3.7
    35.5
    """
    if epsilon <= 0.0 or level >= TETRAHEDRON:
        return math.inf
    log_e, log_x, log_t = math.log(epsilon), 0.5 * math.log(margin / (1.0 + epsilon**2)), -math.inf
    unit = math.log(2.0) + 0.5 * math.log(per_class) - (math.log(4 * per_class) if reduction == "mean" else 0.0)

    def slope(log_e: float, log_x: float) -> float:
        return math.tanh(math.exp(2.0 * log_x) * (0.5 - math.exp(2.0 * log_e)))

    def log_rate(log_e: float, log_x: float) -> float:
        mu = math.exp(2.0 * log_x)
        side, far = -mu * (1.0 + 2.0 * math.exp(2.0 * log_e)), -2.0 * mu
        both = float(np.logaddexp(side, far))
        return unit + both - float(np.logaddexp(0.0, np.logaddexp(side, both)))

    while log_e < math.log(level):
        if log_t > FAR:
            return math.inf
        rise = STEP * slope(log_e + 0.5 * STEP * slope(log_e, log_x), log_x + 0.5 * STEP)
        share = min(1.0, (math.log(level) - log_e) / rise)
        log_t = add_step(log_t, -log_rate(log_e, log_x), -log_rate(log_e + rise, log_x + STEP), STEP, share)
        log_e, log_x = log_e + rise, log_x + STEP
    return log_t
