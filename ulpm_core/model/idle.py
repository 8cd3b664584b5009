"""What a rule makes of weight decay, and which parameters have no part beside it: equal runs, equal digests."""

from __future__ import annotations

from typing import Final

from ulpm_core.model.rules.known import RULES
from ulpm_core.model.rules.rule import Rule

OF_ONE_RULE: Final = ("beta2", "epsilon")
"""The parameters of one rule that have no part beside the others."""


def decays_apart(rule: Rule, decays: tuple[float, float]) -> bool:
    """Returns whether coupled and decoupled decay differ: there is decay, and of gradient descent both are one formula.

    >>> decays_apart(RULES["adam"](0.9, 0.999, 1e-8), (0.1, 0.1)), decays_apart(RULES["gradient-descent"](), (0.1, 0.1))
    (True, False)
    """
    return any(decays) and not isinstance(rule, next(iter(RULES.values())))


def decays_at_rest(rule: Rule, decays: tuple[float, float]) -> tuple[float, float] | None:
    """Returns the decays whose value is at rest where runs of this rule with decoupled decays are; None for no decays.

    >>> decays_at_rest(RULES["momentum"](0.5), (0.5, 0.5)), decays_at_rest(RULES["adam"](0.9, 0.999, 1e-8), (0.1, 0.1))
    ((0.25, 0.25), None)
    """
    w, h = (rule.decay_at_rest(decay) for decay in decays)
    return None if w is None or h is None else (w, h)


def idle_fields(rule: Rule, decays: tuple[float, float]) -> list[str]:
    """Returns the fields of a config that have no part beside this rule and these decays."""
    idle = [name for name in OF_ONE_RULE if name not in rule._fields]  # type: ignore[attr-defined]
    return idle if decays_apart(rule, decays) else [*idle, "decay"]
