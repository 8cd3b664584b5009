"""Runs that begin beside a saddle, and how tests read the films and the sentences of their escapes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ulpm_core import RunConfig, simulate

LEFT = 0.2
FLOW = {"method": "gradient-flow", "per_class": 2}
CONFIGS = {
    "left": RunConfig(initialisation="square", log_time=60.0, **FLOW),
    "not yet": RunConfig(initialisation="square", log_time=20.0, push=0.01, **FLOW),
    "no push": RunConfig(initialisation="square", log_time=20.0, push=0.0, **FLOW),
    "up": RunConfig(initialisation="square", log_time=20.0, push_along=1000, **FLOW),
    "no room": RunConfig(initialisation="square", dimension=2, log_time=20.0, push=0.05, **FLOW),
    "simplex": RunConfig(initialisation="simplex", log_time=20.0, push=0.05, push_along=0, **FLOW),
    "far": RunConfig(initialisation="square", log_time=20.0, push=0.5, **FLOW),
    "just far": RunConfig(initialisation="square", log_time=20.0, push=LEFT, **FLOW),
    "origin": RunConfig(initialisation="origin", log_time=20.0, push=0.01, push_along=0, **FLOW),
    "still origin": RunConfig(initialisation="origin", log_time=20.0, push=0.0, **FLOW),
    "neglected": RunConfig(initialisation="neglected-class", classes=3, log_time=20.0, push=0.01, **FLOW),
    "merged": RunConfig(initialisation="merged-classes", classes=3, log_time=20.0, push=0.01, push_along=0, **FLOW),
    "steps": RunConfig(initialisation="merged-pairs", per_class=2, learning_rate=0.05, steps=2000, push=0.01),
    "mean": RunConfig(
        initialisation="merged-pairs", loss_reduction="mean", per_class=2, learning_rate=0.2, steps=3000, push=0.01
    ),
    "fast-forward": RunConfig(initialisation="merged-pairs", per_class=2, steps=100, push=0.03, fast_forward=100.0),
    "crowded": RunConfig(initialisation="polygon", classes=8, log_time=60.0, push=0.05, **FLOW),
    "at home": RunConfig(initialisation="cross-polytope", classes=6, log_time=60.0, **FLOW),
    "large": RunConfig(initialisation="square", dimension=20, per_class=30, method="gradient-flow", log_time=20.0),
    "diverged": RunConfig(
        initialisation="neglected-class", classes=3, per_class=50, learning_rate=0.9, steps=2000, push_along=0
    ),
}
BY_STEPS = ("steps", "mean", "diverged")
every = pytest.mark.parametrize("name", CONFIGS)


def frames_of(film, run) -> np.ndarray:
    """The snapshots that are frames; no two have the same time."""
    clock = np.array([-np.inf if t is None else t for t in film.header["clock"]["log_time"]])
    return np.searchsorted(run.log_time, clock)


def theta(W: np.ndarray, H: np.ndarray) -> np.ndarray:
    return np.concatenate([W.ravel(), H.ravel()])


def tangent(run, config) -> np.ndarray:
    """The tangent of the angle to the saddle, inf from a right angle on; off the origin, the norm."""
    still = simulate(config.with_changes(push=0.0, steps=1, log_time=-20.0, fast_forward=0.0), separation=False)
    saddle = theta(still.W[0], still.H[0])
    states = [theta(W, H) for W, H in zip(run.W, run.H, strict=True)]
    if not saddle.any():
        return np.array([np.linalg.norm(state) for state in states])
    unit = saddle / np.linalg.norm(saddle)
    return np.array(
        [
            np.linalg.norm(state - (unit @ state) * unit) / (unit @ state) if unit @ state > 0.0 else math.inf
            for state in states
        ]
    )


def log_t(words: str) -> float:
    """log t as a sentence has it: "e^868", "149", "0.0498"."""
    words = words.replace(",", "")
    return float(words[2:]) if words.startswith("e^") else math.log(float(words))


def figure(words: str) -> float:
    mantissa, _, exponent = words.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")).partition(" × 10")
    return float(mantissa) * 10.0 ** int(exponent or 0)


def said_log_t(words: str) -> object:
    """What a sentence's time must be: three digits of t, or of log t where t is a power of e."""
    value = log_t(words)
    return pytest.approx(value, abs=0.006 if not words.startswith("e^") else max(0.51, 5e-3 * value))
