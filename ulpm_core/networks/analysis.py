"""The parts of a recording that a film shows beside its metrics: the moments that its clock marks, and its stage."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from ulpm_core.analysis.collapse import CENTRED, Sums
from ulpm_core.analysis.projection import Stage, stage
from ulpm_core.analysis.rounding import ROUNDING, without_rounding
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.model.shapes import Array, Shaped
from ulpm_core.networks.recording import Recording

IMAGE_BYTES: Final = 2**20
"""Byte budget of the images, beside that of the features: 102 a class of ten at 16 x 16."""
GIVEN: Final = "Given:"
"""How the end of a recording begins that was made from features in a file."""


def is_given(recording: Recording) -> bool:
    """Whether a network's features were given as a file, not recorded in training."""
    return recording.config is None and recording.stop_reason.startswith(GIVEN)


def centred_means(recording: Recording) -> tuple[Shaped[Array, "T K d"], Shaped[Array, "T d"]]:
    """The class means less the mean over all samples, 0 where they are rounding, and that mean."""
    means, counts = recording.means, recording.counts
    N = counts.sum()
    centre = counts @ means / N
    size = np.linalg.norm(means, axis=-1).max(axis=-1)
    return without_rounding(means - centre[:, None], N * ROUNDING * size), centre


def remembered(recording: Recording, frame: int) -> Sums:
    """The sums of one snapshot over all samples, as far as a recording tells them."""
    q_min, gamma, nc1 = (recording.metrics[name][frame] for name in ("q_min", "gamma", "nc1"))
    with np.errstate(divide="ignore", invalid="ignore"):
        sums = Sums.remembered(
            recording.W[frame], recording.means[frame], recording.counts, q_min, gamma, by_class=True
        )
    sums.whitened[CENTRED] = nc1 * sums.of.samples * len(recording.counts)
    sums.spread = sums.spread if recording.spread is None else recording.spread[frame]
    sums.bias = None if recording.bias is None else recording.bias[frame]
    return sums


def stage_of(recording: Recording, marked: Sequence[int], image_bytes: int = 0) -> Stage:
    """The stage of a recording, for as many samples as fit where each has an image of so many bytes."""
    centred, centre = centred_means(recording)
    sizes = np.bincount(recording.labels).tolist()
    most = IMAGE_BYTES // image_bytes if image_bytes else math.inf
    return stage(recording.W, recording.H, centred, centre, sizes, marked, most)


def marks(recording: Recording) -> list[tuple[int, str]]:
    """The moments that the clock marks, in order: zero-training-error, hand-over to log time, diverged."""
    moments = (
        (recording.zero_error or None, "zero-training-error"),
        (recording.hand_over, "hand-over"),
        (len(recording) - 1 if recording.outcome is Outcome.DIVERGED else None, "diverged"),
    )
    return sorted((snapshot, name) for snapshot, name in moments if snapshot is not None)
