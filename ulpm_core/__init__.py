"""The science of Collapse Lab: the unconstrained layer-peeled model and what its runs show.

Usable alone, from Python and from the command line; nothing here knows of a screen.

>>> from ulpm_core import RunConfig, simulate
>>> run = simulate(RunConfig(classes=3, dimension=2, per_class=10, steps=1000, seed=0))
>>> run.stop_reason
'The run took all its 1,000 steps.'
"""

from __future__ import annotations

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
    """
    _refuse_other_than(config, RunConfig, "config", "simulate(RunConfig(classes=4))")
    optional = (
        ("initial_state", initial_state, State, "State(W, H)"),
        ("resume", resume, Trajectory, "simulate(config)"),
    )
    for name, given, kind, example in optional:
        if given is not None:
            _refuse_other_than(given, kind, name, example)
    if progress is not None and not callable(progress):
        raise unfit(
            "progress", f"progress is of type {type(progress).__name__}", "give a function", "print", kind=MisuseError
        )
    from ulpm_core.analysis.measure import measured  # imported late: Numba takes a second that a first page must not
    from ulpm_core.dynamics import simulate as driver

    run = driver.simulate(config, initial_state, progress, resume)
    return measured(run, separation) if metrics else run


def _refuse_other_than(given: object, kind: type, name: str, example: str) -> None:
    if not isinstance(given, kind):
        raise unfit(
            name, f"{name} is of type {type(given).__name__}", f"give a {kind.__name__}", example, kind=MisuseError
        )
