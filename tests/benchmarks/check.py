"""Checks that peers compute the same: a peer that computes something else is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.benchmarks.peers import Reached
from ulpm_core import RunConfig
from ulpm_core.dynamics.engines.compiled.run import CompiledRun
from ulpm_core.dynamics.stability import divergence_limit
from ulpm_core.model.state import State

STEPS = 10
TOLERANCE = {"float64": 1e-9, "float32": 1e-3}
"""Largest error, as a share of the distance from the start: a wrong step shows also where steps are short."""


def by_compiled(config: RunConfig, start: State, steps: int = STEPS) -> Reached:
    """Returns where the compiled engine is after so many steps in float64."""
    run = CompiledRun(config.with_changes(dtype="float64"), start, divergence_limit(config, start))
    run.advance(steps)
    return Reached(run.W, run.H)


def refuse_other_steps(
    name: str,
    reached: Any,
    starts: Sequence[State],
    expected: Sequence[Reached],
    dtype: str,
    steps: int = STEPS,
) -> None:
    """Ends the benchmark where `name`, after so many steps from `starts`, has not reached what is expected.

    `reached` has W (B, K, d) and H (B, d, N) for B starts, or W (K, d) and H (d, N) for one.
    """
    for block in ("W", "H"):
        found = np.asarray(getattr(reached, block), dtype=np.float64)
        found = found.reshape(len(starts), *found.shape[-2:])
        for at, start, wanted in zip(found, starts, expected, strict=True):
            moved = np.linalg.norm(getattr(wanted, block) - getattr(start, block))
            error = np.linalg.norm(at - getattr(wanted, block)) / moved
            if not error <= TOLERANCE[dtype]:
                raise SystemExit(
                    f"{name} is not timed and nothing else either: after {steps} steps in {dtype} its {block} is"
                    f" {error:.1e} of the way off what the compiled engine reaches; {TOLERANCE[dtype]:g} is allowed."
                )
