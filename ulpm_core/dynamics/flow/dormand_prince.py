"""One step of the explicit pair DOP853 in log time, with its error, a look at its stiffness, and its dense output.

Dormand and Prince's method of order 8 with the error estimate and the interpolant of Hairer, Norsett, Wanner,
"Solving Ordinary Differential Equations I", 2nd ed., II.5 and II.10; the coefficients are SciPy's.
The clock is c = log(1 + t): d theta/dc = (1 + t) (-dL/dtheta) = exp(c + log L) (-grad log L), so t = 0 is c = 0 and
late in the run c is log t.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from scipy.integrate import DOP853

from ulpm_core.dynamics.flow.log_field import downhill, norm
from ulpm_core.dynamics.jit import njit
from ulpm_core.model.shapes import Array, Shaped

STAGES: Final = 12
A: Final = np.ascontiguousarray(DOP853.A[:STAGES, :STAGES])
B: Final = np.ascontiguousarray(DOP853.B)
C: Final = np.ascontiguousarray(DOP853.C[:STAGES])
E3: Final = np.ascontiguousarray(DOP853.E3)
E5: Final = np.ascontiguousarray(DOP853.E5)
A_EXTRA: Final = np.ascontiguousarray(DOP853.A_EXTRA)
C_EXTRA: Final = np.ascontiguousarray(DOP853.C_EXTRA)
DENSE: Final = np.ascontiguousarray(DOP853.D)
ROWS: Final = STAGES + 1 + len(C_EXTRA)
"""Rows of `stages`: twelve, the derivative at the end of the step, and three more for the dense output."""
LARGEST_EXPONENT: Final = 700.0
"""exp of more overflows. A trial step that far off is rejected by its error, which is then infinite or enormous."""


@njit(nogil=True, cache=True)
def field(theta, clock, log_weight, d, work, out):  # type: ignore[no-untyped-def]
    """out = d theta/dc at clock c; log_weight is 0 for the sum of losses and -log N for their mean. Returns log L."""
    log_loss = downhill(theta, d, work, out)
    factor = math.exp(min(clock + log_weight + log_loss, LARGEST_EXPONENT))
    for i in range(out.size):
        out[i] *= factor
    return log_loss


@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def combine(theta, h, weights, stages, count, out):  # type: ignore[no-untyped-def]
    """out = theta + h sum_s weights_s stages_s over the first `count` rows."""
    for i in range(out.size):
        out[i] = theta[i]
    for s in range(count):
        factor = h * weights[s]
        if factor != 0.0:
            for i in range(out.size):
                out[i] += factor * stages[s, i]


@njit(nogil=True, cache=True)
def step(theta, clock, h, log_weight, d, work, stages, new):  # type: ignore[no-untyped-def]
    """From theta (P,) at `clock` to `new` (P,) a step h later; stages[0] holds the derivative at theta already.

    Returns the norm of the estimated local error, log L at the end, and the stiffness h |eigenvalue| as seen by the
    last two stages, both at c + h (Hairer, Wanner, "Solving Ordinary Differential Equations II", IV.2).
    """
    trial = np.empty_like(theta)
    for s in range(1, STAGES):
        combine(theta, h, A[s], stages, s, trial)
        field(trial, clock + C[s] * h, log_weight, d, work, stages[s])
    combine(theta, h, B, stages, STAGES, new)
    log_loss = field(new, clock + h, log_weight, d, work, stages[STAGES])
    moved = norm(new - trial)
    stiffness = h * norm(stages[STAGES] - stages[STAGES - 1]) / moved if moved > 0.0 else 0.0
    nothing = np.zeros_like(theta)
    combine(nothing, 1.0, E5, stages, STAGES + 1, trial)
    fifth = norm(trial)
    combine(nothing, 1.0, E3, stages, STAGES + 1, trial)
    third = norm(trial)
    error = h * fifth / math.sqrt(1.0 + 0.01 * (third / fifth) ** 2) if fifth > 0.0 else 0.0
    return error if math.isfinite(fifth + third) else math.inf, log_loss, stiffness


@njit(nogil=True, cache=True)
def dense_output(theta, clock, h, log_weight, d, work, stages, new):  # type: ignore[no-untyped-def]
    """The seven coefficient rows (7, P) of the interpolant of the step just taken; three more evaluations."""
    trial = np.empty_like(theta)
    for e in range(len(C_EXTRA)):
        combine(theta, h, A_EXTRA[e], stages, STAGES + 1 + e, trial)
        field(trial, clock + C_EXTRA[e] * h, log_weight, d, work, stages[STAGES + 1 + e])
    rows = np.empty((7, theta.size))
    for i in range(theta.size):
        moved = new[i] - theta[i]
        rows[0, i] = moved
        rows[1, i] = h * stages[0, i] - moved
        rows[2, i] = 2.0 * moved - h * (stages[STAGES, i] + stages[0, i])
    nothing = np.zeros_like(theta)
    for r in range(len(DENSE)):
        combine(nothing, h, DENSE[r], stages, ROWS, rows[3 + r])
    return rows


def between(theta: Shaped[Array, "Q"], rows: Shaped[Array, "rows Q"], share: float) -> Shaped[Array, "Q"]:
    """The state at a share of the step, of order 7: nested products with x and 1 - x in turn."""
    value = np.zeros_like(theta)
    for r, row in enumerate(rows[::-1]):
        value = (value + row) * (share if r % 2 == 0 else 1.0 - share)
    return np.asarray(theta + value)
