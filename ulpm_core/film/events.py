"""The marks on a run's clock, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from ulpm_core.analysis.analysis import Analysis
from ulpm_core.analysis.marks import Mark
from ulpm_core.dynamics.trajectory import Trajectory
from ulpm_core.film import words
from ulpm_core.film.header import Event
from ulpm_core.model.number_words import power_of_e

LABELS: Final[dict[str, Callable[[Trajectory], str]]] = {
    "zero-training-error": lambda _: "zero training error",
    "log-2": lambda _: "loss below log 2: the theorem applies",
    "hand-over": lambda _: "gradient flow takes over",
    "billion-steps": lambda run: f"a billion steps of gradient descent at rate {run.config.learning_rate:g} end here",
    "diverged": lambda _: "diverged",
    "foretold": lambda _: "foretold: left by here",
    "left": lambda _: "the saddle is left",
}
KINDS: Final = {"zero-training-error": "separated", "diverged": "diverged"}
"""Kinds of marks that are drawn in another way than a note."""


def events(run: Trajectory, analysis: Analysis) -> list[Event]:
    """The events of a run in order of time."""
    found = sorted((mark.snapshot, LABELS[mark.name](run), mark) for mark in analysis.marks)
    return [
        Event(
            frame=int(np.searchsorted(analysis.frames, snapshot)),
            step=int(run.step[snapshot]),
            when=_when(run, mark),
            id=mark.name,
            label=label,
            kind=KINDS.get(mark.name, "note"),
        )
        for snapshot, label, mark in found
    ]


def _when(run: Trajectory, mark: Mark) -> str:
    if np.isnan(mark.log_time):
        return words.when(run, mark.snapshot)
    return f"t = e^{mark.log_time:.1f}" if mark.name == "billion-steps" else f"t = {power_of_e(mark.log_time)}"
