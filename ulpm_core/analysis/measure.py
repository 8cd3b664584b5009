"""Measures every snapshot of a trajectory, chunk by chunk, and none twice: a run that grows is looked at often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ulpm_core.analysis.metrics import metric_names, summed, values_of
from ulpm_core.analysis.rounding import rounding_of
from ulpm_core.analysis.separation import separation_metrics
from ulpm_core.dynamics.trajectory import Trajectory
from ulpm_core.model.shapes import Array, Labels, Shaped

CHUNK_ENTRIES: Final = 4_000_000
"""Snapshots are measured in chunks of 32 MB, so that intermediate arrays stay small."""


OWN: Final = ("error", "centred", "centre")
"""Names of the arrays of `Seen` beside its metrics."""


@dataclass(frozen=True, eq=False)
class Seen:
    """The measurements of the T snapshots of a run: `metrics` by name; the share `error` of samples without a positive
    margin; `centred` class means, and the mean over samples `centre`.

    Step, log_time and W are those of the run: by them a later look at it knows its snapshots again.
    """

    step: Shaped[Labels, "T"]
    log_time: Shaped[Array, "T"]
    W: Shaped[Array, "T K d"]
    metrics: Mapping[str, Shaped[Array, "T"]]
    error: Shaped[Array, "T"]
    centred: Shaped[Array, "T K d"]
    centre: Shaped[Array, "T d"]

    def places(self, run: Trajectory) -> Shaped[Labels, "{len(run)}"]:
        """Where these snapshots hold those of a run; -1 for what they do not hold."""
        if self.W.shape[1:] != run.W.shape[1:]:
            return np.full(len(run), -1)
        known = {key: place for place, key in enumerate(zip(self.step.tolist(), self.log_time.tolist(), strict=True))}
        keys = zip(run.step.tolist(), run.log_time.tolist(), strict=True)
        found = np.array([known.get(key, -1) for key in keys])
        return np.where((self.W[found] == run.W).all(axis=(1, 2)), found, -1)


def seen(run: Trajectory, separation: bool, before: Seen | None = None) -> Seen:
    """The measurements of all snapshots, of collapse and, if asked for, of the separation problem.

    Those that were seen `before` are not measured again, nor are metrics that the trajectory brings.
    """
    brought = set(metric_names("runs")) <= run.metrics.keys() and (not separation or "objective" in run.metrics)
    places = np.full(len(run), -1) if before is None else before.places(run)
    new, held = np.flatnonzero(places < 0), np.flatnonzero(places >= 0)
    parts = [_measured(run, chunk, separation, not brought) for chunk in _chunks(run, new)]
    if before is not None and len(held):
        known = {**({} if brought else before.metrics), **{name: getattr(before, name) for name in OWN}}
        parts.append({name: values[places[held]] for name, values in known.items()})
    order = np.argsort(np.concatenate([new, held]))
    joined = {name: np.concatenate([part[name] for part in parts])[order] for name in parts[0]}
    own = {name: joined.pop(name) for name in OWN}
    return Seen(run.step, run.log_time, run.W, run.metrics if brought else joined, **own)


def measured(trajectory: Trajectory, separation: bool = True) -> Trajectory:
    """The trajectory with `metrics` filled in: of collapse, and of the separation problem.

    The latter can be left out, since it takes twice as long.
    """
    return replace(trajectory, metrics=seen(replace(trajectory, metrics={}), separation).metrics)


def _chunks(run: Trajectory, new: Labels) -> list[Labels | slice]:
    """The snapshots to measure, a few at a time; slices, which copy nothing, where all are new."""
    T, d, N = run.H.shape
    size = max(1, CHUNK_ENTRIES // (max(d, run.config.classes) * N))
    if len(new) == T:
        return [slice(t, t + size) for t in range(0, T, size)]
    return [new[t : t + size] for t in range(0, len(new), size)]


def _measured(run: Trajectory, at: Labels | slice, separation: bool, metrics: bool) -> dict[str, Array]:
    W, H = run.W[at], run.H[at]
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # not defined there, as the metrics say
        sums = summed(W, H, run.labels, rounding_of(np.dtype(run.config.dtype)))
        values = values_of(sums, "runs") if metrics else {}
        if metrics and separation:
            values |= separation_metrics(W, H, run.labels)
    return values | {"error": sums.error, "centred": sums.of.centred, "centre": sums.of.centre}
