"""The film of a network: the document of a run's film, made from a recording."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ulpm_core.analysis.curve import Curve
from ulpm_core.analysis.curves import CURVES
from ulpm_core.analysis.projection import view
from ulpm_core.analysis.rounding import ROUNDING
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.files.recording import arrays_of
from ulpm_core.film import network_words, words
from ulpm_core.film.curves import defined, panels_of
from ulpm_core.film.film import FEATURE_BYTES, Film, axes_of, frames_of, geometry, refuse_crowd, shown_samples
from ulpm_core.film.theory import finite
from ulpm_core.model.losses import Array
from ulpm_core.model.refusal import ConfigError, shown
from ulpm_core.networks.recording import Recording

LARGEST_IMAGE: Final = 16
"""Pixels that an image has at most from side to side: as many as a digit needs to be read."""
IMAGE_BYTES: Final = 2**20
"""Byte budget of the images, beside that of the features: 102 a class of ten at 16 x 16."""


def network_film(recording: Recording, images: NDArray[np.float32] | None = None) -> Film:
    """The film of a recording: at most 240 frames, evenly thinned samples, the frame fixed by the end state.

    `images` (M, h, w), grey from 0 to 1, are those of the samples shown. Class means, cosines and curves are of the
    whole training set. Raises :class:`ConfigError` beyond 64 classes, and for images that are not of these samples.
    """
    K, d = recording.W.shape[1:]
    refuse_crowd(K)
    moments = _moments(recording)
    frames = frames_of(len(recording), [snapshot for snapshot, *_ in moments])
    axes = axes_of(K, d)
    most = FEATURE_BYTES // (len(frames) * axes * 4)
    small = None if images is None else thumbnails(images, len(recording.labels))
    if small is not None:
        most = min(most, IMAGE_BYTES // (small[0].size * 4))
    kept = shown_samples(np.bincount(recording.labels).tolist(), most)
    W, centre, centred = recording.W[frames], *_centred(recording, frames)
    end = recording.H[-1].astype(np.float64)
    seen = view(W, recording.H[frames][:, :, kept], centred, centre, axes, end)
    flow_from, log_time = _flow_from(recording, frames), recording.log_time[frames]
    known = {curve.name: curve for curve in _curves(recording)}
    panels = panels_of(list(known.values()), ("run",), flow_from is not None, fits=True)
    names = dict.fromkeys(name for panel in panels for name in panel.curves)
    if recording.classified:  # either: the film beside it may show the other
        names |= dict.fromkeys(("loss", "minus_log_loss"))
    drawn = [defined(known[name], K, d) for name in names]
    header = {
        "format": 2,
        "kind": "network",
        "digest": _digest(recording),
        "partial": recording.outcome is Outcome.RUNNING,
        "title": f"{network_words.subject(recording.config)} · {words.title(K, d)}",
        "classes": K,
        "names": list(recording.names),
        "dimension": d,
        "per_class": int(recording.counts.min()),
        "shown_per_class": len(kept) // K,
        "frames": len(frames),
        "axes": axes,
        "labels": recording.labels[kept].tolist(),
        "clock": {
            "by": "step" if np.isnan(log_time).any() else "log_time",
            "epoch": recording.epoch[frames].tolist(),
            "step": recording.step[frames].tolist(),
            "time": [finite(t) for t in _exp(log_time)],
            "log_time": [finite(t) for t in log_time],
        },
        "curves": [c.header() for c in drawn],
        "panels": [{**panel._asdict(), "curves": list(panel.curves)} for panel in panels],
        "guides": [],
        "events": [_event(recording, frames, *moment) for moment in moments],
        "caption": words.caption(K, d, axes, seen.hidden),
        "fits": d >= K - 1,
        "sentences": network_words.sentences(recording),
        "stop_reason": recording.stop_reason,
        "outcome": str(recording.outcome),
        "note": network_words.note(len(kept) // K, recording.counts),
        "config": None if recording.config is None else json.loads(recording.config.to_json()),
        "flow_from": flow_from,
        "theory": None,
        "escape": None,
    }
    arrays = geometry(seen, centred, W) | {c.name: c.of(recording)[frames] for c in drawn}
    return Film(header, arrays if small is None else arrays | {"images": small[kept]})


def thumbnails(images: NDArray[np.float32], samples: int) -> NDArray[np.float32]:
    """Images (M, h, w) of as many samples, made smaller by averaging squares of pixels, at most 16 from side to side.

    Raises :class:`ConfigError` for other shapes, and for what is not from 0 to 1.

    >>> thumbnails(np.arange(2 * 32 * 20, dtype=np.float32).reshape(2, 32, 20) / 1280, 2).shape
    (2, 16, 10)
    """
    if images.ndim != 3 or len(images) != samples or not images.size or not (images.min() >= 0 and images.max() <= 1):
        raise ConfigError(
            "images",
            f"images of shape {shown(images.shape)} are not ({samples}, h, w) with numbers from 0 to 1: give one grey"
            f" image for each sample shown, for example numpy.zeros(({samples}, 8, 8)).",
        )
    edge = -(-max(images.shape[1:]) // LARGEST_IMAGE)
    rows, columns = (np.arange(0, size, edge) for size in images.shape[1:])
    sums = np.add.reduceat(np.add.reduceat(images, rows, axis=1, dtype=np.float64), columns, axis=2)
    heights, widths = (
        np.diff(start, append=size) for start, size in zip((rows, columns), images.shape[1:], strict=True)
    )
    return (sums / (heights[:, None] * widths)).astype(np.float32)


def _curves(recording: Recording) -> list[Curve]:
    """The curves that are known of it; of features without classifiers only what needs none. −log L begins below 0
    here, where L is a sum over many samples.
    """
    loss, logarithm = CURVES["loss"], CURVES["minus_log_loss"]
    own = {
        loss.name: loss._replace(definition="Cross-entropy L, in nats, the sum over all training samples."),
        logarithm.name: logarithm._replace(scale="signed"),
    }
    known = [own.get(c.name, c) for c in CURVES.values() if c.beside != "runs" and c.known(recording)]
    return known if recording.classified else [c for c in known if c.measure is not None and c.on == "features"]


def _centred(recording: Recording, frames: np.ndarray) -> tuple[Array, Array]:
    """The mean over all samples (T, d), and class means less that, (T, K, d); 0 where they are rounding."""
    means, counts = recording.means[frames], recording.counts
    N = counts.sum()
    centre = counts @ means / N
    centred = means - centre[:, None]
    size = np.linalg.norm(means, axis=-1).max(axis=-1)[:, None, None]
    lengths = np.linalg.norm(centred, axis=-1, keepdims=True)
    return centre, np.where(lengths <= N * ROUNDING * size, 0.0, centred)


def _exp(log_time: Array) -> Array:
    with np.errstate(over="ignore"):
        return np.exp(log_time)


def _digest(recording: Recording) -> str:
    """Returns the digest of the config, or of the arrays of a network that was trained elsewhere."""
    if recording.config is not None:
        return recording.config.digest
    found = hashlib.sha256()
    for name, held in sorted(arrays_of(recording).items()):
        array = np.asarray(held)
        found.update(f"{name} {array.dtype.str} {array.shape}\n".encode() + array.tobytes())
    return found.hexdigest()


def _flow_from(recording: Recording, frames: np.ndarray) -> int | None:
    """The first frame of log time; `frames` many where it is still to come, None where it never does."""
    if recording.hand_over is not None:
        return int(np.searchsorted(frames, recording.hand_over, side="right"))
    to_come = recording.outcome is Outcome.RUNNING and recording.config is not None and recording.config.log_time_steps
    return len(frames) if to_come else None


def _moments(recording: Recording) -> list[tuple[int, str, str]]:
    """Returns the marks of the clock in order: snapshot, label, kind."""
    moments = []
    if recording.zero_error:
        moments.append((recording.zero_error, "zero training error", "separated"))
    if recording.hand_over is not None:
        moments.append((recording.hand_over, "log time takes over", "note"))
    if recording.outcome is Outcome.DIVERGED:
        moments.append((len(recording) - 1, "diverged", "diverged"))
    return sorted(moments)


def _event(recording: Recording, frames: np.ndarray, snapshot: int, label: str, kind: str) -> dict[str, Any]:
    frame, step = int(np.searchsorted(frames, snapshot)), int(recording.step[snapshot])
    return {"frame": frame, "step": step, "when": network_words.when(recording, snapshot), "label": label, "kind": kind}
