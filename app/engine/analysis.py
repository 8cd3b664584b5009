"""The numbers with which the browser's engine analyses runs: what is rounding, what a stage holds, and the laws."""

from __future__ import annotations

from typing import Any

from ulpm_core.analysis import imbalance, laws, marks, projection, rates
from ulpm_core.analysis.rounding import RANK_TOLERANCE
from ulpm_core.analysis.separation import LOG_THRESHOLD
from ulpm_core.model.config import RunConfig


def analysis() -> dict[str, Any]:
    """Returns the numbers by name: those of rounding and of the stage, of marks, and of laws."""
    return {
        "rank_tolerance": RANK_TOLERANCE,
        "most_frames": projection.MAX_FRAMES,
        "most_axes": projection.MAX_AXES,
        "feature_bytes": projection.FEATURE_BYTES,
        "even": projection.EVEN,
        "nothing": projection.NOTHING,
        "stands_out": projection.STANDS_OUT,
        "log_threshold": LOG_THRESHOLD,
        "billion": marks.BILLION,
        "alike": marks.ALIKE,
        "gone": marks.GONE,
        "no_length": imbalance.NO_LENGTH,
        "slopes": {name: rates.PREDICTED[name] for name in laws.drawn(flows=True)},
        "by_steps": laws.drawn(flows=False),
        "settled": rates.SETTLED,
        "least": laws.LEAST,
        "followed": laws.FOLLOWED,
        "long_enough": laws.LONG_ENOUGH,
        "deep_enough": laws.DEEP_ENOUGH,
        "largest_log": laws.LARGEST_LOG,
        "noise": {"curve": laws.NOISE, "loss": RunConfig.loss},
    }
