"""`Trajectory`: what happened in a run, as frozen arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from ulpm_core.dynamics.schedule import log_expm1
from ulpm_core.model.config import RunConfig
from ulpm_core.model.ideal import distance_to_ideal
from ulpm_core.model.objective import ULPM, Objective
from ulpm_core.model.shapes import Array, Labels, Shaped
from ulpm_core.model.shown import Shown, Table
from ulpm_core.model.state import State


class Outcome(StrEnum):
    """The ways in which a run ends, and `running` for one that has not.

    >>> Outcome("diverged") is Outcome.DIVERGED, str(Outcome.DONE)
    (True, 'done')
    """

    DONE = "done"
    DIVERGED = "diverged"
    CANCELLED = "cancelled"
    STALLED = "stalled"
    RUNNING = "running"


class FlowMemory(NamedTuple):
    """All that decides how the flow goes on from a step: the same memory, the same continuation, bit for bit.

    The early method works in the clock log(1 + t), `f` = d theta/d clock; the late one in s, ds = L dt, where `f` is
    d theta/ds and `clock` log t. `h` is the length of the next step, `log_loss` that of the sum.
    """

    theta: Shaped[Array, "size"]
    f: Shaped[Array, "size"]
    log_loss: float
    clock: float
    h: float
    late: bool
    stiff: int
    since_spectrum: int
    spectrum: float
    imbalance: Shaped[Array, "d d"]
    steps: int
    right_hand_sides: int

    @property
    def log_time(self) -> float:
        return self.clock if self.late else log_expm1(self.clock)

    @property
    def at_rest(self) -> bool:
        """Whether nothing moves any more: the next step may be as long as anybody likes."""
        return math.isinf(self.h)


class Recorded(NamedTuple):
    """A state of a run, as it is recorded."""

    step: int
    W: Shaped[Array, "K d"]
    H: Shaped[Array, "d N"]
    log_time: float


class HandOver(NamedTuple):
    """Where gradient flow took a run over: snapshot `frame`, after `step`, at `log_time`.

    `error` says how well the two agree there: from the state after `from_step` the flow, over the same time, ends so
    far from the steps' own last state, relative to its norm.
    """

    frame: int
    step: int
    log_time: float
    from_step: int
    error: float


DERIVED: Final = (
    "time", "loss", "class_sizes", "value", "rule", "ideal_value", "distance_to_ideal", "certificate",
)  # fmt: skip
"""Arrays that follow from a run's others: saved beside them for people, never read."""


@dataclass(frozen=True, eq=False, repr=False)
class Trajectory(Shown):
    """Log-spaced snapshots of a run; the last one is its end state.

    W (T, K, d), H (T, d, N), labels (N,), step (T,), time (T,) = gradient-flow time and log_time (T,) its
    logarithm, loss (T,) and log_loss (T,). Where float64 overflows `time` is inf, where it underflows `loss` is 0;
    log_time and log_loss stay exact. `rule` names what is minimised: `value` (T,) is all of it, `loss` its data term,
    `ideal_value` its least where that is known, and `distance_to_ideal` (T,) and `certificate` (T,) say how far each
    state is from there. `metrics` maps each metric's name to its (T,) values; they are attributes too:
    `trajectory.nc1`. `memories` are what the rule has kept after the last step, `flow` what the flow has, and
    `hand_over` says where it took over. A flow's `step` counts the integrator's steps, after those of the method before
    it. Samples are grouped by class: sample i was column `order[i]` of a start that was given in another order.

    >>> from ulpm_core import simulate
    >>> run = simulate(RunConfig(classes=3, dimension=2, per_class=4, steps=50, learning_rate=0.1))
    >>> len(run) == len(run.gamma), run.outcome, round(float(run.time[-1]), 12), run.last
    (True, <Outcome.DONE: 'done'>, 5.0, State(W (3, 2), H (2, 12)))
    """

    config: RunConfig
    W: Shaped[Array, "T K d"]
    H: Shaped[Array, "T d N"]
    labels: Shaped[Labels, "N"]
    step: Shaped[Labels, "T"]
    log_time: Shaped[Array, "T"]
    log_loss: Shaped[Array, "T"]
    outcome: Outcome
    stop_reason: str
    memories: tuple[State, ...] | None = None
    metrics: Mapping[str, Shaped[Array, "T"]] = field(default_factory=dict)
    flow: FlowMemory | None = None
    hand_over: HandOver | None = None
    order: Shaped[Labels, "N"] | None = None

    def __post_init__(self) -> None:
        for array in (self.W, self.H, self.labels, self.step, self.log_time, self.log_loss, *self.metrics.values()):
            array.setflags(write=False)

    def __getattr__(self, name: str) -> Shaped[Array, "T"]:
        metrics = self.__dict__.get("metrics", {})
        if name in metrics:
            return metrics[name]
        known = f"its metrics are {', '.join(metrics)}" if metrics else "its metrics are not measured"
        near = get_close_matches(
            name, [*(f.name for f in fields(self)), *metrics, *DERIVED, "right_hand_sides", "last", "velocity"], 1
        )
        raise AttributeError(f"a Trajectory has no {name}; {f'it has {near[0]}; ' if near else ''}{known}")

    def __repr__(self) -> str:
        of = f"W {self.W.shape}, H {self.H.shape}"
        return f"Trajectory({of}, {len(self.metrics)} metrics, {self.outcome} at step {self.step[-1]:,})"

    def table(self) -> Table:
        """The figures of the end state, by the names that the command line prints."""
        K, d = self.W.shape[1:]
        ends = {name: getattr(self, name)[-1] for name in ("step", "log_time", "loss", *self.metrics)}
        title = f"{K} classes in {d} dimension{'s' if d > 1 else ''}."
        return Table(title, [self.stop_reason], ["figure", "at the end"], list(ends.items()))

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.metrics})

    def __len__(self) -> int:
        return len(self.step)

    @property
    def time(self) -> Shaped[Array, "T"]:
        """(T,): gradient-flow time, inf where float64 overflows."""
        with np.errstate(over="ignore"):
            return np.exp(self.log_time)

    @property
    def loss(self) -> Shaped[Array, "T"]:
        """(T,): the data term, 0 where float64 underflows."""
        return np.exp(self.log_loss)

    @cached_property
    def minimised(self) -> Objective:
        """What the run minimises."""
        return Objective.of(self.config)

    @property
    def rule(self) -> str:
        """The name of what is minimised."""
        return self.minimised.name

    @cached_property
    def value(self) -> Shaped[Array, "T"]:
        """(T,): the loss and what is minimised beside it."""
        return self.minimised.value(self.W, self.H, self.log_loss)

    @property
    def ideal_value(self) -> float:
        """The value at the global optimum, to which it tends where there is none; NaN where it is not known."""
        return self.minimised.goal.value

    @cached_property
    def distance_to_ideal(self) -> Shaped[Array, "T"]:
        """(T,): how far each state is from the optimum, turned as fits best, over its norm; NaN where none is known."""
        with np.errstate(over="ignore", invalid="ignore"):
            return distance_to_ideal(self.minimised.goal, self.W, self.H)

    @cached_property
    def certificate(self) -> Shaped[Array, "T"]:
        """(T,): a proof of how far the value can be from the least one; for the model itself the duality gap, where it
        is measured.
        """
        if self.rule == ULPM:
            return self.metrics.get("duality_gap", np.full(len(self), np.nan))
        return self.minimised.certificates(self.W, self.H, self.value)

    @property
    def right_hand_sides(self) -> int:
        """The number of times the flow evaluated its right-hand side."""
        return self.flow.right_hand_sides if self.flow else 0

    @property
    def last(self) -> State:
        """The end state."""
        return State.reached(self.W[-1], self.H[-1], self.labels)

    @property
    def velocity(self) -> State | None:
        """The first of the memories, momentum's own; 0 for a rule that keeps none, and None where none is known."""
        if self.memories is None:
            return None
        return (
            self.memories[0] if self.memories else State.reached(np.zeros_like(self.W[-1]), np.zeros_like(self.H[-1]))
        )

    @property
    def class_sizes(self) -> Shaped[Labels, "K"]:
        """The number of samples of each class."""
        return np.array(self.config.sizes)
