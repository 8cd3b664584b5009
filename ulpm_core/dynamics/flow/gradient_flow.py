"""Gradient flow d theta/dt = -dL/dtheta in log time: from t = 0 to t = e^(10^8) and beyond, to a stated tolerance.

Three methods, each where it wins. While the classes separate the solution is rough and its smallest details last for
ever in W^T W - H H^T: the pair DOP853 in c = log(1 + t), order 8, with dense output. Once every margin exceeds 20 (or
DOP853 finds the problem stiff) the rest is a slow growth along a ray on which every other mode decays. In the clock s,
ds = L dt, d theta/ds = -grad log L, that ray is exact exponential growth and nothing can overflow. There stability
sets the steps: a pair of order 5 (`stabilised`), stable over three times as far a stage as DOP853, goes on in s to
t = e^1500, and then RKC2, whose steps cost only the square root of their length. Time follows by quadrature, and
W^T W - H H^T is put back after every step.

Measured at (K, d, n) = (4, 3, 30), seed 4, to t = e^690 against SciPy's DOP853 at tolerance 1e-13; largest error of an
entry (entries up to 48) and relative drift of W^T W - H H^T. `python -m tests.benchmarks.flow` measures it again.

| method, clock, tolerance | right-hand sides | error | drift |
|---|---:|---:|---:|
| DOP853, c, 1e-8 | 3,754 | 1e-6 | 7e-10 |
| Dormand-Prince 5(4), c, 1e-8 | 4,136 | 2e-7 | 3e-8 |
| DOP853 then RKC2, c, 1e-8 | 3,085 | 2e-6 | 6e-6 |
| RK4, relative rate (docs/theory.md 5.3), 1 | 3,140 | 8e-6 | 1e-5 |
| RK4, relative rate, 0.5 | 6,288 | 6e-7 | 8e-7 |
| DOP853 in c, order 5 in s, 1e-6 | 1,113 | 7e-7 | 7e-13 |
| DOP853 in c, order 5 in s, 1e-8 | 1,361 | 1e-8 | 4e-13 |
| DOP853 in c, order 5 in s, 1e-10 | 1,861 | 5e-10 | 6e-13 |

In c every method pays for the slaved scale of theta. In s the steps of RKC2 grow like log t, its cost like the square
root of log t. It is of order 2: once it has taken over, errors fall like the tolerance to the power 2/3. Recorded
runs of seeds 0 to 40 take 1,282 to 1,880, also those that a saddle holds for long, and end within 3e-8 of the largest
entry; with DOP853 for the steps in s they took 1,689 to 2,912, and erred by up to 1e-7.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from ulpm_core.dynamics.flow import chebyshev, dormand_prince, stabilised
from ulpm_core.dynamics.flow.flow_time import log_time_passed, restore
from ulpm_core.dynamics.flow.limits import FIRST_SHARE, LONGEST_FIRST, SHORTEST, most_right_hand_sides
from ulpm_core.dynamics.flow.log_field import Pull, Work, log_field, norm, packed, unpacked
from ulpm_core.dynamics.schedule import line_of, lines_between, log_expm1
from ulpm_core.dynamics.trajectory import FlowMemory
from ulpm_core.model.config import RunConfig
from ulpm_core.model.shapes import Array, Shaped
from ulpm_core.model.state import State

LATE_LOG_LOSS: Final = -20.0
"""log of the mean loss below which the late method takes over: every margin then exceeds about 20."""
STIFF_AT: Final = 5.0
STIFF_STEPS: Final = 15
"""So many steps in a row so close to it: stability, not accuracy, sets their length (a test of Hairer and Wanner's)."""
SMOOTH_LOG_TIME: Final = 1500.0
"""log t beyond which RKC2 takes the late steps. Before, its order 2 would cost more for the same error."""
QUADRATURE: Final = 15.0
"""Most that one step of order 5 adds to log t, relative to log t, over tolerance^(1/4): the error of the cubic
for -log L, which gives log t, then falls like the tolerance (1e-6 of log t at 1e-8)."""
SPECTRUM_STEPS: Final = 25
SPECTRUM_SAFETY: Final = 1.25
"""Steps for which a spectral radius over ||grad log L||^2 is trusted, and the factor by which RKC2 enlarges it."""
LANDING: Final = 1e-13
"""A run ends at its log time to this relative accuracy."""
NO_MOVE: Final = 1e-17
"""A step this short, relative to ||theta||, changes no entry: only time passes, as where L = e^-2000 and t = e^690."""


Visited = list[tuple[float, Shaped[Array, "Q"]]]
"""States of the flow: log t and theta (Q,) of each."""


class FlowRun:
    """The flow in motion from a state at `log_time`, or from where a memory left it."""

    def __init__(self, config: RunConfig, start: State, log_time: float = -math.inf, memory: FlowMemory | None = None):
        self.config, self.stalled = config, False
        self._d, self._K = config.dimension, config.classes
        self._work, self._log_weight = self._field()
        size = config.dimension * (config.classes + len(self._work.room.labels))
        self._stages = np.empty((dormand_prince.ROWS, size))
        self._new, self._f_new = np.empty(size), np.empty(size)
        self.memory = self._beginning(start, log_time) if memory is None else memory

    def advance(self, end: float) -> tuple[Visited, bool]:
        """Takes one step. Returns the states to record on it, and whether the last of them is the one at log t = end.

        The step that reaches the end is not kept in `memory`: a longer run takes it whole.
        """
        if not self.memory.late and (self._quiet or self.memory.stiff >= STIFF_STEPS):
            self._begin_late()
        return self._late(end) if self.memory.late else self._early(end)

    def state(self, theta: Shaped[Array, "Q"]) -> State:
        return State.reached(*unpacked(theta, self._K, self._d, self.config.label_count))

    def _field(self) -> tuple[Work | Pull, float]:
        """What the field works with, and the logarithm of the weight that it leaves out."""
        log_weight = -math.log(self.config.label_count) if self.config.loss_reduction == "mean" else 0.0
        return Work.of(self.config.labels, self.config.classes), log_weight

    def _beginning(self, start: State, log_time: float) -> FlowMemory:
        theta, f = packed(start.W, start.H), self._new.copy()
        clock = float(np.logaddexp(0.0, log_time))
        log_loss = dormand_prince.field(theta, clock, self._log_weight, self._d, self._work, f)
        speed = float(norm(f))
        h = min(LONGEST_FIRST, FIRST_SHARE * float(norm(theta)) / speed) if speed > 0.0 else LONGEST_FIRST
        imbalance = start.W.T @ start.W - start.H @ start.H.T
        return FlowMemory(theta, f, log_loss, clock, h, False, 0, 0, 0.0, imbalance, 0, 1)

    def _begin_late(self) -> None:
        f = np.empty_like(self._f_new)
        log_field(self.memory.theta, self._d, self._work, f)
        self.memory = self.memory._replace(
            f=f, late=True, clock=self.memory.log_time, h=2.0 / float(norm(f)) ** 2, since_spectrum=SPECTRUM_STEPS
        )
        self._spend(1)

    def _spend(self, evaluations: int) -> None:
        self.memory = self.memory._replace(right_hand_sides=self.memory.right_hand_sides + evaluations)
        most = most_right_hand_sides(self._K, self._d)
        self.stalled |= self.memory.right_hand_sides > most or self.memory.h < SHORTEST

    def _early(self, end: float) -> tuple[Visited, bool]:
        while not self.stalled:
            at = self.memory
            self._stages[0] = at.f
            step = (at.theta, at.clock, at.h, self._log_weight, self._d, self._work, self._stages, self._new)
            error, log_loss, stiffness = dormand_prince.step(*step)
            self._spend(dormand_prince.STAGES)
            ratio = error / max(self.config.tolerance * norm(at.theta), SHORTEST)
            h = at.h * min(5.0, max(0.2, 0.9 * ratio ** (-1 / 8) if ratio > 0.0 else 5.0))
            if ratio > 1.0:
                self.memory = self.memory._replace(h=h)
                continue
            visited, done = self._look_back(step, end)
            if not done:
                self.memory = self.memory._replace(
                    theta=self._new.copy(),
                    f=self._stages[dormand_prince.STAGES].copy(),
                    log_loss=log_loss,
                    clock=at.clock + at.h,
                    h=h,
                    stiff=at.stiff + 1 if stiffness > STIFF_AT else 0,
                    steps=at.steps + 1,
                )
            return visited, done
        return [], False

    def _look_back(self, step: tuple[Any, ...], end: float) -> tuple[Visited, bool]:
        """The states to record on the early step just taken, from its dense output."""
        at, last = self.memory, float(np.logaddexp(0.0, end))
        done = last <= at.clock + at.h
        lines = lines_between(self.config, at.clock, at.clock + at.h)
        due = [(log_expm1(c), c) for c in lines if not done or log_expm1(c) < end] + [(end, last)] * done
        if not due:
            return [], False
        rows = dormand_prince.dense_output(*step)
        self._spend(len(dormand_prince.C_EXTRA))
        return [(t, dormand_prince.between(at.theta, rows, (c - at.clock) / at.h)) for t, c in due], done

    def _late(self, end: float) -> tuple[Visited, bool]:
        while not self.stalled:
            if self.memory.since_spectrum >= SPECTRUM_STEPS:
                self._measure_spectrum()
            at = self.memory = self.memory._replace(h=min(self.memory.h, self._longest_late()))
            ratio, log_loss, log_time = self._try_late(at.h)
            order = stabilised.ORDER if self._rough else 3
            h = at.h * min(3.0, max(0.2, 0.8 * ratio ** (-1 / order) if ratio > 0.0 else 3.0))
            if ratio > 1.0:
                self.memory = self.memory._replace(h=h, since_spectrum=SPECTRUM_STEPS)
                continue
            if log_time >= end:
                landed = self._land(end, log_time, log_loss)
                return ([], False) if self.stalled else ([(end, landed)], True)
            theta, f = self._new.copy(), self._f_new.copy()
            restore(theta, f, self._d, self._K, at.imbalance)
            self.memory = self.memory._replace(
                theta=theta,
                f=f,
                log_loss=log_loss,
                clock=log_time,
                h=h,
                since_spectrum=at.since_spectrum + 1,
                steps=at.steps + 1,
            )
            due = line_of(self.config, at.clock) < line_of(self.config, log_time)
            return [(log_time, theta)] * due, False
        return [], False

    def _measure_spectrum(self) -> None:
        at = self.memory
        radius = chebyshev.spectral_radius(at.theta, at.f, self._d, self._work)
        self.memory = at._replace(spectrum=radius / float(norm(at.f)) ** 2, since_spectrum=0)
        self._spend(chebyshev.POWER_ITERATIONS)

    @property
    def _quiet(self) -> bool:
        """True once every margin exceeds about 20."""
        return self.memory.log_loss - math.log(self.config.label_count) < LATE_LOG_LOSS

    @property
    def _rough(self) -> bool:
        """True while the pair of order 5 takes late steps: not in a stiff start, nor once the transients are over."""
        return self._quiet and self.memory.clock < SMOOTH_LOG_TIME

    def _longest_late(self) -> float:
        """The longest late step: the pair of order 5 must be stable, and the quadrature of time accurate."""
        at, longest = self.memory, QUADRATURE * self.config.tolerance**0.25 * max(1.0, self.memory.clock)
        if not self._rough:
            return math.inf
        return min(stabilised.STABLE / max(at.spectrum, SHORTEST), longest) / float(norm(at.f)) ** 2

    def _try_late(self, h: float) -> tuple[float, float, float]:
        """A step of length h in s into `_new` and `_f_new`: its error over the one allowed, log L and log t at its end.

        A step that errs too much has no end: it may have flown to where margins are 10^50.
        """
        at, slope = self.memory, float(norm(self.memory.f)) ** 2
        if not self._rough:
            stages = chebyshev.stages_for(SPECTRUM_SAFETY * h * at.spectrum * slope)
            error, log_loss = chebyshev.step(at.theta, at.f, h, stages, self._d, self._work, self._new, self._f_new)
        else:
            stages = stabilised.STAGES
            self._stages[0] = at.f
            step = (at.theta, h, self._d, self._work, self._stages, self._new, self._f_new)
            error, log_loss = stabilised.step(*step)
        self._spend(stages)
        ratio = error / max(self.config.tolerance * norm(at.theta), SHORTEST)
        if ratio > 1.0:
            return ratio, math.inf, at.clock
        passed = log_time_passed(h, -at.log_loss, slope, -log_loss, float(norm(self._f_new)) ** 2)
        return ratio, log_loss, float(np.logaddexp(at.clock, passed - self._log_weight))

    def _land(self, end: float, log_time: float, log_loss: float) -> Shaped[Array, "Q"]:
        """The state at log t = end, inside the step just tried, by Newton's method on the length of the step."""
        h, shortest = self.memory.h, NO_MOVE * norm(self.memory.theta) / norm(self.memory.f)
        while abs(log_time - end) > LANDING * max(1.0, abs(end)) and not self.stalled:
            shorter = h - (log_time - end) * math.exp(log_time + log_loss + self._log_weight)  # ds = L dt
            h = shorter if 0.0 < shorter < self.memory.h else 0.5 * h
            if h < shortest:
                return self.memory.theta.copy()
            _, log_loss, log_time = self._try_late(h)
        theta, f = self._new.copy(), self._f_new.copy()
        restore(theta, f, self._d, self._K, self.memory.imbalance)
        return theta
