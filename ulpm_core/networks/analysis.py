"""What a film shows of a recording beside its metrics, made once: snapshots, samples, and both in the display frame."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from ulpm_core.analysis.projection import (
    FEATURE_BYTES,
    View,
    axes_of,
    frames_of,
    refuse_crowd,
    shown_samples,
    view,
)
from ulpm_core.analysis.rounding import ROUNDING, without_rounding
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.model.shapes import Array, Labels, Shaped
from ulpm_core.networks.recording import Recording

IMAGE_BYTES: Final = 2**20
"""Byte budget of the images, beside that of the features: 102 a class of ten at 16 x 16."""


class Analysis(NamedTuple):
    """Snapshots that are frames, samples shown by their place in the recording, their view, and the marks of
    the clock in order: (snapshot, name).
    """

    frames: Shaped[Labels, "F"]
    samples: Shaped[Labels, "M"]
    view: View
    marks: list[tuple[int, str]]


def analyse(recording: Recording, image_bytes: int = 0) -> Analysis:
    """The analysis of a recording, for as many samples as fit where each has an image of so many bytes.

    Raises :class:`ConfigError` for more classes than a film shows.
    """
    K, d = recording.W.shape[1:]
    refuse_crowd(K)
    moments = marks(recording)
    frames, axes = frames_of(len(recording), [snapshot for snapshot, _ in moments]), axes_of(K, d)
    most = FEATURE_BYTES // (len(frames) * axes * 4)
    if image_bytes:
        most = min(most, IMAGE_BYTES // image_bytes)
    samples = shown_samples(np.bincount(recording.labels).tolist(), most)
    centre, centred = _centred(recording, frames)
    features, end = recording.H[frames][:, :, samples], recording.H[-1].astype(np.float64)
    return Analysis(frames, samples, view(recording.W[frames], features, centred, centre, axes, end), moments)


def marks(recording: Recording) -> list[tuple[int, str]]:
    """The moments that the clock marks, in order: zero-training-error, hand-over to log time, diverged."""
    found = []
    if recording.zero_error:
        found.append((recording.zero_error, "zero-training-error"))
    if recording.hand_over is not None:
        found.append((recording.hand_over, "hand-over"))
    if recording.outcome is Outcome.DIVERGED:
        found.append((len(recording) - 1, "diverged"))
    return sorted(found)


def _centred(recording: Recording, frames: np.ndarray) -> tuple[Array, Array]:
    """The mean over all samples (T, d), and class means less that, (T, K, d); 0 where they are rounding."""
    means, counts = recording.means[frames], recording.counts
    N = counts.sum()
    centre = counts @ means / N
    centred = means - centre[:, None]
    return centre, without_rounding(centred, N * ROUNDING * np.linalg.norm(means, axis=-1).max(axis=-1))
