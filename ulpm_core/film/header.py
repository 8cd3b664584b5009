"""The header of a film: one builder for runs and networks, so that a player finds the same fields in each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from ulpm_core.analysis.curve import Curve
from ulpm_core.analysis.projection import Stage
from ulpm_core.analysis.theory import Theory
from ulpm_core.dynamics.trajectory import Outcome, Trajectory
from ulpm_core.model.plain import plain
from ulpm_core.model.versions import versions
from ulpm_core.networks.recording import Recording

FORMAT: Final = 2
"""The number of the format that is written. It grows when a player of before could not play the film any more."""
READ: Final = (1, 2)
"""The formats that are read."""


def film_header(
    of: Trajectory | Recording,
    stage: Stage,
    *,
    digest: str,
    title: str,
    per_class: int,
    clock: str,
    curves: Sequence[Curve],
    panels: Sequence[Mapping[str, Any]],
    events: Sequence[Mapping[str, Any]],
    caption: str,
    sentences: Sequence[str],
    note: str,
    flow_from: int | None,
    fits: bool,
    guides: Sequence[Mapping[str, Any]] = (),
    theory: Theory | None = None,
    escape: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """The header of a film of K classes in d dimensions, with `per_class` samples of each.

    `clock` names the clock that the film is played by, step or log_time; `flow_from` is the first frame of a flow, as
    many as there are frames where it is still to come, None where there is none; `fits` says whether a simplex is the
    ideal frame. `made_by` are the :func:`versions` of what measured and laid it
    out. `more` are fields of some films: a network's `kind` and `names`, and `class_sizes` that differ. Of more
    classes than a stage holds, `classes` are those on stage, and `crowd` says how many there are, and of how many each
    row of the cosines is the mean.
    """
    frames, labels, (K, d) = stage.frames, of.labels[stage.samples], of.W.shape[1:]
    if stage.classes is not None and stage.blocks is not None:  # a crowd: what stands on stage is numbered anew
        labels, K = np.searchsorted(stage.classes, labels), len(stage.classes)
        more["crowd"] = {"classes": of.W.shape[1], "blocks": [len(block) for block in stage.blocks]}
    log_time = of.log_time[frames]
    with np.errstate(over="ignore"):
        time = np.exp(log_time)
    epoch = {"epoch": of.epoch[frames]} if isinstance(of, Recording) else {}
    return {
        "format": FORMAT,
        "digest": digest,
        "partial": of.outcome is Outcome.RUNNING,
        "title": title,
        "classes": K,
        "dimension": d,
        "per_class": per_class,
        "shown_per_class": int(np.bincount(labels).min()),
        "frames": len(frames),
        "axes": stage.view.features.shape[-1],
        "labels": labels.tolist(),
        "clock": plain({"by": clock, **epoch, "step": of.step[frames], "time": time, "log_time": log_time}),
        "curves": [curve.header() for curve in curves],
        "panels": panels,
        "guides": plain(guides),
        "events": events,
        "caption": caption,
        "fits": fits,
        "sentences": sentences,
        "stop_reason": of.stop_reason,
        "outcome": str(of.outcome),
        "note": note,
        "config": None if of.config is None else json.loads(of.config.to_json()),
        "flow_from": flow_from,
        "made_by": versions(),
        "theory": plain(theory),
        "escape": plain(escape),
        **more,
    }
