"""Says why a run ended, in one sentence."""

from __future__ import annotations

import math
from typing import Final

from ulpm_core.dynamics.stability import stability_limit
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.model.config import RunConfig
from ulpm_core.model.number_words import power_of_e
from ulpm_core.model.objective import Objective
from ulpm_core.model.state import State

WHERE: Final = {"steps": "step {step} of {steps}", "flow": "t = {t}"}
"""Where a run is, by steps or by gradient flow."""
ON_THE_WAY: Final = "t = {t} of {end}"
"""How far a flow is."""
STOPPED: Final = {
    "done": "The run took all its {steps} steps.",
    "done-flow": "The flow reached {where}.",
    "done-fast-forward": "The run took all its {steps} steps, and the flow carried it on to {where}.",
    "at-rest": "It has been at rest since t = {t}: what is left of its gradient is rounding.",
    "at-rest-from-the-start": "It is at rest from the start: the gradient vanishes there.",
    "cancelled": "Cancelled at {where}.",
    "stalled": "The flow stalled at {where}: its steps have become too short, as they do where the classes cannot be"
    " separated or the start is huge.",
    "stalled-stiff": "The flow stalled at {where}: some ways down are so much steeper than others there that its steps"
    " stay short.",
    "diverged": "Diverged at step {step}: {reason}",
    "running": "Running: {where}.",
}
"""Why a run ended, by its outcome and by whether gradient flow has a part in it."""
DIVERGENCE: Final = {
    "overlong": "learning rate {rate} makes every step far longer than the state it steps from.",
    "above": "learning rate {rate} is above the stability limit {limit} (2 / the largest curvature on the way), so"
    " steps overshoot and grow.",
    "below": "learning rate {rate} is below the stability limit {limit} of the quiet way down, but these steps left it"
    " for steeper ground.",
}


def stop_reason(
    config: RunConfig,
    outcome: Outcome,
    step: int,
    log_time: float,
    flowing: bool,
    start: State,
    rest: float | None = None,
) -> str:
    """The sentence for a run that is at `step` and `log_time`, by gradient flow if `flowing`, and began at `start`; at
    `rest` is the log time since which its flow has been so, if it is.

    >>> import numpy as np
    >>> stop_reason(RunConfig(method="gradient-flow"), Outcome.DONE, 333, 1000.0, True, State(np.eye(2), np.eye(2)))
    'The flow reached t = e^1,000.'
    """
    t, all_steps = power_of_e(log_time), f"{config.steps:,}"
    where = WHERE["flow" if flowing else "steps"].format(t=t, step=f"{step:,}", steps=all_steps)
    match outcome:
        case Outcome.DONE:
            by_steps = "done-fast-forward" if flowing else "done"
            name = "done-flow" if config.method == "gradient-flow" else by_steps
            done = STOPPED[name].format(steps=all_steps, where=where)
            return " ".join(filter(None, (done, _rest(rest), Objective.of(config).note)))
        case Outcome.STALLED if not config.is_ulpm:
            return " ".join(filter(None, (STOPPED["stalled-stiff"].format(where=where), Objective.of(config).note)))
        case Outcome.DIVERGED:
            reason = divergence_reason(config.learning_rate, stability_limit(config, start))
            return STOPPED["diverged"].format(step=f"{step:,}", reason=reason)
    return STOPPED[outcome].format(where=where)


def _rest(since: float | None) -> str:
    """Says since when a flow has been at rest, if it is."""
    if since is None:
        return ""
    return STOPPED["at-rest" if since > -math.inf else "at-rest-from-the-start"].format(t=power_of_e(since))


def divergence_reason(learning_rate: float, limit: float) -> str:
    """One sentence on why a run diverged, with the stability limit.

    >>> divergence_reason(3.0, 0.62).split(" (")[0]
    'learning rate 3 is above the stability limit 0.62'
    """
    name = "overlong" if math.isinf(limit) else "above" if learning_rate > limit else "below"
    return DIVERGENCE[name].format(rate=f"{learning_rate:g}", limit=f"{limit:.2g}")
