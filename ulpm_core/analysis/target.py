"""The frame that a run tends to where it is no simplex: of classes that differ in size, or have too little room."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.analysis.collapse import cosines
from ulpm_core.dynamics.trajectory import Trajectory
from ulpm_core.model.config import RunConfig
from ulpm_core.model.rules.rule import Rule
from ulpm_core.model.shapes import Array, Labels, Shaped

APEX: Final = (5.0 * math.sqrt(20.0)) ** -0.5
"""Of five classes in space: how far the classifiers of both crossed pairs lie below the middle (docs/theory.md 6.2)."""


class Target(NamedTuple):
    """Centred class means and classifiers at what is best, up to one rotation: of `differing` sizes, else the best
    `known` of classes without room.
    """

    means: Shaped[Array, "K d"]
    classifiers: Shaped[Array, "K d"]
    kind: str


def target_of(run: Trajectory, ends: Shaped[Array, "K d"]) -> Target | None:
    """The frame that a run tends to, of centred class means that end at `ends`; None where it is a simplex, or unknown.

    Without room it is best known alone, and any class may have any place in it: here those where the run put them.
    """
    config, goal = run.config, run.minimised.goal
    if _of_another_norm(config):
        return None
    if config.class_sizes:
        if goal.W is None or goal.H is None or not goal.W.any():
            return None
        first = np.concatenate([[0], np.cumsum(config.sizes)[:-1]])
        means = goal.H.T[first] - goal.H.mean(axis=1)
        return Target(means, goal.W - goal.W.mean(axis=0), "differing")
    frames = None if config.simplex_fits or not config.is_ulpm or not np.isfinite(ends).all() else _frames(*ends.shape)
    if frames is None:
        return None
    order = _around(ends) if config.dimension == 2 else _paired(ends)
    means, classifiers = (np.empty_like(frame) for frame in frames)
    for placed, frame in zip((means, classifiers), frames, strict=True):
        placed[order] = frame
    return Target(means - means.mean(axis=0), classifiers - classifiers.mean(axis=0), "known")


def why_none(run: Trajectory) -> str:
    """The name of the sentence that says why no frame is drawn though there is room; empty where what is best is one
    geometry, and known.
    """
    goal = run.minimised.goal
    if _of_another_norm(run.config):
        return "frame-of-another-norm"
    if goal.W is None:
        return "frame-unknown" if math.isnan(goal.value) else "frames-many"
    return "" if goal.W.any() else "frame-vanished"


def _of_another_norm(config: RunConfig) -> bool:
    """Whether steps of another norm seek a margin of their own, or rest elsewhere on bounds."""
    return config.step_rule.geometry != Rule.geometry and not config.flows and (config.is_ulpm or config.is_held)


def _frames(K: int, d: int) -> tuple[Array, Array] | None:
    """Class means and classifiers of the best frame known (:func:`ulpm_core.analysis.optimum.best_known`)."""
    if d == 2:
        around = 2.0 * np.pi * np.arange(K) / K
        polygon = np.column_stack([np.cos(around), np.sin(around)])
        return polygon, polygon
    if 2 * d == K:
        pairs = np.repeat(np.eye(d), 2, axis=0) * np.tile([1.0, -1.0], d)[:, None]
        return pairs, pairs
    if (K, d) != (5, 3):
        return None
    crossed = np.array([[1.0, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 0]])
    classifiers = crossed - [0.0, 0.0, APEX]
    crossed[4, 2], classifiers[4, 2] = math.sqrt(20.0) * APEX, 4.0 * APEX
    return crossed, classifiers


def _around(ends: Shaped[Array, "K 2"]) -> Shaped[Labels, "K"]:
    """The classes in the order in which they lie around the middle."""
    return np.argsort(np.arctan2(ends[:, 1], ends[:, 0]), kind="stable")


def _paired(ends: Shaped[Array, "K d"]) -> Shaped[Labels, "K"]:
    """The classes in pairs, of those left always the two whose cosine is lowest; one alone is last."""
    found: list[int] = []
    apart = np.where(np.triu(np.ones((len(ends), len(ends)), dtype=bool), 1), cosines(ends), np.inf)
    for _ in range(len(ends) // 2):
        pair = [int(one) for one in np.unravel_index(apart.argmin(), apart.shape)]
        found += pair
        apart[pair, :] = apart[:, pair] = np.inf
    return np.array([*found, *(one for one in range(len(ends)) if one not in found)])
