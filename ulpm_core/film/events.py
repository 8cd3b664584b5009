"""The marks on a film's clock, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from ulpm_core.analysis.marks import Mark
from ulpm_core.dynamics.trajectory import Trajectory
from ulpm_core.film import words
from ulpm_core.film.said import said
from ulpm_core.model.number_words import power_of_e
from ulpm_core.model.shapes import Labels, Shaped
from ulpm_core.networks.recording import Recording

LABELS: Final = {
    "zero-training-error": "zero training error",
    "log-2": "loss below log 2: the theorem applies",
    "hand-over": "gradient flow takes over",
    "billion-steps": "a billion steps of gradient descent at rate {rate} end here",
    "at-rest": "at rest: from here on nothing moves",
    "diverged": "diverged",
    "merged": "merged: minority classes {classes}",
    "vanished": "vanished: classes {classes}",
    "vanished-one": "vanished: class {classes}",
    "foretold": "foretold: left by here",
    "left": "the saddle is left",
}
KINDS: Final = {"zero-training-error": "separated", "diverged": "diverged"}
"""Kinds of marks that are drawn in another way than a note."""


def events(run: Trajectory, marks: list[Mark], frames: Shaped[Labels, "F"]) -> list[dict[str, Any]]:
    """The events of a run in order of time."""
    found = sorted((mark.snapshot, _label(run, mark), mark) for mark in marks)
    return [event(run, frames, at, mark.name, label, _when(run, mark)) for at, label, mark in found]


def _label(run: Trajectory, mark: Mark) -> str:
    name = "vanished-one" if mark.name == "vanished" and len(mark.classes) == 1 else mark.name
    return LABELS[name].format(rate=f"{run.config.learning_rate:g}", classes=listed([k + 1 for k in mark.classes]))


def listed(numbers: Sequence[int]) -> str:
    """Numbers in words.

    >>> listed([3]), listed([3, 4]), listed([3, 4, 5])
    ('3', '3 and 4', '3, 4 and 5')
    """
    *first, last = [*map(str, numbers)] or [""]
    return said("and", first=", ".join(first), last=last) if first else last


def event(
    of: Trajectory | Recording, frames: Shaped[Labels, "F"], snapshot: int, name: str, label: str, when: str
) -> dict[str, Any]:
    """A mark on the clock: frame, step, its moment in words, the name by which links go there (`at=log-2`; it never
    changes), what happens in words, and of which kind that is.
    """
    frame, step = int(np.searchsorted(frames, snapshot)), int(of.step[snapshot])
    return {"frame": frame, "step": step, "when": when, "id": name, "label": label, "kind": KINDS.get(name, "note")}


def _when(run: Trajectory, mark: Mark) -> str:
    if np.isnan(mark.log_time):
        return words.when(run, mark.snapshot)
    t = f"e^{mark.log_time:.1f}" if mark.name == "billion-steps" else power_of_e(mark.log_time)
    return said("time", t=t)
