"""Says why a run ended, in one sentence."""

from __future__ import annotations

import math

from ulpm_core.dynamics.stability import stability_limit
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.model.config import RunConfig
from ulpm_core.model.number_words import power_of_e
from ulpm_core.model.objective import Objective
from ulpm_core.model.state import State


def stop_reason(config: RunConfig, outcome: Outcome, step: int, log_time: float, flowing: bool, start: State) -> str:
    """The sentence for a run that is at `step` and `log_time`, by gradient flow if `flowing`, and began at `start`.

    >>> import numpy as np
    >>> stop_reason(RunConfig(method="gradient-flow"), Outcome.DONE, 333, 1000.0, True, State(np.eye(2), np.eye(2)))
    'The flow reached t = e^1,000.'
    """
    where = f"t = {power_of_e(log_time)}" if flowing else f"step {step:,} of {config.steps:,}"
    match outcome:
        case Outcome.DONE if not flowing:
            return " ".join(filter(None, (f"The run took all its {config.steps:,} steps.", Objective.of(config).note)))
        case Outcome.DONE if config.method == "gradient-flow":
            return f"The flow reached {where}."
        case Outcome.DONE:
            return f"The run took all its {config.steps:,} steps, and the flow carried it on to {where}."
        case Outcome.CANCELLED:
            return f"Cancelled at {where}."
        case Outcome.STALLED:
            return (
                f"The flow stalled at {where}: its steps have become too short, as they do where the classes cannot be"
                " separated or the start is huge."
            )
        case Outcome.DIVERGED:
            limit = stability_limit(config, start)
            return f"Diverged at step {step:,}: " + divergence_reason(config.learning_rate, limit)
    return f"Running: {where}."


def divergence_reason(learning_rate: float, limit: float) -> str:
    """One sentence on why a run diverged, with the stability limit.

    >>> divergence_reason(3.0, 0.62).split(" (")[0]
    'learning rate 3 is above the stability limit 0.62'
    """
    if math.isinf(limit):
        return f"learning rate {learning_rate:g} makes every step far longer than the state it steps from."
    if learning_rate > limit:
        return (
            f"learning rate {learning_rate:g} is above the stability limit {limit:.2g}"
            " (2 / the largest curvature on the way), so steps overshoot and grow."
        )
    return (
        f"learning rate {learning_rate:g} is below the stability limit {limit:.2g} of the quiet way down,"
        " but these steps left it for steeper ground."
    )
