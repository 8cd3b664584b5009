"""The starts of runs. Every one is drawn from an explicit seed; nothing global is touched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from ulpm_core.model.config import RunConfig
from ulpm_core.model.etf import minimum_norm_optimum, uneven_optimum
from ulpm_core.model.objective import Objective
from ulpm_core.model.perturbation import eigendirection, push, random_direction
from ulpm_core.model.state import State

SMALL_FACTOR: Final = 0.01
"""`small` starts at a hundredth of the scale: close enough to the saddle at the origin to see it being left."""


def gaussian(config: RunConfig, rng: np.random.Generator) -> State:
    """Independent entries N(0, initial_scale^2) in W, then H."""
    W = rng.standard_normal((config.classes, config.dimension))
    H = rng.standard_normal((config.dimension, config.label_count))
    return State(config.initial_scale * W, config.initial_scale * H, config.labels)


def small(config: RunConfig, rng: np.random.Generator) -> State:
    """The draw of `gaussian` at a hundredth of the scale."""
    start = gaussian(config, rng)
    return State(SMALL_FACTOR * start.W, SMALL_FACTOR * start.H, config.labels)


def collapsed(config: RunConfig, rng: np.random.Generator) -> State:
    """Puts every sample of a class on one Gaussian point: NC1 holds from the start, and stays by symmetry."""
    start = gaussian(config, rng)
    first = np.searchsorted(config.labels, np.arange(config.classes))
    return State(start.W, start.H[:, first[config.labels]], config.labels)


def etf_perturbed(config: RunConfig, rng: np.random.Generator) -> State:
    """The minimum-norm optimum (all margins 1) plus Gaussian noise of initial_scale. Needs d >= K - 1. For classes of
    one size it is the simplex ETF.
    """
    if config.class_sizes:
        ideal = uneven_optimum(config.sizes, config.dimension)
    else:
        ideal = minimum_norm_optimum(config.classes, config.dimension, config.per_class)
    noise = gaussian(config, rng)
    return State(ideal.W + noise.W, ideal.H + noise.H, config.labels)


STARTS: Final[dict[str, Callable[[RunConfig, np.random.Generator], State]]] = {
    "gaussian": gaussian,
    "small": small,
    "collapsed": collapsed,
    "etf-perturbed": etf_perturbed,
}


def saddle_state(config: RunConfig) -> State:
    """The saddle of a config that names one, before any push.

    >>> saddle_state(RunConfig(initialisation="origin")).W.any()
    np.False_
    """
    assert config.saddle is not None
    return config.saddle.state(config.classes, config.dimension, config.per_class, config.margin)


def pushed_saddle(config: RunConfig) -> State:
    """A push of `push` times its norm off the saddle, in a random direction or along an eigenvector (`push_along`)."""
    saddle = saddle_state(config)
    if config.push == 0.0:
        return saddle
    if config.push_along == 0:
        return push(saddle, config.push, random_direction(saddle, config.seed))
    return push(saddle, config.push, eigendirection(saddle, config.push_along, config.seed))


def initial_state(config: RunConfig) -> State:
    """The start that the config names: drawn with `initial_scale` and `seed` and brought within what the config bounds,
    or a saddle and a push off it.

    >>> config = RunConfig(classes=3, dimension=2, per_class=4, initial_scale=0.0)
    >>> initial_state(config).H.shape, bool(initial_state(config).W.any())
    ((2, 12), False)
    """
    if config.saddle is not None:
        return pushed_saddle(config)
    return brought_within(config, STARTS[config.initialisation](config, np.random.default_rng(config.seed)))


def brought_within(config: RunConfig, start: State) -> State:
    """The start itself where it keeps to the config's bounds or there are none, else the nearest state that does.

    >>> start = State(2.0 * np.eye(2), np.eye(2))
    >>> brought_within(RunConfig(classes=2, dimension=2, per_class=1, norm_bound_w=1.0), start).W.tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    held = Objective.of(config).constraint
    return start if held is None else start.at(*held.project(start.W, start.H, start.labels))
