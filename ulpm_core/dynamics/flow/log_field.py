"""The flow's vector fields: -grad log L, in which nothing under- or overflows at any margin (docs/theory.md 5.3), and
-grad F of a value F that has a least one (docs/theory.md 6.9).
"""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

import numpy as np
from numba.extending import overload

from ulpm_core.dynamics.engines.compiled.gradient import Room, gradient, loss, padded
from ulpm_core.dynamics.engines.compiled.regularise import regularise
from ulpm_core.dynamics.jit import njit
from ulpm_core.model.objective import Objective
from ulpm_core.model.regularisers.regulariser import Regulariser
from ulpm_core.model.shapes import Array, Labels, Shaped

SQUARE: Final = 1e-280
"""Sums of squares above it, and below its inverse, have neither under- nor overflowed."""


class Work(NamedTuple):
    """Memory that every evaluation writes to: the room of `gradient`, and the last shift, (1,). Its type says that the
    field is `log_field`.
    """

    room: Room
    shift: Shaped[Array, "1 N"]

    @classmethod
    def of(cls, labels: Shaped[Labels, "N"], classes: int) -> Work:
        return cls(Room.of(labels, classes), np.zeros(1))


class Pull(NamedTuple):
    """The same where the field is `force`, with what stands beside the loss, and the logarithm of the loss's weight."""

    room: Room
    shift: Shaped[Array, "1 N"]
    regulariser: Regulariser | None
    log_weight: float

    @classmethod
    def of(cls, objective: Objective) -> Pull:
        room = Room.of(objective.labels, objective.classes, loss=objective.loss)
        return cls(room, np.zeros(1), objective.regulariser, math.log(objective.weight))


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
    largest = 0.0
    for i in range(vector.size):
        size = abs(vector[i])
        if size > largest or math.isnan(size):
            largest = size
    if not 0.0 < largest < math.inf:
        return largest
    total = 0.0
    for i in range(vector.size):
        total += (vector[i] / largest) ** 2
    return largest * math.sqrt(total)


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


@njit(nogil=True, cache=True)
def _whole(regulariser, Wt, H, out_Wt, out_H, log_scale):  # type: ignore[no-untyped-def]
    """Multiplies the gradients by e^log_scale, and adds those of the regulariser, if there is one."""
    if regulariser is None:
        scale = math.exp(log_scale)
        for out in (out_Wt, out_H):
            for r in range(out.shape[0]):
                for i in range(out.shape[1]):
                    out[r, i] *= scale
    else:
        regularise(regulariser, Wt, H, out_Wt, out_H, log_scale)


@njit(nogil=True, cache=True, error_model="numpy")
def force(theta, d, work, out):  # type: ignore[no-untyped-def]
    """out (Q,) = -grad F at theta, with the weight of the loss in it. Returns 0: its own clock is t."""
    K = work.room.logits.shape[0]
    Wt, H = theta[: d * K].reshape(d, K), theta[d * K :].reshape(d, -1)
    out_Wt, out_H = out[: d * K].reshape(d, K), out[d * K :].reshape(d, -1)
    shift, _ = gradient(Wt, H, work.room, work.shift[0], out_Wt, out_H)
    work.shift[0] = shift
    _whole(work.regulariser, Wt, H, out_Wt, out_H, work.log_weight + shift)
    for i in range(out.size):
        out[i] = -out[i]
    return 0.0


def downhill(theta: Any, d: Any, work: Any, out: Any) -> Any:
    """The field that `work` is made for: out (Q,) = d theta/ds at theta. Returns log ds/dt. Compiled code only."""
    raise NotImplementedError


@overload(downhill)
def _downhill(theta, d, work, out):  # type: ignore[no-untyped-def]
    field = log_field if work.instance_class is Work else force

    def of_its_type(theta, d, work, out):  # type: ignore[no-untyped-def]
        return field(theta, d, work, out)

    return of_its_type
