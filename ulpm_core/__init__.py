"""The science of Collapse Lab: the unconstrained layer-peeled model and what its runs show.

Usable alone, from Python and from the command line; nothing here knows of a screen.

>>> from ulpm_core import RunConfig, simulate
>>> run = simulate(RunConfig(classes=3, dimension=2, per_class=10, steps=1000, seed=0))
>>> run.stop_reason
'The run took all its 1,000 steps.'
"""

from __future__ import annotations

from ulpm_core.dynamics.trajectory import Outcome, Progress, ProgressCallback, Trajectory
from ulpm_core.model.config import ConfigError, RunConfig
from ulpm_core.model.state import State

__all__ = ["ConfigError", "Outcome", "Progress", "RunConfig", "State", "Trajectory", "simulate"]


def simulate(
    config: RunConfig,
    initial_state: State | None = None,
    progress: ProgressCallback | None = None,
    resume: Trajectory | None = None,
    separation: bool = True,
) -> Trajectory:
    """Runs a config and measures every snapshot: :func:`ulpm_core.dynamics.simulate.simulate`, then
    :func:`ulpm_core.analysis.measure.measured`.
    """
    from ulpm_core.analysis.measure import measured  # imported late: Numba takes a second that a first page must not
    from ulpm_core.dynamics import simulate as driver

    return measured(driver.simulate(config, initial_state, progress, resume), separation)
