"""`When`: on which runs a knob has a part, as names of facts, which the lab in one file reads too."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ulpm_core import RunConfig
from ulpm_core.model.idle import decays_apart
from ulpm_core.model.losses.label_smoothing import LabelSmoothing
from ulpm_core.model.unused import has_part

FACTS: Final[dict[str, Callable[[RunConfig], bool]]] = {
    "steps": lambda run: run.method != "gradient-flow",
    "flow": lambda run: run.method == "gradient-flow",
    "flows": lambda run: run.flows,
    "never-flows": lambda run: not run.flows,
    "momentum": lambda run: "momentum" in run.step_rule._fields,  # type: ignore[attr-defined]
    "smoothed": lambda run: run.loss == LabelSmoothing.name,
    "adam": lambda run: "beta2" in run.step_rule._fields,  # type: ignore[attr-defined]
    "decays-apart": lambda run: decays_apart(run.step_rule, run.decays),
    "coupled": lambda run: run.decay == RunConfig.decay,
    "one-size": lambda run: not run.class_sizes,
    "sizes-differ": lambda run: bool(run.class_sizes),
    "two-sizes": lambda run: (
        len(set(run.sizes)) < 3 and list(run.sizes) == sorted(run.sizes, reverse=True)
    ),  # large ones first
    "decayed": lambda run: any(run.decays),
    "bounded": lambda run: min(run.bounds) < math.inf,
    "normed": lambda run: run.feature_norm < math.inf,
    "no-decay": lambda run: not any(run.decays),
    "no-bound": lambda run: min(run.bounds) == math.inf,
    "free-lengths": lambda run: run.feature_norm == math.inf,
    "saddle": lambda run: run.saddle is not None,
    "off-origin": lambda run: run.initialisation != "origin",
    "pushed": lambda run: run.push > 0.0,
    "no-saddle": lambda run: run.saddle is None,
    "scaled": lambda run: has_part(run, "initial_scale"),
    "any-classes": lambda run: run.saddle is None or len(run.saddle.sizes) > 1,
    "random": lambda run: has_part(run, "seed"),
}
"""Questions about a run, by the names under which a :class:`When` asks them."""
OF_RANDOM_STARTS: Final = frozenset({"no-saddle", "any-classes"})
"""The facts that hold of every run that begins at no saddle."""


@dataclass(frozen=True)
class When:
    """A condition on runs: all of these facts hold.

    >>> When("steps", "no-decay")(RunConfig()), When("steps", "no-decay")(RunConfig(weight_decay=0.1))
    (True, False)
    """

    facts: tuple[str, ...]

    def __init__(self, *facts: str):
        object.__setattr__(self, "facts", facts)

    def __call__(self, run: RunConfig) -> bool:
        return all(FACTS[name](run) for name in self.facts)


ALWAYS: Final = When()
BY_STEPS: Final = When("steps")
GOES_ON_BY_FLOW: Final = When("steps", "no-bound", "free-lengths", "coupled")
"""A run of steps may go on by gradient flow, which goes along the gradient of one value and nowhere else."""
