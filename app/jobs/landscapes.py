"""Asks for a saddle's landscape and for a slice through it: computed once, kept, shared by all visitors."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np

from app.jobs.cache import Cache
from app.jobs.question import Question
from app.jobs.queue import Queue
from app.paper.slices import Ground
from app.views.landscape import picture
from ulpm_core import RunConfig, Trajectory
from ulpm_core.analysis.landscape import Landscape, landscape, log_loss_floor
from ulpm_core.analysis.saddles import SADDLE_FIELDS
from ulpm_core.analysis.slices import Slice, escape_plane, path_on
from ulpm_core.analysis.verdict import Verdict
from ulpm_core.dynamics.engines.cost import cores
from ulpm_core.model.initialisation import saddle_state
from ulpm_core.model.refusal import unfit

Cut = tuple[Slice, str, str]
GROUND: Final = Queue("landscape", cores())
SLICES: Final = Queue("slice", cores(), polite=True)

FEWEST_POINTS, MOST_POINTS = 15, 41
"""The fewest and the most points that a slice has along each side."""
SLICE_LOGITS: Final = 5_000_000
"""Most logits that all points of a slice may have together."""


def landscape_of(config: RunConfig) -> Question[Landscape]:
    """Asks for the landscape at the saddle that a run starts beside."""
    saddle = _saddle_alone(config)
    find = lambda _: landscape(saddle_state(saddle), saddle.loss_reduction)  # noqa: E731
    return Question("landscape", saddle.digest, find, GROUND, _landscapes)


def _saddle_alone(config: RunConfig) -> RunConfig:
    """Returns the saddle as a config, the same for all runs that start beside it."""
    return RunConfig(**{name: getattr(config, name) for name in SADDLE_FIELDS})


def slice_of(config: RunConfig, towards_simplex: bool) -> Question[Cut]:
    """Asks for the slice at the saddle that a run starts beside, with the names of its directions, which are those of
    its pushes.
    """
    saddle = _saddle_alone(config).with_changes(seed=config.seed)
    key = f"{saddle.digest}-{towards_simplex}"
    return Question("slice", key, lambda _: _cut_of(saddle, towards_simplex), SLICES, _slices)


@lru_cache(16)
def picture_of(name: str) -> str:
    """Returns a small picture of a saddle, as an SVG element."""
    return picture(name)


def ground_of(config: RunConfig, towards_simplex: bool, run: Trajectory | None) -> Ground:
    """Computes the slice around the saddle that a run starts beside, with the way of its states over it, if they are
    given, for a figure. Raises :class:`ConfigError` for a run that starts elsewhere.
    """
    if config.saddle is None:
        raise unfit(
            "show",
            "show is of the ground around a saddle, and this run starts beside none",
            "start beside one with --initialisation",
            "square",
        )
    saddle = _saddle_alone(config).with_changes(seed=config.seed)
    cut, *ways = _cut_of(saddle, towards_simplex)
    at = landscape(saddle_state(saddle), saddle.loss_reduction)
    way = None if run is None else path_on(cut, run.W, run.H, config.loss_reduction)
    floor = None
    if cut.norm:  # around the origin norms differ
        size = config.classes, config.per_class, config.loss_reduction
        floor = float(log_loss_floor(np.array(cut.norm), *size))
    here = "saddle" if at.verdict is Verdict.SADDLE else "start"
    return Ground(cut, (ways[0], ways[1]), at.eigenvalues, way, floor, here)


def _cut_of(saddle: RunConfig, towards_simplex: bool) -> Cut:
    size = saddle.classes * saddle.label_count
    points = max(FEWEST_POINTS, min(MOST_POINTS, int(math.sqrt(SLICE_LOGITS / size)))) | 1  # odd: one in the middle
    return escape_plane(saddle_state(saddle), saddle.seed, towards_simplex, points, saddle.loss_reduction)


_landscapes: Cache[Landscape] = Cache()
_slices: Cache[Cut] = Cache()
