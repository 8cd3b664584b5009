"""Refusal of a fast-forward that would do nothing."""

from __future__ import annotations

import math

from ulpm_core.model.config import RunConfig
from ulpm_core.model.parameters import PARAMETERS
from ulpm_core.model.refusal import refuse


def refuse_idle_fast_forward(config: RunConfig, given: str) -> None:
    """Raises :class:`ConfigError` for a --fast-forward that would do nothing."""
    if config.method == "gradient-flow" and PARAMETERS["fast_forward"].parse(given):
        raise refuse(
            "fast_forward",
            given,
            "is for runs by steps, and gradient-flow is the flow already",
            "log_time",
            690,
            do="leave it out, and use",
        )
    reached = math.log(config.steps * config.step_time)
    if 0.0 < config.fast_forward <= reached:
        raise refuse(
            "fast_forward",
            given,
            f"lies before log t = {reached:.4g}, which the steps reach by themselves",
            f"{math.floor(reached) + 1} to 1e9",
            "1000, or 0 for no fast-forward",
        )
