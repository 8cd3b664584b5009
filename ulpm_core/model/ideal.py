"""`Ideal`: the global optimum of what a run minimises as far as it is known, and how far a state is from it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.model.losses.loss import Spectrum
from ulpm_core.model.shapes import Array, Labels, Shaped

LEAST_THRESHOLD: Final = 1e-300
HALVINGS: Final = 70
"""Of an interval of log c of length 1400 at most: to the last digits of float64."""


class Ideal(NamedTuple):
    """The global optimum as far as it is known: its value, NaN where none is known or attained, and W and H where one
    rotation of feature space turns every optimum into it, else None.

    `direction` says that no optimum is attained and the value tends to its bound along the ray of (W, H). `margin` is
    the smallest margin of the best logits where these alone are known, and W and H may be any of a continuum.
    """

    value: float
    W: Shaped[Array, "K d"] | None = None
    H: Shaped[Array, "d N"] | None = None
    direction: bool = False
    margin: float = math.nan


def placed(
    best: Spectrum, labels: Shaped[Labels, "N"], dimension: int, a: Shaped[Array, "r"], b: Shaped[Array, "r"]
) -> tuple[Shaped[Array, "K d"], Shaped[Array, "d N"]]:
    """W = U a (K, d) and H = b V^T D^(-1/2) Y (d, N), in the first r of d dimensions."""
    more = dimension - len(a)
    H = (best.V * b / np.sqrt(np.bincount(labels, minlength=len(best.V)))[:, None]).T[:, labels]
    return np.pad(best.U * a, ((0, 0), (0, more))), np.pad(H, ((0, more), (0, 0)))


def within(spectrum: Callable[[float], Spectrum | None], most: float) -> Spectrum | None:
    """The logits where a loss is least among those with ||Z||_* <= `most`, from those where f + c ||Z||_* is least,
    `spectrum(c)`: the multiplier c is where their sum of singular values, which falls with c, is `most`.

    `spectrum(0)` is the least of all, and no direction. None where spectra are not known.
    """
    high = 1.0
    while (best := spectrum(high)) is not None and best.S.sum() > most:
        high *= 2.0
    if best is None:
        return None
    low, high = math.log(LEAST_THRESHOLD), math.log(high)
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        found = spectrum(math.exp(middle))
        if found is None:
            return None
        low, high, best = (middle, high, best) if found.S.sum() > most else (low, middle, found)
    return best


def distance_to_ideal(ideal: Ideal, W: Shaped[Array, "T K d"], H: Shaped[Array, "T d N"]) -> Shaped[Array, "T"]:
    """||theta R - theta*|| / ||theta*|| at the best rotation R of feature space.

    Where the ideal is a direction alone theta is scaled first, as fits best. NaN where no ideal is known, or it is 0.

    >>> from ulpm_core.model.objective import Objective
    >>> model = Objective(np.arange(3), 3, 2)
    >>> best, turn = model.ideal, np.array([[0.0, 5.0], [-5.0, 0.0]])
    >>> bool(distance_to_ideal(best, (best.W @ turn)[None], (turn.T @ best.H)[None])[0] < 1e-14)
    True
    """
    if ideal.W is None or ideal.H is None or not ideal.W.any():
        return np.full(len(W), np.nan)
    rank = min(W.shape[-1], W.shape[-2])
    best_W, best_H = ideal.W[:, :rank], ideal.H[:rank]
    norm = math.hypot(float(np.linalg.norm(best_W)), float(np.linalg.norm(best_H)))
    return np.array([_distance(best_W, best_H, *state, ideal.direction) for state in zip(W, H, strict=True)]) / norm


def _distance(best_W: Array, best_H: Array, W: Array, H: Array, direction: bool) -> float:
    """||theta R - theta*|| for theta* in the first r coordinates: best_W (K, r), best_H (r, N)."""
    largest = max(float(np.abs(W).max()), float(np.abs(H).max())) or 1.0
    W, H = W / largest, H / largest
    U, S, Vt = np.linalg.svd(W.T @ best_W + H @ best_H.T, full_matrices=False)
    scale = float(S.sum()) / float((W**2).sum() + (H**2).sum()) if direction and S.any() else largest
    W, H = W * scale, H * scale
    along = W @ U, U.T @ H
    parts = along[0] @ Vt - best_W, Vt.T @ along[1] - best_H, W - along[0] @ U.T, H - U @ along[1]
    return float(np.sqrt(sum(float((part**2).sum()) for part in parts)))
