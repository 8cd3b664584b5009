"""Why the engine in a browser refuses what it is given: the phrases of Python's own refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ulpm_core.model import class_sizes, config, config_base, objective_refusals, parameter, refusal

OF_A_BROWSER: Final = {"elsewhere": "is only in the full lab, beside a server"}
"""Reasons that Python itself never has, by name."""
GROUPS: Final[tuple[Mapping[str, str], ...]] = (
    refusal.PHRASES,
    parameter.WHY,
    class_sizes.WHY,
    config.WHY,
    config_base.WHY,
    objective_refusals.WHY,
    OF_A_BROWSER,
)


def refusals() -> dict[str, str]:
    """Returns every phrase as a template by its name; no two share one.

    >>> refusals()["span"].format(low=1, high=20)
    '1 to 20'
    """
    return {name: phrase for group in GROUPS for name, phrase in group.items()}
