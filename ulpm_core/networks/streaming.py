"""The collapse metrics of a feature set of any size, in two passes: sums, never a d x d matrix, never all features.

The first pass is :func:`ulpm_core.analysis.class_means.class_means`, the second is here. Definitions and names are
those of every run: :mod:`ulpm_core.analysis.collapse`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ulpm_core.analysis.class_means import Chunks, ClassMeans
from ulpm_core.analysis.collapse import Sums
from ulpm_core.analysis.metrics import values_of
from ulpm_core.model.losses.cross_entropy import log_sample_losses
from ulpm_core.model.shapes import Array, Labels, Shaped


class Measurement(NamedTuple):
    """log L of the sum, share of samples with a positive margin, metrics by name, and the features kept."""

    log_loss: float
    accuracy: float
    metrics: dict[str, float]
    kept: Shaped[Array, "d M"]


def measure(
    W: Shaped[Array, "K d"],
    bias: Shaped[Array, "K"] | None,
    batches: Chunks,
    first: ClassMeans,
    kept: Shaped[Labels, "M"] | None = None,
) -> Measurement:
    """Every metric of features that stream by, with classifiers W and the last layer's `bias`, if any.

    Margins are those of the logits W h + b. `kept` are the samples, by their place in the stream, whose features are
    handed back in that order.
    """
    kept = np.zeros(0, dtype=np.int64) if kept is None else kept
    sums, log_losses, features, seen = Sums(first, W, bias), [], np.empty((W.shape[1], len(kept))), 0
    for H, y in batches():
        Z = sums.add(H, y)
        assert Z is not None
        log_losses.append(log_sample_losses(Z, y))
        here = (seen <= kept) & (kept < seen + len(y))
        features[:, here] = H[:, kept[here] - seen]
        seen += len(y)
    values = {name: float(value) for name, value in values_of(sums, "networks").items()}
    log_loss, N = float(np.logaddexp.reduce(np.concatenate(log_losses))), len(first.labels)
    return Measurement(log_loss, float((N - sums.wrong) / N), values, features)
