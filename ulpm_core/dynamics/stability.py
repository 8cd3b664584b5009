"""The largest learning rate at which a run stays stable, from the curvature it meets on its way down.

docs/theory.md 5.9.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np

from ulpm_core.model.config import RunConfig
from ulpm_core.model.losses.loss import log_total
from ulpm_core.model.objective import Objective
from ulpm_core.model.parameters import DECAYS
from ulpm_core.model.state import State

DIVERGED_FACTOR: Final = 1000.0
STATES: Final = 60
"""Most states visited: the curvature peaks while the classes separate, which takes about twenty."""
POWER_ITERATIONS: Final = 4
"""Iterations a state, each started from the eigenvector of the state before."""
PASSED: Final = 0.25
"""Once the curvature is a quarter of its peak it only falls: it is bounded by the loss times ||theta||^2."""


@np.errstate(over="ignore", invalid="ignore")
def largest_curvature(config: RunConfig, start: State) -> float:
    """The largest Hessian eigenvalue (by size) met on the way down from `start`.

    The way is gradient descent with step 1/curvature, which follows the gradient flow closely; eigenvalues come
    from power iteration on Hessian-vector products. Accurate to a few per cent, which is what a ladder needs. Where
    bounds hold W and H, so do they on the way; that the bounds damp what overshoots is left out of account.
    """
    objective, (W, H) = Objective.of(config), (start.W, start.H)
    objective = replace(objective, regulariser=objective.in_gradient)
    X, V = objective.gradient(W, H)
    rng = np.random.default_rng(0)
    X, V = X + 1e-3 * rng.standard_normal(W.shape), V + 1e-3 * rng.standard_normal(H.shape)
    peak = 0.0
    for visited in range(STATES):
        for _ in range(POWER_ITERATIONS if visited else 5 * POWER_ITERATIONS):
            norm = np.sqrt((X**2).sum() + (V**2).sum())
            if norm == 0.0:
                return peak
            X, V = objective.hessian_vector_product(W, H, X / norm, V / norm)
        curvature = float(np.sqrt((X**2).sum() + (V**2).sum()))
        peak = max(peak, curvature)
        if curvature < PASSED * peak or curvature == 0.0:
            break
        gradient_W, gradient_H = objective.gradient(W, H)
        W, H = W - gradient_W / curvature, H - gradient_H / curvature
        if objective.constraint is not None:
            W, H = objective.constraint.project(W, H, objective.labels)
    return peak


def divergence_limit(config: RunConfig, start: State) -> float:
    """The value, summed over samples, beyond which a run has diverged: a thousand times its start, or the origin's.

    Runs that recovered never passed twice their start.
    """
    objective = Objective.of(config)
    log_start = float(log_total(objective.loss.log_samples(start.W @ start.H, objective.labels), "sum"))
    term = objective.regulariser
    beside = 0.0 if term is None else float(term.value(start.W, start.H)) / objective.weight
    origin = config.label_count * objective.loss.origin(config.classes)
    return DIVERGED_FACTOR * max(math.exp(min(log_start, 690.0)) + beside, origin)


def stability_limit(config: RunConfig, start: State) -> float:
    """The rate beyond which a quadratic of the largest curvature is overshot by more at every step, by the run's rule.

    Infinity where there is none: a step of the normalised rule, of signs, of Adam or of spectral descent cannot grow.
    Decoupled decay adds half the larger decay to the inverse of the rate.

    >>> stability_limit(RunConfig(method="normalised-gradient-descent"), State(np.eye(4, 3), np.zeros((3, 120))))
    inf
    >>> aside = RunConfig(method="sign-descent", weight_decay=0.5, decay="decoupled")
    >>> stability_limit(aside, State(np.eye(4, 3), np.zeros((3, 120))))
    4.0
    """
    rule, aside = config.step_rule, max(config.decays) / 2.0 if config.decay == DECAYS[1] else 0.0
    bounded = math.isinf(rule.stable_rate(1.0))
    curvature = 0.0 if bounded else largest_curvature(config, start)
    inverse = aside + (1.0 / rule.stable_rate(curvature) if curvature > 0.0 else 0.0)
    return 1.0 / inverse if inverse > 0.0 else math.inf
