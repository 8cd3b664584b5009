"""The constraints there are: a new one is a file of this folder and a row here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ulpm_core.model.config import RunConfig
from ulpm_core.model.constraints.constraint import Constraint
from ulpm_core.model.constraints.norm_balls import NormBalls
from ulpm_core.model.constraints.spheres import Spheres

CONSTRAINTS: Final[tuple[Callable[[RunConfig], Constraint | None], ...]] = (NormBalls.of, Spheres.of)
"""Each makes its constraint of a config, or None where the config asks for none of it."""
