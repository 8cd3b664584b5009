"""Configs made to fit: the run that a screen shows for one, and what gives way where a knob asks for more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.page.link import PAGE_SECONDS, check_page
from ulpm_core import ConfigError, RunConfig
from ulpm_core.dynamics.engines.cost import refuse_beyond
from ulpm_core.model.parameter import Value
from ulpm_core.model.saddles.gallery import SADDLES

FEW_SAMPLES: Final = 5
"""Samples per class where the landscape screen stands at first: they share their class's point."""
WITHOUT_KNOBS: Final = ("engine", "dtype")
"""A link can set them and no widget can: they give way to what can be turned."""


def at_a_saddle(config: RunConfig) -> RunConfig:
    """The run itself where it starts beside a saddle, else one that starts beside the square; where the sizes asked for
    have none, beside the polygon or the origin.

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
    """The run in which the limit of this one can be seen: itself where a flow has a part, else the flow from its start.

    >>> limit_of(RunConfig(seed=7)).to_link()
    {'method': 'gradient-flow', 'seed': '7'}
    """
    return config if config.flows else _as_flow(config)


def _as_flow(config: RunConfig, **changes: Any) -> RunConfig:
    """The same by gradient flow, which knows float64 alone and chooses its engine itself; to the usual end where nobody
    would wait for this one's.
    """
    flow = config.with_changes(method="gradient-flow", engine="auto", device="cpu", dtype="float64", **changes)
    try:
        refuse_beyond(flow, PAGE_SECONDS)
    except ConfigError:
        return flow.with_changes(log_time=RunConfig.log_time, fast_forward=0.0)
    return flow


def turned(config: RunConfig, values: Mapping[str, Value]) -> RunConfig:
    """The config with some knobs turned; sizes that differ give way to a number of classes, or of samples a class.
    Raises :class:`ConfigError` where a page cannot show that.

    >>> turned(RunConfig(dtype="float32"), {"seed": 7}).dtype
    'float32'
    >>> turned(RunConfig(dtype="float32"), {"method": "gradient-flow"}).dtype
    'float64'
    """
    if any(values.get(name, getattr(config, name)) != getattr(config, name) for name in ("classes", "per_class")):
        config = config.with_changes(class_sizes=())
    try:
        return check_page(config.with_changes(**values))
    except ConfigError as refusal:
        if refusal.field not in WITHOUT_KNOBS:
            raise
        plain = {name: RunConfig.PARAMETERS[name].default for name in WITHOUT_KNOBS}
        return check_page(config.with_changes(**{**plain, **values}))
