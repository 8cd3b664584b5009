"""Runs of every kind that the two analyses are held to: Python's own, and states that no run would reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Final

import numpy as np

from tests.engine.golden import CASES
from tests.engine.golden import run as golden_run
from ulpm_core import Trajectory
from ulpm_core.dynamics.simulate import simulate
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.model.config import RunConfig
from ulpm_core.model.etf import simplex_etf
from ulpm_core.model.initialisation import initial_state

FRESH: Final = {
    "a law holds": RunConfig(method="gradient-flow", classes=3, dimension=4, per_class=5, log_time=1000.0),
    "two classes, a law holds": RunConfig(method="gradient-flow", classes=2, dimension=4, log_time=1000.0),
    "one dimension": RunConfig(classes=2, dimension=1, per_class=3, steps=3000),
    "three classes on a line": RunConfig(classes=3, dimension=1, per_class=3, steps=300),
    "twenty classes": RunConfig(classes=20, dimension=64, per_class=5, steps=300, learning_rate=0.02),
    "no room for twenty": RunConfig(classes=24, dimension=22, per_class=3, steps=300, learning_rate=0.02),
    "polygon": RunConfig(classes=6, dimension=2, method="gradient-flow", log_time=50.0),
    "more samples than a film holds": RunConfig(per_class=700, steps=200, learning_rate=0.01),
    "sizes": RunConfig(class_sizes=(12, 12, 3, 2, 3), dimension=6, steps=500),
    "sizes beyond a film": RunConfig(class_sizes=(3000, 2000, 7), dimension=3, steps=200, learning_rate=0.001),
    "cross-polytope": RunConfig(classes=6, dimension=3, per_class=5, steps=500),
    "crossed pairs": RunConfig(classes=5, dimension=3, per_class=5, steps=500),
    "two sizes": RunConfig(class_sizes=(5, 3), dimension=3, steps=100),
}


def of_states(W: np.ndarray, H: np.ndarray, config: RunConfig) -> Trajectory:
    """A run that went through these states."""
    T = len(W)
    model = simulate(config.with_changes(steps=1))
    with np.errstate(all="ignore"):
        logs, log_time = model.minimised.log_losses(W, H), np.log(np.arange(T))
    return replace(model, W=W, H=H, step=np.arange(T), log_time=log_time, log_loss=logs, outcome=Outcome.DONE)


def collapsing(K: int, d: int, n: int, seed: int = 3, smallest: float = 0.0) -> Trajectory:
    """From noise to a frame that is collapsed but for `smallest`, in 12 states."""
    rng = np.random.default_rng(seed)
    ideal = simplex_etf(K, d) if d >= K - 1 else rng.standard_normal((K, d))
    ideal = ideal @ np.linalg.qr(rng.standard_normal((d, d)))[0]
    noise = np.append(10.0 ** -np.arange(0.0, 11.0), smallest)
    W = ideal + noise[:, None, None] * rng.standard_normal((12, K, d))
    H = np.repeat(ideal, n, axis=0).T + noise[:, None, None] * rng.standard_normal((12, d, K * n))
    return of_states(W, H, RunConfig(classes=K, dimension=d, per_class=n))


def scaled(factor_w: float, factor_h: float) -> Trajectory:
    run = collapsing(4, 3, 5)
    return of_states(factor_w * run.W, factor_h * run.H, run.config)


def broken(what: float) -> Trajectory:
    """Some states left the numbers."""
    run = collapsing(3, 4, 5)
    W, H = run.W.copy(), run.H.copy()
    W[-2, 0, 0] = H[-3, 1, 2] = what
    H[-4] = what
    return replace(of_states(W, H, run.config), outcome=Outcome.DIVERGED)


def one_point() -> Trajectory:
    """All features coincide, or all are 0."""
    config = RunConfig(classes=3, dimension=3, per_class=4)
    start = initial_state(config)
    H = np.ones((3, 3, 12)) * np.array([0.1, 0.0, 7.0])[:, None, None]
    return of_states(np.array([start.W, 0.0 * start.W, np.ones((3, 3))]), H, config)


def losing(apart: bool, loss: str) -> Trajectory:
    """Two small classes of four draw together, or to 0, beside noise that stays, in 6 states."""
    rng, config = (
        np.random.default_rng(5),
        RunConfig(class_sizes=(5, 2, 5, 2), dimension=5, loss=loss, weight_decay=1.0),
    )
    W, H = np.tile(rng.standard_normal((4, 5)), (6, 1, 1)), np.tile(1e-2 * rng.standard_normal((5, 14)), (6, 1, 1))
    share = 10.0 ** -np.arange(6.0)[:, None]
    W[:, 3] = share * W[:, 3] + (1.0 - share) * apart * W[:, 1]
    W[:, 1] *= 1.0 if apart else share
    H *= 1e-3
    H += np.swapaxes(W, 1, 2)[..., config.labels]
    return of_states(W, H, config)


MADE: Final[dict[str, Callable[[], Trajectory]]] = {
    "collapsed": partial(collapsing, 4, 3, 5),
    "collapsed with room": partial(collapsing, 3, 6, 4),
    "collapsed, ten classes": partial(collapsing, 10, 16, 6, smallest=1e-13),
    "collapsed, no room": partial(collapsing, 5, 3, 4),
    "huge": partial(scaled, 1e30, 1e30),
    "tiny": partial(scaled, 1e-200, 1e-200),
    "one point": one_point,
    "merged": partial(losing, True, "cross-entropy"),
    "vanished": partial(losing, False, "squared-error"),
}
KINDS: Final = [*CASES, *FRESH, *MADE]


@cache
def run_of(name: str) -> Trajectory:
    """The run of one of KINDS."""
    if name in CASES:
        return golden_run(name)
    return simulate(FRESH[name]) if name in FRESH else MADE[name]()
