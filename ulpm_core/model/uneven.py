"""The optimum for classes whose sizes differ: a convex problem of a few numbers, since classes of a size are alike."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

from ulpm_core.model.losses.loss import Loss, Spectrum
from ulpm_core.model.shapes import Array, Labels, Shaped

MOST_SIZES: Final = 10
"""Most different sizes for which the optimum is looked for: its numbers are as many as twice the square of these. Ten
take a quarter of a second under weight decay and some five within norm balls.
"""
NEWTON: Final = 200
"""Most steps of Newton's method; some 20 are enough."""
STUCK: Final = 1e3
"""Damping at which no step lowers the value by more than its rounding."""
ALIKE: Final = 1e-13
"""Share by which rounding makes two values differ."""
FLAT: Final = 1e-12
"""Added to the curvatures, of which those along rotations are 0, as a share of c."""
NOTHING: Final = 1e-9
"""A singular value below this share of the largest is 0."""
BEYOND: Final = 1e-6
"""Largest share by which rounding lets a slope exceed its bound at an optimum."""
ROOT: Final = 1e-12
"""Accuracy, in the logarithm, of a sum of singular values that is asked for."""
LEAST_LOG: Final = -690.0
"""The logarithm that stands for that of 0."""


class Sizes(NamedTuple):
    """The different sizes of classes, ascending: which of them each class has, how many classes have each, and the
    first of these.
    """

    size: Shaped[Array, "m"]
    of_class: Shaped[Labels, "K"]
    number: Shaped[Labels, "m"]
    first: Shaped[Labels, "m"]

    @classmethod
    def of(cls, sizes: Any) -> Sizes:
        """Reads the sizes n_k of all classes, which need not be whole numbers."""
        size, first, of_class, count = np.unique(
            np.asarray(sizes, dtype=float), return_index=True, return_inverse=True, return_counts=True
        )
        return cls(size, of_class, count, first)


def uneven_spectrum(
    loss: Loss, sizes: Any, threshold: float, power: float = 0.5, merged: bool = False
) -> Spectrum | None:
    """Where f(Z) + c ||C D^p||_* is least, for Z = C Y with a column of C (K, K) for each class, D = diag(n_k): the
    singular values of C D^p = U diag(S) V^T. `power` p = 1/2 makes them those of Z, as under weight decay; p = 0 is for
    norm balls (docs/theory.md 6.5). None where it is not found, or sizes are of too many kinds. `merged`: among Z in
    which the classes of the smallest size are alike.

    The problem is convex, and the same for classes of one size: so C is the same for them, too. It is a number b_g for
    each size, times what takes the mean of its classes away, and a matrix of as many rows as there are sizes. As
    products, b = s^2 and P Q^T, they are found by Newton's method without bounds; a slope of C in no direction exceeds
    c at the end, which proves it least (docs/theory.md 6.5).

    >>> from ulpm_core.model.losses.cross_entropy import CrossEntropy
    >>> merged = uneven_spectrum(CrossEntropy(), (12, 12, 3, 3), 2.0)  # sqrt(3) < 2: the small classes are one
    >>> apart = uneven_spectrum(CrossEntropy(), (12, 12, 3, 3), 1.5)
    >>> len(merged.S), len(apart.S), round(merged.value, 6)
    (2, 3, 22.337052)
    """
    groups = Sizes.of(sizes)
    if len(groups.size) > MOST_SIZES:
        return None
    problem = _Problem(loss, groups, threshold, power)
    x = problem.least(merged)
    return None if x is None else problem.spectrum(x)


def uneven_within(loss: Loss, sizes: Any, most: float) -> Spectrum | None:
    """Where f(Z) is least among Z = C Y with ||C||_* <= `most`, where that holds f back: U, S and V are those of C.

    The multiplier c is where the sum of singular values, which falls with c, is `most`: by false position in log c.

    >>> from ulpm_core.model.losses.cross_entropy import CrossEntropy
    >>> best = uneven_within(CrossEntropy(), (10, 10, 2, 2), 4 * 1.5**0.5)
    >>> round(best.value, 6), round(float(best.S.sum()), 9)
    (7.88482, 4.898979486)
    """

    best: list[Spectrum | None] = [None]

    def lacks(log_c: float) -> float:
        best[0] = uneven_spectrum(loss, sizes, math.exp(log_c), 0.0)
        return math.nan if best[0] is None else math.log(most) - log_sum(best[0].S)

    high = low = math.log(max(sizes))
    while low > LEAST_LOG and lacks(low) > 0.0:
        high, low = low, low - 2.0
    meet(lacks, low, high)
    return best[0]


def log_sum(S: Shaped[Array, "r"]) -> float:
    """The logarithm of the sum of singular values."""
    return math.log(S.sum()) if len(S) else LEAST_LOG


def meet(rising: Callable[[float], float], low: float, high: float) -> float:
    """The x between `low` and `high` at which a rising function is 0, by false position; NaN where it is NaN. It is
    called last where the answer is.

    >>> round(meet(lambda x: x**3 - 2.0, 0.0, 4.0), 12)
    1.259921049895
    """
    below, above = rising(low), rising(high)
    for turn in range(NEWTON):
        middle = low - (high - low) * below / (above - below) if turn % 3 and above > below else (low + high) / 2.0
        here = rising(middle)
        if not abs(here) > ROOT or high - low < ROOT:
            return middle + 0.0 * here
        low, high, below, above = (low, middle, below, here) if here > 0.0 else (middle, high, here, above)
    return middle


class _Problem:
    """f + c (sum_g (K_g - 1) s_g^2 + (||P||^2 + ||Q||^2) / 2) of x = (s, P, Q), with (m, m) matrices P and Q."""

    def __init__(self, loss: Loss, groups: Sizes, threshold: float, power: float):
        self.loss, self.groups, self.c = loss, groups, threshold
        size, of_class, number, first = groups
        self.m, self.weight = len(size), number * size
        member = (of_class[:, None] == np.arange(self.m)).astype(float)
        self.across = member / np.sqrt(number)  # E (K, m), orthonormal
        self.bases = []  # of each column of Z: its parts along b_g and along the column g of Y = P Q^T
        for g in range(self.m):
            own = (np.arange(len(of_class)) == first[g]) - member[:, g] / number[g]
            self.bases.append(np.column_stack([own, self.across / math.sqrt(number[g])]) / size[g] ** power)

    def _split(self, x: Array) -> tuple[Array, Array, Array]:
        m = self.m
        return x[:m], x[m : m + m * m].reshape(m, m), x[m + m * m :].reshape(m, m)

    def _columns(self, x: Array) -> Array:
        s, P, Q = self._split(x)
        parts = np.vstack([s**2, P @ Q.T])
        return np.column_stack([self.bases[g] @ parts[:, g] for g in range(self.m)])

    def value(self, x: Array) -> float:
        s, P, Q = self._split(x)
        held = ((self.groups.number - 1) * s**2).sum() + ((P**2).sum() + (Q**2).sum()) / 2.0
        return self.f(x) + self.c * float(held)

    def f(self, x: Array) -> float:
        """The loss of all samples."""
        return float(self.weight @ np.exp(self.loss.log_samples(self._columns(x), self.groups.first)))

    def slopes(self, x: Array) -> tuple[Array, Array]:
        """df/db (m,) and df/dY (m, m)."""
        G = self.loss.residual(self._columns(x), self.groups.first) * self.weight
        found = np.column_stack([self.bases[g].T @ G[:, g] for g in range(self.m)])
        return found[0], found[1:]

    def gradient(self, x: Array) -> Array:
        (s, P, Q), (of_b, F) = self._split(x), self.slopes(x)
        pull = of_b + self.c * (self.groups.number - 1)
        return np.concatenate([2.0 * s * pull, (F @ Q + self.c * P).ravel(), (F.T @ P + self.c * Q).ravel()])

    def hessian(self, x: Array) -> Array:
        (s, P, Q), (of_b, F), m, Z = self._split(x), self.slopes(x), self.m, self._columns(x)
        eye = np.eye(m)
        total = np.zeros((len(x), len(x)))
        for g in range(m):  # f is a sum over the columns of Z
            basis, label = self.bases[g], np.full(m + 1, self.groups.first[g])
            curved = self.loss.curvature(np.repeat(Z[:, g : g + 1], m + 1, axis=1), label, basis)
            moved = np.zeros((m + 1, len(x)))  # d(b_g, Y[:, g]) / dx
            moved[0, g] = 2.0 * s[g]
            moved[1:, m : m + m * m] = np.kron(eye, Q[g])
            moved[1:, m + m * m + g * m : m + m * m + (g + 1) * m] = P
            total += self.weight[g] * moved.T @ (basis.T @ curved) @ moved
        total[np.arange(m), np.arange(m)] += 2.0 * (of_b + self.c * (self.groups.number - 1))
        crossed = np.kron(F, eye)  # 2 <F, dP dQ^T>
        total[m : m + m * m, m + m * m :] += crossed
        total[m + m * m :, m : m + m * m] += crossed.T
        return total + self.c * np.diag(np.r_[np.zeros(m), np.ones(2 * m * m)])

    def least(self, merged: bool) -> Array | None:
        """Newton's method, damped until the value falls; None where the end is not proved to be least."""
        free = (self.groups.number > 1) & ~(merged & (self.groups.size == self.groups.size[0]))
        x = np.concatenate([free.astype(float), *[np.eye(self.m).ravel()] * 2])  # s = 0 stays 0
        value, slope, damping = self.value(x), self.gradient(x), 1e-3
        for _ in range(NEWTON):
            curved = self.hessian(x)
            curvatures = np.linalg.eigvalsh(curved)
            shift = max(0.0, -2.0 * curvatures[0]) + damping * curvatures[-1] + FLAT * self.c
            there = x - np.linalg.solve(curved + shift * np.eye(len(x)), slope)
            new, sloping = self.value(there), self.gradient(there)
            flatter = 2.0 * np.linalg.norm(sloping) < np.linalg.norm(slope)
            if new < value - ALIKE * abs(value) or (new <= value + ALIKE * abs(value) and flatter):
                x, value, slope, damping = there, new, sloping, damping / 10.0
            elif damping > STUCK:
                break
            else:
                damping = max(damping, 1e-3) * 10.0
        of_b, F = self.slopes(x)
        pulls = np.where(free, np.abs(of_b), 0.0) / np.maximum(self.groups.number - 1, 1)
        least = max(float(pulls.max()), float(np.linalg.norm(F, 2))) <= self.c * (1.0 + BEYOND)
        return x if least else None

    def spectrum(self, x: Array) -> Spectrum:
        """U, S and V of C D^p, and f; what is 0 is left out."""
        s, P, Q = self._split(x)
        frames, S = [], []
        for g, count in enumerate(self.groups.number):
            frame = np.zeros((len(self.groups.of_class), count - 1))
            frame[self.groups.of_class == g] = np.linalg.qr(np.eye(count) - 1.0 / count)[0][:, : count - 1]
            frames.append(frame)
            S.append(np.full(count - 1, s[g] ** 2))
        u, along, vt = np.linalg.svd(P @ Q.T)
        U, V = (np.hstack([*frames, self.across @ turn]) for turn in (u, vt.T))
        values = np.concatenate([*S, along])
        kept = values > NOTHING * max(float(values.max()), 1e-300)
        return Spectrum(U[:, kept], values[kept], V[:, kept], self.f(x))
