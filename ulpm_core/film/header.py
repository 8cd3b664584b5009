"""The header of a film: one builder for runs and networks, so that a player finds the same fields in each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from ulpm_core.analysis.curve import Curve
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.film.curves import Drawn
from ulpm_core.film.theory import finite
from ulpm_core.model.config import RunConfig
from ulpm_core.model.shapes import Array, Labels
from ulpm_core.networks.config import NetworkConfig

FORMAT: Final = 2
"""The number of the format that is written. It grows when a player of before could not play the film any more."""
READ: Final = (1, 2)
"""The formats that are read."""


class Clock(NamedTuple):
    """The clock of the frames (F,): steps, log of gradient-flow time, and of a network epochs; `by` names the one that
    the film is played by.
    """

    by: str
    step: Labels
    log_time: Array
    epoch: Array | None = None

    def header(self) -> dict[str, Any]:
        """Numbers that JSON holds; time is None where it is beyond float64 or not known."""
        with np.errstate(over="ignore"):
            time = np.exp(self.log_time)
        return {
            "by": self.by,
            **({} if self.epoch is None else {"epoch": self.epoch.tolist()}),
            "step": self.step.tolist(),
            "time": [finite(t) for t in time],
            "log_time": [finite(t) for t in self.log_time],
        }


class Event(NamedTuple):
    """A mark on the clock: frame, step, its moment in words, the name by which links go there (`at=log-2`; it never
    changes), what happens in words, and of which kind that is.
    """

    frame: int
    step: int
    when: str
    id: str
    label: str
    kind: str


def film_header(
    *,
    digest: str,
    outcome: Outcome,
    stop_reason: str,
    title: str,
    shape: tuple[int, int, int],
    labels: Labels,
    axes: int,
    clock: Clock,
    curves: Sequence[Curve],
    panels: Sequence[Drawn],
    events: Sequence[Event],
    caption: str,
    sentences: Sequence[str],
    note: str,
    config: RunConfig | NetworkConfig | None,
    flow_from: int | None,
    fits: bool,
    guides: Sequence[Mapping[str, Any]] = (),
    theory: Mapping[str, Any] | None = None,
    escape: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """The header of a film of K classes in d dimensions with n samples of each, `shape` = (K, d, n).

    `labels` (M,) are those of the samples shown; `flow_from` is the first frame of a flow, as many as there are frames
    where it is still to come, None where there is none; `fits` says whether a simplex is the ideal. `more` are fields
    of some films: a network's `kind` and `names`, and `class_sizes` that differ.
    """
    K, d, n = shape
    return {
        "format": FORMAT,
        "digest": digest,
        "partial": outcome is Outcome.RUNNING,
        "title": title,
        "classes": K,
        "dimension": d,
        "per_class": n,
        "shown_per_class": int(np.bincount(labels).min()),
        "frames": len(clock.step),
        "axes": axes,
        "labels": labels.tolist(),
        "clock": clock.header(),
        "curves": [curve.header() for curve in curves],
        "panels": [{**panel._asdict(), "curves": list(panel.curves)} for panel in panels],
        "guides": [dict(guide) for guide in guides],
        "events": [event._asdict() for event in events],
        "caption": caption,
        "fits": fits,
        "sentences": list(sentences),
        "stop_reason": stop_reason,
        "outcome": str(outcome),
        "note": note,
        "config": None if config is None else json.loads(config.to_json()),
        "flow_from": flow_from,
        "theory": theory,
        "escape": escape,
        **more,
    }


def drawn_in(panels: Sequence[Drawn], known: Mapping[str, Curve], *also: str) -> list[Curve]:
    """The curves of these panels, and others of those names."""
    return [known[name] for name in dict.fromkeys((*(name for panel in panels for name in panel.curves), *also))]
