"""The film of a network: the document of a run's film, made from a recording."""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ulpm_core.analysis.curve import Curve
from ulpm_core.analysis.curves import CURVES
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.files.recording import arrays_of
from ulpm_core.film import crowd, events, network_words, words
from ulpm_core.film.curves import defined, laid_out
from ulpm_core.film.depth import depth_curves
from ulpm_core.film.film import Film, geometry
from ulpm_core.film.header import film_header
from ulpm_core.model.refusal import shown as said
from ulpm_core.model.refusal import unfit
from ulpm_core.model.shapes import Labels, Shaped
from ulpm_core.networks.analysis import centred_means, marks, stage_of
from ulpm_core.networks.recording import Recording

LARGEST_IMAGE: Final = 16
"""Pixels that an image has at most from side to side: as many as a digit needs to be read."""
LABELS: Final = events.LABELS | {"hand-over": "log time takes over"}
"""Labels of the events at the marks of the clock, by name."""


def network_film(recording: Recording, images: Shaped[NDArray[np.float32], "M S S"] | None = None) -> Film:
    """The film of a recording: at most 240 frames, evenly thinned samples, the frame fixed by the end state.

    `images` (M, h, w), grey from 0 to 1, are those of the samples shown. Class means, cosines and curves are of the
    whole training set; of more than 64 classes as many are on stage. Raises :class:`ConfigError` for images that are
    not of these samples.

    >>> from io import BytesIO
    >>> from ulpm_core.files.features import load_snapshots
    >>> np.savez(file := BytesIO(), H=np.eye(3, 6), W=np.eye(2, 3), labels=[0, 1] * 3)
    >>> network_film(load_snapshots(file)).header["classes"]
    2
    """
    K, d = recording.W.shape[1:]
    small = None if images is None else thumbnails(images, len(recording.labels))
    moments = marks(recording)
    shown = stage_of(recording, [snapshot for snapshot, _ in moments], 0 if small is None else small[0].size * 4)
    frames, axes = shown.frames, shown.view.features.shape[-1]
    kept = len(shown.samples) // (K if shown.classes is None else len(shown.classes))
    notes = crowd.note(shown), network_words.note(kept, recording.counts), _missing(recording)
    flow_from = _flow_from(recording, frames)
    known, names = curves_of(recording), recording.names
    if shown.classes is not None:
        known += crowd.spectrum_curves(centred_means(recording)[0], frames)
        names = tuple(names[k] for k in shown.classes)
    panels, curves = laid_out(known, ("run",), flow_from is not None, fits=True)
    values = {curve.name: curve.of(recording)[frames] for curve in curves}
    header = film_header(
        recording,
        shown,
        digest=digest_of(recording),
        title=f"{network_words.subject(recording.config)} · {words.title(K, d)}",
        per_class=int(recording.counts.min()),
        clock="step" if np.isnan(recording.log_time[frames]).any() else "log_time",
        curves=curves,
        values=values,
        panels=panels,
        events=[
            events.event(recording, frames, snapshot, name, LABELS[name], network_words.when(recording, snapshot))
            for snapshot, name in moments
        ],
        caption=words.caption(K, d, axes, shown.view.hidden),
        sentences=network_words.sentences(recording),
        note=" ".join(filter(None, notes)),
        flow_from=flow_from,
        fits=d >= K - 1,
        kind="network",
        names=list(names),
    )
    arrays = geometry(shown.view) | values
    return Film(header, arrays if small is None else arrays | {"images": small[shown.samples]})


def thumbnails(
    images: Shaped[NDArray[np.float32], "M S S"], samples: int
) -> Shaped[NDArray[np.float32], "M side side"]:
    """Images (M, h, w) of as many samples, made smaller by averaging squares of pixels, at most 16 from side to side.

    Raises :class:`ConfigError` for other shapes, and for what is not from 0 to 1.

    >>> thumbnails(np.arange(2 * 32 * 20, dtype=np.float32).reshape(2, 32, 20) / 1280, 2).shape
    (2, 16, 10)
    """
    if images.ndim != 3 or len(images) != samples or not images.size or not (images.min() >= 0 and images.max() <= 1):
        raise unfit(
            "images",
            f"images of shape {said(images.shape)} are not ({samples}, h, w) with numbers from 0 to 1",
            "give one grey image for each sample shown",
            f"numpy.zeros(({samples}, 8, 8))",
        )
    edge = -(-max(images.shape[1:]) // LARGEST_IMAGE)
    rows, columns = (np.arange(0, size, edge) for size in images.shape[1:])
    sums = np.add.reduceat(np.add.reduceat(images, rows, axis=1, dtype=np.float64), columns, axis=2)
    heights, widths = (
        np.diff(start, append=size) for start, size in zip((rows, columns), images.shape[1:], strict=True)
    )
    return (sums / (heights[:, None] * widths)).astype(np.float32)


def curves_of(recording: Recording) -> list[Curve]:
    """The curves that were measured, each with its definition; of features without classifiers only what needs none.
    −log L begins below 0 here, where L is a sum over many samples.
    """
    loss, logarithm = CURVES["loss"], CURVES["minus_log_loss"]
    own = {
        loss.name: loss._replace(definition="Cross-entropy L, in nats, the sum over all training samples."),
        logarithm.name: logarithm._replace(scale="signed"),
    }
    beside = ("", "networks")
    known = [own.get(c.name, c) for c in CURVES.values() if c.beside in beside and c.name not in recording.unmeasured]
    if not recording.classified:
        known = [c for c in known if c.measure is not None and c.on == "features"]
    return [*(defined(curve, *recording.W.shape[1:]) for curve in known), *depth_curves(recording)]


def _missing(recording: Recording) -> str:
    """Says which curves are left out because the file is older than they are; empty where none is."""
    labels = [CURVES[name].label for name in recording.unmeasured if CURVES[name].panels]
    return f"Saved before this was measured: {', '.join(labels)}." if labels else ""


def digest_of(recording: Recording) -> str:
    """Returns the digest of the config, or of the arrays of a network that was trained elsewhere."""
    if recording.config is not None:
        return recording.config.digest
    found = hashlib.sha256()
    for name, held in sorted(arrays_of(recording).items()):
        array = np.asarray(held)
        found.update(f"{name} {array.dtype.str} {array.shape}\n".encode() + array.tobytes())
    return found.hexdigest()


def _flow_from(recording: Recording, frames: Shaped[Labels, "F"]) -> int | None:
    """The first frame of log time; `frames` many where it is still to come, None where it never does."""
    if recording.hand_over is not None:
        return int(np.searchsorted(frames, recording.hand_over, side="right"))
    to_come = recording.outcome is Outcome.RUNNING and recording.config is not None and recording.config.log_time_steps
    return len(frames) if to_come else None
