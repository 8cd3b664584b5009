"""Refusal of a fast-forward that would do nothing."""

from __future__ import annotations

import math

from ulpm_core.model.config import RunConfig
from ulpm_core.model.parameters import PARAMETERS
from ulpm_core.model.refusal import ConfigError, shown


def refuse_idle_fast_forward(config: RunConfig, given: str) -> None:
    """Raises :class:`ConfigError` for a --fast-forward that would do nothing."""
    if config.method == "gradient-flow" and PARAMETERS["fast_forward"].parse(given):
        raise ConfigError(
            "fast_forward",
            f"fast_forward = {shown(given)} is for runs by steps, and gradient-flow is the flow already: leave it out,"
            " and use log_time, for example 690.",
        )
    reached = math.log(config.steps * config.step_time)
    if 0.0 < config.fast_forward <= reached:
        raise ConfigError(
            "fast_forward",
            f"fast_forward = {shown(given)} lies before log t = {reached:.4g}, which the steps reach by themselves: use"
            f" {math.floor(reached) + 1} to 1e9, for example 1000, or 0 for no fast-forward.",
        )
