"""The losses there are: a new one is a file of this folder and a row here."""

from __future__ import annotations

from typing import Final

from ulpm_core.model.losses.cross_entropy import CrossEntropy
from ulpm_core.model.losses.label_smoothing import LabelSmoothing
from ulpm_core.model.losses.loss import Loss
from ulpm_core.model.losses.squared_error import SquaredError

LOSSES: Final[dict[str, type[Loss]]] = {loss.name: loss for loss in (CrossEntropy, SquaredError, LabelSmoothing)}
"""By name; the first is the model's own."""
