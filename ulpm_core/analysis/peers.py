"""The collapse metrics as other authors define them, each as their public code computes it: `PEERS`.

Symbols as in :mod:`ulpm_core.analysis.collapse`. Papyan, Wu and Zhao take class means less the mean of class means,
Zhu less the mean over samples; of classes of one size both are one. Where sizes differ each is measured by the other
centre, too, under its name with an ending. The table of docs/theory.md 4.2 has all of them beside the lab's own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.analysis.collapse import (
    CENTRED,
    CLASS_CENTRED,
    UNCENTRED,
    Sums,
    angle_error,
    cosines,
    ratio,
    self_duality,
)
from ulpm_core.model.shapes import Array, Labels, Shaped

SAMPLE_CENTRED: Final = "_sample_centred"
"""Ending of a name whose authors take the mean of class means, where the mean over samples is taken in its place."""
PAPYAN: Final = "neuralcollapse/neuralcollapse neuralcollapse.ipynb"
ZHU: Final = "tding1/Neural-Collapse validate_NC.py"
GALANTI: Final = "TomerGalanti/NeuralCollapseDepth analysis.py"
WU: Final = "rhubarbwu/neural-collapse neural_collapse/measure.py"
ZHAO: Final = "jydzhao/neural_collapse_optimizer compute_NCmetrics.py"


class Peer(NamedTuple):
    """A metric of other authors: its name here, its definition in words, and the `source`, a public repository and the
    file in it, that computes it so; `measure` reads it from sums over samples by a centre of class means. `centre` is
    the one that the authors take, None where none plays a part; `of` says whether classifiers are needed.
    """

    name: str
    definition: str
    source: str
    measure: Callable[[Sums, str], Shaped[Array, "*T"]]
    centre: str | None = None
    of: str = "classifiers"


def sample_variation(vectors: Shaped[Array, "*T K d"]) -> Shaped[Array, "*T"]:
    """std / mean of the norms of the rows with the divisor K-1 of torch.std; norms of :func:`norm_variation` have K.

    >>> round(float(sample_variation(np.array([[1.0, 0.0], [0.0, 3.0]]))), 12)  # the square root of 1/2
    0.707106781187
    """
    norms = np.linalg.norm(vectors, axis=-1)
    return ratio(norms.std(axis=-1, ddof=1), norms.mean(axis=-1))


def frame_error(A: Shaped[Array, "*T K d"], B: Shaped[Array, "*T K d"]) -> Shaped[Array, "*T"]:
    """|| G/||G||_F - Pi/sqrt(K-1) ||_F of G = A B^T, Pi = I - 11^T/K: 0 where A and B are one simplex.

    >>> round(float(frame_error(np.eye(2), np.eye(2))), 12)  # the square root of 2 - sqrt(2)
    0.76536686473
    """
    K = A.shape[-2]
    ideal = (np.eye(K) - 1.0 / K) / np.sqrt(K - 1)
    G = normalised(A) @ np.swapaxes(normalised(B), -1, -2)  # each first: squares of squares overflow
    return np.linalg.norm(normalised(G) - ideal, axis=(-2, -1))


def normalised(A: Shaped[Array, "*T K m"]) -> Shaped[Array, "*T K m"]:
    """A over its Frobenius norm; NaN where that is 0."""
    return ratio(A, np.linalg.norm(A, axis=(-2, -1), keepdims=True))


def class_distance_variance(
    means: Shaped[Array, "*T K d"], spread: Shaped[Array, "*T K"], counts: Shaped[Labels, "K"]
) -> Shaped[Array, "*T"]:
    """CDNV: mean over pairs j < k of (Var_j + Var_k) / (2 ||hbar_j - hbar_k||^2), where Var_k is the mean of
    ||h - hbar_k||^2 over the samples of class k, their sum being `spread`. NaN where two means are one.

    >>> float(class_distance_variance(np.array([[0.0], [2.0]]), np.array([3.0, 2.0]), np.array([3, 1])))
    0.375
    """
    K, variance, total = len(counts), spread / counts, np.zeros(means.shape[:-2])
    for k in range(K - 1):
        apart = ((means[..., k + 1 :, :] - means[..., k : k + 1, :]) ** 2).sum(axis=-1)
        total = total + ratio((variance[..., k + 1 :] + variance[..., k : k + 1]) / 2.0, apart).sum(axis=-1)
    return np.asarray(total / (K * (K - 1) / 2))


def distance_variance(means: Shaped[Array, "*T K d"], of: Callable[[Array], Array]) -> Shaped[Array, "*T"]:
    """Variance over pairs j < k of a function of the distances between class means of length 1.

    >>> round(float(distance_variance(np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]), np.square)), 12)  # 2, 4 and 2
    0.888888888889
    """
    pairs = np.triu_indices(means.shape[-2], 1)
    squares = np.maximum(2.0 - 2.0 * cosines(means), 0.0)[..., pairs[0], pairs[1]]
    return of(np.sqrt(squares)).var(axis=-1)


def _within_between(sums: Sums, centre: str) -> Array:
    defined = sums.whitening[centre].any(axis=(-2, -1))
    return np.where(defined, sums.whitened[centre] / sums.of.samples, np.nan)


def _means(definition: Callable[[Array], Array]) -> Callable[[Sums, str], Array]:
    return lambda sums, centre: definition(sums.means[centre])


def _classifiers(definition: Callable[[Array], Array]) -> Callable[[Sums, str], Array]:
    return lambda sums, _: definition(sums.classifiers[UNCENTRED])


def _both(definition: Callable[[Array, Array], Array]) -> Callable[[Sums, str], Array]:
    return lambda sums, centre: definition(sums.classifiers[UNCENTRED], sums.means[centre])


def _at_centre(sums: Sums, _: str) -> Array:
    logits = (sums.classifiers[UNCENTRED] @ sums.of.centre[..., None])[..., 0]
    return np.linalg.norm(logits if sums.bias is None else logits + sums.bias, axis=-1)


_papyan: Final = partial(Peer, source=PAPYAN, centre=CLASS_CENTRED)
_zhu: Final = partial(Peer, source=ZHU, centre=CENTRED)
_wu: Final = partial(Peer, source=WU, centre=CLASS_CENTRED)

PEERS: Final = (
    _papyan("nc1_papyan", "Tr(Σ_W Σ_B⁺), without 1/K", measure=_within_between, of="features"),
    _papyan(
        "nc2_norms_papyan",
        "std / mean of ‖ḣ_k‖, std with divisor K-1",
        measure=_means(sample_variation),
        of="features",
    ),
    Peer(
        "nc2_norms_w_papyan",
        "std / mean of ‖w_k‖ as they are, std with divisor K-1",
        PAPYAN,
        _classifiers(sample_variation),
    ),
    _papyan(
        "nc2_angles_papyan",
        "mean over pairs of |cos + 1/(K-1)| of ḣ_k",
        measure=_means(angle_error),
        of="features",
    ),
    Peer(
        "nc2_angles_w_papyan",
        "mean over pairs of |cos + 1/(K-1)| of w_k as they are",
        PAPYAN,
        _classifiers(angle_error),
    ),
    _papyan(
        "nc3_papyan",
        "‖W/‖W‖ - Ḣ/‖Ḣ‖‖², squared, W as it is",
        measure=_both(lambda W, M: self_duality(W, M) ** 2),
    ),
    Peer(
        "nc2_zhu",
        "‖WWᵀ/‖WWᵀ‖ - Π/√(K-1)‖, W as it is",
        ZHU,
        _classifiers(lambda W: frame_error(W, W)),
    ),
    _zhu("nc3_zhu", "‖WḢ/‖WḢ‖ - Π/√(K-1)‖, W as it is", measure=_both(frame_error)),
    Peer("bias_zhu", "‖W h̄ + b‖, h̄ the mean over samples; b is 0 where there is none", ZHU, _at_centre),
    Peer(
        "cdnv",
        "mean over pairs of (Var_j + Var_k) / (2‖h̄_j - h̄_k‖²), Var_k the mean of ‖h - h̄_k‖² in class k",
        GALANTI,
        lambda sums, _: class_distance_variance(sums.of.means, sums.spread, sums.of.counts),
        of="features",
    ),
    _wu(
        "nc2_wu",
        "‖ḢᵀḢ/‖ḢᵀḢ‖ - Π/√(K-1)‖",
        measure=_means(lambda M: frame_error(M, M)),
        of="features",
    ),
    _wu(
        "gnc2_wu",
        "variance over pairs of log 1/‖u_j - u_k‖, u_k = ḣ_k/‖ḣ_k‖",
        measure=_means(lambda M: distance_variance(M, lambda distances: -np.log(distances))),
        of="features",
    ),
    _wu(
        "nc3_uniform_wu",
        "variance over classes of w_k · ḣ_k, divisor K-1",
        measure=_both(lambda W, M: (W * M).sum(axis=-1).var(axis=-1, ddof=1)),
    ),
    Peer("nc0", "‖Σ w_k‖", ZHAO, _classifiers(lambda W: np.linalg.norm(W.sum(axis=-2), axis=-1))),
)
"""Every metric that `measure --peers` prints, in its order. What is not here is one of the lab's own under another
name: Zhu's NC1 is `nc1`, Papyan's NC4 `nc4`, Wu's agreement 1 - `nc4` of a last layer without bias."""


def peers(sums: Sums) -> dict[str, Shaped[Array, "*T"]]:
    """Returns each metric of PEERS by its name, without classifiers those of features; NaN what is not defined. Where
    class sizes differ, names that end in _sample_centred and _class_centred are the same by the other centre.

    >>> from ulpm_core.analysis.metrics import summed
    >>> found = peers(summed(np.eye(2), np.array([[1.0, 3.0, 0.0], [0.0, 0.0, 4.0]]), np.array([0, 0, 1])))
    >>> float(found["cdnv"]), round(float(found["nc0"]), 12), "nc3_zhu_class_centred" in found
    (0.025, 1.414213562373, True)
    """
    found: dict[str, Array] = {}
    uneven = CLASS_CENTRED in sums.means
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # what is not finite is not defined
        for peer in PEERS:
            if peer.of == "classifiers" and sums.W is None:
                continue
            own = CENTRED if peer.centre is None or not uneven else peer.centre
            found[peer.name] = np.asarray(peer.measure(sums, own))
            if uneven and peer.centre is not None:
                other, ending = (CENTRED, SAMPLE_CENTRED) if own == CLASS_CENTRED else (CLASS_CENTRED, CLASS_CENTRED)
                found[peer.name + ending] = np.asarray(peer.measure(sums, other))
    return found
