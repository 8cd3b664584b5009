"""The header of a film: one builder for runs and networks, so that a player finds the same fields in each."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from ulpm_core.analysis.curve import Curve
from ulpm_core.analysis.projection import Stage
from ulpm_core.analysis.theory import Theory
from ulpm_core.dynamics.trajectory import Outcome, Trajectory
from ulpm_core.film.cited import Citation, parted
from ulpm_core.model.plain import plain
from ulpm_core.model.shapes import Array, Labels, Shaped
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
    values: Mapping[str, Shaped[Array, "F"]],
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

    `values` are those of the curves at the frames. Numbers in `sentences` that are marked (:mod:`ulpm_core.film.cited`)
    and are among them become `figures`: the index of the sentence, the number's first character and the one behind its
    last, the curve, the frame and the value there.
    """
    frames, labels, (K, d) = stage.frames, of.labels[stage.samples], of.W.shape[1:]
    if stage.classes is not None and stage.blocks is not None:  # a crowd: what stands on stage is numbered anew
        labels, K = np.searchsorted(stage.classes, labels), len(stage.classes)
        more["crowd"] = {"classes": of.W.shape[1], "blocks": [len(block) for block in stage.blocks]}
    log_time = of.log_time[frames]
    with np.errstate(over="ignore"):
        time = np.exp(log_time)
    epoch = {"epoch": of.epoch[frames]} if isinstance(of, Recording) else {}
    said, citations = parted(sentences)
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
        "sentences": said,
        "figures": list(_figures(citations, values, frames)),
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


def _figures(
    citations: Iterable[Citation], values: Mapping[str, Shaped[Array, "F"]], frames: Shaped[Labels, "F"]
) -> Iterator[dict[str, Any]]:
    """Yields those of the numbers in sentences that a curve of a film has at one of its frames."""
    frame_of = {snapshot: frame for frame, snapshot in enumerate(frames.tolist())}
    for sentence, start, end, name, snapshot in citations:
        frame = frame_of.get(snapshot)
        value = math.nan if name not in values or frame is None else float(values[name][frame])
        if math.isfinite(value):
            yield {"sentence": sentence, "start": start, "end": end, "curve": name, "frame": frame, "value": value}
