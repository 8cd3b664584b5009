"""Names films that stand side by side: by what their runs minimise and how they move, or by their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ulpm_core import RunConfig
from ulpm_core.model.objective import ULPM, Objective
from ulpm_core.model.refusal import ConfigError
from ulpm_core.model.rules.known import RULES

MOST_FILMS: Final = 4
"""So many stand side by side on one stage."""
PLAIN: Final = next(iter(RULES))
"""The rule of plain steps, which nobody names beside what is minimised."""


def rule_words(config: RunConfig) -> str:
    """Returns the rule of a run in a few words: what is minimised, and the method where it is no plain descent.

    >>> rule_words(RunConfig()), rule_words(RunConfig(method="momentum"))
    ('ULPM', 'momentum (heavy ball)')
    >>> rule_words(RunConfig(weight_decay=0.01, loss_reduction="mean"))
    'weight decay'
    """
    name = Objective.of(config).name
    what = "ULPM" if name == ULPM else name.replace("-", " ")
    if config.flows or config.method == PLAIN:
        return what
    label = RULES[config.method].label
    how = label[0].lower() + label[1:]
    return how if name == ULPM else f"{what}, {how}"


def film_names(headers: Sequence[Mapping[str, Any]], otherwise: Sequence[str]) -> list[str]:
    """Returns a name for each of several films: its rule, where that tells all of them apart, else its other name."""
    try:
        runs = [{key: value for key, value in header["config"].items() if key != "kind"} for header in headers]
        names = [rule_words(RunConfig.from_mapping(run)) for run in runs]
    except (ConfigError, AttributeError, KeyError):  # of a network, or of features
        return list(otherwise)
    return names if len(set(names)) == len(names) else list(otherwise)
