"""The collapse metrics NC1 to NC4, the margins, and gamma: every name and definition in one place.

Symbols: hbar_k class means, hbar their mean (classes balanced) or the global mean, hdot_k = hbar_k - hbar,
Sigma_W = (1/N) sum (h - hbar_k)(h - hbar_k)^T, Sigma_B = (1/K) sum hdot_k hdot_k^T, wdot_k = w_k - mean_j w_j.
All functions take W (..., K, d), H (..., d, N) and labels (N,), and answer (...): one value a snapshot.
A quantity that is not defined (0/0: no spread, no norm, one pair) is NaN, never 0.
Sources: Papyan, Han, Donoho 2020; Zhu et al. 2021; Ji et al. 2022; docs/theory.md 4.1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ulpm_core.analysis.factors import decomposed
from ulpm_core.analysis.rounding import ROUNDING, counted, rounding_length, without_rounding
from ulpm_core.model.losses import Array, Labels


class ClassMeans(NamedTuple):
    """Class means (..., K, d), the global mean (..., 1, d), centred means, deviations (..., d, N), and the length (...)
    up to which a difference of means is rounding.

    A centred mean that is rounding is 0: where all means coincide, nothing between them is defined.
    """

    means: Array
    centre: Array
    centred: Array
    deviations: Array
    rounding: Array


def class_means(H: Array, labels: Labels, precision: float = ROUNDING) -> ClassMeans:
    """Means of H (..., d, N) by class; `centre` is the mean over samples. `precision` is that in which H was stored."""
    classes = int(labels.max()) + 1
    counts = np.bincount(labels, minlength=classes)
    average = (labels[:, None] == np.arange(classes)) / counts
    means = np.swapaxes(H @ average, -1, -2)
    centre = H.mean(axis=-1)[..., None, :]
    deviations = H - np.swapaxes(means, -1, -2)[..., labels]
    rounding = rounding_length((H**2).sum(axis=(-2, -1)), H.shape[-1], precision)
    return ClassMeans(means, centre, without_rounding(means - centre, rounding), deviations, rounding)


def means_rank(m: ClassMeans) -> Labels:
    """The rank of Sigma_B that NC1 uses, (...): K-1 at most, and less where class means lie in a smaller subspace.

    >>> int(means_rank(class_means(np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]), np.arange(3))))
    1
    """
    K = m.centred.shape[-2]
    return counted(decomposed(m.centred / np.sqrt(K))[0], m.rounding, K - 1).sum(axis=-1)


def _ratio(numerator: Array, denominator: Array) -> Array:
    """numerator / denominator, NaN where the denominator is 0."""
    undefined = denominator == 0
    return np.where(undefined, np.nan, numerator / np.where(undefined, 1.0, denominator))


def nc1_trace_ratio(m: ClassMeans, labels: Labels, centred: bool = True) -> Array:
    """Tr Sigma_W / Tr Sigma_B. Uncentred: Sigma_B from the class means themselves."""
    between = (m.centred if centred else m.means) ** 2
    within = (m.deviations**2).sum(axis=(-2, -1)) / len(labels)
    return _ratio(within, between.sum(axis=(-2, -1)) / between.shape[-2])


def nc1(m: ClassMeans, labels: Labels, centred: bool = True) -> Array:
    """Tr(Sigma_W pinv(Sigma_B)) / K, as Zhu et al. 2021 (Papyan et al. leave out the 1/K).

    With the singular value decomposition means/sqrt(K) = U S V^T this is sum_r |V_r^T deviations|^2 / (N K S_r^2):
    no d x d matrix, and the K-1 (or d) directions that count are known.
    """
    between = m.centred if centred else m.means
    K = between.shape[-2]
    S, Vt = decomposed(between / np.sqrt(K))
    kept = counted(S, m.rounding, K - 1 if centred else K)
    spread = ((Vt @ m.deviations) ** 2).sum(axis=-1) / len(labels)
    total = np.where(kept, spread / np.where(kept, S**2, 1.0), 0.0).sum(axis=-1) / K
    return np.where(kept.any(axis=-1), total, np.nan)


def norm_variation(vectors: Array) -> Array:
    """NC2, equal norms: std / mean (divisor K) of the norms of the rows (..., K, d).

    >>> float(norm_variation(np.array([[1.0, 0.0], [0.0, 3.0]])))
    0.5
    """
    norms = np.linalg.norm(vectors, axis=-1)
    return _ratio(norms.std(axis=-1), norms.mean(axis=-1))


def cosines(vectors: Array) -> Array:
    """Cosines (..., K, K) between the rows of (..., K, d); NaN where a row is zero."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit = _ratio(vectors, norms)
    return unit @ np.swapaxes(unit, -1, -2)


def angle_error(vectors: Array) -> Array:
    """NC2, equal angles: mean over pairs j != k of |cos_jk + 1/(K-1)|.

    >>> bool(angle_error(np.array([[1.0, 0.0], [-1.0, 0.0]])) < 1e-15)
    True
    """
    K = vectors.shape[-2]
    error = np.abs(cosines(vectors) + 1.0 / (K - 1))
    return error[..., ~np.eye(K, dtype=bool)].mean(axis=-1)


def self_duality(classifiers: Array, means: Array) -> Array:
    """NC3: || classifiers/||.||_F - means/||.||_F ||_F for two arrays (..., K, d)."""

    def normalised(A: Array) -> Array:
        return _ratio(A, np.linalg.norm(A, axis=(-2, -1), keepdims=True))

    return np.linalg.norm(normalised(classifiers) - normalised(means), axis=(-2, -1))


def nc4(W: Array, H: Array, m: ClassMeans) -> Array:
    """NC4: share of samples where the classifier's answer and the nearest class mean disagree."""
    answer = (W @ H).argmax(axis=-2)
    distance = (m.means**2).sum(axis=-1)[..., :, None] - 2.0 * (m.means @ H)
    return (answer != distance.argmin(axis=-2)).mean(axis=-1)


def margins(W: Array, H: Array, labels: Labels) -> Array:
    """Smallest margin of each sample, (..., N): min_{j != y} (w_y - w_j)^T h."""
    Z = W @ H
    index = np.broadcast_to(labels, (*Z.shape[:-2], 1, Z.shape[-1]))
    own = np.take_along_axis(Z, index, axis=-2)
    others = Z.copy()
    np.put_along_axis(others, index, -np.inf, axis=-2)
    return np.squeeze(own, -2) - others.max(axis=-2)


def gamma(W: Array, H: Array, q_min: Array) -> Array:
    """2 (K-1) sqrt(n) q_min / (||W||^2 + ||H||^2): at most 1, and 1 only at the collapsed ETF (docs/theory.md 2.5)."""
    K, N = W.shape[-2], H.shape[-1]
    energy = (W**2).sum(axis=(-2, -1)) + (H**2).sum(axis=(-2, -1))
    return _ratio(2.0 * (K - 1) * np.sqrt(N / K) * q_min, energy)


def least_norm_product(counts: Labels) -> float:
    """||Pi Y||_*, the least ||W|| ||H|| with which every margin is 1, for K classes of sizes n_k (counts).

    Pi Y, one-hot labels less their class mean, solves the separation problem (docs/theory.md 6.1); ||Pi Y||_*, the sum
    of its singular values, is (K-1) sqrt(n) for classes of one size n. Of m classes of size n, m-1 are sqrt(n) each;
    the others are those of a matrix with a row for each size that occurs.

    >>> [round(least_norm_product(np.array(sizes)), 6) for sizes in ([25, 25, 25, 25], [10, 10, 2, 2])]
    [15.0, 7.025981]
    """
    sizes, often = np.unique(counts, return_counts=True)
    share = np.sqrt(often / len(counts))
    S, _ = decomposed((np.eye(len(sizes)) - np.outer(share, share)) * np.sqrt(sizes))
    return float(S.sum() + ((often - 1) * np.sqrt(sizes)).sum())


def gamma_balanced(W: Array, H: Array, q_min: Array, labels: Labels) -> Array:
    """||Pi Y||_* q_min / (||W|| ||H||): at most 1, and 1 only at the collapsed frame, whatever the two scales are.

    It is gamma at the best rescaling (c W, H / c), which changes no logit: 2 ||W|| ||H|| <= ||W||^2 + ||H||^2, with
    equality where both norms are equal. Gradient flow of the model ties the two scales together, so gamma judges its
    runs; in a network they are free, and gamma mostly says how uneven they are.

    >>> W, H, labels = 9.0 * np.eye(2), np.eye(2) / 3.0, np.array([0, 1])
    >>> float(gamma_balanced(W, H, margins(W, H, labels).min(axis=-1), labels))
    0.5
    """
    norms = np.linalg.norm(W, axis=(-2, -1)) * np.linalg.norm(H, axis=(-2, -1))
    return _ratio(least_norm_product(np.bincount(labels)) * q_min, norms)


def feature_metrics(H: Array, labels: Labels, precision: float = ROUNDING) -> dict[str, Array]:
    """The metrics that need only features."""
    return _of_means(class_means(H, labels, precision), labels)


def _of_means(m: ClassMeans, labels: Labels) -> dict[str, Array]:
    return {
        "nc1_trace_ratio": nc1_trace_ratio(m, labels),
        "nc1": nc1(m, labels),
        "nc2_norms": norm_variation(m.centred),
        "nc2_angles": angle_error(m.centred),
        "nc1_trace_ratio_uncentred": nc1_trace_ratio(m, labels, centred=False),
        "nc1_uncentred": nc1(m, labels, centred=False),
        "nc2_norms_uncentred": norm_variation(m.means),
        "nc2_angles_uncentred": angle_error(m.means),
    }


def metrics(W: Array, H: Array, labels: Labels, precision: float = ROUNDING) -> dict[str, Array]:
    """Every metric by its contract name; `_uncentred` variants use means and classifiers as they are. `precision` is
    that in which W and H were stored: :func:`rounding_of`.
    """
    m = class_means(H, labels, precision)
    rounding = rounding_length((W**2).sum(axis=(-2, -1)), W.shape[-2], precision)
    wdot = without_rounding(W - W.mean(axis=-2, keepdims=True), rounding)
    q_min = margins(W, H, labels).min(axis=-1)
    return _of_means(m, labels) | {
        "nc2_norms_w": norm_variation(wdot),
        "nc2_angles_w": angle_error(wdot),
        "nc3": self_duality(wdot, m.centred),
        "nc4": nc4(W, H, m),
        "q_min": q_min,
        "gamma": gamma(W, H, q_min),
        "nc2_norms_w_uncentred": norm_variation(W),
        "nc2_angles_w_uncentred": angle_error(W),
        "nc3_uncentred": self_duality(W, m.means),
    }
