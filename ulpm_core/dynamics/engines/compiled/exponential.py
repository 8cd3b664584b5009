"""exp of a vector, for arguments up to 88, the largest power of e that float32 holds; 0 below the smallest.

Numba's own math.exp is a scalar call. Here x = k ln 2 + r with |r| <= ln(2)/2 (Cody and Waite 1980: ln 2 in two
parts, so that r is exact), e^r by its Taylor polynomial, truncated below half a unit in the last place, 2^k by its
bits: adding 1.5 * 2^52 (1.5 * 2^23 in float32) leaves k, rounded, in the lowest bits.
"""

from __future__ import annotations

import math
from typing import Any, Final

from numba.extending import overload

from ulpm_core.dynamics.engines.compiled.simd import Vector, exact_add, exact_subtract, spread
from ulpm_core.dynamics.engines.compiled.simd_functions import times_power_of_two, where_greater

LOG2_E: Final = 1.4426950408889634
LOWEST: Final = -708.0
LOWEST32: Final = -87.0
"""exp(-708) = 3e-308 and exp(-87) = 2e-38 are the last that are normal numbers; what lies below is 0 here."""
HIGH, LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
HIGH32, LOW32 = 0.693359375, -2.12194440e-4
MAGIC, MAGIC32 = 1.5 * 2.0**52, 1.5 * 2.0**23
C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13 = (1.0 / math.factorial(k) for k in range(2, 14))


def exp(x: Any) -> Any:
    """e^x lane by lane, to within 2 units in the last place; NaN stays NaN. Compiled code only."""
    raise NotImplementedError


@overload(exp, inline="always")
def _exp(x):  # type: ignore[no-untyped-def]
    if not isinstance(x, Vector):
        return None
    return _exp64 if x.dtype.bitwidth == 64 else _exp32


def _exp64(x):  # type: ignore[no-untyped-def]
    clamped = where_greater(spread(LOWEST, x), x, spread(LOWEST, x), x)
    shifted = exact_add(clamped * LOG2_E, spread(MAGIC, x))
    k = exact_subtract(shifted, spread(MAGIC, x))
    r = (clamped - k * HIGH) - k * LOW
    high = C8 + r * (C9 + r * (C10 + r * (C11 + r * (C12 + r * C13))))
    p = 1.0 + r * (1.0 + r * (C2 + r * (C3 + r * (C4 + r * (C5 + r * (C6 + r * (C7 + r * high)))))))
    return where_greater(spread(LOWEST, x), x, spread(0.0, x), times_power_of_two(p, shifted))


def _exp32(x):  # type: ignore[no-untyped-def]
    clamped = where_greater(spread(LOWEST32, x), x, spread(LOWEST32, x), x)
    shifted = exact_add(clamped * LOG2_E, spread(MAGIC32, x))
    k = exact_subtract(shifted, spread(MAGIC32, x))
    r = (clamped - k * HIGH32) - k * LOW32
    p = 1.0 + r * (1.0 + r * (C2 + r * (C3 + r * (C4 + r * (C5 + r * (C6 + r * C7))))))
    return where_greater(spread(LOWEST32, x), x, spread(0.0, x), times_power_of_two(p, shifted))
