"""The flow's vector field: -grad log L, in which nothing under- or overflows at any margin (docs/theory.md 5.3)."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.dynamics.engines.compiled.gradient import Room, gradient, loss, padded
from ulpm_core.dynamics.jit import njit
from ulpm_core.model.shapes import Array, Labels, Shaped

SQUARE: Final = 1e-280
"""Sums of squares above it, and below its inverse, have neither under- nor overflowed."""


class Work(NamedTuple):
    """Memory that every evaluation writes to: the room of `gradient`, and the last shift, (1,)."""

    room: Room
    shift: Shaped[Array, "1 N"]

    @classmethod
    def of(cls, labels: Shaped[Labels, "N"], classes: int) -> Work:
        return cls(Room.of(labels, classes), np.zeros(1))


def packed(W: Shaped[Array, "K d"], H: Shaped[Array, "d N"]) -> Shaped[Array, "Q"]:
    """theta (Q,) for W (K, d) and H (d, N): W^T row by row, then H padded to whole vectors, Q = d (K + P)."""
    return np.concatenate([W.T.ravel(), padded(H).ravel()])


def unpacked(
    theta: Shaped[Array, "Q"], K: int, d: int, N: int
) -> tuple[Shaped[Array, "{K} {d}"], Shaped[Array, "{d} {N}"]]:
    """W (K, d) and H (d, N) of a theta, as views."""
    return theta[: d * K].reshape(d, K).T, theta[d * K :].reshape(d, -1)[:, :N]


@njit(nogil=True, cache=True)
def norm(vector):  # type: ignore[no-untyped-def]
    """Euclidean norm, also where squares leave float64."""
    total = 0.0
    for i in range(vector.size):
        total += vector[i] * vector[i]
    if SQUARE < total < 1.0 / SQUARE:
        return math.sqrt(total)
    largest = np.abs(vector).max()
    if not 0.0 < largest < np.inf:
        return largest
    return largest * math.sqrt(((vector / largest) ** 2).sum())


@njit(nogil=True, cache=True, error_model="numpy")
def log_field(theta, d, work, out):  # type: ignore[no-untyped-def]
    """out (Q,) = -grad log L at theta = (W^T row by row, padded H row by row), Q = d (K + P). Returns log L of the sum.

    grad log L = (G H^T, W^T G) / L is homogeneous: it grows like ||theta|| however small L is. G and L carry the same
    factor e^-shift, and L = sum_i log1p(S_i) is summed with no subtraction. Where theta is no number, as a trial step
    may leave it, neither is the answer.
    """
    K = work.room.logits.shape[0]
    Wt, H = theta[: d * K].reshape(d, K), theta[d * K :].reshape(d, -1)
    out_Wt, out_H = out[: d * K].reshape(d, K), out[d * K :].reshape(d, -1)
    shift, violation = gradient(Wt, H, work.room, work.shift[0], out_Wt, out_H)
    work.shift[0] = shift
    scaled = loss(work.room, shift, violation)
    downhill = -1.0 / scaled
    for i in range(out.size):
        out[i] *= downhill
    return shift + math.log(scaled)
