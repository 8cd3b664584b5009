"""The collapse metrics of a feature set of any size, in two passes: sums, never a d x d matrix, never all features.

The first pass is :func:`ulpm_core.analysis.class_means.class_means`, the second is here. Definitions and names are
those of every run: :mod:`ulpm_core.analysis.collapse`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ulpm_core.analysis.class_means import Chunks, ClassMeans
from ulpm_core.analysis.collapse import Sums
from ulpm_core.analysis.metrics import values_of
from ulpm_core.model.losses.cross_entropy import log_sample_losses
from ulpm_core.model.shapes import Array, Labels, Shaped
from ulpm_core.networks.recording import Snapshot


def measure(
    W: Shaped[Array, "K d"],
    bias: Shaped[Array, "K"] | None,
    batches: Chunks,
    first: ClassMeans,
    kept: Shaped[Labels, "M"],
    confusion: Shaped[Labels, "K K"],
    **clock: Any,
) -> Snapshot:
    """The snapshot of features that stream by, with classifiers W and the last layer's `bias`, if any: every metric,
    log L of the sum, and the share of samples with a positive margin, those of the logits W h + b.

    `kept` are the samples, by their place in the stream, whose features it holds, in that order; `confusion` counts
    test samples; `clock` are epoch, step, log_time and phase.
    """
    sums, log_losses, seen = Sums(first, W, bias), [], 0
    features = np.empty((W.shape[1], len(kept)), dtype=np.float32)
    for H, y in batches():
        Z = sums.add(H, y)
        assert Z is not None
        log_losses.append(log_sample_losses(Z, y))
        here = (seen <= kept) & (kept < seen + len(y))
        features[:, here] = H[:, kept[here] - seen]
        seen += len(y)
    N, tested = len(first.labels), int(confusion.sum())
    return Snapshot(
        W=W,
        bias=bias,
        spread=sums.spread,
        H=features,
        means=first.means,
        log_loss=float(np.logaddexp.reduce(np.concatenate(log_losses))),
        train_accuracy=float((N - sums.wrong) / N),
        test_accuracy=float(np.trace(confusion)) / tested if tested else np.nan,
        confusion=confusion,
        metrics={name: float(value) for name, value in values_of(sums, "networks").items()},
        **clock,
    )
