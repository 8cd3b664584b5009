"""The names that an expression of a tour may read from a film: curves, clocks, angles, and what has no time."""

from __future__ import annotations

from typing import Final

from ulpm_core.analysis.curves import CURVES

CONSTANTS: Final = ("classes", "dimension", "per_class", "ideal_angle")
"""What has no time: K, d, n, and the angle in degrees between the class means of a simplex of K classes."""
CLOCKED: Final = ("step", "epoch", "log_time", "time")
ANGLES: Final = ("mean_angle", "smallest_angle", "largest_angle", "angle_gap")
"""Of the angles between class means, in degrees: their mean, least and largest, and their mean distance from the
ideal."""
QUANTITIES: Final = (*CURVES, *CLOCKED, *ANGLES)
"""What has a value at each moment."""
