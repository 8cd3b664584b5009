"""What tests of figures share: a flow, a run of steps and an escape, each as a film and as a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from ulpm_core import RunConfig, Trajectory, simulate
from ulpm_core.files.run import save_run
from ulpm_core.film.film import Film, build_film

FLOW = RunConfig(classes=3, dimension=3, per_class=4, method="gradient-flow", log_time=300.0, snapshots=60)
STEPS = RunConfig(classes=4, dimension=3, per_class=5, steps=300)
ESCAPE = RunConfig(
    initialisation="square", classes=4, dimension=3, per_class=2, method="gradient-flow", log_time=100.0, push_along=1
)


@pytest.fixture(scope="session")
def flow() -> Trajectory:
    return simulate(FLOW)


@pytest.fixture(scope="session")
def flow_film(flow: Trajectory) -> Film:
    return build_film(flow)


@pytest.fixture(scope="session")
def steps() -> Trajectory:
    return simulate(STEPS)


@pytest.fixture(scope="session")
def steps_film(steps: Trajectory) -> Film:
    return build_film(steps)


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory, flow: Trajectory, steps: Trajectory) -> dict[str, Path]:
    """Files by name: flow, steps, escape."""
    folder = tmp_path_factory.mktemp("saved")
    runs = {"flow": flow, "steps": steps, "escape": simulate(ESCAPE)}
    for name, run in runs.items():
        save_run(run, folder / f"{name}.npz")
    return {name: folder / f"{name}.npz" for name in runs}
