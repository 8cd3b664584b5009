"""`When`: on which runs a knob has a part, as names of facts, which the lab in one file reads too."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ulpm_core import RunConfig

FACTS: Final[dict[str, Callable[[RunConfig], bool]]] = {
    "steps": lambda run: run.method != "gradient-flow",
    "flow": lambda run: run.method == "gradient-flow",
    "flows": lambda run: run.flows,
    "never-flows": lambda run: not run.flows,
    "momentum": lambda run: "momentum" in run.step_rule._fields,  # type: ignore[attr-defined]
    "ulpm": lambda run: run.is_ulpm,
    "one-size": lambda run: not run.class_sizes,
    "no-decay": lambda run: not any(run.decays),
    "no-bound": lambda run: min(run.bounds) == math.inf,
    "saddle": lambda run: run.saddle is not None,
    "off-origin": lambda run: run.initialisation != "origin",
    "pushed": lambda run: run.push > 0.0,
    "no-saddle": lambda run: run.saddle is None,
    "any-classes": lambda run: run.saddle is None or len(run.saddle.sizes) > 1,
    "random": lambda run: run.saddle is None or run.push > 0.0,
}
"""Questions about a run, by the names under which a :class:`When` asks them."""
OF_RANDOM_STARTS: Final = frozenset({"no-saddle", "any-classes", "random"})
"""The facts that hold of every run that begins at no saddle."""


@dataclass(frozen=True)
class When:
    """A condition on runs: all of these facts hold.

    >>> When("steps", "ulpm")(RunConfig()), When("steps", "ulpm")(RunConfig(weight_decay=0.1))
    (True, False)
    """

    facts: tuple[str, ...]

    def __init__(self, *facts: str):
        object.__setattr__(self, "facts", facts)

    def __call__(self, run: RunConfig) -> bool:
        return all(FACTS[name](run) for name in self.facts)


ALWAYS: Final = When()
BY_STEPS: Final = When("steps")
GOES_ON_BY_FLOW: Final = When("steps", "ulpm")
"""A run of steps may go on by gradient flow, which knows the model's own objective alone."""
