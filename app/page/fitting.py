"""Configs made to fit a screen: where a screen can do nothing with a run, it shows the run nearest to it with which it
can.
"""

from __future__ import annotations

from typing import Any, Final

from app.jobs.films import PAGE_SECONDS
from app.page.runs import OTHER_OBJECTIVES
from ulpm_core import ConfigError, RunConfig
from ulpm_core.dynamics.engines.cost import refuse_beyond
from ulpm_core.model.saddles.gallery import SADDLES

FEW_SAMPLES: Final = 5
"""Samples per class with which the landscape screen begins: all of a class lie on one point there."""
STEPS_ALONE: Final = ("engine", "device", "dtype", *OTHER_OBJECTIVES)
"""Parameters that play a part in steps, and none in the model's own flow."""


def at_a_saddle(config: RunConfig) -> RunConfig:
    """Returns the run itself where it starts beside a saddle, else one that starts beside the square; where the square
    does not fit the sizes asked for, beside the polygon or at the origin.

    >>> at_a_saddle(RunConfig(seed=7)).to_link()
    {'per_class': '5', 'method': 'gradient-flow', 'initialisation': 'square', 'seed': '7'}
    >>> at_a_saddle(RunConfig(classes=6)).initialisation, at_a_saddle(RunConfig(classes=3)).initialisation
    ('polygon', 'origin')
    """
    if config.saddle is not None:
        return config
    fitting = (name for name in ("square", "polygon") if config.classes in SADDLES[name].sizes and config.dimension > 1)
    usual = config.class_sizes or config.per_class == RunConfig.per_class
    few = FEW_SAMPLES if usual else config.per_class
    return _as_flow(config, initialisation=next(fitting, "origin"), per_class=few, class_sizes=())


def limit_of(config: RunConfig) -> RunConfig:
    """Returns the run that shows the limit of this one: itself where it follows the model's flow, else that flow from
    the same start, by cross-entropy alone: the theorem's limit is of no other objective.

    >>> limit_of(RunConfig(seed=7)).to_link()
    {'method': 'gradient-flow', 'seed': '7'}
    """
    return config if config.endless else _as_flow(config)


def _as_flow(config: RunConfig, **changes: Any) -> RunConfig:
    """Returns the same run by gradient flow, of cross-entropy alone, in float64; it chooses its engine itself. It goes
    as far as flows usually do where a page would not wait for as long as this one's log time takes.

    >>> _as_flow(RunConfig(seed=7, weight_decay=0.1)).to_link()
    {'method': 'gradient-flow', 'seed': '7'}
    """
    alone = {name: getattr(RunConfig, name) for name in STEPS_ALONE}
    flow = config.with_changes(method="gradient-flow", **alone, **changes)
    try:
        refuse_beyond(flow, PAGE_SECONDS)
    except ConfigError:
        return flow.with_changes(log_time=RunConfig.log_time, fast_forward=0.0)
    return flow
