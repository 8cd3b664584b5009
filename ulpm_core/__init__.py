"""The science of Collapse Lab: the unconstrained layer-peeled model and what its runs show.

Usable alone, from Python and from the command line; nothing here knows of a screen.

>>> from ulpm_core import RunConfig, simulate
>>> run = simulate(RunConfig(classes=3, dimension=2, per_class=10, steps=1000, seed=0))
>>> run.stop_reason
'The run took all its 1,000 steps.'
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ulpm_core.dynamics.progress import Progress, ProgressCallback
from ulpm_core.dynamics.trajectory import Outcome, Trajectory
from ulpm_core.model.config import RunConfig
from ulpm_core.model.config_base import MisuseError
from ulpm_core.model.refusal import ConfigError, unfit
from ulpm_core.model.state import State

__all__ = ["ConfigError", "Outcome", "Progress", "RunConfig", "State", "Trajectory", "simulate"]


def simulate(
    config: RunConfig,
    initial_state: State | None = None,
    progress: ProgressCallback[Trajectory] | None = None,
    resume: Trajectory | None = None,
    separation: bool = True,
    metrics: bool = True,
) -> Trajectory:
    """Runs a config and measures every snapshot: :func:`ulpm_core.dynamics.simulate.simulate`, then
    :func:`ulpm_core.analysis.measure.measured`. The separation problem can be left out, or all `metrics`, which
    :func:`ulpm_core.analysis.analysis.analyse` measures where they are missing.

    Raises :class:`ConfigError` for arguments of another kind, and for what the driver refuses.

    >>> from ulpm_core import RunConfig, simulate
    >>> run = simulate(RunConfig(classes=3, dimension=2, per_class=4, steps=50))
    >>> run.W.shape, run.H.shape, int(run.step[-1])
    ((45, 3, 2), (45, 2, 12), 50)
    """
    wanted: list[tuple[str, object, Any, str, str]] = [
        ("config", config, RunConfig, "a RunConfig", "simulate(RunConfig(classes=4))"),
        ("initial_state", initial_state, State | None, "a State", "State(W, H)"),
        ("resume", resume, Trajectory | None, "a Trajectory", "simulate(config)"),
        ("progress", progress, Callable | None, "a function", "print"),
    ]
    for name, given, kind, what, example in wanted:
        if not isinstance(given, kind):
            found = f"{name} is of type {type(given).__name__}"
            raise unfit(name, found, f"give {what}", example, kind=MisuseError)
    from ulpm_core.analysis.measure import measured  # imported late: Numba takes a second that a first page must not
    from ulpm_core.dynamics import simulate as driver

    run = driver.simulate(config, initial_state, progress, resume)
    return measured(run, separation) if metrics else run
