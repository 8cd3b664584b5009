"""One step of an explicit pair of order 5 in eight stages, stable up to h |eigenvalue| = 13.8 on real spectra.

For d theta/ds = -grad log L, a gradient flow: its spectrum is real. Where the classes are apart, stability and not
accuracy sets the steps of DOP853, whose twelve stages are stable up to 6; RKC2's order 2 pays for every transient.
The stability polynomial is the one of degree 8 and order 5 whose interval, damped to |R| <= 0.95, is the longest (a
linear programme for each length); the coefficients solve its three conditions and the seventeen of order 5 (Butcher;
Hairer, Norsett, Wanner, "Solving Ordinary Differential Equations I", 2nd ed., II.2) by least squares, smallest defects
of order 6 and of A c = c^2/2 first, to the last bit. The error estimate is the one combination of the stages that
vanishes for all orders up to 4.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ulpm_core.dynamics.flow.dormand_prince import combine
from ulpm_core.dynamics.flow.log_field import downhill, norm
from ulpm_core.dynamics.jit import njit

STAGES: Final = 8
ORDER: Final = 5
STABLE: Final = 13.0
"""h |eigenvalue| up to which a step is taken to be stable; the polynomial's own limit is 13.8."""
ROWS_OF_A: Final = (
    (),
    (0.15434076554965612,),
    (0.04213047370640488, 0.11000529198711644),
    (-0.1103866362691106, 0.20798827297057612, 0.2906955424530669),
    (0.08189326372040151, 0.028711193185318156, 0.11724908859124028, 0.2836333592743522),
    (0.12049946294682294, -0.07904333843036114, 0.16418973087805563, 0.19984425761741964, 0.2805439416543306),
    (
        *(0.0698135453017805, 0.09458575973548376, 0.15859365485864393, -0.0015564481826133366),
        *(0.20799264772016723, 0.338130363854499),
    ),
    (
        *(0.052540698584318764, 0.0629392604455573, 0.17600967026583153, -0.04109329476591475),
        *(0.0605559851638795, -0.08914904366894873, 0.05341135111977954),
    ),
)
A: Final = np.array([(*row, *[0.0] * (STAGES - len(row))) for row in ROWS_OF_A])
B: Final = np.array(
    [
        *(0.10161210429097967, -0.006243561972025879, 0.001601679987623673, 0.2372914114467773),
        *(0.03909596724008383, 0.09391224508387501, 0.2997260118993021, 0.23300414202338418),
    ]
)
E: Final = np.array(
    [
        *(0.011686203805792293, -0.013201830173983901, -0.02541156615009695, 0.018079051277892597),
        *(-0.012072975245710665, -0.0073693048195704915, 0.003930765851849334, 0.024359655453827775),
    ]
)
"""Scaled so that its defects of order 5 are at most 3e-4; those of order 6 of the method itself are at most 1.3e-3."""


@njit(nogil=True, cache=True)
def step(theta, h, d, work, stages, new, f_new):  # type: ignore[no-untyped-def]
    """From theta (P,), where the field is stages[0], to `new`, where it is f_new. Returns the error, log L there."""
    trial = np.empty_like(theta)
    for s in range(1, STAGES):
        combine(theta, h, A[s], stages, s, trial)
        downhill(trial, d, work, stages[s])
    combine(theta, h, B, stages, STAGES, new)
    log_loss = downhill(new, d, work, f_new)
    combine(np.zeros_like(theta), h, E, stages, STAGES, trial)
    error = norm(trial)
    return error if math.isfinite(error) else math.inf, log_loss
