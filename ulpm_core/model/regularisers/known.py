"""The regularisers there are: a new one is a file of this folder and a row here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ulpm_core.model.config import RunConfig
from ulpm_core.model.regularisers.regulariser import Regulariser
from ulpm_core.model.regularisers.weight_decay import WeightDecay

REGULARISERS: Final[tuple[Callable[[RunConfig], Regulariser | None], ...]] = (WeightDecay.of,)
"""Each makes its regulariser of a config, or None where the config asks for none of it."""
