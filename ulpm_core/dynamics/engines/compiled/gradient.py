"""The gradient of the model, compiled: what every method of this folder computes at each step, in one pass.

Layout: W transposed, (d, K), and H, (d, P), its N samples followed by columns of zeros up to whole vectors; in every
loop the innermost index runs over samples, which are contiguous. Such columns have no gradient and stay zero.
"""

from __future__ import annotations

import math
from inspect import unwrap
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import numpy as np
from numba.extending import overload

from ulpm_core.dynamics.engines.compiled.exponential import exp
from ulpm_core.dynamics.engines.compiled.products import (
    add_lane_sums,
    add_multiples,
    add_products,
    keep,
    product,
    tile_height,
)
from ulpm_core.dynamics.engines.compiled.simd import BYTES, aligned, lanes, load, pointer, spread, store, zero
from ulpm_core.dynamics.engines.compiled.simd_functions import (
    any_positive,
    lane_maximum,
    lane_sum,
    root,
    where_equal,
    where_greater,
)
from ulpm_core.dynamics.jit import UNCOUNTED, njit
from ulpm_core.model.losses.cross_entropy import CrossEntropy
from ulpm_core.model.losses.loss import Loss
from ulpm_core.model.shapes import Array, Labels

BLOCK_VECTORS: Final = 32
"""Vectors of samples worked on at once, of 4 to 64: the fastest or next to it at every size measured."""
SPAN, SPAN32 = 256.0, 32.0
"""Exponents are shifted by multiples of this: squares of what is left of a gradient still are normal numbers."""
VECTORS: Final = SimpleNamespace(
    load=load,
    store=store,
    spread=spread,
    zero=zero,
    exp=exp,
    where_equal=where_equal,
    where_greater=where_greater,
    any_positive=any_positive,
    root=root,
    pointer=pointer,
    bytes=BYTES,
)
"""The words in which a loss, or a constraint, writes its kernel."""


def padded(H: Array, dtype: str = "float64") -> Array:
    """H (d, N) with columns of zeros up to whole vectors, (d, P).

    >>> padded(np.ones((2, 3))).shape
    (2, 8)
    """
    width = lanes(dtype)
    out = aligned((len(H), -(-H.shape[1] // width) * width), dtype)
    out[:, : H.shape[1]] = H
    return out


def padded_labels(labels: Labels, classes: int, dtype: str = "float64") -> Array:
    """The class of each column of a padded H, in its own dtype; `classes`, which is no class, for the zeros.

    >>> padded_labels(np.array([0, 0, 1, 2]), 3).tolist()
    [0.0, 0.0, 1.0, 2.0, 3.0, 3.0, 3.0, 3.0]
    """
    return np.pad(labels.astype(dtype), (0, -len(labels) % lanes(dtype)), constant_values=classes)


class Room(NamedTuple):
    """All that `gradient` needs beside W and H: the loss, for whose type it is compiled, the class of each padded
    column, (P,), room for the logits of a block of samples, (K, width), and for the terms of the loss, (lanes of each
    block,).
    """

    loss: Loss
    labels: Array
    logits: Array
    growth: Array

    @classmethod
    def of(cls, labels: Labels, classes: int, dtype: str = "float64", loss: Loss = CrossEntropy()) -> Room:  # noqa: B008
        """Room for samples of these classes, all of class 0 first."""
        columns = padded_labels(labels, classes, dtype)
        width = min(len(columns), BLOCK_VECTORS * lanes(dtype))
        growth = np.empty(-(-len(columns) // width) * lanes(dtype), dtype)
        return cls(loss, columns, aligned((classes, width), dtype), growth)


def residual(loss: Any, logits: Any, stride: Any, K: Any, own_class: Any, low: Any, high: Any, shift: Any) -> Any:
    """`Loss.compiled` of the loss whose type it gets. Compiled code only."""
    raise NotImplementedError


@overload(residual)
def _residual(loss, logits, stride, K, own_class, low, high, shift):  # type: ignore[no-untyped-def]
    return unwrap(loss.instance_class.compiled(VECTORS))


@njit(nogil=True, cache=True)
def shift_for(largest, span):  # type: ignore[no-untyped-def]
    """The multiple of the span by which exponents up to `largest` are shifted: 0 until every margin exceeds a span.

    >>> shift_for(-255.0, 256.0), shift_for(-600.0, 256.0)
    (0.0, -512.0)
    """
    return -span * math.floor(-largest / span) if largest <= -span else 0.0


@njit(nogil=True, cache=True, **UNCOUNTED)
def gradient(Wt, H, room, shift, gradient_Wt, gradient_H):  # type: ignore[no-untyped-def]
    """Writes e^-shift times G H^T (transposed) and W^T G, with G = dL/dZ, for L the sum of losses.

    `shift` is the last call's, 0 at first. Once every margin exceeds a span, G of cross-entropy is carried as a
    multiple of e^shift, so that its direction survives where its size would leave the format. The shift depends on the
    state alone: where the last one is not this state's, the work is done again. Returns the shift and V <= L, the sum
    of the losses' bounds: sum_i max_j (z_j - z_y)_+ for cross-entropy. Where W or H are no numbers nothing is raised,
    and V is no number.
    """
    span = SPAN if H.itemsize == 8 else SPAN32
    while True:
        largest, violation = _pass(Wt, H, room, shift, gradient_Wt, gradient_H)
        wanted = shift_for(largest, span)
        if wanted == shift:
            return shift, violation
        shift = wanted


@njit(nogil=True, cache=True)
def loss(room, shift, violation):  # type: ignore[no-untyped-def]
    """L e^-shift at the state where `gradient` was last asked, from what it returned.

    L = sum_i (V_i + log(1 + S_i)). In each lane of a block prod_i (1 + S_i) - 1 has been gathered, which keeps the
    relative accuracy of small S and takes one log1p for all; under a shift, where 1 + S_i is 1, the sum of S e^-shift.
    """
    total = 0.0
    for growth in room.growth:
        total += growth if shift < 0.0 else math.log1p(growth)
    return total + (violation if shift == 0.0 else 0.0)


@njit(nogil=True, cache=True, **UNCOUNTED)
def _pass(Wt, H, room, shift, gradient_Wt, gradient_H):  # type: ignore[no-untyped-def]
    (d, K), columns, (loss, labels, logits, growth) = Wt.shape, H.shape[1], room
    width, lanes = logits.shape[1], BYTES // H.itemsize
    W_, H_, G_, to_W, to_H = pointer(Wt), pointer(H), pointer(logits), pointer(gradient_Wt), pointer(gradient_H)
    tile_K, tile_d, none = tile_height(K), tile_height(d), zero(H_)
    largest, violation = spread(-np.inf, none), none
    gradient_Wt[:] = 0.0
    for first in range(0, columns, width):
        vectors = min(width, columns - first) // lanes
        samples, G, out = (H_ + first, columns, lanes), (G_, width, lanes), (to_H + first, columns, lanes)
        product(K, tile_K, d, vectors, add_multiples, keep, (W_, 1, K), samples, G)
        grown = none
        for v in range(vectors):
            at = first + v * lanes
            low, high = int(labels[at]), int(labels[at + lanes - 1])
            own_class = load(pointer(labels) + at)
            worst, bound, S = residual(loss, G_ + v * lanes, width, K, own_class, low, high, shift)
            largest = where_greater(worst, largest, worst, largest)
            violation = violation + bound
            grown = grown + (S + S * grown) if shift == 0.0 else grown + S
        store(pointer(growth) + (first // width) * lanes, grown)
        product(d, tile_d, K, vectors, add_multiples, keep, (W_, K, 1), G, out)
        by_class = (to_W, 1, K)
        product(K, tile_K, vectors, d, add_products, add_lane_sums, G, (H_ + first, lanes, columns), by_class)
    return float(lane_maximum(largest)), float(lane_sum(violation))
