"""exp for arguments <= 0, free of branches so that LLVM vectorises the loops around it.

Numba's own math.exp is a scalar call. Here x = k ln 2 + r with |r| <= ln(2)/2 (Cody and Waite 1980: ln 2 in two
parts, so that r is exact), e^r by its Taylor polynomial of degree 13 (truncation 4e-18), 2^k by its bits.
"""

from __future__ import annotations

import math
from typing import Final

from numba import float64, int64, njit
from numba.core import types
from numba.extending import intrinsic

LOG2_E: Final = 1.4426950408889634
LN2_HIGH: Final = 6.93147180369123816490e-01
LN2_LOW: Final = 1.90821492927058770002e-10
LOWEST: Final = -708.0
"""exp(-708) = 3e-308 is the last normal number; what lies below is 0 here."""

C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13 = (1.0 / math.factorial(k) for k in range(2, 14))


@intrinsic
def from_bits(typing_context, bits):  # type: ignore[no-untyped-def]
    """The float64 whose 64 bits are those of the int64."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.bitcast(arguments[0], context.get_value_type(types.float64))

    return float64(int64), codegen


@njit(nogil=True, cache=True, inline="always")
def exp_nonpositive(x):  # type: ignore[no-untyped-def]
    """e^x for x <= 0, to within 2 units in the last place; 0 below -708."""
    clamped = max(x, LOWEST)
    k = math.floor(clamped * LOG2_E + 0.5)
    r = (clamped - k * LN2_HIGH) - k * LN2_LOW
    high = C8 + r * (C9 + r * (C10 + r * (C11 + r * (C12 + r * C13))))
    p = 1.0 + r * (1.0 + r * (C2 + r * (C3 + r * (C4 + r * (C5 + r * (C6 + r * (C7 + r * high)))))))
    value = p * from_bits((int64(k) + 1023) << 52)  # type: ignore[call-arg]
    return value if x > LOWEST else 0.0
