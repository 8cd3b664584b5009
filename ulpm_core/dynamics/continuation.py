"""Decides whether a run may go on from a trajectory, and refuses one that is not its beginning."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from ulpm_core.dynamics.trajectory import Outcome, Trajectory
from ulpm_core.model.config import RunConfig
from ulpm_core.model.refusal import ConfigError, refuse, unfit

LENGTHS: Final = ("steps", "log_time", "fast_forward")
"""The parameters in which a run and its continuation may differ."""


def continues(past: Trajectory, config: RunConfig) -> bool:
    """Returns whether a run of `config` may resume `past`."""
    try:
        refuse_other_run(config, past)
    except ConfigError:
        return False
    return True


def refuse_other_run(config: RunConfig, past: Trajectory) -> None:
    """Raises :class:`ConfigError` where `past` is no beginning of a run of `config`."""
    for name in (f.name for f in fields(config)):
        was, wanted = getattr(past.config, name), getattr(config, name)
        if name not in LENGTHS and was != wanted and not (name == "initial_digest" and not wanted):
            raise unfit(
                "resume",
                f"the run to continue has other parameters, {name} = {was}, not {wanted}",
                f"only {', '.join(LENGTHS[:-1])} and {LENGTHS[-1]} may change",
            )
    if config.method == "gradient-flow":
        if past.flow is None:
            raise unfit("resume", "a flow read from a file cannot be continued", "run it again to a later log_time")
        reached = past.flow.log_time
        if past.outcome is Outcome.STALLED or reached > config.log_time:
            raise refuse(
                "log_time",
                f"{config.log_time:g}",
                f"cannot continue a flow that {_end(past, Outcome.STALLED)} at log t = {reached:g}",
                f"another start or {reached:g} to 1e9",
                "1e9",
            )
        return
    step = int(past.hand_over.step if past.hand_over else past.step[-1])
    if past.outcome is Outcome.DIVERGED or step > config.steps:
        raise refuse(
            "steps",
            config.steps,
            f"cannot continue a run that {_end(past, Outcome.DIVERGED)} at step {step}",
            f"a smaller learning_rate or {step} to 10000000 steps",
        )


def _end(past: Trajectory, early: Outcome) -> str:
    """Says how a run ended that is not to be continued."""
    return str(early) if past.outcome is early else "went further"
