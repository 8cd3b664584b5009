"""The collapse metrics of a feature set of any size, in two passes: sums, never a d x d matrix, never all features.

Definitions and names are those of :mod:`ulpm_core.analysis.collapse`. Deviations are taken from means that are already
known, in the second pass: sums of squares less squares of sums lose every digit once a network has collapsed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ulpm_core.analysis.collapse import (
    angle_error,
    least_norm_product,
    norm_variation,
    self_duality,
)
from ulpm_core.analysis.factors import decomposed
from ulpm_core.analysis.rounding import ROUNDING, counted, rounding_length, without_rounding
from ulpm_core.model.losses import Array, Labels, log_sample_losses

Batches = Callable[[], Iterable[tuple[Array, Labels]]]
"""Gives features (d, B) and labels (B,), batch by batch; each call gives the same samples in the same order."""

CENTRINGS: Final = ("", "_uncentred")


class FirstPass(NamedTuple):
    """labels (N,) in the order of the stream, counts (K,), class means (K, d), the mean over samples (d,), ||H||^2,
    and the precision in which features and classifiers were stored.
    """

    labels: Labels
    counts: Labels
    means: Array
    centre: Array
    energy: float
    precision: float = ROUNDING


class Measurement(NamedTuple):
    """log L of the sum, share of samples with a positive margin, metrics by name, and the features kept (d, M)."""

    log_loss: float
    accuracy: float
    metrics: dict[str, float]
    kept: Array


def first_pass(batches: Batches, classes: int, precision: float = ROUNDING) -> FirstPass:
    """Class means and sizes; NaN is the mean of a class with no sample, and the energy of features that hold one.

    >>> first_pass(lambda: [(np.eye(2), np.array([0, 1])), (np.eye(2), np.array([0, 0]))], 2).means
    array([[0.66666667, 0.33333333],
           [0.        , 1.        ]])
    """
    labels: list[Labels] = []
    energy, sums = 0.0, np.zeros((classes, 1))
    with np.errstate(invalid="ignore", over="ignore"):  # features that are no numbers: whoever asked sees the energy
        for H, y in batches():
            labels.append(y)
            energy += float((H**2).sum())
            sums = sums + _class_sums(H, y, classes)
        every = np.concatenate(labels)
        counts = np.bincount(every, minlength=classes)
        return FirstPass(every, counts, sums / counts[:, None], sums.sum(axis=0) / len(every), energy, precision)


def measure(
    W: Array, bias: Array | None, batches: Batches, first: FirstPass, kept: Labels | None = None
) -> Measurement:
    """Every metric of features that stream by, with classifiers W (K, d) and the last layer's `bias` (K,), if any.

    Margins are those of the logits W h + b. `kept` are the samples, by their place in the stream, whose features are
    handed back in that order. `gamma` and `gamma_balanced` are those of :func:`normalised_margins`.
    """
    N, K = len(first.labels), len(first.counts)
    rounding = rounding_length(first.energy, N, first.precision)
    centred = without_rounding(first.means - first.centre, rounding)
    between = dict(zip(CENTRINGS, (centred, first.means), strict=True))
    whitened = {name: _whitening(means, rounding, K - (name == "")) for name, means in between.items()}
    spread = dict.fromkeys(CENTRINGS, 0.0)
    within, wrong, disagree, q_min, log_losses = 0.0, 0, 0, np.inf, []
    half_norms, found, seen = (first.means**2).sum(axis=1) / 2.0, [], 0
    for H, y in batches():
        deviations = H - first.means.T[:, y]
        within += float((deviations**2).sum())
        for name, directions in whitened.items():
            spread[name] += float(((directions @ deviations) ** 2).sum())
        Z = (H.T @ W.T).T if bias is None else (H.T @ W.T + bias).T
        nearest = (H.T @ first.means.T - half_norms).argmax(axis=1)  # |h - m|^2 / 2 = |h|^2 / 2 - (m h - |m|^2 / 2)
        disagree += int((Z.argmax(axis=0) != nearest).sum())
        log_losses.append(log_sample_losses(Z, y))
        margins = smallest_margins(Z, y)
        q_min, wrong = min(q_min, float(margins.min())), wrong + int((margins <= 0).sum())
        if kept is not None:
            here = (seen <= kept) & (kept < seen + len(y))
            found.append((np.flatnonzero(here), H[:, kept[here] - seen]))
        seen += len(y)
    wdot = without_rounding(W - W.mean(axis=0), rounding_length(float((W**2).sum()), K, first.precision))
    values: dict[str, float] = {}
    for name, means, w in zip(CENTRINGS, between.values(), (wdot, W), strict=True):
        total = float((means**2).sum())
        values |= {
            "nc1_trace_ratio" + name: within / N / (total / K) if total else np.nan,
            "nc1" + name: spread[name] / (N * K) if len(whitened[name]) else np.nan,
            "nc2_norms" + name: float(norm_variation(means)),
            "nc2_angles" + name: float(angle_error(means)),
            "nc2_norms_w" + name: float(norm_variation(w)),
            "nc2_angles_w" + name: float(angle_error(w)),
            "nc3" + name: float(self_duality(w, means)),
        }
    gammas = normalised_margins(q_min, float((W**2).sum()), first.energy, first.counts, bias is not None)
    values |= {"nc4": disagree / N, "q_min": q_min, **gammas}
    features = np.empty((W.shape[1], 0 if kept is None else len(kept)))
    for places, columns in found:
        features[:, places] = columns
    return Measurement(float(np.logaddexp.reduce(np.concatenate(log_losses))), (N - wrong) / N, values, features)


def _class_sums(H: Array, labels: Labels, classes: int) -> Array:
    """Sums (K, d) of the features (d, B) of each class: B d additions, whatever K is.

    >>> _class_sums(np.array([[1.0, 2.0, 4.0]]), np.array([2, 0, 2]), 3).tolist()
    [[2.0], [0.0], [5.0]]
    """
    order = np.argsort(labels, kind="stable")
    present, starts = np.unique(labels[order], return_index=True)
    sums = np.zeros((classes, len(H)))
    sums[present] = np.add.reduceat(H.T[order], starts, axis=0)
    return sums


def smallest_margins(Z: Array, labels: Labels) -> Array:
    """Smallest margin of each sample (B,), from logits Z (K, B): z_y - max_{j != y} z_j.

    >>> smallest_margins(np.array([[3.0, 0.0], [1.0, 0.0]]), np.array([0, 1])).tolist()
    [2.0, 0.0]
    """
    samples = np.arange(len(labels))
    others = Z.copy()
    others[labels, samples] = -np.inf
    return Z[labels, samples] - others.max(axis=0)


def normalised_margins(
    q_min: float, energy_w: float, energy_h: float, counts: NDArray[np.int64], bias: bool
) -> dict[str, float]:
    """gamma = 2 ||Pi Y||_* q_min / (||W||^2 + ||H||^2) and gamma_balanced = ||Pi Y||_* q_min / (||W|| ||H||), from the
    smallest margin, ||W||^2, ||H||^2, and class sizes n_k of any kind (counts): both at most 1.

    For classes of one size that is the paper's gamma; gamma_balanced is the same at the best rescaling (c W, H / c),
    which changes no logit. A bias moves no margin for free where classes are equal, since Pi Y 1 = 0; else the bound
    fails: NaN, as for W or H of no length.

    >>> {name: round(value, 9) for name, value in normalised_margins(3.0, 90.0, 10.0, np.full(4, 25), True).items()}
    {'gamma': 0.9, 'gamma_balanced': 1.5}
    """
    free = bias and len(set(counts.tolist())) > 1
    least = np.nan if free else least_norm_product(counts) * q_min
    mean, product = (energy_w + energy_h) / 2.0, np.sqrt(energy_w) * np.sqrt(energy_h)
    return {
        "gamma": float(least / mean) if mean else np.nan,
        "gamma_balanced": float(least / product) if product else np.nan,
    }


def _whitening(means: Array, rounding: Array, most: int) -> Array:
    """B (r, d) with B^T B = pinv(Sigma_B), Sigma_B = means^T means / K, so that Tr(Sigma_W pinv(Sigma_B)) is a sum of
    squares |B deviation|^2 / N; its rank r is `most` at most, K - 1 where the means are centred.
    """
    S, Vt = decomposed(means / np.sqrt(len(means)))
    kept = counted(S, rounding, most)
    return Vt[kept] / S[kept, None]
