"""The collapse metrics as other authors define them, each as their public code computes it: `PEERS`.

Symbols as in :mod:`ulpm_core.analysis.collapse`. Papyan, Wu and Zhao take class means less the mean of class means,
Zhu less the mean over samples; of classes of one size both are one. Where sizes differ each is measured by the other
centre, too, under its name with an ending. The table of docs/theory.md 4.2 has all of them beside the lab's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.analysis.collapse import CENTRED, CLASS_CENTRED, UNCENTRED, Sums, angle_error, self_duality
from ulpm_core.analysis.collapse_curves import DIFFERENCES
from ulpm_core.analysis.peer_metrics import class_distance_variance, distance_variance, frame_error, sample_variation
from ulpm_core.model.shapes import Array, Shaped

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
    the one that the authors take, None where none plays a part; `of` says whether classifiers are needed. The numbers
    whose differences it measures have the `size`, by default 1; it is `squared` where it is of squares of them.
    """

    name: str
    definition: str
    source: str
    measure: Callable[[Sums, str], Shaped[Array, "*T"]]
    centre: str | None = None
    of: str = "classifiers"
    size: Callable[[Sums, str], Array] | None = None
    squared: bool = False

    def rounding(self, sums: Sums, centre: str, value: float) -> float:
        """Returns how far rounding alone can move the metric where it has this value at one moment."""
        size = DIFFERENCES * (1.0 if self.size is None else float(self.size(sums, centre)))
        return max(size**2, 2.0 * size * math.sqrt(value)) if self.squared else size


def _within_between(sums: Sums, centre: str) -> Array:
    whitened = sums.whitened[centre]
    defined = sums.whitening[centre].any(axis=(-2, -1)) | (whitened > 0.0)  # some direction is no rounding
    return np.where(defined, whitened / sums.of.samples, np.nan)


def _means(definition: Callable[[Array], Array]) -> Callable[[Sums, str], Array]:
    return lambda sums, centre: definition(sums.means[centre])


def _classifiers(definition: Callable[[Array], Array]) -> Callable[[Sums, str], Array]:
    return lambda sums, _: definition(sums.classifiers[UNCENTRED])


def _both(definition: Callable[[Array, Array], Array]) -> Callable[[Sums, str], Array]:
    return lambda sums, centre: definition(sums.classifiers[UNCENTRED], sums.means[centre])


def _at_centre(sums: Sums, _: str) -> Array:
    logits = (sums.classifiers[UNCENTRED] @ sums.of.centre[..., None])[..., 0]
    return np.linalg.norm(logits if sums.bias is None else logits + sums.bias, axis=-1)


def _size_of_classifiers(sums: Sums, _: str) -> Array:
    return np.sqrt(sums.energy_w)


def _size_at_centre(sums: Sums, _: str) -> Array:
    size = np.sqrt(sums.energy_w) * np.linalg.norm(sums.of.means, axis=-1).max(axis=-1)
    return size if sums.bias is None else size + np.linalg.norm(sums.bias, axis=-1)


_papyan: Final = partial(Peer, source=PAPYAN, centre=CLASS_CENTRED)
_zhu: Final = partial(Peer, source=ZHU, centre=CENTRED)
_wu: Final = partial(Peer, source=WU, centre=CLASS_CENTRED)

PEERS: Final = (
    _papyan("nc1_papyan", "Tr(Σ_W Σ_B⁺), without 1/K", measure=_within_between, of="features", squared=True),
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
        squared=True,
    ),
    Peer(
        "nc2_zhu",
        "‖WWᵀ/‖WWᵀ‖ - Π/√(K-1)‖, W as it is",
        ZHU,
        _classifiers(lambda W: frame_error(W, W)),
    ),
    _zhu("nc3_zhu", "‖WḢ/‖WḢ‖ - Π/√(K-1)‖, W as it is", measure=_both(frame_error)),
    Peer(
        "bias_zhu",
        "‖W m + b‖, m the mean over samples; b is 0 where there is none",
        ZHU,
        _at_centre,
        size=_size_at_centre,
    ),
    Peer(
        "cdnv",
        "mean over pairs of (Var_j + Var_k) / (2‖m_j - m_k‖²), Var_k the mean of ‖h - m_k‖² in class k, m_k its mean",
        GALANTI,
        lambda sums, _: class_distance_variance(sums.of.means, sums.spread, sums.of.counts),
        of="features",
        squared=True,
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
        squared=True,
    ),
    _wu(
        "nc3_uniform_wu",
        "variance over classes of w_k · ḣ_k, divisor K-1",
        measure=_both(lambda W, M: (W * M).sum(axis=-1).var(axis=-1, ddof=1)),
        size=_both(lambda W, M: np.abs(W * M).sum(axis=-1).max(axis=-1)),
        squared=True,
    ),
    Peer(
        "nc0",
        "‖Σ w_k‖",
        ZHAO,
        _classifiers(lambda W: np.linalg.norm(W.sum(axis=-2), axis=-1)),
        size=_size_of_classifiers,
    ),
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
    named = named_peers(CLASS_CENTRED in sums.means, sums.W is not None)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # what is not finite is not defined
        return {name: np.asarray(peer.measure(sums, centre)) for name, (peer, centre) in named.items()}


def named_peers(uneven: bool, classified: bool) -> dict[str, tuple[Peer, str]]:
    """Returns by its name each metric and the centre by which it is measured: of class sizes that differ or not, with
    classifiers or without.

    >>> [(name, centre) for name, (_, centre) in named_peers(True, True).items() if "zhu" in name][1:3]
    [('nc3_zhu', ''), ('nc3_zhu_class_centred', '_class_centred')]
    """
    return {
        name: (peer, centre)
        for peer in PEERS
        if classified or peer.of == "features"
        for name, centre in _centres(peer, uneven)
    }


def _centres(peer: Peer, uneven: bool) -> Iterator[tuple[str, str]]:
    """The names of a metric, each with its centre: the authors' own first."""
    own = CENTRED if peer.centre is None or not uneven else peer.centre
    yield peer.name, own
    if uneven and peer.centre is not None:
        other, ending = (CENTRED, SAMPLE_CENTRED) if own == CLASS_CENTRED else (CLASS_CENTRED, CLASS_CENTRED)
        yield peer.name + ending, other
