"""How long a run will take on this kind of machine, from a measured model of the compiled engine."""

from __future__ import annotations

import math
from typing import Final

from ulpm_core.model.config import RunConfig

STEP_SECONDS: Final = 0.5e-6
LOGIT_SECONDS: Final = 3.5e-9
PRODUCT_SECONDS: Final = 0.12e-9
"""Least squares through `python -m tests.benchmarks` on two cores: within a factor of two from (3, 2, 10) up."""


FLOW_EVALUATIONS: Final = 1000
FLOW_EVALUATIONS_LATE: Final = 31
"""A flow's right-hand sides: 1,000, and about 31 for each unit of sqrt(log t): `python -m tests.benchmarks.flow`."""


def predicted_seconds(config: RunConfig) -> float:
    """Steps x (overhead + K N logits to exponentiate + K d N multiplications in each of three products).

    >>> 0.1 < predicted_seconds(RunConfig(classes=4, dimension=3, per_class=30, steps=100_000)) < 1.0
    True
    """
    logits = config.classes * config.label_count
    step = STEP_SECONDS + LOGIT_SECONDS * logits + PRODUCT_SECONDS * logits * config.dimension
    steps = 0.0 if config.method == "gradient-flow" else config.steps
    if config.flows:
        steps += FLOW_EVALUATIONS + FLOW_EVALUATIONS_LATE * math.sqrt(max(0.0, config.flow_end))
    return steps * step
