"""Gradient flow d theta/dt = -grad F of a value that has a least one: the flow comes to rest, and log time runs on.

Near a minimum all modes decay exponentially, each at its own rate: from the start on by DOP853 in c = log(1 + t), as
`gradient_flow`; once that is stiff by RKC2 in t itself, whose steps cost the square root of their length. When -grad F
is down to its rounding nothing moves any more, at any later time (docs/theory.md 6.9).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ulpm_core.dynamics.flow import chebyshev, stabilised
from ulpm_core.dynamics.flow.gradient_flow import SPECTRUM_SAFETY, SPECTRUM_STEPS, FlowRun, Visited
from ulpm_core.dynamics.flow.limits import SHORTEST
from ulpm_core.dynamics.flow.log_field import Pull, norm
from ulpm_core.dynamics.schedule import lines_between, log_expm1
from ulpm_core.dynamics.trajectory import FlowMemory
from ulpm_core.model.config import RunConfig
from ulpm_core.model.objective import Objective
from ulpm_core.model.shapes import Array, Shaped
from ulpm_core.model.state import State

ROUNDING: Final = 64.0 * float(np.finfo(float).eps)
"""-grad F is rounding where it is this small, relative to the largest curvature times ||theta||, and falls no more."""
NOTHING: Final = 1e-60
"""A state this small is W = 0, H = 0: products of its entries still are numbers."""
MILD_STEPS: Final = 1000
"""So many late steps by the pair of order 5, whose errors are the smaller ones: enough where the curvatures differ by
no more than a factor of 300. What is stiffer is left to RKC2."""
ROUNDED_STAGES: Final = 0.1 / float(np.finfo(float).eps)
"""RKC2 with m stages amplifies rounding m^2 times: of a tolerance it may take a tenth (Sommeijer et al. 1998)."""


class RestingFlow(FlowRun):
    """The flow of a value with a least one in motion; its late part is in the clock t."""

    def advance(self, end: float) -> tuple[Visited, bool]:
        if self.memory.at_rest:
            return [(t, self.memory.theta) for t in self._lines(self.memory.clock, end)] + [
                (end, self.memory.theta)
            ], True
        return super().advance(end)

    def _field(self) -> tuple[Pull, float]:
        return Pull.of(Objective.of(self.config)), 0.0

    @property
    def _quiet(self) -> bool:
        return False

    def _beginning(self, start: State, log_time: float) -> FlowMemory:
        memory = super()._beginning(start, log_time)
        return memory if memory.f.any() else memory._replace(late=True, clock=log_time, h=math.inf)

    def _begin_late(self) -> None:
        at = self.memory
        f = at.f * math.exp(-at.clock)
        h = at.h * math.exp(at.clock)  # dt = e^c dc
        self.memory = at._replace(f=f, late=True, clock=at.log_time, h=h, stiff=0, since_spectrum=SPECTRUM_STEPS)

    def _late(self, end: float) -> tuple[Visited, bool]:
        while not self.stalled:
            if self.memory.since_spectrum >= SPECTRUM_STEPS:
                radius = chebyshev.spectral_radius(self.memory.theta, self.memory.f, self._d, self._work)
                self.memory = self.memory._replace(spectrum=radius, since_spectrum=0)
                self._spend(chebyshev.POWER_ITERATIONS)
            at = self.memory = self.memory._replace(h=min(self.memory.h, self._longest()))
            ratio = self._try(at.h)
            order = stabilised.ORDER if self._mild else 3
            h = at.h * min(3.0, max(0.2, 0.8 * ratio ** (-1 / order) if ratio > 0.0 else 3.0))
            if ratio > 1.0:
                self.memory = self.memory._replace(h=h, since_spectrum=SPECTRUM_STEPS)
                continue
            t = math.exp(at.clock)
            clock, theta, f = math.log(t + at.h), self._new.copy(), self._f_new.copy()
            done = clock >= end
            visited = [
                (log_time, self._at(math.exp(log_time) - t)) for log_time in self._lines(at.clock, min(clock, end))
            ]
            if done:
                return [*visited, (end, self._at(math.exp(end) - t))], True
            self.memory = self.memory._replace(
                theta=theta,
                f=f,
                clock=clock,
                h=math.inf if self._rests(at.f, theta, f) else h,
                stiff=at.stiff + 1,
                since_spectrum=at.since_spectrum + 1,
                steps=at.steps + 1,
            )
            return visited, False
        return [], False

    def _rests(self, before: Array, theta: Array, f: Array) -> bool:
        speed, reach = float(norm(f)), float(norm(theta))
        return reach <= NOTHING or (speed <= ROUNDING * self.memory.spectrum * reach and speed >= norm(before))

    @property
    def _mild(self) -> bool:
        """True while the pair of order 5 takes late steps."""
        return self.memory.stiff < MILD_STEPS

    def _longest(self) -> float:
        """The longest late step: the pair of order 5 must be stable, and RKC2 must not amplify rounding."""
        most = stabilised.STABLE if self._mild else ROUNDED_STAGES * self.config.tolerance / 1.54
        return most / (SPECTRUM_SAFETY * max(self.memory.spectrum, SHORTEST))

    def _try(self, h: float) -> float:
        """A step of length h in t into `_new` and `_f_new`: its error over the one allowed."""
        at = self.memory
        if self._mild:
            stages = stabilised.STAGES
            self._stages[0] = at.f
            error, _ = stabilised.step(at.theta, h, self._d, self._work, self._stages, self._new, self._f_new)
        else:
            stages = chebyshev.stages_for(SPECTRUM_SAFETY * h * at.spectrum)
            error, _ = chebyshev.step(at.theta, at.f, h, stages, self._d, self._work, self._new, self._f_new)
        self._spend(stages)
        return float(error / max(self.config.tolerance * norm(at.theta), SHORTEST))

    def _at(self, h: float) -> Shaped[Array, "Q"]:
        """The state so much later, within a step that was taken."""
        self._try(h)
        return self._new.copy()

    def _lines(self, after: float, before: float) -> list[float]:
        """log t of the lines of the schedule between two log times."""
        lines = lines_between(self.config, float(np.logaddexp(0.0, after)), float(np.logaddexp(0.0, before)))
        return [t for t in map(log_expm1, lines) if after < t < before]


def flow_in_motion(
    config: RunConfig, start: State, log_time: float = -math.inf, memory: FlowMemory | None = None
) -> FlowRun:
    """The flow of a config from a state at `log_time`, or from where a memory left it: towards the model's limit at
    infinity, or to rest.
    """
    return (FlowRun if config.is_ulpm else RestingFlow)(config, start, log_time, memory)
