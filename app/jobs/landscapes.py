"""What is known of a saddle and its surroundings: computed once, kept, shared by all visitors."""

from __future__ import annotations

import math
from typing import Final

from app.jobs.cache import Cache
from ulpm_core import RunConfig
from ulpm_core.analysis.landscape import Landscape, landscape
from ulpm_core.analysis.slices import Slice, escape_plane
from ulpm_core.model.initialisation import saddle_state

FEWEST_POINTS, MOST_POINTS = 15, 41
"""Points of a slice along each side."""
SLICE_LOGITS: Final = 5_000_000
"""Logits of all points of a slice: a tenth of a second."""


def landscape_of(config: RunConfig) -> Landscape:
    """The landscape at the saddle that a run starts beside."""
    saddle = _saddle_alone(config)
    known = _landscapes.get(saddle.digest)
    return known or _landscapes.put(saddle.digest, landscape(saddle_state(saddle), saddle.loss_reduction))


def _saddle_alone(config: RunConfig) -> RunConfig:
    """The same for all runs that start beside one saddle."""
    names = ("initialisation", "classes", "dimension", "per_class", "margin", "loss_reduction")
    return RunConfig(**{name: getattr(config, name) for name in names})


def slice_of(config: RunConfig, towards_simplex: bool) -> tuple[Slice, str, str]:
    """The slice at the saddle that a run starts beside, and the names of its directions: those of the run's pushes."""
    saddle = _saddle_alone(config).with_changes(seed=config.seed)
    key = f"{saddle.digest}-{towards_simplex}"
    return _slices.get(key) or _slices.put(key, _slice_of(saddle, towards_simplex))


def _slice_of(saddle: RunConfig, towards_simplex: bool) -> tuple[Slice, str, str]:
    size = saddle.classes * saddle.label_count
    points = max(FEWEST_POINTS, min(MOST_POINTS, int(math.sqrt(SLICE_LOGITS / size)))) | 1  # odd: one in the middle
    return escape_plane(saddle_state(saddle), saddle.seed, towards_simplex, points, saddle.loss_reduction)


_landscapes: Cache[Landscape] = Cache()
_slices: Cache[tuple[Slice, str, str]] = Cache()
