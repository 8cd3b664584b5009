"""Numbers as people read them: with a minus sign, powers of ten and of e. The player's numbers.js writes the same."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

SUPERSCRIPTS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def written(value: float | Decimal, form: str) -> str:
    """The value in a format of Python's, with a minus sign in place of a hyphen.

    >>> written(-0.5, ".2f"), written(-1234, ",d")
    ('−0.50', '−1,234')
    """
    return f"{value:{form}}".replace("-", "−")


def number(value: float) -> str:
    """Three digits of a figure: 1,234 or 0.0123 or 3.2 × 10^-9.

    >>> number(1234567), number(0.01234), number(-3.2e-9)
    ('1,234,567', '0.0123', '−3.2 × 10⁻⁹')
    """
    if value == 0 or 1e-3 <= abs(value) < 999.5:
        return written(value + 0.0, ".3g")
    if 999.5 <= abs(value) < 1e9:
        return written(value, ",.0f")
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{written(float(mantissa), '.1f')} × 10{str(int(exponent)).translate(SUPERSCRIPTS)}"


def power_of_e(log_value: float) -> str:
    """e^x: as a number while that is short, else as a power.

    >>> power_of_e(math.log(1000.0)), power_of_e(690.0), power_of_e(1e8)
    ('1,000', 'e^690', 'e^100,000,000')
    """
    if log_value < math.log(1e6):
        return written(math.exp(log_value), ",.3g" if log_value < math.log(1000.0) - 1e-9 else ",.0f")
    return f"e^{log_value:,.0f}"
