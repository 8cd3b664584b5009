"""`Film`: what is shown of a run, as one self-contained byte document.

Layout, little endian: the magic "ULPMFILM", a uint32 header length, a JSON header padded so that what follows is
aligned to 8 bytes, then the arrays, each aligned to 8 bytes. `app/player/film.js` reads the same layout.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from ulpm_core.analysis.collapse import cosines, margins
from ulpm_core.analysis.curves import CURVES
from ulpm_core.analysis.escape import escape
from ulpm_core.analysis.metrics import means_of
from ulpm_core.analysis.panels import FLOW_SETS
from ulpm_core.analysis.projection import MAX_CLASSES, View, project
from ulpm_core.analysis.separation import LOG_THRESHOLD
from ulpm_core.dynamics.trajectory import Outcome, Trajectory
from ulpm_core.film import escape as escape_film
from ulpm_core.film import words
from ulpm_core.film.curves import defined_for, guides, panels_of
from ulpm_core.film.theory import finite, log_sum_loss, theory
from ulpm_core.model.brief import Brief
from ulpm_core.model.initialisation import saddle_state
from ulpm_core.model.refusal import ConfigError, shown

MAGIC: Final = b"ULPMFILM"
MAX_FRAMES: Final = 240
MAX_AXES: Final = 19
FEATURE_BYTES: Final = 3 * 2**20
"""Byte budget of the feature coordinates, so that a film stays near 4 MB; samples are thinned to fit."""


@dataclass(frozen=True, eq=False, repr=False)
class Film(Brief):
    """A JSON header and named arrays; `to_bytes` and `from_bytes` are inverse to each other."""

    header: dict[str, Any]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The digest of the run's config."""
        return str(self.header["digest"])

    def to_bytes(self) -> bytes:
        layout, chunks, offset = {}, [], 0
        for name, array in self.arrays.items():
            raw = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes()
            layout[name] = {"dtype": array.dtype.name, "shape": list(array.shape), "offset": offset}
            padded = raw + b"\0" * (-len(raw) % 8)
            chunks.append(padded)
            offset += len(padded)
        text = json.dumps({**self.header, "arrays": layout}, allow_nan=False, ensure_ascii=False).encode()
        text += b" " * (-(len(text) + len(MAGIC) + 4) % 8)
        return b"".join([MAGIC, struct.pack("<I", len(text)), text, *chunks])

    @classmethod
    def from_bytes(cls, document: bytes) -> Film:
        """Raises :class:`ConfigError` for bytes that are no film."""
        try:
            if document[:8] != MAGIC:
                raise ValueError("it does not start with ULPMFILM")
            (length,) = struct.unpack("<I", document[8:12])
            header = json.loads(document[12 : 12 + length], parse_constant=_never)
            arrays = {}
            for name, a in header.pop("arrays").items():
                if a["dtype"] not in ("float32", "float64"):
                    raise ValueError(f"dtype {a['dtype']}")
                for number in (a["offset"], *a["shape"]):
                    if type(number) is not int or not 0 <= number <= len(document):
                        raise ValueError(f"array {shown(name)} with {shown(number)}")
                start, count = 12 + length + a["offset"], math.prod(a["shape"])
                arrays[name] = np.frombuffer(document, a["dtype"], count, start).reshape(a["shape"])
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, struct.error) as error:
            raise ConfigError(
                "film", f"This is not a film ({shown(error)}): make one with python -m app film run.npz."
            ) from None
        return cls(header, arrays)


def _never(word: str) -> None:
    raise ValueError(f"{word} in its header")


def build_film(run: Trajectory) -> Film:
    """The film of a measured trajectory: at most 240 frames, evenly thinned samples, the frame fixed by the end state.

    Raises :class:`ConfigError` beyond 64 classes.
    """
    config = run.config
    refuse_crowd(config.classes)
    error = (margins(run.W, run.H, run.labels) <= 0).mean(axis=-1)
    left = escape(run, saddle_state(config)) if config.saddle is not None else None
    moments = sorted(_moments(run, error) + (escape_film.moments(run, left) if left else []))
    frames = frames_of(len(run), [snapshot for snapshot, *_ in moments])
    axes = axes_of(config.classes, config.dimension)
    shown = shown_samples(config.sizes, FEATURE_BYTES // (len(frames) * axes * 4))
    W, H = run.W[frames], run.H[frames]
    view = project(W, H, run.labels, shown, axes)
    centred_means = means_of(H, run.labels).centred
    flows = config.flows
    known = {c.name: c for c in CURVES.values() if c.beside != "networks" and c.known(run)}
    known |= {c.name: c for c in (escape_film.curves(run, left) if left else ())}
    sets = ["run", *(("escape",) if left else ()), *(FLOW_SETS if flows else ())]
    shown_panels = panels_of(list(known.values()), sets, flows, config.simplex_is_ideal)
    names = dict.fromkeys((*(name for panel in shown_panels for name in panel.curves), "loss", "minus_log_loss"))
    drawn = [defined_for(config, known[name]) for name in names]  # both losses: a pinned film may be drawn by either
    header = {
        "format": 2,
        "digest": config.digest,
        "partial": run.outcome is Outcome.RUNNING,
        "title": words.title(config.classes, config.dimension, config.class_sizes),
        "classes": config.classes,
        "dimension": config.dimension,
        "per_class": config.per_class,
        "shown_per_class": int(np.bincount(run.labels[shown]).min()),
        **({"class_sizes": list(config.class_sizes)} if config.class_sizes else {}),
        "frames": len(frames),
        "axes": axes,
        "labels": run.labels[shown].tolist(),
        "clock": {
            "by": "log_time" if flows else "step",
            "step": run.step[frames].tolist(),
            "time": [finite(t) for t in run.time[frames]],
            "log_time": [finite(t) for t in run.log_time[frames]],
        },
        "curves": [c.header() for c in drawn],
        "panels": [{**panel._asdict(), "curves": list(panel.curves)} for panel in shown_panels],
        "guides": guides(run, frames),
        "events": [_event(run, frames, *moment) for moment in moments],
        "caption": words.caption(config.classes, config.dimension, axes, view.hidden, config.class_sizes),
        "fits": config.simplex_is_ideal,
        "sentences": [
            *((escape_film.sentence(run, left),) if left else ()),
            *words.sentences(run, error, centred_means[-1]),
        ],
        "stop_reason": run.stop_reason,
        "outcome": str(run.outcome),
        "note": words.note(config.sizes, np.bincount(run.labels[shown])),
        "config": json.loads(config.to_json()),
        "flow_from": _flow_from(run, frames) if flows else None,
        "theory": theory(run) if flows else None,
        "escape": escape_film.header(left) if left else None,
    }
    return Film(header, geometry(view, centred_means, W) | {c.name: c.of(run)[frames] for c in drawn})


def _flow_from(run: Trajectory, frames: np.ndarray) -> int:
    """The first frame that gradient flow reached; `frames` many where the steps before it are still under way."""
    if run.config.method == "gradient-flow":
        return 0
    return len(frames) if run.hand_over is None else int(np.searchsorted(frames, run.hand_over.frame, side="right"))


def refuse_crowd(classes: int) -> None:
    """Raises :class:`ConfigError` for more classes than a film can show."""
    if classes > MAX_CLASSES:
        raise ConfigError(
            "classes", f"classes = {classes} is too many for a film: use 2 to {MAX_CLASSES}, for example 20."
        )


def frames_of(snapshots: int, marked: list[int]) -> np.ndarray:
    """The snapshots that become frames: both ends, those that are marked, and others evenly between."""
    spread = np.linspace(0, snapshots - 1, min(snapshots, MAX_FRAMES - len(marked))).round().astype(int)
    return np.union1d(spread, marked).astype(int)


def axes_of(classes: int, dimension: int) -> int:
    """Returns how many coordinates of a point a film keeps: all that the ideal frame spans, at most MAX_AXES."""
    return min(dimension, max(3, classes - 1), MAX_AXES)


def shown_samples(sizes: Sequence[int], most: int) -> np.ndarray:
    """Indices of at most so many samples, grouped by class: the same share of each, evenly spaced, and at least one.

    >>> shown_samples((6, 4, 2), 6).tolist()
    [0, 2, 5, 6, 9, 10]
    """
    N, first, shown = sum(sizes), 0, []
    for size in sizes:
        kept = max(1, min(size, size * most // N))
        shown.append(first + np.unique(np.linspace(0, size - 1, kept).round().astype(int)))
        first += size
    return np.concatenate(shown)


def geometry(view: View, centred_means: np.ndarray, W: np.ndarray) -> dict[str, np.ndarray]:
    """The arrays that the stage draws, in float32."""
    arrays = {
        "features": view.features,
        "means": view.means,
        "classifiers": view.classifiers,
        "scale": view.scale,
        "scale_w": view.scale_w,
        "cosines": cosines(centred_means),
        "cosines_w": cosines(W - W.mean(axis=1, keepdims=True)),
    }
    if view.ideal is not None:
        arrays["ideal"] = view.ideal
    return {name: array.astype(np.float32) for name, array in arrays.items()}


def _moments(run: Trajectory, error: np.ndarray) -> list[tuple[int, str, str, str]]:
    """Returns the marks of the clock in order: snapshot, label, kind, and the time where no snapshot says it."""
    moments = []
    wrong = np.flatnonzero(error > 0)
    if error[-1] == 0 and len(wrong):
        moments.append((int(wrong[-1]) + 1, "zero training error", "separated", ""))
    terminal = np.flatnonzero(log_sum_loss(run) < LOG_THRESHOLD)
    if len(terminal) and terminal[0] > 0:
        moments.append((int(terminal[0]), "loss below log 2: the theorem applies", "note", ""))
    if run.hand_over is not None:
        moments.append((run.hand_over.frame, "gradient flow takes over", "note", ""))
    billion = math.log(1e9 * run.config.learning_rate)
    if run.config.method == "gradient-flow" and run.log_time[-1] >= billion:
        label = f"a billion steps of gradient descent at rate {run.config.learning_rate:g} end here"
        moments.append((int(np.searchsorted(run.log_time, billion)), label, "note", f"t = e^{billion:.1f}"))
    if run.outcome is Outcome.DIVERGED:
        moments.append((len(run) - 1, "diverged", "diverged", ""))
    return moments


def _event(run: Trajectory, frames: np.ndarray, snapshot: int, label: str, kind: str, when: str) -> dict[str, Any]:
    frame, step = int(np.searchsorted(frames, snapshot)), int(run.step[snapshot])
    return {"frame": frame, "step": step, "when": when or words.when(run, snapshot), "label": label, "kind": kind}
